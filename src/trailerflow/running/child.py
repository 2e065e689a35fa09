"""A process of the service, and the keeper who starts it again whenever it dies.

The supervisor makes one `Keeper` for each `Child`. A keeper knows processes only: nothing of Redis, runs or leases.
It must never give up, and never leave a process behind once `keep` has returned.
"""

import asyncio
import contextlib
import logging
import os
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from trailerflow.running import tether

FIRST_DELAY_SECONDS = 0.05
LAST_DELAY_SECONDS = 2.0
STANDARD_ERROR = 2  # standard output belongs to the ready line alone
SETTLED_SECONDS = 5.0  # who lived this long starts again without waiting
BY_HAND = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT}  # not its own fault: no reason to wait

log = logging.getLogger("trailerflow.up")


@dataclass(frozen=True, slots=True)
class Child:
    """What to start, with which environment, and how long it may take to end."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    grace_seconds: float = 10.0
    holds_leases: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A child's process is gone. `drained` says that it ended in good order because it was asked to."""

    child: Child
    pid: int
    code: int
    drained: bool

    @property
    def how(self) -> str:
        """Return how it ended, in words."""
        return f"was ended by signal {-self.code}" if self.code < 0 else f"ended with code {self.code}"


class Keeper:
    """Keeps one child alive until told to stop."""

    def __init__(
        self,
        child: Child,
        *,
        on_started: Callable[[Child, int], None],
        on_ended: Callable[[Ended], None],
    ) -> None:
        self.child = child
        self._on_started = on_started
        self._on_ended = on_ended
        self._stop = asyncio.Event()
        self._hurry = asyncio.Event()

    async def keep(self) -> None:
        """Start the child, and start it again whenever it ends, until `stop`."""
        clock = asyncio.get_running_loop().time
        delay_seconds = FIRST_DELAY_SECONDS
        while not self._stop.is_set():
            began = clock()
            died_by_hand = await self._live() in BY_HAND
            if self._stop.is_set():
                return
            if died_by_hand or clock() - began >= SETTLED_SECONDS:
                delay_seconds = FIRST_DELAY_SECONDS
            log.warning("%s starts again in %.2f s", self.child.name, delay_seconds)
            await _first(self._stop.wait(), timeout_seconds=delay_seconds)
            delay_seconds = min(delay_seconds * 2, LAST_DELAY_SECONDS)

    def stop(self) -> None:
        """Ask the child to end; it is killed when its grace is over."""
        self._stop.set()

    def hurry(self) -> None:
        """End the child at once."""
        self._stop.set()
        self._hurry.set()

    async def _live(self) -> int | None:
        """See one process of the child through, from its start to its end; return its exit code."""
        try:
            process = await self._start()
        except OSError as error:
            log.error("%s does not start: %s", self.child.name, error)  # noqa: TRY400 - the path says it all
            return None
        self._on_started(self.child, process.pid)
        try:
            await _first(process.wait(), self._stop.wait())
            asked = process.returncode is None
            if asked:
                await self._end(process)
        finally:
            # What the child itself had started dies with it; its process group is its own.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            code = await process.wait()
        ended = Ended(self.child, process.pid, code, drained=asked and code in (0, -signal.SIGTERM))
        log.log(
            logging.INFO if ended.drained else logging.WARNING, "%s (pid %d) %s", self.child.name, ended.pid, ended.how
        )
        self._on_ended(ended)
        return code

    async def _start(self) -> Process:
        # A group of its own: Ctrl-C in the terminal reaches the supervisor only, which ends everything in order.
        return await asyncio.create_subprocess_exec(
            *tether.command(),
            *self.child.command,
            env=self.child.environment,
            stdin=DEVNULL,
            stdout=STANDARD_ERROR,
            process_group=0,
        )

    async def _end(self, process: Process) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await _first(process.wait(), self._hurry.wait(), timeout_seconds=self.child.grace_seconds)
        if process.returncode is None:
            log.warning("%s (pid %d) did not end in its grace and is killed", self.child.name, process.pid)
            with contextlib.suppress(ProcessLookupError):
                process.kill()


async def _first(*waits: Coroutine[Any, Any, object], timeout_seconds: float | None = None) -> None:
    """Wait until one of these is over, or the time is."""
    tasks = {asyncio.ensure_future(wait) for wait in waits}
    try:
        await asyncio.wait(tasks, timeout=timeout_seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
