"""Cancelling: whoever is at work or gone, what was finished stays and what comes late changes nothing."""

import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from engine.company import (
    Company,
    Film,
    FussyWorkshop,
    InsuredFilm,
    Made,
    Workshop,
    row_of,
    tasks_of,
    told,
)
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.bell import MOVES, Bell, Listener
from trailerflow.engine.claims import CANCEL_SECONDS
from trailerflow.engine.database import now
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.limits import Limits
from trailerflow.engine.sweeper import Sweeper
from trailerflow.engine.tables import Run, Task
from trailerflow.engine.withdrawal import BAD_PRODUCT, buy_again, withdraw_tasks, withhold_tasks
from trailerflow.errors import PermanentError

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOTICED_SECONDS = 1.3
"""A look once a second, a fifth later at the latest, and then a tick."""


@pytest.fixture
def film() -> Film:
    return InsuredFilm()


@pytest.fixture
def workshop() -> FussyWorkshop:
    return FussyWorkshop()


@asynccontextmanager
async def looking(company: Company, *, hearing: bool) -> AsyncIterator[None]:
    """Have the hands look whether their task is still wanted, and listen for the bell, as render workers do."""
    async with AsyncExitStack() as stack:
        for farm in company.farms:
            farm.watch.start()
            stack.push_async_callback(farm.watch.stop)
            if hearing:
                listener = Listener(company.studio.settings.redis_url, farm.heard, MOVES)
                listener.start()
                stack.push_async_callback(listener.stop)
                await _connected(listener)
        yield


async def _connected(listener: Listener) -> None:
    await until(lambda: listener.connected)


async def sweep(company: Company) -> None:
    studio = company.studio
    limits = Limits(studio.settings.max_runs_per_user, studio.settings.max_runs)
    lease_seconds = studio.settings.lease_seconds
    await Sweeper(database=studio.database, ring=company, limits=limits, lease_seconds=lease_seconds).sweep()


async def in_the_middle(company: Company, project_id: int, workshop: Workshop) -> int:
    """Start a run and wait until two of its pictures are in work."""
    run_id = await company.start(project_id)
    await until(lambda: len(workshop.begun) == 2)
    return run_id


async def check_cancelled(studio: Studio, project_id: int) -> None:
    """Check how a cancelled run is left: nothing held, nothing on the queue, the cancel its last event."""
    status = await studio.service.get_status(project_id)
    run = await row_of(studio, status.run_id or 0)
    assert (run.status, run.owner, run.lease_expires_at, run.phase) == ("cancelled", None, None, None)
    assert run.finished_at is not None
    assert {task.status for task in await tasks_of(studio, project_id)} <= {"done", "failed", "cancelled"}
    lines = await told(studio, project_id)
    assert (lines[-1], lines.count("run.cancelled")) == ("run.cancelled", 1)


@pytest.mark.parametrize("hearing", [True, False])
async def test_render_workers_stop_between_two_ticks(
    company: Company, project_id: int, workshop: FussyWorkshop, hearing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hearing:
        monkeypatch.setattr(company.studio.ledger, "bell", Bell("unix:///nobody/is/there"))
    async with looking(company, hearing=hearing):
        with workshop.holding(*range(4)):
            await in_the_middle(company, project_id, workshop)
            began = time.monotonic()
            assert (await company.service.cancel(project_id)).status == "cancelling"
            await company.becomes(project_id, "cancelled")
            await until(lambda: all(farm.hand.held is None for farm in company.farms))
            took = time.monotonic() - began
    assert (workshop.done, len(workshop.begun)) == ([], 2)
    assert took < (NOTICED_SECONDS if hearing else 2 * NOTICED_SECONDS) + 2.0, "the rest is for a busy machine"
    await check_cancelled(company.studio, project_id)


async def test_a_short_step_under_way_ends_and_is_kept_and_nothing_else_begins(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    begun, gate = threading.Event(), threading.Event()

    def slow() -> Made:
        begun.set()
        assert gate.wait(10)
        return Made(n=0)

    film.work = slow  # type: ignore[method-assign] # a step that takes its time
    await company.start(project_id)
    await until(begun.is_set)
    assert (await company.service.cancel(project_id)).status == "cancelling"
    gate.set()
    await company.becomes(project_id, "cancelled")
    assert workshop.begun == []
    assert "step.finished plan" in await told(company.studio, project_id)
    await check_cancelled(company.studio, project_id)


async def test_a_pausing_run_can_be_cancelled(company: Company, project_id: int, workshop: Workshop) -> None:
    with workshop.holding(*range(4)):
        await in_the_middle(company, project_id, workshop)
        await company.service.pause(project_id)
        assert (await company.service.cancel(project_id)).status == "cancelling"
        await company.becomes(project_id, "cancelled")
    await check_cancelled(company.studio, project_id)


@pytest.mark.parametrize("state", ["queued", "paused", "failed"])
async def test_what_nobody_works_on_is_cancelled_at_once(
    company: Company, project_id: int, workshop: FussyWorkshop, state: str
) -> None:
    workshop.troubles = {2: [PermanentError("no_paint", "no paint", remedy="buy paint")]}
    company.answers_turns = state != "queued"
    await company.start(project_id, pause_after="script_to_trailer" if state == "paused" else None)
    await company.becomes(project_id, state)
    assert (await company.service.cancel(project_id)).status == "cancelled"
    await check_cancelled(company.studio, project_id)
    assert "run.cancelling" not in await told(company.studio, project_id)


async def test_a_run_whose_owner_died_is_cancelled_by_the_next_sweep(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(*range(4)):
        run_id = await in_the_middle(company, project_id, workshop)
        await company.crash(run_id)
        company.answers_turns = False  # the bell of the cancel is lost
        assert (await company.service.cancel(project_id)).status == "cancelling"
        company.answers_turns = True
        await sweep(company)
        await company.becomes(project_id, "cancelled")
    await check_cancelled(company.studio, project_id)


async def test_a_run_is_taken_from_an_owner_who_does_not_obey(company: Company, project_id: int) -> None:
    company.answers_turns = False
    run_id = await company.start(project_id)
    deaf = await company.claims.claim(run_id, "a deaf worker")
    assert deaf is not None
    await company.service.cancel(project_id)
    company.answers_turns = True
    for seconds, state in ((CANCEL_SECONDS - 5, "cancelling"), (CANCEL_SECONDS + 1, "cancelled")):
        async with company.studio.database.write() as session:
            late = {"cancel_asked_at": now() - seconds, "lease_expires_at": now() + 30}
            await session.execute(update(Run).where(col(Run.id) == run_id).values(**late))
        await sweep(company)
        await company.becomes(project_id, state)
    await check_cancelled(company.studio, project_id)
    with pytest.raises(FencedError):
        await company.claims.mark_completed(deaf)


@pytest.mark.parametrize("ending", ["mark_completed", "mark_failed", "mark_paused", "mark_cancelled"])
async def test_however_the_turn_ends_a_cancelled_run_is_cancelled(
    company: Company, project_id: int, ending: str
) -> None:
    company.answers_turns = False
    claim = await company.claims.claim(await company.start(project_id), "a worker")
    assert claim is not None
    await company.service.cancel(project_id)
    if ending == "mark_failed":
        await company.claims.mark_failed(claim, PermanentError("a", "b"), "c/d")
    else:
        await getattr(company.claims, ending)(claim)
    state = "cancelling" if ending == "mark_paused" else "cancelled"
    assert (await company.service.get_status(project_id)).status == state


async def test_a_late_success_changes_nothing(company: Company, project_id: int, workshop: Workshop) -> None:
    """The hands here never look: they finish what they have begun after the cancel, and are refused."""
    with workshop.holding(*range(4)):
        await in_the_middle(company, project_id, workshop)
        await company.service.cancel(project_id)
        await company.becomes(project_id, "cancelled")
        log = await told(company.studio, project_id)
    await until(lambda: len(workshop.done) >= 2)
    await company.until(
        lambda: tasks_of(company.studio, project_id), lambda tasks: {task.status for task in tasks} == {"cancelled"}
    )
    assert await told(company.studio, project_id) == log
    await check_cancelled(company.studio, project_id)


async def test_a_later_start_uses_all_that_was_finished(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    with workshop.holding(0, 1, 2, 3):
        await in_the_middle(company, project_id, workshop)
        first = workshop.begun[0]
        workshop.open(first)
        await company.until(
            lambda: told(company.studio, project_id), lambda log: f"step.finished image/s{first}" in log
        )
        await company.service.cancel(project_id)
        await company.becomes(project_id, "cancelled")
        before = len(await told(company.studio, project_id))
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    again = (await told(company.studio, project_id))[before:]
    assert {"step.reused plan", f"step.reused image/s{first}"} <= set(again)
    assert (film.short_works, workshop.done.count(first)) == (1, 1)


async def test_a_task_that_was_done_but_not_yet_recorded_is_collected_by_a_later_start(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(*range(4)):
        run_id = await in_the_middle(company, project_id, workshop)
        await company.crash(run_id)
        first = workshop.begun[0]
        workshop.open(first)
        await company.until(
            lambda: tasks_of(company.studio, project_id), lambda tasks: "done" in {task.status for task in tasks}
        )
        await company.service.cancel(project_id)
        await company.becomes(project_id, "cancelled")
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert workshop.done.count(first) == 1


async def test_cancelled_tasks_are_not_taken_and_what_a_provider_has_is_called_off(
    company: Company, project_id: int
) -> None:
    sent, handed_in = {"submit_key": "k", "remote_id": "r"}, {"submit_key": "k", "received": []}
    await _with_tasks(company, project_id, queued={}, sent=sent, handed_in=handed_in)
    async with company.studio.database.write() as session:
        await withhold_tasks(session, await _run(company, project_id))
    assert await _states(company, project_id) == {"queued": "held", "sent": "queued", "handed_in": "queued"}
    async with company.studio.database.write() as session:
        await withdraw_tasks(session, await _run(company, project_id))
    assert await _states(company, project_id) == {"queued": "cancelled", "sent": "queued", "handed_in": "cancelled"}
    called_off = [task.name for task in await tasks_of(company.studio, project_id) if task.cancel_asked]
    assert called_off == ["sent"]


async def test_what_may_have_been_bought_is_bought_again_only_when_a_person_asks(
    company: Company, project_id: int
) -> None:
    await _with_tasks(
        company,
        project_id,
        unanswered={"status": "unknown", "submit_key": "k"},
        answered={"status": "unknown", "submit_key": "k", "remote_id": "r"},
        unfit={"status": "failed", "submit_key": "k", "remote_id": "r", "received": [], "error": {"code": BAD_PRODUCT}},
        broken={"status": "failed", "submit_key": "k", "remote_id": "r", "received": [], "error": {"code": "other"}},
    )
    async with company.studio.database.write() as session:
        await buy_again(session, await _run(company, project_id))
    tasks = {task.name: task for task in await tasks_of(company.studio, project_id)}
    assert {name: (task.status, task.submit_key, task.remote_id) for name, task in tasks.items()} == {
        "unanswered": ("held", None, None),
        "answered": ("held", "k", "r"),
        "unfit": ("failed", None, None),
        "broken": ("failed", "k", "r"),
    }
    assert (tasks["unfit"].received, tasks["broken"].received) == (None, [])


async def _with_tasks(company: Company, project_id: int, **tasks: dict[str, Any]) -> None:
    company.answers_turns = False
    run_id = await company.start(project_id)
    for farm in company.farms:
        await farm.leave()
    async with company.studio.database.write() as session:
        for name, values in tasks.items():
            of_run: dict[str, Any] = {
                "project_id": project_id,
                "run_id": run_id,
                "name": name,
                "digest": name,
                "created_at": 1.0,
            }
            session.add(Task(**{**of_run, "kind": "panel", "provider": "a_house", **values}))


async def _run(company: Company, project_id: int) -> Run:
    return await row_of(company.studio, (await company.service.get_status(project_id)).run_id or 0)


async def _states(company: Company, project_id: int) -> dict[str, str]:
    return {task.name: task.status for task in await tasks_of(company.studio, project_id)}
