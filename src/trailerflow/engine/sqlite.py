"""SQLite, set up to be safe and quick: when transactions begin, and what runs in which thread. Called by `database`."""

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import aiosqlite
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError

T = TypeVar("T")

BEGIN_WRITING: Final = "BEGIN IMMEDIATE"
BUSY_SECONDS: Final = 15
PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", f"busy_timeout={BUSY_SECONDS * 1000}", "foreign_keys=ON")
_LOOK_AGAIN_SECONDS: Final = (0.0003, 0.001)
QUICK: Final = ("SELECT", "INSERT", "UPDATE")
"""How the statements begin that touch a few rows in memory and wait for nobody."""
_CHUNK_ROWS: Final = 64
_PRIMARY_CODE: Final = 0xFF


def begin_as_asked(engine: Engine) -> None:
    """Make an event loop's transactions begin when we say so, writing ones with the write lock."""

    def begun(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql(BEGIN_WRITING if writes else "BEGIN")

    event.listen(engine, "connect", _connected)
    event.listen(engine, "begin", begun)


def prepare_writers(engine: Engine) -> None:
    """Set up the connections of threads, which only write: `begin_writing` begins their transactions."""

    def connected(connection: Any, record: Any) -> None:
        _connected(connection, record)
        connection.execute("PRAGMA busy_timeout=0")

    event.listen(engine, "connect", connected)


def _connected(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def begin_writing(connection: Connection) -> None:
    """Take the write lock for a thread, as soon as the other processes' writers let us. Raises `OperationalError`."""
    driver: Any = connection.connection.driver_connection
    try:
        _begin_writing(driver)
    except sqlite3.OperationalError as busy:
        raise OperationalError(BEGIN_WRITING, None, busy) from busy


def _begin_writing(connection: sqlite3.Connection) -> None:
    """Begin as soon as the other processes' writers let us, on a connection that does not wait by itself.

    SQLite's own waiting sleeps longer and longer. Busy is also who finds another process mending the log of a dead one.
    """
    until = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute(BEGIN_WRITING)
        except sqlite3.OperationalError as busy:
            if busy.sqlite_errorcode & _PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(random.uniform(*_LOOK_AGAIN_SECONDS))
        else:
            return


def _begin_between_reads(connection: sqlite3.Connection) -> None:
    """Begin to write on a connection that waits by itself when it reads."""
    connection.execute("PRAGMA busy_timeout=0")
    try:
        _begin_writing(connection)
    finally:
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


class _Connection(sqlite3.Connection):
    """A connection that rolls back when it is closed.

    SQLite keeps a closed connection, and its lock on the database, for as long as a statement of it is alive. When a
    task is cancelled inside a transaction, its exception keeps one alive for as long as somebody looks at it.
    """

    def close(self) -> None:
        if self.in_transaction:
            self.rollback()
        super().close()


class _QuickConnection(aiosqlite.Connection):
    """A connection that goes to its thread only for what may wait: the write lock, the disk, many rows.

    A trip to the thread and back costs eight times the statement itself, and aiosqlite takes four for each statement.
    """

    async def _execute(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if self._connection is not None and _is_quick(fn, args):
            return fn(*args, **kwargs)
        work: Callable[..., Any] = fn
        if self._connection is not None and args[:1] == (BEGIN_WRITING,):
            work, args = _begin_between_reads, (self._connection,)
        outcome: T = await super()._execute(work, *args, **kwargs)  # type: ignore[no-untyped-call] # as aiosqlite has it
        return outcome


def _is_quick(fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    if not isinstance(getattr(fn, "__self__", None), sqlite3.Cursor):
        return fn.__name__ in ("cursor", "rollback")
    return fn.__name__ != "execute" or args[0].startswith(QUICK) or args[0] == "BEGIN"


def connect(path: str, **_: Any) -> aiosqlite.Connection:
    """Return a connection to a database file, to be awaited; what else SQLAlchemy says of it is for threads."""

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(path, factory=_Connection, check_same_thread=False)

    connection = _QuickConnection(opened, _CHUNK_ROWS)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does: a process that ends does not wait for it
    return connection
