"""Claims on a provider's tasks; those of render workers are in `test_tasks`."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from engine.company import make_project, order_of, picture, tasks_of
from trailerflow.bootstrap import Studio
from trailerflow.engine import backoff
from trailerflow.engine.claims import Claim
from trailerflow.engine.failures import MOST_DELIVERIES
from trailerflow.engine.leases import free_expired_tasks
from trailerflow.engine.products import NewFile
from trailerflow.engine.service import Start
from trailerflow.engine.tables import Task
from trailerflow.engine.task_claims import NOTHING_ELSE, Ask, Made, Taken, TaskClaim
from trailerflow.engine.tickets import Tickets

FILE = NewFile("panel.png", "0" * 64, "image/png", 3)
FOR_NOW = {"code": "broken", "message": "", "remedy": "", "temporary": True}
KINDS = ("panel",)


@pytest.fixture
async def claim(studio: Studio, project_id: int) -> Claim:
    return await claim_run(studio, project_id)


@pytest.fixture
def tickets(studio: Studio) -> Tickets:
    return Tickets(studio.task_claims)


async def claim_run(studio: Studio, project_id: int) -> Claim:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    claim = await studio.claims.claim(status.run_id or 0, "an orchestrator")
    assert claim is not None
    return claim


async def order(studio: Studio, claim: Claim, count: int = 1, provider: str = "http") -> None:
    for n in range(count):
        step = replace(picture(n), position=n)
        await studio.tasks.submit(claim, step, f"digest {n}", replace(order_of(n), provider=provider))


async def new(studio: Studio, slots: int = 4, *, owner: str = "a courier", provider: str = "http") -> TaskClaim | None:
    return await studio.task_claims.claim_at(provider, owner, slots, begun=False)


async def begun(studio: Studio, slots: int = 4, *, owner: str = "a courier") -> TaskClaim | None:
    return await studio.task_claims.claim_at("http", owner, slots, begun=True)


async def sent(studio: Studio, tickets: Tickets, slots: int = 4) -> TaskClaim:
    """Claim a task and write down that it is about to be sent."""
    claimed = await new(studio, slots)
    assert claimed is not None
    assert await tickets.intend(claimed, f"key {claimed.task_id}")
    return claimed


async def change(studio: Studio, **values: Any) -> None:
    async with studio.database.write() as session:
        await session.execute(update(Task).values(**values))


async def test_a_courier_claims_what_its_provider_makes_and_a_render_worker_the_rest(
    studio: Studio, claim: Claim
) -> None:
    await order(studio, claim)
    assert await new(studio, provider="another") is None
    assert (await studio.task_claims.claim_here("a render worker", KINDS)).claim is None
    claimed = await new(studio)
    assert claimed is not None
    assert (claimed.provider, claimed.order, claimed.submit_key, claimed.received) == ("http", {"n": 0}, None, ())
    await order(studio, await claim_run(studio, await make_project(studio, "Another")), provider="local")
    assert await new(studio) is None
    assert (await studio.task_claims.claim_here("a render worker", KINDS)).claim is not None


async def test_what_came_from_a_provider_is_for_a_render_worker(studio: Studio, claim: Claim, tickets: Tickets) -> None:
    await order(studio, claim)
    claimed = await sent(studio, tickets)
    assert await tickets.receive(claimed, [FILE], 0.5)
    assert await new(studio) is None
    assert await begun(studio) is None
    assert (await studio.task_claims.claim_here("a render worker", ("clip",))).claim is None
    finishing = (await studio.task_claims.claim_here("a render worker", KINDS)).claim
    assert finishing is not None
    assert finishing.received == (FILE,)


async def next_after(studio: Studio, claim: TaskClaim, ask: Ask = NOTHING_ELSE) -> tuple[bool, Taken]:
    made = Made({"n": claim.order["n"]}, [FILE])
    return await asyncio.to_thread(studio.task_claims.finish_and_claim, claim, made, "a render worker", KINDS, ask)


async def test_a_product_is_recorded_and_the_next_task_taken_in_one(studio: Studio, claim: Claim) -> None:
    await order(studio, claim, 2, provider="local")
    first = (await studio.task_claims.claim_here("a render worker", KINDS)).claim
    assert first is not None
    is_recorded, taken = await next_after(studio, first)
    assert (is_recorded, taken.claim and taken.claim.name) == (True, "image/s1")
    assert [task.status for task in await tasks_of(studio, claim.project_id)] == ["done", "claimed"]


async def test_a_worker_whose_claim_is_lost_records_nothing_and_takes_the_next(studio: Studio, claim: Claim) -> None:
    await order(studio, claim, 2, provider="local")
    late = (await studio.task_claims.claim_here("a render worker", KINDS)).claim
    assert late is not None
    late = replace(late, epoch=late.epoch - 1)
    is_recorded, taken = await next_after(studio, late)
    assert (is_recorded, taken.claim and taken.claim.name) == (False, "image/s1")
    assert [task.product for task in await tasks_of(studio, claim.project_id)] == [None, None]


async def set_aside(studio: Studio, claim: Claim, count: int) -> tuple[TaskClaim, TaskClaim]:
    """Order `count` tasks, do the first; return the second, which was claimed then, and the third, set aside."""
    await order(studio, claim, count, provider="local")
    first = (await studio.task_claims.claim_here("a render worker", KINDS)).claim
    assert first is not None
    _, taken = await next_after(studio, first, Ask())
    assert taken.claim is not None
    assert taken.aside is not None
    return taken.claim, taken.aside


async def names_left(studio: Studio) -> list[str]:
    """Have an idle worker take all it can; return their names in that order."""
    names = []
    while (taken := (await studio.task_claims.claim_here("an idle worker", KINDS)).claim) is not None:
        names.append(taken.name)
    return names


async def test_a_task_set_aside_stays_queued_and_is_taken_as_foretold(studio: Studio, claim: Claim) -> None:
    second, aside = await set_aside(studio, claim, 3)
    assert (second.name, aside.name) == ("image/s1", "image/s2")
    assert [task.status for task in await tasks_of(studio, claim.project_id)] == ["done", "claimed", "queued"]
    is_recorded, taken = await next_after(studio, second, Ask(aside, sets_aside=False))
    assert (is_recorded, taken) == (True, Taken(claim=aside))
    assert await studio.task_claims.is_held(aside)


async def test_an_idle_worker_leaves_what_is_set_aside(studio: Studio, claim: Claim) -> None:
    await set_aside(studio, claim, 5)
    assert await names_left(studio) == ["image/s3", "image/s4"]
    assert await studio.task_claims.leaves_aside(KINDS)
    assert not await studio.task_claims.leaves_aside(["clip"])


async def test_what_is_set_aside_is_nobodys_when_its_time_is_over(studio: Studio, claim: Claim) -> None:
    await set_aside(studio, claim, 5)
    await change(studio, aside_until=1.0)
    assert not await studio.task_claims.leaves_aside(KINDS)
    assert await names_left(studio) == ["image/s2", "image/s3", "image/s4"]


async def test_two_workers_never_set_the_same_task_aside(studio: Studio, claim: Claim) -> None:
    await set_aside(studio, claim, 8)
    other = (await studio.task_claims.claim_here("another worker", KINDS)).claim
    assert other is not None
    assert other.name == "image/s3"
    _, taken = await next_after(studio, other, Ask())
    assert [of and of.name for of in (taken.claim, taken.aside)] == ["image/s4", "image/s5"]


@pytest.mark.parametrize(("count", "is_set_aside"), [(4, False), (5, True)])
async def test_none_is_set_aside_unless_every_worker_can_count_on_one(
    studio: Studio, claim: Claim, count: int, is_set_aside: bool
) -> None:
    """After the first is done two are in work: of four tasks one is left for the two."""
    await order(studio, claim, count, provider="local")
    first, _ = [(await studio.task_claims.claim_here(f"worker {n}", KINDS)).claim for n in range(2)]
    assert first is not None
    _, taken = await next_after(studio, first, Ask())
    assert (taken.aside is not None) == is_set_aside


@pytest.mark.parametrize("status", ["held", "cancelled", "claimed"])
async def test_what_was_set_aside_is_refused_when_it_moved_meanwhile(studio: Studio, claim: Claim, status: str) -> None:
    second, aside = await set_aside(studio, claim, 4)
    async with studio.database.write() as session:
        await session.execute(update(Task).where(col(Task.id) == aside.task_id).values(status=status))
    is_recorded, taken = await next_after(studio, second, Ask(aside, sets_aside=False))
    assert is_recorded
    assert taken.claim is not None
    assert taken.claim.name == "image/s3"


async def test_what_somebody_is_changing_is_not_waited_for(studio: Studio, claim: Claim) -> None:
    """A cancel locks the run's tasks one by one: who waited for one while recording another would lock crosswise."""
    if studio.database.is_sqlite:
        pytest.skip("SQLite has one writer")
    second, aside = await set_aside(studio, claim, 4)
    async with studio.database.write() as session:
        await session.execute(select(col(Task.id)).where(col(Task.id) == aside.task_id).with_for_update())
        async with asyncio.timeout(5.0):
            is_recorded, taken = await next_after(studio, second, Ask(aside, sets_aside=False))
    assert is_recorded
    assert taken.claim is not None
    assert taken.claim.name == "image/s3"


async def test_what_was_set_aside_is_refused_when_it_was_taken_and_handed_back(studio: Studio, claim: Claim) -> None:
    second, aside = await set_aside(studio, claim, 3)
    await change(studio, aside_until=None)
    taken = (await studio.task_claims.claim_here("an idle worker", KINDS)).claim
    assert taken is not None
    assert taken == aside
    assert await studio.task_claims.hand_back(taken)
    _, following = await next_after(studio, second, Ask(aside, sets_aside=False))
    assert following.claim is not None
    assert (following.claim.task_id, following.claim.epoch) == (aside.task_id, aside.epoch + 1)


async def test_many_couriers_claim_as_many_as_there_are_slots_and_none_twice(studio: Studio, claim: Claim) -> None:
    await order(studio, claim, 6)
    claimed = await asyncio.gather(*(new(studio, 3, owner=f"courier {n}") for n in range(12)))
    taken = [task.task_id for task in claimed if task is not None]
    while (more := await new(studio, 3)) is not None:
        taken.append(more.task_id)
    assert len(taken) == len(set(taken)) == 3


async def test_a_slot_is_free_again_when_the_job_has_come_home_failed_or_was_handed_back(
    studio: Studio, claim: Claim, tickets: Tickets
) -> None:
    await order(studio, claim, 4)
    first = await sent(studio, tickets, 1)
    assert await new(studio, 1) is None
    await tickets.receive(first, [FILE], 0.0)
    second = await sent(studio, tickets, 1)
    await tickets.fail(second, {"temporary": False})
    third = await new(studio, 1)
    assert third is not None
    assert await new(studio, 1) is None
    await studio.task_claims.hand_back(third)
    assert await new(studio, 1) == replace(third, epoch=third.epoch + 1)


async def test_a_job_nobody_looks_after_keeps_its_slot_and_is_claimed_first(
    studio: Studio, claim: Claim, tickets: Tickets
) -> None:
    await order(studio, claim, 2)
    orphan = await sent(studio, tickets, 1)
    await tickets.keep(orphan, f"key {orphan.task_id}", "job-1")
    assert await begun(studio, 1) is None
    await change(studio, lease_expires_at=1.0)
    async with studio.database.write() as session:
        assert await free_expired_tasks(session) == 1
    assert await new(studio, 1) is None
    adopted = await begun(studio, 1, owner="another courier")
    assert adopted is not None
    assert (adopted.task_id, adopted.remote_id, adopted.epoch) == (orphan.task_id, "job-1", orphan.epoch + 1)
    assert await new(studio, 1) is None


async def test_a_courier_that_died_before_its_intent_leaves_the_slot_free(studio: Studio, claim: Claim) -> None:
    await order(studio, claim, 2)
    dead = await new(studio, 1)
    assert dead is not None
    await change(studio, lease_expires_at=1.0)
    async with studio.database.write() as session:
        await free_expired_tasks(session)
    assert await new(studio, 1) == replace(dead, epoch=dead.epoch + 1)


async def test_a_task_put_off_is_not_claimed_before_its_time(studio: Studio, claim: Claim, tickets: Tickets) -> None:
    await order(studio, claim)
    claimed = await sent(studio, tickets)
    assert await tickets.postpone(claimed, 60.0, forget=True)
    assert await new(studio) is None
    await change(studio, not_before=1.0)
    again = await new(studio)
    assert again is not None
    assert (again.submit_key, again.tries) == (None, 0)


async def test_an_order_that_may_have_been_taken_is_put_off_with_its_key(
    studio: Studio, claim: Claim, tickets: Tickets
) -> None:
    await order(studio, claim)
    claimed = await sent(studio, tickets)
    assert await tickets.postpone(claimed, 0.0, forget=False)
    assert await new(studio) is None
    again = await begun(studio)
    assert again is not None
    assert again.submit_key == f"key {claimed.task_id}"


async def test_nobody_claims_what_is_unknown_or_held(studio: Studio, claim: Claim, tickets: Tickets) -> None:
    await order(studio, claim, 2)
    await tickets.park(await sent(studio, tickets), {"code": "submit_unknown"})
    held = await new(studio)
    assert held is not None
    await tickets.hold(held)
    assert await new(studio) is None
    assert await begun(studio) is None


async def test_runs_take_turns_at_a_provider(studio: Studio, claim: Claim) -> None:
    await order(studio, claim, 3)
    other = await claim_run(studio, await make_project(studio, "Another"))
    await order(studio, other, 2)
    claimed = [await new(studio, 5) for _ in range(5)]
    first, second = claim.fence.run_id, other.fence.run_id
    assert [task.run_id for task in claimed if task] == [first, second, first, second, first]
    assert [task.name for task in claimed if task and task.run_id == first] == [picture(n).name for n in range(3)]


async def test_a_failure_for_now_is_tried_until_the_tries_are_used_up(
    studio: Studio, project_id: int, claim: Claim, tickets: Tickets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "wait_seconds", lambda _tries, at_least=0.0: at_least)
    await order(studio, claim)
    for _ in range(backoff.MOST_TRIES):
        assert await tickets.fail(await sent(studio, tickets), FOR_NOW, cost=0.5)
    (task,) = await tasks_of(studio, project_id)
    assert (task.status, task.attempts, task.submit_key, task.cost) == ("failed", 4, None, 2.0)
    assert (await studio.service.get_status(project_id)).cost.actual == 2.0


async def test_a_job_that_takes_courier_after_courier_down_fails_and_keeps_its_ticket(
    studio: Studio, project_id: int, claim: Claim, tickets: Tickets
) -> None:
    await order(studio, claim)
    lost = await sent(studio, tickets)
    await tickets.keep(lost, f"key {lost.task_id}", "job-1")
    for _ in range(MOST_DELIVERIES):
        await change(studio, lease_expires_at=1.0)
        async with studio.database.write() as session:
            await free_expired_tasks(session)
        await begun(studio)
    (task,) = await tasks_of(studio, project_id)
    assert (task.status, task.remote_id, task.attempts) == ("failed", "job-1", 0)
    assert (task.error or {})["code"] == "worker_lost"


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(["new", "begun", "die", "come", "fail", "back"]), min_size=4, max_size=16))
async def test_whatever_happens_the_slots_are_never_exceeded(
    studio: Studio, claim: Claim, tickets: Tickets, moves: list[str]
) -> None:
    async with studio.database.write() as session:
        await session.execute(delete(Task))
    await order(studio, claim, 5)
    held: list[TaskClaim] = []
    at_provider: set[int] = set()
    for move in moves:
        if move == "new" and (taken := await new(studio, 2)) is not None:
            await tickets.intend(taken, f"key {taken.task_id}")
            at_provider.add(taken.task_id)
            held.append(taken)
        elif move == "begun" and (adopted := await begun(studio, 2)) is not None:
            held.append(adopted)
        elif move == "die":
            held.clear()
            await change(studio, lease_expires_at=1.0)
            async with studio.database.write() as session:
                await free_expired_tasks(session)
        elif held and move == "back":
            await studio.task_claims.hand_back(held.pop())
        elif held and move in ("come", "fail"):
            job = held.pop()
            at_provider.discard(job.task_id)
            await (tickets.receive(job, [FILE], 0.0) if move == "come" else tickets.fail(job, {"temporary": False}))
        assert len(at_provider) <= 2
