"""The courier: takes tasks to a provider outside, as many at once as the provider allows. One in each orchestrator.

It claims tasks, sends an errand with each, and keeps to the provider's slots and rates, which all couriers share.
"""

import asyncio
import logging

from trailerflow.engine.errand import Errand, Office
from trailerflow.engine.leases import Keeper, Lease
from trailerflow.engine.loops import Loop
from trailerflow.engine.tables import Task
from trailerflow.engine.task_claims import TaskClaim

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Courier:
    """All of one process's errands to one provider."""

    def __init__(self, *, office: Office, keeper: Keeper) -> None:
        self._office = office
        self._keeper = keeper
        self._errands: dict[asyncio.Task[None], Errand] = {}
        self._closed_until = 0.0
        self._leaving = False
        self._looking = asyncio.Lock()
        self.watch = Loop("courier", self.look, seconds=LOOK_SECONDS)

    def heard(self) -> None:
        """Look again: tasks may have changed."""
        self.watch.wake()

    async def look(self) -> None:
        """Make one pass: go on with errands that were begun, begin new ones while slots and rates allow."""
        async with self._looking:
            while not self._leaving and (claim := await self._next()) is not None:
                if self._leaving:
                    await self._office.task_claims.hand_back(claim)
                else:
                    self._send(claim)

    async def leave(self) -> None:
        """Take nothing new; hand every task back at its errand's next rest, its job goes on at the provider."""
        self._leaving = True
        for errand in self._errands.values():
            errand.leaving = True
            errand.look.set()
        async with self._looking:  # a claim under way is handed back
            pass
        if self._errands:
            await asyncio.wait(list(self._errands))

    async def _next(self) -> TaskClaim | None:
        task_claims, provider, owner = self._office.task_claims, self._office.provider, self._keeper.worker_id
        begun = await task_claims.claim_at(provider.name, owner, provider.concurrency, begun=True)
        if begun is not None:
            return begun
        clock = asyncio.get_running_loop().time
        if clock() < self._closed_until or len(self._errands) >= provider.concurrency:
            return None
        claim = await task_claims.claim_at(provider.name, owner, provider.concurrency, begun=False)
        if claim is None:
            return None
        wait = await self._office.rates.try_turn(provider.account, provider.per_minute)
        if wait > 0:
            self._closed_until = clock() + wait
            await task_claims.hand_back(claim)
            return None
        return claim

    def _send(self, claim: TaskClaim) -> None:
        errand = Errand(self._office, claim)
        errand.leaving = self._leaving
        running = asyncio.create_task(self._hold(claim, errand), name=f"errand-{claim.task_id}")
        self._errands[running] = errand
        running.add_done_callback(self._back)

    def _back(self, running: asyncio.Task[None]) -> None:
        del self._errands[running]
        if not running.cancelled() and (error := running.exception()) is not None:
            log.error("%s broke off", running.get_name(), exc_info=error)
        self.watch.wake()

    async def _hold(self, claim: TaskClaim, errand: Errand) -> None:
        """Run an errand under its lease; once that is lost the errand notices at its next look."""
        loop = asyncio.get_running_loop()

        def lost() -> None:
            loop.call_soon_threadsafe(errand.look.set)

        lease = Lease(Task, claim.task_id, claim.epoch, lost)
        self._keeper.hold(lease)
        try:
            await errand.run()
        finally:
            self._keeper.drop(lease)
