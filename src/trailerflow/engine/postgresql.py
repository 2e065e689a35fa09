"""PostgreSQL, set up to be safe and quick: no lock without an owner, no wait for each answer. Called by `database`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

# A process that is stopped inside a transaction must not keep its locks from all others.
OPTIONS: Final = {"options": "-c idle_in_transaction_session_timeout=10000"}


@contextmanager
def sent_at_once(connection: Connection) -> Iterator[None]:
    """Send the block's statements without waiting for the answer to each; none of them may return rows.

    Raises `DBAPIError`; with the connection invalidated, when it is lost.
    """
    driver: Any = connection.connection.driver_connection  # psycopg's; imported by who has that database only
    dialect, errors = connection.dialect, connection.dialect.loaded_dbapi
    try:
        with driver.pipeline():
            yield
    except errors.Error as error:
        is_lost = dialect.is_disconnect(error, driver, None)
        if is_lost:
            connection.invalidate(error)
        told = "the last statements", None, error, errors.Error
        raise DBAPIError.instance(*told, connection_invalidated=is_lost, dialect=dialect) from error
