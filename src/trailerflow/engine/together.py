"""Gathers what a turn hands in at the same moment, so that it is written at once. Called by `tasks` and `results`.

A film's sixty pictures are ordered at once, and eight workers end theirs within milliseconds; one by one each would
take a transaction.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

from trailerflow.engine.ledger import Fence

A = TypeVar("A")
R = TypeVar("R")

MOST: Final = 32
"""So many are soon written, and seen by the workers while the next are."""


class Together(Generic[A, R]):
    """Takes what this process's turns hand in; `write` gets what belongs to one claim and returns as many outcomes."""

    def __init__(self, write: Callable[[Fence, list[A]], Awaitable[list[R]]]) -> None:
        self._write = write
        self._waiting: dict[Fence, list[tuple[A, asyncio.Future[R]]]] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def hand_in(self, fence: Fence, item: A) -> R:
        """Return an item's outcome. A caller's cancel does not break it off; what `write` raises is for all it had."""
        outcome: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if fence in self._waiting:
            self._waiting[fence].append((item, outcome))
        else:
            self._waiting[fence] = [(item, outcome)]
            writing = asyncio.create_task(self._write_all(fence), name="together")  # begins after all who are ready now
            self._writing.add(writing)
            writing.add_done_callback(self._writing.discard)
        return await outcome

    async def _write_all(self, fence: Fence) -> None:
        while waiting := self._waiting[fence]:
            together, self._waiting[fence] = waiting[:MOST], waiting[MOST:]
            try:
                outcomes = await self._write(fence, [item for item, _ in together])
            except BaseException as error:  # noqa: BLE001 - it is for those who wait, all of them
                for _, future in together:
                    if not future.cancelled():
                        future.set_exception(error)
            else:
                for (_, future), outcome in zip(together, outcomes, strict=True):
                    if not future.cancelled():
                        future.set_result(outcome)
        del self._waiting[fence]
