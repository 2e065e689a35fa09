"""The orchestrator's worker: claims runs and takes their turns, several at once. Called by arq's turn job.

It holds the lease while a turn goes on, wakes the turn when its project changes, and settles how the turn ended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from trailerflow.engine import backoff
from trailerflow.engine.claims import Claim, Claims, Ring
from trailerflow.engine.leases import Keeper, Lease
from trailerflow.engine.ledger import Fence, FencedError
from trailerflow.engine.results import Results
from trailerflow.engine.steps import Turn
from trailerflow.engine.tables import Run
from trailerflow.engine.tasks import Tasks
from trailerflow.engine.waits import Halt

log = logging.getLogger(__name__)

Story = Callable[[Turn], Awaitable[None]]
"""Tells a run's story from its first step; returns when the run has ended, or raises `Halt`."""


class Turns:
    """All turns of this process; `providers` are those that items can be ordered from."""

    def __init__(
        self,
        *,
        claims: Claims,
        results: Results,
        tasks: Tasks,
        ring: Ring,
        keeper: Keeper,
        story: Story,
        providers: Collection[str],
    ) -> None:
        self._claims = claims
        self._results = results
        self._tasks = tasks
        self._ring = ring
        self._keeper = keeper
        self._story = story
        self._providers = providers
        self._turns: dict[Fence, Turn] = {}
        self._left: set[int] = set()
        self._taking = 0
        self._leaving = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def take(self, run_id: int) -> None:
        """Take a run's turn, if it can be claimed."""
        if self._leaving:
            self._left.add(run_id)
            return
        self._taking += 1
        self._idle.clear()
        try:
            claim = await self._claims.claim(run_id, self._keeper.worker_id)
            if claim is not None:
                await self._hold(claim)
        finally:
            self._taking -= 1
            if self._taking == 0:
                self._idle.set()

    async def heard(self, message: dict[str, Any]) -> None:
        """Wake the turn of a project that stirs; every turn when messages may have been missed."""
        for turn in self._turns.values():
            project_id = turn.claim.project_id
            if message.get("project", project_id) == project_id:
                turn.waits.stir()

    async def leave(self) -> None:
        """Take nothing new, end every turn at its next step, release the runs; return when all are released."""
        self._leaving = True
        for turn in self._turns.values():
            turn.waits.drain()
        await self._idle.wait()

    async def ring_for_left(self) -> None:
        """Ring for the runs let go of while leaving; only now, so that no bell comes back to this very worker."""
        for run_id in self._left:
            await self._ring.turn(run_id)

    async def _hold(self, claim: Claim) -> None:
        loop = asyncio.get_running_loop()
        work = asyncio.create_task(self._play(claim), name=f"turn-{claim.fence.run_id}")

        def lost() -> None:
            log.warning("the lease of run %s is lost, letting go", claim.fence.run_id)
            loop.call_soon_threadsafe(work.cancel)

        lease = Lease(Run, claim.fence.run_id, claim.fence.epoch, lost)
        self._keeper.hold(lease)
        try:
            await asyncio.wait([work])
        finally:
            self._keeper.drop(lease)
            work.cancel()
        if not work.cancelled() and (error := work.exception()) is not None:
            log.error("the turn of run %s broke off", claim.fence.run_id, exc_info=error)

    async def _play(self, claim: Claim) -> None:
        """Play the story until it has ended or was halted; a pause taken back begins it again."""
        try:
            while not await self._play_once(claim):
                log.info("run %s was resumed before it had paused, going on", claim.fence.run_id)
        except FencedError:
            log.warning("run %s has another owner by now", claim.fence.run_id)

    async def _play_once(self, claim: Claim) -> bool:
        turn = Turn(
            claim=claim,
            claims=self._claims,
            results=self._results,
            tasks=self._tasks,
            ring=self._ring,
            providers=self._providers,
        )
        self._turns[claim.fence] = turn
        if self._leaving:
            turn.waits.drain()
        turn.waits.watch.start()
        try:
            await self._story(turn)
        except Halt as halt:
            return await self._halted(claim, halt)
        except backoff.OUTAGES as error:
            # The database, not the story: once it is back the run is free, and the sweep finds it.
            log.warning("the turn of run %s lost the database: %s", claim.fence.run_id, error)
            await self._release(claim)
        except Exception as error:
            log.exception("the story of run %s broke", claim.fence.run_id)
            await turn.mark_failed(error)
        finally:
            del self._turns[claim.fence]
            await turn.waits.watch.stop()
        return True

    async def _halted(self, claim: Claim, halt: Halt) -> bool:
        """Settle a halt; False when the story is to be played again at once."""
        if halt.why == "drain":
            await self._release(claim)
        elif halt.why == "cancel":
            return await self._claims.mark_cancelled(claim)
        return halt.why != "hold" or await self._claims.mark_paused(claim)

    async def _release(self, claim: Claim) -> None:
        async for attempt in backoff.outlasting():
            with attempt:
                await self._claims.release(claim)
        self._left.add(claim.fence.run_id)
        if self._leaving:  # another worker may hear it before we do; if not, it is rung for again at the end
            await self._ring.turn(claim.fence.run_id)
