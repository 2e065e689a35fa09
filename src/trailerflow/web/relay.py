"""The relay: from the log to the viewers of this process. One Redis subscription, each event read and encoded once.

Opened by `app`, asked by `stream` and by the long poll. The bell only says which log to read on; a viewer's events come
from the log alone. While the bell is silent the logs are looked at every second, and every five seconds anyway. It
never holds a database session between two looks and never waits for a viewer.
"""

import asyncio
from contextlib import suppress
from typing import Any, Literal

from trailerflow.engine.bell import Listener
from trailerflow.engine.database import Database
from trailerflow.engine.ledger import events_after, project_not_found
from trailerflow.engine.loops import Loop
from trailerflow.engine.projects import Position, Projects
from trailerflow.engine.tables import Event
from trailerflow.web import frames
from trailerflow.web.ring import Ring

PAGE_EVENTS = 500
PING_SECONDS = 15.0
POLL_SECONDS = 1.0
CHECK_SECONDS = 5.0
IDLE_SECONDS = 60.0

Topic = tuple[Literal["project", "user"], int]


class Relay:
    """The rings of one process, and what fills them."""

    def __init__(
        self, *, database: Database, projects: Projects, redis_url: str, ping_seconds: float = PING_SECONDS
    ) -> None:
        self._database = database
        self._projects = projects
        self._ping_seconds = ping_seconds
        self._listener = Listener(redis_url, self.heard)
        self._reader = Loop("relay", self.look, seconds=POLL_SECONDS)
        self._heart: asyncio.Task[None] | None = None
        self._rings: dict[Topic, Ring] = {}
        self._followed: dict[int, _Followed] = {}
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
        for ring in self._rings.values():
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

    # What viewers ask

    @property
    def viewers(self) -> int:
        """Return how many viewers look at this moment."""
        return sum(ring.viewers for ring in self._rings.values())

    @property
    def is_hearing(self) -> bool:
        """Say whether the bell can be heard."""
        return self._listener.connected

    def head(self, project_id: int) -> int:
        """Return the last event id of a followed project that is in its rings."""
        followed = self._followed.get(project_id)
        return followed.head if followed else 0

    async def of_project(self, project_id: int) -> Ring:
        """Return the ring of one project. Raises `NotFound`."""
        ring = self._rings.get(("project", project_id))
        if ring is not None:
            return ring
        positions = await self._projects.positions([project_id])
        if project_id not in positions:
            raise project_not_found(project_id)
        self._follow(project_id, positions[project_id])
        self._ring_again([project_id])
        return self._open(("project", project_id))

    async def of_user(self, user_id: int) -> Ring:
        """Return the ring of all projects of a user, those made later included."""
        ring = self._rings.get(("user", user_id))
        if ring is not None:
            return ring
        positions = await self._projects.positions(await self._projects.last_event_ids(user_id))
        for project_id, position in positions.items():
            self._follow(project_id, position)
        self._ring_again(positions)
        return self._open(("user", user_id))

    def _open(self, topic: Topic) -> Ring:
        ring = self._rings.setdefault(topic, Ring())
        ring.closed = self._closing
        return ring

    def _follow(self, project_id: int, position: Position) -> None:
        if project_id in self._followed:
            return
        # Whoever watches all of a user's projects has seen nothing of one that is new: from its beginning, then.
        is_new = ("user", position.user_id) in self._rings
        head = 0 if is_new else position.last_event_id
        self._followed[project_id] = _Followed(position.user_id, head, set(position.in_work))

    def _ring_again(self, project_ids: Any) -> None:
        """Read on once more: what was rung for before a project was followed went unheard."""
        self._rung.update(project_ids)
        self._reader.wake()

    # What the bell says

    async def heard(self, message: dict[str, Any]) -> None:
        """Take a message of the bell; `{}` means that some may have been missed."""
        project_id = message.get("project")
        if project_id is None:
            self._may_have_missed = True
            self._reader.wake()
        elif "tick" in message:
            self._tick(project_id, message["tick"])
        elif "last_event_id" in message and self._concerns(project_id, message["last_event_id"]):
            self._rung.add(project_id)
            self._reader.wake()

    def _concerns(self, project_id: int, last_event_id: int) -> bool:
        followed = self._followed.get(project_id)
        if followed is None:
            return any(kind == "user" for kind, _ in self._rings)
        return last_event_id > followed.head

    def _tick(self, project_id: int, tick: dict[str, Any]) -> None:
        followed = self._followed.get(project_id)
        step = (tick["run_id"], tick["step"])
        if followed is None or step not in followed.in_work:
            self.ticks_dropped += 1
            return
        body = frames.of_tick(project_id, tick)
        for ring in self._rings_of(project_id, followed):
            ring.tick((project_id, *step), body)
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
        positions = await self._projects.positions(list(self._followed))
        for project_id in set(self._followed) - set(positions):
            self._drop(project_id)
        new: set[int] = set()
        for kind, user_id in list(self._rings):
            if kind == "user":
                new |= set(await self._projects.last_event_ids(user_id)) - set(self._followed)
        return new | {known for known, position in positions.items() if position.last_event_id > self.head(known)}

    async def _read(self, project_id: int) -> None:
        followed = self._followed.get(project_id) or await self._meet(project_id)
        while followed is not None:
            async with self._database.read() as session:
                rows = await events_after(session, project_id, followed.head, PAGE_EVENTS)
            rings = self._rings_of(project_id, followed)
            for row in rows:
                self._take(row, followed, rings)
            for ring in rings:
                if rows:
                    ring.notify()
            if len(rows) < PAGE_EVENTS:
                return

    async def _meet(self, project_id: int) -> "_Followed | None":
        """Follow a project nobody knew, if somebody watches all that its owner has."""
        position = (await self._projects.positions([project_id])).get(project_id)
        if position is not None and ("user", position.user_id) in self._rings:
            self._follow(project_id, position)
        return self._followed.get(project_id)

    def _take(self, row: Event, followed: "_Followed", rings: list[Ring]) -> None:
        if row.id <= followed.head:
            return
        frame = frames.of_event(row)
        followed.head = row.id
        self.events_read += 1
        over = followed.over_with(row)
        for ring in rings:
            ring.append(frame)
            for run_id, step in over:
                ring.ticks.pop((row.project_id, run_id, step), None)

    def _rings_of(self, project_id: int, followed: "_Followed") -> list[Ring]:
        topics: list[Topic] = [("project", project_id), ("user", followed.user_id)]
        return [self._rings[topic] for topic in topics if topic in self._rings]

    def _drop(self, project_id: int) -> None:
        del self._followed[project_id]
        ring = self._rings.pop(("project", project_id), None)
        if ring is not None:
            ring.close()

    def _forget_idle(self, now: float) -> None:
        for topic, ring in list(self._rings.items()):
            if not ring.viewers and now - ring.idle_since > IDLE_SECONDS:
                self._rings.pop(topic).close()
        for project_id, followed in list(self._followed.items()):
            if not self._rings_of(project_id, followed):
                del self._followed[project_id]

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._ping_seconds)
            for ring in list(self._rings.values()):
                ring.ping()


class _Followed:
    """A project whose log is read on: the last id in the rings, and the steps `(run, step)` in work as of that id."""

    __slots__ = ("head", "in_work", "user_id")

    def __init__(self, user_id: int, head: int, in_work: set[tuple[int, str]]) -> None:
        self.user_id = user_id
        self.head = head
        self.in_work = in_work

    def over_with(self, row: Event) -> set[tuple[int, str]]:
        """Take note of an event; return the steps whose ticks are over with it."""
        over: set[tuple[int, str]] = set()
        if row.type == "step.started" and row.run_id is not None:
            self.in_work.add((row.run_id, row.data["step"]))
        elif row.type.startswith("step.") and row.run_id is not None:
            over = {(row.run_id, row.data["step"])}
        elif row.type in ("run.completed", "run.failed", "run.cancelled", "run.queued"):
            over = set(self.in_work)
        self.in_work -= over
        return over
