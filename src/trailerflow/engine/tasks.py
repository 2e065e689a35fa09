"""Tasks as a turn sees them: ordered, waited for, failed. Called by `steps`.

A task is work outside the orchestrator, a row that a worker claims (`task_claims`). It is found again by (project,
name, digest): after a crash the run waits for the one it had ordered.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from trailerflow.engine.claims import Claim
from trailerflow.engine.database import Database, now
from trailerflow.engine.ledger import Fence, Ledger, Page
from trailerflow.engine.products import Maker, NewFile
from trailerflow.engine.recording import begin, meet, save
from trailerflow.engine.step_rows import StepName, run_of
from trailerflow.engine.tables import HERE, Json, Run, Task

_STATES: Final[Select[*tuple[Any, ...]]] = select(
    col(Task.id), col(Task.status), col(Task.attempts), col(Task.product), col(Task.files), col(Task.error)
).where(col(Task.id).in_(bindparam("rows", expanding=True)))
_RUN_STATE: Final = select(col(Run.status)).where(col(Run.id) == bindparam("row"))
_FIND: Final[Select[*tuple[Any, ...]]] = select(
    col(Task.id), col(Task.run_id), col(Task.status), col(Task.submit_key), col(Task.remote_id)
).where(
    col(Task.project_id) == bindparam("project"),
    col(Task.name) == bindparam("named"),
    col(Task.digest) == bindparam("made_of"),
)
_ADD: Final[ReturningInsert[*tuple[Any, ...]]] = insert(Task).returning(col(Task.id))
_CHANGE: Final = update(Task).where(col(Task.id) == bindparam("row"))
_UNTOUCHED: Final[Json] = {
    "epoch": 0,
    "attempts": 0,
    "tries": 0,
    "deliveries": 0,
    "cancel_asked": False,
    "cost": 0.0,
    "billed": 0.0,
    "files": [],
}

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

    async def submit(
        self, claim: Claim, step: StepName, digest: str, order: Order, *, withhold: bool = False, again: bool = False
    ) -> int:
        """Put a step's task on the queue, or find the one already ordered; return its ticket.

        While the run is pausing, or with `withhold`, a task nobody has begun is kept back. `again` has a task that is
        done made once more, because its files are gone.
        """
        ticket = await self._ledger.record(
            claim.fence, lambda page: _submit(page, step, digest, order, withhold=withhold, again=again), events=0
        )
        if order.provider not in HERE:  # the courier listens; render workers are rung by their queue
            self._ledger.bell.ring(claim.project_id)
        return ticket

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
            for one in begun:
                met = meet(page, one.step)
                begin(page, met, one.attempt, _told(one.error))
                save(page, met)

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
        """Return how a run and the tasks it waits for stand."""
        async with self._database.read_rows() as connection:
            state: str = (await connection.execute(_RUN_STATE, {"row": run_id})).scalar_one()
            rows = (await connection.execute(_STATES, {"rows": task_ids})).all()
            return state, [_state(row) for row in rows]


def _submit(page: Page, step: StepName, digest: str, order: Order, *, withhold: bool, again: bool) -> int:
    met = meet(page, step)
    if met.id is None or met.status in ("failed", "finished", "reused"):
        met.status, met.error = "waiting", None
        save(page, met)
    withhold = withhold or met.run.status != "running"
    key = {"project": page.fence.project_id, "named": step.name, "made_of": digest}
    task = page.connection.execute(_FIND, key).one_or_none()
    if task is None:
        row = _new(page.fence, step, digest, order, page.at)
        ticket: int = page.connection.execute(_ADD, {**row, "status": "held" if withhold else "queued"}).scalar_one()
        return ticket
    values: dict[str, Any] = {"position": step.position}
    if task.run_id != page.fence.run_id:
        values |= {"run_id": page.fence.run_id, "attempts": 0, "tries": 0}
    if task.status in WAITING or again:
        values |= _renewed(task, again=again)
        values["status"] = "held" if task.submit_key is None and withhold else "queued"
    page.connection.execute(_CHANGE, {"row": task.id, **values})
    return int(task.id)


def _new(fence: Fence, step: StepName, digest: str, order: Order, at: float) -> Json:
    return {
        "project_id": fence.project_id,
        "run_id": fence.run_id,
        "name": step.name,
        "digest": digest,
        "position": step.position,
        "kind": order.kind,
        "provider": order.provider,
        "model": order.model,
        "order": order.order,
        "created_at": at,
        **_UNTOUCHED,
    }


def _renewed(task: Row[Any], *, again: bool) -> Json:
    """Return what makes a task ready to be done; what a provider has of it stays known."""
    values: Json = {"error": None, "product": None, "files": [], "cancel_asked": False}
    if task.status == "failed":
        values |= {"deliveries": 0, "tries": 0}
    if task.status != "queued":
        values["not_before"] = None
    if again and task.remote_id is not None:
        values["received"] = None
    return values


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
