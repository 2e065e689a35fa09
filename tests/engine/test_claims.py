import asyncio
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from engine.company import expire, make_project, picture, row_of, told
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.failures import MOST_DELIVERIES
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.service import Start
from trailerflow.engine.tables import Run
from trailerflow.errors import PermanentError

BANDS = {"short": (0, 40, 1), "images": (40, 100, None)}


async def claim(studio: Studio, run_id: int, owner: str = "a worker") -> Claim:
    claimed = await studio.claims.claim(run_id, owner)
    assert claimed is not None
    return claimed


@pytest.fixture
async def run_id(studio: Studio, project_id: int) -> int:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    assert status.run_id is not None
    return status.run_id


async def test_of_many_workers_one_gets_the_run(studio: Studio, project_id: int, run_id: int) -> None:
    claims = await asyncio.gather(*(studio.claims.claim(run_id, f"worker {n}") for n in range(10)))
    assert len([claimed for claimed in claims if claimed is not None]) == 1
    assert await told(studio, project_id) == ["run.queued", "run.started"]


async def test_a_run_that_is_not_there_cannot_be_claimed(studio: Studio) -> None:
    assert await studio.claims.claim(404, "a worker") is None


async def test_a_claim_after_a_crash_raises_the_epoch_and_writes_no_event(
    studio: Studio, project_id: int, run_id: int
) -> None:
    first = await claim(studio, run_id)
    await expire(studio, Run, run_id)
    before = await told(studio, project_id)
    second = await claim(studio, run_id, "another worker")
    assert second.fence.epoch == first.fence.epoch + 1
    assert await told(studio, project_id) == before
    assert (await row_of(studio, run_id)).deliveries == 1


async def test_a_released_run_is_free_at_once_and_counts_no_delivery(studio: Studio, run_id: int) -> None:
    await studio.claims.release(await claim(studio, run_id))
    await claim(studio, run_id, "another worker")
    assert (await row_of(studio, run_id)).deliveries == 0


async def test_the_old_owner_can_write_nothing(studio: Studio, project_id: int, run_id: int) -> None:
    old = await claim(studio, run_id)
    await expire(studio, Run, run_id)
    await claim(studio, run_id, "another worker")
    before = await told(studio, project_id)
    refused: list[Any] = [
        studio.claims.begin_phase(old, "script_to_trailer", BANDS),
        studio.claims.finish_phase(old, "script_to_trailer", BANDS, []),
        studio.claims.mark_completed(old),
        studio.claims.mark_failed(old, PermanentError("a", "b"), "c/d"),
        studio.claims.mark_paused(old),
        studio.claims.release(old),
        studio.claims.hold_back(old),
    ]
    ends = await asyncio.gather(*refused, return_exceptions=True)
    assert [type(end) for end in ends] == [FencedError] * len(refused)
    assert await told(studio, project_id) == before
    assert (await row_of(studio, run_id)).owner == "another worker"


async def test_a_run_that_kills_worker_after_worker_fails(studio: Studio, project_id: int, run_id: int) -> None:
    for _ in range(MOST_DELIVERIES):
        await claim(studio, run_id)
        await expire(studio, Run, run_id)
    assert await studio.claims.claim(run_id, "the last worker") is None
    status = await studio.service.get_status(project_id)
    assert (status.status, status.failed_at) == ("failed", "script_to_trailer/internal")
    assert "20 times" in str(status.error_message)
    assert (await told(studio, project_id))[-1] == "run.failed"


async def test_a_run_that_gets_further_may_lose_any_number_of_workers(studio: Studio, run_id: int) -> None:
    claimed = await claim(studio, run_id)
    async with studio.database.write() as session:
        await session.execute(update(Run).where(col(Run.id) == run_id).values(deliveries=MOST_DELIVERIES - 1))
    await studio.results.record(claimed.fence, picture(0), "digest", value={"n": 0}, files=[])
    assert (await row_of(studio, run_id)).deliveries == 0


async def test_a_known_number_of_steps_stays_known_when_the_story_begins_again(
    studio: Studio, project_id: int, run_id: int
) -> None:
    claimed = await claim(studio, run_id)
    await studio.claims.begin_phase(claimed, "script_to_trailer", BANDS)
    await studio.claims.finish_phase(claimed, "script_to_trailer", {**BANDS, "images": (40, 100, 6)}, [])
    await studio.claims.begin_phase(claimed, "script_to_trailer", BANDS)
    assert (await studio.service.get_status(project_id)).items.images.total == 6


async def test_whatever_changes_the_status_changes_its_entity_tag(studio: Studio, project_id: int, run_id: int) -> None:
    claimed = await claim(studio, run_id)
    await studio.claims.begin_phase(claimed, "script_to_trailer", BANDS)
    before = await studio.service.get_status(project_id)
    await studio.claims.finish_phase(claimed, "script_to_trailer", {**BANDS, "images": (40, 100, 6)}, [])
    after = await studio.service.get_status(project_id)
    assert after.items.images.total != before.items.images.total
    assert after.etag != before.etag


async def test_a_pause_taken_back_is_not_held(studio: Studio, project_id: int, run_id: int) -> None:
    claimed = await claim(studio, run_id)
    await studio.service.pause(project_id)
    await studio.service.resume(project_id)
    assert not await studio.claims.mark_paused(claimed)
    assert (await row_of(studio, run_id)).status == "running"


async def test_a_review_gives_its_slot_to_the_next_run_at_once(
    studio: Studio, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    async def turn(run_id: int) -> None:
        rung.append(run_id)

    wanted = Start("full_pipeline", {"pause_after": "script_to_trailer"})
    started = await studio.service.start_workflow(await make_project(studio), wanted)
    reviewed = await claim(studio, started.status.run_id or 0)
    await studio.claims.begin_phase(reviewed, "script_to_trailer", BANDS)
    monkeypatch.setattr(studio.queue, "turn", turn)
    assert await studio.claims.finish_phase(reviewed, "script_to_trailer", BANDS, [])
    assert rung == [run_id]


async def test_a_pause_does_not_keep_the_end_from_coming(studio: Studio, project_id: int, run_id: int) -> None:
    claimed = await claim(studio, run_id)
    await studio.service.pause(project_id)
    await studio.claims.mark_completed(claimed)
    assert (await told(studio, project_id))[-2:] == ["run.pausing", "run.completed"]


async def test_no_more_runs_than_the_limit_are_claimed_and_the_next_is_rung_when_one_ends(studio: Studio) -> None:
    runs = []
    for number in range(5):
        project = await make_project(studio, f"Title {number}")
        runs.append((await studio.service.start_workflow(project, Start("full_pipeline", {}))).status.run_id)
    claims = [await studio.claims.claim(run_id, "a worker") for run_id in runs if run_id is not None]
    assert [claimed is not None for claimed in claims] == [True, True, True, False, False]
    first = claims[0]
    assert first is not None
    await studio.claims.mark_completed(first)
    assert await studio.claims.claim(runs[4] or 0, "a worker") is None
    assert await studio.claims.claim(runs[3] or 0, "a worker") is not None
