"""The verbs of a run as people ask for them: start, status, pause, resume, cancel, retry, skip. Each one transaction.

Called by the web; what a worker does with a run it has claimed is in `claims`. It writes rows and events together
through the ledger and never touches files, arq or HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine import skips, starts
from trailerflow.engine.claims import Ring
from trailerflow.engine.database import Database, now
from trailerflow.engine.ledger import Entry, Ledger, latest_run, project_not_found
from trailerflow.engine.limits import PRIORITIES
from trailerflow.engine.states import make_move
from trailerflow.engine.status import WorkflowStatus, status_of
from trailerflow.engine.step_rows import tell_begun
from trailerflow.engine.tables import IdempotencyKey, Project, Run
from trailerflow.engine.withdrawal import buy_again, withdraw_tasks, withhold_tasks
from trailerflow.errors import Conflict

REGENERATE = "regenerate_scene"


@dataclass(frozen=True, slots=True)
class Start:
    """A start as it is asked for: `scene` for `regenerate_scene`, `key` the client's idempotency key."""

    workflow_type: str
    options: Mapping[str, Any]
    scene: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """What became of a start; `replayed` when the same was asked before under its key."""

    status: WorkflowStatus
    replayed: bool = False


class Service:
    """The verbs, over one ledger.

    Of each status `job_price` (what one job at a provider is expected to cost, in USD) tells the cost, `per_user` (the
    most runs of one user at once) the place in line.
    """

    def __init__(
        self, *, database: Database, ledger: Ledger, ring: Ring, job_price: float = 0.0, per_user: int | None = None
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._ring = ring
        self._shown: dict[str, Any] = {"job_price": job_price, "per_user": per_user}

    async def get_status(self, project_id: int) -> WorkflowStatus:
        """Return the status of the project's latest run. Raises `NotFound`."""
        async with self._database.read() as session:
            project = await session.get(Project, project_id)
            if project is None:
                raise project_not_found(project_id)
            at = (await session.execute(select(now()))).scalar_one()
            return await status_of(session, project, await latest_run(session, project), at, **self._shown)

    async def start_workflow(self, project_id: int, start: Start) -> Started:
        """Start a new run, or answer with the run that was started under the same key.

        Raises `NotFound`, `Conflict` (a run is active; no plan or pictures), `Invalid` (key of another request, scene).
        """
        fingerprint = starts.fingerprint_of(project_id, start.workflow_type, start.options, start.scene)
        async with self._ledger.writing(project_id) as entry:
            if start.key is not None:
                user_id = entry.project.user_id
                replay = await starts.find_replay(entry.session, user_id, start.key, fingerprint)
                if replay is not None:
                    return Started(await self._status(entry, replay), replayed=True)
            run = await self._begin(entry, start)
            if start.key is not None:
                entry.session.add(_remembered(entry, start.key, fingerprint, run))
            status = await self._status(entry, run)
        if status.status == "queued" and run.id is not None:
            await self._ring.turn(run.id)
        return Started(status)

    async def _begin(self, entry: Entry, start: Start) -> Run:
        latest = await latest_run(entry.session, entry.project)
        if start.workflow_type == REGENERATE and latest is not None and latest.status == "paused":
            return await self._regenerate_inside(entry, latest, start)
        make_move(latest, "start")
        options = dict(start.options)
        variations: dict[str, int] = {}
        if start.workflow_type == "video_only":
            starts.check_pictures(entry.project)
        if start.workflow_type == REGENERATE:
            variations = await starts.variations_of(entry.session, entry.project, start.scene or 0)
            film = await starts.has_been_filmed(entry.session, entry.project)
            options |= {"scene": start.scene, "film": film}
        run = Run(
            project_id=entry.project_id,
            user_id=entry.project.user_id,
            workflow_type=start.workflow_type,
            options=options,
            variations=variations,
            priority=PRIORITIES[options.get("priority", "normal")],
            created_at=entry.at,
        )
        entry.session.add(run)
        await entry.session.flush()
        entry.project.run_id = run.id
        entry.append("run.queued", run, workflow_type=start.workflow_type, options=run.options)
        return run

    async def _regenerate_inside(self, entry: Entry, run: Run, start: Start) -> Run:
        make_move(run, "regenerate")
        if run.workflow_type == "script_analysis_only":
            raise Conflict("no_pictures", "this run makes no pictures", remedy="resume it, then start storyboard_only")
        shots = await starts.variations_of(entry.session, entry.project, start.scene or 0)
        await starts.reopen_items(entry, run, shots)
        entry.append("run.paused", run, reason="regenerate", scene=start.scene)
        return run

    async def pause(self, project_id: int) -> WorkflowStatus:
        """Ask for a pause: what is in flight finishes and is recorded. Raises `NotFound`, `Conflict`."""
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            if run is not None and run.status == "running":
                await withhold_tasks(entry.session, run)
                await tell_begun(entry, run)
            if make_move(run, "pause") and run is not None:
                entry.append(f"run.{run.status}", run)
            return await self._status(entry, run)

    async def resume(self, project_id: int) -> WorkflowStatus:
        """Go on after a pause. Raises `NotFound`, `Conflict`."""
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            moved = run if make_move(run, "resume") else None
            if moved is not None:
                entry.append("run.resumed", moved)
            status = await self._status(entry, run)
        await self._ring_for(moved)
        return status

    async def cancel(self, project_id: int) -> WorkflowStatus:
        """Stop for good: at once when nobody works on the run, else as soon as who does has let go.

        What is made stays; a provider is asked to stop and its ticket kept. Raises `NotFound`, `Conflict`.
        """
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            moved = run if make_move(run, "cancel") else None
            if moved is not None:
                moved.cancel_asked_at = entry.at
                await withdraw_tasks(entry.session, moved)
                if moved.status == "cancelled":
                    moved.finished_at, moved.phase = entry.at, None
                entry.append(f"run.{moved.status}", moved)
            status = await self._status(entry, run)
        await self._ring_for(moved)
        return status

    async def retry(self, project_id: int) -> WorkflowStatus:
        """Go on from the failed step, all results kept. Raises `NotFound`, `Conflict`."""
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            moved = run if make_move(run, "retry") else None
            if moved is not None:
                moved.error, moved.failed_at, moved.finished_at, moved.deliveries = None, None, None, 0
                await buy_again(entry.session, moved)
                await skips.forgive_failures(entry, moved)
                entry.append("run.retried", moved)
            status = await self._status(entry, run)
        await self._ring_for(moved)
        return status

    async def skip(self, project_id: int, step: str | None) -> WorkflowStatus:
        """Have a picture or clip (None: the failed one) stood in for once the run goes on.

        Raises `NotFound`, `Conflict` (the state, finished, submitted to a provider), `Invalid` (no such item).
        """
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            make_move(run, "skip")
            assert run is not None  # no move but start is possible without a run
            await skips.skip(entry, run, step)
            return await self._status(entry, run)

    async def _ring_for(self, run: Run | None) -> None:
        if run is not None and run.id is not None:
            await self._ring.turn(run.id)

    async def _status(self, entry: Entry, run: Run | None) -> WorkflowStatus:
        """Return the status as it will be once the transaction commits."""
        await entry.session.flush()
        status = await status_of(entry.session, entry.project, run, entry.at, **self._shown)
        return status.model_copy(update={"last_event_id": entry.first_id - 1 + len(entry.events)})


async def count_runs(session: AsyncSession) -> dict[str, int]:
    """Count all runs by status."""
    query = select(col(Run.status), func.count()).group_by(col(Run.status))
    return {status: count for status, count in await session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


def _remembered(entry: Entry, key: str, fingerprint: str, run: Run) -> IdempotencyKey:
    assert run.id is not None
    user_id = entry.project.user_id
    return IdempotencyKey(user_id=user_id, key=key, fingerprint=fingerprint, run_id=run.id, created_at=entry.at)
