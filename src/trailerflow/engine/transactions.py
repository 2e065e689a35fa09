"""Writing transactions for threads: begun with the write lock, committed or rolled back. Called by `carrier`, `leases`.

SQLite and PostgreSQL are driven by the same code; on both, one connection serves one thread at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL, RootTransaction
from sqlalchemy.exc import DBAPIError

from trailerflow.engine import postgresql, sqlite

T = TypeVar("T")

Work = Callable[[Connection], T]


class Transactions:
    """Writing transactions on one database."""

    def __init__(self, url: URL) -> None:
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._engine = create_engine(url, connect_args={} if self._is_sqlite else postgresql.OPTIONS)
        if self._is_sqlite:
            sqlite.prepare_writers(self._engine)
        self._spare: list[Connection] = []

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a writing transaction, committed at the end of the block."""
        with self._connected() as connection, self._begin(connection):
            yield connection

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        """Give a connection, kept for the next who wants one unless the block raises: the pool asks more of each."""
        try:
            connection = self._spare.pop()
        except IndexError:
            connection = self._engine.connect()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._spare.append(connection)

    def carry_out(self, work: Work[T]) -> T:
        """Do work in a writing transaction; once more when the connection was lost before anything was committed."""
        (value,) = self.carry_out_all([work])
        return value

    def carry_out_all(self, works: Sequence[Work[T]]) -> list[T]:
        """Do works in one writing transaction in their order, all or none of them; return their values."""
        for is_last in (False, True):
            is_done = False
            try:
                with self.write() as connection:
                    values = [work(connection) for work in works]
                    is_done = True
            except DBAPIError as error:
                if not error.connection_invalidated or is_done or is_last:
                    raise
            else:
                return values
        raise AssertionError

    def _begin(self, connection: Connection) -> RootTransaction:
        if self._is_sqlite:
            sqlite.begin_writing(connection)
        return connection.begin()

    def close(self) -> None:
        """Close all connections."""
        while self._spare:
            self._spare.pop().close()
        self._engine.dispose()


Outcome = tuple[Any, BaseException | None]


def carry_out_each(transactions: Transactions, works: Sequence[Work[Any]]) -> list[Outcome]:
    """Do works in one transaction, or each in its own when one of them raises; return their values or errors."""
    try:
        return [(value, None) for value in transactions.carry_out_all(works)]
    except BaseException as error:  # noqa: BLE001 - it is for who waits for it, not for this thread
        if len(works) == 1:
            return [(None, error)]
    return [outcome for work in works for outcome in carry_out_each(transactions, [work])]
