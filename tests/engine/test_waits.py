"""What a turn waits for: told once, ended by what the run wants, awake without any bell."""

import asyncio

import pytest
from sqlalchemy import update
from sqlmodel import col

from engine.company import expire, order_of, picture, tasks_of, told
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.service import Start
from trailerflow.engine.tables import Run
from trailerflow.engine.task_claims import Made
from trailerflow.engine.tasks import TaskState
from trailerflow.engine.waits import Halt, Waits

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Silence:
    """A ring that nobody hears."""

    def __init__(self) -> None:
        self.renders = 0

    async def turn(self, run_id: int) -> None:
        pass

    async def render(self, count: int) -> None:
        self.renders += count

    async def pass_on(self) -> None:
        raise NotImplementedError


@pytest.fixture
def ring() -> Silence:
    return Silence()


@pytest.fixture
async def claim(studio: Studio, project_id: int) -> Claim:
    started = await studio.service.start_workflow(project_id, Start("full_pipeline", {}))
    claimed = await studio.claims.claim(started.status.run_id or 0, "a worker")
    assert claimed is not None
    return claimed


@pytest.fixture
def waits(studio: Studio, claim: Claim, ring: Silence) -> Waits:
    return Waits(claim=claim, claims=studio.claims, tasks=studio.tasks, ring=ring)


async def order(studio: Studio, claim: Claim, waits: Waits, n: int) -> asyncio.Task[TaskState]:
    """Order a picture and begin to wait for it."""
    ticket = await studio.tasks.submit(claim, picture(n), f"digest {n}", order_of(n))
    waiting = asyncio.create_task(waits.wait(ticket, picture(n)))
    await asyncio.sleep(0)
    return waiting


async def why(waiting: asyncio.Task[TaskState]) -> str:
    with pytest.raises(Halt) as halted:
        await waiting
    return halted.value.why


async def test_a_task_that_is_done_is_passed_on_and_its_beginning_is_told_once(
    studio: Studio, project_id: int, claim: Claim, waits: Waits
) -> None:
    waiting = await order(studio, claim, waits, 0)
    in_work = (await studio.task_claims.claim_here("a render worker", ("panel",))).claim
    assert in_work is not None
    for _ in range(3):
        await waits.look()
    assert (await told(studio, project_id)).count("step.started image/s0") == 1
    await studio.task_claims.finish(in_work, Made({"n": 0}, []))
    await waits.look()
    assert ((await waiting).status, (await waiting).product) == ("done", {"n": 0})


async def test_a_pause_ends_the_waiting_for_what_nobody_has_begun(
    studio: Studio, project_id: int, claim: Claim, waits: Waits
) -> None:
    begun, other = await order(studio, claim, waits, 0), await order(studio, claim, waits, 1)
    in_work = (await studio.task_claims.claim_here("a render worker", ("panel",))).claim
    assert in_work is not None
    await studio.service.pause(project_id)
    await waits.look()
    assert (await why(other), begun.done()) == ("hold", False)
    await studio.task_claims.finish(in_work, Made({"n": 0}, []))
    await waits.look()
    assert (await begun).status == "done"


async def test_a_pause_taken_back_puts_everything_on_the_queue_again(
    studio: Studio, project_id: int, claim: Claim, waits: Waits, ring: Silence
) -> None:
    waiting = [await order(studio, claim, waits, n) for n in range(3)]
    await studio.service.pause(project_id)
    await studio.service.resume(project_id)
    await waits.look()
    assert [task.status for task in await tasks_of(studio, project_id)] == ["queued"] * 3
    assert ring.renders == 3
    assert not any(one.done() for one in waiting)
    waits.drain()
    await waits.look()
    assert {await why(one) for one in waiting} == {"drain"}


async def test_a_cancel_ends_all_waiting_also_for_what_is_in_work(
    studio: Studio, project_id: int, claim: Claim, waits: Waits
) -> None:
    waiting = [await order(studio, claim, waits, n) for n in range(2)]
    await studio.task_claims.claim_here("a render worker", ("panel",))
    await studio.service.cancel(project_id)
    await waits.look()
    assert {await why(one) for one in waiting} == {"cancel"}


@pytest.mark.parametrize(("verb", "halt"), [("pause", "hold"), ("cancel", "cancel")])
async def test_nothing_new_begins_while_the_run_is_to_stop(
    studio: Studio, project_id: int, waits: Waits, verb: str, halt: str
) -> None:
    await waits.give_way()
    await getattr(studio.service, verb)(project_id)
    for begin in (waits.give_way(), waits.rest(3600)):
        with pytest.raises(Halt) as halted:
            await begin
        assert halted.value.why == halt


async def test_a_leaving_worker_begins_nothing_new(waits: Waits) -> None:
    waits.drain()
    with pytest.raises(Halt) as halted:
        await waits.rest(3600)
    assert halted.value.why == "drain"


async def test_a_task_freed_from_a_dead_worker_is_rung_for_and_its_next_beginning_noticed(
    studio: Studio, claim: Claim, waits: Waits, ring: Silence
) -> None:
    waiting = await order(studio, claim, waits, 0)
    in_work = (await studio.task_claims.claim_here("a doomed worker", ("panel",))).claim
    assert in_work is not None
    await waits.look()
    await studio.task_claims.hand_back(in_work)
    await waits.look()
    await waits.look()
    assert (ring.renders, waiting.done()) == (1, False)
    waits.drain()
    await waits.look()
    assert await why(waiting) == "drain"


async def test_whoever_lost_the_run_hears_of_it_at_the_next_beginning(
    studio: Studio, claim: Claim, waits: Waits
) -> None:
    waiting = await order(studio, claim, waits, 0)
    await expire(studio, Run, claim.fence.run_id)
    assert await studio.claims.claim(claim.fence.run_id, "another worker") is not None
    await studio.task_claims.claim_here("a render worker", ("panel",))
    await waits.look()
    with pytest.raises(FencedError):
        await waiting


async def test_waiting_needs_no_bell(studio: Studio, claim: Claim, waits: Waits) -> None:
    waiting = await order(studio, claim, waits, 0)
    waits.watch.start()
    async with studio.database.write() as session:
        await session.execute(update(Run).where(col(Run.id) == claim.fence.run_id).values(status="cancelling"))
    async with asyncio.timeout(5):
        assert await why(waiting) == "cancel"
    await waits.watch.stop()
