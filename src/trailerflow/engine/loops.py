"""The one way a background loop runs: start, stop, and a single pass that tests call. Used by every worker."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress

log = logging.getLogger(__name__)


class Loop:
    """Calls `once` every `seconds` (give or take a fifth) until stopped, or at once when woken; an error is logged."""

    def __init__(self, name: str, once: Callable[[], Awaitable[None]], *, seconds: float) -> None:
        self.name = name
        self.once = once
        self._seconds = seconds
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin passing, the first pass at once."""
        self._task = asyncio.create_task(self._run(), name=self.name)

    def wake(self) -> None:
        """Ask for a pass now."""
        self._wake.set()

    async def stop(self) -> None:
        """End the loop; a pass under way is cancelled."""
        if self._task is not None:
            self._task.cancel()
            # Not awaited directly: that would swallow a cancel meant for the caller.
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self.once()
            except Exception:
                log.exception("%s failed, trying again", self.name)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds * random.uniform(0.8, 1.2)):
                    await self._wake.wait()
