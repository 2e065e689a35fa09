"""The bell: a Redis channel that says "look again". It carries no truth; losing it costs latency only.

Called by `ledger` and `tasks` to ring, by the web's relay and every worker to listen. A message is JSON:
`{"project": 7, "last_event_id": 41}` after a commit, with `"moved": true` when the run's state changed,
`{"project": 7}` when a task moved, `{"project": 7, "tick": {…}}`.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

CHANNEL = "trailerflow:bell"
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
        if len(messages) == 1:
            await self._redis.publish(CHANNEL, json.dumps(messages[0]))
            return
        async with self._redis.pipeline(transaction=False) as pipeline:
            for message in messages:
                pipeline.publish(CHANNEL, json.dumps(message))
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
    """One subscription for a whole process. `heard` gets each message, and `{}` when some may have been missed."""

    def __init__(self, url: str, heard: Heard) -> None:
        self._url = url
        self._heard = heard
        self._task: asyncio.Task[None] | None = None
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
            redis = Redis.from_url(self._url, socket_connect_timeout=2.0)
            try:
                async with redis.pubsub() as pubsub:
                    await pubsub.subscribe(CHANNEL)
                    await self._listen(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("the bell cannot be heard (%s), listening again", error)
            except Exception:
                log.exception("what was heard could not be dealt with, listening again")
            finally:
                self.connected = False
                with suppress(RedisError, OSError):
                    await redis.aclose()
            await asyncio.sleep(0.5)

    async def _listen(self, pubsub: PubSub) -> None:
        # redis-py notices a silent, half-open connection never: so we ping, and give up when nothing at all comes back.
        last_frame = last_ping = asyncio.get_running_loop().time()
        while True:
            frame = await pubsub.get_message(timeout=1.0)
            now = asyncio.get_running_loop().time()
            if frame is not None:
                last_frame = now
                await self._take(frame)
            elif now - last_frame > SILENCE_SECONDS:
                raise TimeoutError(f"no sign of Redis for {SILENCE_SECONDS} s")
            if now - last_ping > PING_SECONDS:
                last_ping = now
                await pubsub.ping()

    async def _take(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "subscribe":  # also after a reconnect that redis-py made by itself
            self.connected = True
            await self._heard({})
        elif frame["type"] == "message":
            await self._heard(json.loads(frame["data"]))
