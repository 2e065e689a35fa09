"""The way to the database: sessions for reading and writing, one clock. Called by every module of `engine`.

Nothing but the database may be awaited inside a transaction. SQLite and PostgreSQL are driven by the same code.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import JSON, Float, make_url
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from trailerflow.engine import postgresql, sqlite
from trailerflow.engine.carrier import Carrier
from trailerflow.engine.transactions import Transactions, Work
from trailerflow.errors import Misconfigured

T = TypeVar("T")


class now(FunctionElement[float]):  # noqa: N801 - reads as the SQL function it is
    """The database's clock: seconds since 1970, moving on inside a transaction."""

    type = Float()
    inherit_cache = True


@compiles(now, "sqlite")
def _now_sqlite(_element: now, _compiler: SQLCompiler, **_: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(now, "postgresql")
def _now_postgresql(_element: now, _compiler: SQLCompiler, **_: Any) -> str:
    return "extract(epoch from clock_timestamp())::float8"


class object_of(FunctionElement[dict[str, Any]]):  # noqa: N801 - reads as the SQL function it is
    """The JSON object of all rows, of their names and values; without any rows it may be NULL."""

    type = JSON()
    inherit_cache = True


@compiles(object_of, "sqlite")
def _object_sqlite(element: object_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_group_object({compiler.process(element.clauses, **how)})"


@compiles(object_of, "postgresql")
def _object_postgresql(element: object_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"json_object_agg({compiler.process(element.clauses, **how)})"


def driver_url(url: str) -> URL:
    """Return the URL with the driver that serves threads (sqlite3, psycopg). Raises `Misconfigured`."""
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return parsed.set(drivername="sqlite")
    if kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise Misconfigured(
        "misconfigured",
        f"TRAILERFLOW_DATABASE_URL names the unknown database {kind}",
        remedy="use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME",
    )


class Database:
    """Sessions on one database; opens connections on first use."""

    def __init__(self, url: str) -> None:
        self.url = driver_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite and self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        if self.is_sqlite:
            files = {"async_creator_fn": sqlite.connect}
            self._engine = create_async_engine(self.url.set(drivername="sqlite+aiosqlite"), connect_args=files)
            sqlite.begin_as_asked(self._engine.sync_engine)
            self._rows = self._engine
        else:
            served: Any = {"pool_pre_ping": True, "connect_args": postgresql.OPTIONS}
            self._engine = create_async_engine(self.url, **served)
            # Begin and end of a transaction are a trip to the server each, a statement alone needs neither.
            self._rows = create_async_engine(self.url, isolation_level="AUTOCOMMIT", **served)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._carrier = Carrier(self.url)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncSession]:
        """Open a session whose reads see one moment."""
        async with self._sessions() as session:
            if not self.is_sqlite:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @asynccontextmanager
    async def read_rows(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for plain statements that each see a moment: where no objects are wanted, half the work."""
        async with self._rows.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncSession]:
        """Open a writing transaction, committed at the end of the block, rolled back on an exception."""
        async with AsyncExitStack() as stack:
            if self.is_sqlite:  # it has one writer: queue for it here instead of in its busy handler, which sleeps
                await stack.enter_async_context(self._carrier.pen())
            session = await stack.enter_async_context(self._sessions())
            await session.connection(execution_options={"writes": True})
            yield session
            await session.commit()

    async def carry_out(self, work: Work[T], place: int | None = None) -> T:
        """Do what touches a few rows in a writing transaction, in a thread; return what `work` returns.

        Others may share the transaction, and when one of them raises each is done again by itself: so `work` must
        change nothing but the database. With a `place` it locks the project of that id before any other row.
        """
        return await self._carrier.carry_out(work, place)

    async def carry_out_made(self, make: Callable[[], Work[T]], place: int) -> T:
        """Call `make` in a thread, and there do the work it returns; raises what `make` raises."""
        return await self._carrier.carry_out_made(make, place)

    def carry_out_here(self, work: Work[T]) -> T:
        """Do the same in the calling thread, at once and alone. Not for the event loop's thread."""
        return self._carrier.transactions.carry_out(work)

    async def close(self) -> None:
        """Close all connections."""
        await self._carrier.close()
        await self._rows.dispose()
        await self._engine.dispose()


class ThreadDatabase(Transactions):
    """Writing transactions for a thread beside the event loop (lease renewal)."""

    def __init__(self, url: str) -> None:
        super().__init__(driver_url(url))
