import os
import signal
from collections.abc import AsyncIterator
from typing import Any

import pytest

from engine.company import told
from engine.office import Hand, TradingCompany, ended, keys, once
from patience import until
from provider_double import Double
from trailerflow.bootstrap import Studio
from trailerflow.engine import backoff

PRICE = 0.25


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let every next try be due at once; note after how many tries it was waited."""
    noted: list[int] = []

    def wait_seconds(tries: int, at_least: float = 0.0) -> float:
        noted.append(tries)
        return at_least

    monkeypatch.setattr(backoff, "wait_seconds", wait_seconds)
    return noted


@pytest.fixture
async def company(studio: Studio, double: Double, waits: list[int]) -> AsyncIterator[TradingCompany]:
    del waits
    async with TradingCompany(studio, double) as opened:
        opened.film.items = 1
        yield opened


async def sent_and_unanswered(company: TradingCompany, project_id: int, **account: Any) -> Hand:
    """Have a courier die after it sent an order and before the answer came."""
    hand = await company.hire(**account)
    hand.post.open.clear()
    await company.start(project_id)
    await until(lambda: hand.post.answers == 1)
    await company.kill(hand)
    task = await company.task(project_id)
    assert (task.status, task.remote_id) == ("queued", None)
    assert task.submit_key is not None
    return hand


# What the provider says


async def test_a_job_that_failed_for_now_is_ordered_again_under_another_key(
    company: TradingCompany, project_id: int, double: Double, waits: list[int]
) -> None:
    double.tell(fail=[{"temporary": True}])
    await company.hire()
    await company.finish(project_id)
    assert ended(double) == ["failed", "succeeded"]
    assert len(set(keys(double))) == 2
    assert waits == [1]
    task = await company.task(project_id)
    assert (task.attempts, task.remote_id, task.cost) == (2, "job-2", 2 * PRICE)
    assert (await company.cost(project_id)).actual == 2 * PRICE  # the double bills what it began
    assert (await told(company.studio, project_id)).count("step.started image/s0") == 2


async def test_a_job_that_failed_for_good_fails_its_step_with_the_providers_words(
    company: TradingCompany, project_id: int, double: Double, waits: list[int]
) -> None:
    double.tell(fail=[{"message": "the brush broke"}])
    await company.hire()
    failure = await company.fail(project_id)
    assert failure["code"] == "provider_failed"
    assert "the brush broke" in failure["message"]
    assert waits == []
    status = await company.service.get_status(project_id)
    assert (status.failed_at, status.retry_count) == ("trailer_to_storyboard/image/s0", 0)
    assert status.cost.actual == PRICE
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(set(keys(double))) == 2


async def test_an_order_that_is_refused_fails_its_step_and_buys_nothing(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(throttle={"status": 402, "message": "no money left"})
    await company.hire()
    failure = await company.fail(project_id)
    assert "no money left" in failure["message"]
    assert (await company.task(project_id)).submit_key is None
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 1


async def test_a_job_the_provider_forgot_is_ordered_anew_only_when_asked(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    await company.hire()
    run_id = await company.start(project_id)
    await company.ticketed(project_id)
    double.reset()
    await company.becomes(project_id, "failed")
    assert (await company.failure(run_id))["code"] == "job_lost"
    assert keys(double) == []
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 1


async def test_a_job_that_takes_too_long_fails_and_a_retry_waits_for_the_same(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    await company.hire(timeout_seconds=0.1)
    assert (await company.fail(project_id))["code"] == "provider_timeout"
    assert (await company.task(project_id)).remote_id == "job-1"
    double.tell(hold=False)
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 1


async def test_a_job_that_took_too_long_and_was_skipped_is_collected_by_a_later_start(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    await company.hire(timeout_seconds=0.1)
    await company.fail(project_id)
    await company.service.skip(project_id, None)
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    double.tell(hold=False)
    await company.finish(project_id)
    assert ended(double) == ["succeeded"]
    assert (await company.cost(project_id)).actual == PRICE


async def test_what_came_unfit_is_bought_anew_on_retry(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.workshop.unfit = {0}
    await company.hire()
    assert (await company.fail(project_id))["code"] == "bad_product"
    company.workshop.unfit = set()
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(set(keys(double))) == 2
    assert (await company.cost(project_id)).actual == 2 * PRICE


async def test_what_came_unfit_and_is_skipped_is_not_bought_by_a_later_start(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    company.workshop.unfit = {0}
    await company.hire()
    await company.fail(project_id)
    await company.service.skip(project_id, None)
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert (await company.fail(project_id))["code"] == "bad_product"
    assert len(keys(double)) == 1


async def test_a_run_survives_a_provider_that_is_away_for_a_while(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    await company.hire(patience_seconds=0.4)
    await company.start(project_id)
    await company.ticketed(project_id)
    os.kill(double.pid, signal.SIGSTOP)
    try:

        async def tries() -> int:
            return (await company.task(project_id)).tries

        await company.until(tries, lambda seen: seen > 0)
    finally:
        os.kill(double.pid, signal.SIGCONT)
    double.tell(hold=False)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 1


async def test_a_long_job_outlasts_more_outages_than_a_step_has_tries(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(hold=True)
    await company.hire()
    await company.start(project_id)
    await company.ticketed(project_id)

    async def tries() -> int:
        return (await company.task(project_id)).tries

    for _ in range(backoff.MOST_TRIES + 1):
        before = await polled(double)
        double.tell(throttle={"on": "poll", "status": 503})
        await company.until(lambda: polled(double), lambda count: count > before + 1)  # noqa: B023 - asked at once
        await company.until(tries, lambda seen: seen == 0)
    double.tell(hold=False)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 1


async def polled(double: Double) -> int:
    return int(double.report()["calls"].get("poll", 0))


async def test_files_that_were_lost_here_are_fetched_again_and_not_paid_again(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    await company.hire()
    await company.finish(project_id)
    storage = company.studio.storage
    storage.remove_all(file["sha256"] for file in (await company.task(project_id)).files)
    await company.finish(project_id)
    report = double.report()
    assert (len(report["jobs"]), report["calls"]["fetch"]) == (1, 2)
    assert (await company.cost(project_id)).actual == 0.0
    assert (await company.task(project_id)).cost == PRICE


async def test_a_job_whose_file_is_gone_is_paid_and_ordered_anew_on_retry(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    """Providers keep files for an hour, say; to ask for that file again would fail for ever."""
    double.tell(throttle={"on": "fetch", "status": 404})
    await company.hire()
    assert (await company.fail(project_id))["code"] == "file_gone"
    assert (await company.cost(project_id)).actual == PRICE
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(set(keys(double))) == 2
    assert (await company.cost(project_id)).actual == 2 * PRICE


# An answer that is lost


async def test_an_answer_lost_by_an_idempotent_provider_is_asked_for_under_the_same_key(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(idempotent=True, lose_answers={"times": 2})
    await company.hire(submission="idempotent")
    await company.finish(project_id)
    report = double.report()
    assert list(report["submissions"].values()) == [3]
    assert len(report["jobs"]) == 1
    assert (await company.cost(project_id)).actual == report["billed"] == PRICE


async def test_an_answer_that_is_lost_is_looked_up_by_its_key(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(lose_answers={})
    await company.hire(submission="lookup_by_key")
    await company.finish(project_id)
    report = double.report()
    assert once(report["submissions"].values())
    assert report["calls"]["look_up"] == 1
    assert len(report["jobs"]) == 1


async def test_an_order_that_is_not_found_by_its_key_goes_out_again(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(lose_answers={"before": True})
    await company.hire(submission="lookup_by_key")
    await company.finish(project_id)
    report = double.report()
    assert list(report["submissions"].values()) == [2]
    assert len(report["jobs"]) == 1


@pytest.mark.parametrize("trouble", [{"lose_answers": {}}, {"bad_json": 1}, {"throttle": {"status": 500}}])
async def test_an_answer_that_nobody_can_ask_for_leaves_the_order_to_a_person(
    company: TradingCompany, project_id: int, double: Double, trouble: dict[str, Any]
) -> None:
    double.tell(**trouble)
    await company.hire()
    failure = await company.fail(project_id)
    assert failure["code"] == "submit_unknown"
    assert (await company.task(project_id)).status == "unknown"
    bought = len(keys(double))
    assert (await company.fail(project_id))["code"] == "submit_unknown"  # another start does not buy
    assert len(keys(double)) == bought
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == bought + 1
    assert len(set(double.report()["submissions"])) == 2


async def test_what_may_have_been_bought_is_stood_in_for_and_no_later_start_buys_it(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(lose_answers={})
    await company.hire()
    await company.fail(project_id)
    await company.service.skip(project_id, None)
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 1
    assert (await company.service.get_status(project_id)).items.images.skipped == 1
    assert (await company.fail(project_id))["code"] == "submit_unknown"
    assert len(keys(double)) == 1
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(keys(double)) == 2


async def test_a_run_that_goes_on_whatever_fails_leaves_the_unknown_unknown(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(lose_answers={})
    await company.hire()
    await company.start(project_id, on_error="skip_and_continue")
    await company.becomes(project_id, "completed")
    assert (await company.task_of("http", project_id)).status == "unknown"
    assert len(keys(double)) == 1


# An intent that another courier finds


async def test_an_intent_found_is_sent_again_to_an_idempotent_provider(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    double.tell(idempotent=True)
    await sent_and_unanswered(company, project_id, submission="idempotent")
    await company.hire(submission="idempotent")
    await company.becomes(project_id, "completed")
    assert list(double.report()["submissions"].values()) == [2]
    assert len(keys(double)) == 1


async def test_an_intent_found_is_looked_up_by_its_key(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    await sent_and_unanswered(company, project_id, submission="lookup_by_key")
    await company.hire(submission="lookup_by_key")
    await company.becomes(project_id, "completed")
    assert once(double.report()["submissions"].values())
    assert len(keys(double)) == 1


async def test_an_intent_found_that_nobody_can_ask_about_is_left_to_a_person(
    company: TradingCompany, project_id: int, double: Double
) -> None:
    await sent_and_unanswered(company, project_id)
    await company.hire()
    await company.becomes(project_id, "failed")
    assert (await company.task(project_id)).status == "unknown"
    assert len(keys(double)) == 1
    await company.service.retry(project_id)
    await company.becomes(project_id, "completed")
    assert len(set(keys(double))) == 2
