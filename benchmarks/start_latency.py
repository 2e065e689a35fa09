"""From POST start to the first event on a stream that is already open, over 20 runs.

    .venv/bin/python -m benchmarks.start_latency [--runs 20]

The floor is a Redis publish that comes back to a subscriber: no event can arrive sooner. The bar is 150 ms. The
run's claim by a worker (`run.started`) is shown beside it.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import redis.asyncio
from benchmarks.harness import Row, percentile, report

from trailerflow.running import redis_server
from trailerflow.terminal.client import Client, Message
from trailerflow.terminal.private_service import PrivateService

BAR_MILLISECONDS = 150.0
SCRIPT = "INT. HALL - DAY\n\nA door opens.\n\nANNA\nWho is there?\n\nEXT. HILL - NIGHT\n\nNobody answers.\n"
ENDS = {"run.completed", "run.failed", "run.cancelled"}

Stream = AsyncGenerator[Message, None]


async def once(client: Client, script: Path) -> tuple[float, float]:
    """Return the milliseconds from one POST start to its first event, and to its claim by a worker."""
    project_id = (await client.upload(script))["id"]
    async with contextlib.aclosing(client.events(project_id)) as stream:
        await until(stream, "snapshot")
        began = time.perf_counter()
        post = asyncio.create_task(client.start(project_id, workflow_type="script_analysis_only"))
        await until(stream, "run.queued")
        first = time.perf_counter()
        await until(stream, "run.started")
        claimed = time.perf_counter()
        await post
        await until(stream, *ENDS)
    return (first - began) * 1000, (claimed - began) * 1000


async def until(stream: Stream, *words: str) -> None:
    """Read on to a message of this name or an event of this type."""
    async for message in stream:
        if {message.event, message.data.get("type")} & set(words):
            return


async def publish_round_trips(url: str, times: int) -> list[float]:
    """Return the milliseconds a publish takes to reach a subscriber."""
    taken = []
    async with redis.asyncio.Redis.from_url(url) as client, client.pubsub() as listener:
        await listener.subscribe("floor")
        await listener.get_message(timeout=5)
        for _ in range(times):
            began = time.perf_counter()
            await client.publish("floor", "ding")
            while not await listener.get_message(ignore_subscribe_messages=True, timeout=5):
                continue
            taken.append((time.perf_counter() - began) * 1000)
    return taken


async def measure(service: PrivateService, runs: int) -> list[Row]:
    """Measure the runs and the floor."""
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "two-scenes.fountain"
        script.write_text(SCRIPT)
        async with Client(service.url) as client:
            await once(client, script)  # the first run warms everything up
            taken = [await once(client, script) for _ in range(runs)]
    floors = await publish_round_trips(redis_server.url(service.data / "redis.sock"), 200)
    rows = []
    for name, share in (("p50", 0.5), ("p95", 0.95)):
        firsts, claims = zip(*taken, strict=True)
        floor = percentile(floors, share)
        rows.append(Row(f"first event, {name}", percentile(firsts, share), "ms", floor, BAR_MILLISECONDS))
        rows.append(Row(f"claimed by a worker, {name}", percentile(claims, share), "ms", floor))
    return rows


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    told = parser.parse_args()
    with PrivateService() as service:
        rows = asyncio.run(measure(service, told.runs))
    return report(f"POST start to the stream, {told.runs} runs", rows)


if __name__ == "__main__":
    sys.exit(main())
