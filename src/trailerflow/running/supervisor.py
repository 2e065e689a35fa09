"""The supervisor: starts the processes of a service tier by tier, keeps them alive, ends them in the reverse order.

`up.py` gives it the real tiers, tests give it small stand-ins. It must never give up restarting, never die of a
callback's failure, and never return before every process it started is gone.
"""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trailerflow.errors import Misconfigured
from trailerflow.running.child import Child, Ended, Keeper

BURY_SECONDS = 15.0
SIGNALS = [signal.SIGTERM, signal.SIGINT]
if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # `nohup` means to outlive the terminal
    SIGNALS.append(signal.SIGHUP)

log = logging.getLogger("trailerflow.up")


@dataclass(frozen=True, slots=True)
class Tier:
    """Processes that start together and end together. The next tier starts when `opened` has returned."""

    children: Sequence[Child] = ()
    opened: Callable[[], Awaitable[None]] | None = None


@dataclass(slots=True)
class Roster:
    """The file that names the children alive, so that the next `up` can bury those of one that was killed."""

    path: Path
    pids: dict[int, str] = field(default_factory=dict)

    def left_over(self) -> list[int]:
        """Return the pids that an earlier supervisor did not strike out."""
        try:
            return [int(pid) for pid in json.loads(self.path.read_text())]
        except FileNotFoundError:
            return []
        except (OSError, ValueError) as error:
            log.warning("cannot read %s: %s", self.path, error)
            return []

    def enter(self, child: Child, pid: int) -> None:
        """Note a process that has started."""
        self.pids[pid] = child.name
        self._write()

    def strike(self, pid: int) -> None:
        """Note that a process is gone."""
        self.pids.pop(pid, None)
        self._write()

    def _write(self) -> None:
        draft = self.path.with_suffix(".part")
        try:
            draft.write_text(json.dumps(self.pids))
            draft.replace(self.path)
        except OSError as error:  # a full disk must not take the service down
            log.warning("cannot write %s: %s", self.path, error)


class Supervisor:
    """Runs tiers of children until a signal or `stop`."""

    def __init__(
        self,
        *,
        bury: Callable[[int], Awaitable[None]],
        roster: Roster,
        bury_seconds: float = BURY_SECONDS,
    ) -> None:
        self._bury = bury
        self._bury_seconds = bury_seconds
        self._roster = roster
        self._stop = asyncio.Event()
        self._open: list[dict[Keeper, asyncio.Task[None]]] = []
        self._burials: set[asyncio.Task[None]] = set()

    async def run(self, tiers: Sequence[Tier]) -> None:
        """Start every tier, wait for a signal, end every tier. Raises what opening a tier raised."""
        with self._signals():
            try:
                await self._open_until_stopped(tiers)
            finally:
                await self._close_all()

    def stop(self) -> None:
        """End every process in order; a second call ends them at once."""
        if self._stop.is_set():
            for keeper in [keeper for keepers in self._open for keeper in keepers]:
                keeper.hurry()
        self._stop.set()

    async def bury_left_over(self) -> None:
        """Free what the workers of an earlier, killed supervisor held."""
        await asyncio.gather(*[self._bury_safely(pid) for pid in self._roster.left_over()])

    async def _bury_safely(self, pid: int) -> None:
        try:
            async with asyncio.timeout(self._bury_seconds):
                await self._bury(pid)
        except Exception:
            log.exception("what pid %d held could not be freed; its leases end by themselves", pid)

    async def _open_until_stopped(self, tiers: Sequence[Tier]) -> None:
        stopped = asyncio.ensure_future(self._stop.wait())
        opening = asyncio.ensure_future(self._open_all(tiers))
        try:
            await asyncio.wait({stopped, opening}, return_when=asyncio.FIRST_COMPLETED)
            if opening.done():
                opening.result()
                await stopped
        finally:
            opening.cancel()
            stopped.cancel()
            await asyncio.gather(opening, stopped, return_exceptions=True)

    async def _open_all(self, tiers: Sequence[Tier]) -> None:
        for tier in tiers:
            keepers = [Keeper(child, on_started=self._started, on_ended=self._ended) for child in tier.children]
            self._open.append({keeper: asyncio.create_task(keeper.keep()) for keeper in keepers})
            if tier.opened is not None:
                await tier.opened()

    async def _close_all(self) -> None:
        while self._open:
            keepers = self._open[-1]
            for keeper in keepers:
                keeper.stop()
            await asyncio.gather(*keepers.values())
            await asyncio.gather(*self._burials)
            self._open.pop()

    def _started(self, child: Child, pid: int) -> None:
        if child.holds_leases:
            self._roster.enter(child, pid)

    def _ended(self, ended: Ended) -> None:
        if not ended.child.holds_leases:
            return
        if ended.drained and ended.code == 0:  # it gave everything back itself
            self._roster.strike(ended.pid)
            return
        burial = asyncio.create_task(self._bury_and_strike(ended.pid))
        self._burials.add(burial)
        burial.add_done_callback(self._burials.discard)

    async def _bury_and_strike(self, pid: int) -> None:
        await self._bury_safely(pid)
        self._roster.strike(pid)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the data folder for one supervisor alone. Raises `Misconfigured` when another has it."""
    remedy = "choose another folder with --data or TRAILERFLOW_DATA"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        message = f"the data folder {folder} cannot be used: {error.strerror}"
        raise Misconfigured("misconfigured", message, remedy=remedy) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            message = f"the data folder {folder} is in use by another `trailerflow up` (pid {holder})"
            raise Misconfigured("misconfigured", message, remedy=f"stop that one, or {remedy}") from error
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
