"""Plays many crash tests' runs at once, for each waits most of its time: for a lease to pass, for a sweep.

The test modules' fixtures call it; each test then looks at the one that it is about. It must never hide how one broke.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import TypeVar

from crash.stage import Stage

Key = TypeVar("Key")
T = TypeVar("T")
AT_ONCE = 5


class Season(dict[Key, "T | BaseException"]):
    """How each play went, by its key."""

    def result(self, key: Key) -> T:
        """Return how one went; raise what it raised."""
        played = self[key]
        if isinstance(played, BaseException):
            raise played
        return played


def play_all(stages: Mapping[Key, Stage], play: Callable[[Stage], Awaitable[T]]) -> Season[Key, T]:
    """Play on all stages, some at once."""

    async def on_all() -> list[T | BaseException]:
        free, opening = asyncio.Semaphore(AT_ONCE), asyncio.Lock()

        async def on(stage: Stage) -> T:
            async with free, AsyncExitStack() as stack:
                async with opening:  # alembic migrates one database of a process at a time
                    await stack.enter_async_context(stage)
                return await play(stage)

        return await asyncio.gather(*map(on, stages.values()), return_exceptions=True)

    return Season(zip(stages, asyncio.run(on_all()), strict=True))
