"""Carries writing transactions out in threads, those that wait together in one commit. Called by `database`.

What touches a few rows goes to a thread as a whole: there is one trip for all its statements, and one wait for the
disk for all who want to write at that moment. Nobody waits for a thread that carries: who comes while one does leaves
the writing with it and is told the outcome.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from sqlalchemy.engine import URL

from trailerflow.engine.transactions import Outcome, Transactions, Work

T = TypeVar("T")

_HANDS: Final = 4
"""So many transactions of one process PostgreSQL has in work at once."""


@dataclass(frozen=True, slots=True)
class Writing:
    """Work that waits to be carried out, in the order of `place` among those that share its transaction.

    Without work it is somebody who waits for the pen and will write for himself.
    """

    work: Work[Any] | None
    place: int
    outcome: asyncio.Future[Any]


class Carrier:
    """Takes works to threads. One at a time has the pen: a thread that carries, or who writes on a connection of his.

    On SQLite, which has one writer, all writings of this process are made with the pen, those that wait together in
    one transaction. On PostgreSQL so are those with a place: each locks the row of its place first, and they are
    sorted, so that nobody ever locks crosswise.
    """

    def __init__(self, url: URL) -> None:
        self.transactions = Transactions(url)
        self._has_one_writer = url.get_backend_name() == "sqlite"
        self._hands = ThreadPoolExecutor(_HANDS, thread_name_prefix="database")
        self._makers = ThreadPoolExecutor(thread_name_prefix="maker")
        self._lock = threading.Lock()
        self._is_taken = False
        self._waiting: list[Writing] = []

    async def carry_out(self, work: Work[T], place: int | None = None) -> T:
        """Do work in a writing transaction; return what it returns. A caller's cancel does not break it off."""
        loop = asyncio.get_running_loop()
        if place is None and not self._has_one_writer:
            return await loop.run_in_executor(self._hands, self.transactions.carry_out, work)
        writing = Writing(work, place or 0, loop.create_future())
        if self._has_to_carry(writing):
            self._hands.submit(self._carry)
        outcome: T = await writing.outcome
        return outcome

    async def carry_out_made(self, make: Callable[[], Work[T]], place: int) -> T:
        """Call `make` in a thread, then do the work it returns as `carry_out` does, with no trip to the loop between.

        Raises what `make` raises; nothing is written then. A caller's cancel breaks neither off.
        """
        loop = asyncio.get_running_loop()
        outcome = loop.create_future()

        def made() -> None:
            try:
                writing = Writing(make(), place, outcome)
            except BaseException as error:  # noqa: BLE001 - it is for the caller, not for this thread
                loop.call_soon_threadsafe(_tell, outcome, (None, error))
                return
            if self._has_to_carry(writing):
                self._carry()

        self._makers.submit(made)
        value: T = await outcome
        return value

    @asynccontextmanager
    async def pen(self) -> AsyncIterator[None]:
        """Write on a connection of one's own, in turn with all others of this process."""
        with self._lock:
            is_mine, self._is_taken = not self._is_taken, True
            asking = Writing(None, 0, asyncio.get_running_loop().create_future())
            if not is_mine:
                self._waiting.append(asking)
        try:
            if not is_mine:
                await asking.outcome
                is_mine = True
            yield
        finally:
            if is_mine or (asking.outcome.done() and not asking.outcome.cancelled()):
                self._pass_on()

    def _has_to_carry(self, writing: Writing) -> bool:
        """Have a writing wait; return whether the pen was free: it is the caller's now, who has to carry."""
        with self._lock:
            self._waiting.append(writing)
            is_mine, self._is_taken = not self._is_taken, True
            return is_mine

    def _carry(self) -> None:
        """Carry out what waits, in this thread, until nothing does or the pen is wanted."""
        while together := self._next():
            outcomes = self.transactions.carry_out_each([writing.work for writing in together if writing.work])
            together[0].outcome.get_loop().call_soon_threadsafe(_tell_all, together, outcomes)

    def _next(self) -> list[Writing]:
        """Return what waits, up to who wants the pen for himself; without any, the pen has been laid down or given."""
        with self._lock:
            own = next((n for n, writing in enumerate(self._waiting) if writing.work is None), len(self._waiting))
            if own > 0:
                together, self._waiting = self._waiting[:own], self._waiting[own:]
                return sorted(together, key=lambda writing: writing.place)
            if not self._waiting:
                self._is_taken = False
                return []
            asking = self._waiting.pop(0)
        asking.outcome.get_loop().call_soon_threadsafe(self._give, asking)
        return []

    def _give(self, asking: Writing) -> None:
        if asking.outcome.cancelled():
            self._pass_on()
        else:
            asking.outcome.set_result(None)

    def _pass_on(self) -> None:
        """Lay the pen down, or have a thread carry what waits."""
        with self._lock:
            if not self._waiting:
                self._is_taken = False
                return
        self._hands.submit(self._carry)

    async def close(self) -> None:
        """Finish what waits, then close all connections."""
        async with self.pen():
            pass
        self._makers.shutdown(wait=False)  # what they make for a turn that was given up is not waited for
        self._hands.shutdown()
        self.transactions.close()


def _tell_all(together: list[Writing], outcomes: list[Outcome]) -> None:
    for writing, outcome in zip(together, outcomes, strict=True):
        _tell(writing.outcome, outcome)


def _tell(waiting: asyncio.Future[Any], outcome: Outcome) -> None:
    """Tell who waits, if anybody still does; on the event loop."""
    value, error = outcome
    if waiting.cancelled():
        return
    if error is None:
        waiting.set_result(value)
    else:
        waiting.set_exception(error)
