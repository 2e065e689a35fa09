"""Tasks as a worker sees them: claimed by compare-and-set, done, failed, handed back. Called by `farm` and `courier`.

Every write shows the claim's epoch, so that nothing is recorded once the task has passed to another worker. What was
made or paid for is written until the database takes it.
"""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Update, bindparam, func, select, update
from sqlmodel import col

from trailerflow.engine import backoff
from trailerflow.engine.bell import Bell
from trailerflow.engine.database import Database, now
from trailerflow.engine.products import NewFile
from trailerflow.engine.tables import Json, Run, Task
from trailerflow.engine.wanted import TAKE_THIS, Wanted, here, outside, slots_taken

_DONE: Final = (
    update(Task)
    .where(col(Task.id) == bindparam("row"), col(Task.epoch) == bindparam("held"), col(Task.status) == "claimed")
    .values(
        status="done",
        product=bindparam("product"),
        files=bindparam("files"),
        finished_at=now(),
        attempts=Task.attempts + 1,
        owner=None,
        lease_expires_at=None,
        tries=0,
        error=None,
        not_before=None,
    )
)


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


class Made(NamedTuple):
    """What came of a task."""

    product: Json
    files: list[NewFile]


class Ask(NamedTuple):
    """What a worker wants next: the task it has begun ahead, and whether to set one aside for the time after it."""

    ahead: TaskClaim | None = None
    sets_aside: bool = True


NOTHING_ELSE: Final = Ask(sets_aside=False)


class Taken(NamedTuple):
    """The task that was claimed, and the claim that will be made on the one set aside."""

    claim: TaskClaim | None = None
    aside: TaskClaim | None = None


class TaskClaims:
    """The verbs of a worker on a task."""

    def __init__(self, *, database: Database, bell: Bell, lease_seconds: float) -> None:
        self._database = database
        self._bell = bell
        self._lease_seconds = lease_seconds

    async def claim_here(self, owner: str, kinds: Collection[str], ask: Ask = NOTHING_ELSE) -> Taken:
        """Take the next task a render worker can do, in turn over the runs; nothing when none waits."""
        wanted = here(frozenset(kinds))
        if not await self._waits(wanted):
            return Taken()
        taken = await self._database.carry_out(lambda connection: self._take_here(connection, wanted, owner, ask))
        self.tell_of(taken.claim)
        return taken

    async def claim_at(self, provider: str, owner: str, slots: int, *, begun: bool) -> TaskClaim | None:
        """Take the next task for a provider: with `begun` one it was sent already, else a new one if a slot is free."""
        wanted = outside(provider, begun)
        if not await self._waits(wanted):
            return None

        def taken(connection: Connection) -> TaskClaim | None:
            if not begun and slots_taken(connection, provider) >= slots:
                return None
            return self._take(connection, wanted, owner)

        claim = await self._database.carry_out(taken)
        self.tell_of(claim)
        return claim

    async def leaves_aside(self, kinds: Collection[str]) -> bool:
        """Say whether anything a render worker could do is set aside for another."""
        async with self._database.read_rows() as connection:
            return bool((await connection.execute(here(frozenset(kinds)).aside)).scalar_one())

    async def _waits(self, wanted: Wanted) -> bool:
        """Say whether there is anything to take: for nothing, nobody takes the lock of all writers."""
        async with self._database.read_rows() as connection:
            return (await connection.execute(wanted.next)).scalar_one_or_none() is not None

    def _take(self, connection: Connection, wanted: Wanted, owner: str) -> TaskClaim | None:
        """Take the next of the wanted tasks, looked for under the lock, so that no two workers choose the same."""
        task = connection.execute(wanted.take, {"by": owner, "lease": self._lease_seconds}).one_or_none()
        return None if task is None else _claim_of(task)

    async def is_held(self, claim: TaskClaim) -> bool:
        """Say whether the claim still stands: not when the run was cancelled or the lease has passed on."""
        query = select(func.count()).select_from(Task).where(*of_claim(claim))
        async with self._database.read_rows() as connection:
            return bool((await connection.execute(query)).scalar_one())

    async def is_called_off(self, claim: TaskClaim) -> bool:
        """Say whether the task's run was cancelled and its provider is to stop."""
        query = select(col(Task.cancel_asked)).where(col(Task.id) == claim.task_id)
        async with self._database.read() as session:
            return bool((await session.execute(query)).scalar_one_or_none())

    async def finish(self, claim: TaskClaim, made: Made) -> bool:
        """Record a task's product; False when the claim does not stand any more."""
        return await self._written(claim, lambda connection: _record(connection, claim, made))

    def finish_and_claim(
        self, claim: TaskClaim, made: Made, owner: str, kinds: Collection[str], ask: Ask
    ) -> tuple[bool, Taken]:
        """Record a task's product and take the next task as `claim_here` does, in one; tell with `tell_of` afterwards.

        For the thread that did the work: a trip to another costs as much as this. Return whether the claim still stood
        (else nothing was recorded), and what was taken. It tries once; raises `SQLAlchemyError`.
        """
        wanted = here(frozenset(kinds))

        def written(connection: Connection) -> tuple[bool, Taken]:
            return _record(connection, claim, made), self._take_here(connection, wanted, owner, ask)

        return self._database.carry_out_here(written)

    def _take_here(self, connection: Connection, wanted: Wanted, owner: str, ask: Ask) -> Taken:
        claim = ask.ahead
        if claim is None or not self._take_this(connection, claim, owner):
            claim = self._take(connection, wanted, owner)
        return Taken(claim, _set_aside(connection, wanted) if ask.sets_aside and claim is not None else None)

    def _take_this(self, connection: Connection, aside: TaskClaim, owner: str) -> bool:
        of_it = {"row": aside.task_id, "before": aside.epoch - 1, "run": aside.run_id}
        return connection.execute(TAKE_THIS, {**of_it, "by": owner, "lease": self._lease_seconds}).rowcount > 0

    def tell_of(self, *claims: TaskClaim | None) -> None:
        """Ring for the projects of these claims."""
        for project_id in {claim.project_id for claim in claims if claim is not None}:
            self._bell.ring(project_id)

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
        return await self._written(claim, lambda connection: _carry_out(connection, claim.run_id, statements))

    async def _written(self, claim: TaskClaim, work: Callable[[Connection], bool]) -> bool:
        async for attempt in backoff.outlasting():
            with attempt:
                matched = await self._database.carry_out(work)
        self._bell.ring(claim.project_id)
        return matched


def _carry_out(connection: Connection, run_id: int, statements: tuple[Update, ...]) -> bool:
    # The run first: a cancel locks it first too, and PostgreSQL breaks off one of two who lock crosswise.
    if len(statements) > 1:
        connection.execute(select(col(Run.id)).where(col(Run.id) == run_id).with_for_update())
    for position, statement in enumerate(statements):
        if connection.execute(statement).rowcount == 0 and position == 0:
            return False
    return True


def of_claim(claim: TaskClaim) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a claim still stands."""
    return (col(Task.id) == claim.task_id, col(Task.epoch) == claim.epoch, col(Task.status) == "claimed")


def _record(connection: Connection, claim: TaskClaim, made: Made) -> bool:
    """Record a task's product; False when the claim does not stand any more."""
    values = {"product": made.product, "files": [asdict(file) for file in made.files]}
    return connection.execute(_DONE, {**values, "row": claim.task_id, "held": claim.epoch}).rowcount > 0


def _set_aside(connection: Connection, wanted: Wanted) -> TaskClaim | None:
    """Set the next task aside; return the claim that taking it will make."""
    task = connection.execute(wanted.set_aside).one_or_none()
    return None if task is None else replace(_claim_of(task), epoch=task.epoch + 1)


def _claim_of(task: Row[*tuple[Any, ...]]) -> TaskClaim:
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
