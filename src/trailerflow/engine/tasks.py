"""Tasks as a turn sees them: ordered, waited for, failed. Called by `steps`.

A task is work outside the orchestrator, a row that a worker claims (`task_claims`). It is found again by (project,
name, digest): after a crash the run waits for the one it had ordered.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.claims import Claim
from trailerflow.engine.database import Database, now
from trailerflow.engine.ledger import Ledger
from trailerflow.engine.results import Maker, NewFile
from trailerflow.engine.step_rows import StepName, run_of, started, step_data, step_row
from trailerflow.engine.tables import HERE, Json, Task

WAITING = ("queued", "held", "failed", "cancelled")
"""States from which a task goes to the queue when it is ordered (again); the others it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do: a kind of work, who does it, and its order as JSON."""

    kind: str
    provider: str
    order: Json
    model: str | None = None

    @property
    def made_of(self) -> Json:
        """Return what the product depends on."""
        by = {"provider": self.provider} if self.model is None else {"provider": self.provider, "model": self.model}
        return {**by, "order": self.order}

    @property
    def maker(self) -> Maker:
        """Return who makes it."""
        return Maker(self.provider, self.model)


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
    """The verbs of a turn on its tasks."""

    def __init__(self, *, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

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
            if row.status in ("failed", "finished", "reused"):
                row.status, row.error = "waiting", None
            task = await _find(entry.session, claim.project_id, step.name, digest)
            if task is None:
                task = _new(claim, step, digest, order, entry.at)
                entry.session.add(task)
            if task.run_id != claim.fence.run_id:
                task.run_id, task.attempts, task.tries = claim.fence.run_id, 0, 0
            task.position = step.position
            if task.status in WAITING or again:
                _renew(task, again=again)
                untouched = task.submit_key is None
                task.status = "held" if untouched and (withhold or run.status != "running") else "queued"
            await entry.session.flush()
        if order.provider not in HERE:  # the courier listens; render workers are rung by their queue
            await self._ledger.bell.ring(claim.project_id)
        assert task.id is not None
        return task.id

    async def requeue(self, claim: Claim, task_ids: list[int]) -> None:
        """Put withheld tasks back on the queue."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            if (await run_of(entry, claim.fence)).status == "running":
                withheld = (col(Task.id).in_(task_ids), col(Task.status).in_(("held", "cancelled")))
                await entry.session.execute(
                    update(Task).where(*withheld).values(status="queued", cancel_asked=False, not_before=None)
                )
        await self._ledger.bell.ring(claim.project_id)

    async def mark_started(self, claim: Claim, step: StepName, attempt: int = 1, error: Json | None = None) -> None:
        """Record that a step is in work; `error` is why the attempt before did not succeed."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            started(entry, run, await step_row(entry, run, step), attempt, _told(error))

    async def mark_failed(
        self, claim: Claim, step: StepName, error: Json, attempts: int, *, stand_in: bool = False
    ) -> None:
        """Record that a step failed for good; with `stand_in` the run goes on without it."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence) as entry:
            run = await run_of(entry, claim.fence)
            row = await step_row(entry, run, step)
            row.status, row.error, row.attempts, row.finished_at = "failed", _told(error), attempts, entry.at
            if stand_in:
                run.skips = [*run.skips, step.name]
            entry.append("step.failed", run, **step_data(row), error=row.error)

    async def states(self, task_ids: list[int]) -> list[TaskState]:
        """Return how tasks stand."""
        async with self._database.read() as session:
            rows = (await session.execute(select(Task).where(col(Task.id).in_(task_ids)))).scalars()
            return [_state(task) for task in rows]


def _new(claim: Claim, step: StepName, digest: str, order: Order, at: float) -> Task:
    return Task(
        project_id=claim.project_id,
        run_id=claim.fence.run_id,
        name=step.name,
        digest=digest,
        kind=order.kind,
        provider=order.provider,
        model=order.model,
        order=order.order,
        created_at=at,
    )


def _renew(task: Task, *, again: bool) -> None:
    """Make a task ready to be done; what a provider has of it stays known."""
    if task.status == "failed":
        task.deliveries, task.tries = 0, 0
    if task.status != "queued":
        task.not_before = None
    if again:
        task.received = None if task.remote_id is not None else task.received
    task.error, task.product, task.files, task.cancel_asked = None, None, [], False


async def _find(session: AsyncSession, project_id: int, name: str, digest: str) -> Task | None:
    query = select(Task).where(col(Task.project_id) == project_id, col(Task.name) == name, col(Task.digest) == digest)
    return (await session.execute(query)).scalar_one_or_none()


async def count_queued(session: AsyncSession) -> int:
    """Return how many tasks wait for a worker and may be begun now."""
    due = col(Task.not_before).is_(None) | (col(Task.not_before) <= now())
    query = select(func.count()).select_from(Task).where(col(Task.status) == "queued", due)
    return int((await session.execute(query)).scalar_one())


def _told(error: Mapping[str, object] | None) -> Json | None:
    """Return an error as people are told it."""
    return None if error is None else {name: error.get(name) for name in ("code", "message", "remedy")}


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
