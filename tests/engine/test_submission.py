import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection
from sqlmodel import col, update

from engine.company import order_of, picture, tasks_of
from engine.test_tasks import claim as claim  # noqa: PLC0414 - a fixture
from engine.test_tasks import submit, take
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.tables import Project
from trailerflow.engine.task_claims import Made


async def test_what_a_turn_orders_at_once_is_written_in_two_transactions(
    studio: Studio, project_id: int, claim: Claim, monkeypatch: pytest.MonkeyPatch
) -> None:
    writings: list[object] = []
    carry_out = studio.database.carry_out

    def counted(work: Callable[[Connection], Any], place: int | None = None) -> Awaitable[Any]:
        writings.append(work)
        return carry_out(work, place)

    monkeypatch.setattr(studio.database, "carry_out", counted)
    tickets = await asyncio.gather(*(submit(studio, claim, n) for n in range(60)))
    assert len(writings) == 2
    tasks = {task.id: task for task in await tasks_of(studio, project_id)}
    assert [tasks[ticket].name for ticket in tickets] == [picture(n).name for n in range(60)]
    assert {task.status for task in tasks.values()} == {"queued"}


async def test_orders_old_and_new_placed_at_once_get_each_their_own_ticket(studio: Studio, claim: Claim) -> None:
    done, failed = [await submit(studio, claim, n) for n in (0, 1)]
    assert await studio.task_claims.finish(await take(studio), Made({"n": 0}, []))
    assert await studio.task_claims.fail(await take(studio), {"code": "broken", "temporary": False})
    tickets = await asyncio.gather(*(submit(studio, claim, n) for n in (3, 1, 2, 0)))
    assert (tickets[1], tickets[3]) == (failed, done)
    assert len(set(tickets)) == 4
    states = {task.id: task.status for task in await tasks_of(studio, claim.fence.project_id)}
    assert [states[ticket] for ticket in tickets] == ["queued", "queued", "queued", "done"]


async def test_an_order_given_up_takes_no_other_with_it(studio: Studio, project_id: int, claim: Claim) -> None:
    given_up = asyncio.ensure_future(submit(studio, claim, 0))
    kept = asyncio.ensure_future(submit(studio, claim, 1))
    await asyncio.sleep(0)  # both are at the counter
    given_up.cancel()
    ticket = await kept
    assert {task.id: task.name for task in await tasks_of(studio, project_id)}[ticket] == picture(1).name
    assert given_up.cancelled()


async def test_all_who_order_without_the_claim_are_refused(studio: Studio, project_id: int, claim: Claim) -> None:
    async with studio.database.write() as session:
        await session.execute(update(Project).where(col(Project.id) == project_id).values(epoch=Project.epoch + 1))
    orders = [studio.tasks.submit(claim, picture(n), f"digest {n}", order_of(n)) for n in range(3)]
    ends = await asyncio.gather(*orders, return_exceptions=True)
    assert [type(end) for end in ends] == [FencedError] * 3
    assert await tasks_of(studio, project_id) == []
    with pytest.raises(FencedError):  # and the counter is open again
        await submit(studio, claim, 3)
