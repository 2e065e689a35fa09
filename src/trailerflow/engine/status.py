"""What a run looks like from outside: the status, its progress and its items. Called by `service` and `results`.

Progress is recomputed from the steps inside the recording transaction; there is no second truth.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, Literal, Protocol

from pydantic import BaseModel
from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import object_of
from trailerflow.engine.limits import queue_position
from trailerflow.engine.states import ACTIVE, State
from trailerflow.engine.tables import HERE, Json, Project, Run, Step, Task

DONE = ("finished", "reused", "skipped")
PACE_ITEMS: Final = 9
"""By so many of its last pictures and clips a run's pace is told."""
EDIT_SHARE: Final = 0.25
"""The edit takes so much of the time that all clips took, as measured."""


class ItemCount(BaseModel):
    """How many pictures or clips; `total` is null until known, `done` counts what was used again."""

    done: int = 0
    total: int | None = None
    failed: int = 0
    skipped: int = 0


class Items(BaseModel):
    """The items of a run."""

    images: ItemCount
    clips: ItemCount


class Cost(BaseModel):
    """Money: what was estimated and what was paid, in `currency`. Local work costs nothing."""

    currency: str = "USD"
    estimate: float = 0.0
    actual: float = 0.0


class WorkflowStatus(BaseModel):
    """The status of a project's latest run; every key is always there."""

    project_id: int
    run_id: int | None
    workflow_type: str | None
    status: State
    phase: Literal["script_to_trailer", "trailer_to_storyboard", "storyboard_to_movie"] | None
    step: str | None
    progress: int
    items: Items
    error_message: str | None
    failed_at: str | None
    retry_count: int
    queue_position: int | None
    eta_seconds: int | None
    cost: Cost
    last_event_id: int
    created_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def etag(self) -> str:
        """Return the weak entity tag of this status."""
        return f'W/"{self.run_id or 0}-{self.last_event_id}"'


Counts = dict[tuple[str, str], int]
"""How many steps of a run by (kind, status)."""


_BY_BAND: Final = (
    select(col(Step.band), func.count().label("steps"))
    .where(col(Step.run_id) == bindparam("run"), or_(*(col(Step.status) == status for status in DONE)))
    .group_by(Step.band)
    .subquery()
)
DONE_STEPS: Final = select(object_of(_BY_BAND.c.band, _BY_BAND.c.steps)).scalar_subquery()
"""How many steps of a run are done, by band; it may be NULL when none are."""


async def count_steps(session: AsyncSession, run_id: int) -> Counts:
    """Count a run's steps."""
    query = (
        select(col(Step.kind), col(Step.status), func.count())
        .where(col(Step.run_id) == run_id)
        .group_by(Step.kind, Step.status)
    )
    return {(kind, status): count for kind, status, count in await session.execute(query)}


class Moving(Protocol):
    """What of a run its progress depends on."""

    @property
    def status(self) -> str:
        """Return its state."""
        ...

    @property
    def bands(self) -> Json:
        """Return what it consists of."""
        ...

    @property
    def progress(self) -> int:
        """Return the progress so far."""
        ...


def progress_of(run: Moving, done: Mapping[str, int]) -> int:
    """Return the whole percentage: the share done over each band, rounded down, never falling, 100 only at the end.

    `done` says how many steps of each band are done.
    """
    if run.status == "completed":
        return 100
    hundredths = 0
    for band, (low, high, total) in run.bands.items():
        if total is not None:
            share = min(done.get(band, 0), total)
            hundredths += (high - low) * 100 * share // total if total else (high - low) * 100
    return max(run.progress, min(hundredths // 100, 99))


async def update_progress(session: AsyncSession, run: Run) -> None:
    """Recompute a run's progress from its steps."""
    await session.flush()
    done = (await session.execute(select(DONE_STEPS), {"run": run.id})).scalar_one()
    run.progress = progress_of(run, done or {})


def _items(run: Run, counts: Counts, kind: str, band: str) -> ItemCount:
    by_status = {status: count for (name, status), count in counts.items() if name == kind}
    bounds = run.bands.get(band)
    return ItemCount(
        done=sum(by_status.get(status, 0) for status in ("finished", "reused")),
        total=bounds[2] if bounds else None,
        failed=by_status.get("failed", 0),
        skipped=by_status.get("skipped", 0),
    )


async def _latest_unfinished(session: AsyncSession, run: Run) -> str | None:
    query = (
        select(col(Step.name))
        .where(col(Step.run_id) == run.id, col(Step.status).in_(("started", "failed")))
        .order_by(col(Step.started_at).desc(), col(Step.id).desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def _queue_position(session: AsyncSession, run: Run, per_user: int | None) -> int | None:
    return await queue_position(session, run, per_user=per_user) if run.status == "queued" else None


def time_left(items: Items, finished: Sequence[float], at: float) -> int | None:
    """Return how many seconds a run will take yet, by the pace of its last items; None while nobody can know.

    `finished` are the moments at which the last of them were, newest first. A clip counts as a picture, and the edit as
    `EDIT_SHARE` of all clips.
    """
    kinds = [kind for kind in (items.images, items.clips) if kind.total is not None]
    if not kinds or len(finished) < 2:
        return None
    pace = (finished[0] - finished[-1]) / (len(finished) - 1)
    waiting = sum(max((kind.total or 0) - kind.done - kind.skipped, 0) for kind in kinds)
    left = pace * (waiting + EDIT_SHARE * (items.clips.total or 0)) - (at - finished[0])
    return max(round(left), 1)


async def _eta_seconds(session: AsyncSession, run: Run, items: Items, at: float) -> int | None:
    if run.status != "running":
        return None
    last = (
        select(col(Step.finished_at))
        .where(col(Step.run_id) == run.id, col(Step.kind).in_(("image", "clip")), col(Step.status) == "finished")
        .order_by(col(Step.finished_at).desc())
        .limit(PACE_ITEMS)
    )
    moments = [moment for moment in (await session.execute(last)).scalars() if moment is not None]
    return time_left(items, moments, at)


async def _cost(session: AsyncSession, run: Run, job_price: float) -> Cost:
    """Return what was paid, and what it comes to with the jobs ordered and not yet billed."""
    unbilled = (
        select(func.count())
        .select_from(Task)
        .where(
            col(Task.run_id) == run.id,
            col(Task.name).not_in(run.skips),
            col(Task.provider).not_in(HERE),
            col(Task.received).is_(None),
            col(Task.status).in_(("queued", "held", "claimed")),
        )
    )
    jobs = (await session.execute(unbilled)).scalar_one()
    return Cost(actual=round(run.cost, 6), estimate=round(run.cost + jobs * job_price, 6))


async def status_of(
    session: AsyncSession,
    project: Project,
    run: Run | None,
    at: float,
    *,
    job_price: float = 0.0,
    per_user: int | None = None,
) -> WorkflowStatus:
    """Return the status of a project's run as of one moment (`at`: seconds, the database's clock).

    `job_price` is what a job at a provider is expected to cost, in USD; `per_user` the most runs of one user at once.
    """
    assert project.id is not None
    if run is None or run.id is None:
        return _idle(project)
    counts = await count_steps(session, run.id)
    items = Items(images=_items(run, counts, "image", "images"), clips=_items(run, counts, "clip", "clips"))
    return WorkflowStatus(
        project_id=project.id,
        run_id=run.id,
        workflow_type=run.workflow_type,
        status=run.status,
        phase=run.phase,
        step=await _latest_unfinished(session, run) if run.status in ACTIVE | {"failed"} else None,
        progress=run.progress,
        items=items,
        error_message=run.error["message"] if run.error else None,
        failed_at=run.failed_at,
        retry_count=run.retry_count,
        queue_position=await _queue_position(session, run, per_user),
        eta_seconds=await _eta_seconds(session, run, items, at),
        cost=await _cost(session, run, job_price),
        last_event_id=project.last_event_id,
        created_at=_time(run.created_at),
        started_at=_time(run.started_at),
        finished_at=_time(run.finished_at),
    )


def _idle(project: Project) -> WorkflowStatus:
    assert project.id is not None
    return WorkflowStatus(
        project_id=project.id,
        run_id=None,
        workflow_type=None,
        status="idle",
        phase=None,
        step=None,
        progress=0,
        items=Items(images=ItemCount(), clips=ItemCount()),
        error_message=None,
        failed_at=None,
        retry_count=0,
        queue_position=None,
        eta_seconds=None,
        cost=Cost(),
        last_event_id=project.last_event_id,
        created_at=None,
        started_at=None,
        finished_at=None,
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
