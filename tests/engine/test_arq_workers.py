"""What arq 0.28 does to worker processes that `engine/queue.py` avoids: an upgrade that changes one is seen here.

Each comment names the line of `queue.py` that avoids the defect. The real `arq` processes read `Endless` below. What
arq does with jobs is in `test_arq.py`, what it makes of settings in `test_arq_settings.py`.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from arq import func
from arq.connections import ArqRedis, RedisSettings, create_pool
from arq.constants import health_check_key_suffix, in_progress_key_prefix, retry_key_prefix
from arq.worker import Worker
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError  # noqa: A004 - redis's own

from patience import block_until, until
from trailerflow.engine.queue import Queue, redis_settings
from trailerflow.running import redis_server, tether

QUEUE = "arq:queue"
HEALTH = QUEUE + health_check_key_suffix

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated close")  # arq 0.28 with redis-py 5 calls it so


async def endless(ctx: dict[str, Any]) -> None:
    """Note the start, then never end."""
    await ctx["redis"].incr("starts")
    await asyncio.Event().wait()


async def quick(ctx: dict[str, Any]) -> None:
    """Note the start and end."""
    await ctx["redis"].incr("starts")


class Endless:
    """The settings of a real `arq` process: its defaults, but for two tries instead of five."""

    functions = (func(endless, timeout=20), func(quick, timeout=500))
    redis_settings = RedisSettings.from_dsn(os.environ.get("REDIS_OF_THE_TEST", "redis://"))
    max_tries = 2


@pytest.fixture
async def pool(redis_url: str) -> AsyncIterator[ArqRedis]:
    pool = await create_pool(redis_settings(redis_url))
    yield pool
    await pool.aclose()


@pytest.fixture
def socket(tmp_path: Path) -> Iterator[Path]:
    """Give a path on which a test may start and stop a Redis of its own."""
    with redis_server.socket(tmp_path) as path:
        yield path


@contextlib.contextmanager
def redis_on(socket: Path) -> Iterator[None]:
    """Run a Redis; end it with the block."""
    child = redis_server.child(socket, dict(os.environ))
    process = subprocess.Popen([*tether.command(), *child.command], stdout=subprocess.DEVNULL)
    try:
        block_until(lambda: answers(redis_server.url(socket)), seconds=10)
        yield
    finally:
        process.terminate()
        process.wait(10)


def answers(url: str) -> bool:
    with redis.Redis.from_url(url) as client, contextlib.suppress(ConnectionError):
        return bool(client.ping())
    return False


@contextlib.contextmanager
def arq_process(url: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Run arq's own command with the settings of this file."""
    process = subprocess.Popen(
        [*tether.command(), sys.executable, "-P", "-m", "arq", "engine.test_arq_workers.Endless"],
        env={**os.environ, "REDIS_OF_THE_TEST": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(10)


async def started(url: str, times: int) -> None:
    """Wait until the jobs of `Endless` have been started so many times in all."""
    with redis.Redis.from_url(url) as client:
        await until(lambda: client.get("starts") == b"%d" % times, seconds=30)


@contextlib.asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator["asyncio.Task[None]"]:
    """Run a worker beside the test, then stop it."""
    running = asyncio.create_task(worker.async_run())
    try:
        await until(lambda: worker._last_health_check or running.done())
        yield running
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.wait_for(worker.close(), 10)


def deaf_to_refusals(url: str) -> RedisSettings:
    """Return our settings without `OSError`, which is what a client gets that finds nobody to connect to."""
    settings = redis_settings(url)
    settings.retry_on_error = [ConnectionError, TimeoutError, BusyLoadingError]
    return settings


@pytest.mark.parametrize("fragile", [RedisSettings.from_dsn, deaf_to_refusals])
async def test_an_idle_worker_without_all_of_our_retries_ends_with_the_first_outage_of_redis(
    socket: Path, fragile: Callable[[str], RedisSettings]
) -> None:
    # avoided: `retry` and `retry_on_error` in `redis_settings`
    settings = fragile(redis_server.url(socket))
    worker = Worker([func(quick)], redis_settings=settings, poll_delay=0.2, handle_signals=False)
    with redis_on(socket):
        running = asyncio.create_task(worker.async_run())
        await until(lambda: worker._last_health_check_log)  # the last thing it does before it is idle
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(running, 10)
    await worker.pool.aclose()


async def test_a_worker_with_our_retries_works_on_after_an_outage_in_which_a_job_ended(socket: Path) -> None:
    # by all of `redis_settings`, `OSError` in `retry_on_error` above all
    may_end = asyncio.Event()

    async def turn(ctx: dict[str, Any]) -> None:
        del ctx
        await may_end.wait()

    settings = redis_settings(redis_server.url(socket))
    worker = Worker([func(turn, name="turn")], redis_settings=settings, poll_delay=0.2, handle_signals=False)
    with redis_on(socket):
        running = asyncio.create_task(worker.async_run())
        await until(lambda: worker._last_health_check_log)
        await worker.pool.enqueue_job("turn")
        await until(lambda: worker.job_tasks)
    may_end.set()
    await until(lambda: not worker.job_tasks)
    await asyncio.wait([running], timeout=0.3)  # longer than it is idle, so that it has polled in vain
    assert not running.done()
    with redis_on(socket):
        await worker.pool.enqueue_job("turn")
        await until(lambda: worker.jobs_complete == 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await worker.close()


async def test_a_client_waits_five_seconds_for_a_redis_that_is_away_and_for_ever_for_a_mute_one(pool: ArqRedis) -> None:
    # avoided: `conn_retries = 0` in `Queue` and `asyncio.timeout` in `Queue._ring`
    plain = RedisSettings()
    assert plain.conn_retries * plain.conn_retry_delay == 5
    assert pool.connection_pool.connection_kwargs["socket_timeout"] is None
    assert Queue("redis://127.0.0.1:6379/3")._settings.conn_retries == 0


async def test_a_killed_worker_looks_healthy_for_an_hour_and_its_job_in_progress_for_the_longest_timeout(
    pool: ArqRedis, redis_url: str
) -> None:
    # avoided: `Queue._ring` rings under a new id, and sweeps out the old one after a minute; `health_check_interval`
    await pool.enqueue_job("endless", _job_id="run-7")
    with arq_process(redis_url):
        await started(redis_url, times=1)
    assert await pool.zrange(QUEUE, 0, -1) == [b"run-7"]
    assert 500 < await pool.ttl(in_progress_key_prefix + "run-7") <= 510  # the job's own timeout is 20
    assert 3_590 < await pool.ttl(HEALTH) <= 3_601
    await pool.enqueue_job("quick", _job_id="behind")
    other = Worker(Endless.functions, redis_pool=pool, handle_signals=False)
    await other._poll_iteration()
    assert list(other.tasks) == ["behind"]
    await asyncio.gather(*other.tasks.values())


async def test_sigterm_cancels_jobs_at_once_and_two_deploys_burn_two_tries(pool: ArqRedis, redis_url: str) -> None:
    # avoided: `handle_signals` is off and `_leave_on_signals` drains; `max_tries=1_000_000`
    await pool.enqueue_job("endless", _job_id="run-7")
    for tries in (1, 2):
        with arq_process(redis_url) as process:
            await started(redis_url, times=tries)
            process.terminate()
            assert process.wait(10) == 0
        assert await pool.get(retry_key_prefix + "run-7") == b"%d" % tries
        assert await pool.zcard(QUEUE) == 1
    worker = Worker(Endless.functions, redis_pool=pool, handle_signals=False, burst=True, max_tries=Endless.max_tries)
    async with asyncio.timeout(10):
        await worker.async_run()
    assert (worker.jobs_failed, await pool.get("starts"), await pool.zcard(QUEUE)) == (1, b"2", 0)


async def test_the_stop_hook_is_called_only_when_the_wait_for_the_jobs_is_over(pool: ArqRedis) -> None:
    # avoided: `_leave_on_signals` has handlers of its own, which tell the staff to leave first
    order: list[str] = []
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def turn(ctx: dict[str, Any]) -> None:
        del ctx
        begun.set()
        await may_end.wait()
        order.append("the job ended")

    worker = Worker([func(turn, name="turn")], redis_pool=pool, poll_delay=0.01, job_completion_wait=10)
    worker.on_stop = lambda _: order.append("the stop hook was called")
    await pool.enqueue_job("turn")
    async with at_work(worker) as running:
        await asyncio.wait_for(begun.wait(), 10)
        os.kill(os.getpid(), signal.SIGTERM)
        await until(lambda: not worker.allow_pick_jobs)
        may_end.set()
        await asyncio.wait([running], timeout=10)
    assert order == ["the job ended", "the stop hook was called"]
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)


async def test_a_worker_that_handles_no_signals_cancels_its_jobs_when_it_closes(pool: ArqRedis) -> None:
    # avoided: `_leave_on_signals` waits for the staff to leave before it ends the main task
    worker = Worker([func(endless)], redis_pool=pool, poll_delay=0.01, handle_signals=False)
    await pool.enqueue_job("endless")
    async with at_work(worker):
        await until(lambda: worker.job_tasks)
    assert (worker.jobs_retried, worker.jobs_complete) == (1, 0)


async def test_the_shutdown_hook_is_skipped_when_redis_is_away(socket: Path) -> None:
    # not avoided: `shutdown` in `worker_settings` closes the staff; only its `leave` is sure to have been called
    closed = asyncio.Event()

    async def shutdown(ctx: dict[str, Any]) -> None:
        del ctx
        closed.set()

    plain = RedisSettings.from_dsn(redis_server.url(socket))
    worker = Worker([func(quick)], redis_settings=plain, handle_signals=False, on_shutdown=shutdown)
    with redis_on(socket):
        running = asyncio.create_task(worker.async_run())
        await until(lambda: worker._last_health_check_log)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    with pytest.raises(ConnectionError):
        await worker.close()
    assert not closed.is_set()
    await worker.pool.aclose()


async def test_the_startup_runs_in_the_main_task_and_shares_its_context_with_the_jobs(pool: ArqRedis) -> None:
    """`_leave_on_signals` ends the task it was called in; `ring` finds its staff in the context."""
    found: list[Any] = []

    async def startup(ctx: dict[str, Any]) -> None:
        ctx["staff"] = asyncio.current_task()

    async def turn(ctx: dict[str, Any]) -> None:
        found.append(ctx["staff"])

    await pool.enqueue_job("turn")
    worker = Worker([func(turn, name="turn")], redis_pool=pool, burst=True, handle_signals=False, on_startup=startup)
    await asyncio.wait_for(worker.async_run(), 10)
    assert found == [worker.main_task]


@pytest.mark.parametrize("hook", ["on_job_start", "on_job_end", "after_job_end"])
async def test_a_hook_that_raises_ends_the_worker(pool: ArqRedis, hook: str) -> None:
    # avoided: `worker_settings` has no hooks around jobs
    async def raises(_: dict[str, Any]) -> None:
        raise ZeroDivisionError

    await pool.enqueue_job("quick")
    hooks: dict[str, Any] = {hook: raises}
    worker = Worker([func(quick)], redis_pool=pool, poll_delay=0.01, handle_signals=False, **hooks)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(worker.async_run(), 10)


async def test_all_workers_of_a_queue_share_one_health_key_and_the_first_to_close_deletes_it(redis_url: str) -> None:
    # avoided: every worker keeps a row of its own in the database; nobody reads this key
    first, second = (
        Worker([func(quick)], redis_settings=redis_settings(redis_url), handle_signals=False) for _ in range(2)
    )
    async with at_work(second):
        async with at_work(first):
            await until(lambda: first._last_health_check and second._last_health_check)
            assert await second.pool.ttl(HEALTH) >= 3_590
        assert not await second.pool.exists(HEALTH)
