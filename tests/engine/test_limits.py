import asyncio

import pytest
from sqlalchemy import update
from sqlmodel import col

from engine.company import make_project
from trailerflow.bootstrap import Studio
from trailerflow.engine.limits import Limits
from trailerflow.engine.tables import Project, Run, User


async def start(studio: Studio, user_id: int | None = None, priority: str = "normal") -> int:
    """Start a run on a project of its own."""
    project_id = await make_project(studio)
    if user_id is not None:
        async with studio.database.write() as session:
            await session.execute(update(Project).where(col(Project.id) == project_id).values(user_id=user_id))
    status = await studio.service.start_workflow(project_id, "full_pipeline", {"priority": priority})
    assert status.run_id is not None
    return status.run_id


async def next_runs(studio: Studio, limits: Limits) -> list[int]:
    async with studio.database.read() as session:
        return await limits.next_runs(session)


async def set_status(studio: Studio, run_id: int, status: str) -> None:
    async with studio.database.write() as session:
        await session.execute(update(Run).where(col(Run.id) == run_id).values(status=status))


@pytest.fixture
async def other_user(studio: Studio) -> int:
    async with studio.database.write() as session:
        user = User(name="other")
        session.add(user)
    assert user.id is not None
    return user.id


async def test_a_user_has_no_more_than_so_many_runs(studio: Studio, other_user: int) -> None:
    mine = [await start(studio) for _ in range(3)]
    theirs = await start(studio, other_user)
    assert await next_runs(studio, Limits(2, 10)) == [*mine[:2], theirs]


async def test_all_users_together_have_no_more_than_so_many(studio: Studio, other_user: int) -> None:
    first = await start(studio)
    await start(studio, other_user)
    assert await next_runs(studio, Limits(5, 1)) == [first]


@pytest.mark.parametrize(("status", "slots"), [("running", 1), ("pausing", 1), ("paused", 2), ("failed", 2)])
async def test_who_runs_holds_a_slot_and_who_is_paused_holds_none(studio: Studio, status: str, slots: int) -> None:
    busy, *waiting = [await start(studio) for _ in range(4)]
    await set_status(studio, busy, status)
    assert await next_runs(studio, Limits(2, 10)) == waiting[:slots]


async def test_a_higher_class_goes_first_and_then_the_older(studio: Studio) -> None:
    low, normal, high, high_too = [await start(studio, priority=name) for name in ("low", "normal", "high", "high")]
    assert await next_runs(studio, Limits(10, 10)) == [high, high_too, normal, low]


async def test_the_place_in_the_queue_follows_the_same_order(studio: Studio) -> None:
    runs = [await start(studio, priority=name) for name in ("low", "normal", "high")]
    async with studio.database.read() as session:
        projects = [(await session.get_one(Run, run_id)).project_id for run_id in runs]
    places = [(await studio.service.get_status(project)).queue_position for project in projects]
    assert places == [3, 2, 1]


async def test_many_claims_at_once_take_no_more_than_the_slots(studio: Studio) -> None:
    runs = [await start(studio) for _ in range(6)]
    claims = await asyncio.gather(*(studio.claims.claim(run_id, f"worker {run_id}") for run_id in runs))
    assert [claim is not None for claim in claims].count(True) == 3
