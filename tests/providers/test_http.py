"""Every outcome of a provider over HTTP but its files, against the double: a real server in a process of its own."""

import asyncio
import logging
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider_double import Double
from trailerflow.errors import AnswerLost, Misconfigured, PermanentError, TemporaryError
from trailerflow.providers.http import HttpProvider
from trailerflow.providers.wire import LONGEST_DELAY_SECONDS, parse_retry_after

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = {"n": 3}

Make = Callable[..., HttpProvider]


async def submit(provider: HttpProvider, key: str = "k1", *, kind: str = "panel", **more: Any) -> str:
    given_order = {"model": "m-1", "order": ORDER, "inputs": (), **more}
    return await provider.submit(key=key, kind=kind, **given_order)


async def test_a_queued_job_counts_as_running(provider: HttpProvider, double: Double) -> None:
    double.tell(delay_seconds=3600)

    assert (await provider.poll(await submit(provider))).status == "running"


# What becomes of an order


@pytest.mark.parametrize("status", [425, 429, 503])
async def test_an_order_put_off_was_not_taken_and_says_when_to_come_again(
    provider: HttpProvider, double: Double, status: int
) -> None:
    double.tell(throttle={"status": status, "retry_after": 7})
    with pytest.raises(TemporaryError) as raised:
        await submit(provider)

    report = double.report()
    assert (raised.value.delay_seconds, report["jobs"], report["submissions"]) == (7, [], {"k1": 1})


async def test_an_order_put_off_until_a_date_waits_until_then(provider: HttpProvider, double: Double) -> None:
    date = datetime.now(UTC) + timedelta(seconds=90)
    double.tell(throttle={"retry_after": format_datetime(date, usegmt=True)})
    with pytest.raises(TemporaryError) as raised:
        await submit(provider)

    assert 60 < raised.value.delay_seconds <= 90


@pytest.mark.parametrize("status", [307, 400, 402, 404, 413, 422])
async def test_a_refused_order_is_refused_for_good_in_the_providers_words(
    provider: HttpProvider, double: Double, status: int
) -> None:
    double.tell(throttle={"status": status, "message": "no pictures\n of  ducks"})
    with pytest.raises(PermanentError, match=f"{status} no pictures of ducks") as raised:
        await submit(provider)

    assert raised.value.code == "provider_refused"
    assert raised.value.remedy


async def test_a_wrong_key_is_named_by_its_setting_and_never_shown(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(PermanentError) as raised:
        await submit(make(key="a-secret"))

    assert "TRAILERFLOW_PROVIDER_KEY" in raised.value.remedy
    assert "401 wrong key: Bearer ***" in raised.value.message
    assert "a-secret" not in caplog.text


@pytest.mark.parametrize(
    "trouble",
    [
        {"throttle": {"status": 500, "body": '{"id": "request-1"}'}},
        {"throttle": {"status": 502, "body": "<html>bad gateway</html>"}},
        {"throttle": {"status": 409}},
        {"throttle": {"status": 408}},
        {"lose_answers": {"before": True}},
        {"lose_answers": {"before": False}},
        {"lose_answers": {"silent": True}},
        {"bad_json": 1},
        {"say": {"submit": {"status": "queued"}}},
        {"say": {"submit": {"id": None}}},
        {"say": {"submit": ["job-1"]}},
        {"say": {"submit": {"id": ""}}},
        {"say": {"submit": {"id": "job-1", "more": "x" * 2_000_000}}},
    ],
    ids=str,
)
async def test_an_order_without_a_clear_answer_is_lost_and_not_repeated(
    make: Make, double: Double, trouble: dict[str, Any]
) -> None:
    double.tell(**trouble)
    with pytest.raises(AnswerLost) as raised:
        await submit(make(answer_seconds=0.5))

    assert (raised.value.code, double.report()["submissions"]) == ("answer_lost", {"k1": 1})


async def test_an_order_whose_answer_was_lost_was_billed_and_is_found_by_its_key(
    provider: HttpProvider, double: Double
) -> None:
    double.tell(lose_answers={"times": 1})
    with pytest.raises(AnswerLost):
        await submit(provider)

    assert await provider.look_up("k1") == "job-1"
    assert double.report()["billed"] == 0.25


async def test_an_order_lost_on_its_way_there_is_not_found(provider: HttpProvider, double: Double) -> None:
    double.tell(lose_answers={"before": True})
    with pytest.raises(AnswerLost):
        await submit(provider)

    assert await provider.look_up("k1") is None


async def test_a_provider_that_is_not_there_took_nothing(make: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        provider = make(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}", patience_seconds=0.2)
        with pytest.raises(TemporaryError) as raised:
            await submit(provider)
        with pytest.raises(TemporaryError):
            await provider.look_up("k1")

    assert (raised.value.code, raised.value.delay_seconds) == ("provider_unreachable", 0)


async def test_each_order_has_a_connection_of_its_own(provider: HttpProvider, double: Double) -> None:
    for key in ("k1", "k2", "k3"):
        await submit(provider, key)

    assert double.report()["submitting_connections"] == 3


async def test_an_idempotent_double_gives_one_job_for_one_key(provider: HttpProvider, double: Double) -> None:
    first, second = await submit(provider), await submit(provider)
    double.tell(idempotent=True)

    assert first != second
    assert await submit(provider) == first
    assert double.report()["submissions"] == {"k1": 3}


# Calls that are safe to repeat

TROUBLES = [
    {"lose_answers": {"before": True, "times": 1}},
    {"throttle": {"status": 500, "times": 1}},
    {"throttle": {"status": 429, "times": 1, "retry_after": 0}},
    {"throttle": {"status": 200, "body": "<html>", "times": 1}},
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=str)
@pytest.mark.parametrize("call", ["look_up", "poll", "cancel", "fetch"])
async def test_a_safe_call_is_repeated_until_it_works(
    provider: HttpProvider, double: Double, tmp_path: Path, call: str, trouble: dict[str, Any]
) -> None:
    remote_id = await submit(provider)
    url = (await provider.poll(remote_id)).outputs[0].url
    asks = {"look_up": ("k1",), "poll": (remote_id,), "cancel": (remote_id,), "fetch": (url, tmp_path / "it")}
    before = double.report()["calls"].get(call, 0)
    double.tell(**{name: {**told, "on": call} for name, told in trouble.items()})
    await getattr(provider, call)(*asks[call])

    readable = trouble == TROUBLES[3] and call in ("cancel", "fetch")  # they do not look into the answer
    assert double.report()["calls"][call] - before == (1 if readable else 2)


async def test_a_safe_call_waits_as_long_as_the_provider_asks(provider: HttpProvider, double: Double) -> None:
    remote_id = await submit(provider)
    double.tell(throttle={"on": "poll", "retry_after": 0.3})
    begun = asyncio.get_running_loop().time()
    await provider.poll(remote_id)

    assert asyncio.get_running_loop().time() - begun >= 0.3


async def test_a_safe_call_does_not_wait_for_longer_than_its_patience(provider: HttpProvider, double: Double) -> None:
    double.tell(throttle={"on": "look_up", "retry_after": 60, "times": 99})
    with pytest.raises(TemporaryError) as raised:
        await provider.look_up("k1")

    assert (raised.value.delay_seconds, double.report()["calls"]) == (60, {"look_up": 1})


async def test_a_safe_call_gives_up_when_its_patience_is_over(make: Make, double: Double) -> None:
    double.tell(throttle={"on": "look_up", "status": 500, "times": 99})
    with pytest.raises(TemporaryError) as raised:
        await make(patience_seconds=1).look_up("k1")

    assert raised.value.code == "provider_busy"


async def test_a_refused_look_up_is_not_taken_for_no(provider: HttpProvider, double: Double) -> None:
    double.tell(throttle={"on": "look_up", "status": 404})
    with pytest.raises(PermanentError):
        await provider.look_up("k1")


async def test_a_job_nobody_knows_is_lost(provider: HttpProvider) -> None:
    with pytest.raises(PermanentError) as raised:
        await provider.poll("job-99/../1")

    assert raised.value.code == "job_lost"


@pytest.mark.parametrize(("temporary", "kind"), [(True, TemporaryError), (False, PermanentError)])
async def test_a_failed_job_tells_whether_to_try_again(
    provider: HttpProvider, double: Double, temporary: bool, kind: type[Exception]
) -> None:
    double.tell(fail=[{"kind": "clip", "times": 1, "temporary": temporary}])
    picture, first, second = [await submit(provider, kind=kind) for kind in ("panel", "clip", "clip")]
    report = await provider.poll(first)

    assert (report.status, type(report.error)) == ("failed", kind)
    assert "broken: the brush broke" in str(report.error)
    assert [(await provider.poll(other)).status for other in (picture, second)] == ["succeeded", "succeeded"]


@pytest.mark.parametrize(
    ("said", "done", "cost"),
    [
        ({"status": "running"}, 0, 0),
        ({"status": "running", "done": 7, "cost": -1}, 1, 0),
        ({"status": "running", "done": None, "cost": None, "files": None, "error": None}, 0, 0),
        ({"status": "failed", "cost": 0.5}, 0, 0.5),
    ],
)
async def test_what_a_provider_leaves_out_or_overdoes_does_no_harm(
    provider: HttpProvider, double: Double, said: dict[str, Any], done: float, cost: float
) -> None:
    double.tell(say={"poll": said})
    report = await provider.poll("job-1")

    assert (report.done, report.cost, report.status) == (done, cost, said["status"])
    assert (report.error is None) == (said["status"] != "failed")


async def test_an_unreadable_answer_is_a_trouble_of_now(make: Make, double: Double) -> None:
    double.tell(say={"poll": {"status": "pondering"}})
    with pytest.raises(TemporaryError) as raised:
        await make(patience_seconds=1).poll("job-1")

    assert raised.value.code == "provider_unreadable"


# The double's own books, the settings, Retry-After


async def test_the_double_counts_bills_and_jobs_at_once(provider: HttpProvider, double: Double) -> None:
    double.tell(hold=True, price=0.1)
    for key in ("k1", "k2", "k3"):
        await submit(provider, key)
    double.tell(hold=False, refuse_cancel=True, price=0.3)
    await submit(provider, "k4")

    report = double.report()
    assert (report["most_at_once"], report["billed"]) == (3, 0.6)
    assert {job["status"] for job in report["jobs"]} == {"succeeded"}


@pytest.mark.parametrize(
    "wrong", [{"base_url": "provider.example"}, {"base_url": "http://host:port"}, {"key": "two\nlines"}]
)
async def test_a_wrong_setting_is_named_and_the_key_not_shown(make: Make, wrong: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="TRAILERFLOW_PROVIDER_") as raised:
        make(**wrong)

    assert "lines" not in str(raised.value)


async def test_accounts_differ_by_key_and_do_not_show_it(make: Make, double: Double) -> None:
    one, same, other = make(key="a-key"), make(key=" a-key\n", base_url=f"{double.url}/"), make(key="b-key")

    assert one.account == same.account != other.account
    assert "key" not in one.account


@given(st.integers(0, 10**30))
def test_retry_after_in_seconds_is_kept_up_to_an_hour(seconds: int) -> None:
    assert parse_retry_after(str(seconds), NOW) == min(seconds, LONGEST_DELAY_SECONDS)


@given(st.timedeltas(timedelta(days=-9), timedelta(hours=1)))
def test_retry_after_as_a_date_is_the_time_until_then(later: timedelta) -> None:
    header = format_datetime(NOW + later, usegmt=True)

    assert abs(parse_retry_after(header, NOW) - max(later.total_seconds(), 0)) <= 1


DATES = st.from_regex(r"(Mon, )?[0-9]{1,9} (Nov|Xyz) -?[0-9]{1,9} [0-9:]{0,9} ?(GMT|[+-][0-9]{1,12})?", fullmatch=True)


@given(st.none() | st.text() | DATES)
def test_any_retry_after_is_a_bearable_number_of_seconds(header: str | None) -> None:
    assert 0 <= parse_retry_after(header, NOW) <= LONGEST_DELAY_SECONDS
