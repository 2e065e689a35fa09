"""Durable steps a second, and a second of processor, beside DBOS on the same database and beside bare arq jobs.

    .venv/bin/python -m benchmarks.durable_steps [--steps 200] [--at-once 16] [--repetitions 3]

A step does nothing and is recorded. Each side has a process of its own, warms up, and is measured twice: one workflow
alone, and many at once, each of as many steps as a trailer's run has. Of DBOS the faster of its two kinds of step
counts, in threads or on its event loop. SQLite is in WAL mode with `synchronous=FULL` on both sides (DBOS itself would
take the slower rollback journal), PostgreSQL as it comes, with `fsync` and `synchronous_commit` on. What a step of ours
does beyond one of DBOS': it is told of in the project's log, twice, with a bell, and it moves the run's progress. The
bar: ahead of DBOS.
"""

import argparse
import asyncio
import logging
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any, Final
from uuid import uuid4

from arq import Worker, func
from arq.connections import create_pool
from benchmarks import parts
from benchmarks.harness import Row, machine, report
from dbos import DBOS, DBOSConfig
from pydantic import BaseModel

from trailerflow.bootstrap import Studio, studio
from trailerflow.engine.bell import Listener
from trailerflow.engine.database import ThreadDatabase
from trailerflow.engine.leases import Keeper, new_worker_id
from trailerflow.engine.queue import redis_settings
from trailerflow.engine.service import Start
from trailerflow.engine.steps import Turn
from trailerflow.engine.tables import HERE
from trailerflow.engine.turns import Turns
from trailerflow.settings import Settings

WARM_UP = 20
RUN_STEPS: Final = 60
"""Steps of a run among many: eleven single ones, some twenty-five pictures and as many clips."""
LIBRARIES: Final = ("dbos", "sqlalchemy", "aiosqlite", "psycopg", "arq", "redis")

Rate = tuple[float, float]
"""Steps a second: of the clock, of the process's own time on a processor."""


class Nothing(BaseModel):
    """What a step makes."""

    n: int


def rate(steps: int, wall: float, processor: float) -> Rate:
    """Return how many of these steps went into a second."""
    return steps / wall, steps / processor


async def timed(steps: int, work: Callable[[], Awaitable[Any]]) -> Rate:
    """Do something that takes so many steps."""
    wall, processor = time.perf_counter(), time.process_time()
    await work()
    return rate(steps, time.perf_counter() - wall, time.process_time() - processor)


# Ours


class Bench:
    """Turns of one process, as an orchestrator has them, whose story is `steps` steps that do nothing."""

    def __init__(self, opened: Studio, keeper: Keeper) -> None:
        self.steps = WARM_UP
        self._studio = opened
        self.turns = Turns(
            claims=opened.claims,
            results=opened.results,
            tasks=opened.tasks,
            ring=opened.queue,
            keeper=keeper,
            story=self.tell,
            providers=HERE,
        )

    async def tell(self, turn: Turn) -> None:
        """Tell the story."""
        turn.declare({"steps": (0, 100, self.steps)})
        async with turn.phase(parts.PHASE):
            for n in range(self.steps):
                await turn.step(
                    f"step-{n}", band="steps", version=1, inputs={"n": n}, product=Nothing, work=lambda: Nothing(n=0)
                )
        await turn.mark_completed()

    async def measure(self, steps: int, at_once: int) -> Rate:
        """Take the turns of so many runs at once, of so many steps each."""
        self.steps = steps
        run_ids = []
        for _ in range(at_once):
            project_id = await parts.make_project(self._studio)
            started = await self._studio.service.start_workflow(project_id, Start("full_pipeline", {}))
            run_ids.append(started.status.run_id or 0)
        rated = await timed(steps * at_once, lambda: asyncio.gather(*map(self.turns.take, run_ids)))
        for run_id in run_ids:
            if (state := await self._studio.claims.state_of(run_id)) != "completed":
                raise SystemExit(f"run {run_id} is {state}")
        return rated


async def ours(settings: Settings, steps: int, at_once: int) -> list[Rate]:
    """Measure one run alone, then many at once."""
    threads = ThreadDatabase(settings.database)
    keeper = Keeper(database=threads, worker_id=new_worker_id(), role="bench", lease_seconds=settings.lease_seconds)
    async with studio(settings) as opened:
        bench = Bench(opened, keeper)
        listener = Listener(settings.redis_url, bench.turns.heard)
        keeper.start()
        listener.start()
        await bench.measure(WARM_UP, at_once)
        rates = [await bench.measure(steps, 1), await bench.measure(RUN_STEPS, at_once)]
        await listener.stop()
        await asyncio.to_thread(keeper.stop)
        threads.close()
    return rates


def measure_ours(settings: Settings, steps: int, at_once: int) -> list[Rate]:
    """Measure our side, in a process of its own."""
    return asyncio.run(ours(settings, steps, at_once))


# DBOS


@DBOS.step()
def thread_step(n: int) -> dict[str, int]:
    """Do nothing, in a thread."""
    return {"n": n}


@DBOS.workflow()
def thread_workflow(steps: int) -> None:
    """Take so many steps."""
    for n in range(steps):
        thread_step(n)


@DBOS.step()
async def loop_step(n: int) -> dict[str, int]:
    """Do nothing, on the event loop."""
    return {"n": n}


@DBOS.workflow()
async def loop_workflow(steps: int) -> None:
    """Take so many steps."""
    for n in range(steps):
        await loop_step(n)


async def in_threads(steps: int, at_once: int) -> Rate:
    """Run so many workflows whose steps run in threads."""

    def run() -> None:
        for handle in [DBOS.start_workflow(thread_workflow, steps) for _ in range(at_once)]:
            handle.get_result()

    return await timed(steps * at_once, lambda: asyncio.to_thread(run))


async def on_loop(steps: int, at_once: int) -> Rate:
    """Run so many workflows whose steps run on the event loop."""

    async def run() -> None:
        handles = [await DBOS.start_workflow_async(loop_workflow, steps) for _ in range(at_once)]
        await asyncio.gather(*(handle.get_result() for handle in handles))

    return await timed(steps * at_once, run)


async def theirs(steps: int, at_once: int) -> list[Rate]:
    """Measure one workflow alone, then many at once, each in the kind that is faster."""
    best = []
    for each, many in ((steps, 1), (RUN_STEPS, at_once)):
        rates = []
        for kind in (in_threads, on_loop):
            await kind(WARM_UP, many)
            rates.append(await kind(each, many))
        best.append((max(wall for wall, _ in rates), max(processor for _, processor in rates)))
    return best


def measure_dbos(url: str, steps: int, at_once: int) -> list[Rate]:
    """Measure DBOS, in a process of its own."""
    config: DBOSConfig = {"name": "bench", "system_database_url": url, "log_level": "WARNING"}
    DBOS(config=config)
    DBOS.launch()
    try:
        return asyncio.run(theirs(steps, at_once))
    finally:
        DBOS.destroy()


# Bare arq


async def nothing(_: dict[str, Any]) -> None:
    """Do nothing."""


async def jobs(redis_url: str, count: int, at_once: int) -> Rate:
    """Work off so many jobs."""
    pool = await create_pool(redis_settings(redis_url))
    for _ in range(count):
        await pool.enqueue_job("nothing", _job_id=uuid4().hex)
    worker = Worker(
        [func(nothing, keep_result=0)],  # type: ignore[arg-type] # arq's type of a job wants more than it calls
        redis_settings=redis_settings(redis_url),
        burst=True,
        max_jobs=at_once,
        poll_delay=0.01,
        handle_signals=False,
    )
    rated = await timed(count, worker.async_run)
    await worker.close()
    await pool.aclose()
    return rated


async def arq_rates(redis_url: str, steps: int, at_once: int) -> list[Rate]:
    """Measure one job at a time, then many at once."""
    await jobs(redis_url, WARM_UP, at_once)
    return [await jobs(redis_url, steps, 1), await jobs(redis_url, steps, at_once)]


def measure_arq(redis_url: str, steps: int, at_once: int) -> list[Rate]:
    """Measure bare arq, in a process of its own."""
    return asyncio.run(arq_rates(redis_url, steps, at_once))


# The report


def apart(measure: Callable[..., list[Rate]], *args: Any) -> list[Rate]:
    """Call in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *args).result()


def once(redis_url: str, server_url: str, steps: int, at_once: int) -> tuple[list[Rate], list[Rate]]:
    """Measure us and DBOS on one kind of database."""
    with parts.stage(redis_url, server_url, max_runs=1000, max_runs_per_user=1000) as settings:
        our = apart(measure_ours, settings, steps, at_once)
    with parts.database(server_url) as url, tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "dbos.sqlite"
        if not url:
            with sqlite3.connect(file) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        return our, apart(measure_dbos, url or f"sqlite:///{file}", steps, at_once)


def rows_of(kind: str, at_once: int, our: list[list[Rate]], peer: list[list[Rate]], *, bar: bool) -> list[Row]:
    """Return the rows of one kind of database."""
    rows = []
    for position, how in enumerate(("alone", f"{at_once} at once")):
        for column, per in enumerate(("second", "processor second")):
            mine = [rates[position][column] for rates in our]
            other = median(rates[position][column] for rates in peer)
            least = other if bar else None
            rows.append(Row(f"{kind}, {how}, a {per}", median(mine), "steps", other, least=least, best=max(mine)))
    return rows


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--repetitions", type=int, default=3)
    told = parser.parse_args()
    logging.disable(logging.WARNING)
    rows: list[Row] = []
    with parts.redis() as redis_url, parts.servers() as servers:
        arq = [apart(measure_arq, redis_url, told.steps, told.at_once) for _ in range(told.repetitions)]
        against_arq: list[Row] = []
        for kind, server_url in servers.items():
            pairs = [once(redis_url, server_url, told.steps, told.at_once) for _ in range(told.repetitions)]
            our, peer = [mine for mine, _ in pairs], [other for _, other in pairs]
            rows += rows_of(f"{kind}", told.at_once, our, peer, bar=True)
            against_arq += rows_of(f"{kind} / bare arq", told.at_once, our, arq, bar=False)
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    title = f"durable steps; the floor is DBOS, below it bare arq jobs; {machine()}, {versions}"
    return report(title, rows + against_arq)


if __name__ == "__main__":
    sys.exit(main())
