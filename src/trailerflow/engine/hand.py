"""The hand of a render worker: a thread that goes from one task to the next by itself. Called by `farm`.

Between two quick tasks it waits for nothing: the next was set aside for it, so it begins that at once, while a clerk
beside it records the one before and claims the next in one transaction. Begun is not claimed: when that one was paused
or cancelled meanwhile, what was begun of it is dropped, and nobody has heard of it.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from trailerflow.engine import memory
from trailerflow.engine.bell import Bell
from trailerflow.engine.leases import Keeper, Lease
from trailerflow.engine.station import Station
from trailerflow.engine.storage import Storage
from trailerflow.engine.tables import Json, Task
from trailerflow.engine.task_claims import Ask, Made, TaskClaim, TaskClaims

LONG_SECONDS = 0.5
"""Work that took longer may have needed much memory."""
QUICK_SECONDS = 0.3
"""After work that took no longer, a task is set aside for the time after the next."""
AHEAD_SECONDS = 0.4
"""So long after it was set aside a task may be begun: what is left until `ASIDE_SECONDS` is for claiming it."""

Work = Callable[[TaskClaim, Station], Json]
"""Does one task: what is to do, where → product. Runs in a thread."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A task in work. Each has a `stop` of its own: one that is told late stops nothing else."""

    claim: TaskClaim
    lease: Lease
    stop: threading.Event

    @classmethod
    def of(cls, claim: TaskClaim) -> "Held":
        """Return it for a claim."""
        stop = threading.Event()
        return cls(claim, Lease(Task, claim.task_id, claim.epoch, stop.set), stop)


class Ended(NamedTuple):
    """How work ended: what it made or raised, and whether that is recorded."""

    held: Held
    made: Made | None = None
    error: BaseException | None = None
    was_quick: bool = False
    is_recorded: bool = False


class Aside(NamedTuple):
    """The task set aside for this hand, and when that was asked for (monotonic seconds)."""

    claim: TaskClaim | None = None
    asked_at: float = 0.0

    def begun(self) -> Held | None:
        """Return it to be begun ahead, unless it is nobody's any more."""
        is_fresh = time.monotonic() - self.asked_at < AHEAD_SECONDS
        return Held.of(self.claim) if is_fresh and self.claim is not None else None


class Hand:
    """The thread of one farm. `held` is the task in work, `sign_at` when it last gave a sign (monotonic seconds)."""

    def __init__(
        self,
        *,
        task_claims: TaskClaims,
        keeper: Keeper,
        storage: Storage,
        bell: Bell,
        work: Work,
        kinds: Collection[str],
    ) -> None:
        self._task_claims = task_claims
        self._keeper = keeper
        self._storage = storage
        self._bell = bell
        self._work = work
        self._kinds = kinds
        self._aside = Aside()
        self.held: Held | None = None
        self.sign_at = 0.0
        self.is_leaving = False

    def leave(self) -> None:
        """End the task in work at its next tick and begin nothing new."""
        self.is_leaving = True
        if (held := self.held) is not None:
            held.stop.set()

    def hesitate(self) -> None:
        """Begin nothing ahead now: a run has moved, and what was set aside may not be wanted any more."""
        self._aside = Aside()

    def let_go(self) -> None:
        """Stop keeping the lease of the task in work."""
        if (held := self.held) is not None:
            self.held = None
            self._keeper.drop(held.lease)

    def work_off(self, claim: TaskClaim, aside: Aside, loop: asyncio.AbstractEventLoop) -> Ended:
        """Do a task and those that follow it, in the calling thread; return how the last one ended.

        What failed, and what could not be recorded at once, is left to the caller, who has patience; so is `let_go`.
        """
        with ThreadPoolExecutor(1, thread_name_prefix="clerk") as clerk:
            self._aside = aside
            ended = self._do(self._hold(Held.of(claim)), loop)
            while ended.made is not None and not self.is_leaving:
                ahead = self._aside.begun()
                recording = clerk.submit(self._record, ended, ended.made, ahead, loop)
                following = None if ahead is None else self._do(ahead, loop)
                try:
                    claimed, self._aside = recording.result()
                except SQLAlchemyError as error:
                    return ended._replace(error=error)
                if claimed is None:
                    return ended._replace(is_recorded=True)
                ended = following if following and claimed is ahead else self._do(claimed, loop)
        return ended

    def _record(
        self, ended: Ended, made: Made, ahead: Held | None, loop: asyncio.AbstractEventLoop
    ) -> tuple[Held | None, Aside]:
        """Record a product and claim the next task, at best the one begun ahead, which is dropped otherwise.

        Return what was claimed and what was set aside. Runs in the clerk's thread; it tries once.
        """
        asked_at, claim = time.monotonic(), ended.held.claim
        ask = Ask(None if ahead is None else ahead.claim, sets_aside=ended.was_quick)
        following: Held | None = None
        try:
            _, taken = self._task_claims.finish_and_claim(claim, made, self._keeper.worker_id, self._kinds, ask)
            self.let_go()
            if taken.claim is not None:
                is_ahead = ahead is not None and taken.claim == ahead.claim
                following = self._hold(ahead if is_ahead and ahead else Held.of(taken.claim))
        finally:
            if ahead is not None and following is not ahead:
                ahead.stop.set()
        loop.call_soon_threadsafe(self._task_claims.tell_of, claim, taken.claim)
        return following, Aside(taken.aside, asked_at)

    def _hold(self, held: Held) -> Held:
        """Begin to keep a task's lease, stopped already when the worker is leaving."""
        self.held, self.sign_at = held, time.monotonic()
        if self.is_leaving:  # looked at after the task is in sight of who says so
            held.stop.set()
        self._keeper.hold(held.lease)
        return held

    def _do(self, held: Held, loop: asyncio.AbstractEventLoop) -> Ended:
        """Do one task; what it raises is returned."""
        claim = held.claim

        def ticked(done: float) -> None:
            if self.held is not held:  # begun ahead
                return
            self.sign_at = time.monotonic()
            tick = {"step": claim.name, "run_id": claim.run_id, "done": round(done, 3)}
            loop.call_soon_threadsafe(partial(self._bell.ring, claim.project_id, tick=tick))

        began = time.monotonic()
        try:
            with Station(storage=self._storage, stop=held.stop, ticked=ticked, received=claim.received) as station:
                made = Made(self._work(claim, station), station.files)
        except BaseException as error:  # noqa: BLE001 - it is for who settles the task
            return Ended(held, error=error)
        finally:
            seconds = time.monotonic() - began
            if seconds > LONG_SECONDS:
                memory.give_back()
        return Ended(held, made, was_quick=seconds <= QUICK_SECONDS)
