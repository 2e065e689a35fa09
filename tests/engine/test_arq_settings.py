"""What arq 0.28 makes of settings, defaults and a URL, and whether what `engine/queue.py` says reaches its workers.

Each comment names the line of `queue.py` that avoids the defect. What arq does with jobs is in `test_arq.py`, what it
does to worker processes in `test_arq_workers.py`.
"""

import importlib.metadata
from typing import Any

import pytest
import redis
from arq import func
from arq.connections import RedisSettings
from arq.worker import Worker, create_worker
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError  # noqa: A004 - redis's own

from trailerflow import workers
from trailerflow.engine.queue import _deserialize, _serialize, redis_settings


async def quick(ctx: dict[str, Any]) -> None:
    """Do nothing."""
    del ctx


def test_a_url_sets_no_retries() -> None:
    # avoided: `redis_settings` sets them
    plain = RedisSettings.from_dsn("redis://127.0.0.1:6379/3?retry_on_timeout=true&socket_timeout=2")
    assert (plain.retry, plain.retry_on_error, plain.retry_on_timeout) == (None, None, False)
    ours = redis_settings("redis://127.0.0.1:6379/3")
    assert ours.retry is not None
    assert ours.retry._retries == 15  # about ten seconds
    assert ours.retry_on_timeout
    assert {ConnectionError, TimeoutError, BusyLoadingError, OSError} <= set(ours.retry_on_error or ())


async def test_a_url_is_not_read_as_the_redis_client_reads_it() -> None:
    # avoided: `_address` reads a URL by redis-py, as the bell does
    url = "redis://:p%40ss@127.0.0.1:6379/3?socket_timeout=2"
    assert RedisSettings.from_dsn(url).password == "p%40ss"  # noqa: S105 - of nobody
    pool = redis.ConnectionPool.from_url(url)
    assert (pool.connection_kwargs["password"], pool.connection_kwargs["socket_timeout"]) == ("p@ss", 2.0)
    with pytest.raises(ValueError, match="invalid literal"):
        RedisSettings.from_dsn("redis://127.0.0.1:6379/")
    ours = redis_settings(url)
    assert (ours.password, ours.host, ours.port, ours.database) == ("p@ss", "127.0.0.1", 6379, 3)
    assert redis_settings("redis://127.0.0.1:6379/").database == 0


async def test_the_defaults_are_slow_to_hear_and_quick_to_give_up() -> None:
    # avoided: `poll_delay`, `max_tries`, `job_timeout` and `keep_result` in `worker_settings`
    plain = Worker([func(quick)], handle_signals=False)
    assert (plain.poll_delay_s, plain.max_tries, plain.job_timeout_s, plain.keep_result_s) == (0.5, 5, 300, 3_600)


async def test_an_inherited_or_misspelt_setting_is_dropped_without_a_word() -> None:
    # avoided: `worker_settings` returns every attribute of a class without a base
    class Base:
        max_jobs = 3

    class Heir(Base):
        functions = (func(quick),)
        handle_signals = False
        pol_delay = 0.01

    settings: Any = Heir
    worker = create_worker(settings)
    assert (worker.max_jobs, worker.poll_delay_s) == (10, 0.5)


@pytest.mark.parametrize(
    ("settings", "at_once", "seen"), [(workers.WorkerSettings, 100, 500), (workers.RenderSettings, 1, 100)]
)
async def test_what_we_set_arrives_in_the_worker(settings: Any, at_once: int, seen: int) -> None:
    worker = create_worker(settings)
    assert (worker.max_jobs, worker.queue_read_limit) == (at_once, seen)
    assert (worker.health_check_interval, worker.keep_result_s) == (15, 0)
    assert worker.poll_delay_s <= 0.05
    assert (worker._handle_signals, worker.allow_abort_jobs, worker.burst) == (False, False, False)
    assert (worker.job_serializer, worker.job_deserializer) == (_serialize, _deserialize)
    assert worker.in_progress_timeout_s > worker.job_timeout_s >= 365 * 86_400
    assert worker.redis_settings is not None
    assert worker.redis_settings.retry is not None
    assert worker.on_job_end is None
    assert (worker.on_job_start is None) == (worker.after_job_end is None)


def test_arq_asks_for_a_redis_client_older_than_six() -> None:
    # avoided: `redis[hiredis]>=5.3,<6` and `arq>=0.28,<0.29` in pyproject.toml
    assert importlib.metadata.version("arq").startswith("0.28.")
    assert "redis[hiredis]<6,>=4.2.0" in (importlib.metadata.requires("arq") or [])
