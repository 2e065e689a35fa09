"""One user has 1,000 runs in the queue and another user starts one: after how many turns of the slots it begins.

    .venv/bin/python -m benchmarks.noisy_neighbour [--queued 1000] [--slots 2] [--neighbours 5]

The runs take 100 ms each. A turn of the slots is over when each slot has been given to another run once. The floor is
the same start with an empty queue, where the worker is idle and a slot is free. The bar is one turn for the worst of
the neighbours. All bells of the thousand are in the queue when the worker starts, as after an outage.
"""

import argparse
import asyncio
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks import parts
from benchmarks.harness import Row, machine, report
from pydantic import BaseModel
from sqlalchemy import func, select
from sqlmodel import col

from trailerflow.bootstrap import Studio, studio
from trailerflow.engine.ledger import events_after
from trailerflow.engine.service import Start
from trailerflow.engine.steps import Turn
from trailerflow.engine.tables import Project, Run
from trailerflow.engine.turns import Story
from trailerflow.settings import Settings
from trailerflow.workers import OrchestratorWorker

RUN_SECONDS: Final = 0.1
BAR_TURNS: Final = 1.0
STEADY_RUNS: Final = 20
NOISY: Final = "noisy"


class Slept(BaseModel):
    """What the step makes."""

    seconds: float


def sleep() -> Slept:
    """Do the step's work."""
    time.sleep(RUN_SECONDS)
    return Slept(seconds=RUN_SECONDS)


async def tell(turn: Turn) -> None:
    """Tell a story of one step."""
    turn.declare({"step": (0, 100, 1)})
    async with turn.phase(parts.PHASE):
        run = turn.claim.fence.run_id
        await turn.step("step", band="step", version=1, inputs={"run": run}, product=Slept, work=sleep)
    await turn.mark_completed()


class Director(OrchestratorWorker):
    """An orchestrator with this story."""

    def story(self, opened: Studio) -> Story:
        """Return it."""
        del opened
        return tell


Orchestrators = parts.orchestrators(Director)


@dataclass(frozen=True, slots=True)
class Wait:
    """What a neighbour's run waited for: seconds, and how many runs of the other user began meanwhile."""

    seconds: float
    begun: int


async def enqueue(opened: Studio, count: int) -> None:
    """Start so many runs of the noisy user, each on a project of its own."""
    first = await parts.make_project(opened, NOISY)
    async with opened.database.write() as session:
        pattern = await session.get(Project, first)
        assert pattern is not None
        copies = [Project(**pattern.model_dump(exclude={"id"})) for _ in range(count)]
        session.add_all(copies)
    for copy in copies:
        assert copy.id is not None
        await opened.service.start_workflow(copy.id, Start("full_pipeline", {}))


async def neighbour(opened: Studio, name: str) -> Wait:
    """Start one run of another user; return what it waited for."""
    project_id = await parts.make_project(opened, name)
    await opened.service.start_workflow(project_id, Start("full_pipeline", {}))
    await parts.becomes(opened, project_id, "completed")
    async with opened.database.read() as session:
        events = {event.type: event.at for event in await events_after(session, project_id, 0)}
        queued, started = events["run.queued"], events["run.started"]
        meanwhile = (col(Run.started_at) > queued, col(Run.started_at) < started, col(Run.project_id) != project_id)
        begun = (await session.execute(select(func.count()).select_from(Run).where(*meanwhile))).scalar_one()
    return Wait(started - queued, begun)


async def count_done(opened: Studio) -> int:
    """Return how many runs are done."""
    async with opened.database.read() as session:
        done = select(func.count()).select_from(Run).where(col(Run.status) == "completed")
        return int((await session.execute(done)).scalar_one())


async def measure(settings: Settings, queued: int, neighbours: int) -> tuple[list[Wait], list[Wait], float]:
    """Measure the starts with an empty queue, then those beside the noisy user; and the seconds of one of his runs."""
    async with studio(settings) as opened:
        with parts.worker(settings, f"{__spec__.name}.Orchestrators"):
            empty = [await neighbour(opened, f"alone-{n}") for n in range(neighbours)]
        await enqueue(opened, queued)
        with parts.worker(settings, f"{__spec__.name}.Orchestrators"):
            await parts.seen(lambda: count_done(opened), lambda done: done >= STEADY_RUNS)
            beside = [await neighbour(opened, f"neighbour-{n}") for n in range(neighbours)]
        async with opened.database.read() as session:
            lasted = func.avg(col(Run.finished_at) - col(Run.started_at))
            seconds = (await session.execute(select(lasted).where(col(Run.finished_at).is_not(None)))).scalar_one()
    return empty, beside, float(seconds)


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queued", type=int, default=1000)
    parser.add_argument("--slots", type=int, default=2)
    parser.add_argument("--neighbours", type=int, default=5)
    told = parser.parse_args()
    rows = []
    with parts.redis() as redis_url, parts.servers() as servers:
        for kind, server_url in servers.items():
            with parts.stage(redis_url, server_url, max_runs=told.slots, max_runs_per_user=told.slots) as settings:
                empty, beside, lasted = asyncio.run(measure(settings, told.queued, told.neighbours))
            turns = [wait.begun / told.slots for wait in beside]
            floor = median(wait.seconds for wait in empty)
            seconds = [wait.seconds for wait in beside]
            rows.append(Row(f"{kind}, turns of the slots, worst", max(turns), "turns", bar=BAR_TURNS, best=min(turns)))
            rows.append(Row(f"{kind}, queued to started, median", median(seconds), "s", floor, best=min(seconds)))
            rows.append(Row(f"{kind}, queued to started, worst", max(seconds), "s", floor))
            rows.append(Row(f"{kind}, one run lasts on average", lasted, "s", RUN_SECONDS))
    title = f"a start beside {told.queued} queued runs of another user, {told.slots} slots; {machine()}"
    return report(title, rows)


if __name__ == "__main__":
    sys.exit(main())
