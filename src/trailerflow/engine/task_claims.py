"""Tasks as a worker sees them: claimed by compare-and-set, done, failed, handed back. Called by `farm` and `courier`.

Every write shows the claim's epoch, so that nothing is recorded once the task has passed to another worker. What was
made or paid for is written until the database takes it.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, CursorResult, Select, Update, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from trailerflow.engine import backoff
from trailerflow.engine.bell import Bell
from trailerflow.engine.database import Database, now
from trailerflow.engine.results import NewFile
from trailerflow.engine.tables import HERE, Json, Run, Task

_SLOT_LOCK: Final = 7_316_203


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskClaim:
    """A worker's claim on a task; `received` is what a provider handed in for it."""

    task_id: int
    epoch: int
    project_id: int
    run_id: int
    name: str
    kind: str
    provider: str
    model: str | None
    order: Json
    tries: int
    submit_key: str | None
    remote_id: str | None
    cancel_asked: bool
    billed: float
    received: tuple[NewFile, ...]


class TaskClaims:
    """The verbs of a worker on a task."""

    def __init__(self, *, database: Database, bell: Bell, lease_seconds: float) -> None:
        self._database = database
        self._bell = bell
        self._lease_seconds = lease_seconds

    async def claim_here(self, owner: str, kinds: Collection[str]) -> TaskClaim | None:
        """Take the next task a render worker can do, in turn over the runs; None when none waits."""
        wanted = or_(col(Task.provider).in_(HERE), col(Task.received).is_not(None)) & col(Task.kind).in_(kinds)
        async with self._database.read() as session:  # for nothing, nobody takes the lock of all writers
            if (await session.execute(_next(wanted))).scalar_one_or_none() is None:
                return None
        async with self._database.write() as session:
            claim = await self._take(session, wanted, owner)
        if claim is not None:
            await self._bell.ring(claim.project_id)
        return claim

    async def claim_at(self, provider: str, owner: str, slots: int, *, begun: bool) -> TaskClaim | None:
        """Take the next task for a provider: with `begun` one it was sent already, else a new one if a slot is free."""
        wanted = (col(Task.provider) == provider) & col(Task.received).is_(None)
        wanted &= col(Task.submit_key).is_not(None) if begun else col(Task.submit_key).is_(None)
        async with self._database.read() as session:
            if (await session.execute(_next(wanted))).scalar_one_or_none() is None:
                return None
        async with self._database.write() as session:
            if not begun and await _slots_taken(session, provider) >= slots:
                return None
            claim = await self._take(session, wanted, owner)
        if claim is not None:
            await self._bell.ring(claim.project_id)
        return claim

    async def _take(self, session: AsyncSession, wanted: ColumnElement[bool], owner: str) -> TaskClaim | None:
        """Take the next of the wanted tasks, looked for under the lock, so that no two workers choose the same."""
        task_id = _next(wanted).with_for_update(skip_locked=True).correlate(None).scalar_subquery()
        taken = await session.execute(
            update(Task)
            .where(col(Task.id) == task_id, col(Task.status) == "queued")
            .values(status="claimed", owner=owner, epoch=Task.epoch + 1, lease_expires_at=now() + self._lease_seconds)
            .returning(Task)
            .execution_options(synchronize_session=False)
        )
        task = taken.scalar_one_or_none()
        return None if task is None else _claim_of(task)

    async def is_held(self, claim: TaskClaim) -> bool:
        """Say whether the claim still stands: not when the run was cancelled or the lease has passed on."""
        query = select(func.count()).select_from(Task).where(*of_claim(claim))
        async with self._database.read() as session:
            return bool((await session.execute(query)).scalar_one())

    async def is_called_off(self, claim: TaskClaim) -> bool:
        """Say whether the task's run was cancelled and its provider is to stop."""
        query = select(col(Task.cancel_asked)).where(col(Task.id) == claim.task_id)
        async with self._database.read() as session:
            return bool((await session.execute(query)).scalar_one_or_none())

    async def finish(self, claim: TaskClaim, product: Json, files: list[NewFile]) -> bool:
        """Record a task's product; False when the claim does not stand any more."""
        listed = [asdict(file) for file in files]
        done: dict[str, Any] = {"status": "done", "product": product, "files": listed, "finished_at": now()}
        return await self._settle(claim, **done, attempts=Task.attempts + 1, tries=0, error=None, not_before=None)

    async def fail(self, claim: TaskClaim, error: Json, *, also: tuple[Update, ...] = (), **values: Any) -> bool:
        """Record that a task failed: one attempt is spent. What may pass is tried again after a while."""
        spent: dict[str, Any] = {"error": error, "attempts": Task.attempts + 1, "tries": Task.tries + 1, **values}
        if error.get("temporary") and claim.tries + 1 < backoff.MOST_TRIES:
            wait = backoff.wait_seconds(claim.tries + 1, error.get("delay_seconds", 0.0))
            return await self._settle(claim, also=also, status="queued", not_before=now() + wait, **spent)
        return await self._settle(claim, also=also, status="failed", finished_at=now(), **spent)

    async def hand_back(self, claim: TaskClaim) -> bool:
        """Put a task back untouched: the worker is leaving, no attempt is spent and no delivery."""
        return await self._settle(claim, status="queued")

    async def _settle(self, claim: TaskClaim, *, also: tuple[Update, ...] = (), **values: Any) -> bool:
        let_go = update(Task).where(*of_claim(claim)).values(owner=None, lease_expires_at=None, **values)
        return await self.write(claim, let_go, *also)

    async def write(self, claim: TaskClaim, *statements: Update) -> bool:
        """Carry statements about a task out in one transaction, then ring; False when the first matched no row."""
        async for attempt in backoff.outlasting():
            with attempt:
                matched = await self._carry_out(claim.run_id, statements)
        await self._bell.ring(claim.project_id)
        return matched

    async def _carry_out(self, run_id: int, statements: tuple[Update, ...]) -> bool:
        async with self._database.write() as session:
            # The run first: a cancel locks it first too, and PostgreSQL breaks off one of two who lock crosswise.
            if len(statements) > 1:
                await session.execute(select(Run).where(col(Run.id) == run_id).with_for_update())
            for position, statement in enumerate(statements):
                changed = await session.execute(statement.execution_options(synchronize_session=False))
                assert isinstance(changed, CursorResult)
                if position == 0 and changed.rowcount == 0:
                    return False
        return True


def of_claim(claim: TaskClaim) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a claim still stands."""
    return (col(Task.id) == claim.task_id, col(Task.epoch) == claim.epoch, col(Task.status) == "claimed")


def _next(wanted: ColumnElement[bool]) -> Select[int | None]:
    """Ask for the next queued task that is wanted and due: of the run with the fewest in work, in the story's order."""
    other = aliased(Task)
    in_work = (
        select(func.count()).where(other.run_id == Task.run_id, other.status == "claimed").scalar_subquery()  # type: ignore[arg-type] # SQLModel columns
    )
    due = or_(col(Task.not_before).is_(None), col(Task.not_before) <= now())
    return (
        select(col(Task.id))
        .where(col(Task.status) == "queued", due, wanted)
        .order_by(in_work, col(Task.position), col(Task.id))
        .limit(1)
    )


async def _slots_taken(session: AsyncSession, provider: str) -> int:
    """Count the provider's jobs in work, inside the claiming transaction: the rows are the slots."""
    if session.get_bind().dialect.name == "postgresql":
        # Two claims of different tasks must not both take the last slot; SQLite has one writer anyway.
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SLOT_LOCK})
    sent_or_about_to_be = or_(col(Task.status) == "claimed", col(Task.submit_key).is_not(None))
    query = (
        select(func.count())
        .select_from(Task)
        .where(col(Task.provider) == provider, col(Task.received).is_(None))
        .where(col(Task.status).in_(("queued", "claimed")), sent_or_about_to_be)
    )
    return int((await session.execute(query)).scalar_one())


def _claim_of(task: Task) -> TaskClaim:
    assert task.id is not None
    return TaskClaim(
        task_id=task.id,
        epoch=task.epoch,
        project_id=task.project_id,
        run_id=task.run_id,
        name=task.name,
        kind=task.kind,
        provider=task.provider,
        model=task.model,
        order=task.order,
        tries=task.tries,
        submit_key=task.submit_key,
        remote_id=task.remote_id,
        cancel_asked=task.cancel_asked,
        billed=task.billed,
        received=tuple(NewFile(**file) for file in task.received or ()),
    )
