import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import redis

from patience import until
from trailerflow.engine import bell as module
from trailerflow.engine.bell import CHANNEL, MOVES, STIRS, Bell, Listener
from trailerflow.running import redis_server


class Heard:
    """Notes every message; raises at the word `bad`."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    async def __call__(self, message: dict[str, Any]) -> None:
        self.messages.append(message)
        if "bad" in message:
            raise ValueError("bad")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def listener(redis_url: str, heard: Heard) -> AsyncIterator[Listener]:
    listener = Listener(redis_url, heard, CHANNEL)
    listener.start()
    await until(lambda: listener.connected)
    yield listener
    await listener.stop()


@pytest.fixture
async def bell(redis_url: str) -> AsyncIterator[Bell]:
    bell = Bell(redis_url)
    yield bell
    await bell.close()


async def test_a_ring_is_heard_with_what_it_says(bell: Bell, listener: Listener, heard: Heard) -> None:
    bell.ring(7, last_event_id=41)
    await until(lambda: len(heard.messages) == 2)
    assert heard.messages == [{}, {"project": 7, "last_event_id": 41}]
    assert listener.connected


async def test_each_channel_has_what_those_who_listen_there_do_something_about(bell: Bell, redis_url: str) -> None:
    told = {channel: Heard() for channel in (CHANNEL, STIRS, MOVES)}
    listeners = [Listener(redis_url, heard, channel) for channel, heard in told.items()]
    for listener in listeners:
        listener.start()
    await until(lambda: all(listener.connected for listener in listeners))
    bell.ring(7)
    bell.ring(8, last_event_id=1)
    tick = {"project": 9, "tick": {"step": "clip/1"}}
    bell.ring(9, tick=tick["tick"])
    bell.ring(10, last_event_id=2, moved=True)
    moved = {"project": 10, "last_event_id": 2, "moved": True}
    await until(lambda: all(heard.messages[-1:] == [moved] for heard in told.values()))
    assert told[CHANNEL].messages == [{}, {"project": 8, "last_event_id": 1}, tick, moved]
    assert told[STIRS].messages == [{}, {"project": 7}, moved]
    assert told[MOVES].messages == [{}, moved]
    for listener in listeners:
        await listener.stop()


async def test_what_is_rung_at_the_same_moment_is_one_message(bell: Bell, listener: Listener, heard: Heard) -> None:
    bell.ring(7, last_event_id=1, moved=True)
    bell.ring(7, last_event_id=3)
    for done in (1, 2):
        bell.ring(7, tick={"step": "clip/1", "done": done})
        bell.ring(7, tick={"step": "clip/2", "done": done})
    await until(lambda: len(heard.messages) == 4)
    assert listener.connected
    last = [{"project": 7, "tick": {"step": f"clip/{n}", "done": 2}} for n in (1, 2)]
    assert heard.messages == [{}, {"project": 7, "last_event_id": 3, "moved": True}, *last]


async def test_a_ring_after_the_connection_was_cut_is_heard(
    bell: Bell, listener: Listener, heard: Heard, redis_url: str
) -> None:
    bell.ring(7, last_event_id=1)
    await until(lambda: len(heard.messages) == 2)
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "normal")
    bell.ring(7, last_event_id=2)
    await until(lambda: heard.messages[-1] == {"project": 7, "last_event_id": 2})
    assert listener.connected


async def test_the_bell_is_heard_again_after_the_connection_was_cut(
    bell: Bell, listener: Listener, heard: Heard, redis_url: str
) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
    await until(lambda: heard.messages == [{}, {}])  # look again: something may have been missed
    await until(lambda: listener.connected)
    bell.ring(7, last_event_id=1)
    await until(lambda: heard.messages[-1] == {"project": 7, "last_event_id": 1})


async def test_a_message_nobody_can_deal_with_does_not_end_the_listening(
    bell: Bell, listener: Listener, heard: Heard, redis_url: str
) -> None:
    bell.ring(7, last_event_id=1, bad=True)
    await until(lambda: heard.messages.count({}) == 2)
    with redis.Redis.from_url(redis_url) as client:
        client.publish(CHANNEL, "no JSON")
    await until(lambda: heard.messages.count({}) == 3)
    assert listener.connected


async def test_a_ring_without_redis_does_not_raise(tmp_path: Path) -> None:
    bell = Bell(f"unix://{tmp_path}/nobody.sock")
    bell.ring(7)
    await bell.close()


async def test_the_bell_is_heard_again_after_redis_was_mute_and_after_it_was_restarted(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PING_SECONDS", 0.1)
    monkeypatch.setattr(module, "SILENCE_SECONDS", 0.5)
    with redis_server.socket(tmp_path) as path:
        url, command = redis_server.url(path), redis_server.child(path, dict(os.environ)).command
        first = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - it is back at once
        await redis_server.answer(url)
        listener, bell = Listener(url, heard, CHANNEL), Bell(url)
        listener.start()
        await until(lambda: listener.connected)
        first.send_signal(signal.SIGSTOP)
        await until(lambda: not listener.connected)
        first.send_signal(signal.SIGCONT)
        await until(lambda: listener.connected)
        heard.messages.clear()
        first.send_signal(signal.SIGKILL)
        first.wait()
        await until(lambda: not listener.connected)
        bell.ring(7, last_event_id=1)  # rings for nobody
        second = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - it is back at once
        await until(lambda: listener.connected)
        bell.ring(8, last_event_id=1)
        await until(lambda: heard.messages == [{}, {"project": 8, "last_event_id": 1}])
        await listener.stop()
        await bell.close()
        second.terminate()
        second.wait()
