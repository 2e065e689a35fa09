"""An orchestrator goes in the middle of a run: how long until another one continues it.

    .venv/bin/python -m benchmarks.recovery [--lease-seconds 5] [--repetitions 5]

Two real arq workers and a run of short steps. The one that has the run gets SIGKILL, or SIGTERM; the time is from the
signal to the first step that the other one begins or records. The bars are a lease and 5 s after SIGKILL, 2 s after
SIGTERM, for the worst of all repetitions. The floor is the lease that a killed worker leaves behind; after SIGTERM it
is how long the same run had waited for its first step. Both workers live on in one service: who was ended is replaced.
"""

import argparse
import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks import parts
from benchmarks.harness import Row, machine, report
from pydantic import BaseModel

from trailerflow.bootstrap import Studio, studio
from trailerflow.engine.leases import worker_prefix
from trailerflow.engine.ledger import LoggedEvent, events_after
from trailerflow.engine.service import Start
from trailerflow.engine.steps import Turn
from trailerflow.engine.tables import Run
from trailerflow.engine.turns import Story
from trailerflow.settings import Settings
from trailerflow.workers import OrchestratorWorker

STEPS: Final = 2000
STEP_SECONDS: Final = 0.025
UNDER_WAY: Final = 5
AFTER_KILL_SECONDS: Final = 5.0
AFTER_TERM_SECONDS: Final = 2.0


class Slept(BaseModel):
    """What a step makes."""

    seconds: float


def sleep() -> Slept:
    """Do a step's work."""
    time.sleep(STEP_SECONDS)
    return Slept(seconds=STEP_SECONDS)


async def tell(turn: Turn) -> None:
    """Tell a story of more short steps than anybody waits for."""
    turn.declare({"steps": (0, 100, STEPS)})
    async with turn.phase(parts.PHASE):
        for n in range(STEPS):
            await turn.step(f"step-{n}", band="steps", version=1, inputs={"n": n}, product=Slept, work=sleep)
    await turn.mark_completed()


class Director(OrchestratorWorker):
    """An orchestrator with this story."""

    def story(self, opened: Studio) -> Story:
        """Return it."""
        del opened
        return tell


Orchestrators = parts.orchestrators(Director)


@dataclass(frozen=True, slots=True)
class Case:
    """A signal, and the most seconds until another worker continues."""

    name: str
    number: signal.Signals
    bar: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds: the run's wait for its first step; from the signal until another worker had it, until it went on."""

    first: float
    claimed: float
    gone: float


class Pair:
    """Two workers, one of which is ended again and again."""

    def __init__(self, settings: Settings, stack: contextlib.ExitStack) -> None:
        self._settings = settings
        self._stack = stack
        self.processes: list[subprocess.Popen[bytes]] = []

    def fill(self) -> None:
        """Start what is missing."""
        self.processes = [process for process in self.processes if process.poll() is None]
        while len(self.processes) < 2:
            worker = parts.worker(self._settings, f"{__spec__.name}.Orchestrators")
            self.processes.append(self._stack.enter_context(worker))

    def owner(self, run: Run) -> subprocess.Popen[bytes] | None:
        """Return who has a run."""
        owner = run.owner or ""
        return next((process for process in self.processes if owner.startswith(worker_prefix(process.pid))), None)


async def steps_of(opened: Studio, project_id: int) -> list[LoggedEvent]:
    """Return what was told of a project's steps."""
    async with opened.database.read() as session:
        events = await events_after(session, project_id, 0, limit=10_000)
    return [event for event in events if event.type.startswith("step.")]


async def row_of(opened: Studio, run_id: int) -> Run:
    """Return a run."""
    async with opened.database.read() as session:
        run = await session.get(Run, run_id)
    assert run is not None
    return run


async def once(opened: Studio, pair: Pair, number: signal.Signals) -> Gap:
    """Start a run, end its owner, wait for the other one."""
    project_id = await parts.make_project(opened)
    began = time.time()
    run_id = (await opened.service.start_workflow(project_id, Start("full_pipeline", {}))).status.run_id
    assert run_id is not None
    steps = await parts.seen(lambda: steps_of(opened, project_id), lambda steps: len(steps) >= UNDER_WAY)
    owner = pair.owner(await row_of(opened, run_id))
    assert owner is not None
    os.kill(owner.pid, number)
    signalled = time.time()
    await parts.seen(lambda: row_of(opened, run_id), lambda run: pair.owner(run) not in (None, owner))
    claimed = time.time()
    since = claimed - 2 * parts.LOOK_SECONDS  # the owner before had let go, so what follows is the other one's
    later = await parts.seen(lambda: steps_of(opened, project_id), lambda steps: steps[-1].at > since)
    continued = next(event.at for event in later if event.at > since)
    await opened.service.cancel(project_id)
    await parts.becomes(opened, project_id, "cancelled")
    await asyncio.to_thread(owner.wait)
    return Gap(first=steps[0].at - began, claimed=claimed - signalled, gone=continued - signalled)


async def measure(settings: Settings, cases: list[Case], times: int) -> dict[str, list[Gap]]:
    """Measure every case so many times."""
    gaps: dict[str, list[Gap]] = {case.name: [] for case in cases}
    with contextlib.ExitStack() as stack:
        pair = Pair(settings, stack)
        async with studio(settings) as opened:
            for case in cases:
                for _ in range(times):
                    pair.fill()
                    gaps[case.name].append(await once(opened, pair, case.number))
    return gaps


def main() -> int:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lease-seconds", type=float, default=5.0)
    parser.add_argument("--repetitions", type=int, default=5)
    told = parser.parse_args()
    lease = told.lease_seconds
    cases = [
        Case("SIGKILL", signal.SIGKILL, lease + AFTER_KILL_SECONDS),
        Case("SIGTERM", signal.SIGTERM, AFTER_TERM_SECONDS),
    ]
    rows = []
    with parts.redis() as redis_url, parts.servers() as servers:
        for kind, server_url in servers.items():
            with parts.stage(redis_url, server_url, lease_seconds=lease) as settings:
                measured = asyncio.run(measure(settings, cases, told.repetitions))
            for case in cases:
                gaps = [gap.gone for gap in measured[case.name]]
                floor = lease if case.number == signal.SIGKILL else median(gap.first for gap in measured[case.name])
                claims = [gap.claimed for gap in measured[case.name]]
                rows.append(
                    Row(f"{kind}, {case.name} to another's claim, median", median(claims), "s", best=min(claims))
                )
                name = f"{kind}, {case.name} to another's step"
                rows.append(Row(f"{name}, median", median(gaps), "s", floor, best=min(gaps)))
                rows.append(Row(f"{name}, worst", max(gaps), "s", floor, case.bar))
    title = f"a worker goes, {told.repetitions} times each, lease {lease:g} s; {machine()}"
    return report(title, rows)


if __name__ == "__main__":
    sys.exit(main())
