"""The relay: from the log to the viewers of this process. One Redis subscription, each event read and encoded once.

Opened by `app`, asked by `stream` and by the long poll. The bell only says which log to read on; a viewer's events come
from the log alone. While the bell is silent the logs are looked at every second, and every five seconds anyway. It
never holds a database session between two looks and never waits for a viewer.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, Literal

from trailerflow.bootstrap import Studio
from trailerflow.engine import tail
from trailerflow.engine.bell import CHANNEL, Listener
from trailerflow.engine.ledger import LoggedEvent, project_not_found
from trailerflow.engine.loops import Loop
from trailerflow.engine.projects import Position
from trailerflow.web import frames
from trailerflow.web.followed import Followed
from trailerflow.web.log import Log
from trailerflow.web.ring import Ring, UserRing
from trailerflow.web.room import MOST_STREAMS_OF_USER, Room
from trailerflow.web.shared import Shared

PING_SECONDS = 15.0
POLL_SECONDS = 1.0
CHECK_SECONDS = 5.0
IDLE_SECONDS = 60.0
TICK_SECONDS = 0.05

Topic = tuple[Literal["project", "user"], int]


class Relay:
    """The rings of one process, and what fills them. `most_streams` is what the process can hold open."""

    def __init__(
        self,
        *,
        studio: Studio,
        redis_url: str,
        ping_seconds: float = PING_SECONDS,
        most_streams: int = MOST_STREAMS_OF_USER,
    ) -> None:
        self._projects = studio.projects
        self._tail = tail.of(studio.database)
        self.log = Log(studio)
        self._ping_seconds = ping_seconds
        self.room = Room(most_streams)
        self._listener = Listener(redis_url, self.heard, CHANNEL)
        self._reader = Loop("relay", self.look, seconds=POLL_SECONDS)
        self._heart: asyncio.Task[None] | None = None
        self._opening = Shared(self._open)
        self._rings: dict[Topic, Ring] = {}
        self._followed: dict[int, Followed] = {}
        self._ticking: set[Ring] = set()
        self._rung: set[int] = set()
        self._may_have_missed = False
        self._checked_at = 0.0
        self._closing = False
        self.events_read = 0
        self.ticks_dropped = 0
        self.viewers_closed = 0

    # Opening and closing

    def start(self) -> None:
        """Begin listening and reading."""
        self._listener.start()
        self._reader.start()
        self._heart = asyncio.create_task(self._beat(), name="heartbeat")

    def close(self) -> None:
        """End every stream; later ones end at once. The process is leaving."""
        self._closing = True
        for ring in list(self._rings.values()):
            ring.close()

    async def stop(self) -> None:
        """Stop listening and reading."""
        self.close()
        if self._heart is not None:
            self._heart.cancel()
            with suppress(asyncio.CancelledError):
                await self._heart
        await self._reader.stop()
        await self._listener.stop()
        await self._tail.close()

    # What viewers ask

    @property
    def viewers(self) -> int:
        """Return how many viewers look at this moment."""
        return sum(ring.viewers for ring in self._rings.values())

    @property
    def is_hearing(self) -> bool:
        """Say whether the bell can be heard."""
        return self._listener.connected

    def count_slow(self) -> None:
        """Count a viewer that was closed because it took too long."""
        self.viewers_closed += 1

    def heads_of_project(self, project_id: int) -> Mapping[int, int]:
        """Return the last event of a project that is in its rings."""
        followed = self._followed.get(project_id)
        return {project_id: followed.head} if followed else {}

    def heads_of_user(self, user_id: int) -> Mapping[int, int]:
        """Return the last event in the rings of each of a user's projects."""
        return {known: one.head for known, one in self._followed.items() if one.user_id == user_id}

    async def of_project(self, project_id: int) -> Ring:
        """Return the ring of one project. Raises `NotFound`."""
        return await self._ring_of(("project", project_id))

    async def of_user(self, user_id: int) -> Ring:
        """Return the ring of all projects of a user, those made later included."""
        return await self._ring_of(("user", user_id))

    async def _ring_of(self, topic: Topic) -> Ring:
        ring = self._rings.get(topic) or await self._opening.get(topic)
        ring.touch()
        return ring

    async def _open(self, topic: Topic) -> Ring:
        kind, its_id = topic
        asked = [its_id] if kind == "project" else list(await self._projects.last_event_ids(its_id))
        positions = await self._projects.positions(asked)
        for project_id, position in positions.items():
            self._follow(project_id, position)
        if kind == "user":
            ring: Ring = UserRing(self.heads_of_user(its_id))
        elif its_id in positions:
            ring = Ring(self._followed[its_id].head)
        else:
            raise project_not_found(its_id)
        ring.closed = self._closing
        self._rings[topic] = ring
        self._look_again(positions)
        return ring

    def _follow(self, project_id: int, position: Position) -> None:
        if project_id not in self._followed:
            # Who watches all of a user's projects has seen nothing of one that is new: from its beginning, then.
            is_new = ("user", position.user_id) in self._rings
            self._followed[project_id] = Followed(position, 0 if is_new else position.last_event_id)

    def _look_again(self, project_ids: Iterable[int]) -> None:
        """Read on once more: what was rung for before a project was followed went unheard."""
        self._rung.update(project_ids)
        self._may_have_missed = True
        self._reader.wake()

    # What the bell says

    async def heard(self, message: dict[str, Any]) -> None:
        """Take a message of the bell; `{}` means that some may have been missed."""
        project_id = message.get("project")
        if project_id is None:
            self._look_again(())
        elif "tick" in message:
            self._tick(project_id, message["tick"])
        elif self._concerns(project_id, message.get("last_event_id")) and not self._read_at_once(project_id):
            self._rung.add(project_id)
            self._reader.wake()

    def _concerns(self, project_id: int, last_event_id: int | None) -> bool:
        followed = self._followed.get(project_id)
        if followed is None or last_event_id is None:
            return last_event_id is not None and any(kind == "user" for kind, _ in self._rings)
        return last_event_id > followed.head

    def _tick(self, project_id: int, tick: dict[str, Any]) -> None:
        followed = self._followed.get(project_id)
        step = (tick["run_id"], tick["step"])
        if followed is None or step not in followed.in_work:
            self.ticks_dropped += 1
            return
        body = frames.of_tick(project_id, tick)
        if not self._ticking:  # many workers' ticks go out together
            asyncio.get_running_loop().call_later(TICK_SECONDS, self._hand_out_ticks)
        for ring in self._rings_of(project_id, followed):
            ring.tick((project_id, *step), body)
            self._ticking.add(ring)

    def _hand_out_ticks(self) -> None:
        rings, self._ticking = self._ticking, set()
        for ring in rings:
            ring.notify()

    # Reading on

    async def look(self) -> None:
        """Read on once: the logs that were rung for, and all of them when a look is due."""
        rung, self._rung = self._rung, set()
        missed, self._may_have_missed = self._may_have_missed, False
        now = asyncio.get_running_loop().time()
        try:
            if missed or not self._listener.connected or now - self._checked_at >= CHECK_SECONDS:
                rung |= await self._behind()
                self._checked_at = now
                self._forget_idle(now)
            for project_id in rung:
                await self._read(project_id)
        except BaseException:
            self._may_have_missed = True
            raise

    async def _behind(self) -> set[int]:
        """Return the projects whose log has grown; drop those that are gone, follow those that are new."""
        asked = list(self._followed)
        positions = await self._projects.positions(asked)
        for project_id in set(asked) - set(positions):
            self._drop(project_id)
        new: set[int] = set()
        for kind, user_id in list(self._rings):
            if kind == "user":
                new |= set(await self._projects.last_event_ids(user_id)) - set(self._followed)
        followed = self._followed.items()
        grown = {known for known, one in followed if known in positions and positions[known].last_event_id > one.head}
        return new | grown

    def _read_at_once(self, project_id: int) -> bool:
        """Read on without waiting for anything; say whether that was the whole of it."""
        followed = self._followed.get(project_id)
        rows = self._tail.glance(project_id, followed.head) if followed else None
        if followed is None or rows is None:
            return False
        self._take(rows, followed)
        return len(rows) < tail.PAGE_EVENTS

    async def _read(self, project_id: int) -> None:
        followed = self._followed.get(project_id) or await self._meet(project_id)
        while followed is not None:
            rows = await self._tail.after(project_id, followed.head)
            self._take(rows, followed)
            await asyncio.sleep(0)  # a look may take the event loop's time: after each others have their turn
            if len(rows) < tail.PAGE_EVENTS:
                return

    async def _meet(self, project_id: int) -> Followed | None:
        """Follow a project nobody knew, if somebody watches all that its owner has."""
        position = (await self._projects.positions([project_id])).get(project_id)
        if position is not None and ("user", position.user_id) in self._rings:
            self._follow(project_id, position)
        return self._followed.get(project_id)

    def _take(self, rows: list[LoggedEvent], followed: Followed) -> None:
        new = [row for row in rows if row.id > followed.head]  # the bell may have been quicker than a look
        rings = self._rings_of(new[0].project_id, followed) if new else []
        for row in new:
            frame = frames.of_event(row)
            over = followed.over_with(row)
            for ring in rings:
                ring.append(frame)
                for run_id, step in over:
                    ring.ticks.pop((row.project_id, run_id, step), None)
        for ring in rings:
            ring.notify()
        self.events_read += len(new)

    def _rings_of(self, project_id: int, followed: Followed) -> list[Ring]:
        topics: list[Topic] = [("project", project_id), ("user", followed.user_id)]
        return [self._rings[topic] for topic in topics if topic in self._rings]

    def _drop(self, project_id: int) -> None:
        followed = self._followed.pop(project_id)
        ring = self._rings.pop(("project", project_id), None)
        if ring is not None:
            ring.close()
        of_all = self._rings.get(("user", followed.user_id))
        if isinstance(of_all, UserRing):
            of_all.forget(project_id)

    def _forget_idle(self, now: float) -> None:
        for topic, ring in list(self._rings.items()):
            if not ring.viewers and now - ring.idle_since > IDLE_SECONDS:
                self._rings.pop(topic).close()
        for project_id, followed in list(self._followed.items()):
            if not self._rings_of(project_id, followed):
                del self._followed[project_id]

    async def _beat(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(self._ping_seconds)
            for ring in list(self._rings.values()):
                ring.beat(clock())
