"""Durable steps a second, and a second of processor, beside DBOS on the same database and beside bare arq jobs.

    .venv/bin/python -m benchmarks.durable_steps [--steps 200] [--at-once 16] [--repetitions 5]

A step does nothing and is recorded. Each side has a process of its own, warms up, and is measured in two ways: one
workflow alone, and many at once, each of as many steps as a trailer's run has. The sides take short turns, for a shared
machine is slower in one minute than in another. Of DBOS there are two kinds of step, in threads or on its event loop:
the faster counts. SQLite is in WAL mode with `synchronous=FULL` on both sides (DBOS itself would take the slower
rollback journal), PostgreSQL as it comes, with `fsync` and `synchronous_commit` on. What a step of ours does beyond one
of DBOS: it is told of in the project's log, twice, with a bell, and it moves the run's progress. The bar: ahead of
DBOS.
"""

import argparse
import asyncio
import logging
import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from importlib.metadata import version
from multiprocessing.connection import Connection
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
from trailerflow.engine import memory
from trailerflow.engine.bell import STIRS, Listener
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
Measure = Callable[[int, int], Awaitable[Rate]]
"""Measures so many steps of each of so many workflows at once."""
Side = Callable[..., AbstractAsyncContextManager[list[Measure]]]
"""Makes one side ready, in its own process; it may have several kinds of step."""


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


@asynccontextmanager
async def ours(settings: Settings) -> AsyncIterator[list[Measure]]:
    """Make our side ready."""
    threads = ThreadDatabase(settings.database)
    keeper = Keeper(database=threads, worker_id=new_worker_id(), role="bench", lease_seconds=settings.lease_seconds)
    async with studio(settings) as opened:
        bench = Bench(opened, keeper)
        listener = Listener(settings.redis_url, bench.turns.heard, STIRS)
        keeper.start()
        listener.start()
        yield [bench.measure]
        await listener.stop()
        await asyncio.to_thread(keeper.stop)
        threads.close()


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


@asynccontextmanager
async def theirs(url: str) -> AsyncIterator[list[Measure]]:
    """Make DBOS ready."""
    config: DBOSConfig = {"name": "bench", "system_database_url": url, "log_level": "WARNING"}
    DBOS(config=config)
    DBOS.launch()
    yield [in_threads, on_loop]
    DBOS.destroy()


# Bare arq


async def nothing(_: dict[str, Any]) -> None:
    """Do nothing."""


@asynccontextmanager
async def bare_arq(redis_url: str) -> AsyncIterator[list[Measure]]:
    """Make bare arq ready."""
    yield [partial(jobs, redis_url)]


async def jobs(redis_url: str, each: int, at_once: int) -> Rate:
    """Work off so many jobs."""
    pool = await create_pool(redis_settings(redis_url))
    for _ in range(each * at_once):
        await pool.enqueue_job("nothing", _job_id=uuid4().hex)
    worker = Worker(
        [func(nothing, keep_result=0)],  # type: ignore[arg-type] # arq's type of a job wants more than it calls
        redis_settings=redis_settings(redis_url),
        burst=True,
        max_jobs=at_once,
        poll_delay=0.01,
        handle_signals=False,
    )
    rated = await timed(each * at_once, worker.async_run)
    await worker.close()
    await pool.aclose()
    return rated


# The sides take turns


@contextmanager
def process_of(side: Side, *args: Any) -> Iterator[Callable[[int, int], list[Rate]]]:
    """Run a side in a process of its own; give what measures each of its kinds of step there."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(there, side, args))
    process.start()

    def measure(steps: int, at_once: int) -> list[Rate]:
        here.send((steps, at_once))
        rates: list[Rate] = here.recv()
        return rates

    there.close()
    try:
        yield measure
        here.send(None)
    finally:
        here.close()
        process.join()


def serve(pipe: Connection, side: Side, args: tuple[Any, ...]) -> None:
    """Measure what is asked for, until nothing is."""
    logging.disable(logging.WARNING)

    async def answer() -> None:
        async with side(*args) as measures:
            memory.settle()  # as our workers do when they begin; it serves every side
            while asked := await asyncio.to_thread(pipe.recv):
                pipe.send([await measure(*asked) for measure in measures])

    asyncio.run(answer())


def in_turn(sides: list[Callable[[int, int], list[Rate]]], told: argparse.Namespace, at_once: int) -> list[Rate]:
    """Measure all sides again and again, in turn; return for each the rate in the middle of its fastest kind."""
    steps, repetitions = (told.steps, 3 * told.repetitions) if at_once == 1 else (RUN_STEPS, told.repetitions)
    for measure in sides:
        measure(WARM_UP, at_once)
    measured = [[measure(steps, at_once) for measure in sides] for _ in range(repetitions)]
    middles = []
    for kinds in zip(*measured, strict=True):
        wall, processor = ([median(rates[n] for rates in kind) for kind in zip(*kinds, strict=True)] for n in (0, 1))
        middles.append((max(wall), max(processor)))
    return middles


def compare(kind: str, server_url: str, redis_url: str, told: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    """Measure us beside DBOS and bare arq on one kind of database."""
    with ExitStack() as stack:
        settings = stack.enter_context(parts.stage(redis_url, server_url, max_runs=1000, max_runs_per_user=1000))
        url = stack.enter_context(parts.database(server_url))
        if not url:
            file = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "dbos.sqlite"
            with sqlite3.connect(file) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
        sides: list[tuple[Side, Any]] = [(ours, settings), (theirs, url or f"sqlite:///{file}"), (bare_arq, redis_url)]
        measures = [stack.enter_context(process_of(side, given)) for side, given in sides]
        beside_dbos, beside_arq = [], []
        for at_once in (1, told.at_once):
            our, dbos, arq = in_turn(measures, told, at_once)
            how = "alone" if at_once == 1 else f"{at_once} at once"
            for mine, peer, bare, per in zip(our, dbos, arq, ("second", "processor second"), strict=True):
                beside_dbos.append(Row(f"{kind}, {how}, a {per}", mine, "steps", peer, least=peer))
                beside_arq.append(Row(f"{kind} / bare arq, {how}, a {per}", mine, "steps", bare))
    return beside_dbos, beside_arq


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--repetitions", type=int, default=5)
    told = parser.parse_args()
    rows: list[Row] = []
    below: list[Row] = []
    with parts.redis() as redis_url, parts.servers() as servers:
        for kind, server_url in servers.items():
            beside_dbos, beside_arq = compare(kind, server_url, redis_url, told)
            rows += beside_dbos
            below += beside_arq
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    title = f"durable steps; the floor is DBOS, below it bare arq jobs; {machine()}, {versions}"
    return report(title, rows + below)


if __name__ == "__main__":
    sys.exit(main())
