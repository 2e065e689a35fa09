"""From the bell to the start of a step while the worker is idle, over 30 runs.

    .venv/bin/python -m benchmarks.pickup [--runs 30]

The floor is a bare arq job under the same poll delay: from its enqueueing to its first line. Both workers are real arq
processes on the same Redis, asked in turn. What is added is the claim, the phase and the step's own beginning. The bar
is 100 ms for p95.
"""

import argparse
import asyncio
import random
import sys
import time
from typing import Any, Final
from uuid import uuid4

import redis.asyncio
from arq import func
from arq.connections import ArqRedis, create_pool
from benchmarks import parts
from benchmarks.harness import Row, machine, percentile, report
from pydantic import BaseModel

from trailerflow.bootstrap import Studio, studio
from trailerflow.engine.ledger import events_after
from trailerflow.engine.queue import Queue, redis_settings
from trailerflow.engine.service import Service, Start
from trailerflow.engine.steps import Turn
from trailerflow.engine.turns import Story
from trailerflow.settings import Settings
from trailerflow.workers import OrchestratorWorker

BAR_MILLISECONDS: Final = 100.0
BARE_QUEUE: Final = "bench:bare"
BARE_ANSWERS: Final = "bench:answers"
IDLE_SECONDS: Final = 0.5


class Begun(BaseModel):
    """When the step's work began."""

    at: float


async def tell(turn: Turn) -> None:
    """Tell a story of one step."""
    turn.declare({"step": (0, 100, 1)})
    async with turn.phase(parts.PHASE):
        await turn.step(
            "step",
            band="step",
            version=1,
            inputs={"run": turn.claim.fence.run_id},
            product=Begun,
            work=lambda: Begun(at=time.time()),
        )
    await turn.mark_completed()


class Director(OrchestratorWorker):
    """An orchestrator with this story."""

    def story(self, opened: Studio) -> Story:
        """Return it."""
        del opened
        return tell


async def bare(ctx: dict[str, Any]) -> None:
    """Say when it began."""
    began = time.time()
    await ctx["redis"].rpush(BARE_ANSWERS, repr(began))


Orchestrators = parts.orchestrators(Director)
Bare = type(
    "Bare",
    (),
    {
        **vars(Orchestrators),
        "functions": [func(bare, keep_result=0)],
        "queue_name": BARE_QUEUE,
        "on_startup": None,
        "on_shutdown": None,
    },
)


class NotingQueue(Queue):
    """The queue, which notes when the bell was rung."""

    rung_at = 0.0

    async def turn(self, run_id: int) -> None:
        """Ring."""
        self.rung_at = time.time()
        await super().turn(run_id)


async def ours(opened: Studio, ring: NotingQueue, project_id: int) -> tuple[float, float]:
    """Return the milliseconds from the bell to the claim and to the start of the step."""
    service = Service(database=opened.database, ledger=opened.ledger, ring=ring)
    started = await service.start_workflow(project_id, Start("full_pipeline", {}))
    rung_at = ring.rung_at
    await parts.becomes(opened, project_id, "completed")
    async with opened.database.read() as session:
        events = await events_after(session, project_id, started.status.last_event_id, limit=1000)
    claimed = next(event.at for event in events if event.type == "run.started")
    found = await opened.results.find_latest(project_id, "step")
    assert found is not None
    return (claimed - rung_at) * 1000, (found.value["at"] - rung_at) * 1000


async def floor(pool: ArqRedis, client: "redis.asyncio.Redis") -> float:
    """Return the milliseconds from the enqueueing of a bare job to its first line."""
    rung_at = time.time()
    await pool.enqueue_job("bare", _queue_name=BARE_QUEUE, _job_id=uuid4().hex)
    _, answer = await client.blpop([BARE_ANSWERS], timeout=30)  # type: ignore[misc] # redis-py types it for both of its clients
    return (float(answer) - rung_at) * 1000


async def measure(settings: Settings, runs: int) -> tuple[list[float], list[float], list[float]]:
    """Measure so many runs and bare jobs in turn, each after a rest of another length."""
    claims, starts, floors = [], [], []
    serialize = Orchestrators.job_serializer  # type: ignore[attr-defined] # made by `type`
    pool = await create_pool(redis_settings(settings.redis_url), job_serializer=serialize)
    ring = NotingQueue(settings.redis_url)
    async with studio(settings) as opened, redis.asyncio.Redis.from_url(settings.redis_url) as client:
        project_id = await parts.make_project(opened)
        for run in range(runs + 3):
            await asyncio.sleep(IDLE_SECONDS * random.uniform(0.5, 1.0))
            claimed, started = await ours(opened, ring, project_id)
            await asyncio.sleep(IDLE_SECONDS * random.uniform(0.5, 1.0))
            base = await floor(pool, client)
            if run >= 3:  # the first ones warm everything up
                claims.append(claimed)
                starts.append(started)
                floors.append(base)
    await ring.close()
    await pool.aclose()
    return claims, starts, floors


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=30)
    told = parser.parse_args()
    rows = []
    with parts.redis() as redis_url, parts.servers() as servers:
        for kind, server_url in servers.items():
            with (
                parts.stage(redis_url, server_url) as settings,
                parts.worker(settings, f"{__spec__.name}.Orchestrators"),
                parts.arq(settings, f"{__spec__.name}.Bare"),
            ):
                claims, starts, floors = asyncio.run(measure(settings, told.runs))
            for name, share in (("p50", 0.5), ("p95", 0.95)):
                base = percentile(floors, share)
                bar = BAR_MILLISECONDS if name == "p95" else None
                rows.append(Row(f"{kind}, bell to claim, {name}", percentile(claims, share), "ms", base))
                best = min(starts)
                rows.append(Row(f"{kind}, bell to step, {name}", percentile(starts, share), "ms", base, bar, best=best))
    return report(f"the bell to the start of a step, idle, {told.runs} runs; {machine()}", rows)


if __name__ == "__main__":
    sys.exit(main())
