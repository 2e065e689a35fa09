"""How many deliveries a CPU-second of the web process makes, beside the tutorial's way, a bare protocol and nginx.

    .venv/bin/python -m benchmarks.stream [--quick]

The server has a core of its own; Redis, the publisher and all viewers share another. 100, 500 and 2,000 viewers watch
one project, events of 200 bytes; each viewer's count and order is checked. In a closed loop an event is published when
all have the one before (nothing to send together) or the eighth before. What each server does for an event:

ours          hears the bell, reads the event from the log in the database, frames it, keeps it in the ring, writes it
              to every viewer
the floor     hears the event from Redis, framed already, and writes it to every transport: a bare asyncio.Protocol
              without a log, ids, bounds or checks
the tutorial  hears the event from Redis once for each viewer and sends it through sse-starlette
nchan         takes the event by POST, keeps the last ten in memory, frames it and writes it to every viewer: nginx, in
              C, as one process; it is left out where Debian's libnginx-mod-nchan is not installed
"""

import argparse
import itertools
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Final

import psutil
from benchmarks import parts
from benchmarks.harness import Row, machine, percentile, report
from benchmarks.stream_crowd import Crowd, gathered
from benchmarks.stream_nchan import nchan
from benchmarks.stream_servers import Ours, Source, ours, peer

DELIVERIES_A_SECOND = 20_000
HISTORY_EVENTS = 10_000
WINDOWS: Final = {1: "one event at a time", 8: "eight on their way"}
LEAST: Final[Mapping[int, Mapping[str, float | None]]] = {
    1: {"the floor": 0.8, "the tutorial": 6.0, "nchan": 0.9},
    8: {"the floor": None, "the tutorial": 6.0, "nchan": 0.9},
}
"""What ours must be beside each peer, in times; level is what repetitions of one server differ by, a tenth.

Where there is something to send together, the floor does not, and has no bar.
"""


def cpu_seconds(process: psutil.Process) -> float:
    """Return what a process has used of a core."""
    used = process.cpu_times()
    return float(used.user + used.system)


def deliveries(source: Source, viewers: int, window: int, seconds: float) -> float:
    """Return deliveries per CPU-second of the server, in a closed loop."""
    with gathered(source.port, source.path, viewers, query=source.query()) as crowd:
        published = _warm(source, crowd)
        used, warm, until = cpu_seconds(source.process), published, time.monotonic() + seconds
        while time.monotonic() < until:
            source.publish(published)
            published += 1
            crowd.until(max(1, published + 1 - window))
        crowd.until(published)
        used = cpu_seconds(source.process) - used
        crowd.check(published)
        return (published - warm) * viewers / max(used, 0.01)


def _warm(source: Source, crowd: Crowd) -> int:
    """Publish three events that all get; return how many were published."""
    while not source.hears(len(crowd)):
        time.sleep(parts.LOOK_SECONDS)
    for number in range(3):
        source.publish(number)
        crowd.until(number + 1)
    return 3


def latency(source: Source, viewers: int, seconds: float) -> tuple[float, float]:
    """Return p50 and p99 of the milliseconds from when an event was due to its arrival."""
    with gathered(source.port, source.path, viewers, query=source.query()) as crowd:
        warm = _warm(source, crowd)
        pause, begin = viewers / DELIVERIES_A_SECOND, time.perf_counter() + 0.1
        due = [begin + pause * number for number in range(int(seconds / pause))]
        for number, at in enumerate(due):
            while (left := at - time.perf_counter()) > 0:
                crowd.read(min(left, 0.01))
            source.publish(warm + number)
        crowd.until(warm + len(due))
        crowd.check(warm + len(due))
        ages = crowd.ages(due, skip=warm)
        return percentile(ages, 0.5), percentile(ages, 0.99)


def memory_per_viewer(source: Source, viewers: int) -> float:
    """Return what one idle viewer costs the server, in kB."""
    with gathered(source.port, source.path, viewers // 10, query=source.query()):
        before = source.process.memory_full_info().pss
    with gathered(source.port, source.path, viewers, query=source.query()):
        return float(source.process.memory_full_info().pss - before) / viewers / 1024


def replay(source: Ours) -> float:
    """Return the seconds in which a late viewer gets 10,000 events of history."""
    first = source.last_event_id
    source.record(0, HISTORY_EVENTS)
    began = time.perf_counter()
    with gathered(source.port, source.path, 1, query=f"?last_event_id={first}") as crowd:
        crowd.until(HISTORY_EVENTS)
        seconds = time.perf_counter() - began
        crowd.check(HISTORY_EVENTS)
    return seconds


def coming_back(source: Ours, viewers: int) -> float:
    """Return the seconds until all viewers, cut off at once, have what they missed."""
    with gathered(source.port, source.path, viewers, query=source.query()) as crowd:
        last = source.query()
        warm = _warm(source, crowd)
    began = time.perf_counter()
    with gathered(source.port, source.path, viewers, query=last) as crowd:
        crowd.until(warm)
        seconds = time.perf_counter() - began
        crowd.check(warm)
    return seconds


def fan_out(redis_url: str, crowds: list[int], seconds: float, rounds: int) -> list[Row]:
    """Measure ours and each peer in turn, at each size and with each window; the best of the rounds counts."""
    with (
        ours(redis_url) as we,
        peer("floor", redis_url) as floor,
        peer("tutorial", redis_url) as tutorial,
        nchan() as anchor,
    ):
        if anchor is None:
            print("nginx with nchan is not installed (apt-get install libnginx-mod-nchan): no rows beside it")
        rows = [_reading(we, floor, seconds, rounds)]
        for viewers, window in itertools.product(crowds, (1, 8)):
            sources: dict[str, Source | None] = {
                "ours": we,
                "the floor": floor,
                "the tutorial": tutorial,
                "nchan": anchor,
            }
            rows += _beside(sources, viewers, window, seconds, rounds)
    return rows


def _reading(we: Source, floor: Source, seconds: float, rounds: int) -> Row:
    single, bare = (1e6 / max(deliveries(source, 1, 1, seconds) for _ in range(rounds)) for source in (we, floor))
    return Row("one viewer: CPU of an event beyond the floor's", single - bare, "µs", bare, bar=200.0)


def _beside(sources: dict[str, Source | None], viewers: int, window: int, seconds: float, rounds: int) -> Iterator[Row]:
    turns = [
        {name: deliveries(source, viewers, window, seconds) for name, source in sources.items() if source is not None}
        for _ in range(rounds)
    ]
    best = {name: max(turn[name] for turn in turns) for name in turns[0]}
    for peer_name, least in LEAST[window].items():
        if peer_name in best:
            name = f"{viewers} viewers, {WINDOWS[window]}, beside {peer_name}"
            bar = least and least * best[peer_name]
            yield Row(name, best["ours"], "/s", best[peer_name], least=bar)


def one_by_one(redis_url: str, viewers: int, seconds: float) -> list[Row]:
    """Measure latency, memory, replay and a crowd that comes back, each beside the floor where it has one."""
    with ours(redis_url) as we:
        memory = memory_per_viewer(we, viewers)
    with ours(redis_url) as we:
        late = replay(we)
    with ours(redis_url) as we:
        middle, tail = latency(we, viewers, seconds)
        back = coming_back(we, viewers)
    with peer("floor", redis_url) as floor:
        bare = latency(floor, viewers, seconds)
    return [
        Row(f"latency at 20,000 deliveries/s, {viewers} viewers, p50", middle, "ms", bare[0]),
        Row(f"latency at 20,000 deliveries/s, {viewers} viewers, p99", tail, "ms", bare[1], bar=60.0),
        Row(f"memory of an idle viewer ({viewers})", memory, "kB", bar=16.0),
        Row("10,000 events replayed to a late viewer", late, "s", bar=1.0),
        Row(f"{viewers} viewers coming back at once", back, "s", bar=5.0),
    ]


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="100 and 500 viewers, a second each")
    told = parser.parse_args()
    crowds, seconds, rounds = ([100, 500], 1.0, 1) if told.quick else ([100, 500, 2000], 2.0, 3)
    with parts.redis() as redis_url:
        rows = one_by_one(redis_url, crowds[-1], 4 * seconds) + fan_out(redis_url, crowds, seconds, rounds)
    return report(f"The stream, deliveries per CPU-second of the server ({machine()})", rows)


if __name__ == "__main__":
    sys.exit(main())
