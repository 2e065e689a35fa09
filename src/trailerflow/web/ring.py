"""A ring: the recent events of one topic, and the newest tick of each step in work. Filled by `relay`, read by viewers.

A viewer holds a position, no queue, so that it can slow nobody and costs nothing while it stalls. Ticks are not kept in
the ring: a viewer that falls behind skips all but the newest of each step.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from trailerflow.web.frames import Frame

MOST_FRAMES = 4096
MOST_BYTES = 1 << 20

StepKey = tuple[int, int, str]
"""Project, run, step."""


class BehindError(Exception):
    """A viewer's position has left the ring."""


@dataclass(frozen=True, slots=True)
class Tick:
    """The newest progress of a step; `number` rises with every tick of the ring."""

    number: int
    body: bytes


class Ring:
    """Positions count all frames ever appended; `first` is the oldest still held, `end` the next to come."""

    def __init__(self, *, most_frames: int = MOST_FRAMES, most_bytes: int = MOST_BYTES) -> None:
        self._most_frames = most_frames
        self._most_bytes = most_bytes
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self.first = 0
        self.ticks: dict[StepKey, Tick] = {}
        self.ticked = 0
        self.pings = 0
        self.viewers = 0
        self.idle_since = asyncio.get_running_loop().time()
        self.closed = False
        self.changed = asyncio.Event()

    @property
    def end(self) -> int:
        """Return the position of the next frame."""
        return self.first + len(self._frames)

    @contextmanager
    def viewer(self) -> Iterator[None]:
        """Count a viewer while it looks."""
        self.viewers += 1
        try:
            yield
        finally:
            self.viewers -= 1
            self.idle_since = asyncio.get_running_loop().time()

    def append(self, frame: Frame) -> None:
        """Add a durable event, dropping the oldest when full. Wakes nobody: `notify` does, once for many."""
        self._frames.append(frame)
        self._bytes += len(frame.whole)
        while len(self._frames) > self._most_frames or (self._bytes > self._most_bytes and len(self._frames) > 1):
            self._bytes -= len(self._frames.popleft().whole)
            self.first += 1

    def tick(self, key: StepKey, body: bytes) -> None:
        """Replace a step's newest tick."""
        self.ticked += 1
        self.ticks[key] = Tick(self.ticked, body)

    def since(self, position: int) -> list[Frame]:
        """Return the frames from a position on. Raises `BehindError` when it has left the ring."""
        if position < self.first:
            raise BehindError
        return [self._frames[index] for index in range(position - self.first, len(self._frames))]

    def position_after(self, event_id: int) -> int | None:
        """Return where the event after this one is, in a ring of one project; None when it is not held."""
        if not self._frames or not self._frames[0].id - 1 <= event_id <= self._frames[-1].id:
            return None
        position = self.first + event_id + 1 - self._frames[0].id
        is_dense = self._frames[-1].id - self._frames[0].id == len(self._frames) - 1
        return position if is_dense else None

    def ping(self) -> None:
        """Have every viewer send a sign of life."""
        self.pings += 1
        self.notify()

    def notify(self) -> None:
        """Wake every viewer."""
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    def close(self) -> None:
        """End every viewer's stream."""
        self.closed = True
        self.notify()
