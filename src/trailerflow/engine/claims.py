"""A worker's verbs on a run it has claimed: claim, release; phases; completed, failed, held, stopped.

Called by `turns` and `steps`, each one transaction. Every write shows the claim's fence, so that nothing is recorded
once another worker has the run.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import select
from sqlmodel import col

from trailerflow.engine.database import Database
from trailerflow.engine.failures import MOST_DELIVERIES, failure_of, worker_lost
from trailerflow.engine.ledger import Entry, Fence, Ledger
from trailerflow.engine.limits import Limits
from trailerflow.engine.products import Maker
from trailerflow.engine.results import makers_of
from trailerflow.engine.states import RUNNING, make_move
from trailerflow.engine.status import progress_of, update_progress
from trailerflow.engine.step_rows import run_of, tried_steps
from trailerflow.engine.tables import Json, Run
from trailerflow.engine.withdrawal import withdraw_tasks, withhold_tasks

CANCEL_SECONDS: Final = 30.0
"""So long may a turn take to obey a cancel; then the run is taken from it."""

Bands = Mapping[str, tuple[int, int, int | None]]
"""What a run consists of: {band: (from %, to %, number of steps, or None: as many as known before)}."""


class Ring(Protocol):
    """How the service wakes workers; implemented by the queue."""

    async def turn(self, run_id: int) -> None:
        """Ask an orchestrator to take a run."""
        ...

    async def render(self, count: int) -> None:
        """Ask `count` render workers to look for tasks."""
        ...

    async def pass_on(self) -> None:
        """Ask one more, unless some are asked already and have not looked yet."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn's claim on a run, with the project's inputs frozen at that moment.

    `variations` says of each shot how often it was made anew on demand; `retakes` are the shots to be made anew in this
    run; `skips` the items to be stood in for; `makers` who made the first take of each item and makes every other;
    `tried` how often a step had failed before a person asked for another try.
    """

    fence: Fence
    project_id: int
    workflow_type: str
    options: Json
    title: str
    script: Json
    edits: Json
    takes: Json
    variations: Mapping[str, int]
    retakes: frozenset[str]
    skips: frozenset[str]
    makers: Mapping[str, Maker]
    tried: Mapping[str, int]


class Claims:
    """The verbs, over one ledger."""

    def __init__(self, *, database: Database, ledger: Ledger, ring: Ring, limits: Limits, lease_seconds: float) -> None:
        self._database = database
        self._ledger = ledger
        self._ring = ring
        self._limits = limits
        self._lease_seconds = lease_seconds

    async def claim(self, run_id: int, owner: str) -> Claim | None:
        """Take a run that nobody holds and that may run now; None when there is nothing to take."""
        async with self._database.read() as session:
            found = await session.get(Run, run_id)
        if found is None:
            return None
        async with self._ledger.writing(found.project_id) as entry:
            run = await entry.session.get(Run, run_id)
            assert run is not None
            if entry.project.run_id != run_id or not await self._may_claim(entry, run):
                return None
            if run.status == "queued":
                await self._start(entry, run)
            elif run.owner is not None:
                run.deliveries += 1
            entry.project.epoch += 1
            run.epoch = entry.project.epoch
            if run.status == "cancelling":
                await self._stop(entry, run)
            elif run.deliveries >= MOST_DELIVERIES:
                await self._give_up(entry, run)
            else:
                run.owner, run.lease_expires_at = owner, entry.at + self._lease_seconds
                return await _claim_of(entry, run)
        await self.ring_next()
        return None

    async def _may_claim(self, entry: Entry, run: Run) -> bool:
        held = run.owner is not None and run.lease_expires_at is not None and run.lease_expires_at > entry.at
        deaf = run.cancel_asked_at is not None and run.cancel_asked_at < entry.at - CANCEL_SECONDS
        if held and not (run.status == "cancelling" and deaf):
            return False
        if run.status == "queued":
            return await self._limits.admits(entry.session, run)
        return run.status in RUNNING

    async def _start(self, entry: Entry, run: Run) -> None:
        make_move(run, "claim")
        await self._limits.served(entry.session, run.user_id)
        run.started_at = run.started_at or entry.at
        run.deliveries = 0
        entry.append("run.started", run)

    async def _give_up(self, entry: Entry, run: Run) -> None:
        """Fail a run that took worker after worker down with it and recorded nothing meanwhile."""
        await self._fail(entry, run, worker_lost(f"run {run.id}"), f"{run.phase or 'script_to_trailer'}/internal")

    async def state_of(self, run_id: int) -> str:
        """Return a run's state."""
        async with self._database.read_rows() as connection:
            state: str = (await connection.execute(select(col(Run.status)).where(col(Run.id) == run_id))).scalar_one()
            return state

    async def begin_phase(self, claim: Claim, phase: str, bands: Bands) -> None:
        """Record that a phase is entered, and what the run consists of; silent when it was entered before."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            run.phase = phase
            await _declare(entry, run, bands)
            if phase not in run.phases:
                run.phases = {**run.phases, phase: "started"}
                entry.append("phase.started", run, phase=phase)

    async def finish_phase(self, claim: Claim, phase: str, bands: Bands, shots: list[Json] | None) -> bool:
        """Record that a phase is done; True when the run stops here for a person's review.

        What the run consists of may be known better now; `shots` are those of a new plan: `[{"shot": id, "scene": n}]`.
        """
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            await _declare(entry, run, bands)
            if shots is not None:
                entry.project.shots = shots
            review = run.options.get("pause_after") == phase and run.phases.get(phase) != "held"
            review = review and run.status != "cancelling"
            if run.phases.get(phase) == "started":
                entry.append("phase.finished", run, phase=phase)
            run.phases = {**run.phases, phase: "held" if review else run.phases[phase].replace("started", "finished")}
            if review:
                make_move(run, "hold")
                _release(run)
                entry.append("run.paused", run, reason="review")
        if review:
            await self.ring_next()
        return review

    async def mark_completed(self, claim: Claim) -> None:
        """Record that the film is done; a run that was cancelled meanwhile is cancelled."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            if run.status == "cancelling":
                await self._stop(entry, run)
            else:
                make_move(run, "complete")
                run.progress = progress_of(run, {})
                await self._end(entry, run)
                entry.append("run.completed", run)
        await self.ring_next()

    async def mark_failed(self, claim: Claim, error: Exception, failed_at: str, retry_count: int = 0) -> None:
        """Record that the run failed for good, where, and what a person can do; one that was cancelled is cancelled."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            if run.status == "cancelling":
                await self._stop(entry, run)
            else:
                run.retry_count = retry_count
                await self._fail(entry, run, failure_of(error, failed_at), failed_at)
        await self.ring_next()

    async def _fail(self, entry: Entry, run: Run, error: Json, failed_at: str) -> None:
        make_move(run, "fail")
        run.error, run.failed_at = error, failed_at
        await self._end(entry, run)
        entry.append("run.failed", run, error=error, failed_at=failed_at)

    async def mark_cancelled(self, claim: Claim) -> bool:
        """Record that the run has stopped; False when nobody had cancelled it."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            if run.status != "cancelling":
                return False
            await self._stop(entry, run)
        await self.ring_next()
        return True

    async def _stop(self, entry: Entry, run: Run) -> None:
        make_move(run, "stop")
        await withdraw_tasks(entry.session, run)
        await self._end(entry, run)
        entry.append("run.cancelled", run)

    async def mark_paused(self, claim: Claim) -> bool:
        """Record that nothing is in flight any more; False when the run was resumed meanwhile and goes on."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            if run.status != "pausing":
                return False
            make_move(run, "hold")
            _release(run)
            entry.append("run.paused", run)
        await self.ring_next()
        return True

    async def release(self, claim: Claim) -> None:
        """Hand a run back as it is, free to be claimed at once (the worker is leaving); the caller rings."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            _release(await run_of(entry, claim.fence))

    async def hold_back(self, claim: Claim) -> None:
        """Withhold the run's tasks that nobody has begun: a sibling has failed."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            await withhold_tasks(entry.session, await run_of(entry, claim.fence))

    async def ring_next(self) -> None:
        """Ring for the queued runs that fit into the slots now free."""
        async with self._database.read() as session:
            waiting = await self._limits.next_runs(session)
        for run_id in waiting:
            await self._ring.turn(run_id)

    async def _end(self, entry: Entry, run: Run) -> None:
        run.finished_at = entry.at
        run.phase = run.phase if run.status == "failed" else None
        _release(run)
        await entry.session.flush()


async def _declare(entry: Entry, run: Run, bands: Bands) -> None:
    known = {name: steps for name, (_, _, steps) in run.bands.items()}
    run.bands = {
        name: [low, high, known.get(name) if steps is None else steps] for name, (low, high, steps) in bands.items()
    }
    await update_progress(entry.session, run)


def _release(run: Run) -> None:
    run.owner, run.lease_expires_at = None, None


async def _claim_of(entry: Entry, run: Run) -> Claim:
    assert run.id is not None
    project = entry.project
    return Claim(
        fence=Fence(entry.project_id, run.id, run.epoch),
        project_id=entry.project_id,
        workflow_type=run.workflow_type,
        options=dict(run.options),
        title=project.title,
        script=dict(project.script),
        edits=dict(project.edits),
        takes=dict(project.takes),
        variations={**project.variations, **run.variations},
        retakes=frozenset(run.variations),
        skips=frozenset(run.skips),
        makers=await makers_of(entry.session, entry.project_id),
        tried=await tried_steps(entry.session, run.id),
    )
