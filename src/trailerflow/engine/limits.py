"""Who may run now: at most so many runs of one user and so many in all; the rest wait in order. Called by `service`.

A running row is its own slot, taken in the claiming transaction; there is no counter that could drift.
"""

from dataclasses import dataclass

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.states import RUNNING
from trailerflow.engine.tables import Run

PRIORITIES = {"low": 0, "normal": 1, "high": 2}
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

    async def next_runs(self, session: AsyncSession) -> list[int]:
        """Return the queued runs that fit now: by priority, then by age."""
        slot = select(col(Run.user_id), func.count()).where(col(Run.status).in_(RUNNING)).group_by(col(Run.user_id))
        busy = {user_id: count for user_id, count in await session.execute(slot)}  # noqa: C416 - rows are no pairs to mypy
        free = self.in_all - sum(busy.values())
        queued = (
            select(col(Run.id), col(Run.user_id))
            .where(col(Run.status) == "queued")
            .order_by(col(Run.priority).desc(), col(Run.id))
            .limit(1000)
        )
        chosen: list[int] = []
        for run_id, user_id in await session.execute(queued):
            if run_id is not None and len(chosen) < free and busy.get(user_id, 0) < self.per_user:
                busy[user_id] = busy.get(user_id, 0) + 1
                chosen.append(run_id)
        return chosen
