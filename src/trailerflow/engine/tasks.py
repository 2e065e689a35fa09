"""Tasks: work outside the orchestrator, as rows that render workers claim. Called by `steps` and `farm`.

A task is found again by (project, name, digest): after a crash the run waits for the one it had ordered.
"""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import CursorResult, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from trailerflow.engine.bell import Bell
from trailerflow.engine.claims import Claim
from trailerflow.engine.database import Database, now
from trailerflow.engine.ledger import Ledger
from trailerflow.engine.results import NewFile, StepName, run_of, started, step_data, step_row
from trailerflow.engine.tables import Json, Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do: a kind of work, who does it, and its order as JSON."""

    kind: str
    provider: str
    order: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClaim:
    """A render worker's claim on a task."""

    task_id: int
    epoch: int
    project_id: int
    run_id: int
    name: str
    kind: str
    order: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """What a waiting turn needs to know of a task."""

    task_id: int
    status: str
    attempts: int
    product: Json | None
    files: tuple[NewFile, ...]
    error: Json | None


class Tasks:
    """The verbs of tasks."""

    def __init__(self, *, database: Database, ledger: Ledger, bell: Bell, lease_seconds: float) -> None:
        self._database = database
        self._ledger = ledger
        self._bell = bell
        self._lease_seconds = lease_seconds

    async def submit(
        self, claim: Claim, step: StepName, digest: str, order: Order, *, withhold: bool = False, again: bool = False
    ) -> int:
        """Put a step's task on the queue, or find the one already ordered; return its ticket.

        While the run is pausing, or with `withhold`, a task nobody has begun is kept back. `again` has a task that is
        done made once more, because its files are gone.
        """
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            run = await run_of(entry, claim.fence)
            row = await step_row(entry, run, step)
            if row.status not in ("waiting", "started"):
                row.status, row.error = "waiting", None
            task = await _find(entry.session, claim.project_id, step.name, digest)
            if task is None:
                task = Task(
                    project_id=claim.project_id,
                    run_id=claim.fence.run_id,
                    name=step.name,
                    digest=digest,
                    kind=order.kind,
                    provider=order.provider,
                    order=order.order,
                    created_at=entry.at,
                )
                entry.session.add(task)
            if task.run_id != claim.fence.run_id:
                task.run_id, task.attempts = claim.fence.run_id, 0
            task.position = step.position
            if task.status in ("queued", "held", "failed") or again:
                if task.status == "failed":
                    task.deliveries = 0
                task.error, task.product, task.files = None, None, []
                task.status = "held" if withhold or run.status == "pausing" else "queued"
            await entry.session.flush()
            assert task.id is not None
            return task.id

    async def requeue(self, claim: Claim, task_ids: list[int]) -> None:
        """Put withheld tasks back on the queue."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            if (await run_of(entry, claim.fence)).status == "running":
                await entry.session.execute(
                    update(Task).where(col(Task.id).in_(task_ids), col(Task.status) == "held").values(status="queued")
                )

    async def mark_started(self, claim: Claim, step: StepName) -> None:
        """Record that a render worker has begun a step's task."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            await started(entry, run, await step_row(entry, run, step))

    async def mark_failed(self, claim: Claim, step: StepName, error: Json, attempts: int) -> None:
        """Record that a step failed for good."""
        error = {name: value for name, value in error.items() if name != "temporary"}
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            row = await step_row(entry, run, step)
            row.status, row.error, row.attempts, row.finished_at = "failed", error, attempts, entry.at
            entry.append("step.failed", run, **step_data(row), error=error)

    async def states(self, task_ids: list[int]) -> list[TaskState]:
        """Return how tasks stand."""
        async with self._database.read() as session:
            rows = (await session.execute(select(Task).where(col(Task.id).in_(task_ids)))).scalars()
            return [_state(task) for task in rows]

    async def claim(self, owner: str) -> TaskClaim | None:
        """Take the next task, in turn over the runs; None when none waits."""
        while True:
            async with self._database.read() as session:
                task_id = await _next(session)
            if task_id is None:
                return None
            async with self._database.write() as session:
                taken = await session.execute(
                    update(Task)
                    .where(col(Task.id) == task_id, col(Task.status) == "queued")
                    .values(
                        status="claimed",
                        owner=owner,
                        epoch=Task.epoch + 1,
                        lease_expires_at=now() + self._lease_seconds,
                    )
                    .returning(Task)
                    .execution_options(synchronize_session=False)
                )
                task = taken.scalar_one_or_none()
            if task is not None and task.id is not None:
                await self._bell.ring(task.project_id)
                return TaskClaim(
                    task_id=task.id,
                    epoch=task.epoch,
                    project_id=task.project_id,
                    run_id=task.run_id,
                    name=task.name,
                    kind=task.kind,
                    order=task.order,
                )

    async def finish(self, claim: TaskClaim, product: Json, files: list[NewFile]) -> bool:
        """Record a task's product; False when the lease has passed to another worker."""
        listed = [asdict(file) for file in files]
        done = {"status": "done", "product": product, "files": listed, "finished_at": now()}
        return await self._settle(claim, **done, attempts=Task.attempts + 1)

    async def fail(self, claim: TaskClaim, error: Json) -> bool:
        """Record that a task failed: one attempt is spent."""
        return await self._settle(claim, status="failed", error=error, finished_at=now(), attempts=Task.attempts + 1)

    async def hand_back(self, claim: TaskClaim) -> bool:
        """Put a task back untouched: the worker is leaving, no attempt is spent."""
        return await self._settle(claim, status="queued", deliveries=Task.deliveries + 1)

    async def _settle(self, claim: TaskClaim, **values: Any) -> bool:
        async with self._database.write() as session:
            settled = await session.execute(
                update(Task)
                .where(col(Task.id) == claim.task_id, col(Task.epoch) == claim.epoch, col(Task.status) == "claimed")
                .values(owner=None, lease_expires_at=None, **values)
                .execution_options(synchronize_session=False)
            )
            assert isinstance(settled, CursorResult)
        await self._bell.ring(claim.project_id)
        return settled.rowcount == 1


async def _find(session: AsyncSession, project_id: int, name: str, digest: str) -> Task | None:
    query = select(Task).where(col(Task.project_id) == project_id, col(Task.name) == name, col(Task.digest) == digest)
    return (await session.execute(query)).scalar_one_or_none()


async def _next(session: AsyncSession) -> int | None:
    other = aliased(Task)
    in_work = (
        select(func.count()).where(other.run_id == Task.run_id, other.status == "claimed").scalar_subquery()  # type: ignore[arg-type] # SQLModel columns
    )
    query = (
        select(col(Task.id))
        .where(col(Task.status) == "queued")
        .order_by(in_work, col(Task.position), col(Task.id))
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def count_queued(session: AsyncSession) -> int:
    """Return how many tasks wait for a render worker."""
    query = select(func.count()).select_from(Task).where(col(Task.status) == "queued")
    return int((await session.execute(query)).scalar_one())


def _state(task: Task) -> TaskState:
    assert task.id is not None
    return TaskState(
        task_id=task.id,
        status=task.status,
        attempts=task.attempts,
        product=task.product,
        files=tuple(NewFile(**file) for file in task.files),
        error=task.error,
    )
