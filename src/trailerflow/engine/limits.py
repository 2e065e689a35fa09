"""Who may run now: at most so many runs of one user and so many in all; the rest wait in line.

Called by `claims` and the sweeper, and by `status` for a run's place. A running row is its own slot, taken in the
claiming transaction; there is no counter that could drift. It never starts anything.

Users take turns, in rounds: one run of each user a round, the running ones first. A run waits behind all of a higher
class (its own rises with time), then behind all of an earlier round. Claims in this order leave it as it is.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Integer, Select, bindparam, case, func, literal, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import now
from trailerflow.engine.states import RUNNING
from trailerflow.engine.tables import Run, User

PRIORITIES = {"low": 0, "normal": 1, "high": 2}
AGEING_SECONDS = 600
_HIGH = PRIORITIES["high"]
_RUNS = _HIGH + 1
# What stands before a run in its user's line: each class weighs more than all runs of higher classes together.
_WEIGHTS = {0: 10**10, 1: 10**5, _HIGH: 1, _RUNS: 0}
_ADMISSION_LOCK = 7_316_202


@dataclass(frozen=True, slots=True)
class Limits:
    """The most runs that may be running of one user, and in all."""

    per_user: int
    in_all: int

    async def admits(self, session: AsyncSession, run: Run) -> bool:
        """Say, inside the claiming transaction, whether a queued run may start now."""
        if session.get_bind().dialect.name == "postgresql":
            # Two claims on different projects must not both take the last slot; SQLite has one writer anyway.
            await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADMISSION_LOCK})
        return run.id in await self.next_runs(session)

    async def served(self, session: AsyncSession, user_id: int) -> None:
        """Note, inside the claiming transaction, that a run of this user begins now: others have their turn first."""
        await session.execute(update(User).where(col(User.id) == user_id).values(served_at=now()))

    async def next_runs(self, session: AsyncSession) -> list[int]:
        """Return the queued runs that fit now, in order."""
        bounds = {"per_user": self.per_user, "in_all": self.in_all}
        return list((await session.execute(_NEXT_RUNS, bounds)).scalars())


async def queue_position(session: AsyncSession, run: Run, *, per_user: int | None = None) -> int:
    """Return a queued run's place from 1; the runs that a user may not have beside `per_user` others stand last."""
    line = _line().subquery()
    last = literal(0) if per_user is None else case((line.c.round >= per_user, line.c.round), else_=0)
    place = func.row_number().over(order_by=(last, *_order(line.c))).label("place")
    places = select(line.c.id, place).subquery()
    position: int = (await session.execute(select(places.c.place).where(places.c.id == run.id))).scalar_one()
    return position


def _order(c: Any) -> tuple[ColumnElement[Any], ...]:
    """Return the order; the last three say which of two users is reached first in the same round."""
    return (c.rank.desc(), c.round, c.before, c.served_at, c.first_id)


def _line() -> Select[Any]:
    """Select all queued runs, each with its class and its place in its own user's line.

    Running rows stand at the head of that line, so that one window counts both; joins of counts would be far slower.
    """
    rank = case((col(Run.status) == "queued", _rank()), else_=_RUNS).label("rank")
    active = select(col(Run.id), col(Run.user_id), rank).where(col(Run.status).in_(RUNNING | {"queued"})).subquery()
    c = active.c
    own: dict[str, Any] = {"partition_by": c.user_id, "order_by": (c.rank.desc(), c.id), "rows": (None, 0)}
    lines = select(
        *c,
        (func.row_number().over(**own) - 1).label("round"),
        func.sum(case(_WEIGHTS, value=c.rank)).over(**own).label("before"),
        func.first_value(c.id).over(**own).label("first_id"),
    ).subquery()
    served_at = func.coalesce(User.served_at, 0).label("served_at")
    return select(*lines.c, served_at).join(User, col(User.id) == lines.c.user_id).where(lines.c.rank < _RUNS)


def _rank() -> ColumnElement[int]:
    """Return a run's class: as it was started, and one higher for each `AGEING_SECONDS` since.

    The time in which it was paused or had failed counts too: a row keeps no other.
    """
    waited = select(now()).scalar_subquery() - col(Run.created_at)
    risen = col(Run.priority) + case((waited >= 2 * AGEING_SECONDS, 2), (waited >= AGEING_SECONDS, 1), else_=0)
    return case((risen > _HIGH, _HIGH), else_=risen)


def _next_runs() -> Select[int]:
    """Select the queued runs that fit, of `per_user` and `in_all`, in order."""
    in_all = bindparam("in_all", type_=Integer)
    running = select(func.count()).where(col(Run.status).in_(RUNNING)).scalar_subquery()
    free = case((running < in_all, in_all - running), else_=0)
    line = _line().subquery()
    return select(line.c.id).where(line.c.round < bindparam("per_user")).order_by(*_order(line.c)).limit(free)


_NEXT_RUNS: Final = _next_runs()
"""Built once: with few runs, to put it together takes ten times as long as to ask it."""
