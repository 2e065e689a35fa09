"""The render farm's hand: one worker process claims tasks until none is left and does them in a thread.

Called by arq's render job. The work itself comes from outside (`Work`), so that this room knows no film. The thread
goes from one task to the next by itself; what fails comes back to the event loop, which has the patience to record it.
It hears of a cancel, a lost lease or a leaving worker at its next tick, between two frames.
"""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from trailerflow.engine import memory
from trailerflow.engine.bell import Bell
from trailerflow.engine.claims import Ring
from trailerflow.engine.failures import task_failure_of
from trailerflow.engine.leases import Keeper, Lease
from trailerflow.engine.loops import Loop
from trailerflow.engine.products import NewFile
from trailerflow.engine.station import GiveUp, Station
from trailerflow.engine.storage import Storage
from trailerflow.engine.tables import Json, Task
from trailerflow.engine.task_claims import TaskClaim, TaskClaims
from trailerflow.errors import TrailerflowError

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
LONG_SECONDS = 0.5
"""Work that took longer may have needed much memory."""
LAST_SECONDS = 10.0
"""So long may the thread of a cancelled job take to end."""
STUCK_SECONDS = 900.0
"""So long may work give no sign before its process ends itself: a thread cannot be ended otherwise."""
EXIT_STUCK = 75

Work = Callable[[TaskClaim, Station], Json]
"""Does one task: what is to do, where → product. Runs in a thread."""


class Done(NamedTuple):
    """What became of a task: its product and files, whether they are recorded, and the task taken with that."""

    product: Json
    files: list[NewFile]
    is_recorded: bool
    following: TaskClaim | None


class Held(NamedTuple):
    """A task in work. Each has a `stop` of its own: one that is told late stops nothing else."""

    claim: TaskClaim
    stop: threading.Event
    lease: Lease


class Ended(NamedTuple):
    """How the thread came back: with the last task it did, or what that raised."""

    held: Held
    done: Done | None = None
    error: BaseException | None = None


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
        self._held: Held | None = None
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
            if claim is not None:
                await self._ring.render(1)
            while claim is not None:
                claim = await self._do(claim)
        finally:
            self._idle.set()

    async def _next(self) -> TaskClaim | None:
        return await self._task_claims.claim_here(self._keeper.worker_id, self._kinds)

    async def heard(self, message: dict[str, Any]) -> None:
        """Look again when the run of the task in work has moved; `message` comes from the channel of moves."""
        held = self._held
        if held is not None and message.get("project", held.claim.project_id) == held.claim.project_id:
            self.watch.wake()

    async def look(self) -> None:
        """Look once whether the task in work is still wanted and gets on."""
        held = self._held
        if held is None:
            return
        if not await self._task_claims.is_held(held.claim):
            held.stop.set()
        elif time.monotonic() - self._sign_at > STUCK_SECONDS:
            claim = held.claim
            log.critical("task %s of project %s is stuck: this worker ends itself", claim.name, claim.project_id)
            os._exit(EXIT_STUCK)

    async def leave(self) -> None:
        """Take nothing new, hand back what is in work, return when it is."""
        self._stop_all()
        await self._idle.wait()

    def _stop_all(self) -> None:
        self._leaving = True
        if (held := self._held) is not None:
            held.stop.set()

    async def _do(self, claim: TaskClaim) -> TaskClaim | None:
        """Do a task and those that follow it, settle the last; return the next one."""
        try:
            return await self._settle(await self._ended(claim))
        finally:
            self._let_go()

    async def _ended(self, claim: TaskClaim) -> Ended:
        """Have a thread do tasks; cancelled, wait for the thread all the same.

        It may be recording, on a connection of its own, and would claim a task that nobody does any more.
        """
        loop = asyncio.get_running_loop()
        working = asyncio.ensure_future(asyncio.to_thread(self._work_off_in_thread, claim, loop))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            self._stop_all()
            ended, _ = await asyncio.wait([working], timeout=LAST_SECONDS)
            for end in ended:
                end.exception()  # looked at, so that nobody is warned of it
            raise

    async def _settle(self, ended: Ended) -> TaskClaim | None:
        """Record what the thread has not recorded; return the next task unless there is none."""
        claim, done, error = ended.held.claim, ended.done, ended.error
        if done is not None and done.is_recorded:
            self._task_claims.tell_of(claim)
            return None
        if done is not None:
            await self._task_claims.finish(claim, done.product, done.files)
        elif isinstance(error, GiveUp):
            await self._task_claims.hand_back(claim)
        elif isinstance(error, TrailerflowError):
            log.warning("task %s of project %s failed: %s", claim.name, claim.project_id, error.message)
            await self._task_claims.fail(claim, task_failure_of(error, claim.name))
        elif isinstance(error, Exception):
            log.error("task %s of project %s broke", claim.name, claim.project_id, exc_info=error)
            await self._task_claims.fail(claim, task_failure_of(error, claim.name))
        elif error is not None:
            raise error
        return None if self._leaving else await self._next()

    def _work_off_in_thread(self, claim: TaskClaim, loop: asyncio.AbstractEventLoop) -> Ended:
        while True:
            held = self._hold(claim)
            try:
                done = self._work_in_thread(held, loop)
            except BaseException as error:  # noqa: BLE001 - it is for the loop, which settles the task
                return Ended(held, error=error)
            if done.following is None:
                return Ended(held, done)
            loop.call_soon_threadsafe(self._task_claims.tell_of, claim, done.following)
            self._let_go()
            claim = done.following

    def _hold(self, claim: TaskClaim) -> Held:
        """Begin to keep a task's lease, stopped already when the worker is leaving."""
        stop = threading.Event()
        held = Held(claim, stop, Lease(Task, claim.task_id, claim.epoch, stop.set))
        self._held, self._sign_at = held, time.monotonic()
        if self._leaving:  # looked at after the task is in sight of who says so
            stop.set()
        self._keeper.hold(held.lease)
        return held

    def _let_go(self) -> None:
        if (held := self._held) is not None:
            self._held = None
            self._keeper.drop(held.lease)

    def _work_in_thread(self, held: Held, loop: asyncio.AbstractEventLoop) -> Done:
        claim = held.claim

        def ticked(done: float) -> None:
            self._sign_at = time.monotonic()
            tick = {"step": claim.name, "run_id": claim.run_id, "done": round(done, 3)}
            loop.call_soon_threadsafe(partial(self._bell.ring, claim.project_id, tick=tick))

        with Station(storage=self._storage, stop=held.stop, ticked=ticked, received=claim.received) as station:
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
