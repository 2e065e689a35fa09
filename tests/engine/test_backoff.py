"""Trying again by itself: how long it waits, what is tried again and what is not, and that a pause need not wait."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from engine.company import PHASES, Company, Film, FussyWorkshop, InsuredFilm, Made, events_of, tasks_of
from patience import until
from trailerflow.engine import backoff, waits
from trailerflow.engine.backoff import LONGEST_SECONDS, MOST_TRIES, wait_seconds
from trailerflow.engine.tables import Task
from trailerflow.errors import PermanentError, TemporaryError
from trailerflow.settings import Settings


@pytest.fixture
def database_url(settings: Settings, empty_database: Path) -> str:
    """Give one database: what is tried again does not depend on it."""
    settings.data.mkdir()
    shutil.copy(empty_database, settings.data)
    return ""


@pytest.fixture
def film() -> Film:
    return InsuredFilm(items=2)


@pytest.fixture
def workshop() -> FussyWorkshop:
    return FussyWorkshop()


@pytest.fixture
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "wait_seconds", lambda *_: 0.0)


@pytest.fixture
def _after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "wait_seconds", lambda *_: 3600.0)
    monkeypatch.setattr(waits, "POLL_SECONDS", 0.05)


def busy(number: int = 0, delay: float = 0.0) -> TemporaryError:
    return TemporaryError("busy", f"the painter is busy ({number})", remedy="wait", delay_seconds=delay)


class Troubled:
    """A short step that fails once for each of its troubles."""

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.tries = 0

    def __call__(self) -> Made:
        self.tries += 1
        if self.troubles:
            raise self.troubles.pop(0)
        return Made(n=0)


@given(tries=st.integers(1, 60), at_least=st.floats(0, 1e6))
def test_a_wait_is_at_random_below_a_bound_that_doubles_and_never_less_than_asked_for(
    tries: int, at_least: float
) -> None:
    waited = wait_seconds(tries, at_least)
    assert at_least <= waited <= max(at_least, min(2.0 ** (tries - 1), LONGEST_SECONDS))


@pytest.mark.usefixtures("_at_once")
async def test_what_may_pass_is_tried_again_and_each_try_is_told(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {1: [busy(1), OSError("the disk is full"), busy(3)]}
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert workshop.begun.count(1) == MOST_TRIES
    events = [
        event.data for event in await events_of(company.studio, project_id) if event.data.get("shot", "s1") == "s1"
    ]
    last = [data for data in events if data.get("step") == "image/s1"][-1]
    assert last["attempt"] == MOST_TRIES
    assert (await company.service.get_status(project_id)).retry_count == 0, "the run did not fail"


@pytest.mark.usefixtures("_at_once")
async def test_after_the_last_try_the_run_fails_and_says_how_often_it_was_tried(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {0: [busy(number) for number in range(MOST_TRIES + 2)]}
    await company.start(project_id)
    for tries in (MOST_TRIES, MOST_TRIES + 3):
        await company.becomes(project_id, "failed", "completed")
        assert workshop.begun.count(0) == tries
        if tries == MOST_TRIES:
            status = await company.service.get_status(project_id)
            assert (status.status, status.retry_count) == ("failed", MOST_TRIES - 1)
            assert status.error_message == f"the painter is busy ({MOST_TRIES - 1})"
            assert status.failed_at == f"{PHASES[1]}/image/s0"
            await company.service.retry(project_id)
    assert (await company.service.get_status(project_id)).status == "completed"


@pytest.mark.usefixtures("_at_once")
async def test_what_will_not_pass_is_not_tried_again(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {0: [PermanentError("no_paint", "no paint", remedy="buy paint")]}
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    assert workshop.begun.count(0) == 1


@pytest.mark.usefixtures("_at_once")
async def test_a_short_step_is_tried_again_too(company: Company, project_id: int, film: Film) -> None:
    work = Troubled(busy(1), ZeroDivisionError("of all things"))
    film.work = work  # type: ignore[method-assign] # a step with troubles
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert work.tries == 3
    started = [event.data for event in await events_of(company.studio, project_id) if event.type == "step.started"]
    attempts = [(data["attempt"], data.get("error", {}).get("code")) for data in started if data["step"] == "plan"]
    assert [attempt for attempt in attempts if attempt[0] > 1] == [(2, "busy"), (3, "internal")]


@pytest.mark.usefixtures("_at_once")
async def test_a_short_step_fails_after_as_many_tries_or_at_once_when_it_cannot_pass(
    company: Company, project_id: int, film: Film
) -> None:
    for work, tries in (
        (Troubled(*(busy(number) for number in range(9))), MOST_TRIES),
        (Troubled(PermanentError("no_paint", "no paint", remedy="buy paint")), 1),
    ):
        film.work = work  # type: ignore[method-assign] # a step with troubles
        await company.start(project_id)
        await company.becomes(project_id, "failed")
        assert work.tries == tries
        assert (await company.service.get_status(project_id)).retry_count == tries - 1


@pytest.mark.usefixtures("_after_an_hour")
async def test_an_item_that_waits_to_be_tried_again_is_not_in_flight_when_a_pause_comes(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {0: [busy()]}
    await company.start(project_id)
    await company.until(
        lambda: tasks_of(company.studio, project_id),
        lambda tasks: sorted((task.status, task.attempts) for task in tasks) == [("done", 1), ("queued", 1)],
    )
    await company.service.pause(project_id)
    await company.becomes(project_id, "paused")
    await company.service.resume(project_id)
    async with company.studio.database.write() as session:
        await session.execute(update(Task).values(not_before=1.0))  # an hour later
    await company.becomes(project_id, "completed")
    assert workshop.begun.count(0) == 2


@pytest.mark.usefixtures("_after_an_hour")
@pytest.mark.parametrize(("verb", "state"), [("pause", "paused"), ("cancel", "cancelled")])
async def test_a_short_step_that_waits_to_be_tried_again_lets_the_run_stop(
    company: Company, project_id: int, film: Film, verb: str, state: str
) -> None:
    work = Troubled(busy())
    film.work = work  # type: ignore[method-assign] # a step with troubles
    await company.start(project_id)
    await until(lambda: work.tries == 1)
    await getattr(company.service, verb)(project_id)
    await company.becomes(project_id, state)
    assert work.tries == 1


async def test_a_provider_s_own_delay_is_waited_for(company: Company, project_id: int, workshop: FussyWorkshop) -> None:
    workshop.troubles = {0: [busy(delay=500.0)]}
    await company.start(project_id)
    await company.until(
        lambda: tasks_of(company.studio, project_id), lambda tasks: any(task.not_before for task in tasks)
    )
    (waiting,) = [task for task in await tasks_of(company.studio, project_id) if task.not_before]
    assert (waiting.not_before or 0) - waiting.created_at >= 500
    assert (waiting.error or {})["code"] == "busy"
    await company.service.cancel(project_id)
    await company.becomes(project_id, "cancelled")
