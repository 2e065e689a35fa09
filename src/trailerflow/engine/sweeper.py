"""The sweeper: every worker looks every few seconds for what no bell brought to anyone. One pass, repeated.

It finds runs and tasks whose owner is gone or deaf and runs nobody was rung for, and rings. It never judges and never
works.
"""

from sqlalchemy import delete, func, or_, select
from sqlmodel import col

from trailerflow.engine.claims import CANCEL_SECONDS, Ring
from trailerflow.engine.database import Database, now
from trailerflow.engine.leases import free_expired_tasks
from trailerflow.engine.limits import Limits
from trailerflow.engine.starts import KEY_SECONDS
from trailerflow.engine.states import RUNNING
from trailerflow.engine.tables import IdempotencyKey, Run, Task, Worker
from trailerflow.engine.tasks import count_queued

SWEEP_SECONDS = 2.0


class Sweeper:
    """Rings for what was left lying."""

    def __init__(self, *, database: Database, ring: Ring, limits: Limits, lease_seconds: float) -> None:
        self._database = database
        self._ring = ring
        self._limits = limits
        self._lease_seconds = lease_seconds

    async def sweep(self) -> None:
        """Make one pass."""
        async with self._database.read() as session:
            expired = select(func.count()).where(col(Task.status) == "claimed", col(Task.lease_expires_at) < now())
            orphaned = (await session.execute(expired)).scalar_one()
            deaf = (col(Run.status) == "cancelling") & (col(Run.cancel_asked_at) < now() - CANCEL_SECONDS)
            alone = select(col(Run.id)).where(
                col(Run.status).in_(RUNNING), or_(col(Run.owner).is_(None), col(Run.lease_expires_at) < now(), deaf)
            )
            runs = [*(await session.execute(alone)).scalars(), *await self._limits.next_runs(session)]
            queued = await count_queued(session)
        if orphaned:
            async with self._database.write() as session:
                queued += await free_expired_tasks(session)
        for run_id in runs:
            if run_id is not None:
                await self._ring.turn(run_id)
        if queued:
            await self._ring.pass_on()
        await self._forget_dead_workers()
        await self._forget_old_keys()

    async def _forget_dead_workers(self) -> None:
        silent = col(Worker.seen_at) < now() - 3 * self._lease_seconds
        async with self._database.read() as session:
            dead = (await session.execute(select(func.count()).where(silent))).scalar_one()
        if dead:
            async with self._database.write() as session:
                await session.execute(delete(Worker).where(silent))

    async def _forget_old_keys(self) -> None:
        old = col(IdempotencyKey.created_at) < now() - KEY_SECONDS
        async with self._database.read() as session:
            some = (await session.execute(select(func.count()).where(old))).scalar_one()
        if some:
            async with self._database.write() as session:
                await session.execute(delete(IdempotencyKey).where(old))
