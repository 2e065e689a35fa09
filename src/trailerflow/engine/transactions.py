"""Writing transactions for threads: begun with the write lock, committed or rolled back. Called by `carrier`.

SQLite and PostgreSQL are driven by the same code; on both, one connection serves one thread at a time.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Executable, create_engine
from sqlalchemy.engine import URL, RootTransaction
from sqlalchemy.exc import DBAPIError

from trailerflow.engine import postgresql, sqlite

T = TypeVar("T")

Work = Callable[[Connection], T]
Outcome = tuple[Any, BaseException | None]
"""What a work returned, or what it raised."""

_LAST: Final = "last statements"


def put_off(connection: Connection, statement: Executable, values: Any) -> None:
    """Have a statement carried out with the commit: nothing in the work reads what it writes."""
    connection.info[_LAST].append((statement, values))


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
            if connection.info[_LAST]:
                self._end(connection)

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

    def _begin(self, connection: Connection) -> RootTransaction:
        if self._is_sqlite:
            sqlite.begin_writing(connection)
        connection.info[_LAST] = []
        return connection.begin()

    def _end(self, connection: Connection) -> None:
        """Carry out what was put off; on PostgreSQL the commit goes out with it, in one trip to the server."""
        if self._is_sqlite:
            _catch_up(connection)
        else:
            with postgresql.sent_at_once(connection):
                _catch_up(connection)
                connection.exec_driver_sql("COMMIT")

    def carry_out(self, work: Work[T]) -> T:
        """Do work in a writing transaction, as `carry_out_each` does, and return its value or raise its error."""
        ((value, error),) = self.carry_out_each([work])
        if error is not None:
            try:
                raise error
            finally:
                del error  # it holds this frame by its traceback
        outcome: T = value
        return outcome

    def carry_out_each(self, works: Sequence[Work[Any]]) -> list[Outcome]:
        """Do works in one transaction in their order, or each in its own when one of them raises; return the outcomes.

        They are done once more when the connection was lost before the commit went out. An error of the commit itself
        is everybody's: whether it took place is not known then.
        """
        for is_last in (False, True):
            is_done = False
            try:
                with self.write() as connection:
                    values = []
                    for work in works:
                        _catch_up(connection)
                        values.append(work(connection))
                    is_done = True
            except BaseException as error:  # noqa: BLE001 - it is for who waits for it, not for this thread
                if is_done or (len(works) == 1 and (is_last or not _is_lost(error))):
                    return [(None, error)] * len(works)
                if not _is_lost(error):
                    break
            else:
                return [(value, None) for value in values]
        return [outcome for work in works for outcome in self.carry_out_each([work])]

    def close(self) -> None:
        """Close all connections."""
        while self._spare:
            self._spare.pop().close()
        self._engine.dispose()


def _catch_up(connection: Connection) -> None:
    """Carry out what was put off."""
    last, connection.info[_LAST] = connection.info[_LAST], []
    for statement, values in last:
        connection.execute(statement, values)


def _is_lost(error: BaseException) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated
