"""Skipping and going on without: stand-ins are marked, belong to their run alone, and survive a crash."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from engine.company import (
    PHASES,
    Company,
    Film,
    FussyWorkshop,
    InsuredFilm,
    events_of,
    project_of,
    row_of,
    tasks_of,
    told,
)
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.ledger import LoggedEvent
from trailerflow.engine.service import Start
from trailerflow.engine.tables import Result, Task
from trailerflow.errors import Conflict, Invalid, PermanentError

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def film() -> Film:
    return InsuredFilm()


@pytest.fixture
def workshop() -> FussyWorkshop:
    return FussyWorkshop()


def no_paint() -> PermanentError:
    return PermanentError("no_paint", "there is no paint", remedy="buy paint")


async def fail(company: Company, project_id: int, workshop: FussyWorkshop, n: int = 2, **options: Any) -> int:
    """Have a run fail at its n-th picture."""
    workshop.troubles = {n: [no_paint()]}
    run_id = await company.start(project_id, **options)
    await company.becomes(project_id, "failed")
    return run_id


async def skipped(studio: Studio, project_id: int) -> list[LoggedEvent]:
    return [event for event in await events_of(studio, project_id) if event.type == "step.skipped"]


async def stand_ins(studio: Studio, project_id: int) -> dict[str, int | None]:
    """Return the stand-ins a project has, each with the run it belongs to."""
    query = select(Result).where(col(Result.project_id) == project_id, col(Result.stand_in_run_id).is_not(None))
    async with studio.database.read() as session:
        return {result.name: result.stand_in_run_id for result in (await session.execute(query)).scalars()}


async def test_a_skipped_failure_is_stood_in_for_when_the_run_goes_on(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    run_id = await fail(company, project_id, workshop)
    status = await company.service.skip(project_id, None)
    assert (status.status, status.items.images.skipped, status.items.images.failed) == ("failed", 1, 0)
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert (workshop.stood_in, sorted(workshop.begun)) == ([2], [0, 1, 2, 2, 3])
    asked, made = await skipped(company.studio, project_id)
    assert (asked.data["reason"], asked.data["step"], asked.data["scene"]) == ("asked", "image/s2", 2)
    assert (made.data["artifact"], made.data["shot"], made.data["take"]) == ("image-s2-t1.png", "s2", 1)
    assert await stand_ins(company.studio, project_id) == {"image/s2": run_id}
    status = await company.service.get_status(project_id)
    assert (status.items.images.done, status.items.images.skipped) == (3, 1)


async def test_a_later_run_makes_the_real_thing(company: Company, project_id: int, workshop: FussyWorkshop) -> None:
    await fail(company, project_id, workshop)
    await company.service.skip(project_id, "image/s2")
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert "s2" not in (await project_of(company.studio, project_id)).takes, "a stand-in is nobody's choice"
    before = len(await told(company.studio, project_id))
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    again = (await told(company.studio, project_id))[before:]
    assert [line for line in again if line.startswith("step.finished")] == ["step.finished image/s2"]
    assert workshop.done[-1] == 2
    assert workshop.stood_in == [2]
    assert (await project_of(company.studio, project_id)).takes["s2"] == 2


async def test_going_on_without_needs_nobody_and_the_film_is_finished(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {0: [no_paint()], 3: [no_paint()]}
    await company.start(project_id, on_error="skip_and_continue")
    await company.becomes(project_id, "completed")
    assert sorted(workshop.stood_in) == [0, 3]
    lines = await told(company.studio, project_id)
    for n in (0, 3):
        assert lines.index(f"step.failed image/s{n}") < lines.index(f"step.skipped image/s{n}")
    assert all(event.data["artifact"] for event in await skipped(company.studio, project_id))
    status = await company.service.get_status(project_id)
    assert (status.items.images.done, status.items.images.skipped, status.progress) == (2, 2, 100)
    assert (status.error_message, status.failed_at) == (None, None)


async def test_a_crash_between_failure_and_stand_in_does_not_try_the_failed_task_again(
    company: Company, project_id: int, film: Film, workshop: FussyWorkshop
) -> None:
    film.items, workshop.troubles = 1, {0: [no_paint()]}
    for farm in company.farms[1:]:
        await farm.leave()
    with workshop.holding(0):
        run_id = await company.start(project_id, on_error="skip_and_continue")
        await until(lambda: workshop.stood_in == [0])
        await company.crash(run_id)
        async with company.studio.database.write() as session:
            of_stand_in = (col(Task.run_id) == run_id, col(Task.provider) == "stand_in")
            await session.execute(update(Task).where(*of_stand_in).values(status="queued", owner=None))
        assert (await row_of(company.studio, run_id)).skips == ["image/s0"]
    await company.turn(run_id)
    await company.becomes(project_id, "completed")
    failed, stood_in = await tasks_of(company.studio, project_id)
    assert (failed.provider, failed.status, failed.attempts) == ("local", "failed", 1)
    assert (stood_in.provider, stood_in.status) == ("stand_in", "done")
    assert (await told(company.studio, project_id)).count("step.failed image/s0") == 1


async def test_an_item_nobody_has_begun_can_be_skipped_in_a_paused_run(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    await company.start(project_id, pause_after=PHASES[0])
    await company.becomes(project_id, "paused")
    log = await told(company.studio, project_id)
    for _ in range(2):
        status = await company.service.skip(project_id, "image/s1")
        assert (status.status, status.items.images.skipped) == ("paused", 1)
    assert await told(company.studio, project_id) == [*log, "step.skipped image/s1"], "skipped twice is skipped once"
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    assert (workshop.stood_in, sorted(workshop.done)) == ([1], [0, 1, 2, 3])


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("image/s99", "unknown_step"), ("clip/s99", "unknown_step"), ("image/", "unknown_step"),
        ("plan", "not_skippable"), ("", "not_skippable"), ("trailer", "not_skippable"), ("voices/s0", "not_skippable"),
        ("IMAGE/s0", "not_skippable"), ("../image/s0", "not_skippable"), ("image/s0/x", "unknown_step"),
    ],
)  # fmt: skip
async def test_only_pictures_and_clips_of_the_plan_can_be_skipped(
    company: Company, project_id: int, step: str, code: str
) -> None:
    await company.start(project_id, pause_after=PHASES[0])
    await company.becomes(project_id, "paused")
    log = await told(company.studio, project_id)
    with pytest.raises(Invalid) as refused:
        await company.service.skip(project_id, step)
    assert (refused.value.code, bool(refused.value.remedy)) == (code, True)
    assert await told(company.studio, project_id) == log


async def test_without_a_failure_a_skip_must_name_its_step(company: Company, project_id: int) -> None:
    await company.start(project_id, pause_after=PHASES[0])
    await company.becomes(project_id, "paused")
    with pytest.raises(Invalid, match="no step has failed"):
        await company.service.skip(project_id, None)


async def test_what_is_finished_cannot_be_skipped(company: Company, project_id: int, workshop: FussyWorkshop) -> None:
    await fail(company, project_id, workshop, 3)
    finished = next(line.split()[1] for line in await told(company.studio, project_id) if "finished image" in line)
    with pytest.raises(Conflict) as refused:
        await company.service.skip(project_id, finished)
    assert refused.value.code == "finished"


async def test_a_stand_in_made_before_a_pause_cannot_be_skipped_again(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {0: [no_paint()]}
    await company.start(project_id, on_error="skip_and_continue", pause_after=PHASES[1])
    await company.becomes(project_id, "paused")
    log = await told(company.studio, project_id)
    await company.service.skip(project_id, "image/s0")
    assert await told(company.studio, project_id) == log


async def test_what_a_provider_has_in_work_cannot_be_skipped(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    await fail(company, project_id, workshop)
    async with company.studio.database.write() as session:
        sent = {"provider": "a_house", "submit_key": "a key", "status": "queued"}
        await session.execute(update(Task).where(col(Task.name) == "image/s2").values(**sent))
    with pytest.raises(Conflict) as refused:
        await company.service.skip(project_id, None)
    assert refused.value.code == "submitted"
    assert "a_house" in refused.value.message


async def test_a_failed_short_step_cannot_be_skipped(company: Company, project_id: int, film: Film) -> None:
    def broken() -> Any:
        raise no_paint()

    film.work = broken  # type: ignore[method-assign] # this film is a bad one
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    with pytest.raises(Invalid) as refused:
        await company.service.skip(project_id, None)
    assert refused.value.code == "not_skippable"


async def test_a_skipped_scene_can_be_made_anew_after_all(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    await company.start(project_id, pause_after=PHASES[0])
    await company.becomes(project_id, "paused")
    await company.service.skip(project_id, "image/s1")
    await company.service.start_workflow(project_id, Start("regenerate_scene", {}, scene=1))
    status = await company.service.get_status(project_id)
    assert status.items.images.skipped == 0
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    assert workshop.stood_in == []
