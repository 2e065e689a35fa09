"""A worker is killed at each point of work at a provider: it costs time, and nothing else.

The runs of one group are played at once, each on a stage of its own, before the group's first test.
"""

import asyncio
import itertools
import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from crash.stage import ITEMS, NAMES, ORCHESTRATOR, RENDER, STEPS, Books, Place, Stage

AT_ONCE = 6
PRICE = 0.25
POINTS = ["before order", "after order", "after claim"] + [
    f"{when} {what}"
    for what in ("intent", "submit", "ticket", "fetch", "receive", "result", "completion")
    for when in ("before", "after")
] + ["after file", "before work", "before product", "after product"]
IN_DOUBT = ("after intent", "before submit", "after submit", "before ticket")
"""Where an order may have gone out, and nobody who lives knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a run went in which a worker was killed: `doubtful` are the tasks whose orders it had in the air."""

    exit_code: int
    doubtful: set[str]
    first_end: str
    unknown: set[str]
    first_error: str | None
    bought: int
    books: Books


async def play(stage: Stage) -> Played:
    """Play a run through the death of one of its workers, and through a retry if it needs one."""
    async with stage:
        await stage.start()
        stage.hire(ORCHESTRATOR, ORCHESTRATOR, RENDER, RENDER)
        pid = await stage.stopped()
        exit_code = await stage.ended(pid)
        doubtful = await stage.in_doubt(pid)
        end = await stage.becomes("completed", "failed")
        unknown = {task.name for task in await stage.tasks() if task.status == "unknown"}
        books = await stage.books()
        if end.status == "failed":
            await stage.studio.service.retry(stage.project_id)
            await stage.becomes("completed")
        return Played(
            exit_code=exit_code,
            doubtful=doubtful,
            first_end=end.status,
            unknown=unknown,
            first_error=(books.run.error or {}).get("code"),
            bought=books.jobs.total(),
            books=await stage.books(),
        )


@pytest.fixture(scope="module", params=itertools.product(("sqlite", "postgresql"), ("idempotent", "lookup_by_key", "neither")), ids="-".join)
def season(request, place: Place, tmp_path_factory):
    database, submission = request.param
    place.double.reset()
    place.double.tell(idempotent=submission == "idempotent", delay_seconds=0.2, price=PRICE)
    free = asyncio.Semaphore(AT_ONCE)

    async def played(point: str):
        folder = tmp_path_factory.mktemp("stage")
        stage = Stage(place, title=f"{point} on {database}", folder=folder, database=database, submission=submission, stop_at=point)
        async with free:
            return await play(stage)

    async def all_played():
        return await asyncio.gather(*map(played, POINTS), return_exceptions=True)

    return submission, dict(zip(POINTS, asyncio.run(all_played()), strict=True))


@pytest.mark.parametrize("point", POINTS)
def test_a(season, point):
    submission, played = season
    played = played[point]
    if isinstance(played, BaseException):
        raise played
    books = played.books
    assert played.exit_code == -signal.SIGKILL
    assert books.status.status == "completed"
    assert [e.id for e in books.events] == list(range(1, len(books.events)+1))
    assert books.events[-1].type == "run.completed"
    assert books.told("step.finished") == STEPS
    assert books.results == STEPS + Counter(["screenplay"])
    assert not books.lost_files
    assert {t.status for t in books.tasks} == {"done"}
    assert [t.attempts for t in books.tasks] == [1]*ITEMS
    assert max(books.submissions.values()) == 1 or submission == "idempotent"
    print(played.doubtful, played.unknown, played.first_end, books.submissions.total(), books.jobs.total(), [t.deliveries for t in books.tasks])
    if submission != "neither":
        assert played.first_end == "completed"
        assert books.jobs.total() == ITEMS
    else:
        assert played.doubtful == played.unknown
        assert (played.first_end == "failed") == bool(played.unknown)
