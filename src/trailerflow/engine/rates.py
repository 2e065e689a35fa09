"""How often work may be sent to a provider: a moving window for each account, shared by all workers over Redis.

Called by whoever submits, before each submission. When a provider says when to come back, nobody submits before. While
Redis is away, and for a window after, each process keeps to its share of the rate. It never raises for want of Redis.
"""

import asyncio
import logging
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable

from limits.aio.storage import RedisStorage
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

PREFIX = "trailerflow:rates"
AWAY_SECONDS = 5.0
LONGEST_SECONDS = 86_400.0
_SOON_SECONDS = 0.01
_CLOSE = "if redis.call('pttl', KEYS[1]) < tonumber(ARGV[1]) then redis.call('set', KEYS[1], 1, 'px', ARGV[1]) end"


class Rates:
    """The windows of all accounts; `workers` says how many processes submit, and is asked only while Redis is away."""

    def __init__(
        self,
        *,
        url: str,
        workers: Callable[[], Awaitable[int]],
        window_seconds: int = 60,
        redis_seconds: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=redis_seconds)
        self._shared = RedisStorage(
            "async+redis://",  # a name only: with a pool it connects wherever the pool does, to Unix sockets too
            implementation="redispy",
            key_prefix=PREFIX,
            connection_pool=self._redis.connection_pool,
        )
        self._close_until = self._redis.register_script(_CLOSE)
        self._workers = workers
        self._window_seconds = window_seconds
        self._redis_seconds = redis_seconds
        self._clock = clock
        self._own: defaultdict[str, deque[float]] = defaultdict(deque)
        self._closed: dict[str, float] = {}
        self._away_until = self._careful_until = clock()

    async def try_turn(self, account: str, per_minute: int) -> float:
        """Take a turn and return 0.0, or return how many seconds to wait at least."""
        seconds = (
            self._seconds_closed(account)
            or await self._ask_share(account, per_minute)
            or await self._ask_redis(account, per_minute)
        )
        if not seconds:
            self._note(account)
        return seconds

    async def close_for(self, account: str, seconds: float) -> None:
        """Let nobody submit for so long, a day at most: the provider asks for it. Never opens what is closed longer."""
        if not seconds > 0:  # nor when it is no number
            return
        seconds = min(seconds, LONGEST_SECONDS)
        self._close(account, seconds)
        if self._clock() < self._away_until:
            return
        try:
            async with asyncio.timeout(self._redis_seconds):
                await self._close_until([_closed_key(account)], [round(seconds * 1000)])
        except (RedisError, OSError) as error:
            self._lose(error)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    # This process

    def _seconds_closed(self, account: str) -> float:
        return max(self._closed.get(account, 0.0) - self._clock(), 0.0)

    def _close(self, account: str, seconds: float) -> None:
        self._closed[account] = max(self._closed.get(account, 0.0), self._clock() + seconds)

    def _note(self, account: str) -> None:
        own, at = self._own[account], self._clock()
        own.append(at)
        while own[0] <= at - self._window_seconds:
            own.popleft()

    async def _ask_share(self, account: str, per_minute: int) -> float:
        if self._clock() >= self._careful_until:
            return 0.0
        share = max(1, per_minute // max(1, await self._workers()))
        own = self._own[account]
        return max(own[-share] + self._window_seconds - self._clock(), 0.0) if len(own) >= share else 0.0

    def _lose(self, error: Exception) -> None:
        log.warning("Redis is away (%s); this process keeps to its share of the providers' rates", error)
        self._away_until = self._clock() + AWAY_SECONDS
        # It may come back empty: until a window has passed it knows less than was done.
        self._careful_until = self._away_until + self._window_seconds

    # All processes

    async def _ask_redis(self, account: str, per_minute: int) -> float:
        if self._clock() < self._away_until:
            return 0.0
        try:
            async with asyncio.timeout(self._redis_seconds):
                return await self._ask_window(account, max(1, per_minute))
        except (RedisError, OSError) as error:
            self._lose(error)
        return await self._ask_share(account, per_minute)

    async def _ask_window(self, account: str, per_minute: int) -> float:
        closed_ms = await self._redis.pttl(_closed_key(account))
        if closed_ms > 0:
            self._close(account, closed_ms / 1000)
            return float(closed_ms / 1000)
        # Not through the library's limiter: its key holds the rate, so that another rate would begin an empty window.
        key = f"window:{account}"
        if await self._shared.acquire_entry(key, per_minute, self._window_seconds):
            return 0.0
        oldest, turns = await self._shared.get_moving_window(key, per_minute, self._window_seconds)
        if turns < per_minute:  # one has passed since
            return _SOON_SECONDS
        return max(oldest + self._window_seconds - time.time(), _SOON_SECONDS)


def _closed_key(account: str) -> str:
    return f"{PREFIX}:closed:{account}"
