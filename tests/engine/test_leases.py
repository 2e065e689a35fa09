import os
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from engine.company import expire, order_of, picture, row_of, tasks_of
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.database import ThreadDatabase
from trailerflow.engine.failures import MOST_DELIVERIES
from trailerflow.engine.health import workers_alive
from trailerflow.engine.leases import Keeper, Lease, bury_worker, free_expired_tasks, new_worker_id, worker_prefix
from trailerflow.engine.service import Start
from trailerflow.engine.tables import Run, Task

ME = "host:1:abc"


@pytest.fixture
def threads(studio: Studio) -> Iterator[ThreadDatabase]:
    database = ThreadDatabase(studio.settings.database)
    yield database
    database.close()


@pytest.fixture
def keeper(threads: ThreadDatabase) -> Keeper:
    return Keeper(database=threads, worker_id=ME, role="test", lease_seconds=2)


@pytest.fixture
async def claim(studio: Studio, project_id: int) -> Claim:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    claim = await studio.claims.claim(status.run_id or 0, ME)
    assert claim is not None
    return claim


class Told:
    """A lease's holder: notes when it is told that the lease is lost."""

    def __init__(self, keeper: Keeper, table: type[Run] | type[Task], row_id: int, epoch: int) -> None:
        self.lost = threading.Event()
        self.lease = Lease(table, row_id, epoch, self.lost.set)
        keeper.hold(self.lease)


def holding(keeper: Keeper, claim: Claim) -> Told:
    return Told(keeper, Run, claim.fence.run_id, claim.fence.epoch)


async def test_a_held_lease_is_renewed(studio: Studio, keeper: Keeper, claim: Claim) -> None:
    holder = holding(keeper, claim)
    await expire(studio, Run, claim.fence.run_id)
    keeper.renew_all()
    assert not holder.lost.is_set()
    assert ((await row_of(studio, claim.fence.run_id)).lease_expires_at or 0) > 1.0
    assert await studio.claims.claim(claim.fence.run_id, "another") is None


async def test_a_dropped_lease_is_not_renewed(studio: Studio, keeper: Keeper, claim: Claim) -> None:
    keeper.drop(holding(keeper, claim).lease)
    await expire(studio, Run, claim.fence.run_id)
    keeper.renew_all()
    assert (await row_of(studio, claim.fence.run_id)).lease_expires_at == 1.0


async def test_the_holder_is_told_once_when_another_has_claimed_the_row(
    studio: Studio, keeper: Keeper, claim: Claim
) -> None:
    holder = holding(keeper, claim)
    await expire(studio, Run, claim.fence.run_id)
    await studio.claims.claim(claim.fence.run_id, "another")
    keeper.renew_all()
    assert holder.lost.is_set()
    holder.lost.clear()
    keeper.renew_all()
    assert not holder.lost.is_set()


async def test_a_run_let_go_of_by_its_own_turn_is_not_lost(studio: Studio, keeper: Keeper, claim: Claim) -> None:
    holder = holding(keeper, claim)
    await studio.claims.release(claim)
    keeper.renew_all()
    assert not holder.lost.is_set()
    assert (await row_of(studio, claim.fence.run_id)).lease_expires_at is None


async def task_of(studio: Studio, claim: Claim) -> Task:
    await studio.tasks.submit(claim, picture(0), "digest", order_of(0))
    assert (await studio.task_claims.claim_here(ME, ("panel",))).claim is not None
    (task,) = await tasks_of(studio, claim.project_id)
    return task


async def test_the_holder_of_a_task_that_was_freed_is_told(studio: Studio, keeper: Keeper, claim: Claim) -> None:
    task = await task_of(studio, claim)
    holder = Told(keeper, Task, task.id or 0, task.epoch)
    await expire(studio, Task, task.id or 0)
    await studio.sweeper.sweep()
    keeper.renew_all()
    assert holder.lost.is_set()


async def test_the_holder_is_told_when_the_database_was_away_for_a_whole_lease(studio: Studio, claim: Claim) -> None:
    away = ThreadDatabase(f"sqlite:///{studio.settings.data}/nowhere/missing.db")
    keeper = Keeper(database=away, worker_id=ME, role="test", lease_seconds=100)
    holder = holding(keeper, claim)
    holder.lease.renewed_at -= 99
    keeper.renew_all()
    assert not holder.lost.is_set()
    holder.lease.renewed_at -= 1
    keeper.renew_all()
    assert holder.lost.is_set()
    away.close()


async def test_one_holder_that_cannot_be_told_does_not_end_the_renewing(
    studio: Studio, threads: ThreadDatabase, claim: Claim
) -> None:
    keeper = Keeper(database=threads, worker_id=ME, role="test", lease_seconds=0.03)

    def unreachable() -> None:
        raise RuntimeError("the event loop is closed")

    keeper.start()
    keeper.hold(Lease(Run, 404, 1, unreachable))
    holder = holding(keeper, claim)
    before = holder.lease.renewed_at
    await until(lambda: holder.lease.renewed_at > before + 0.05)
    keeper.stop()
    assert not holder.lost.is_set()
    del studio


async def test_the_thread_renews_while_the_event_loop_is_busy(
    studio: Studio, threads: ThreadDatabase, claim: Claim
) -> None:
    keeper = Keeper(database=threads, worker_id=ME, role="test", lease_seconds=0.3)
    await expire(studio, Run, claim.fence.run_id)
    holder = holding(keeper, claim)
    keeper.start()
    first = holder.lease.renewed_at
    deadline = threading.Event()
    for _ in range(500):  # the loop is blocked on purpose
        if holder.lease.renewed_at != first:
            break
        deadline.wait(0.01)
    keeper.stop()
    assert ((await row_of(studio, claim.fence.run_id)).lease_expires_at or 0) > 1.0


async def test_a_worker_is_alive_from_start_to_stop(studio: Studio, keeper: Keeper) -> None:
    keeper.start()
    async with studio.database.read() as session:
        assert [living.id for living in await workers_alive(session, 2)] == [ME]
    keeper.stop()
    async with studio.database.read() as session:
        assert await workers_alive(session, 2) == []


async def test_burying_frees_everything_a_process_held_and_nothing_else(
    studio: Studio, keeper: Keeper, claim: Claim
) -> None:
    keeper.start()
    task = await task_of(studio, claim)
    async with studio.database.write() as session:
        await bury_worker(session, "host:12:")
    assert await studio.claims.claim(claim.fence.run_id, "another") is None
    async with studio.database.write() as session:
        await bury_worker(session, "host:1:")
        assert await workers_alive(session, 2) == []
    assert await studio.claims.claim(claim.fence.run_id, "another") is not None
    await studio.sweeper.sweep()
    taken = (await studio.task_claims.claim_here("another", ("panel",))).claim
    assert taken is not None
    assert taken.task_id == task.id
    keeper.stop()


async def test_only_expired_tasks_are_freed_and_that_burns_no_attempt(studio: Studio, claim: Claim) -> None:
    task = await task_of(studio, claim)
    async with studio.database.write() as session:
        assert await free_expired_tasks(session) == 0
    await expire(studio, Task, task.id or 0)
    async with studio.database.write() as session:
        assert await free_expired_tasks(session) == 1
    (freed,) = await tasks_of(studio, claim.project_id)
    assert (freed.status, freed.owner, freed.attempts, freed.deliveries) == ("queued", None, 0, 1)


async def test_a_task_that_kills_worker_after_worker_fails(studio: Studio, claim: Claim) -> None:
    task = await task_of(studio, claim)
    values = {"deliveries": MOST_DELIVERIES - 1, "lease_expires_at": 1.0}
    async with studio.database.write() as session:
        await session.execute(update(Task).values(**values))
    await studio.sweeper.sweep()
    _, (state,) = await studio.tasks.states(task.run_id, [task.id or 0])
    assert state.status == "failed"
    assert state.error is not None
    assert (state.error["code"], state.attempts) == ("worker_lost", 0)
    await studio.tasks.submit(claim, picture(0), "digest", order_of(0))
    async with studio.database.read() as session:
        query = select(col(Task.status), col(Task.deliveries))
        assert (await session.execute(query)).one() == ("queued", 0)


def test_the_ids_of_a_processs_workers_begin_alike_and_differ() -> None:
    first, second = new_worker_id(), new_worker_id()
    assert first != second
    assert first.startswith(worker_prefix(os.getpid()))
