"""The render farm: one worker process claims tasks until none is left, and its hand does them in a thread.

Called by arq's render job. The work itself comes from outside (`Work`), so that this room knows no film. What the hand
cannot settle by itself comes back to the event loop, which has the patience to record it. The hand hears of a cancel, a
lost lease or a leaving worker at its next tick, between two frames.
"""

import asyncio
import logging
import os
import time
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from trailerflow.engine.bell import Bell
from trailerflow.engine.claims import Ring
from trailerflow.engine.failures import task_failure_of
from trailerflow.engine.hand import Aside, Ended, Hand, Work
from trailerflow.engine.leases import Keeper
from trailerflow.engine.loops import Loop
from trailerflow.engine.station import GiveUp
from trailerflow.engine.storage import Storage
from trailerflow.engine.task_claims import Ask, TaskClaim, TaskClaims
from trailerflow.errors import TrailerflowError

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
AGAIN_SECONDS = 0.1
"""Until an idle worker looks again for what is set aside for another."""
LAST_SECONDS = 10.0
"""So long may the thread of a cancelled job take to end."""
STUCK_SECONDS = 900.0
"""So long may work give no sign before its process ends itself: a thread cannot be ended otherwise."""
EXIT_STUCK = 75

Begun = tuple[TaskClaim, Aside]
"""What a hand is given to do, and what was set aside for the time after it."""


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
        self._worker_id = keeper.worker_id
        self._kinds = kinds
        self._ring = ring
        self.hand = Hand(task_claims=task_claims, keeper=keeper, storage=storage, bell=bell, work=work, kinds=kinds)
        self._leaving = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.watch = Loop("farm", self.look, seconds=LOOK_SECONDS)

    async def work_off(self) -> None:
        """Claim and do tasks until none is left or the worker leaves; where there is one, another may find more."""
        self._idle.clear()
        try:
            begun = await self._next()
            if begun is not None:
                await self._ring.pass_on()
            while begun is not None:
                begun = await self._do(*begun)
        finally:
            self._idle.set()

    async def _next(self) -> Begun | None:
        """Claim the next task; wait for one that is set aside for another worker, who may not come for it."""
        while not self.hand.is_leaving:
            asked_at = time.monotonic()
            claim, aside = await self._task_claims.claim_here(self._worker_id, self._kinds, Ask())
            if claim is not None:
                return claim, Aside(aside, asked_at)
            if not await self._task_claims.leaves_aside(self._kinds):
                return None
            with suppress(TimeoutError):
                async with asyncio.timeout(AGAIN_SECONDS):
                    await self._leaving.wait()
        return None

    async def heard(self, message: dict[str, Any]) -> None:
        """Look again when the run of the task in work has moved; `message` comes from the channel of moves."""
        self.hand.hesitate()
        held = self.hand.held
        if held is not None and message.get("project", held.claim.project_id) == held.claim.project_id:
            self.watch.wake()

    async def look(self) -> None:
        """Look once whether the task in work is still wanted and gets on."""
        held = self.hand.held
        if held is None:
            return
        if not await self._task_claims.is_held(held.claim):
            held.stop.set()
        elif time.monotonic() - self.hand.sign_at > STUCK_SECONDS:
            claim = held.claim
            log.critical("task %s of project %s is stuck: this worker ends itself", claim.name, claim.project_id)
            os._exit(EXIT_STUCK)

    async def leave(self) -> None:
        """Take nothing new, hand back what is in work, return when it is."""
        self.hand.leave()
        self._leaving.set()
        await self._idle.wait()

    async def _do(self, claim: TaskClaim, aside: Aside) -> Begun | None:
        """Do a task and those that follow it, settle the last; return the next one."""
        try:
            return await self._settle(await self._ended(claim, aside))
        finally:
            self.hand.let_go()

    async def _ended(self, claim: TaskClaim, aside: Aside) -> Ended:
        """Have the hand do tasks; cancelled, wait for its thread all the same.

        It may be recording, on a connection of its own, and would claim a task that nobody does any more.
        """
        loop = asyncio.get_running_loop()
        working = asyncio.ensure_future(asyncio.to_thread(self.hand.work_off, claim, aside, loop))
        try:
            return await asyncio.shield(working)
        except asyncio.CancelledError:
            self.hand.leave()
            ended, _ = await asyncio.wait([working], timeout=LAST_SECONDS)
            for end in ended:
                end.exception()  # looked at, so that nobody is warned of it
            raise

    async def _settle(self, ended: Ended) -> Begun | None:
        """Record what the hand has not recorded; return the next task unless there is none."""
        claim, error = ended.held.claim, ended.error
        if ended.is_recorded:
            return await self._next()
        if ended.made is not None:
            if error is not None:
                log.warning("task %s of project %s is recorded later: %s", claim.name, claim.project_id, error)
            await self._task_claims.finish(claim, ended.made)
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
        return await self._next()
