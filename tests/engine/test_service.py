import pytest

from engine.company import (
    PHASES,
    Company,
    Film,
    FussyWorkshop,
    InsuredFilm,
    Made,
    Workshop,
    events_of,
    expire,
    row_of,
    tasks_of,
    told,
)
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.service import Service, Start
from trailerflow.engine.tables import Run
from trailerflow.errors import NotFound, PermanentError

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
VERBS = (Service.pause, Service.resume, Service.cancel, Service.retry, Service.get_status)


@pytest.fixture
def film() -> InsuredFilm:
    return InsuredFilm()


@pytest.fixture
def workshop() -> FussyWorkshop:
    return FussyWorkshop()


def no_paint() -> PermanentError:
    return PermanentError("no_paint", "there is no paint", remedy="buy paint")


async def start(studio: Studio, project_id: int) -> int:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    assert status.run_id is not None
    return status.run_id


async def test_an_unknown_project_is_not_found(studio: Studio) -> None:
    for verb in VERBS:
        with pytest.raises(NotFound):
            await verb(studio.service, 404)
    with pytest.raises(NotFound):
        await studio.service.skip(404, "image/s0")
    with pytest.raises(NotFound):
        await studio.service.start_workflow(404, Start("full_pipeline", {}, key="a key"))


async def test_a_project_without_a_run_is_idle(studio: Studio, project_id: int) -> None:
    status = await studio.service.get_status(project_id)
    assert (status.status, status.run_id, status.progress, status.last_event_id) == ("idle", None, 0, 0)


async def test_a_review_pauses_once_and_the_run_goes_on_after_resume(
    company: Company, project_id: int, film: Film
) -> None:
    await company.start(project_id, pause_after="script_to_trailer")
    await company.becomes(project_id, "paused")
    assert (await company.service.get_status(project_id)).progress == 40
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    lines = await told(company.studio, project_id)
    assert [line for line in lines if line.startswith(("run", "phase"))] == [
        "run.queued",
        "run.started",
        "phase.started script_to_trailer",
        "phase.finished script_to_trailer",
        "run.paused",
        "run.resumed",
        "run.started",
        "phase.started trailer_to_storyboard",
        "phase.finished trailer_to_storyboard",
        "run.completed",
    ]
    assert film.short_works == 1


async def test_a_review_after_the_pictures_stops_before_the_end(company: Company, project_id: int) -> None:
    await company.start(project_id, pause_after=PHASES[1])
    await company.becomes(project_id, "paused")
    status = await company.service.get_status(project_id)
    assert (status.progress, status.items.images.done) == (99, 4)
    assert (await events_of(company.studio, project_id))[-1].data["reason"] == "review"
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")


async def test_a_completed_run_stands_at_100_and_its_last_event_says_so(company: Company, project_id: int) -> None:
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    status = await company.service.get_status(project_id)
    assert (status.progress, status.phase, status.step) == (100, None, None)
    assert status.finished_at is not None
    last = (await events_of(company.studio, project_id))[-1]
    assert (last.type, last.data["progress"], last.id) == ("run.completed", 100, status.last_event_id)


async def test_a_pause_of_a_queued_run_needs_no_worker(studio: Studio, project_id: int) -> None:
    run_id = await start(studio, project_id)
    await studio.service.pause(project_id)
    assert await studio.claims.claim(run_id, "a worker") is None
    assert await told(studio, project_id) == ["run.queued", "run.paused"]


async def test_a_pause_withholds_what_nobody_has_begun_and_resume_gives_it_back(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(0, 1, 2, 3):
        await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        await company.service.pause(project_id)
        assert (await company.service.resume(project_id)).status == "running"
    await company.becomes(project_id, "completed")
    assert [task.attempts for task in await tasks_of(company.studio, project_id)] == [1] * 4


async def test_a_paused_run_keeps_its_place_for_ever(studio: Studio, project_id: int) -> None:
    run_id = await start(studio, project_id)
    await studio.claims.claim(run_id, "a worker")
    await studio.service.pause(project_id)
    await expire(studio, Run, run_id)
    claim = await studio.claims.claim(run_id, "another worker")
    assert claim is not None
    assert await studio.claims.mark_paused(claim)
    assert await studio.claims.claim(run_id, "a third worker") is None
    assert (await row_of(studio, run_id)).lease_expires_at is None


async def test_a_retry_goes_on_from_the_failed_step_and_keeps_all_results(
    company: Company, project_id: int, film: Film, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {2: [no_paint()]}
    run_id = await company.start(project_id)
    await company.becomes(project_id, "failed")
    before = len(await told(company.studio, project_id))
    status = await company.service.retry(project_id)
    assert (status.status, status.run_id, status.error_message, status.failed_at) == ("queued", run_id, None, None)
    assert status.finished_at is None
    await company.becomes(project_id, "completed")
    attempts = [task.attempts for task in await tasks_of(company.studio, project_id)]
    assert (film.short_works, attempts) == (1, [1, 1, 2, 1])
    again = (await told(company.studio, project_id))[before:]
    assert again[:2] == ["run.retried", "run.started"]
    assert again[-1] == "run.completed"
    assert again.count("step.finished image/s2") == 1
    assert not [line for line in again if line.endswith("plan")]


async def test_the_failure_says_what_happened_where_how_often_and_what_to_do(
    company: Company, project_id: int, workshop: FussyWorkshop
) -> None:
    workshop.troubles = {2: [no_paint(), no_paint(), no_paint()]}
    await company.start(project_id)
    for tries in (1, 2, 3):
        await company.becomes(project_id, "failed")
        status = await company.service.get_status(project_id)
        assert (status.error_message, status.failed_at) == ("there is no paint", f"{PHASES[1]}/image/s2")
        assert (status.retry_count, status.step, status.items.images.failed) == (tries - 1, "image/s2", 1)
        failed = [event for event in await events_of(company.studio, project_id) if "error" in event.data]
        assert failed[-1].data["error"]["remedy"] == "buy paint"
        await company.service.retry(project_id)
    await company.becomes(project_id, "completed")


async def test_a_short_step_that_a_person_tries_again_counts_its_attempts_on(
    company: Company, project_id: int, film: Film
) -> None:
    def broken() -> Made:
        raise no_paint()

    film.work = broken  # type: ignore[method-assign] # this film is a bad one
    await company.start(project_id)
    for tries in (1, 2):
        await company.becomes(project_id, "failed")
        status = await company.service.get_status(project_id)
        assert (status.failed_at, status.retry_count) == (f"{PHASES[0]}/plan", tries - 1)
        await company.service.retry(project_id)


async def test_a_run_lost_too_often_can_be_retried(company: Company, project_id: int) -> None:
    company.answers_turns = False
    run_id = await company.start(project_id)
    for _ in range(21):
        await company.claims.claim(run_id, "a doomed worker")
        await expire(company.studio, Run, run_id)
    status = await company.service.get_status(project_id)
    assert (status.status, "20 times" in str(status.error_message)) == ("failed", True)
    company.answers_turns = True
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")


async def test_a_retry_takes_edits_made_since(company: Company, project_id: int, workshop: FussyWorkshop) -> None:
    """What a turn works with is frozen when it is claimed, and a retry is claimed anew."""
    workshop.troubles = {3: [no_paint()]}
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    await company.studio.projects.edit(project_id, "cast", {"ANNA": {"hair": "red"}})
    company.answers_turns = False
    status = await company.service.retry(project_id)
    claim = await company.claims.claim(status.run_id or 0, "a worker")
    assert claim is not None
    assert claim.edits["cast"] == {"ANNA": {"hair": "red"}}
    assert {task.status for task in await tasks_of(company.studio, project_id)} <= {"done", "failed", "held"}
