"""The bell: Redis channels that say "look again". They carry no truth; losing one costs latency only.

Called by `ledger` and `tasks` to ring, by the web's relay and every worker to listen. A message is JSON:
`{"project": 7, "last_event_id": 41}` after a commit, with `"moved": true` when the run's state changed,
`{"project": 7}` when a task moved, `{"project": 7, "tick": {…}}`. Each goes to those who do something about it.
"""

import asyncio
import json
import logging
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

CHANNEL = "trailerflow:bell"
"""Events and ticks: what viewers are told."""
STIRS = "trailerflow:stirs"
"""Changes of a task or of a run's state: what turns and couriers look at. Every step would wake all of them."""
MOVES = "trailerflow:moves"
"""Only changes of a run's state: all that a render worker must hear. Every task would wake every one of them."""
SILENCE_SECONDS = 10.0
PING_SECONDS = 3.0
RING_SECONDS = 2.0
BREATH_SECONDS = 0.005
"""What is rung within so short a time after a ring is told with the next one."""

Message = dict[str, Any]
Heard = Callable[[Message], Awaitable[None]]


class Bell:
    """Rings over one Redis; never raises when Redis is away, for every listener polls as well.

    Whoever rings does not wait: what is rung while Redis is being told is told together, one message for each project.
    """

    def __init__(self, url: str) -> None:
        # No socket_timeout: redis-py waits for a send with `wait_for`, which on Python 3.11 may swallow a cancel.
        connections = ConnectionPool.from_url(url, socket_connect_timeout=2.0)
        self._connection = connections.make_connection()  # type: ignore[no-untyped-call] # as redis-py has it
        self._unsaid: dict[tuple[int, str], Message] = {}
        self._speaker: asyncio.Task[None] | None = None

    def ring(self, project_id: int, **message: Any) -> None:
        """Tell soon who listens that something of a project changed; of its events and of one step's ticks the last."""
        if "tick" in message:
            about = f"tick of {message['tick']['step']}"
        else:
            about = "events" if "last_event_id" in message else "tasks"
        earlier = self._unsaid.pop((project_id, about), {})
        if "last_event_id" in earlier:
            message["last_event_id"] = max(earlier["last_event_id"], message["last_event_id"])
        self._unsaid[project_id, about] = {"project": project_id, **earlier, **message}
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
        """Publish on a bare connection: redis-py's client costs as much again for each message."""
        said = [("PUBLISH", channel, json.dumps(message)) for message in messages for channel in _channels(message)]
        connection = self._connection
        for is_last in (False, True):
            is_fresh = not connection.is_connected
            try:
                await connection.connect()
                await connection.send_packed_command(connection.pack_commands(said))
                for _ in said:
                    await connection.read_response()
            except (RedisError, OSError):
                await connection.disconnect(nowait=True)
                if is_fresh or is_last:  # an old connection may have been cut long ago
                    raise
            except BaseException:  # what is on its way must not answer what is said next
                await connection.disconnect(nowait=True)
                raise
            else:
                return

    async def close(self) -> None:
        """Say what is unsaid, then close the connection."""
        if self._speaker is not None:
            await asyncio.wait([self._speaker])
        await self._connection.disconnect()


def _channels(message: Message) -> tuple[str, ...]:
    """Return where a message is said."""
    if "tick" in message:
        return (CHANNEL,)
    if "last_event_id" not in message:
        return (STIRS,)
    return (CHANNEL, STIRS, MOVES) if message.get("moved") else (CHANNEL,)


class Listener:
    """One subscription of a process. `heard` gets each message, and `{}` when some may have been missed.

    Its connection is a bare one: redis-py's `PubSub` costs as much again for each message, and connects anew unasked.
    """

    def __init__(self, url: str, heard: Heard, channel: str) -> None:
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
