"""The bell: a Redis channel that says "look again". It carries no truth; losing it costs latency only.

Called by `ledger` and `tasks` to ring, by the web's relay and every worker to listen. A message is JSON:
`{"project": 7, "last_event_id": 41}` after a commit, with `"moved": true` when the run's state changed,
`{"project": 7}` when a task moved, `{"project": 7, "tick": {…}}`. Those with `moved` are said on a second channel too.
"""

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

CHANNEL = "trailerflow:bell"
MOVES = "trailerflow:moves"
"""Only changes of a run's state: all that a render worker must hear. Every task would wake every one of them."""
SILENCE_SECONDS = 10.0
PING_SECONDS = 3.0
RING_SECONDS = 2.0
BREATH_SECONDS = 0.005
"""What is rung within so short a time after a ring is told with the next one."""

Message = dict[str, Any]


def is_stirring(message: Message) -> bool:
    """Say whether workers should look again: a task or a run moved, or something may have been missed."""
    return "tick" not in message and ("last_event_id" not in message or bool(message.get("moved")))


Heard = Callable[[dict[str, Any]], Awaitable[None]]


class Bell:
    """Rings over one Redis; never raises when Redis is away, for every listener polls as well.

    Whoever rings does not wait: what is rung while Redis is being told is told together, one message for each project.
    """

    def __init__(self, url: str) -> None:
        # No socket_timeout: redis-py waits for a send with `wait_for`, which on Python 3.11 may swallow a cancel.
        self._redis = Redis.from_url(url, socket_connect_timeout=2.0)
        self._unsaid: dict[tuple[int, str | None], Message] = {}
        self._speaker: asyncio.Task[None] | None = None

    def ring(self, project_id: int, **message: Any) -> None:
        """Tell every listener soon that something of a project changed; of one step's ticks the latest."""
        about = (project_id, message["tick"]["step"] if "tick" in message else None)
        earlier = self._unsaid.pop(about, None)
        said = {"project": project_id, **message}
        self._unsaid[about] = said if earlier is None else _both(earlier, said)
        if self._speaker is None or self._speaker.done():
            self._speaker = asyncio.create_task(self._speak(), name="bell")

    async def _speak(self) -> None:
        while self._unsaid:
            messages, self._unsaid = list(self._unsaid.values()), {}
            try:
                async with asyncio.timeout(RING_SECONDS):
                    await self._publish(messages)
            except (RedisError, OSError) as error:
                log.warning("the bell is silent (%s); listeners will poll", error)
            await asyncio.sleep(BREATH_SECONDS)

    async def _publish(self, messages: list[Message]) -> None:
        said = [(CHANNEL, message) for message in messages]
        said += [(MOVES, message) for message in messages if message.get("moved")]
        if len(said) == 1:
            await self._redis.publish(CHANNEL, json.dumps(messages[0]))
            return
        async with self._redis.pipeline(transaction=False) as pipeline:
            for channel, message in said:
                pipeline.publish(channel, json.dumps(message))
            await pipeline.execute()

    async def close(self) -> None:
        """Say what is unsaid, then close the connection."""
        if self._speaker is not None:
            await asyncio.wait([self._speaker])
        await self._redis.aclose()


def _both(earlier: Message, later: Message) -> Message:
    """Return one message that says what both say."""
    if "tick" in later:
        return later
    last = max(earlier.get("last_event_id", 0), later.get("last_event_id", 0))
    if not last:
        return later
    moved = is_stirring(earlier) or is_stirring(later)
    return {"project": later["project"], "last_event_id": last, **({"moved": True} if moved else {})}


class Listener:
    """One subscription for a whole process. `heard` gets each message, and `{}` when some may have been missed.

    Its connection is a bare one: redis-py's `PubSub` costs as much again for each message, and connects anew unasked.
    """

    def __init__(self, url: str, heard: Heard, channel: str = CHANNEL) -> None:
        self._channel = channel
        self._connections = ConnectionPool.from_url(url, socket_connect_timeout=2.0)
        self._heard = heard
        self._task: asyncio.Task[None] | None = None
        self._heard_at = 0.0
        self.connected = False

    def start(self) -> None:
        """Begin listening, reconnecting for ever."""
        self._task = asyncio.create_task(self._run(), name="bell")

    async def stop(self) -> None:
        """End the subscription."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _run(self) -> None:
        while True:
            connection = self._connections.make_connection()  # type: ignore[no-untyped-call] # as redis-py has it
            try:
                async with asyncio.timeout(SILENCE_SECONDS):
                    await connection.connect()
                    await connection.send_command("SUBSCRIBE", self._channel)
                await self._listen(connection)
            except (RedisError, OSError) as error:
                log.warning("the bell cannot be heard (%s), listening again", error)
            except Exception:
                log.exception("what was heard could not be dealt with, listening again")
            finally:
                self.connected = False
                with suppress(RedisError, OSError):
                    await connection.disconnect()
            await asyncio.sleep(0.5)

    async def _listen(self, connection: AbstractConnection) -> None:
        watch = asyncio.create_task(self._watch(connection), name="bell's watch")
        try:
            while True:
                frame = await connection.read_response()
                self._heard_at = math.inf  # until it is dealt with, however long that takes
                await self._take(frame)
                self._heard_at = asyncio.get_running_loop().time()
        finally:
            watch.cancel()
            await asyncio.wait([watch])

    async def _watch(self, connection: AbstractConnection) -> None:
        """Ping, and hang up when nothing at all comes back: redis-py notices a silent, half-open connection never."""
        clock = asyncio.get_running_loop().time
        self._heard_at = clock()
        with suppress(RedisError, OSError):  # who listens on it notices too
            while clock() - self._heard_at < SILENCE_SECONDS:
                await connection.send_command("PING")
                await asyncio.sleep(PING_SECONDS)
            log.warning("no sign of Redis for %s s", SILENCE_SECONDS)
            await connection.disconnect()

    async def _take(self, frame: list[Any]) -> None:
        kind, *_, said = frame
        if kind == b"message":
            await self._heard(json.loads(said))
        elif kind == b"subscribe":
            self.connected = True
            await self._heard({})
