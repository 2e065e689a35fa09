"""A run of 60 items that take 100 ms each, 8 at a time, against the shortest time in which that can be done.

    .venv/bin/python -m benchmarks.critical_path [--repetitions 3] [--only "SQLite, courier"]

Three means: eight render workers, each an arq process; eight hands in one process; and the courier with a provider
over HTTP (`tests/provider_double.py`), whose files one process of render hands takes in. The work is a sleep, so what
is measured is all that the service adds. Both ratios have the same floor, ceil(items / at once) * 100 ms: the items'
span, from the first item begun to the last result recorded, and the whole run's, from its start to its end. The
processor's share tells how much of the machine that took: at 100 % it is the processor that is waited for.

The courier has no bar: it learns of an item's end by asking, here every 50 ms, and the provider's own process, which
sends and is asked over HTTP, shares the same cores.
"""

import argparse
import asyncio
import contextlib
import itertools
import math
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

import httpx
import psutil
from benchmarks import parts
from benchmarks.harness import ROOT, Row, cores, machine, report
from pydantic import BaseModel
from sqlalchemy import select
from sqlmodel import col

from trailerflow.bootstrap import Studio, studio
from trailerflow.engine.bell import MOVES, Listener
from trailerflow.engine.farm import Farm
from trailerflow.engine.leases import Keeper
from trailerflow.engine.ledger import events_after
from trailerflow.engine.service import Start
from trailerflow.engine.station import Station
from trailerflow.engine.steps import Turn
from trailerflow.engine.submission import Order
from trailerflow.engine.tables import Json, Task
from trailerflow.engine.task_claims import TaskClaim
from trailerflow.engine.turns import Story
from trailerflow.running import tether
from trailerflow.settings import Settings
from trailerflow.workers import OrchestratorWorker, RenderWorker

ITEM_SECONDS: Final = 0.1
BAR_RATIO: Final = 1.05
KIND: Final = "panel"
MEANS: Final = ("hands in processes", "hands in one process", "courier")


class Made(BaseModel):
    """When an item was begun."""

    began: float


async def tell(turn: Turn) -> None:
    """Tell the story of a run: `options` say how many items, and of whom they are ordered."""
    items, provider = turn.claim.options["items"], turn.claim.options["provider"]
    turn.declare({"images": (0, 100, items)})
    async with turn.phase(parts.PHASE):
        await turn.gather(
            turn.order(
                f"image/s{n}",
                band="images",
                kind="image",
                version=1,
                order=Order(kind=KIND, provider=provider, order={"n": n}),
                product=Made,
                scene=n,
                shot=f"s{n}",
            )
            for n in range(items)
        )
    await turn.mark_completed()


class Director(OrchestratorWorker):
    """An orchestrator with this story."""

    def story(self, opened: Studio) -> Story:
        """Return it."""
        del opened
        return tell


class Hand(RenderWorker):
    """A render worker whose work is a sleep; of what a provider sent nothing needs to be made."""

    kinds = frozenset({KIND})

    def perform(self, claim: TaskClaim, station: Station) -> Json:
        """Do one task."""
        del claim
        began = time.time()
        if not station.received:
            time.sleep(ITEM_SECONDS)
        return {"began": began}


class Hands(Hand):
    """Eight hands in one process."""

    async def staff(self, opened: Studio, keeper: Keeper) -> None:
        """Make the hands, and a thread for each: by itself Python has six of them on two cores."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(16))
        self._ring = opened.queue
        self._farms = [
            Farm(
                task_claims=opened.task_claims,
                keeper=keeper,
                storage=opened.storage,
                bell=opened.bell,
                work=self.perform,
                kinds=self.kinds,
                ring=opened.queue,
            )
            for _ in range(8)
        ]
        self._busy = set[Farm]()
        for farm in self._farms:
            farm.watch.start()
            self._stack.push_async_callback(farm.watch.stop)
        listener = Listener(self._settings.redis_url, self.heard, MOVES)
        listener.start()
        self._stack.push_async_callback(listener.stop)

    async def heard(self, message: dict[str, Any]) -> None:
        """Pass on what may stop a hand."""
        for farm in self._farms:
            await farm.heard(message)

    async def rung(self, *args: int) -> None:
        """Let a hand that is idle claim tasks until none is left."""
        del args
        idle = [farm for farm in self._farms if farm not in self._busy]
        if idle:
            self._busy.add(idle[0])
            try:
                await idle[0].work_off()
            finally:
                self._busy.remove(idle[0])

    async def leave(self) -> None:
        """Hand back what is in work."""
        await asyncio.gather(*(farm.leave() for farm in self._farms))


Orchestrators = parts.orchestrators(Director)
Renderers = parts.renderers(Hand)
ManyRenderers = parts.renderers(Hands, at_once=8)


@dataclass(frozen=True, slots=True)
class Spans:
    """Seconds: of the items, of the run, and of the processor while the run went on."""

    items: float
    run: float
    processor: float


@contextlib.contextmanager
def double() -> Iterator[str]:
    """Run the provider's double, whose jobs take as long as an item; give its address."""
    command = [*tether.command(), sys.executable, str(ROOT / "tests" / "provider_double.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            httpx.post(f"{address}/control", json={"delay_seconds": ITEM_SECONDS}, trust_env=False).raise_for_status()
            yield address
        finally:
            process.terminate()


@contextlib.contextmanager
def crew(settings: Settings, means: str, at_once: int) -> Iterator[list[psutil.Process]]:
    """Run the workers of a means."""
    names = [f"{__spec__.name}.Orchestrators"]
    names += (
        [f"{__spec__.name}.Renderers"] * at_once
        if means == "hands in processes"
        else [f"{__spec__.name}.ManyRenderers"]
    )
    with parts.workers(settings, names) as processes:
        yield [psutil.Process(process.pid) for process in processes]


def processor_seconds(processes: list[psutil.Process]) -> float:
    """Return the processor time these processes have used."""
    return sum(sum(process.cpu_times()[:2]) for process in processes)


async def run_once(opened: Studio, processes: list[psutil.Process], items: int, provider: str) -> Spans:
    """Start a run and wait for its end."""
    project_id = await parts.make_project(opened)
    before = processor_seconds(processes)
    options = {"items": items, "provider": provider}
    await opened.service.start_workflow(project_id, Start("full_pipeline", options))
    await parts.becomes(opened, project_id, "completed")
    spent = processor_seconds(processes) - before
    async with opened.database.read() as session:
        events = await events_after(session, project_id, 0, limit=10_000)
        tasks = list((await session.execute(select(Task).where(col(Task.project_id) == project_id))).scalars())
    started = [event.at for event in events if event.type == "step.started"]
    if provider == "local":
        started += [task.product["began"] for task in tasks if task.product]
    else:
        started += [task.submitted_at for task in tasks if task.submitted_at]
    first = min(started)
    last = max(event.at for event in events if event.type == "step.finished")
    at = {event.type: event.at for event in events}
    return Spans(last - first, at["run.completed"] - at["run.queued"], spent)


async def measure(
    settings: Settings, processes: list[psutil.Process], items: int, means: str, times: int
) -> list[Spans]:
    """Measure so many runs, after one that warms everything up."""
    provider = "http" if means == "courier" else "local"
    async with studio(settings) as opened:
        await run_once(opened, processes, items // 4, provider)
        return [await run_once(opened, processes, items, provider) for _ in range(times)]


def rows_of(name: str, spans: list[Spans], floor: float) -> list[Row]:
    """Return the rows of one means on one database."""
    items, runs = [span.items for span in spans], [span.run for span in spans]
    share = median(span.processor / span.run / cores() for span in spans)
    bar = None if name.endswith("courier") else floor * BAR_RATIO
    return [
        Row(f"{name}: items", median(items), "s", floor, bar, best=min(items)),
        Row(f"{name}: whole run", median(runs), "s", floor, best=min(runs)),
        Row(f"{name}: processor", share * 100, "%"),
    ]


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--at-once", type=int, default=8)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--only", default="", help="what the name of a measurement must contain")
    told = parser.parse_args()
    floor = math.ceil(told.items / told.at_once) * ITEM_SECONDS
    rows: list[Row] = []
    with parts.redis() as redis_url, parts.servers() as servers, double() as address:
        outside: dict[str, Any] = {"provider_url": f"{address}/v1", "provider_key": "the-key-of-the-double"}
        outside |= {"provider_concurrency": told.at_once, "provider_per_minute": 10**6, "provider_poll_seconds": 0.05}
        for (kind, server_url), means in itertools.product(servers.items(), MEANS):
            name = f"{kind}, {means}"
            if told.only not in name:
                continue
            with (
                parts.stage(redis_url, server_url, **(outside if means == "courier" else {})) as settings,
                crew(settings, means, told.at_once) as processes,
            ):
                spans = asyncio.run(measure(settings, processes, told.items, means, told.repetitions))
            rows += rows_of(name, spans, floor)
    title = f"{told.items} items of {ITEM_SECONDS * 1000:.0f} ms, {told.at_once} at a time; {machine()}"
    return report(title, rows)


if __name__ == "__main__":
    sys.exit(main())
