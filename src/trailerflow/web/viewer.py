"""One viewer of one or of all projects: brought up to date first, then a follower of the ring.

Made by `stream` for each connection, run by `afterwards` when the application has returned. Only a viewer that has to
wait, for the log or for its own connection, has a task. It never holds a database session, and never slows another.
"""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.types import Receive, Send

from trailerflow.web import frames
from trailerflow.web.connection import Line
from trailerflow.web.missed import Missed
from trailerflow.web.ring import LEAVING_SECONDS, BehindError, Ring

log = logging.getLogger(__name__)

STALL_SECONDS = 20.0
STAY_SECONDS = 600.0
MOST_BYTES_AT_ONCE = 1 << 16
COMEBACK_SECONDS = (0.5, 3.5)


class Viewer:
    """Delivers one stream. What was `missed` comes first; without that, what is in the ring from `position` on."""

    __slots__ = (
        "_line", "_missed", "_pings", "_position", "_ring", "_send", "_slow", "_task", "_ticked", "_waiting",
        "leaves_at",
    )  # fmt: skip

    def __init__(
        self,
        *,
        ring: Ring,
        line: Line | None,
        slow: Callable[[], None],
        missed: Missed | None = None,
        position: int = 0,
    ) -> None:
        self._ring = ring
        self._line = line
        self._slow = slow
        self._missed = missed
        self._position = position
        self._ticked = ring.ticked
        self._pings = ring.pings
        self._task: asyncio.Task[None] | None = None
        self._waiting: asyncio.Timeout | None = None
        # Nobody stays for ever: a proxy, or a balance between processes, may have changed; nobody goes with the others.
        self.leaves_at = asyncio.get_running_loop().time() + STAY_SECONDS * random.uniform(0.8, 1.2)
        self._send: Send

    async def watch(self, receive: Receive, send: Send) -> None:
        """Deliver until the client goes or the stream has ended."""
        self._send = send
        self._ring.enter(self)
        try:
            async with asyncio.timeout(None) as self._waiting:
                self._begin()
                while (await receive())["type"] != "http.disconnect":
                    continue
        except TimeoutError:
            log.info("a viewer that took nothing to the last was given up; it will catch up when it comes back")
        finally:
            self._ring.leave(self)
            if self._line is not None:
                self._line.told = None
            if self._task is not None:
                self._task.cancel()

    def lag(self, position: int, ticked: int) -> None:
        """Go on alone from here: the connection takes nothing at the moment."""
        self._position, self._ticked = position, ticked
        self._go_alone(self._follow)

    def end(self, *, patience_seconds: float = STALL_SECONDS) -> None:
        """End the stream, so that the client comes back, here or elsewhere."""
        self.leaves_at = float("inf")
        self._ring.part(self)
        self._go_alone(self._leave, self._task, patience_seconds)

    def _begin(self) -> None:
        if self._ring.closed:
            self.end(patience_seconds=LEAVING_SECONDS)
        elif self._missed is not None:
            self._go_alone(self._catch_up, self._missed)
        elif self._position < self._ring.first:
            self.end()
        else:
            self._go_alone(self._follow, frames.RETRY)

    def _go_alone(self, way: Callable[..., Awaitable[None]], *told: Any) -> None:
        self._task = asyncio.create_task(self._alone(way, *told))

    async def _alone(self, way: Callable[..., Awaitable[None]], *told: Any) -> None:
        try:
            await way(*told)
        except (BehindError, TimeoutError):
            self._slow()
            await self._leave(None, STALL_SECONDS)
        except Exception:
            log.exception("a stream broke off; its viewer will come back")
            await self._leave(None, STALL_SECONDS)

    async def _catch_up(self, missed: Missed) -> None:
        await self._deliver(frames.RETRY)
        async for body in missed.bodies():
            await self._deliver(body)
        self._missed, self._position = None, missed.position
        await self._follow()

    async def _follow(self, first: bytes = b"") -> None:
        """Deliver what is in the ring until there is nothing left, then be a follower; without a line, go on alone."""
        while True:
            changed = self._ring.changed
            if body := first + self._news():
                await self._deliver(body)
            elif self._line is None:
                await changed.wait()
            else:
                self._ring.join(self, self._line)
                self._task = None
                return
            first = b""

    def _news(self) -> bytes:
        """Return what is new to this viewer, or the first part of very much. Raises `BehindError`."""
        ring, news, size = self._ring, [], 0
        for frame in ring.since(self._position):
            news.append(frame)
            size += len(frame)
            if size > MOST_BYTES_AT_ONCE:
                break
        self._position += len(news)
        if self._position == ring.end:
            news += ring.ticks_since(self._ticked)
            self._ticked = ring.ticked
        if self._pings != ring.pings:
            self._pings = ring.pings
            news.append(frames.PING)
        return b"".join(news)

    async def _deliver(self, body: bytes) -> None:
        async with asyncio.timeout(STALL_SECONDS):
            await self._send({"type": "http.response.body", "body": body, "more_body": True})

    async def _leave(self, before: asyncio.Task[None] | None, patience_seconds: float) -> None:
        if before is not None:
            before.cancel()
            await asyncio.wait([before])
        try:
            async with asyncio.timeout(patience_seconds):
                await self._send({"type": "http.response.body", "body": retry_line(*COMEBACK_SECONDS)})
        except TimeoutError:
            if self._waiting is not None:
                self._waiting.reschedule(asyncio.get_running_loop().time())


def retry_line(least_seconds: float, most_seconds: float) -> bytes:
    """Return the line that tells a browser when to come back: not all at the same time."""
    return b"retry: %d\n\n" % random.randint(int(least_seconds * 1000), int(most_seconds * 1000))
