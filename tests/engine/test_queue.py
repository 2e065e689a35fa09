import asyncio
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis
from arq.worker import Worker

from patience import until
from trailerflow import workers
from trailerflow.engine import queue
from trailerflow.engine.queue import (
    RENDER_QUEUE,
    TURN_QUEUE,
    Queue,
    Staff,
    redis_settings,
    worker_settings,
)

CLASSES = [workers.WorkerSettings, workers.RenderSettings]


@pytest.fixture
async def rings(redis_url: str) -> AsyncIterator[Queue]:
    rings = Queue(redis_url)
    yield rings
    await rings.close()


def waiting(url: str, name: str) -> list[dict[str, Any]]:
    with redis.Redis.from_url(url) as client:
        jobs: list[bytes] = client.zrange(name, 0, -1)
        bodies = [client.get(b"arq:job:" + job) for job in jobs]
    return [json.loads(body) for body in bodies if isinstance(body, bytes)]


async def test_each_ring_is_a_job_of_its_own_with_ids_as_json(rings: Queue, redis_url: str) -> None:
    await rings.turn(7)
    await rings.turn(7)
    await rings.render(2)
    await rings.close()
    assert [(job["f"], job["a"]) for job in waiting(redis_url, TURN_QUEUE)] == [("turn", [7])] * 2
    assert [(job["f"], job["a"]) for job in waiting(redis_url, RENDER_QUEUE)] == [("render", [])] * 2


async def test_many_tasks_need_no_more_bells_than_wake_a_small_farm(rings: Queue, redis_url: str) -> None:
    for _ in range(60):
        await rings.render(1)
    await rings.close()
    assert len(waiting(redis_url, RENDER_QUEUE)) == queue._MOST_RENDER_BELLS


async def test_bells_passed_on_do_not_pile_up_while_nobody_answers(redis_url: str) -> None:
    for _ in range(4):
        rings = Queue(redis_url)
        await rings.pass_on()
        await rings.close()
    assert len(waiting(redis_url, RENDER_QUEUE)) == queue._ENOUGH_BELLS


async def test_a_ring_does_not_wait_for_a_bell_passed_on(rings: Queue, redis_url: str) -> None:
    await rings.pass_on()
    await rings.render(3)
    await rings.close()
    assert len(waiting(redis_url, RENDER_QUEUE)) == 3


async def test_bells_nobody_answers_do_not_pile_up(
    rings: Queue, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_MOST_BELLS", 5)
    for run_id in range(20):
        await rings.turn(run_id)
        await rings.render(1)
    await rings.close()
    assert len(waiting(redis_url, TURN_QUEUE)) == 5
    assert len(waiting(redis_url, RENDER_QUEUE)) == queue._MOST_RENDER_BELLS


async def test_the_bells_of_killed_workers_are_swept_out_of_the_way(rings: Queue, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        for n in range(150):  # more than arq looks at in one poll
            client.zadd(RENDER_QUEUE, {f"ghost-{n}": (time.time() - 61) * 1000})
            client.set(f"arq:in-progress:ghost-{n}", b"1")
        await rings.render(1)
        await rings.close()
        assert client.zcard(RENDER_QUEUE) == 1


async def test_a_ring_without_redis_does_not_raise(tmp_path: Path) -> None:
    rings = Queue(f"unix://{tmp_path}/nobody.sock")
    await rings.turn(7)
    await rings.close()


async def test_a_ring_to_a_redis_that_never_answers_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_RING_SECONDS", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        rings = Queue(f"redis://127.0.0.1:{mute.getsockname()[1]}/0")
        async with asyncio.timeout(5):
            await rings.turn(7)
        await rings.close()


async def test_a_ring_works_again_when_redis_is_back(rings: Queue, redis_url: str) -> None:
    await rings.turn(1)
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await rings.turn(2)
    await rings.turn(3)
    assert [job["a"] for job in waiting(redis_url, TURN_QUEUE)][-1] == [3]


@pytest.mark.parametrize("settings", CLASSES)
def test_the_settings_classes_say_everything_themselves(settings: type) -> None:
    """arq reads a class's own `__dict__` only: an inherited setting would be dropped silently."""
    own = vars(settings)
    expected = {
        "handle_signals": False,
        "keep_result": 0,
        "allow_abort_jobs": False,
        "health_check_interval": 15,
    }
    assert {name: own[name] for name in expected} == expected
    assert own["job_timeout"] >= 86_400 * 365
    assert own["poll_delay"] <= 0.05
    assert {"on_startup", "on_shutdown", "redis_settings", "job_serializer", "job_deserializer"} <= set(own)
    (job,) = own["functions"]
    assert (job.keep_result_s, job.max_tries) == (0, 1_000_000)
    assert {name for name in own if not name.startswith("_")} <= set(Worker.__init__.__annotations__)


def test_a_render_worker_takes_one_job_at_a_time_and_an_orchestrator_many() -> None:
    own = [vars(settings) for settings in CLASSES]
    assert [(each["queue_name"], each["max_jobs"]) for each in own] == [(TURN_QUEUE, 100), (RENDER_QUEUE, 1)]


def test_the_worker_bears_an_outage_of_redis() -> None:
    settings = redis_settings("redis://127.0.0.1:6379/3")
    assert (settings.database, settings.retry_on_timeout) == (3, True)
    assert settings.retry is not None
    assert settings.retry_on_error


class Clerk:
    """A staff that notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.let_go = asyncio.Event()

    async def open(self) -> None:
        self.asked.append("open")

    async def rung(self, *args: int) -> None:
        self.asked.append(args)
        if args == (13,):
            raise ZeroDivisionError
        if args == (15,):
            await self.let_go.wait()

    async def leave(self) -> None:
        self.asked.append("leave")

    async def close(self) -> None:
        self.asked.append("close")


@pytest.mark.filterwarnings("ignore:Call to deprecated close")  # arq 0.28 with redis-py 5 calls it so
async def test_a_worker_answers_rings_bears_a_broken_job_and_leaves_on_sigterm(rings: Queue, redis_url: str) -> None:
    clerk = Clerk()

    async def staff() -> Staff:
        return clerk

    own = worker_settings(job="turn", queue=TURN_QUEUE, at_once=10, redis=redis_settings(redis_url), staff=staff)
    worker = Worker(**own)
    running = asyncio.create_task(worker.async_run())
    for number in (13, 14):
        await rings.turn(number)
        await until(lambda number=number: (number,) in clerk.asked)  # type: ignore[misc] # a default binds the loop's value
    await rings.turn(15)
    await until(lambda: (15,) in clerk.asked)
    with redis.Redis.from_url(redis_url) as client:  # its job lasts, yet nobody need look at it again
        assert client.zcard(TURN_QUEUE) == 0
    clerk.let_go.set()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(asyncio.CancelledError):
        await running
    await worker.close()
    assert clerk.asked == ["open", (13,), (14,), (15,), "leave", "close"]
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().remove_signal_handler(number)
