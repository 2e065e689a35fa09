"""Plays many crash tests' runs at once, for each waits most of its time: for a lease to pass, for a sweep.

The test modules' fixtures call it; each test then looks at the one that it is about. It must never hide how one broke.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Generic, TypeVar

from crash.stage import Stage

T = TypeVar("T")
AT_ONCE = 5

Play = Callable[[Stage], Awaitable[T]]


class Season(Generic[T]):
    """How each play went, by its name."""

    def __init__(self, ends: Mapping[str, T | BaseException]) -> None:
        self._ends = ends

    def end_of(self, name: str) -> T:
        """Return how one went; raise what it raised."""
        end = self._ends[name]
        if isinstance(end, BaseException):
            raise end
        return end


def play_all(plays: Mapping[str, tuple[Stage, Play[T]]]) -> Season[T]:
    """Play all, some at once."""

    async def on_all() -> list[T | BaseException]:
        free, opening = asyncio.Semaphore(AT_ONCE), asyncio.Lock()

        async def on(stage: Stage, play: Play[T]) -> T:
            async with free, AsyncExitStack() as stack:
                async with opening:  # alembic migrates one database of a process at a time
                    await stack.enter_async_context(stage)
                return await play(stage)

        return await asyncio.gather(*(on(*play) for play in plays.values()), return_exceptions=True)

    return Season(dict(zip(plays, asyncio.run(on_all()), strict=True)))
