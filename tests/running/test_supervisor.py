"""The supervisor, against small stand-in processes that a test writes."""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from patience import until
from trailerflow.errors import Misconfigured
from trailerflow.running import supervisor, tether
from trailerflow.running.child import Child
from trailerflow.running.supervisor import Roster, Supervisor, Tier

STAND_IN = """
import os, pathlib, signal, subprocess, sys
name, diary, habit = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
def write(word):
    with diary.open("a") as lines:
        lines.write(f"{name} {word} {os.getpid()}\\n")
def leave(*_):
    write("leaves")
    sys.exit(0)
if habit == "crashing":
    write("starts")
    sys.exit(3)
signal.signal(signal.SIGTERM, signal.SIG_IGN if habit == "stubborn" else leave)
if habit == "parent":
    grandchild = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    write(f"bears {grandchild.pid}")
write("starts")
while True:
    signal.pause()
"""


class House:
    """Runs a supervisor over stand-ins and reads their diary."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.diary = folder / "diary"
        self.diary.touch()
        (folder / "stand_in.py").write_text(STAND_IN)
        self.buried: list[int] = []
        self.supervisor = Supervisor(bury=self.bury, roster=Roster(folder / "children.json"), bury_seconds=0.5)

    async def bury(self, pid: int) -> None:
        self.buried.append(pid)

    def child(self, name: str, habit: str = "good", *, holds_leases: bool = False, grace: float = 5.0) -> Child:
        command = (sys.executable, str(self.folder / "stand_in.py"), name, str(self.diary), habit)
        return Child(name, command, dict(os.environ), grace, holds_leases)

    def lines(self, word: str) -> list[list[str]]:
        entries = [line.split() for line in self.diary.read_text().splitlines()]
        return [entry for entry in entries if entry[1] == word]

    def pids(self, name: str) -> list[int]:
        return [int(entry[-1]) for entry in self.lines("starts") if entry[0] == name]

    async def started(self, name: str, times: int = 1) -> int:
        await until(lambda: len(self.pids(name)) >= times)
        return self.pids(name)[times - 1]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@contextlib.asynccontextmanager
async def running(house: House, *tiers: Tier) -> AsyncIterator[asyncio.Task[None]]:
    run = asyncio.create_task(house.supervisor.run(tiers))
    try:
        yield run
    finally:
        house.supervisor.stop()
        with contextlib.suppress(Misconfigured):
            await asyncio.wait_for(run, 20)


async def test_tiers_start_in_order_and_end_in_the_reverse_order(house: House) -> None:
    async def redis_is_there() -> None:
        await house.started("redis")

    async def workers_are_there() -> None:
        await house.started("worker")
        await house.started("render")

    tiers = [
        Tier([house.child("redis")], redis_is_there),
        Tier([house.child("worker"), house.child("render")], workers_are_there),
        Tier([house.child("web")]),
    ]
    async with running(house, *tiers):
        await house.started("web")
    starting = [entry[0] for entry in house.lines("starts")]
    assert starting[0] == "redis"
    assert starting[-1] == "web"
    leaving = [entry[0] for entry in house.lines("leaves")]
    assert leaving[0] == "web"
    assert set(leaving[1:3]) == {"worker", "render"}
    assert leaving[3] == "redis"


@pytest.mark.parametrize("name", ["web", "worker"])
async def test_a_killed_child_starts_again_within_a_second(house: House, name: str) -> None:
    async with running(house, Tier([house.child("web"), house.child("worker")])):
        first = await house.started(name)
        os.kill(first, signal.SIGKILL)
        async with asyncio.timeout(1.0):
            second = await house.started(name, times=2)
        assert psutil.pid_exists(second)


async def test_a_child_that_always_crashes_is_started_ever_again_and_ever_slower(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trailerflow.running.child.LAST_DELAY_SECONDS", 0.1)
    async with running(house, Tier([house.child("web", "crashing")])):
        await house.started("web", times=6)


async def test_a_child_whose_program_is_missing_takes_nobody_down(house: House) -> None:
    missing = Child("lost", (str(house.folder / "no such program"),), {})
    async with running(house, Tier([missing, house.child("web")])) as run:
        await house.started("web")
        assert not run.done()


async def test_a_dead_worker_is_buried_and_a_drained_one_is_not(house: House) -> None:
    async with running(house, Tier([house.child("worker", holds_leases=True), house.child("web")])):
        first = await house.started("worker")
        os.kill(await house.started("web"), signal.SIGKILL)
        os.kill(first, signal.SIGKILL)
        await house.started("worker", times=2)
        await house.started("web", times=2)
    assert house.buried == [first]
    assert json.loads((house.folder / "children.json").read_text()) == {}


@pytest.mark.parametrize("way", ["raises", "hangs"])
async def test_a_burial_that_fails_is_logged_and_takes_nobody_down(
    house: House, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def failing(_: int) -> None:
        if way == "hangs":
            await asyncio.Event().wait()
        raise RuntimeError("the database is away")

    house.supervisor = Supervisor(bury=failing, roster=Roster(house.folder / "children.json"), bury_seconds=0.1)
    async with running(house, Tier([house.child("worker", holds_leases=True)])) as run:
        os.kill(await house.started("worker"), signal.SIGKILL)
        await house.started("worker", times=2)
        await until(lambda: "could not be freed" in caplog.text)
        assert not run.done()


async def test_the_workers_of_a_killed_supervisor_are_buried_by_the_next(house: House) -> None:
    (house.folder / "children.json").write_text('{"4194000": "worker", "4194001": "render-1"}')
    async with running(house, Tier([], house.supervisor.bury_left_over), Tier([house.child("web")])):
        await house.started("web")
    assert house.buried == [4194000, 4194001]


async def test_a_child_deaf_to_sigterm_is_killed_and_buried_when_its_grace_is_over(house: House) -> None:
    async with running(house, Tier([house.child("worker", "stubborn", holds_leases=True, grace=0.2)])):
        pid = await house.started("worker")
    assert not psutil.pid_exists(pid)
    assert house.buried == [pid]


async def test_a_second_signal_ends_everything_at_once(house: House) -> None:
    async with running(house, Tier([house.child("worker", "stubborn", grace=60)])) as run:
        pid = await house.started("worker")
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.wait_for(run, 5)
    assert not psutil.pid_exists(pid)


async def test_what_a_killed_child_had_started_dies_with_it(house: House) -> None:
    async with running(house, Tier([house.child("render", "parent")])):
        first = await house.started("render")
        grandchild = int(house.lines("bears")[0][2])
        os.kill(first, signal.SIGKILL)
        await house.started("render", times=2)
        await until(lambda: not alive(grandchild))


async def test_a_tier_that_cannot_open_ends_the_others_and_raises(house: House) -> None:
    async def refuse() -> None:
        await house.started("redis")
        raise Misconfigured("misconfigured", "no schema")

    run = house.supervisor.run([Tier([house.child("redis")], refuse), Tier([house.child("web")])])
    with pytest.raises(Misconfigured, match="no schema"):
        await run
    assert not alive(house.pids("redis")[0])
    assert house.pids("web") == []


async def test_stopping_does_not_wait_for_a_tier_to_open(house: House) -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async with running(house, Tier([house.child("redis")], never)):
        pid = await house.started("redis")
    assert not alive(pid)


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ties children to their parent on Linux only")
async def test_children_die_with_a_killed_supervisor(house: House) -> None:
    program = """
import asyncio, pathlib, sys
from trailerflow.running.child import Child
from trailerflow.running.supervisor import Roster, Supervisor, Tier
async def bury(pid): ...
child = Child("web", tuple(sys.argv[2:]), {}, 5.0)
asyncio.run(Supervisor(bury=bury, roster=Roster(pathlib.Path(sys.argv[1]))).run([Tier([child])]))
"""
    arguments = [str(house.folder / "children.json"), *house.child("web", "stubborn").command]
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, *arguments)
    child = await house.started("web")
    process.kill()
    await process.wait()
    await until(lambda: not alive(child))


def test_the_tie_refuses_when_the_parent_is_gone_already() -> None:
    command = tether.command()
    command[-1] = "1"
    assert subprocess.run([*command, "true"], check=False).returncode == 1


def test_only_one_supervisor_holds_a_data_folder(tmp_path: Path) -> None:
    with supervisor.locked(tmp_path):
        match = f"in use by another .* \\(pid {os.getpid()}\\)"
        with pytest.raises(Misconfigured, match=match) as refused, supervisor.locked(tmp_path):
            pass
        assert "--data" in refused.value.remedy
    with supervisor.locked(tmp_path):
        pass


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    with pytest.raises(Misconfigured, match="data cannot be used"), supervisor.locked(tmp_path / "data"):
        pass
