import asyncio
from dataclasses import replace

import pytest

from engine.company import a_run, events_of, make_project, project_of
from trailerflow.bootstrap import Studio
from trailerflow.engine.ledger import Fence, FencedError, events_after
from trailerflow.engine.service import Start
from trailerflow.errors import NotFound

A_RUN = a_run(id=1, progress=12)


async def append(studio: Studio, project_id: int, count: int = 1, *, broken: bool = False) -> None:
    async with studio.ledger.writing(project_id) as entry:
        for number in range(count):
            entry.append("tested", A_RUN, number=number)
        if broken:
            raise ZeroDivisionError


async def numbers(studio: Studio, project_id: int) -> list[int]:
    return [event.id for event in await events_of(studio, project_id)]


async def test_fifty_writers_at_once_number_their_events_one_by_one(studio: Studio, project_id: int) -> None:
    await asyncio.gather(*(append(studio, project_id, count=number % 4) for number in range(50)))
    written = await numbers(studio, project_id)
    assert written == list(range(1, len(written) + 1))
    assert (await project_of(studio, project_id)).last_event_id == len(written) == 73


async def test_a_rollback_leaves_no_gap_and_no_event(studio: Studio, project_id: int) -> None:
    ends = await asyncio.gather(
        *(append(studio, project_id, count=2, broken=number % 2 == 1) for number in range(20)), return_exceptions=True
    )
    assert [type(end) for end in ends] == [type(None), ZeroDivisionError] * 10
    assert await numbers(studio, project_id) == list(range(1, 21))


async def test_projects_are_numbered_each_by_itself(studio: Studio, project_id: int) -> None:
    other = await make_project(studio, "Another")
    await asyncio.gather(append(studio, project_id, 2), append(studio, other, 3))
    assert (await numbers(studio, project_id), await numbers(studio, other)) == ([1, 2], [1, 2, 3])


async def test_an_event_carries_the_progress_after_it(studio: Studio, project_id: int) -> None:
    await append(studio, project_id)
    (event,) = await events_of(studio, project_id)
    assert event.data == {"progress": 12, "number": 0}


async def claim(studio: Studio, project_id: int) -> Fence:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    assert status.run_id is not None
    claimed = await studio.claims.claim(status.run_id, "a worker")
    assert claimed is not None
    return claimed.fence


async def test_the_fence_refuses_an_old_epoch_and_nothing_is_recorded(studio: Studio, project_id: int) -> None:
    fence = await claim(studio, project_id)
    before = await numbers(studio, project_id)
    for old in (replace(fence, epoch=fence.epoch - 1), replace(fence, run_id=fence.run_id - 1)):
        with pytest.raises(FencedError):
            async with studio.ledger.writing(project_id, fence=old) as entry:
                entry.append("tested", A_RUN)
    assert await numbers(studio, project_id) == before
    assert (await project_of(studio, project_id)).last_event_id == before[-1]


async def test_the_fence_admits_the_claim_of_today(studio: Studio, project_id: int) -> None:
    fence = await claim(studio, project_id)
    async with studio.ledger.writing(project_id, fence=fence, events=0) as entry:
        entry.project.title = "Fenced"
    assert (await project_of(studio, project_id)).title == "Fenced"


async def test_an_unknown_project_is_not_found(studio: Studio) -> None:
    with pytest.raises(NotFound, match="no project 404"):
        await append(studio, 404)


async def test_events_are_read_in_pages_after_a_number(studio: Studio, project_id: int) -> None:
    await append(studio, project_id, 5)
    async with studio.database.read() as session:
        assert [event.id for event in await events_after(session, project_id, 1, limit=3)] == [2, 3, 4]
        assert await events_after(session, project_id, 5) == []
