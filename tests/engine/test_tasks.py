import asyncio
from dataclasses import replace
from typing import Any

import pytest

from engine.company import expire, make_project, order_of, picture, tasks_of, told
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.products import NewFile
from trailerflow.engine.service import Start
from trailerflow.engine.tables import Run, Task
from trailerflow.engine.task_claims import Made, TaskClaim
from trailerflow.engine.tasks import Begun, count_queued

FILE = NewFile("panel.png", "0" * 64, "image/png", 3)


async def claim_run(studio: Studio, project_id: int) -> Claim:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    claim = await studio.claims.claim(status.run_id or 0, "an orchestrator")
    assert claim is not None
    return claim


@pytest.fixture
async def claim(studio: Studio, project_id: int) -> Claim:
    return await claim_run(studio, project_id)


async def submit(studio: Studio, claim: Claim, n: int, **how: Any) -> int:
    return await studio.tasks.submit(claim, picture(n), f"digest {n}", order_of(n), **how)


async def take(studio: Studio, worker: str = "a render worker") -> TaskClaim:
    claimed = (await studio.task_claims.claim_here(worker, ("panel",))).claim
    assert claimed is not None
    return claimed


async def status_of(studio: Studio, project_id: int) -> list[str]:
    return [task.status for task in await tasks_of(studio, project_id)]


async def test_no_task_is_claimed_twice(studio: Studio, claim: Claim) -> None:
    for n in range(12):
        await submit(studio, claim, n)

    async def work_off(worker: str) -> list[int]:
        taken = []
        while (claimed := (await studio.task_claims.claim_here(worker, ("panel",))).claim) is not None:
            taken.append(claimed.task_id)
        return taken

    hands = await asyncio.gather(*(work_off(f"worker {n}") for n in range(4)))
    assert sorted(task for hand in hands for task in hand) == sorted(set().union(*hands))
    assert sum(len(hand) for hand in hands) == 12


async def test_tasks_are_claimed_in_turn_over_the_runs(studio: Studio, claim: Claim) -> None:
    for n in range(4):
        await submit(studio, claim, n)
    other = await claim_run(studio, await make_project(studio, "Another"))
    for n in range(2):
        await submit(studio, other, n)
    first, second = claim.fence.run_id, other.fence.run_id
    assert [(await take(studio)).run_id for _ in range(6)] == [first, second, first, second, first, first]


async def test_the_tasks_of_a_run_are_claimed_in_the_order_of_the_story(studio: Studio, claim: Claim) -> None:
    for n in (2, 0, 1):
        await studio.tasks.submit(claim, replace(picture(n), position=n), f"digest {n}", order_of(n))
    assert [(await take(studio)).name for _ in range(3)] == [picture(n).name for n in range(3)]


async def test_a_step_ordered_again_gets_the_same_ticket(studio: Studio, claim: Claim) -> None:
    assert await submit(studio, claim, 0) == await submit(studio, claim, 0)
    assert await submit(studio, claim, 0) != await submit(studio, claim, 1)


async def test_nothing_waits_when_nothing_was_ordered(studio: Studio) -> None:
    assert (await studio.task_claims.claim_here("a render worker", ("panel",))).claim is None


async def test_a_finished_task_carries_its_product(studio: Studio, claim: Claim) -> None:
    ticket = await submit(studio, claim, 0)
    assert await studio.task_claims.finish(await take(studio), Made({"n": 0}, [FILE]))
    _, (state,) = await studio.tasks.states(claim.fence.run_id, [ticket])
    assert (state.status, state.attempts, state.product, state.files) == ("done", 1, {"n": 0}, (FILE,))


async def test_a_late_finish_is_refused_and_changes_nothing(studio: Studio, project_id: int, claim: Claim) -> None:
    await submit(studio, claim, 0)
    late = await take(studio, "a slow worker")
    await expire(studio, Task, late.task_id)
    await studio.sweeper.sweep()
    assert not await studio.task_claims.finish(late, Made({"n": 1}, []))
    taken = await take(studio, "another worker")
    assert (taken.task_id, taken.epoch) == (late.task_id, late.epoch + 1)
    for settle in (
        studio.task_claims.finish(late, Made({"n": 1}, [])),
        studio.task_claims.fail(late, {}),
        studio.task_claims.hand_back(late),
    ):
        assert not await settle
    (task,) = await tasks_of(studio, project_id)
    assert (task.status, task.owner, task.product, task.attempts) == ("claimed", "another worker", None, 0)
    assert await studio.task_claims.finish(taken, Made({"n": 0}, []))


async def test_handing_back_burns_no_attempt(studio: Studio, project_id: int, claim: Claim) -> None:
    await submit(studio, claim, 0)
    await studio.task_claims.hand_back(await take(studio))
    (task,) = await tasks_of(studio, project_id)
    assert (task.status, task.owner, task.lease_expires_at, task.attempts, task.deliveries) == (
        "queued",
        None,
        None,
        0,
        0,
    )


async def test_a_failed_attempt_counts_and_the_next_order_tries_again(
    studio: Studio, project_id: int, claim: Claim
) -> None:
    await submit(studio, claim, 0)
    error = {"code": "no_paint", "message": "no paint", "remedy": "", "temporary": False}
    await studio.task_claims.fail(await take(studio), error)
    (task,) = await tasks_of(studio, project_id)
    assert (task.status, task.attempts, task.error) == ("failed", 1, error)
    await submit(studio, claim, 0)
    (task,) = await tasks_of(studio, project_id)
    assert (task.status, task.attempts, task.error) == ("queued", 1, None)


async def test_a_task_ordered_while_the_run_is_pausing_is_withheld(
    studio: Studio, project_id: int, claim: Claim
) -> None:
    await submit(studio, claim, 0)
    await studio.service.pause(project_id)
    await submit(studio, claim, 1)
    assert await status_of(studio, project_id) == ["held", "held"]
    assert (await studio.task_claims.claim_here("a render worker", ("panel",))).claim is None
    await studio.tasks.requeue(claim, [1, 2])
    assert await status_of(studio, project_id) == ["held", "held"]
    await studio.service.resume(project_id)
    await studio.tasks.requeue(claim, [1, 2])
    assert await status_of(studio, project_id) == ["queued", "queued"]


async def test_a_pause_leaves_alone_what_is_begun(studio: Studio, project_id: int, claim: Claim) -> None:
    await submit(studio, claim, 0)
    taken = await take(studio)
    await studio.service.pause(project_id)
    await submit(studio, claim, 0)
    assert await studio.task_claims.finish(taken, Made({"n": 0}, []))
    assert await status_of(studio, project_id) == ["done"]


async def test_an_old_owner_of_the_run_orders_nothing(studio: Studio, project_id: int, claim: Claim) -> None:
    await expire(studio, Run, claim.fence.run_id)
    await studio.claims.claim(claim.fence.run_id, "another orchestrator")
    with pytest.raises(FencedError):
        await submit(studio, claim, 0)
    assert await tasks_of(studio, project_id) == []


async def test_done_work_is_done_again_only_when_asked(studio: Studio, project_id: int, claim: Claim) -> None:
    await submit(studio, claim, 0)
    await studio.task_claims.finish(await take(studio), Made({"n": 0}, []))
    await submit(studio, claim, 0)
    assert await status_of(studio, project_id) == ["done"]
    await submit(studio, claim, 0, again=True)
    assert await status_of(studio, project_id) == ["queued"]


async def test_a_step_is_told_to_be_started_once(studio: Studio, project_id: int, claim: Claim) -> None:
    for _ in range(2):
        await studio.tasks.mark_started(claim, Begun(picture(0)))
    assert (await told(studio, project_id)).count("step.started image/s0") == 1


async def test_waiting_tasks_are_counted(studio: Studio, claim: Claim) -> None:
    for n in range(3):
        await submit(studio, claim, n)
    await take(studio)
    async with studio.database.read() as session:
        assert await count_queued(session) == 2
