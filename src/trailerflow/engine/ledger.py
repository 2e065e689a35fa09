"""The one way to write on a project: lock, fence, number, record, commit, then ring. Called by every verb of `engine`.

The first statement of a transaction raises the project's `last_event_id`: it locks the project, refuses a writer
whose epoch has passed, and numbers the events, all at once. A person's verbs open an `Entry` (`writing`); what a turn
writes dozens of times a second goes on a `Page` (`record`), in plain statements.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import Connection, Executable, bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import col

from trailerflow.engine.bell import Bell
from trailerflow.engine.database import Database, now
from trailerflow.engine.tables import Event, Json, Project, Run
from trailerflow.engine.transactions import Work, put_off
from trailerflow.errors import NotFound

T = TypeVar("T")

_RAISE: Final = (
    update(Project)
    .where(col(Project.id) == bindparam("project"))
    .values(last_event_id=Project.last_event_id + bindparam("events"))
)
_FENCED: Final = (col(Project.run_id) == bindparam("run"), col(Project.epoch) == bindparam("claimed"))
_RAISE_NUMBER: Final = _RAISE.where(*_FENCED).returning(col(Project.last_event_id), now())
_LOCK: Final = _RAISE.returning(Project, now()).execution_options(synchronize_session=False)
_LOCK_FENCED: Final = _LOCK.where(*_FENCED)
_SET_NUMBER: Final = update(Project).where(col(Project.id) == bindparam("project"))
_ADD_EVENTS: Final = insert(Event)
EVENTS_AFTER: Final = (
    select(col(Event.project_id), col(Event.id), col(Event.run_id), col(Event.type), col(Event.at), col(Event.data))
    .where(col(Event.project_id) == bindparam("project"), col(Event.id) > bindparam("after"))
    .order_by(col(Event.id))
    .limit(bindparam("most"))
)


class LoggedEvent(NamedTuple):
    """A row of a project's log, as it is read."""

    project_id: int
    id: int
    run_id: int | None
    type: str
    at: float
    data: Json


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


@dataclass(slots=True)
class Page:
    """An open writing transaction of a claim, in the database's thread; `append` adds an event that commits with it."""

    connection: Connection
    fence: Fence
    at: float
    first_id: int
    events: list[Json] = field(default_factory=list)

    def write(self, statement: Executable, values: Json | list[Json]) -> None:
        """Have a statement carried out with the commit: nothing on this page reads what it writes."""
        put_off(self.connection, statement, values)

    def append(self, event_type: str, progress: int, /, **data: Any) -> None:
        """Add an event about the claimed run, numbered next."""
        number = self.first_id + len(self.events)
        event = {"project_id": self.fence.project_id, "id": number, "run_id": self.fence.run_id, "type": event_type}
        self.events.append({**event, "at": self.at, "data": {"progress": progress, **data}})


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
            self.bell.ring(project_id, last_event_id=last, **moved)

    async def record(self, fence: Fence, work: Callable[[Page], T], *, events: int = 1) -> T:
        """Have `work` write a page expected to add `events` events; return what it returns; rings after the commit.

        `work` runs in a thread and may run twice: it changes nothing but the database. Raises `FencedError`.
        """
        value, last = await self.database.carry_out(_written(fence, work, events), fence.project_id)
        if last is not None:
            self.bell.ring(fence.project_id, last_event_id=last)
        return value

    async def record_made(self, fence: Fence, make: Callable[[], Callable[[Page], T]], *, events: int = 1) -> T:
        """Call `make` in a thread, and there do the work it returns as `record` does. Raises what `make` raises."""
        made = self.database.carry_out_made(lambda: _written(fence, make(), events), fence.project_id)
        value, last = await made
        if last is not None:
            self.bell.ring(fence.project_id, last_event_id=last)
        return value

    async def _lock(self, session: AsyncSession, project_id: int, fence: Fence | None, events: int) -> Entry:
        raising: dict[str, Any] = {"project": project_id, "events": events}
        if fence is None:
            row = (await session.execute(_LOCK, raising)).one_or_none()
        else:
            row = (await session.execute(_LOCK_FENCED, {**raising, **_claim(fence)})).one_or_none()
        if row is None:
            if fence is not None:
                raise FencedError
            raise project_not_found(project_id)
        project, at = row
        return Entry(session=session, project=project, at=at, first_id=project.last_event_id - events + 1)


def _written(fence: Fence, work: Callable[[Page], T], events: int) -> Work[tuple[T, int | None]]:
    """Return the work that opens a page, has it written and closes it: its value and the last event's id."""

    def written(connection: Connection) -> tuple[T, int | None]:
        page = _open(connection, fence, events)
        value = work(page)
        return value, _close(page, events)

    return written


def _claim(fence: Fence) -> dict[str, int]:
    return {"run": fence.run_id, "claimed": fence.epoch}


def _open(connection: Connection, fence: Fence, events: int) -> Page:
    raising = {"project": fence.project_id, "events": events, **_claim(fence)}
    row = connection.execute(_RAISE_NUMBER, raising).one_or_none()
    if row is None:
        raise FencedError
    last, at = row
    return Page(connection=connection, fence=fence, at=at, first_id=last - events + 1)


def _close(page: Page, expected: int) -> int | None:
    """Add the page's events, numbered; return the last one's id, None without any."""
    last = page.first_id - 1 + len(page.events)
    if len(page.events) != expected:
        page.write(_SET_NUMBER, {"project": page.fence.project_id, "last_event_id": last})
    if page.events:
        page.write(_ADD_EVENTS, page.events)
    return last if page.events else None


async def latest_run(session: AsyncSession, project: Project) -> Run | None:
    """Return the project's latest run."""
    return await session.get(Run, project.run_id) if project.run_id is not None else None


async def events_after(
    reader: AsyncSession | AsyncConnection, project_id: int, after: int, limit: int = 500
) -> list[LoggedEvent]:
    """Return a page of a project's events with ids above `after`, in order."""
    rows = await reader.execute(EVENTS_AFTER, {"project": project_id, "after": after, "most": limit})
    return [LoggedEvent(*row) for row in rows]
