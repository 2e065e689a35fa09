"""What arq 0.28 does with jobs that `engine/queue.py` never lets it do: an upgrade that changes one is seen here.

Each comment names the line of `queue.py` that avoids the defect. What arq does to worker processes is in
`test_arq_workers.py`, what it makes of settings in `test_arq_settings.py`.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from arq import func
from arq.connections import ArqRedis, create_pool
from arq.constants import abort_jobs_ss, in_progress_key_prefix, job_key_prefix, result_key_prefix
from arq.jobs import Job, SerializationError
from arq.utils import timestamp_ms
from arq.worker import Function, Worker

from patience import until
from trailerflow.engine.queue import TURN_QUEUE, Queue, _serialize, redis_settings

QUEUE = "arq:queue"
DAY_MS = 86_400_000


class Work:
    """A job that notes its starts and ends when it is told, cancelled or not."""

    def __init__(self) -> None:
        self.starts: list[tuple[Any, ...]] = []
        self.may_end = asyncio.Event()

    async def quick(self, ctx: dict[str, Any], *args: Any) -> str:
        del ctx
        self.starts.append(args)
        return "done"

    async def long(self, ctx: dict[str, Any]) -> None:
        await self.quick(ctx)
        await self.may_end.wait()

    async def deaf(self, ctx: dict[str, Any]) -> None:
        await self.quick(ctx)
        while not self.may_end.is_set():
            try:
                await self.may_end.wait()
            except asyncio.CancelledError:
                continue

    async def broken(self, ctx: dict[str, Any]) -> None:
        await self.quick(ctx)
        raise ZeroDivisionError


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
async def pool(redis_url: str) -> AsyncIterator[ArqRedis]:
    pool = await create_pool(redis_settings(redis_url))
    yield pool
    await pool.aclose()


def make_worker(pool: ArqRedis, *functions: Function, **settings: Any) -> Worker:
    """Make a worker with arq's defaults, but in a hurry and with the signals of the test left alone."""
    return Worker(functions, redis_pool=pool, poll_delay=0.01, handle_signals=False, **settings)


async def work_off(pool: ArqRedis, *functions: Function, **settings: Any) -> Worker:
    """Let a worker take every job of the queue, then return it."""
    worker = make_worker(pool, *functions, burst=True, **settings)
    async with asyncio.timeout(10):
        await worker.async_run()
    return worker


async def expired_job(pool: ArqRedis, job_id: str) -> None:
    """Enqueue a job and wait until it has outlived its expiry."""
    await pool.enqueue_job("turn", _job_id=job_id, _expires=0.001)
    async with asyncio.timeout(5):
        while await pool.exists(job_key_prefix + job_id):  # noqa: ASYNC110 - Redis' own clock is awaited
            await asyncio.sleep(0.001)


async def test_a_flush_of_redis_loses_every_job_and_nobody_is_told(pool: ArqRedis, work: Work) -> None:
    # avoided: nothing is kept in the queue; every worker sweeps the database and rings again
    job = await pool.enqueue_job("turn")
    assert job is not None
    await pool.flushall()
    worker = await work_off(pool, func(work.quick, name="turn"))
    assert (work.starts, worker.jobs_failed, await job.status()) == ([], 0, "not_found")


async def test_a_job_that_outlives_its_timeout_is_started_a_second_time_beside_the_first(
    pool: ArqRedis, work: Work
) -> None:
    # avoided: `job_timeout` is a year; an epoch fences every write of a turn
    worker = make_worker(pool, func(work.deaf, name="turn"), job_timeout=0.05)
    assert worker.in_progress_timeout_s == 10.05
    worker.in_progress_timeout_s = 0.2  # rather than wait ten seconds more
    await pool.enqueue_job("turn")
    running = asyncio.create_task(worker.async_run())
    await until(lambda: len(work.starts) == 2)
    assert not work.may_end.is_set()  # so the first is still at it
    work.may_end.set()
    await until(lambda: not worker.job_tasks)
    running.cancel()
    await asyncio.gather(running, *worker.tasks.values(), return_exceptions=True)


@pytest.mark.parametrize("fate", ["exception", "timeout", "unknown function"])
async def test_a_job_that_fails_is_never_tried_again(pool: ArqRedis, work: Work, fate: str) -> None:
    # avoided: `ring` catches every exception, `job_timeout` is a year; retries are counted in the database
    functions = {
        "exception": func(work.broken, name="turn"),
        "timeout": func(work.long, name="turn", timeout=0.05),
        "unknown function": func(work.quick, name="render"),
    }
    await pool.enqueue_job("turn")
    worker = await work_off(pool, functions[fate], max_tries=5)
    assert len(work.starts) == (0 if fate == "unknown function" else 1)
    assert (worker.jobs_failed, worker.jobs_retried, await pool.zcard(QUEUE)) == (1, 0, 0)


async def test_a_job_older_than_its_expiry_is_never_started(pool: ArqRedis, work: Work) -> None:
    # avoided: `zremrangebyscore` in `Queue._ring` sweeps out what is a minute old; a later sweep rings again
    await expired_job(pool, "run-7")
    assert await pool.zcard(QUEUE) == 1
    worker = await work_off(pool, func(work.quick, name="turn"))
    assert (work.starts, worker.jobs_failed, await pool.zcard(QUEUE)) == ([], 1, 0)


async def test_the_expiry_is_what_the_ringing_side_says_and_a_day_if_it_says_nothing(redis_url: str) -> None:
    # enough: the sweep rings anew long before, and `_OLD_SECONDS` is far less
    rings = Queue(redis_url)
    await rings.turn(7)
    assert rings._pool is not None
    (job_id,) = await rings._pool.zrange(TURN_QUEUE, 0, -1)
    assert DAY_MS - 10_000 < await rings._pool.pttl(job_key_prefix.encode() + job_id) <= DAY_MS
    await rings.close()


async def test_the_id_of_a_finished_job_is_refused_while_its_result_is_kept(pool: ArqRedis, work: Work) -> None:
    # avoided: `keep_result=0` and `_job_id=uuid4().hex`
    await pool.enqueue_job("turn", _job_id="run-7")
    await work_off(pool, func(work.quick, name="turn"))
    assert await pool.enqueue_job("turn", _job_id="run-7") is None
    await work_off(pool, func(work.quick, name="turn"))
    assert len(work.starts) == 1


async def test_the_id_of_a_finished_job_is_free_at_once_when_results_are_not_kept(pool: ArqRedis, work: Work) -> None:
    for _ in range(2):
        assert await pool.enqueue_job("turn", _job_id="run-7") is not None
        await work_off(pool, func(work.quick, name="turn", keep_result=0))
    assert len(work.starts) == 2


async def test_results_are_kept_for_an_hour_with_all_arguments(pool: ArqRedis, work: Work) -> None:
    # avoided: `keep_result=0`; arguments are ids
    job = await pool.enqueue_job("turn", "a whole screenplay")
    assert job is not None
    await work_off(pool, func(work.quick, name="turn"))
    info = await job.result_info()
    assert info is not None
    assert (info.args, info.result) == (("a whole screenplay",), "done")
    assert 3_590 < await pool.ttl(result_key_prefix + job.job_id) <= 3_600


async def test_the_result_of_a_job_that_never_started_is_kept_whatever_its_function_says(
    pool: ArqRedis, work: Work
) -> None:
    # avoided: `worker_settings` says `keep_result` twice, for the function and for the worker
    for keep_result in (3_600, 0):
        await expired_job(pool, f"run-{keep_result}")
        await work_off(pool, func(work.quick, name="turn", keep_result=0), keep_result=keep_result)
    assert await pool.keys(result_key_prefix + "*") == [b"arq:result:run-3600"]
    assert await pool.ttl(result_key_prefix + "run-3600") > 3_590


async def test_a_wake_up_with_the_id_of_a_running_job_is_lost(pool: ArqRedis, work: Work) -> None:
    # avoided: `_job_id=uuid4().hex` in `Queue._ring`
    await pool.enqueue_job("turn", _job_id="run-7")
    working = asyncio.create_task(work_off(pool, func(work.long, name="turn", keep_result=0)))
    await until(lambda: work.starts)
    assert await pool.enqueue_job("turn", _job_id="run-7") is None
    work.may_end.set()
    worker = await working
    assert (worker.jobs_complete, len(work.starts), await pool.zcard(QUEUE)) == (1, 1, 0)


@pytest.mark.parametrize(("allow_abort_jobs", "starts"), [(True, 0), (False, 1)])
async def test_the_abort_of_an_unknown_id_kills_the_next_job_with_that_id(
    pool: ArqRedis, work: Work, allow_abort_jobs: bool, starts: int
) -> None:
    # avoided: `allow_abort_jobs` is off; cancelling is a row in the database
    assert await Job("run-7", pool).abort() is False
    await pool.enqueue_job("turn", _job_id="run-7")
    await work_off(pool, func(work.quick, name="turn"), allow_abort_jobs=allow_abort_jobs)
    assert len(work.starts) == starts


async def test_the_ghost_of_an_abort_is_never_cleared_away(pool: ArqRedis, work: Work) -> None:
    # avoided: nobody aborts through arq
    await pool.zadd(abort_jobs_ss, {"run-7": timestamp_ms() - DAY_MS})
    await work_off(pool, func(work.quick, name="turn"), allow_abort_jobs=True)
    assert await pool.zrange(abort_jobs_ss, 0, -1) == [b"run-7"]


@pytest.mark.parametrize(("ghosts", "seen"), [(99, ["behind"]), (100, [])])
async def test_nothing_is_seen_behind_a_hundred_jobs_in_progress(
    pool: ArqRedis, work: Work, ghosts: int, seen: list[str]
) -> None:
    # avoided: `zremrangebyscore` in `Queue._ring` sweeps out what killed workers left at the head
    for n in range(ghosts):
        await pool.zadd(QUEUE, {f"ghost-{n}": timestamp_ms() - 1_000})
        await pool.set(f"{in_progress_key_prefix}ghost-{n}", b"1")
    await pool.enqueue_job("turn", _job_id="behind")
    worker = make_worker(pool, func(work.quick, name="turn"))
    await worker._poll_iteration()
    assert list(worker.tasks) == seen
    await asyncio.gather(*worker.tasks.values())


async def test_a_job_has_no_priority_and_its_queue_no_limit_by_rate_or_by_key() -> None:
    # avoided: who comes next is decided by a query on the database
    assert list(inspect.signature(ArqRedis.enqueue_job).parameters) == [
        *("self", "function", "args", "_job_id", "_queue_name", "_defer_until", "_defer_by", "_expires", "_job_try"),
        "kwargs",
    ]


async def test_jobs_are_pickled_unless_told_otherwise(pool: ArqRedis, work: Work) -> None:
    # avoided: `job_serializer` and `job_deserializer` of `worker_settings` and `Queue` are JSON
    await pool.enqueue_job("turn", {1, timedelta(1)}, _job_id="run-7")
    assert (await pool.get(job_key_prefix + "run-7"))[:1] == b"\x80"  # the opcode that begins a pickle
    await work_off(pool, func(work.quick, name="turn"))
    assert work.starts == [({1, timedelta(1)},)]
    pool.job_serializer = _serialize
    with pytest.raises(SerializationError):
        await pool.enqueue_job("turn", {1, timedelta(1)})


async def test_queues_share_one_space_of_ids(pool: ArqRedis) -> None:
    # avoided: `_job_id=uuid4().hex`
    await pool.enqueue_job("turn", _job_id="7", _queue_name="turns")
    assert await pool.enqueue_job("render", _job_id="7", _queue_name="renders") is None


async def test_one_expired_job_hides_all_queued_jobs(pool: ArqRedis) -> None:
    # avoided: `Queue._ring` counts with `zcard`; positions in the queue come from the database
    await pool.enqueue_job("turn", _job_id="fresh")
    await expired_job(pool, "stale")
    with pytest.raises(RuntimeError, match=r'"arq:job:stale" not found'):
        await pool.queued_jobs()
