"""Starts: exactly one run, whoever asks how often; the idempotency key; what must be there first; scenes made anew."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from engine.company import Company, Film, InsuredFilm, Workshop, make_project, project_of, row_of, tasks_of, told
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.database import now
from trailerflow.engine.service import Start, Started
from trailerflow.engine.starts import KEY_SECONDS
from trailerflow.engine.tables import IdempotencyKey, Project, Run, User
from trailerflow.errors import Conflict, Invalid

OPTIONS = {"seconds": 60, "seed": 0}
SCENE = "regenerate_scene"


@pytest.fixture
def film() -> Film:
    return InsuredFilm()


async def start(studio: Studio, project_id: int, key: str | None = None, **options: Any) -> Started:
    wanted = Start("full_pipeline", {**OPTIONS, **options}, key=key)
    return await studio.service.start_workflow(project_id, wanted)


async def complete(studio: Studio, project_id: int) -> None:
    run_id = (await studio.service.get_status(project_id)).run_id or 0
    claim = await studio.claims.claim(run_id, "a worker")
    assert claim is not None
    await studio.claims.mark_completed(claim)


async def count(studio: Studio, table: type[Run] | type[IdempotencyKey]) -> int:
    async with studio.database.read() as session:
        return (await session.execute(select(func.count()).select_from(table))).scalar_one()


async def plan(studio: Studio, project_id: int, *shots: str, **values: Any) -> None:
    """Give a project a plan: shot `s0` belongs to scene 0 and so on."""
    planned = [{"shot": shot, "scene": int(shot[1:])} for shot in shots]
    async with studio.database.write() as session:
        change: dict[str, Any] = {"shots": planned, "plan_result_id": 1, **values}
        await session.execute(update(Project).where(col(Project.id) == project_id).values(**change))


async def test_fifty_starts_at_once_make_exactly_one_run(studio: Studio, project_id: int) -> None:
    ends = await asyncio.gather(*(start(studio, project_id) for _ in range(50)), return_exceptions=True)
    (run_id,) = [end.status.run_id for end in ends if isinstance(end, Started)]
    refused = [end for end in ends if isinstance(end, Conflict)]
    assert [(conflict.code, conflict.extra["run_id"]) for conflict in refused] == [("run_active", run_id)] * 49
    assert await told(studio, project_id) == ["run.queued"]


async def test_fifty_starts_at_once_under_one_key_all_get_the_same_run(studio: Studio, project_id: int) -> None:
    ends = await asyncio.gather(*(start(studio, project_id, "a key") for _ in range(50)))
    assert len({end.status.run_id for end in ends}) == 1
    assert sorted(end.replayed for end in ends) == [False, *[True] * 49]
    assert await told(studio, project_id) == ["run.queued"]
    assert (await count(studio, Run), await count(studio, IdempotencyKey)) == (1, 1)


async def test_one_key_on_several_projects_at_once_starts_one_of_them(studio: Studio) -> None:
    projects = [await make_project(studio, f"Title {n}") for n in range(8)]
    ends = await asyncio.gather(*(start(studio, one, "a key") for one in projects), return_exceptions=True)
    assert len([end for end in ends if isinstance(end, Started)]) == 1
    assert {end.code for end in ends if isinstance(end, Invalid)} == {"idempotency_key_reused"}
    assert await count(studio, Run) == 1


async def test_a_key_is_answered_with_its_run_whatever_became_of_it(studio: Studio, project_id: int) -> None:
    first = (await start(studio, project_id, "a key")).status.run_id
    await complete(studio, project_id)
    ended = await start(studio, project_id, "a key")
    assert (ended.replayed, ended.status.run_id, ended.status.status) == (True, first, "completed")
    second = (await start(studio, project_id)).status.run_id
    log = await told(studio, project_id)
    beside = await start(studio, project_id, "a key")
    assert (beside.replayed, beside.status.run_id, beside.status.status) == (True, first, "completed")
    assert await told(studio, project_id) == log
    assert (await studio.service.get_status(project_id)).run_id == second


async def test_a_key_of_another_request_is_refused_and_nothing_changes(studio: Studio, project_id: int) -> None:
    first = (await start(studio, project_id, "a key")).status.run_id
    another = await make_project(studio)
    asked = [
        (project_id, Start("full_pipeline", {**OPTIONS, "seed": 1}, key="a key")),
        (project_id, Start("storyboard_only", OPTIONS, key="a key")),
        (project_id, Start("full_pipeline", OPTIONS, scene=0, key="a key")),
        (another, Start("full_pipeline", OPTIONS, key="a key")),
    ]
    for project, wanted in asked:
        with pytest.raises(Invalid) as refused:
            await studio.service.start_workflow(project, wanted)
        assert (refused.value.code, refused.value.extra["run_id"]) == ("idempotency_key_reused", first)
        assert refused.value.remedy
    assert await told(studio, project_id) == ["run.queued"]
    assert (await studio.service.get_status(another)).status == "idle"


async def test_a_refused_start_does_not_use_up_its_key(studio: Studio, project_id: int) -> None:
    await start(studio, project_id)
    with pytest.raises(Conflict):
        await start(studio, project_id, "a key")
    with pytest.raises(Conflict):
        await studio.service.start_workflow(await make_project(studio), Start("video_only", OPTIONS, key="a key"))
    assert await count(studio, IdempotencyKey) == 0
    await complete(studio, project_id)
    accepted = await start(studio, project_id, "a key", seed=5)
    assert (accepted.replayed, accepted.status.status) == (False, "queued")


async def test_two_users_may_use_the_same_key(studio: Studio, project_id: int) -> None:
    theirs = await make_project(studio)
    async with studio.database.write() as session:
        other = User(name="another")
        session.add(other)
        await session.flush()
        await session.execute(update(Project).where(col(Project.id) == theirs).values(user_id=other.id))
    mine = await start(studio, project_id, "a key")
    started = await start(studio, theirs, "a key")
    assert not started.replayed
    assert started.status.run_id != mine.status.run_id


async def test_a_key_is_forgotten_by_the_sweep_after_a_week_and_not_before(studio: Studio, project_id: int) -> None:
    first = (await start(studio, project_id, "old")).status.run_id
    await complete(studio, project_id)
    for seconds, replayed in ((KEY_SECONDS - 60, True), (KEY_SECONDS + 60, False)):
        async with studio.database.write() as session:
            await session.execute(update(IdempotencyKey).values(created_at=now() - seconds))
        await studio.sweeper.sweep()
        again = await start(studio, project_id, "old")
        assert (again.replayed, again.status.run_id == first) == (replayed, replayed)


@pytest.mark.parametrize("workflow_type", ["video_only", SCENE])
async def test_what_films_a_plan_needs_one(studio: Studio, project_id: int, workflow_type: str) -> None:
    with pytest.raises(Conflict) as refused:
        await studio.service.start_workflow(project_id, Start(workflow_type, OPTIONS, scene=0))
    assert refused.value.code == "no_plan"
    assert (await project_of(studio, project_id)).last_event_id == 0


async def test_video_only_names_the_shots_without_a_picture(studio: Studio, project_id: int) -> None:
    await plan(studio, project_id, "s0", "s1", takes={"s0": 1})
    with pytest.raises(Conflict, match="s1") as refused:
        await studio.service.start_workflow(project_id, Start("video_only", OPTIONS))
    assert (refused.value.code, refused.value.extra) == ("no_pictures", {"shots": ["s1"]})
    assert (await project_of(studio, project_id)).last_event_id == 0


@pytest.mark.parametrize("state", ["idle", "paused"])
async def test_a_scene_that_is_not_in_the_plan_is_refused_naming_those_that_are(
    studio: Studio, project_id: int, state: str
) -> None:
    await plan(studio, project_id, "s3", "s7")
    if state == "paused":
        await start(studio, project_id)
        await studio.service.pause(project_id)
    before = await told(studio, project_id)
    with pytest.raises(Invalid) as refused:
        await studio.service.start_workflow(project_id, Start(SCENE, OPTIONS, scene=4))
    assert (refused.value.code, refused.value.extra) == ("scene_not_in_plan", {"field": "scene", "scenes": [3, 7]})
    assert await told(studio, project_id) == before


async def test_a_scene_is_made_anew_in_a_run_of_its_own(company: Company, project_id: int, workshop: Workshop) -> None:
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    for number in (1, 2):
        workshop.done.clear()
        await company.service.start_workflow(project_id, Start(SCENE, OPTIONS, scene=2))
        await company.becomes(project_id, "completed")
        assert workshop.done == [2]
        project = await project_of(company.studio, project_id)
        assert (project.takes["s2"], project.variations) == (number + 1, {"s2": number})
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert workshop.done == [2], "what was made anew is what the next run uses"


async def test_a_scene_is_made_anew_inside_a_paused_run(company: Company, project_id: int, workshop: Workshop) -> None:
    run_id = await company.start(project_id, pause_after="trailer_to_storyboard")
    await company.becomes(project_id, "paused")
    before = await company.service.get_status(project_id)
    answer = await company.service.start_workflow(project_id, Start(SCENE, OPTIONS, scene=1))
    assert (answer.status.run_id, answer.status.status) == (run_id, "paused")
    assert (before.items.images.done, answer.status.items.images.done) == (4, 3)
    assert answer.status.progress == before.progress, "progress never falls"
    assert (await row_of(company.studio, run_id)).variations == {"s1": 1}
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    assert sorted(workshop.done) == [0, 1, 1, 2, 3]
    assert (await project_of(company.studio, project_id)).takes == {"s0": 1, "s1": 2, "s2": 1, "s3": 1}


async def test_a_status_that_changed_has_another_entity_tag(company: Company, project_id: int) -> None:
    await company.start(project_id, pause_after="trailer_to_storyboard")
    await company.becomes(project_id, "paused")
    before = await company.service.get_status(project_id)
    await company.service.start_workflow(project_id, Start(SCENE, OPTIONS, scene=1))
    after = await company.service.get_status(project_id)
    assert (after.items != before.items) == (after.etag != before.etag)


async def test_a_scene_asked_for_twice_before_the_run_goes_on_is_made_once(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    await company.start(project_id, pause_after="trailer_to_storyboard")
    await company.becomes(project_id, "paused")
    for _ in range(2):
        await company.service.start_workflow(project_id, Start(SCENE, OPTIONS, scene=1, key="a key"))
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    assert sorted(workshop.done) == [0, 1, 1, 2, 3]


async def test_a_run_that_makes_no_pictures_cannot_make_a_scene_anew(studio: Studio, project_id: int) -> None:
    await plan(studio, project_id, "s0")
    await studio.service.start_workflow(project_id, Start("script_analysis_only", OPTIONS))
    await studio.service.pause(project_id)
    with pytest.raises(Conflict) as refused:
        await studio.service.start_workflow(project_id, Start(SCENE, OPTIONS, scene=0))
    assert refused.value.code == "no_pictures"


async def test_a_cancelled_run_that_made_a_scene_anew_leaves_the_earlier_take_chosen(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    with workshop.holding(2):
        await company.service.start_workflow(project_id, Start(SCENE, OPTIONS, scene=2))
        await until(lambda: workshop.begun.count(2) == 2)
        await company.service.cancel(project_id)
        await company.becomes(project_id, "cancelled")
    assert (await project_of(company.studio, project_id)).takes["s2"] == 1
    assert [task.status for task in await tasks_of(company.studio, project_id)].count("cancelled") == 1
