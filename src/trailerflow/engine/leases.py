"""Leases, once for runs and tasks: renewed from a thread, found expired by every sweep, freed when a worker dies.

A lease is the columns `owner`, `epoch`, `lease_expires_at` of a row. The thread has its own database connection, so
that a busy event loop never costs a lease; when renewal fails for a whole lease the holder is told to stop.
"""

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql import Update
from sqlmodel import col

from trailerflow.engine.database import ThreadDatabase, now
from trailerflow.engine.failures import MOST_DELIVERIES, worker_lost
from trailerflow.engine.tables import Run, Task, Worker

log = logging.getLogger(__name__)

Leased = type[Run] | type[Task]


def worker_prefix(pid: int) -> str:
    """Return what the ids of all workers of one local process begin with."""
    return f"{socket.gethostname()}:{pid}:"


def new_worker_id() -> str:
    """Return an id for this process that no other start of any process has."""
    return worker_prefix(os.getpid()) + uuid4().hex[:8]


@dataclass(slots=True)
class Lease:
    """A lease held by this process; `lost` is called once, from the thread, when it can no longer be relied on."""

    table: Leased
    row_id: int
    epoch: int
    lost: Callable[[], None]
    renewed_at: float = field(default_factory=time.monotonic)


class Keeper:
    """Renews the leases of one worker every third of their length, and tells that the worker is alive."""

    def __init__(self, *, database: ThreadDatabase, worker_id: str, role: str, lease_seconds: float) -> None:
        self.worker_id = worker_id
        self._database = database
        self._role = role
        self._lease_seconds = lease_seconds
        self._leases: list[Lease] = []
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lease-keeper", daemon=True)

    def start(self) -> None:
        """Write the worker's row and begin renewing."""
        with self._database.write() as connection:
            row = {"id": self.worker_id, "role": self._role, "host": socket.gethostname(), "pid": os.getpid()}
            connection.execute(Worker.__table__.insert().values(**row, started_at=now(), seen_at=now()))  # type: ignore[attr-defined] # SQLModel types no __table__
        self._thread.start()

    def stop(self) -> None:
        """Stop renewing and remove the worker's row."""
        self._stopping.set()
        self._thread.join()
        with self._database.write() as connection:
            connection.execute(delete(Worker).where(col(Worker.id) == self.worker_id))

    def hold(self, lease: Lease) -> None:
        """Begin to renew a lease."""
        with self._guard:
            self._leases.append(lease)

    def drop(self, lease: Lease) -> None:
        """Stop renewing a lease; its row was released by the caller."""
        with self._guard:
            if lease in self._leases:
                self._leases.remove(lease)

    def renew_all(self) -> None:
        """Renew every lease once: one pass of the thread."""
        with self._guard:
            leases = list(self._leases)
        asked_at = time.monotonic()
        try:
            gone = self._renew(leases)
        except SQLAlchemyError as error:
            log.warning("leases could not be renewed: %s", error)
            # Looked at only now: the failed try itself may have lasted longer than a lease.
            gone = [lease for lease in leases if time.monotonic() - lease.renewed_at >= self._lease_seconds]
        else:
            for lease in leases:
                # Counted from before the renewal was sent: the database may have counted earlier, never later.
                lease.renewed_at = asked_at
        for lease in gone:
            self._let_go(lease)

    def _let_go(self, lease: Lease) -> None:
        """Tell the holder, unless it has dropped the lease meanwhile."""
        with self._guard:
            if lease not in self._leases:
                return
            self._leases.remove(lease)
        lease.lost()

    def _renew(self, leases: list[Lease]) -> list[Lease]:
        with self._database.write() as connection:
            connection.execute(update(Worker).where(col(Worker.id) == self.worker_id).values(seen_at=now()))
            return [lease for lease in leases if not self._is_kept(connection, lease)]

    def _is_kept(self, connection: Connection, lease: Lease) -> bool:
        if connection.execute(self._renewal(lease)).rowcount:
            return True
        # A run that its own turn has just let go of is not lost: that turn is ending.
        let_go = select(col(Run.id)).where(
            col(Run.id) == lease.row_id, col(Run.epoch) == lease.epoch, col(Run.owner).is_(None)
        )
        return lease.table is Run and connection.execute(let_go).first() is not None

    def _renewal(self, lease: Lease) -> Update:
        table = lease.table
        return (
            update(table)
            .where(col(table.id) == lease.row_id, col(table.epoch) == lease.epoch, col(table.owner) == self.worker_id)
            .values(lease_expires_at=now() + self._lease_seconds)
        )

    def _run(self) -> None:
        while not self._stopping.wait(self._lease_seconds / 3):
            try:
                self.renew_all()
            except Exception:
                log.exception("renewing leases failed, trying again")


async def free_expired_tasks(session: AsyncSession) -> int:
    """Put tasks whose worker is gone back on the queue; the crash burns no attempt. Returns how many.

    A task that has taken worker after worker down with it fails instead.
    """
    gone = {"owner": None, "lease_expires_at": None, "deliveries": Task.deliveries + 1}
    expired = update(Task).where(col(Task.status) == "claimed", col(Task.lease_expires_at) < now())
    await session.execute(
        expired.where(col(Task.deliveries) >= MOST_DELIVERIES - 1).values(
            **gone, status="failed", error=worker_lost("this task"), finished_at=now()
        )
    )
    freed = await session.execute(expired.values(**gone, status="queued"))
    return int(freed.rowcount)  # type: ignore[attr-defined] # an UPDATE's result counts rows


async def bury_worker(session: AsyncSession, prefix: str) -> None:
    """Free everything held by a process known to be dead."""
    for table in (Run, Task):
        await session.execute(
            update(table).where(col(table.owner).startswith(prefix, autoescape=True)).values(lease_expires_at=0.0)
        )
    await session.execute(delete(Worker).where(col(Worker.id).startswith(prefix, autoescape=True)))
