"""The render farm's hand: one worker process claims tasks until none is left and does each in a thread.

Called by arq's render job. The work itself comes from outside (`Work`), so that this room knows no film. The thread
hears of a cancel, a lost lease or a leaving worker at its next tick, between two frames.
"""

import asyncio
import logging
import os
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

from sqlalchemy.exc import SQLAlchemyError

from trailerflow.engine import memory
from trailerflow.engine.bell import Bell
from trailerflow.engine.claims import Ring
from trailerflow.engine.failures import task_failure_of
from trailerflow.engine.leases import Keeper, Lease
from trailerflow.engine.loops import Loop
from trailerflow.engine.products import NewFile
from trailerflow.engine.storage import Storage
from trailerflow.engine.tables import Json, Task
from trailerflow.engine.task_claims import TaskClaim, TaskClaims
from trailerflow.errors import TrailerflowError

log = logging.getLogger(__name__)

TICK_SECONDS = 0.25
LOOK_SECONDS = 1.0
LONG_SECONDS = 0.5
"""Work that took longer may have needed much memory."""
LAST_SECONDS = 10.0
"""So long may the thread of a cancelled job take to end."""
STUCK_SECONDS = 900.0
"""So long may work give no sign before its process ends itself: a thread cannot be ended otherwise."""
EXIT_STUCK = 75

Ticked = Callable[[float], None]


class GiveUp(BaseException):
    """The worker must let go of its task now. Not an `Exception`, so that no skill swallows it."""


class Station:
    """Where a task is worked on: a scratch folder, the storage, and the tick that may end the work.

    `received` are the files a provider handed in for it. The folder is gone at the end of a `with` block.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        stop: threading.Event,
        ticked: Ticked,
        received: tuple[NewFile, ...] = (),
    ) -> None:
        self.received = received
        self.files: list[NewFile] = []
        self._storage = storage
        self._stop = stop
        self._ticked = ticked
        self._last_tick = 0.0
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        """Begin to work here."""
        return self

    def __exit__(self, *error: object) -> None:
        """Leave nothing behind."""
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def folder(self) -> Path:
        """Return the scratch folder, made when it is first asked for."""
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="trailerflow-")
        return Path(self._scratch.name)

    def path(self, sha256: str) -> Path:
        """Return a readable path of a stored file."""
        return self._storage.path(sha256)

    def store(self, path: Path, name: str, media_type: str) -> NewFile:
        """Store a finished file; it belongs to the task's product."""
        stored = self._storage.put(path)
        file = NewFile(name, stored.sha256, media_type, stored.bytes)
        self.files.append(file)
        return file

    def tick(self, done: float) -> None:
        """Report the share done (0..1), at most four times a second. Raises `GiveUp` when the work must end."""
        if self._stop.is_set():
            raise GiveUp
        if time.monotonic() - self._last_tick >= TICK_SECONDS:
            self._last_tick = time.monotonic()
            self._ticked(done)


Work = Callable[[TaskClaim, Station], Json]
"""Does one task: what is to do, where → product. Runs in a thread."""


class Done(NamedTuple):
    """What became of a task: its product and files, whether they are recorded, and the task taken with that."""

    product: Json
    files: list[NewFile]
    is_recorded: bool
    following: TaskClaim | None


class Farm:
    """One render worker."""

    def __init__(
        self,
        *,
        task_claims: TaskClaims,
        keeper: Keeper,
        storage: Storage,
        bell: Bell,
        work: Work,
        kinds: Collection[str],
        ring: Ring,
    ) -> None:
        self._task_claims = task_claims
        self._keeper = keeper
        self._storage = storage
        self._bell = bell
        self._work = work
        self._kinds = kinds
        self._ring = ring
        self._claim: TaskClaim | None = None
        self._stop = threading.Event()
        self._sign_at = 0.0
        self._idle = asyncio.Event()
        self._idle.set()
        self._leaving = False
        self.watch = Loop("farm", self.look, seconds=LOOK_SECONDS)

    async def work_off(self) -> None:
        """Claim and do tasks until none is left or the worker leaves; where there is one, another may find more."""
        self._idle.clear()
        try:
            claim = None if self._leaving else await self._next()
            following = None if claim is None else await self._do(claim)
            if following is not None:  # not before the first is done: then everybody is busy beginning
                await self._ring.render(1)
            while following is not None:
                following = await self._do(following)
        finally:
            self._idle.set()

    async def _next(self) -> TaskClaim | None:
        return await self._task_claims.claim_here(self._keeper.worker_id, self._kinds)

    async def heard(self, message: dict[str, Any]) -> None:
        """Look again when the run of the task in work has moved; `message` comes from the channel of moves."""
        claim = self._claim
        if claim is not None and message.get("project", claim.project_id) == claim.project_id:
            self.watch.wake()

    async def look(self) -> None:
        """Look once whether the task in work is still wanted and gets on."""
        claim, stop = self._claim, self._stop
        if claim is None:
            return
        if not await self._task_claims.is_held(claim):
            stop.set()
        elif time.monotonic() - self._sign_at > STUCK_SECONDS:
            log.critical("task %s of project %s is stuck: this worker ends itself", claim.name, claim.project_id)
            os._exit(EXIT_STUCK)

    async def leave(self) -> None:
        """Take nothing new, hand back what is in work, return when it is."""
        self._leaving = True
        self._stop.set()
        await self._idle.wait()

    async def _do(self, claim: TaskClaim) -> TaskClaim | None:
        """Do a task and settle it; return the next one."""
        stop = self._stop = threading.Event()  # each task has its own: one that is told late stops nothing else
        self._claim, self._sign_at = claim, time.monotonic()
        if self._leaving:
            stop.set()
        lease = Lease(Task, claim.task_id, claim.epoch, stop.set)
        self._keeper.hold(lease)
        try:
            done = await self._done(claim, stop)
        except GiveUp:
            await self._task_claims.hand_back(claim)
        except TrailerflowError as error:
            log.warning("task %s of project %s failed: %s", claim.name, claim.project_id, error.message)
            await self._task_claims.fail(claim, task_failure_of(error, claim.name))
        except Exception as error:
            log.exception("task %s of project %s broke", claim.name, claim.project_id)
            await self._task_claims.fail(claim, task_failure_of(error, claim.name))
        else:
            if done.is_recorded:
                self._task_claims.tell_of(claim, done.following)
                return done.following
            await self._task_claims.finish(claim, done.product, done.files)
        finally:
            self._claim = None
            self._keeper.drop(lease)
        return None if self._leaving else await self._next()

    async def _done(self, claim: TaskClaim, stop: threading.Event) -> Done:
        """Have a task done in a thread; cancelled, wait for the thread all the same.

        It may be recording, on a connection of its own, and would claim a task that nobody does any more.
        """
        loop = asyncio.get_running_loop()
        working = asyncio.ensure_future(asyncio.to_thread(self._work_in_thread, claim, stop, loop))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            self._leaving = True
            stop.set()
            ended, _ = await asyncio.wait([working], timeout=LAST_SECONDS)
            for end in ended:
                end.exception()  # looked at, so that nobody is warned of it
            raise

    def _work_in_thread(self, claim: TaskClaim, stop: threading.Event, loop: asyncio.AbstractEventLoop) -> Done:
        def ticked(done: float) -> None:
            self._sign_at = time.monotonic()
            tick = {"step": claim.name, "run_id": claim.run_id, "done": round(done, 3)}
            loop.call_soon_threadsafe(partial(self._bell.ring, claim.project_id, tick=tick))

        with Station(storage=self._storage, stop=stop, ticked=ticked, received=claim.received) as station:
            began = time.monotonic()
            try:
                product = self._work(claim, station)
            finally:
                if time.monotonic() - began > LONG_SECONDS:
                    memory.give_back()
        return self._recorded(claim, product, station.files)

    def _recorded(self, claim: TaskClaim, product: Json, files: list[NewFile]) -> Done:
        """Record a product and take the next task, here and at once; what fails is left to the loop's patience."""
        if self._leaving:
            return Done(product, files, is_recorded=False, following=None)
        owner, kinds = self._keeper.worker_id, self._kinds
        try:
            _, following = self._task_claims.finish_and_claim(claim, product, files, owner, kinds)
        except SQLAlchemyError as error:
            log.warning("task %s of project %s is recorded later: %s", claim.name, claim.project_id, error)
            return Done(product, files, is_recorded=False, following=None)
        return Done(product, files, is_recorded=True, following=following)
