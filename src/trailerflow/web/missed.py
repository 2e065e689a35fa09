"""What a viewer missed, from the log: snapshots, pages of events, up to the place from which the ring goes on.

Made by `stream` for a viewer whose last event is no longer in the ring, read by `viewer`. The place in the ring is
taken before the log is read, and the log is read up to exactly that place, so that nothing falls between the two and
nothing is in both. It never holds a session while something is sent.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress

from trailerflow.engine.ledger import LoggedEvent
from trailerflow.errors import NotFound
from trailerflow.web import frames
from trailerflow.web.cursor import Cursor
from trailerflow.web.log import PAGE_EVENTS, Log
from trailerflow.web.ring import Ring

PATIENCE_SECONDS = 1.0


class Missed:
    """Yields bytes, and then knows the `position` to go on from. `heads` are the last events in the ring.

    `wants` is {project: last id seen, or None for a snapshot}.
    """

    def __init__(
        self,
        *,
        log: Log,
        ring: Ring,
        heads: Callable[[], Mapping[int, int]],
        wants: Mapping[int, int | None],
        all_of: bool,
    ) -> None:
        self._log = log
        self._ring = ring
        self._heads = heads
        self._wants = wants
        # What a viewer has seen of projects not yet caught up with stays in its id: it may be cut before their turn.
        self._sent = {project_id: seen for project_id, seen in wants.items() if seen is not None}
        self._cursor = Cursor(self._sent) if all_of else None
        self.position = ring.end

    async def bodies(self) -> AsyncGenerator[bytes, None]:
        """Yield what was missed, until the ring holds the rest."""
        for project_id, seen in self._wants.items():
            if seen is None or not await self._is_in_log(project_id, seen):
                async for body in self._snapshot(project_id):
                    yield body
        while True:
            await self._until_the_ring_is_no_older()
            self.position, heads = self._ring.end, dict(self._heads())
            for project_id, head in heads.items():
                async for body in self._replay(project_id, head):
                    yield body
            if self.position >= self._ring.first:
                return
            # It took longer to read what was missed than the ring holds: read on from the log once more.

    async def _is_in_log(self, project_id: int, seen: int) -> bool:
        """Say whether the log goes on after this id: it is neither pruned there nor too large."""
        if seen == self._heads().get(project_id):
            return True
        following = await self._log.page(project_id, seen, 1)
        if following:
            return following[0].id == seen + 1
        position = (await self._log.positions([project_id])).get(project_id)
        return position is not None and position.last_event_id == seen

    async def _snapshot(self, project_id: int) -> AsyncGenerator[bytes, None]:
        try:
            snapshot = await self._log.snapshot(project_id)
        except NotFound:
            self._sent.pop(project_id, None)  # it was removed this very moment
            return
        yield frames.of_snapshot(snapshot.status, self._id_after(project_id, snapshot.last_event_id))

    async def _until_the_ring_is_no_older(self) -> None:
        """Wait until the relay has read everything that a snapshot, or the viewer, already knows."""
        while ahead := [known for known, seen in self._sent.items() if seen > self._heads().get(known, 0)]:
            changed = self._ring.changed
            with suppress(TimeoutError):
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await changed.wait()
                    continue
            for removed in set(ahead) - set(await self._log.positions(ahead)):
                del self._sent[removed]

    async def _replay(self, project_id: int, head: int) -> AsyncGenerator[bytes, None]:
        """Yield the log from the last sent event up to the ring's last, page by page."""
        while (sent := self._sent.get(project_id, 0)) < head:
            rows = await self._log.page(project_id, sent, head - sent)
            if not rows:
                return  # it was removed this very moment
            yield b"".join(self._framed(row) for row in rows)
            if len(rows) < min(head - sent, PAGE_EVENTS):
                return

    def _framed(self, row: LoggedEvent) -> bytes:
        frame = frames.of_event(row)
        event_id = self._id_after(row.project_id, row.id)
        return frame.whole if self._cursor is None else frames.id_line(event_id) + frame.body

    def _id_after(self, project_id: int, last: int) -> str:
        self._sent[project_id] = last
        if self._cursor is None:
            return str(last)
        self._cursor.put(project_id, last)
        return self._cursor.text()
