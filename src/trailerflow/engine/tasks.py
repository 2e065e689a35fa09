"""Tasks as a turn sees them: ordered, waited for, failed. Called by `steps`.

A task is work outside the orchestrator, a row that a worker claims (`task_claims`). It is found again by (project,
name, digest): after a crash the run waits for the one it had ordered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.claims import Claim
from trailerflow.engine.database import Database, now
from trailerflow.engine.ledger import Fence, Ledger, Page
from trailerflow.engine.products import NewFile
from trailerflow.engine.recording import begin, meet, meet_all, save
from trailerflow.engine.step_rows import StepName, run_of
from trailerflow.engine.submission import Order, Submission, submit
from trailerflow.engine.tables import HERE, Json, Run, Task
from trailerflow.engine.together import Together

_STATES: Final[Select[*tuple[Any, ...]]] = (
    select(
        col(Run.status).label("run_status"),
        col(Task.id),
        col(Task.status),
        col(Task.attempts),
        col(Task.product),
        col(Task.files),
        col(Task.error),
    )
    .select_from(Run)
    .outerjoin(Task, col(Task.id).in_(bindparam("rows", expanding=True)) & (col(Task.status) != "queued"))
    .where(col(Run.id) == bindparam("run"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskState:
    """What a waiting turn needs to know of a task."""

    task_id: int
    status: str
    attempts: int
    product: Json | None
    files: tuple[NewFile, ...]
    error: Json | None


@dataclass(frozen=True, slots=True)
class Begun:
    """A step's attempt that is in work; `error` is why the attempt before did not succeed."""

    step: StepName
    attempt: int = 1
    error: Json | None = None


class Tasks:
    """The verbs of a turn on its tasks."""

    def __init__(self, *, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger
        self._counter = Together(self._submit_all)

    async def submit(
        self, claim: Claim, step: StepName, digest: str, order: Order, *, withhold: bool = False, again: bool = False
    ) -> int:
        """Put a step's task on the queue, or find the one already ordered; return its ticket.

        While the run is pausing, or with `withhold`, a task nobody has begun is kept back. `again` has a task that is
        done made once more, because its files are gone.
        """
        submission = Submission(step=step, digest=digest, order=order, withhold=withhold, again=again)
        ticket = await self._counter.hand_in(claim.fence, submission)
        if order.provider not in HERE:  # the courier listens; render workers are rung by their queue
            self._ledger.bell.ring(claim.project_id)
        return ticket

    async def _submit_all(self, fence: Fence, submissions: list[Submission]) -> list[int]:
        return await self._ledger.record(fence, lambda page: submit(page, submissions), events=0)

    async def requeue(self, claim: Claim, task_ids: list[int]) -> None:
        """Put withheld tasks back on the queue."""
        async with self._ledger.writing(claim.project_id, fence=claim.fence, events=0) as entry:
            if (await run_of(entry, claim.fence)).status == "running":
                withheld = (col(Task.id).in_(task_ids), col(Task.status).in_(("held", "cancelled")))
                await entry.session.execute(
                    update(Task).where(*withheld).values(status="queued", cancel_asked=False, not_before=None)
                )
        self._ledger.bell.ring(claim.project_id)

    async def mark_started(self, claim: Claim, *begun: Begun) -> None:
        """Record that steps are in work."""

        def written(page: Page) -> None:
            mets = meet_all(page, [one.step for one in begun])
            for one, met in zip(begun, mets, strict=True):
                begin(page, met, one.attempt, _told(one.error))
            save(page, *mets)

        await self._ledger.record(claim.fence, written, events=len(begun))

    async def mark_failed(
        self, claim: Claim, step: StepName, error: Json, attempts: int, *, stand_in: bool = False
    ) -> None:
        """Record that a step failed for good; with `stand_in` the run goes on without it."""

        def written(page: Page) -> None:
            met = meet(page, step)
            met.status, met.error, met.attempts, met.finished_at = "failed", _told(error), attempts, page.at
            save(page, met)
            if stand_in:
                of_run = update(Run).where(col(Run.id) == claim.fence.run_id)
                page.connection.execute(of_run.values(skips=[*met.run.skips, step.name]))
            page.append("step.failed", met.run.progress, **met.data, error=met.error)

        await self._ledger.record(claim.fence, written)

    async def states(self, run_id: int, task_ids: list[int]) -> tuple[str, list[TaskState]]:
        """Return how a run stands, and those of the tasks it waits for that are not on the queue."""
        async with self._database.read_rows() as connection:
            rows = (await connection.execute(_STATES, {"run": run_id, "rows": task_ids})).all()
            return rows[0].run_status, [_state(row) for row in rows if row.id is not None]


async def count_queued(session: AsyncSession) -> int:
    """Return how many tasks wait for a worker and may be begun now."""
    due = col(Task.not_before).is_(None) | (col(Task.not_before) <= now())
    query = select(func.count()).select_from(Task).where(col(Task.status) == "queued", due)
    return int((await session.execute(query)).scalar_one())


def _told(error: Mapping[str, object] | None) -> Json | None:
    """Return an error as people are told it."""
    return None if error is None else {name: error.get(name) for name in ("code", "message", "remedy")}


def _state(task: Row[Any]) -> TaskState:
    return TaskState(
        task_id=task.id,
        status=task.status,
        attempts=task.attempts,
        product=task.product,
        files=tuple(NewFile(**file) for file in task.files),
        error=task.error,
    )
