"""Redis is emptied or killed, PostgreSQL crashes, in the middle of a run: it goes on, nothing is done twice."""

from pathlib import Path

import pytest

from crash.books import ITEMS, check_recorded_once
from crash.servers import PostgreSQL
from crash.stage import DATABASES, ORCHESTRATOR, RENDER, Place, Stage

pytestmark = pytest.mark.alone


async def begin(place: Place, stage: Stage) -> None:
    """Bring a run to its middle: everything is ordered, and nothing has come."""
    place.double.reset()
    place.double.tell(hold=True)
    await stage.start()
    stage.hire(ORCHESTRATOR, ORCHESTRATOR, RENDER)
    await stage.until(stage.tasks, lambda tasks: sum(task.remote_id is not None for task in tasks) == ITEMS)


async def end(place: Place, stage: Stage) -> None:
    """Let the provider deliver, and see the run through with the same workers."""
    place.double.tell(hold=False)
    await stage.becomes("completed")
    books = await stage.books()
    check_recorded_once(books)
    assert set(books.submissions.values()) == {1}
    assert stage.lives


@pytest.mark.parametrize("database", DATABASES)
async def test_a_run_goes_on_when_redis_has_forgotten_everything(place: Place, tmp_path: Path, database: str) -> None:
    async with Stage(place, title="flushed", folder=tmp_path, database=database) as stage:
        await begin(place, stage)
        stage.redis.flush()
        await end(place, stage)


@pytest.mark.parametrize("database", DATABASES)
async def test_a_run_goes_on_while_redis_is_away_and_after_it_came_back_empty(
    place: Place, tmp_path: Path, database: str
) -> None:
    async with Stage(place, title="bereft", folder=tmp_path, database=database) as stage:
        await begin(place, stage)
        stage.redis.kill()
        place.double.tell(hold=False)
        # Nobody rings: orchestrators look for themselves, render workers wait for the bell to come back.
        await stage.until(stage.tasks, lambda tasks: all(task.received is not None for task in tasks))
        stage.redis.start()
        await end(place, stage)


@pytest.mark.parametrize("database", DATABASES)
async def test_a_run_started_while_redis_is_away_is_found_when_it_is_back(
    place: Place, tmp_path: Path, database: str
) -> None:
    place.double.reset()
    async with Stage(place, title="unrung", folder=tmp_path, database=database) as stage:
        stage.hire(ORCHESTRATOR, RENDER)
        await stage.at_work(*stage.pids)
        stage.redis.kill()
        await stage.start()
        stage.redis.start()
        await end(place, stage)


async def test_a_run_goes_on_when_postgresql_has_crashed_and_recovered(
    place: Place, tmp_path: Path, postgresql: PostgreSQL
) -> None:
    async with Stage(place, title="recovered", folder=tmp_path, database="postgresql") as stage:
        await begin(place, stage)
        postgresql.crash()
        postgresql.start()
        await end(place, stage)
