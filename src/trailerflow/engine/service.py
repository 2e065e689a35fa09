"""The verbs of a run as people ask for them: start, status, pause, resume. Each one transaction.

Called by the web; what a worker does with a run it has claimed is in `claims`. It writes rows and events together
through the ledger and never touches files, arq or HTTP.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.claims import Ring, withhold_tasks
from trailerflow.engine.database import Database, now
from trailerflow.engine.ledger import Entry, Ledger, latest_run, project_not_found
from trailerflow.engine.limits import PRIORITIES
from trailerflow.engine.states import make_move
from trailerflow.engine.status import WorkflowStatus, status_of
from trailerflow.engine.tables import Project, Run
from trailerflow.errors import Conflict


class Service:
    """The verbs, over one ledger."""

    def __init__(self, *, database: Database, ledger: Ledger, ring: Ring) -> None:
        self._database = database
        self._ledger = ledger
        self._ring = ring

    async def get_status(self, project_id: int) -> WorkflowStatus:
        """Return the status of the project's latest run. Raises `NotFound`."""
        async with self._database.read() as session:
            project = await session.get(Project, project_id)
            if project is None:
                raise project_not_found(project_id)
            at = (await session.execute(select(now()))).scalar_one()
            return await status_of(session, project, await latest_run(session, project), at)

    async def start_workflow(self, project_id: int, workflow_type: str, options: Mapping[str, Any]) -> WorkflowStatus:
        """Start a new run. Raises `NotFound`, `Conflict` (a run is active, or `video_only` lacks plan or pictures)."""
        async with self._ledger.writing(project_id) as entry:
            make_move(await latest_run(entry.session, entry.project), "start")
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
            if make_move(run, "pause") and run is not None:
                await withhold_tasks(entry.session, run)
                entry.append(f"run.{run.status}", run)
            return await _status(entry, run)

    async def resume(self, project_id: int) -> WorkflowStatus:
        """Go on after a pause. Raises `NotFound`, `Conflict`."""
        async with self._ledger.writing(project_id) as entry:
            run = await latest_run(entry.session, entry.project)
            moved = run if make_move(run, "resume") else None
            if moved is not None:
                entry.append("run.resumed", moved)
            status = await _status(entry, run)
        if moved is not None and moved.id is not None:
            await self._ring.turn(moved.id)
        return status


async def count_runs(session: AsyncSession) -> dict[str, int]:
    """Count all runs by status."""
    query = select(col(Run.status), func.count()).group_by(col(Run.status))
    return {status: count for status, count in await session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


async def _status(entry: Entry, run: Run | None) -> WorkflowStatus:
    """Return the status as it will be once the transaction commits."""
    await entry.session.flush()
    status = await status_of(entry.session, entry.project, run, entry.at)
    return status.model_copy(update={"last_event_id": entry.first_id - 1 + len(entry.events)})


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
