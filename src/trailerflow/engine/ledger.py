"""The one way to write on a project: lock, fence, number, record, commit, then ring. Called by every verb of `engine`.

The first statement of a transaction raises the project's `last_event_id`: it locks the project, refuses a writer
whose epoch has passed, and numbers the events, all at once.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.bell import Bell
from trailerflow.engine.database import Database, now
from trailerflow.engine.tables import Event, Project, Run
from trailerflow.errors import NotFound


class FencedError(BaseException):
    """Another worker has claimed the run: stop at once, record nothing. Not an `Exception`: nothing swallows it."""


@dataclass(frozen=True, slots=True)
class Fence:
    """What a turn shows with every write: its run and the epoch of its claim."""

    project_id: int
    run_id: int
    epoch: int


@dataclass(slots=True)
class Entry:
    """An open writing transaction on one project; `append` adds an event that commits with it."""

    session: AsyncSession
    project: Project
    at: float
    first_id: int
    events: list[Event] = field(default_factory=list)

    @property
    def project_id(self) -> int:
        """Return the project's id."""
        assert self.project.id is not None
        return self.project.id

    def append(self, event_type: str, run: Run, /, **data: Any) -> None:
        """Add an event about a run, numbered next."""
        number = self.first_id + len(self.events)
        event = Event(project_id=self.project_id, id=number, run_id=run.id, type=event_type, at=self.at)
        event.data = {"progress": run.progress, **data}
        self.events.append(event)


def project_not_found(project_id: int) -> NotFound:
    """Return the error for an unknown project."""
    return NotFound(
        "project_not_found", f"there is no project {project_id}", remedy="list the projects with GET /api/projects"
    )


class Ledger:
    """Opens writing transactions on projects."""

    def __init__(self, database: Database, bell: Bell) -> None:
        self.database = database
        self.bell = bell

    @asynccontextmanager
    async def writing(self, project_id: int, *, fence: Fence | None = None, events: int = 1) -> AsyncIterator[Entry]:
        """Open a transaction expected to add `events` events; rings after the commit.

        Raises `NotFound` for an unknown project, `FencedError` when `fence` is no longer the project's claim.
        """
        async with self.database.write() as session:
            entry = await self._lock(session, project_id, fence, events)
            yield entry
            last = entry.first_id - 1 + len(entry.events)
            if len(entry.events) != events:
                await session.execute(update(Project).where(col(Project.id) == project_id).values(last_event_id=last))
            session.add_all(entry.events)
        if entry.events:
            moved = {"moved": True} if any(event.type.startswith("run.") for event in entry.events) else {}
            await self.bell.ring(project_id, last_event_id=last, **moved)

    async def _lock(self, session: AsyncSession, project_id: int, fence: Fence | None, events: int) -> Entry:
        raise_number = (
            update(Project)
            .where(col(Project.id) == project_id)
            .values(last_event_id=Project.last_event_id + events)
            .returning(Project, now())
            .execution_options(synchronize_session=False)
        )
        if fence is not None:
            raise_number = raise_number.where(col(Project.run_id) == fence.run_id, col(Project.epoch) == fence.epoch)
        row = (await session.execute(raise_number)).one_or_none()
        if row is None:
            if fence is not None:
                raise FencedError
            raise project_not_found(project_id)
        project, at = row
        return Entry(session=session, project=project, at=at, first_id=project.last_event_id - events + 1)


async def latest_run(session: AsyncSession, project: Project) -> Run | None:
    """Return the project's latest run."""
    return await session.get(Run, project.run_id) if project.run_id is not None else None


async def events_after(session: AsyncSession, project_id: int, after: int, limit: int = 500) -> list[Event]:
    """Return a page of a project's events with ids above `after`, in order."""
    query = (
        select(Event)
        .where(col(Event.project_id) == project_id, col(Event.id) > after)
        .order_by(col(Event.id))
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())
