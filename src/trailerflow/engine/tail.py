"""The end of the logs, for who follows them: the one read that happens for every event. Called by the web's relay.

A viewer waits for it, so it takes the shortest way there is: on SQLite one prepared statement on a connection of its
own, in the event loop's thread, since a few rows just written are in memory and readers wait for nobody; on PostgreSQL
a connection that stays open and outside transactions, one trip a look. Who asks asks one thing at a time. It never
waits for a lock on the event loop.
"""

import asyncio
import json
import sqlite3
from contextlib import AsyncExitStack, closing
from typing import Final, Protocol

from sqlalchemy.dialects.sqlite import dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from trailerflow.engine.database import Database
from trailerflow.engine.ledger import EVENTS_AFTER, LoggedEvent, events_after
from trailerflow.engine.sqlite import BUSY_SECONDS

PAGE_EVENTS: Final = 64
"""So many events a look brings at most: where there are more, others have their turn in between."""


class Tail(Protocol):
    """Reads on at the end of logs."""

    def glance(self, project_id: int, after: int) -> list[LoggedEvent] | None:
        """Return what `after` returns, or None when that takes waiting."""

    async def after(self, project_id: int, after: int) -> list[LoggedEvent]:
        """Return the first events of a project after an id, in order; fewer than `PAGE_EVENTS` are the last there are.

        What was committed before the call is seen.
        """

    async def close(self) -> None:
        """Let go of the connection."""


def of(database: Database) -> Tail:
    """Return what reads the logs of a database."""
    return _SqliteTail(database) if database.is_sqlite else _ServerTail(database)


class _SqliteTail:
    """One prepared statement; when it cannot be carried out at once, a thread waits until it can."""

    def __init__(self, database: Database) -> None:
        assert database.url.database is not None
        self._path = database.url.database
        self._connection: sqlite3.Connection | None = None
        page = EVENTS_AFTER.compile(dialect=dialect(paramstyle="named"))
        self._statement, self._values = str(page), page.params

    def glance(self, project_id: int, after: int) -> list[LoggedEvent] | None:
        """Return the first events of a project after an id, or None while another process mends the file."""
        if self._connection is None:
            self._connection = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            return self._look(self._connection, project_id, after)
        except sqlite3.OperationalError:
            return None

    async def after(self, project_id: int, after: int) -> list[LoggedEvent]:
        """Return the first events of a project after an id."""
        rows = self.glance(project_id, after)
        return await asyncio.to_thread(self._patiently, project_id, after) if rows is None else rows

    def _patiently(self, project_id: int, after: int) -> list[LoggedEvent]:
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS)) as connection:
            return self._look(connection, project_id, after)

    def _look(self, connection: sqlite3.Connection, project_id: int, after: int) -> list[LoggedEvent]:
        wanted = {**self._values, "project": project_id, "after": after, "most": PAGE_EVENTS}
        rows = connection.execute(self._statement, wanted).fetchall()
        return [LoggedEvent._make((*row, json.loads(data))) for *row, data in rows]

    async def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class _ServerTail:
    """A connection that stays open; a lost one is opened again once a look."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._holding = AsyncExitStack()
        self._connection: AsyncConnection | None = None

    def glance(self, _project_id: int, _after: int) -> list[LoggedEvent] | None:
        """Return None: a server is waited for."""
        return None

    async def after(self, project_id: int, after: int) -> list[LoggedEvent]:
        """Return the first events of a project after an id."""
        try:
            return await events_after(await self._opened(), project_id, after, PAGE_EVENTS)
        except DBAPIError as error:
            await self.close()
            if not error.connection_invalidated:
                raise
            return await events_after(await self._opened(), project_id, after, PAGE_EVENTS)
        except BaseException:
            await self.close()  # a look that was broken off may have left its answer on the way
            raise

    async def _opened(self) -> AsyncConnection:
        if self._connection is None:
            self._connection = await self._holding.enter_async_context(self._database.read_rows())
        return self._connection

    async def close(self) -> None:
        """Let go of the connection."""
        self._connection = None
        await self._holding.aclose()
