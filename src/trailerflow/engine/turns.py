"""The orchestrator's worker: claims runs and takes their turns, several at once. Called by arq's turn job.

It holds the lease while a turn goes on, wakes the turn when its project changes, and settles how the turn ended.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from trailerflow.engine.leases import Keeper, Lease
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.results import Results
from trailerflow.engine.service import Claim, Ring, Service
from trailerflow.engine.steps import Halt, Turn
from trailerflow.engine.tables import Run
from trailerflow.engine.tasks import Tasks
from trailerflow.errors import PermanentError

log = logging.getLogger(__name__)

Story = Callable[[Turn], Awaitable[None]]
"""Tells a run's story from its first step; returns when the run has ended, or raises `Halt`."""


class Turns:
    """All turns of this process."""

    def __init__(
        self, *, service: Service, results: Results, tasks: Tasks, ring: Ring, keeper: Keeper, story: Story
    ) -> None:
        self._service = service
        self._results = results
        self._tasks = tasks
        self._ring = ring
        self._keeper = keeper
        self._story = story
        self._turns: dict[int, Turn] = {}
        self._leaving = False
        self._idle = asyncio.Event()
        self._idle.set()

    async def take(self, run_id: int) -> None:
        """Take a run's turn, if it can be claimed."""
        if self._leaving:
            return
        claim = await self._service.claim(run_id, self._keeper.worker_id)
        if claim is None:
            return
        self._idle.clear()
        try:
            await self._hold(claim)
        finally:
            if not self._turns:
                self._idle.set()

    async def heard(self, message: dict[str, Any]) -> None:
        """Wake the turn of a project that changed; every turn when messages may have been missed."""
        for project_id, turn in self._turns.items():
            if message.get("project", project_id) == project_id and "tick" not in message:
                turn.watch.wake()

    async def leave(self) -> None:
        """Take nothing new, end every turn at its next step, release the runs; return when all are released."""
        self._leaving = True
        for turn in self._turns.values():
            turn.drain()
        await self._idle.wait()

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
        while True:
            turn = Turn(claim=claim, service=self._service, results=self._results, tasks=self._tasks, ring=self._ring)
            self._turns[claim.project_id] = turn
            if self._leaving:
                turn.drain()
            turn.watch.start()
            try:
                await self._story(turn)
            except Halt as halt:
                if await self._halted(claim, halt):
                    return
            except FencedError:
                log.warning("run %s has another owner by now", claim.fence.run_id)
                return
            except SQLAlchemyError:
                # The database, not the story: the sweep finds the run again when it is back.
                raise
            except Exception as error:
                log.exception("the story of run %s broke", claim.fence.run_id)
                await turn.mark_failed(_internal(error))
                return
            else:
                return
            finally:
                await turn.watch.stop()
                del self._turns[claim.project_id]

    async def _halted(self, claim: Claim, halt: Halt) -> bool:
        """Settle a halt; False when the story is to be played again at once."""
        if halt.why == "drain":
            await self._service.release(claim)
        return halt.why != "hold" or await self._service.mark_paused(claim)


def _internal(error: Exception) -> PermanentError:
    return PermanentError("internal", f"{type(error).__name__}: {error}", remedy="this is a defect; see the worker's log")
