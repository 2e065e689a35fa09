"""Carries writing transactions out in threads, those that wait together in one commit. Called by `database`.

What touches a few rows goes to a thread as a whole: there is one trip for all its statements, and one wait for the
disk for all who want to write at that moment.
"""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, create_engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from trailerflow.engine import postgresql, sqlite

T = TypeVar("T")

_HANDS: Final = 4
"""So many transactions of one process PostgreSQL has in work at once."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Work that waits to be carried out, in the order of `place` among those that share its transaction."""

    work: Callable[[Connection], Any]
    place: int
    outcome: asyncio.Future[Any]


class Transactions:
    """Writing transactions on one database, for threads."""

    def __init__(self, url: URL) -> None:
        is_sqlite = url.get_backend_name() == "sqlite"
        self._engine = create_engine(url, connect_args={} if is_sqlite else postgresql.OPTIONS)
        if is_sqlite:
            sqlite.begin_as_asked(self._engine)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a writing transaction, committed at the end of the block."""
        with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection

    def carry_out(self, work: Callable[[Connection], T]) -> T:
        """Do work in a writing transaction; once more when the connection was lost before anything was committed."""
        for is_last in (False, True):
            with self._engine.connect().execution_options(writes=True) as connection:
                transaction = connection.begin()
                try:
                    value = work(connection)
                except DBAPIError as error:
                    if error.connection_invalidated and not is_last:
                        continue
                    raise
                transaction.commit()
                return value
        raise AssertionError

    def carry_out_together(self, writings: list[Writing]) -> list[tuple[Any, BaseException | None]]:
        """Do all in one transaction, or each in its own when one of them raises; return their values or errors."""
        if len(writings) > 1:
            with self._engine.connect().execution_options(writes=True) as connection:
                transaction = connection.begin()
                try:
                    values = [writing.work(connection) for writing in writings]
                except BaseException:  # noqa: BLE001 - whose it is shows when each is done by itself
                    transaction.rollback()
                else:
                    transaction.commit()
                    return [(value, None) for value in values]
        return [self._outcome(writing) for writing in writings]

    def _outcome(self, writing: Writing) -> tuple[Any, BaseException | None]:
        try:
            return self.carry_out(writing.work), None
        except BaseException as error:  # noqa: BLE001 - it is for who waits for it, not for this thread
            return None, error

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


class Carrier:
    """Takes works from an event loop to its threads; `turnstile` is what every writer of this process goes through."""

    def __init__(self, url: URL, turnstile: asyncio.Lock | None) -> None:
        self.transactions = Transactions(url)
        self._turnstile: AbstractAsyncContextManager[Any] = turnstile or nullcontext()
        self._shares_all = turnstile is not None
        self._hands = ThreadPoolExecutor(1 if self._shares_all else _HANDS, thread_name_prefix="database")
        self._waiting: list[Writing] = []
        self._carrying: asyncio.Task[None] | None = None

    async def carry_out(self, work: Callable[[Connection], T], place: int | None = None) -> T:
        """Do work in a writing transaction; return what it returns. A caller's cancel does not break it off.

        On SQLite, which has one writer, all that wait share a transaction. On PostgreSQL those with a place do, in its
        order: each must lock the row of that place first, so that nobody ever locks crosswise.
        """
        loop = asyncio.get_running_loop()
        if place is None and not self._shares_all:
            return await loop.run_in_executor(self._hands, self.transactions.carry_out, work)
        writing = Writing(work, place or 0, loop.create_future())
        self._waiting.append(writing)
        if self._carrying is None or self._carrying.done():
            self._carrying = asyncio.create_task(self._carry(), name="carrier")
        outcome: T = await writing.outcome
        return outcome

    async def _carry(self) -> None:
        while self._waiting:
            async with self._turnstile:
                together, self._waiting = sorted(self._waiting, key=lambda writing: writing.place), []
                loop = asyncio.get_running_loop()
                try:
                    outcomes = await loop.run_in_executor(self._hands, self.transactions.carry_out_together, together)
                except BaseException as error:  # noqa: BLE001 - it is for those who wait, all of them
                    outcomes = [(None, error)] * len(together)
            for writing, (value, failure) in zip(together, outcomes, strict=True):
                if writing.outcome.cancelled():
                    continue
                if failure is None:
                    writing.outcome.set_result(value)
                else:
                    writing.outcome.set_exception(failure)

    async def close(self) -> None:
        """Finish what waits, then close all connections."""
        if self._carrying is not None:
            await asyncio.wait([self._carrying])
        self._hands.shutdown()
        self.transactions.close()
