"""Workers told to leave (SIGTERM) in the middle of a run: it goes on elsewhere at once, and no attempt is burned."""

import os
import signal
import time
from pathlib import Path

import pytest

from crash.books import ITEMS, check_recorded_once
from crash.stage import DATABASES, ORCHESTRATOR, RENDER, Place, Stage
from trailerflow.engine.leases import worker_prefix
from trailerflow.engine.tables import Run, Task

HANDOVER_SECONDS = 2.0

pytestmark = [pytest.mark.parametrize("database", DATABASES), pytest.mark.alone]


def is_of(row: Run | Task, pid: int) -> bool:
    return (row.owner or "").startswith(worker_prefix(pid))


def is_begun(task: Task) -> bool:
    """Say whether a task is ordered, at the provider if it is for one."""
    return task.remote_id is not None or task.provider == "local"


@pytest.mark.parametrize("maker", ["http", "local"])
async def test_a_run_whose_orchestrator_leaves_is_taken_over_within_two_seconds(
    place: Place, tmp_path: Path, database: str, maker: str
) -> None:
    place.double.reset()
    place.double.tell(hold=True)
    # Nobody sweeps here: who takes the run over was rung for.
    async with Stage(
        place, title="leaving", folder=tmp_path, database=database, maker=maker, sweep_seconds=600
    ) as stage:
        orchestrators = stage.hire(ORCHESTRATOR, ORCHESTRATOR)
        await stage.at_work(*orchestrators)
        await stage.start()
        await stage.until(stage.tasks, lambda tasks: sum(is_begun(task) for task in tasks) == ITEMS)
        run = await stage.run()
        leaver, heir = sorted(orchestrators, key=lambda pid: not is_of(run, pid))
        os.kill(leaver, signal.SIGTERM)
        left_at = time.monotonic()
        await stage.until(stage.run, lambda run: is_of(run, heir))
        handover_seconds = time.monotonic() - left_at
        place.double.tell(hold=False)
        stage.hire(RENDER)
        await stage.becomes("completed")
        assert await stage.ended(leaver) == 0
        books = await stage.books()
    check_recorded_once(books)
    assert (books.run.deliveries, {task.deliveries for task in books.tasks}) == (0, {0})
    assert set(books.submissions.values()) <= {1}
    # Two seconds on a machine that has time for it.
    assert handover_seconds <= HANDOVER_SECONDS * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


async def test_a_task_whose_render_worker_leaves_is_handed_back_untouched(
    place: Place, tmp_path: Path, database: str
) -> None:
    place.double.reset()
    async with Stage(place, title="leaving", folder=tmp_path, database=database, maker="local") as stage:
        stage.hold_painters()
        await stage.start()
        (_, leaver) = stage.hire(ORCHESTRATOR, RENDER)
        await stage.until(stage.tasks, lambda tasks: any(is_of(task, leaver) for task in tasks))
        os.kill(leaver, signal.SIGTERM)
        assert await stage.ended(leaver) == 0
        assert {(task.status, task.attempts, task.deliveries) for task in await stage.tasks()} == {("queued", 0, 0)}
        stage.release_painters()
        stage.hire(RENDER)
        await stage.becomes("completed")
        books = await stage.books()
    check_recorded_once(books)
