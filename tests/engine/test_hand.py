"""What a hand begins before it is claimed; the rest of its ways are in `test_farm`."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlmodel import col

from engine.company import Company, Workshop, order_of, picture, tasks_of
from patience import until
from trailerflow.engine.farm import Farm
from trailerflow.engine.products import NewFile
from trailerflow.engine.tables import Task
from trailerflow.engine.task_claims import Ask, Made, Taken, TaskClaim


class Clerk:
    """Stops the recording of the second picture at a gate, while the third is begun; `error` is what comes of it."""

    def __init__(self, company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate = threading.Event()
        self.error: Exception | None = None
        task_claims = company.studio.task_claims
        record = task_claims.finish_and_claim

        def recorded(claim: TaskClaim, made: Made, owner: str, kinds: tuple[str, ...], ask: Ask) -> tuple[bool, Taken]:
            if claim.name == picture(1).name and ask.ahead is not None:
                self.gate.wait()
                if self.error is not None:
                    raise self.error
            return record(claim, made, owner, kinds, ask)

        monkeypatch.setattr(task_claims, "finish_and_claim", recorded)


@pytest.fixture
def clerk(company: Company, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clerk]:
    """Return the clerk of every hand; whatever happens, it lets go at the end."""
    clerk = Clerk(company, monkeypatch)
    yield clerk
    clerk.gate.set()


@asynccontextmanager
async def a_hand(company: Company, project_id: int, workshop: Workshop, count: int) -> AsyncIterator[Farm]:
    """Have one hand alone do `count` pictures."""
    company.answers_turns = False
    for other in company.farms:
        await other.leave()
    claim = await company.claims.claim(await company.start(project_id), "an orchestrator")
    assert claim is not None
    for n in range(count):
        await company.studio.tasks.submit(claim, picture(n), f"digest {n}", order_of(n))
    studio = company.studio
    farm = Farm(
        task_claims=studio.task_claims,
        keeper=company.keeper,
        storage=studio.storage,
        bell=studio.bell,
        work=workshop,
        kinds=("panel",),
        ring=company,
    )
    working = asyncio.create_task(farm.work_off())
    yield farm
    await working


async def states(company: Company, project_id: int) -> list[str]:
    return [task.status for task in await tasks_of(company.studio, project_id)]


async def move(company: Company, project_id: int, n: int, **values: object) -> None:
    async with company.studio.database.write() as session:
        of_it = (col(Task.project_id) == project_id, col(Task.name) == picture(n).name)
        await session.execute(update(Task).where(*of_it).values(**values))


async def test_the_next_task_is_begun_before_the_one_before_is_recorded(
    company: Company, project_id: int, workshop: Workshop, clerk: Clerk
) -> None:
    async with a_hand(company, project_id, workshop, 4):
        await until(lambda: 2 in workshop.done)
        assert await states(company, project_id) == ["done", "claimed", "queued", "queued"]
        clerk.gate.set()
    assert await states(company, project_id) == ["done"] * 4
    assert workshop.begun == workshop.done == [0, 1, 2, 3]
    assert [task.attempts for task in await tasks_of(company.studio, project_id)] == [1] * 4


async def test_what_was_begun_ahead_is_dropped_when_it_is_held_back(
    company: Company, project_id: int, workshop: Workshop, clerk: Clerk
) -> None:
    """A pause lets what is in work finish, and nothing else: begun ahead is not in work."""
    with workshop.holding(2):
        async with a_hand(company, project_id, workshop, 3):
            await until(lambda: 2 in workshop.begun)
            await move(company, project_id, 2, status="held")
            clerk.gate.set()
    assert workshop.done == [0, 1]
    (*_, third) = await tasks_of(company.studio, project_id)
    assert (third.status, third.owner, third.epoch, third.attempts) == ("held", None, 0, 0)


async def test_what_another_worker_took_meanwhile_is_not_recorded_twice(
    company: Company, project_id: int, workshop: Workshop, clerk: Clerk
) -> None:
    async with a_hand(company, project_id, workshop, 3):
        await until(lambda: 2 in workshop.done)
        await move(company, project_id, 2, aside_until=1.0)  # the clerk came too late
        taken = (await company.studio.task_claims.claim_here("an idle worker", ("panel",))).claim
        assert taken is not None
        clerk.gate.set()
    made = Made({"n": 7}, [NewFile("panel.png", "0" * 64, "image/png", 3)])
    assert await company.studio.task_claims.finish(taken, made)
    rows = await tasks_of(company.studio, project_id)
    assert [(task.product, task.attempts) for task in rows] == [({"n": 0}, 1), ({"n": 1}, 1), ({"n": 7}, 1)]


async def test_a_failure_of_what_was_begun_ahead_counts_only_once_it_is_claimed(
    company: Company, project_id: int, workshop: Workshop, clerk: Clerk
) -> None:
    workshop.failing = {2}
    async with a_hand(company, project_id, workshop, 3):
        await until(lambda: 2 in workshop.begun)
        assert (await tasks_of(company.studio, project_id))[2].attempts == 0
        clerk.gate.set()
    (*_, third) = await tasks_of(company.studio, project_id)
    assert (third.status, third.attempts) == ("failed", 1)


async def test_when_recording_fails_what_was_begun_ahead_is_dropped_and_nothing_is_lost(
    company: Company, project_id: int, workshop: Workshop, clerk: Clerk
) -> None:
    clerk.error = OperationalError("UPDATE task", None, Exception("the disk is full"))
    with workshop.holding(2):
        async with a_hand(company, project_id, workshop, 3):
            await until(lambda: 2 in workshop.begun)
            clerk.gate.set()
            await until(lambda: workshop.begun.count(2) == 2)
            workshop.open()
    assert await states(company, project_id) == ["done"] * 3
    assert workshop.done == [0, 1, 2]


async def test_leaving_ends_what_was_begun_ahead_and_claims_nothing_for_good(
    company: Company, project_id: int, workshop: Workshop, clerk: Clerk
) -> None:
    with workshop.holding(2):
        async with a_hand(company, project_id, workshop, 4) as farm:
            await until(lambda: 2 in workshop.begun)
            leaving = asyncio.create_task(farm.leave())
            await asyncio.sleep(0)
            clerk.gate.set()
            await leaving
    rows = await tasks_of(company.studio, project_id)
    assert [(task.status, task.owner, task.attempts) for task in rows] == [
        ("done", None, 1),
        ("done", None, 1),
        ("queued", None, 0),
        ("queued", None, 0),
    ]


async def test_a_task_begun_ahead_gives_no_tick_before_it_is_claimed(
    company: Company, project_id: int, workshop: Workshop, clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks: list[str] = []
    ring = company.studio.bell.ring

    def hear(project: int, **message: dict[str, str]) -> None:
        if "tick" in message:
            ticks.append(message["tick"]["step"])
        ring(project, **message)

    monkeypatch.setattr(company.studio.bell, "ring", hear)
    with workshop.holding(2):
        async with a_hand(company, project_id, workshop, 3):
            await until(lambda: 2 in workshop.begun)
            assert "image/s2" not in ticks
            clerk.gate.set()
            await until(lambda: "image/s2" in ticks)
            workshop.open()


async def test_an_idle_hand_takes_what_was_set_aside_for_a_worker_that_does_not_come(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(0):
        async with a_hand(company, project_id, workshop, 2):
            await until(lambda: workshop.begun == [0])
            await move(company, project_id, 1, aside_until=time.time() + 0.2, epoch=5)  # not this hand's any more
            workshop.open()
    assert await states(company, project_id) == ["done"] * 2


async def test_a_hand_that_waits_for_what_is_set_aside_leaves_at_once(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(0):
        async with a_hand(company, project_id, workshop, 2) as farm:
            await until(lambda: workshop.begun == [0])
            await move(company, project_id, 1, aside_until=time.time() + 3600, epoch=5)
            workshop.open()
            await company.until(lambda: states(company, project_id), lambda seen: seen == ["done", "queued"])
            await farm.leave()
    assert await states(company, project_id) == ["done", "queued"]
