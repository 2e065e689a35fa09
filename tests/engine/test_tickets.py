import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import col

from engine.office import TradingCompany, ended, keys, once
from patience import until
from provider_double import Double
from trailerflow.bootstrap import Studio
from trailerflow.engine import backoff
from trailerflow.engine.database import Database
from trailerflow.engine.products import NewFile
from trailerflow.engine.tables import Run, Task
from trailerflow.engine.task_claims import TaskClaim
from trailerflow.engine.tickets import Tickets

PRICE = 0.25
FILE = NewFile("panel.png", "0" * 64, "image/png", 3)


@pytest.fixture
async def company(studio: Studio, double: Double, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TradingCompany]:
    monkeypatch.setattr(backoff, "wait_seconds", lambda _tries, at_least=0.0: at_least)
    async with TradingCompany(studio, double) as opened:
        opened.film.items = 1
        yield opened


async def at_work(company: TradingCompany, project_id: int, count: int = 1, **account: Any) -> int:
    """Start a run and wait until so many of its jobs are in work at the provider; return its id."""
    company.double.tell(hold=True)
    await company.hire(**account)
    run_id = await company.start(project_id)
    await company.ticketed(project_id, count)
    return run_id


async def asked_to_stop(double: Double, count: int = 1) -> None:
    await until(lambda: len(set(double.report()["cancels"])) == count)


# Pause


async def test_a_pause_lets_jobs_finish_and_keeps_back_what_was_not_sent(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 4
    await at_work(company, project_id, 2, concurrency=2)
    assert (await company.service.pause(project_id)).status == "pausing"
    double.tell(hold=False)
    await company.becomes(project_id, "paused")
    assert sorted(task.status for task in await company.tasks(project_id)) == ["done", "done", "held", "held"]
    assert ended(double) == ["succeeded", "succeeded"]
    status = await company.service.get_status(project_id)
    assert (status.items.images.done, status.cost.actual) == (2, 2 * PRICE)
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    assert once(double.report()["submissions"].values())
    assert len(keys(double)) == 4


async def test_a_pause_keeps_back_what_waits_for_the_turn_of_a_rate(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 3
    await company.hire(per_minute=1)
    await company.start(project_id)
    await company.ticketed(project_id)
    await company.service.pause(project_id)
    await company.becomes(project_id, "paused")
    assert sorted(task.status for task in await company.tasks(project_id)) == ["done", "held", "held"]
    assert len(keys(double)) == 1


async def test_a_pause_holds_what_the_provider_will_take_later(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(throttle={"retry_after": 1800})
    await company.hire()
    await company.start(project_id)
    await company.stand(project_id, "queued")
    await until(lambda: double.report()["calls"] == {"submit": 1})
    await company.service.pause(project_id)
    await company.becomes(project_id, "paused")
    assert (await company.task(project_id)).status == "held"


async def test_a_pause_between_claim_and_intent_sends_nothing(
    company: TradingCompany, project_id: int, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    intend = Tickets.intend

    async def pause_first(tickets: Tickets, claim: TaskClaim, key: str) -> bool:
        await company.service.pause(project_id)
        return await intend(tickets, claim, key)

    monkeypatch.setattr(Tickets, "intend", pause_first)
    await company.hire()
    await company.start(project_id)
    await company.becomes(project_id, "paused")
    assert (await company.task(project_id)).status == "held"
    assert double.report()["calls"] == {}
    monkeypatch.undo()
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")


# Cancel


async def test_a_later_start_collects_what_a_provider_finished_in_spite_of_a_cancel(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(refuse_cancel=True)
    await at_work(company, project_id)
    await company.service.cancel(project_id)
    await company.stand(project_id, "cancelled")
    await company.becomes(project_id, "cancelled")
    double.tell(hold=False)
    await company.finish(project_id)
    report = double.report()
    assert once(report["submissions"].values())
    assert set(report["cancels"]) == {"job-1"}
    assert (await company.cost(project_id)).actual == report["billed"] == PRICE


async def test_a_cancel_stops_a_job_and_keeps_its_ticket_and_a_later_start_buys_anew(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    await at_work(company, project_id)
    await company.service.cancel(project_id)
    await company.becomes(project_id, "cancelled")
    await company.stand(project_id, "cancelled")
    assert ended(double) == ["cancelled"]
    assert (await company.task(project_id)).remote_id == "job-1"
    double.tell(hold=False)
    await company.finish(project_id)
    assert ended(double) == ["cancelled", "succeeded"]
    assert len(set(keys(double))) == 2


async def test_a_start_right_after_a_cancel_has_one_job_or_buys_anew(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    await at_work(company, project_id)
    await company.service.cancel(project_id)
    await company.becomes(project_id, "cancelled")
    double.tell(hold=False)
    await company.finish(project_id)
    assert ended(double) in (["succeeded"], ["cancelled", "succeeded"])


async def test_a_cancel_between_order_and_answer_keeps_the_ticket_and_has_the_provider_stop(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    hand = await company.hire()
    hand.post.open.clear()
    await company.start(project_id)
    await until(lambda: hand.post.answers == 1)
    await company.service.cancel(project_id)
    await company.becomes(project_id, "cancelled")
    hand.post.open.set()
    await asked_to_stop(double)
    await company.stand(project_id, "cancelled")
    assert (await company.task(project_id)).remote_id == "job-1"
    double.tell(hold=False)
    await company.finish(project_id)
    assert ended(double) == ["cancelled", "succeeded"]


async def test_a_cancelled_order_whose_courier_died_is_looked_up_and_stopped(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    hand = await company.hire(submission="lookup_by_key")
    hand.post.open.clear()
    await company.start(project_id)
    await until(lambda: hand.post.answers == 1)
    await company.kill(hand)
    await company.service.cancel(project_id)
    await company.hire(submission="lookup_by_key")
    await company.stand(project_id, "cancelled")
    assert ended(double) == ["cancelled"]


async def test_a_cancel_while_the_provider_is_away_is_brought_to_it_later(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    await at_work(company, project_id, patience_seconds=0.1)
    double.tell(throttle={"on": "cancel", "status": 500})
    await company.service.cancel(project_id)
    await company.stand(project_id, "cancelled")
    assert ended(double) == ["cancelled"]


async def test_what_came_before_a_cancel_is_used_by_a_later_start(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    await company.hire()
    with company.workshop.holding(0):
        await company.start(project_id)
        await until(lambda: company.workshop.begun == [0])
        await company.service.cancel(project_id)
        await company.becomes(project_id, "cancelled")
    await company.finish(project_id)
    assert ended(double) == ["succeeded"]
    assert double.report()["cancels"] == []


# A lease that has passed on, a database that is away


async def claimed(company: TradingCompany, project_id: int) -> tuple[Tickets, TaskClaim]:
    """Have a task claimed by a courier that is not at work yet."""
    await company.start(project_id)
    await company.stand(project_id, "queued")
    claims = company.studio.task_claims
    claim = await claims.claim_at("http", "a courier", 1, begun=False)
    assert claim is not None
    return Tickets(claims), claim


async def pass_on(studio: Studio, claim: TaskClaim) -> None:
    """Let another courier have the task."""
    async with studio.database.write() as session:
        passed = {"owner": "another courier", "epoch": claim.epoch + 1}
        await session.execute(update(Task).where(col(Task.id) == claim.task_id).values(**passed))


async def test_a_late_courier_writes_nothing_but_its_ticket(company: TradingCompany, project_id: int) -> None:
    tickets, claim = await claimed(company, project_id)
    assert await tickets.intend(claim, "a key")
    await pass_on(company.studio, claim)
    for late in (
        tickets.intend(claim, "another key"),
        tickets.receive(claim, [FILE], PRICE),
        tickets.fail(claim, {}, cost=PRICE),
        tickets.postpone(claim, 1.0, forget=True),
        tickets.park(claim, {}),
        tickets.hold(claim),
        tickets.call_off(claim),
    ):
        assert not await late
    await tickets.keep(claim, "another key", "job-2")  # nor a ticket of another order
    await tickets.keep(claim, "a key", "job-1")
    task = await company.task(project_id)
    assert (task.status, task.owner, task.submit_key) == ("claimed", "another courier", "a key")
    assert (task.remote_id, task.received, task.error, task.attempts) == ("job-1", None, None, 0)
    assert (await company.cost(project_id)).actual == 0.0


async def test_the_ticket_of_a_courier_thought_dead_is_collected_and_not_bought_again(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    late = await company.hire()
    late.post.open.clear()
    run_id = await company.start(project_id)
    await until(lambda: late.post.answers == 1)
    await company.take_over(late)
    await company.becomes(project_id, "failed")
    assert (await company.failure(run_id))["code"] == "submit_unknown"
    late.post.open.set()
    await company.ticketed(project_id)
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert once(double.report()["submissions"].values())
    assert (await company.cost(project_id)).actual == PRICE


async def test_a_ticket_is_written_down_as_soon_as_the_database_is_back(
    company: TradingCompany, project_id: int, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, carry_out, outage = Tickets.keep, Database.carry_out, [1, 2]
    keeping: list[str] = []

    async def keep_during_an_outage(tickets: Tickets, claim: TaskClaim, key: str, remote_id: str) -> bool:
        keeping.append(remote_id)
        is_kept = await keep(tickets, claim, key, remote_id)
        keeping.clear()
        return is_kept

    async def refuse(*writing: Any) -> Any:
        if keeping and outage:
            outage.pop()
            raise OperationalError("UPDATE task", {}, ConnectionError("the database is away"))
        return await carry_out(*writing)

    monkeypatch.setattr(Tickets, "keep", keep_during_an_outage)
    monkeypatch.setattr(Database, "carry_out", refuse)
    await company.hire()
    await company.finish(project_id)
    assert outage == []
    assert once(double.report()["submissions"].values())
    assert ended(double) == ["succeeded"]


@pytest.mark.parametrize(
    "bill",
    [
        lambda tickets, claim: tickets.receive(claim, [FILE], PRICE),
        lambda tickets, claim: tickets.fail(claim, {}, cost=PRICE),
    ],
    ids=["receive", "fail"],
)
async def test_a_bill_waits_for_the_run_before_it_locks_the_task(
    company: TradingCompany, project_id: int, bill: Callable[[Tickets, TaskClaim], Coroutine[Any, Any, bool]]
) -> None:
    """A cancel locks the run, then its tasks; the other way round here, PostgreSQL would break one of the two off."""
    database = company.studio.database
    if database.is_sqlite:
        pytest.skip("SQLite has one writer")
    tickets, claim = await claimed(company, project_id)
    async with database.write() as session:
        await session.execute(select(Run).where(col(Run.id) == claim.run_id).with_for_update())
        billing = asyncio.create_task(bill(tickets, claim))
        await company.until(lambda: waiting(company.studio), bool)
        try:
            await session.execute(select(Task).with_for_update(nowait=True))
        except DBAPIError:
            pytest.fail("the task is locked by who waits for the run")
        finally:
            await session.rollback()
            await billing


async def waiting(studio: Studio) -> bool:
    """Say whether somebody waits for a lock of the database."""
    async with studio.database.read() as session:
        query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool((await session.execute(query)).scalar_one())
