import asyncio
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from engine.company import Company, Film, Workshop, events_of, expire, project_of, row_of, told
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.service import Start
from trailerflow.engine.states import State, allowed_from
from trailerflow.engine.status import WorkflowStatus
from trailerflow.engine.tables import Project, Run
from trailerflow.errors import Conflict, NotFound

AFTER_PAUSE = {"queued": "paused", "running": "pausing", "pausing": "pausing", "paused": "paused"}
AFTER_RESUME = {"queued": "queued", "running": "running", "pausing": "running", "paused": "queued"}


async def start(studio: Studio, project_id: int, workflow_type: str = "full_pipeline", **options: Any) -> int:
    status = (await studio.service.start_workflow(project_id, Start(workflow_type, options))).status
    assert status.run_id is not None
    return status.run_id


async def put(studio: Studio, project_id: int, state: State) -> None:
    """Make a run that is in a state, whatever led there."""
    run_id = await start(studio, project_id)
    async with studio.database.write() as session:
        await session.execute(update(Run).where(col(Run.id) == run_id).values(status=state))


async def check_verb(studio: Studio, project_id: int, verb: str, state: State, expected: str | None) -> None:
    await put(studio, project_id, state)
    before = await told(studio, project_id)
    work = getattr(studio.service, verb)
    if expected is None:
        with pytest.raises(Conflict) as refused:
            await work(project_id)
        assert refused.value.extra["allowed_states"] == allowed_from(verb)  # type: ignore[arg-type] # a Move
    else:
        status: WorkflowStatus = await work(project_id)
        assert status.status == expected
        assert status == (await studio.service.get_status(project_id)).model_copy(
            update={"eta_seconds": status.eta_seconds}
        )
    assert len(await told(studio, project_id)) == len(before) + (expected is not None and expected != state)


EVERY_STATE = ("queued", "running", "pausing", "paused", "failed", "cancelling", "cancelled", "completed")


@pytest.mark.parametrize("state", EVERY_STATE)
async def test_pause_in_every_state(studio: Studio, project_id: int, state: State) -> None:
    await check_verb(studio, project_id, "pause", state, AFTER_PAUSE.get(state))


@pytest.mark.parametrize("state", EVERY_STATE)
async def test_resume_in_every_state(studio: Studio, project_id: int, state: State) -> None:
    await check_verb(studio, project_id, "resume", state, AFTER_RESUME.get(state))


@pytest.mark.parametrize("state", EVERY_STATE)
async def test_start_in_every_state(studio: Studio, project_id: int, state: State) -> None:
    await put(studio, project_id, state)
    first = (await studio.service.get_status(project_id)).run_id
    if state in ("completed", "failed", "cancelled"):
        assert await start(studio, project_id) != first
    else:
        with pytest.raises(Conflict) as refused:
            await start(studio, project_id)
        assert (refused.value.code, refused.value.extra["run_id"]) == ("run_active", first)


@pytest.mark.parametrize("verb", ["pause", "resume"])
async def test_an_idle_project_cannot_be_paused_or_resumed(studio: Studio, project_id: int, verb: str) -> None:
    with pytest.raises(Conflict, match="while the run is idle"):
        await getattr(studio.service, verb)(project_id)
    assert await told(studio, project_id) == []


@pytest.mark.parametrize("verb", ["pause", "resume", "get_status"])
async def test_an_unknown_project_is_not_found(studio: Studio, verb: str) -> None:
    with pytest.raises(NotFound):
        await getattr(studio.service, verb)(404)


async def test_a_project_without_a_run_is_idle(studio: Studio, project_id: int) -> None:
    status = await studio.service.get_status(project_id)
    assert (status.status, status.run_id, status.progress, status.last_event_id) == ("idle", None, 0, 0)


async def test_fifty_starts_at_once_make_exactly_one_run(studio: Studio, project_id: int) -> None:
    ends = await asyncio.gather(*(start(studio, project_id) for _ in range(50)), return_exceptions=True)
    (run_id,) = [end for end in ends if isinstance(end, int)]
    refused = [end for end in ends if isinstance(end, Conflict)]
    assert [(conflict.code, conflict.extra["run_id"]) for conflict in refused] == [("run_active", run_id)] * 49
    assert await told(studio, project_id) == ["run.queued"]


async def test_video_only_needs_a_plan(studio: Studio, project_id: int) -> None:
    with pytest.raises(Conflict) as refused:
        await start(studio, project_id, "video_only")
    assert refused.value.code == "no_plan"


async def test_video_only_names_the_shots_without_a_picture(studio: Studio, project_id: int) -> None:
    shots = [{"shot": "s000-1", "scene": 0}, {"shot": "s001-1", "scene": 1}]
    async with studio.database.write() as session:
        values: dict[str, Any] = {"plan_result_id": 1, "shots": shots, "takes": {"s000-1": 1}}
        await session.execute(update(Project).where(col(Project.id) == project_id).values(**values))
    with pytest.raises(Conflict, match="s001-1") as refused:
        await start(studio, project_id, "video_only")
    assert (refused.value.code, refused.value.extra) == ("no_pictures", {"shots": ["s001-1"]})
    assert (await project_of(studio, project_id)).last_event_id == 0


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
    assert sorted(workshop.begun) == [0, 1, 2, 3]


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
