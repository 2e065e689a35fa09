"""What a turn waits for: its tasks, looked at whenever something changed; and whether it is to go on at all.

Called by `steps`. One look tells every waiting step what became of its task, and ends the waiting when the run is
pausing, cancelled, failing or handed over.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from trailerflow.engine.claims import Claim, Claims, Ring
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.loops import Loop
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tasks import Begun, Tasks, TaskState

Why = Literal["hold", "cancel", "drain", "review"]
POLL_SECONDS: Final = 1.0
AT_ONCE_SECONDS: Final = 0.005
HALTS: Final[Mapping[str, Why]] = {"pausing": "hold", "cancelling": "cancel"}
"""The states of a run in which a turn begins nothing new."""


class Halt(BaseException):
    """The turn ends here without failing: held by a pause, cancelled, drained by a leaving worker, or for a review."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@dataclass(slots=True)
class _Waiting:
    """A step in wait; `begun` is the attempt of which it was told that it is in work."""

    step: StepName
    future: asyncio.Future[TaskState]
    begun: int = 0


class Waits:
    """All that one turn waits for."""

    def __init__(self, *, claim: Claim, claims: Claims, tasks: Tasks, ring: Ring) -> None:
        self._claim = claim
        self._claims = claims
        self._tasks = tasks
        self._ring = ring
        self._waiting: dict[int, _Waiting] = {}
        self._draining = False
        self._went_on_at = -AT_ONCE_SECONDS
        self.failing = False
        self.watch = Loop(f"turn-{claim.fence.run_id}", self.look, seconds=POLL_SECONDS)

    async def wait(self, ticket: int, step: StepName) -> TaskState:
        """Return a task's state once it is done, failed or unknown. Raises `Halt`, `FencedError`."""
        waiting = _Waiting(step, asyncio.get_running_loop().create_future())
        self._waiting[ticket] = waiting
        self.watch.wake()
        try:
            return await waiting.future
        finally:
            del self._waiting[ticket]

    async def rest(self, seconds: float) -> None:
        """Wait before another try of a short step; a pause or a cancel need not wait for it. Raises `Halt`."""
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while (left := until - clock()) > 0:
            await self.give_way()
            await asyncio.sleep(min(left, POLL_SECONDS))

    async def give_way(self) -> None:
        """Begin nothing new while the run is held or cancelled or the worker is leaving. Raises `Halt`.

        A step that follows another at once knows it from the other's recording.
        """
        self.refuse_when_draining()
        if asyncio.get_running_loop().time() - self._went_on_at < AT_ONCE_SECONDS:
            return
        if (why := await self._why_to_halt()) is not None:
            raise Halt(why)

    def recorded(self, state: str) -> None:
        """Note how the run stood when a step was recorded just now."""
        if state not in HALTS:
            self._went_on_at = asyncio.get_running_loop().time()

    def stir(self) -> None:
        """Look again: the run or a task has moved."""
        self._went_on_at = -AT_ONCE_SECONDS
        self.watch.wake()

    def refuse_when_draining(self) -> None:
        """Raise `Halt` when the worker is leaving."""
        if self._draining:
            raise Halt("drain")

    def drain(self) -> None:
        """End the turn at the next step: the worker is leaving."""
        self._draining = True
        self.watch.wake()

    async def look(self) -> None:
        """Look once at the run and at the tasks waited for, and pass on what has changed."""
        if self._draining:
            self._halt(list(self._waiting), Halt("drain"))
        if not self._waiting:
            return
        try:
            run_state, states = await self._tasks.states(self._claim.fence.run_id, list(self._waiting))
            await self._ring_for_freed(states)
            for state in states:
                self._settle(state)
            await self._tell_begun(states)  # after: what has just been done is recorded in the same transaction
            await self._obey(HALTS.get(run_state), states)
        except FencedError as gone:
            self._halt(list(self._waiting), gone)

    async def _tell_begun(self, states: Iterable[TaskState]) -> None:
        """Tell of the steps that have been taken up."""
        begun = []
        for state in states:
            waiting, attempt = self._waiting.get(state.task_id), state.attempts + 1
            if waiting is not None and state.status == "claimed" and waiting.begun < attempt:
                waiting.begun = attempt
                begun.append(Begun(waiting.step, attempt, state.error))
        if begun:
            await self._tasks.mark_started(self._claim, *begun)

    async def _ring_for_freed(self, states: Iterable[TaskState]) -> None:
        """Ring for tasks that are on the queue again: handed back, freed from a lost worker, or to be tried again."""
        taken = {state.task_id for state in states}
        freed = [waiting for ticket, waiting in self._waiting.items() if waiting.begun and ticket not in taken]
        for waiting in freed:
            waiting.begun = 0
        if freed:
            await self._ring.render(len(freed))

    def _settle(self, state: TaskState) -> None:
        """Pass a task's state on to who waits for it."""
        waiting = self._waiting.get(state.task_id)
        if waiting is not None and state.status in ("done", "failed", "unknown") and not waiting.future.done():
            waiting.future.set_result(state)

    async def _obey(self, why: Why | None, states: Iterable[TaskState]) -> None:
        """End the waiting for what the run does not want now, and put back on the queue what it wants again."""
        withheld = [state.task_id for state in states if state.status in ("held", "cancelled")]
        if why == "cancel":
            self._halt(list(self._waiting), Halt("cancel"))
        elif why is not None or self.failing:
            if self._waiting.keys() - {state.task_id for state in states}:
                # Queued: a try that failed meanwhile, say. What waits for its next try is not in flight.
                await self._claims.hold_back(self._claim)
            self._halt(withheld, Halt("hold"))
        elif withheld:
            await self._tasks.requeue(self._claim, withheld)
            await self._ring.render(len(withheld))

    async def _why_to_halt(self) -> Why | None:
        return HALTS.get(await self._claims.state_of(self._claim.fence.run_id))

    def _halt(self, tickets: Iterable[int], why: BaseException) -> None:
        for ticket in tickets:
            waiting = self._waiting.get(ticket)
            if waiting is not None and not waiting.future.done():
                waiting.future.set_exception(why)
