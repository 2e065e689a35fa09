import asyncio
import logging

import pytest

from patience import until
from trailerflow.engine.loops import Loop

NEVER = 1000.0


class Passes:
    """Counts passes; the first `failing` of them fail."""

    def __init__(self, failing: int = 0) -> None:
        self.count = 0
        self.failing = failing

    async def once(self) -> None:
        self.count += 1
        if self.count <= self.failing:
            raise ZeroDivisionError


async def test_a_loop_passes_at_once_and_again_when_woken() -> None:
    passes = Passes()
    loop = Loop("test", passes.once, seconds=NEVER)
    loop.start()
    await until(lambda: passes.count == 1)
    loop.wake()
    await until(lambda: passes.count == 2)
    await loop.stop()


async def test_a_loop_passes_again_by_itself() -> None:
    passes = Passes()
    loop = Loop("test", passes.once, seconds=0.005)
    loop.start()
    await until(lambda: passes.count >= 5)
    await loop.stop()


async def test_a_failed_pass_is_logged_and_the_loop_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    passes = Passes(failing=2)
    loop = Loop("the sweep", passes.once, seconds=0.005)
    with caplog.at_level(logging.ERROR):
        loop.start()
        await until(lambda: passes.count >= 3)
        await loop.stop()
    assert [record.getMessage() for record in caplog.records] == ["the sweep failed, trying again"] * 2


async def test_a_wake_during_a_pass_is_not_lost() -> None:
    gate, passes = asyncio.Event(), Passes()

    async def once() -> None:
        await passes.once()
        await gate.wait()

    loop = Loop("test", once, seconds=NEVER)
    loop.start()
    await until(lambda: passes.count == 1)
    loop.wake()
    gate.set()
    await until(lambda: passes.count == 2)
    await loop.stop()


async def test_stopping_cancels_the_pass_under_way() -> None:
    ended: list[str] = []

    async def once() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    loop = Loop("test", once, seconds=NEVER)
    loop.start()
    await asyncio.sleep(0)
    await loop.stop()
    await loop.stop()
    assert ended == ["cancelled"]


async def test_who_stops_a_loop_can_itself_be_cancelled() -> None:
    release = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await release.wait()

    loop = Loop("test", stubborn, seconds=NEVER)
    loop.start()
    await asyncio.sleep(0)
    stopping = asyncio.create_task(loop.stop())
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    release.set()
    await loop.stop()
