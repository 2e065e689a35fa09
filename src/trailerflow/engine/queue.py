"""The queue: the only file that knows arq, and knows it as a bell with two rings, `turn` and `render`.

Nothing rests on arq's own job state: job ids are unique for each ring, arguments are ids, serialised as JSON, results
are not kept, and its limits lie far above any turn. Its worker classes are built here for `workers.py`.
"""

import asyncio
import json
import logging
import signal
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Protocol
from uuid import uuid4

from arq import func
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import job_key_prefix
from arq.jobs import serialize_job
from redis.asyncio.connection import SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import BusyLoadingError, ConnectionError, RedisError, TimeoutError  # noqa: A004 - redis's own

log = logging.getLogger(__name__)

TURN_QUEUE = "trailerflow:turns"
RENDER_QUEUE = "trailerflow:renders"
_POLL_SECONDS = 0.02
_MOST_BELLS = 1000
_MOST_RENDER_BELLS = 8
"""Sixty pictures ordered at once need no sixty bells: a worker that is awake takes one after the other."""
_ENOUGH_BELLS = 2
"""So many wait, and nobody rings in passing: one of them may be a killed worker's, that nobody hears."""
_PASS_ON_SECONDS = 0.05
_OLD_SECONDS = 60.0
_EXPIRES_MILLISECONDS = 86_400_000  # as arq's
_RETRIES = 15
"""About ten seconds; a worker that has given up by then is started again by whoever started it."""
_RING_SECONDS = 2.0
_SETTLE_SECONDS = 2.0
_YEAR_SECONDS = 365 * 86_400


def _serialize(job: dict[str, Any]) -> bytes:
    return json.dumps(job).encode()


def _deserialize(raw: bytes) -> dict[str, Any]:
    job: dict[str, Any] = json.loads(raw)
    return job


def redis_settings(url: str) -> RedisSettings:
    """Return arq's settings for a URL, with the retries that keep its worker alive through a short outage."""
    settings = _address(url)
    settings.retry = Retry(ExponentialBackoff(cap=1.0, base=0.05), _RETRIES)
    # OSError: an idle worker meets the outage when it connects, and there redis-py passes on what the socket said.
    settings.retry_on_error = [ConnectionError, TimeoutError, BusyLoadingError, OSError]
    settings.retry_on_timeout = True
    settings.conn_retries = _RETRIES
    return settings


def _address(url: str) -> RedisSettings:
    """Return arq's settings for a URL, read as the Redis client reads it: arq keeps the escapes in a password."""
    parts = parse_url(url)
    return RedisSettings(
        host=parts.get("host", "localhost"),
        port=parts.get("port", 6379),
        unix_socket_path=parts.get("path"),
        database=parts.get("db", 0),
        username=parts.get("username"),
        password=parts.get("password"),
        ssl=parts.get("connection_class") is SSLConnection,
    )


class Queue:
    """Rings for turns and renders; silent when Redis is away, for every worker sweeps."""

    def __init__(self, url: str) -> None:
        self._settings = _address(url)
        self._settings.conn_retries = 0
        self._pool: ArqRedis | None = None
        self._opening = asyncio.Lock()
        self._renders = 0
        self._ringer: asyncio.Task[None] | None = None
        self._passer: asyncio.Task[None] | None = None

    async def turn(self, run_id: int) -> None:
        """Ask an orchestrator to take a run."""
        await self._ring(TURN_QUEUE, "turn", run_id)

    async def render(self, count: int) -> None:
        """Ask render workers to look for tasks, `count` of them and a few at a time; nobody waits for it.

        Each that finds work passes it on, so that a larger farm is awake a moment later.
        """
        self._renders += count
        if self._ringer is None or self._ringer.done():
            self._ringer = asyncio.create_task(self._ring_renders(), name="ringer")

    async def pass_on(self) -> None:
        """Ask one more render worker to look, unless enough bells wait that nobody answers; nobody waits for it.

        Not at once: whoever has just been rung for as well is about to look.
        """
        if self._passer is None or self._passer.done():
            self._passer = asyncio.create_task(self._pass_on(), name="passer")

    async def _ring_renders(self) -> None:
        while count := self._renders:
            self._renders = 0
            await self._ring(RENDER_QUEUE, "render", count=count, most=_MOST_RENDER_BELLS)

    async def _pass_on(self) -> None:
        await asyncio.sleep(_PASS_ON_SECONDS)
        await self._ring(RENDER_QUEUE, "render", most=_ENOUGH_BELLS)

    async def close(self) -> None:
        """Ring what is still to ring, then close the connection."""
        for ringing in (self._ringer, self._passer):
            if ringing is not None:
                await asyncio.wait([ringing])
        if self._pool is not None:
            await self._pool.aclose()

    async def _ring(self, queue: str, job: str, *args: int, count: int = 1, most: int | None = None) -> None:
        try:
            async with asyncio.timeout(_RING_SECONDS):  # arq sets no time limit on a Redis that is there but mute
                async with self._opening:
                    if self._pool is None:
                        self._pool = await create_pool(self._settings, job_serializer=_serialize)
                # A killed worker's bell stays in the queue as "in progress" and stands in the way of all after it. An
                # old bell says nothing new, rung or not: the sweep rings for what is still to do.
                await self._pool.zremrangebyscore(queue, 0, (time.time() - _OLD_SECONDS) * 1000)
                room = (most or _MOST_BELLS) - await self._pool.zcard(queue)
                if room > 0:  # else nobody answers; a later sweep rings again
                    await _enqueue(self._pool, queue, job, args, min(count, room))
        except (RedisError, OSError) as error:
            log.warning("the queue cannot be rung (%s); the sweep will find the work", error)


async def _enqueue(pool: ArqRedis, queue: str, job: str, args: tuple[int, ...], count: int) -> None:
    """Put jobs on the queue as arq's `enqueue_job` does, all in one message: its own takes three for each."""
    at = round(time.time() * 1000)
    async with pool.pipeline(transaction=True) as message:
        for job_id in (uuid4().hex for _ in range(count)):
            body = serialize_job(job, args, {}, None, at, serializer=_serialize)
            message.psetex(job_key_prefix + job_id, _EXPIRES_MILLISECONDS, body)
            message.zadd(queue, {job_id: at})
        await message.execute()


async def _take_down(pool: ArqRedis, queue: str, job_id: str) -> None:
    """Take a bell off the queue as soon as it is answered.

    arq leaves it there until its job ends, and at every look each of the workers asks Redis thrice about each such job.
    """
    try:
        async with asyncio.timeout(_RING_SECONDS):
            await pool.zrem(queue, job_id)
    except (RedisError, OSError) as error:  # arq ends a worker whose hook raises
        log.warning("an answered bell stays on the queue (%s)", error)


class Staff(Protocol):
    """What a worker process does: opened in arq's startup, rung by jobs, left on SIGTERM."""

    async def open(self) -> None:
        """Connect everything and begin sweeping."""
        ...

    async def rung(self, *args: int) -> None:
        """Look for work."""
        ...

    async def leave(self) -> None:
        """Take nothing new, finish or hand back what is in work."""
        ...

    async def close(self) -> None:
        """Disconnect everything."""
        ...


def worker_settings(
    *, job: str, queue: str, at_once: int, redis: RedisSettings, staff: Callable[[], Awaitable[Staff]]
) -> dict[str, Any]:
    """Return the attributes of an arq settings class (arq reads the class's own `__dict__` only)."""

    async def ring(ctx: dict[str, Any], *args: int) -> None:
        try:
            await ctx["staff"].rung(*args)
        except Exception:
            log.exception("the %s job broke; the sweep will ring again", job)

    in_work: set[str] = set()
    none_in_work = asyncio.Event()

    async def startup(ctx: dict[str, Any]) -> None:
        none_in_work.set()
        ctx["staff"] = await staff()
        await ctx["staff"].open()
        _leave_on_signals(ctx["staff"], none_in_work)

    async def job_begins(ctx: dict[str, Any]) -> None:
        in_work.add(ctx["job_id"])
        none_in_work.clear()
        await _take_down(ctx["redis"], queue, ctx["job_id"])

    async def job_is_settled(ctx: dict[str, Any]) -> None:
        in_work.discard(ctx["job_id"])
        if not in_work:
            none_in_work.set()

    async def shutdown(ctx: dict[str, Any]) -> None:
        await ctx["staff"].close()

    return {
        "functions": [func(ring, name=job, keep_result=0, max_tries=1_000_000)],
        "queue_name": queue,
        "redis_settings": redis,
        "on_startup": startup,
        "on_shutdown": shutdown,
        "on_job_start": job_begins,
        "after_job_end": job_is_settled,
        "handle_signals": False,
        "max_jobs": at_once,
        "poll_delay": _POLL_SECONDS,
        "job_timeout": _YEAR_SECONDS,
        "keep_result": 0,
        "health_check_interval": 15,
        "allow_abort_jobs": False,
        "job_serializer": _serialize,
        "job_deserializer": _deserialize,
    }


def _leave_on_signals(staff: Staff, none_in_work: asyncio.Event) -> None:
    """On SIGTERM or SIGINT drain, then end arq's main task (its own stop hook would fire only after its wait).

    arq must have settled its jobs by then: it would cancel them, stumble over that and never call our shutdown.
    """
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()
    assert main is not None
    leaving: set[asyncio.Task[None]] = set()

    async def leave() -> None:
        try:
            await staff.leave()
            with suppress(TimeoutError):
                async with asyncio.timeout(_SETTLE_SECONDS):
                    await none_in_work.wait()
        finally:
            main.cancel()

    def signalled() -> None:
        if not leaving:
            leaving.add(asyncio.create_task(leave(), name="leaving"))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, signalled)
