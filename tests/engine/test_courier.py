import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from engine.company import make_project, picture, told
from engine.office import HTTP, JOB_PRICE, LOCAL, TradingCompany, ended, keys, once
from patience import until
from provider_double import Double
from provider_products import product
from trailerflow.bootstrap import Studio
from trailerflow.engine import backoff
from trailerflow.engine.task_claims import TaskClaim

PRICE = 0.25


@pytest.fixture
async def company(studio: Studio, double: Double) -> AsyncIterator[TradingCompany]:
    async with TradingCompany(studio, double) as opened:
        yield opened


async def test_an_item_goes_out_once_and_comes_back_as_a_product(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 3
    await company.hire()
    await company.finish(project_id)
    tasks, report = await company.tasks(project_id), double.report()
    assert [(task.status, task.product) for task in tasks] == [("done", {"n": n}) for n in range(3)]
    assert {(task.submit_key, task.remote_id) for task in tasks} == {(job["key"], job["id"]) for job in report["jobs"]}
    assert once(report["submissions"].values())
    assert {(job["kind"], job["model"]) for job in report["jobs"]} == {("panel", HTTP.model)}
    assert [task.submitted_at is not None for task in tasks] == [True] * 3
    assert (await company.cost(project_id)).actual == report["billed"] == 3 * PRICE
    lines = await told(company.studio, project_id)
    assert [lines.count(f"step.{what} {picture(0).name}") for what in ("started", "finished")] == [1, 1]


async def test_what_is_ordered_and_not_yet_billed_is_estimated(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    await company.hire(concurrency=1)
    await company.start(project_id)
    await company.stand(project_id, "claimed", "queued")
    cost = await company.cost(project_id)
    assert (cost.actual, cost.estimate) == (0.0, 2 * JOB_PRICE)
    double.tell(hold=False)
    await company.becomes(project_id, "completed")
    cost = await company.cost(project_id)
    assert (cost.actual, cost.estimate) == (2 * PRICE, 2 * PRICE)


async def test_what_is_skipped_before_it_is_ordered_is_not_estimated(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    await company.hire(concurrency=1)
    await company.start(project_id)
    await company.ticketed(project_id)
    await company.service.pause(project_id)
    double.tell(hold=False)
    await company.becomes(project_id, "paused")
    (left,) = [task.name for task in await company.tasks(project_id) if task.status == "held"]
    await company.service.skip(project_id, left)
    cost = await company.cost(project_id)
    assert (cost.actual, cost.estimate) == (PRICE, PRICE)


async def test_several_couriers_together_keep_to_the_providers_number(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 6
    double.tell(delay_seconds=0.1)
    for _ in range(2):
        await company.hire(concurrency=2)
    await company.finish(project_id)
    report = double.report()
    assert report["most_at_once"] == 2
    assert once(report["submissions"].values())
    assert len(report["jobs"]) == 6


async def test_the_slots_of_a_courier_that_died_stay_taken_while_its_jobs_go_on(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 4
    double.tell(hold=True)
    first = await company.hire(concurrency=2)
    await company.start(project_id)
    await company.ticketed(project_id, 2)
    await company.kill(first)
    await company.hire(concurrency=2)
    await company.stand(project_id, "claimed", "claimed", "queued", "queued")
    assert len(keys(double)) == 2
    double.tell(hold=False, delay_seconds=0.05)
    await company.becomes(project_id, "completed")
    report = double.report()
    assert report["most_at_once"] == 2
    assert once(report["submissions"].values())
    assert len(report["jobs"]) == 4
    assert {task.attempts for task in await company.tasks(project_id)} == {1}


async def test_a_rate_delays_orders_and_costs_no_try(company: TradingCompany, project_id: int, double: Double) -> None:
    company.film.items = 4
    hands = [await company.hire(per_minute=2, window_seconds=1) for _ in range(2)]
    await company.finish(project_id)
    at = sorted(at for hand in hands for at in hand.post.sent_at)
    assert all(later - earlier > 0.9 for earlier, later in zip(at, at[2:], strict=False))  # two in each second
    assert once(double.report()["submissions"].values())
    assert {(task.attempts, task.tries, task.deliveries) for task in await company.tasks(project_id)} == {(1, 0, 0)}


async def test_nobody_orders_before_the_time_that_a_provider_names(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 3
    double.tell(throttle={"status": 429, "retry_after": 1})
    hands = [await company.hire(concurrency=1) for _ in range(2)]
    await company.finish(project_id)
    at = sorted(at for hand in hands for at in hand.post.sent_at)
    assert len(at) == 4
    assert at[1] - at[0] >= 1.0
    report = double.report()
    assert once(report["submissions"].values())  # what was not taken goes out again under a key of its own
    assert len(report["jobs"]) == 3
    assert {(task.attempts, task.tries) for task in await company.tasks(project_id)} == {(1, 0)}
    assert (await company.service.get_status(project_id)).retry_count == 0


async def test_an_order_sent_again_keeps_to_the_time_that_a_provider_names_too(
    company: TradingCompany, project_id: int, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer was lost, it goes out again under its key; meanwhile the provider has asked everybody to wait."""
    monkeypatch.setattr(backoff, "wait_seconds", lambda _tries, _at_least=0.0: 0.5)
    company.film.items = 1
    double.tell(idempotent=True, lose_answers={})
    hand = await company.hire(submission="idempotent")
    await company.start(project_id)

    async def tries() -> int:
        return sum(task.tries for task in await company.tasks(project_id))

    await company.until(tries, lambda seen: seen == 1)
    await hand.courier._office.rates.close_for(hand.post.account, 1.5)
    closed_at = time.monotonic()
    await company.becomes(project_id, "completed")
    assert hand.post.sent_at[1] - closed_at >= 1.4
    assert len(keys(double)) == 1


async def test_a_leaving_courier_hands_its_tasks_to_the_next_and_the_jobs_go_on(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 3
    double.tell(hold=True)
    first = await company.hire(concurrency=2)
    await company.start(project_id)
    await company.ticketed(project_id, 2)
    await first.courier.leave()
    tasks = await company.tasks(project_id)
    assert {(task.status, task.owner, task.attempts, task.deliveries) for task in tasks} == {("queued", None, 0, 0)}
    await company.hire(concurrency=2)
    await company.stand(project_id, "claimed", "claimed", "queued")
    double.tell(hold=False)
    await company.becomes(project_id, "completed")
    report = double.report()
    assert once(report["submissions"].values())
    assert len(report["jobs"]) == 3
    assert report["cancels"] == []


async def test_leaving_waits_for_a_claim_that_is_under_way(
    company: TradingCompany, project_id: int, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waited for `leave` closes the connections: nothing may be claimed or ordered after it."""
    company.film.items = 1
    claim_at = company.studio.task_claims.claim_at
    leaving: list[asyncio.Task[None]] = []

    async def claim_while_leaving(*where: Any, **how: Any) -> TaskClaim | None:
        claim = await claim_at(*where, **how)
        if claim is not None and not leaving:
            leaving.append(asyncio.create_task(hand.courier.leave()))
            await asyncio.sleep(0)
        return claim

    monkeypatch.setattr(company.studio.task_claims, "claim_at", claim_while_leaving)
    hand = await company.hire()
    await company.start(project_id)
    await until(lambda: leaving and leaving[0].done())
    task = await company.task(project_id)
    assert (task.status, task.owner, task.deliveries) == ("queued", None, 0)
    if task.submit_key is None:
        assert keys(double) == []
    else:
        assert task.remote_id is not None


async def test_a_run_waits_for_the_same_job_after_all_who_knew_it_are_gone(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 1
    double.tell(hold=True)
    hand = await company.hire()
    run_id = await company.start(project_id)
    await company.ticketed(project_id)
    await company.kill(hand)
    await company.crash(run_id)
    await company.hire()
    await company.turn(run_id)
    double.tell(hold=False)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 1
    assert (await company.cost(project_id)).actual == PRICE


async def test_the_file_that_came_is_stored_whole(company: TradingCompany, project_id: int, double: Double) -> None:
    company.film.items = 1
    double.tell(lose_answers={"on": "fetch"})
    await company.hire()
    await company.finish(project_id)
    (file,) = (await company.task(project_id)).files
    assert company.studio.storage.path(file["sha256"]).read_bytes() == product("panel", '{"n": 0}')
    assert double.report()["calls"]["fetch"] == 2


async def test_the_files_that_an_order_names_go_with_it(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 1
    stored = await asyncio.to_thread(company.studio.storage.put_bytes, b"a painting")
    painting = {"name": "p.png", "sha256": stored.sha256, "media_type": "image/png", "bytes": stored.bytes}
    company.film.enclosed = {"panel": {"image": painting}, "all": [painting, "none"]}
    await company.hire()
    await company.finish(project_id)
    assert [job["inputs"] for job in double.report()["jobs"]] == [2]


async def test_what_was_made_here_stays_here_when_a_provider_is_set_up(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.maker = LOCAL
    await company.finish(project_id)
    company.film.maker, company.film.look, company.film.items = HTTP, 2, 3
    await company.hire()
    await company.finish(project_id)
    assert await company.studio.projects.count_takes(project_id) == {"s0": 2, "s1": 2, "s2": 1}
    assert [job["order"] for job in double.report()["jobs"]] == [{"n": 2}]


async def test_an_item_stays_with_the_provider_and_model_of_its_first_take(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 1
    await company.hire()
    await company.finish(project_id)
    company.film.maker, company.film.look = LOCAL, 2
    await company.finish(project_id)
    assert [job["model"] for job in double.report()["jobs"]] == [HTTP.model] * 2


async def test_an_item_whose_provider_is_gone_fails_unless_its_result_is_there(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.film.items = 1
    await company.hire()
    await company.finish(project_id)
    company.turns._providers = ("local", "stand_in")
    await company.finish(project_id)
    company.film.look = 2
    failure = await company.fail(project_id)
    assert failure["code"] == "provider_missing"
    assert "image/s0" in failure["message"]
    await company.service.skip(project_id, None)
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert ended(double) == ["succeeded"]


async def test_runs_take_turns_at_the_provider(company: TradingCompany, project_id: int, double: Double) -> None:
    company.film.items = 3
    other = await make_project(company.studio, "Another")
    for project in (project_id, other):
        await company.start(project)
        await company.stand(project, "queued", "queued", "queued")
    double.tell(hold=True)
    await company.hire(concurrency=2)
    for project in (project_id, other):
        await company.ticketed(project)
    double.tell(hold=False)
    for project in (project_id, other):
        await company.becomes(project, "completed")
