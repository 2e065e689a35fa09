"""One viewer of one or of all projects: first what was missed, from the log, then what happens, from the ring.

Made by `stream` for each connection. The ring's position is taken before the log is read, so that nothing falls between
the two, and an event that is in both is sent once. It holds no database session while it waits.
"""

from collections.abc import AsyncGenerator, Mapping

from trailerflow.bootstrap import Studio
from trailerflow.engine.ledger import events_after
from trailerflow.engine.tables import Event
from trailerflow.errors import NotFound
from trailerflow.web import cursor, frames
from trailerflow.web.frames import Frame
from trailerflow.web.relay import PAGE_EVENTS, Relay
from trailerflow.web.ring import BehindError, Ring


class Viewer:
    """Yields the bytes of one stream. `wants` is {project: last id seen, or None for a snapshot}."""

    def __init__(
        self, *, studio: Studio, relay: Relay, ring: Ring, wants: Mapping[int, int | None], all_of: bool
    ) -> None:
        self._studio = studio
        self._relay = relay
        self._ring = ring
        self._wants = wants
        self._all_of = all_of
        # What a viewer has seen of projects not yet caught up with stays in its id: it may be cut before their turn.
        self._sent = {project_id: seen for project_id, seen in wants.items() if seen is not None}
        self._position = ring.end
        self._ticked = ring.ticked
        self._pings = ring.pings

    async def watch(self) -> AsyncGenerator[bytes, None]:
        """Yield until the viewer falls behind or the process leaves; whoever reads may stop at any time."""
        with self._ring.viewer():
            yield frames.RETRY
            self._position, heads = self._ring.end, {wanted: self._relay.head(wanted) for wanted in self._wants}
            for project_id, seen in self._wants.items():
                async for chunk in self._catch_up(project_id, seen, heads[project_id]):
                    yield chunk
            while not self._ring.closed:
                if self._position < self._ring.first:
                    # It took longer to read what was missed than the ring holds: read on from the log once more.
                    self._position = self._ring.end
                    for project_id in list(self._sent):
                        async for chunk in self._replay(project_id):
                            yield chunk
                    continue
                async for chunk in self._follow():
                    yield chunk
                return

    async def _follow(self) -> AsyncGenerator[bytes, None]:
        while not self._ring.closed:
            changed = self._ring.changed
            try:
                chunk = self._gather()
            except BehindError:
                self._relay.viewers_closed += 1
                return
            if chunk:
                yield chunk
            else:
                await changed.wait()

    def _gather(self) -> bytes:
        """Return everything there is to send now, as one chunk."""
        found = self._ring.since(self._position)
        self._position += len(found)
        parts = [self._framed(frame) for frame in found if frame.id > self._sent.get(frame.project_id, 0)]
        if self._ticked != self._ring.ticked:
            parts += [tick.body for tick in self._ring.ticks.values() if tick.number > self._ticked]
            self._ticked = self._ring.ticked
        if self._pings != self._ring.pings:
            self._pings = self._ring.pings
            parts.append(frames.PING)
        return b"".join(parts)

    def _framed(self, frame: Frame) -> bytes:
        self._sent[frame.project_id] = frame.id
        return frames.id_line(cursor.pack(self._sent)) + frame.body if self._all_of else frame.whole

    async def _catch_up(self, project_id: int, seen: int | None, head: int) -> AsyncGenerator[bytes, None]:
        """Yield what was missed, or a snapshot when that cannot be told."""
        if seen is not None and self._is_held(seen, head):
            return
        while seen is not None:
            missed = await self._page(project_id, seen)
            if missed:
                if missed[0].id != seen + 1:
                    break  # pruned
                async for chunk in self._replay(project_id, missed):
                    yield chunk
                return
            last = (await self._studio.projects.positions([project_id])).get(project_id)
            if last is None or last.last_event_id < seen:
                break  # too large
            if last.last_event_id == seen:
                return
        async for chunk in self._snapshot(project_id):
            yield chunk

    def _is_held(self, seen: int, head: int) -> bool:
        """Say whether the ring holds all that was missed, and go to its place there: the log is not asked then."""
        if seen == head:
            return True
        position = None if self._all_of else self._ring.position_after(seen)
        if position is None:
            return False
        self._position = min(self._position, position)
        return True

    async def _snapshot(self, project_id: int) -> AsyncGenerator[bytes, None]:
        try:
            status = await self._studio.service.get_status(project_id)
        except NotFound:
            return  # it was removed this very moment
        self._sent[project_id] = status.last_event_id
        event_id = cursor.pack(self._sent) if self._all_of else str(status.last_event_id)
        yield frames.of_snapshot(status.model_dump_json(), event_id)

    async def _replay(self, project_id: int, page: list[Event] | None = None) -> AsyncGenerator[bytes, None]:
        """Yield the log from the last sent event on, page by page."""
        while True:
            rows = page if page is not None else await self._page(project_id, self._sent[project_id])
            page = None
            if rows:
                yield b"".join(self._framed(frames.of_event(row)) for row in rows)
            if len(rows) < PAGE_EVENTS:
                return

    async def _page(self, project_id: int, after: int) -> list[Event]:
        async with self._studio.database.read() as session:
            return await events_after(session, project_id, after, PAGE_EVENTS)
