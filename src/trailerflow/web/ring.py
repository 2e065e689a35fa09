"""A ring: the recent events of one topic as bytes, and the newest tick of each step in work. Filled by `relay`.

A viewer that has everything, and a line into its connection, is a follower: what is new is written to all of them in
one go, the same bytes to each. Any other viewer holds a position, no queue, so that it can slow nobody and costs
nothing while it stalls. Ticks are not kept: a viewer that falls behind skips all but the newest of each step. A ring
never waits.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from trailerflow.web import frames
from trailerflow.web.connection import Line, chunk
from trailerflow.web.cursor import Cursor
from trailerflow.web.frames import Frame

MOST_FRAMES = 4096
MOST_BYTES = 1 << 20
LEAVING_SECONDS = 1.0

StepKey = tuple[int, int, str]
"""Project, run, step."""
EventId = int | str
"""A number in the stream of one project, a cursor in that of all."""


class BehindError(Exception):
    """A viewer's position has left the ring."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The newest progress of a step; `number` rises with every tick of the ring."""

    number: int
    body: bytes


class Watcher(Protocol):
    """A viewer, as the ring knows it."""

    leaves_at: float

    def lag(self, position: int, ticked: int) -> None:
        """Go on alone from here: the connection takes nothing at the moment."""

    def end(self, *, patience_seconds: float = ...) -> None:
        """End the stream."""


class Ring:
    """Positions count all frames ever appended; `first` is the oldest still held, `end` the next to come."""

    def __init__(self, start: EventId, *, most_frames: int = MOST_FRAMES, most_bytes: int = MOST_BYTES) -> None:
        self._most_frames = most_frames
        self._most_bytes = most_bytes
        self._frames: deque[bytes] = deque()
        self._ids: deque[EventId] = deque((start,))  # that of the event before the oldest frame, then the frames' own
        self._after: dict[EventId, int] = {start: 0}
        self._bytes = 0
        self._polls = 0
        self._viewers: dict[Watcher, None] = {}
        self._followers: dict[Watcher, Callable[[bytes], None]] = {}
        self._full: set[Watcher] = set()
        self._handed = self._handed_tick = 0
        self.pings = 0
        self.first = 0
        self.ticks: dict[StepKey, Tick] = {}
        self.ticked = 0
        self.idle_since = asyncio.get_running_loop().time()
        self.closed = False
        self._changed: asyncio.Event | None = None

    @property
    def changed(self) -> asyncio.Event:
        """Return what is set when there is something new."""
        if self._changed is None:
            self._changed = asyncio.Event()
        return self._changed

    @property
    def end(self) -> int:
        """Return the position of the next frame."""
        return self.first + len(self._frames)

    # What the relay does

    def append(self, frame: Frame) -> None:
        """Add a durable event. Hands out nothing: `notify` does, once for many."""
        self._append(frame.id, frame.whole)

    def _append(self, event_id: EventId, body: bytes) -> None:
        self._frames.append(body)
        self._ids.append(event_id)
        self._after[event_id] = self.end
        self._bytes += len(body)
        while len(self._frames) > self._most_frames or (self._bytes > self._most_bytes and len(self._frames) > 1):
            if self._handed <= self.first:
                self.notify()
            self._bytes -= len(self._frames.popleft())
            self.first += 1
            self._after.pop(self._ids.popleft(), None)

    def tick(self, key: StepKey, body: bytes) -> None:
        """Replace a step's newest tick."""
        self.ticked += 1
        self.ticks[key] = Tick(self.ticked, body)

    def notify(self, sign: bytes = b"") -> None:
        """Hand every follower what is new, and a sign of life if there is one; wake those who wait."""
        if self._followers:
            body = b"".join((*self.since(self._handed), *self.ticks_since(self._handed_tick), sign))
            if body:
                self._hand_out(body)
        self._handed, self._handed_tick = self.end, self.ticked
        if self._changed is not None:
            self._changed.set()
            self._changed = None

    def _hand_out(self, body: bytes) -> None:
        whole = chunk(body)
        self._leave_behind(list(self._full))
        closed = []
        for viewer, write in self._followers.items():
            try:
                write(whole)
            except RuntimeError:  # closed this very moment: its viewer has not noticed yet
                closed.append(viewer)
        self._leave_behind(closed)

    def _leave_behind(self, viewers: list[Watcher]) -> None:
        for viewer in viewers:
            self.part(viewer)
            viewer.lag(self._handed, self._handed_tick)

    def beat(self, now: float) -> None:
        """Give every viewer a sign of life, and end the streams whose time is over."""
        for viewer in [viewer for viewer in self._viewers if viewer.leaves_at <= now]:
            viewer.end()
        self.pings += 1
        self.notify(frames.PING)

    def close(self) -> None:
        """End every viewer's stream."""
        self.closed = True
        for viewer in list(self._viewers):
            viewer.end(patience_seconds=LEAVING_SECONDS)
        self.notify()

    # What viewers do

    @property
    def viewers(self) -> int:
        """Return how many streams and long polls look at this moment."""
        return len(self._viewers) + self._polls

    @contextmanager
    def viewer(self) -> Iterator[None]:
        """Count a long poll while it looks."""
        self._polls += 1
        try:
            yield
        finally:
            self._polls -= 1
            self.touch()

    def enter(self, viewer: Watcher) -> None:
        """Count a viewer."""
        self._viewers[viewer] = None

    def leave(self, viewer: Watcher) -> None:
        """Forget a viewer."""
        self._viewers.pop(viewer, None)
        self.part(viewer)
        self.touch()

    def touch(self) -> None:
        """Say that somebody was here."""
        self.idle_since = asyncio.get_running_loop().time()

    def join(self, viewer: Watcher, line: Line) -> None:
        """Have a viewer that has everything up to the end follow."""
        if self._handed != self.end or self._handed_tick != self.ticked:
            self.notify()
        self._followers[viewer] = line.write
        line.told = functools.partial(self._told, viewer)
        line.tell()

    def _told(self, viewer: Watcher, is_full: bool) -> None:
        if is_full and viewer in self._followers:
            self._full.add(viewer)
        else:
            self._full.discard(viewer)

    def part(self, viewer: Watcher) -> None:
        """Have a viewer follow no more."""
        self._followers.pop(viewer, None)
        self._full.discard(viewer)

    def since(self, position: int) -> list[bytes]:
        """Return the frames from a position on. Raises `BehindError` when it has left the ring."""
        if position < self.first:
            raise BehindError
        return [self._frames[index] for index in range(position - self.first, len(self._frames))]

    def ticks_since(self, number: int) -> list[bytes]:
        """Return the ticks that came after one with this number."""
        return [] if number == self.ticked else [tick.body for tick in self.ticks.values() if tick.number > number]

    def position_after(self, event_id: EventId) -> int | None:
        """Return where the event after this one is; None when that is not known here."""
        return self._after.get(event_id)


class UserRing(Ring):
    """The ring of all of a user's projects: its ids are cursors."""

    def __init__(self, heads: Mapping[int, int]) -> None:
        self._cursor = Cursor(heads)
        super().__init__(self._cursor.text())

    def append(self, frame: Frame) -> None:
        """Add a durable event of any of the projects."""
        self._cursor.put(frame.project_id, frame.id)
        text = self._cursor.text()
        self._append(text, frames.id_line(text) + frame.body)

    def forget(self, project_id: int) -> None:
        """Leave a removed project out of the ids from now on."""
        self._cursor.put(project_id, 0)
