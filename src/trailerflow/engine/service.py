"""The verbs of a run: start, status, pause, resume; claim, release; phases; completed, failed. Each one transaction.

Called by the web (what people ask for) and by `steps` (what happens). It writes rows and events together through the
ledger and never touches files, arq or HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import Database, now
from trailerflow.engine.ledger import Entry, Fence, Ledger, latest_run, project_not_found
from trailerflow.engine.limits import PRIORITIES, Limits
from trailerflow.engine.results import run_of
from trailerflow.engine.states import MOVES, RUNNING, SETTLED, Move, State, allowed_from
from trailerflow.engine.status import WorkflowStatus, progress_of, status_of, update_progress
from trailerflow.engine.tables import Json, Project, Run, Task
from trailerflow.errors import Conflict, TrailerflowError


class Ring(Protocol):
    """How the service wakes workers; implemented by the queue."""

    async def turn(self, run_id: int) -> None:
        """Ask an orchestrator to take a run."""
        ...

    async def render(self, count: int) -> None:
        """Ask `count` render workers to look for tasks."""
        ...


@dataclass(frozen=True, slots=True)
class Claim:
    """A turn's claim on a run, with the project's inputs frozen at that moment."""

    fence: Fence
    project_id: int
    workflow_type: str
    options: Json
    title: str
    script: Json
    edits: Json
    takes: Json
    plan_result_id: int | None
    phases: Json


class Service:
    """The verbs, over one ledger."""

    def __init__(self, *, database: Database, ledger: Ledger, ring: Ring, limits: Limits, lease_seconds: float) -> None:
        self._database = database
        self._ledger = ledger
        self._ring = ring
        self._limits = limits
        self._lease_seconds = lease_seconds

    # What people ask for

    async def get_status(self, project_id: int) -> WorkflowStatus:
        """Return the status of the project's latest run. Raises `NotFound`."""
        async with self._database.read() as session:
            project = await session.get(Project, project_id)
            if project is None:
                raise project_not_found(project_id)
            at = (await session.execute(select(now()))).scalar_one()
            return await status_of(session, project, await latest_run(session, project), at)

    async def state_of(self, run_id: int) -> str:
        """Return a run's state."""
        async with self._database.read() as session:
            state: str = (await session.execute(select(col(Run.status)).where(col(Run.id) == run_id))).scalar_one()
            return state

    async def start_workflow(self, project_id: int, workflow_type: str, options: Mapping[str, Any]) -> WorkflowStatus:
        """Start a new run. Raises `NotFound`, `Conflict` (a run is active, or `video_only` lacks plan or pictures)."""
        async with self._ledger.writing(project_id) as entry:
            active = await latest_run(entry.session, entry.project)
            self._check(active, "start")
            if workflow_type == "video_only":
                _check_pictures(entry.project)
            run = Run(
                project_id=project_id,
                user_id=entry.project.user_id,
                workflow_type=workflow_type,
                options=dict(options),
                priority=PRIORITIES[options.get("priority", "normal")],
                created_at=entry.at,
            )
            entry.session.add(run)
            await entry.session.flush()
            assert run.id is not None
            entry.project.run_id = run.id
            entry.append("run.queued", run, workflow_type=workflow_type, options=run.options)
            status = await _status(entry, run)
        await self._ring.turn(run.id)
        return status

    async def pause(self, project_id: int) -> WorkflowStatus:
        """Ask for a pause: what is in flight finishes and is recorded. Raises `NotFound`, `Conflict`."""
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            if run is not None and self._check(run, "pause"):
                await withhold_tasks(entry.session, run)
                entry.append(f"run.{run.status}", run)
            return await _status(entry, run)

    async def resume(self, project_id: int) -> WorkflowStatus:
        """Go on after a pause. Raises `NotFound`, `Conflict`."""
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            moved = run is not None and self._check(run, "resume")
            if run is not None and moved:
                entry.append("run.resumed", run)
            status = await _status(entry, run)
        if run is not None and run.id is not None and moved:
            await self._ring.turn(run.id)
        return status

    def _check(self, run: Run | None, move: Move) -> bool:
        """Make a move on a run; False when its effect holds already. Raises `Conflict` naming what is allowed."""
        state: State = "idle" if run is None else run.status  # type: ignore[assignment] # the column holds a State
        if (state, move) in SETTLED:
            return False
        target = MOVES.get((state, move))
        if target is None:
            raise _conflict(run, state, move)
        if run is not None and move != "start":
            run.status = target
        return True

    # What workers do

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
            was_queued = run.status == "queued"
            self._take(entry, run, owner)
            if was_queued:
                self._check(run, "claim")
                if run.started_at is None:
                    run.started_at = entry.at
                entry.append("run.started", run)
            else:
                run.deliveries += 1
            return _claim_of(entry, run)

    async def _may_claim(self, entry: Entry, run: Run) -> bool:
        held = run.owner is not None and run.lease_expires_at is not None and run.lease_expires_at > entry.at
        if held:
            return False
        if run.status == "queued":
            return await self._limits.admits(entry.session, run)
        return run.status in RUNNING

    def _take(self, entry: Entry, run: Run, owner: str) -> None:
        entry.project.epoch += 1
        run.epoch, run.owner = entry.project.epoch, owner
        run.lease_expires_at = entry.at + self._lease_seconds

    async def declare(self, claim: Claim, bands: Mapping[str, tuple[int, int, int | None]]) -> None:
        """Tell what the run consists of: {band: (from %, to %, steps or None while unknown)}."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            run = await run_of(entry, claim.fence)
            run.bands = {name: list(bounds) for name, bounds in bands.items()}
            await update_progress(entry.session, run)

    async def keep_shots(self, claim: Claim, shots: list[Json]) -> None:
        """Keep the plan's shots on the project: `[{"shot": id, "scene": index}]`."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            entry.project.shots = shots

    async def begin_phase(self, claim: Claim, phase: str) -> None:
        """Record that a phase is entered; silent when this run has entered it before."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            run.phase = phase
            if phase not in run.phases:
                run.phases = {**run.phases, phase: "started"}
                entry.append("phase.started", run, phase=phase)

    async def finish_phase(self, claim: Claim, phase: str) -> bool:
        """Record that a phase is done; True when the run stops here for a person's review."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            review = run.options.get("pause_after") == phase and run.phases.get(phase) != "held"
            if run.phases.get(phase) == "started":
                entry.append("phase.finished", run, phase=phase)
            run.phases = {**run.phases, phase: "held" if review else run.phases[phase].replace("started", "finished")}
            if review:
                self._check(run, "hold")
                _release(run)
                entry.append("run.paused", run, reason="review")
            return review

    async def mark_completed(self, claim: Claim) -> None:
        """Record that the film is done."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            self._check(run, "complete")
            run.progress = progress_of(run, {})
            await self._end(entry, run)
            entry.append("run.completed", run)
        await self.ring_next()

    async def mark_failed(self, claim: Claim, error: TrailerflowError, failed_at: str, retry_count: int = 0) -> None:
        """Record that the run failed for good, where, and what a person can do."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            self._check(run, "fail")
            run.error = {"code": error.code, "message": error.message, "remedy": error.remedy}
            run.failed_at, run.retry_count = failed_at, retry_count
            await self._end(entry, run)
            entry.append("run.failed", run, error=run.error, failed_at=failed_at)
        await self.ring_next()

    async def mark_paused(self, claim: Claim) -> bool:
        """Record that nothing is in flight any more; False when the run was resumed meanwhile and goes on."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            if run.status != "pausing":
                return False
            self._check(run, "hold")
            _release(run)
            entry.append("run.paused", run)
        await self.ring_next()
        return True

    async def release(self, claim: Claim) -> None:
        """Hand a run back as it is, free to be claimed at once (the worker is leaving)."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            run = await run_of(entry, claim.fence)
            _release(run)
            run_id = claim.fence.run_id
        await self._ring.turn(run_id)

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


async def withhold_tasks(session: AsyncSession, run: Run) -> None:
    """Take a run's unclaimed tasks off the render queue; its next turn puts them back."""
    await session.execute(
        update(Task).where(col(Task.run_id) == run.id, col(Task.status) == "queued").values(status="held")
    )


async def count_runs(session: AsyncSession) -> dict[str, int]:
    """Count all runs by status."""
    query = select(col(Run.status), func.count()).group_by(col(Run.status))
    return dict((await session.execute(query)).tuples().all())


def _release(run: Run) -> None:
    run.owner, run.lease_expires_at = None, None


async def _status(entry: Entry, run: Run | None) -> WorkflowStatus:
    """Return the status as it will be once the transaction commits."""
    await entry.session.flush()
    status = await status_of(entry.session, entry.project, run, entry.at)
    return status.model_copy(update={"last_event_id": entry.first_id - 1 + len(entry.events)})


def _claim_of(entry: Entry, run: Run) -> Claim:
    assert run.id is not None
    project = entry.project
    return Claim(
        fence=Fence(run.id, run.epoch),
        project_id=entry.project_id,
        workflow_type=run.workflow_type,
        options=dict(run.options),
        title=project.title,
        script=dict(project.script),
        edits=dict(project.edits),
        takes=dict(project.takes),
        plan_result_id=project.plan_result_id,
        phases=dict(run.phases),
    )


def _check_pictures(project: Project) -> None:
    if project.plan_result_id is None:
        raise Conflict(
            "no_plan",
            f"project {project.id} has no plan yet, so there is nothing to film",
            remedy="start full_pipeline or storyboard_only first",
        )
    missing = [shot["shot"] for shot in project.shots if shot["shot"] not in project.takes]
    if missing:
        raise Conflict(
            "no_pictures",
            f"these shots have no picture: {', '.join(missing)}",
            remedy="start storyboard_only first",
            extra={"shots": missing},
        )


def _conflict(run: Run | None, state: State, move: Move) -> Conflict:
    if move == "start" and run is not None:
        return Conflict(
            "run_active",
            f"run {run.id} of project {run.project_id} is {state}",
            remedy="wait for it, resume it, or cancel it",
            extra={"run_id": run.id, "state": state},
        )
    states = allowed_from(move)
    return Conflict(
        "not_allowed",
        f"{move} is not possible while the run is {state}",
        remedy=f"{move} is possible while it is {', '.join(states)}",
        extra={"state": state, "allowed_states": states},
    )
