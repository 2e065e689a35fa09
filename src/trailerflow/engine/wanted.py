"""What workers look for among the tasks, and the statements that find and take it. Called by `task_claims`.

Built once for each kind of worker: a farm asks after every picture, a courier at every bell.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    Float,
    ScalarSelect,
    Select,
    Update,
    bindparam,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from trailerflow.engine.database import now
from trailerflow.engine.tables import HERE, Task

ASIDE_SECONDS: Final = 0.5
"""So long is a task set aside for a worker whose work is quick."""
_SLOT_LOCK: Final = 7_316_203
_CLAIMED: Final = (
    col(Task.id),
    col(Task.epoch),
    col(Task.project_id),
    col(Task.run_id),
    col(Task.name),
    col(Task.kind),
    col(Task.provider),
    col(Task.model),
    col(Task.order),
    col(Task.tries),
    col(Task.submit_key),
    col(Task.remote_id),
    col(Task.cancel_asked),
    col(Task.billed),
    col(Task.received),
)
_TAKEN: Final[dict[str, Any]] = {
    "status": "claimed",
    "owner": bindparam("by"),
    "epoch": Task.epoch + 1,
    "lease_expires_at": now() + bindparam("lease", type_=Float()),
}
_THIS: Final = (
    select(col(Task.id))
    .where(col(Task.id) == bindparam("row"), col(Task.epoch) == bindparam("before"))
    .where(col(Task.run_id) == bindparam("run"), col(Task.status) == "queued")
    .with_for_update(skip_locked=True)  # a cancel may have it, and wait for the task that is recorded here
)
TAKE_THIS: Final[Update] = update(Task).where(col(Task.id) == _THIS.scalar_subquery()).values(**_TAKEN)
"""Takes the task that was set aside, unless it was paused, cancelled or taken meanwhile, or is about to be."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a worker looks for: the next of it, what takes that, what sets it aside; how much is set aside by now."""

    next: Select[int | None]
    take: Executable
    set_aside: Executable
    aside: Select[int]


@cache
def here(kinds: frozenset[str]) -> Wanted:
    """Want what render workers can do: work of their own, and what a provider has handed in."""
    here = or_(col(Task.provider).in_(HERE), col(Task.received).is_not(None))
    return _wanted(here & col(Task.kind).in_(sorted(kinds)))


@cache
def outside(provider: str, begun: bool) -> Wanted:
    """Want what a provider does: what it was sent already, or what it was not."""
    there = (col(Task.provider) == provider) & col(Task.received).is_(None)
    return _wanted(there & (col(Task.submit_key).is_not(None) if begun else col(Task.submit_key).is_(None)))


def _wanted(these: ColumnElement[bool]) -> Wanted:
    """Want the next queued task that is due: of the run with the fewest in work, in the story's order.

    A task is set aside for the worker that will take it after this one, as long as there are enough for all in work.
    """
    claimed = aliased(Task)
    in_work = (
        select(col(claimed.run_id), func.count().label("tasks"))
        .where(col(claimed.status) == "claimed")
        .group_by(col(claimed.run_id))
        .cte("in_work")
        .prefix_with("MATERIALIZED", dialect="postgresql")  # else it is counted anew for every queued task
    )
    due = or_(col(Task.not_before).is_(None), col(Task.not_before) <= now())
    is_free = or_(col(Task.aside_until).is_(None), col(Task.aside_until) <= now())
    queued = (col(Task.status) == "queued", due, these)
    following = (
        select(col(Task.id))
        .outerjoin(in_work, in_work.c.run_id == Task.run_id)
        .where(*queued, is_free)
        .order_by(func.coalesce(in_work.c.tasks, 0), col(Task.position), col(Task.id))
        .limit(1)
    )
    take = update(Task).where(_is_one_of(following)).values(**_TAKEN).returning(*_CLAIMED)
    suffices = _scalar(_count_of(*queued)) >= _scalar(_count_of(these, col(Task.status) == "claimed"))
    set_aside = (
        update(Task)
        .where(_is_one_of(following.where(suffices)))
        .values(aside_until=now() + ASIDE_SECONDS)
        .returning(*_CLAIMED)
    )
    return Wanted(following, take, set_aside, _count_of(*queued, ~is_free))


def _count_of(*where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).select_from(Task).where(*where)


def _scalar(query: Select[int]) -> ScalarSelect[int]:
    return query.correlate(None).scalar_subquery()


def _is_one_of(these: Select[int | None]) -> ColumnElement[bool]:
    """Hold for the task found, unless another worker has it under lock."""
    found = these.with_for_update(skip_locked=True, of=Task).correlate(None).scalar_subquery()
    return (col(Task.id) == found) & (col(Task.status) == "queued")


def slots_taken(connection: Connection, provider: str) -> int:
    """Count the provider's jobs in work, inside the claiming transaction: the rows are the slots."""
    if connection.dialect.name == "postgresql":
        # Two claims of different tasks must not both take the last slot; SQLite has one writer anyway.
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SLOT_LOCK})
    sent_or_about_to_be = or_(col(Task.status) == "claimed", col(Task.submit_key).is_not(None))
    query = (
        select(func.count())
        .select_from(Task)
        .where(col(Task.provider) == provider, col(Task.received).is_(None))
        .where(col(Task.status).in_(("queued", "claimed")), sent_or_about_to_be)
    )
    return int(connection.execute(query).scalar_one())
