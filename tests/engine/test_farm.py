import asyncio
import threading
from collections.abc import Collection

import pytest
from sqlalchemy import update
from sqlmodel import col

from engine.company import Company, Workshop, events_of, order_of, picture, tasks_of
from patience import until
from trailerflow.engine.claims import Claim
from trailerflow.engine.farm import Farm
from trailerflow.engine.leases import free_expired_tasks
from trailerflow.engine.station import Station
from trailerflow.engine.tables import Task
from trailerflow.engine.task_claims import Ask, Taken, TaskClaim
from trailerflow.errors import PermanentError

FOR_GOOD = {"temporary": False, "delay_seconds": 0.0}


async def ordered(company: Company, project_id: int, count: int = 2) -> Claim:
    """Order pictures while no turn is taken, so that the farm stands alone."""
    company.answers_turns = False
    claim = await company.claims.claim(await company.start(project_id), "an orchestrator")
    assert claim is not None
    for n in range(count):
        await company.studio.tasks.submit(claim, picture(n), f"digest {n}", order_of(n))
    return claim


async def states(company: Company, project_id: int) -> list[str]:
    return [task.status for task in await tasks_of(company.studio, project_id)]


def one_hand(company: Company, workshop: Workshop) -> Farm:
    studio = company.studio
    return Farm(
        task_claims=studio.task_claims,
        keeper=company.keeper,
        storage=studio.storage,
        bell=studio.bell,
        work=workshop,
        kinds=("panel",),
        ring=company,
    )


async def test_a_hand_works_until_nothing_is_left(company: Company, project_id: int, workshop: Workshop) -> None:
    await ordered(company, project_id, 3)
    await one_hand(company, workshop).work_off()
    await company.until(lambda: states(company, project_id), lambda seen: seen == ["done"] * 3)
    assert sorted(workshop.done) == [0, 1, 2]
    (task, *_) = await tasks_of(company.studio, project_id)
    assert task.product == {"n": 0}
    assert company.studio.storage.has(task.files[0]["sha256"])


async def test_a_leaving_hand_hands_back_its_task_and_takes_nothing_new(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(0, 1):
        await ordered(company, project_id)
        await company.render(1)
        await until(lambda: len(workshop.begun) == 2)
        for farm in company.farms:
            await farm.leave()
    rows = await tasks_of(company.studio, project_id)
    assert [(task.status, task.owner, task.attempts) for task in rows] == [("queued", None, 0)] * 2
    await company.farms[0].work_off()
    assert (workshop.done, len(workshop.begun)) == ([], 2)


async def test_leaving_waits_for_a_claim_that_is_under_way(
    company: Company, project_id: int, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task claimed while the worker leaves must not stay claimed until its lease is over."""
    for other in company.farms:
        await other.leave()
    await ordered(company, project_id, 1)
    farm = one_hand(company, workshop)
    claim = company.studio.task_claims.claim_here
    leaving: list[asyncio.Task[None]] = []

    async def claim_while_leaving(owner: str, kinds: Collection[str], ask: Ask) -> Taken:
        if not leaving:
            leaving.append(asyncio.create_task(farm.leave()))
            await asyncio.sleep(0)
            assert not leaving[0].done()
        return await claim(owner, kinds, ask)

    monkeypatch.setattr(company.studio.task_claims, "claim_here", claim_while_leaving)
    with workshop.holding(0):
        await farm.work_off()
    await leaving[0]
    (task,) = await tasks_of(company.studio, project_id)
    assert (task.status, task.deliveries) == ("queued", 0)


async def test_a_lost_lease_ends_the_work_between_two_ticks(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(0):
        await ordered(company, project_id, 1)
        await company.render(1)
        await until(lambda: workshop.begun == [0])
        (task,) = await tasks_of(company.studio, project_id)
        async with company.studio.database.write() as session:  # at once, or the keeper would renew it in between
            await session.execute(update(Task).where(col(Task.id) == task.id).values(lease_expires_at=1.0))
            assert await free_expired_tasks(session) == 1
        company.keeper.renew_all()
        await until(lambda: len(workshop.begun) == 2)  # by another hand, or the same one anew
    await company.until(lambda: states(company, project_id), lambda seen: seen == ["done"])
    assert workshop.done == [0]


async def test_errors_are_recorded_with_what_to_do(company: Company, project_id: int, workshop: Workshop) -> None:
    await ordered(company, project_id, 2)

    def work(claim: TaskClaim, station: Station) -> dict[str, int]:
        del station
        if claim.order["n"]:
            raise PermanentError("no_paint", "there is no paint", remedy="buy some")
        raise ZeroDivisionError("of all things")

    hand = one_hand(company, workshop)
    for farm in (hand, *company.farms):
        farm.hand._work = work
    await hand.work_off()
    await company.until(lambda: states(company, project_id), lambda seen: seen == ["queued", "failed"])
    rows = await tasks_of(company.studio, project_id)
    defect, known = [task.error or {} for task in rows]
    assert (defect["code"], defect["message"]) == ("internal", "image/s0: ZeroDivisionError: of all things")
    assert known == {"code": "no_paint", "message": "there is no paint", "remedy": "buy some", **FOR_GOOD}
    assert rows[1].tries == 1
    assert rows[0].tries >= 1  # a slow look finds it tried again
    assert rows[0].not_before is not None  # what nobody foresaw may pass


async def test_ticks_are_rung_and_never_stored(
    company: Company, project_id: int, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[dict[str, object]] = []
    rung, ring = threading.Event(), company.studio.bell.ring

    def hear(project: int, **message: object) -> None:
        if "tick" in message:
            heard.append(message)
            rung.set()
        ring(project, **message)

    monkeypatch.setattr(company.studio.bell, "ring", hear)
    with workshop.holding(0):
        claim = await ordered(company, project_id, 1)
        await company.render(1)
        await until(rung.is_set)
    tick = {"step": "image/s0", "run_id": claim.fence.run_id, "done": 0.5}
    assert heard[0] == {"tick": tick}
    await company.until(lambda: states(company, project_id), lambda seen: seen == ["done"])
    assert len(await events_of(company.studio, project_id)) == 2


async def test_a_cancelled_job_waits_for_its_thread_which_takes_nothing_new(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    for other in company.farms:
        await other.leave()
    await ordered(company, project_id, 2)
    with workshop.holding(0):
        job = asyncio.create_task(one_hand(company, workshop).work_off())
        await until(lambda: workshop.begun == [0])
        job.cancel()
        await asyncio.wait([job])
        assert job.cancelled()
    assert workshop.done == []
    assert sorted(await states(company, project_id)) == ["claimed", "queued"]
