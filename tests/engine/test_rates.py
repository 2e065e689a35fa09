import asyncio
import os
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patience import block_until
from trailerflow.engine.rates import AWAY_SECONDS, LONGEST_SECONDS, Rates
from trailerflow.running import redis_server, tether

NOWHERE = "unix:///nonexistent/redis.sock?db=0"
RatesMaker = Callable[..., Rates]


async def wait_turn(rates: Rates, account: str, per_minute: int) -> None:
    """Wait as often and as long as told."""
    while seconds := await rates.try_turn(account, per_minute):  # noqa: ASYNC110 - a turn is a time, no event
        await asyncio.sleep(seconds)


class Clock:
    """A clock that stands still until it is set on."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


class Bureau:
    """A Redis that can be ended, held and started again on the same socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = redis_server.url(path)

    def start(self) -> None:
        child = redis_server.child(self.path, dict(os.environ))
        self.process = subprocess.Popen([*tether.command(), *child.command], stdout=subprocess.DEVNULL)
        block_until(self.path.exists)

    def end(self) -> None:
        self.process.terminate()
        self.process.wait(10)
        self.path.unlink(missing_ok=True)


@pytest.fixture
def bureau(tmp_path: Path) -> Iterator[Bureau]:
    with redis_server.socket(tmp_path) as path:
        own = Bureau(path)
        own.start()
        try:
            yield own
        finally:
            own.end()


@pytest.fixture
async def make_rates(redis_url: str) -> AsyncIterator[RatesMaker]:
    """Give a function that makes the rates of one process of two."""
    made: list[Rates] = []

    def make(*, workers: int = 2, **options: Any) -> Rates:
        rates = rates_of(workers, **{"url": redis_url, **options})
        made.append(rates)
        return rates

    yield make
    for rates in made:
        await rates.close()


def rates_of(workers: int, **options: Any) -> Rates:
    async def count() -> int:
        return workers

    return Rates(workers=count, **options)


async def take(rates: Rates, per_minute: int, account: str = "acme") -> int:
    """Take turns until there is none; return how many there were."""
    turns = 0
    while not await rates.try_turn(account, per_minute):
        turns += 1
    return turns


async def test_two_processes_share_one_rate(make_rates: RatesMaker) -> None:
    one, other = make_rates(), make_rates()
    turns = [await rates.try_turn("acme", 4) for rates in (one, other, one, other, one, other)]
    assert turns[:4] == [0.0] * 4
    assert all(59.0 < seconds <= 60.0 for seconds in turns[4:])


async def test_each_account_has_its_own_rate(make_rates: RatesMaker) -> None:
    rates = make_rates()
    assert [await take(rates, 2, account) for account in ("acme", "apex")] == [2, 2]


async def test_another_rate_counts_the_turns_already_taken(make_rates: RatesMaker) -> None:
    rates = make_rates()
    assert [await take(rates, 3), await take(rates, 2), await take(rates, 5)] == [3, 0, 2]


async def test_no_window_ever_holds_more_than_the_rate(make_rates: RatesMaker) -> None:
    went: list[float] = []

    async def go(rates: Rates) -> None:
        await wait_turn(rates, "acme", 3)
        went.append(time.monotonic())

    both = [make_rates(window_seconds=1) for _ in range(2)]
    async with asyncio.timeout(10.0):
        await asyncio.gather(*(go(both[n % 2]) for n in range(8)))
    assert all(later - earlier > 0.98 for earlier, later in zip(went, went[3:], strict=False))


async def test_what_one_provider_closed_is_closed_to_every_process(make_rates: RatesMaker) -> None:
    one, other = make_rates(), make_rates()
    await one.close_for("acme", 30.0)
    await other.close_for("acme", 5.0)
    for rates in (one, make_rates()):
        assert 29.0 < await rates.try_turn("acme", 10) <= 30.0
    assert await one.try_turn("apex", 10) == 0.0


@pytest.mark.parametrize("seconds", [0.0, -3.0, float("nan")])
async def test_no_time_to_wait_closes_nothing(make_rates: RatesMaker, seconds: float) -> None:
    rates = make_rates()
    await rates.close_for("acme", seconds)
    assert await rates.try_turn("acme", 10) == 0.0


async def test_nothing_is_closed_for_more_than_a_day(make_rates: RatesMaker) -> None:
    await make_rates().close_for("acme", float("inf"))
    assert LONGEST_SECONDS - 1 < await make_rates().try_turn("acme", 10) <= LONGEST_SECONDS


@pytest.mark.parametrize(("workers", "share"), [(1, 6), (2, 3), (4, 1), (100, 1), (0, 6)])
async def test_without_redis_each_process_keeps_to_its_share(make_rates: RatesMaker, workers: int, share: int) -> None:
    clock = Clock()
    rates = make_rates(url=NOWHERE, workers=workers, clock=clock)
    assert await take(rates, 6) == share
    clock.seconds += 59.9
    assert await rates.try_turn("acme", 6) == pytest.approx(0.1)
    clock.seconds += 0.2
    assert await take(rates, 6) == share


async def test_without_redis_this_process_still_keeps_away_as_asked(make_rates: RatesMaker) -> None:
    clock = Clock()
    rates = make_rates(url=NOWHERE, clock=clock)
    await rates.close_for("acme", 30.0)
    assert await rates.try_turn("acme", 6) == 30.0
    clock.seconds += 30.0
    assert await rates.try_turn("acme", 6) == 0.0


async def test_turns_taken_before_redis_went_count_for_the_share(make_rates: RatesMaker, bureau: Bureau) -> None:
    rates = make_rates(url=bureau.url, clock=Clock())
    assert [await rates.try_turn("acme", 6) for _ in range(2)] == [0.0, 0.0]
    bureau.end()
    assert await take(rates, 6) == 1


async def test_a_redis_that_comes_back_is_asked_again_and_the_share_holds_for_a_window(
    make_rates: RatesMaker, bureau: Bureau
) -> None:
    clock = Clock()
    rates, other = make_rates(url=bureau.url, clock=clock), make_rates(url=bureau.url)
    bureau.end()
    assert await take(rates, 6) == 3
    bureau.start()
    clock.seconds += AWAY_SECONDS
    assert await take(rates, 6) == 0
    assert await take(other, 6) == 6
    clock.seconds += 60.0
    assert await take(rates, 6) == 0


async def test_a_mute_redis_costs_its_time_once_and_is_then_remembered(make_rates: RatesMaker, bureau: Bureau) -> None:
    rates = make_rates(url=bureau.url, redis_seconds=0.3)
    bureau.process.send_signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        await wait_turn(rates, "acme", 100)
        await rates.close_for("apex", 1.0)
        assert 0.3 <= time.monotonic() - began < 0.6
    finally:
        bureau.process.send_signal(signal.SIGCONT)


@given(asked=st.lists(st.tuples(st.floats(0.0, 40.0), st.integers(1, 6)), max_size=40), per_minute=st.integers(1, 20))
async def test_the_share_is_never_passed_in_any_window(asked: list[tuple[float, int]], per_minute: int) -> None:
    clock, workers = Clock(), 1
    went: list[float] = []

    async def count() -> int:
        return workers

    rates = Rates(url=NOWHERE, workers=count, clock=clock)
    for pause, workers in asked:
        clock.seconds += pause
        seconds = await rates.try_turn("acme", per_minute)
        recent = [at for at in went if at > clock.seconds - 60.0]
        share = max(1, per_minute // workers)
        assert (seconds == 0.0) == (len(recent) < share)
        went += [] if seconds else [clock.seconds]
    await rates.close()
