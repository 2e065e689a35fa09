"""A turn: one stretch of a run from claim to release, and the steps it takes. Called by the orchestrator.

A step is: is there a result with this name and this digest? use it. Otherwise work, store, record. Names are explicit
and unique in a run. Nothing in here is remembered between turns; the next turn enters the same steps again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn, TypeVar

from pydantic import BaseModel

from trailerflow.engine.claims import Bands, Claim, Claims, Ring
from trailerflow.engine.failures import failure_of, files_lost
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.loops import Loop
from trailerflow.engine.results import Outcome, Results, StepName, digest_of
from trailerflow.engine.tables import Json
from trailerflow.engine.tasks import Order, Tasks, TaskState
from trailerflow.errors import PermanentError

log = logging.getLogger(__name__)

Product = TypeVar("Product", bound=BaseModel)
Awaited = TypeVar("Awaited")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
Why = Literal["hold", "drain", "review"]
POLL_SECONDS = 1.0


class Halt(BaseException):
    """The turn ends here without failing: held by a pause, drained by a leaving worker, stopped for a review."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class StepFailedError(PermanentError):
    """A step failed for good; `step` says which, `attempts` how often it was tried."""

    def __init__(self, step: StepName, error: Json, attempts: int) -> None:
        super().__init__(error["code"], error["message"], remedy=error.get("remedy", ""))
        self.step = step
        self.attempts = attempts


@dataclass(slots=True)
class _Waiting:
    step: StepName
    future: asyncio.Future[TaskState]
    begun: bool = False


class Turn:
    """The turn of one run in this process."""

    def __init__(self, *, claim: Claim, claims: Claims, results: Results, tasks: Tasks, ring: Ring) -> None:
        self.claim = claim
        self._claims = claims
        self._results = results
        self._tasks = tasks
        self._ring = ring
        self._names: set[str] = set()
        self._waiting: dict[int, _Waiting] = {}
        self._failing = False
        self._draining = False
        self._phase = ""
        self._bands: Bands = {}
        self._shots: list[Json] | None = None
        self.watch = Loop(f"turn-{claim.fence.run_id}", self.look, seconds=POLL_SECONDS)

    # The story's verbs

    def declare(self, bands: Bands) -> None:
        """Tell what the run consists of; recorded with the next beginning or end of a phase."""
        self._bands = bands

    def keep_shots(self, shots: list[Json]) -> None:
        """Keep the plan's shots on the project: `[{"shot": id, "scene": index}]`; recorded at the phase's end."""
        self._shots = shots

    @asynccontextmanager
    async def phase(self, name: str) -> AsyncIterator[None]:
        """Enter a phase; at its end the run may stop for a person's review."""
        self._phase = name
        await self._claims.begin_phase(self.claim, name, self._bands)
        yield
        if await self._claims.finish_phase(self.claim, name, self._bands, self._shots):
            raise Halt("review")

    async def step(
        self,
        name: str,
        *,
        band: str,
        version: int,
        inputs: BaseModel | Mapping[str, Any],
        product: type[Product],
        work: Callable[[], Product],
    ) -> Product:
        """Take a short step in a thread of this process."""
        step = self._enter(name, kind=name, band=band)
        digest = digest_of({"version": version, "inputs": _plain(inputs)})
        known = await self._results.find(self.claim.project_id, name, digest)
        if known is not None:
            return await self._reuse(step, known, product)
        await self._give_way()
        await self._tasks.mark_started(self.claim, step)
        try:
            made = await asyncio.to_thread(work)
        except Exception as error:
            log.warning("step %s of run %s failed", name, self.claim.fence.run_id, exc_info=error)
            await self._fail(step, failure_of(error, name), 1)
        value = made.model_dump(mode="json")
        await self._results.record(self.claim.fence, step, digest, value=value, files=[])
        return made

    async def order(
        self,
        name: str,
        *,
        band: str,
        kind: str,
        version: int,
        order: Order,
        product: type[Product],
        scene: int | None = None,
        shot: str | None = None,
        take: int | None = None,
    ) -> Product:
        """Order a step from the render workers and wait for it; `take` names an earlier version to use as it is."""
        step = self._enter(name, kind=kind, band=band, scene=scene, shot=shot)
        digest = digest_of({"version": version, "provider": order.provider, "order": order.order})
        known = await self._known(name, digest, take)
        if known is not None:
            return await self._reuse(step, known, product)
        state = await self._make(step, digest, order)
        if state.product is None:
            await self._fail(step, state.error or {}, state.attempts)
        outcome = await self._results.record(
            self.claim.fence, step, digest, value=state.product, files=list(state.files), attempts=state.attempts
        )
        return product.model_validate(outcome.value)

    async def _make(self, step: StepName, digest: str, order: Order) -> TaskState:
        """Have a task done; one that an earlier turn ordered is waited for, or its product taken."""
        for again in (False, True):
            if self._draining:
                raise Halt("drain")
            ticket = await self._tasks.submit(self.claim, step, digest, order, withhold=self._failing, again=again)
            await self._ring.render(1)
            state = await self._wait(ticket, step)
            if await self._results.has_files(state.files):
                return state
        return replace(state, product=None, error=files_lost(step.name))

    async def take(self, name: str, take: int, product: type[Product]) -> Product:
        """Return the n-th version of an item, whatever it was made from. Raises `PermanentError` when it is gone."""
        found = await self._results.find_take(self.claim.project_id, name, take)
        if found is None:
            raise PermanentError("take_lost", f"take {take} of {name} is gone", remedy="start storyboard_only")
        return product.model_validate(found.value)

    async def last(self, name: str, product: type[Product]) -> Product:
        """Return what the project used last under a name. Raises `PermanentError` when it is gone."""
        found = await self._results.find_latest(self.claim.project_id, name)
        if found is None:
            raise PermanentError("no_plan", f"the project's {name} is gone", remedy="start storyboard_only")
        return product.model_validate(found.value)

    async def gather(self, works: Iterable[Awaitable[Awaited]]) -> list[Awaited]:
        """Wait for all; siblings in flight finish and are recorded before a failure or a halt goes on."""
        ended = await asyncio.gather(*works, return_exceptions=True)
        failures = [end for end in ended if isinstance(end, BaseException)]
        for failure in sorted(failures, key=lambda end: isinstance(end, Halt)):
            raise failure
        return [end for end in ended if not isinstance(end, BaseException)]

    async def together(
        self, first: Awaitable[A], second: Awaitable[B], third: Awaitable[C], fourth: Awaitable[D]
    ) -> tuple[A, B, C, D]:
        """Wait for four different things as `gather` does."""
        works: list[Awaitable[Any]] = [first, second, third, fourth]
        a, b, c, d = await self.gather(works)
        return a, b, c, d

    async def mark_completed(self) -> None:
        """Record that the film is done."""
        await self._claims.mark_completed(self.claim)

    async def mark_failed(self, error: Exception) -> None:
        """Record that the run failed for good."""
        step = error.step.name if isinstance(error, StepFailedError) else "internal"
        tried = error.attempts if isinstance(error, StepFailedError) else 1
        await self._claims.mark_failed(self.claim, error, f"{self._phase}/{step}", max(tried - 1, 0))

    # The worker's verbs

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
            withheld = [
                state.task_id
                for state in await self._tasks.states(list(self._waiting))
                if not await self._settle(state)
            ]
            if withheld and (self._failing or await self._is_held()):
                self._halt(withheld, Halt("hold"))
            elif withheld:
                await self._tasks.requeue(self.claim, withheld)
                await self._ring.render(len(withheld))
        except FencedError as gone:
            self._halt(list(self._waiting), gone)

    async def _settle(self, state: TaskState) -> bool:
        """Pass a task's state on to who waits for it; False when the task is withheld."""
        waiting = self._waiting.get(state.task_id)
        if waiting is None:
            return True
        if state.status == "claimed" and not waiting.begun:
            waiting.begun = True
            await self._tasks.mark_started(self.claim, waiting.step)
        if state.status == "queued" and waiting.begun:  # handed back, or freed from a worker that is gone
            waiting.begun = False
            await self._ring.render(1)
        if state.status in ("done", "failed") and not waiting.future.done():
            waiting.future.set_result(state)
        return state.status != "held"

    async def _is_held(self) -> bool:
        return await self._claims.state_of(self.claim.fence.run_id) == "pausing"

    async def _wait(self, ticket: int, step: StepName) -> TaskState:
        waiting = _Waiting(step, asyncio.get_running_loop().create_future())
        self._waiting[ticket] = waiting
        self.watch.wake()
        try:
            return await waiting.future
        finally:
            del self._waiting[ticket]

    def _halt(self, tickets: list[int], why: BaseException) -> None:
        for ticket in tickets:
            waiting = self._waiting.get(ticket)
            if waiting is not None and not waiting.future.done():
                waiting.future.set_exception(why)

    def _enter(self, name: str, *, kind: str, band: str, scene: int | None = None, shot: str | None = None) -> StepName:
        if name in self._names:
            raise ValueError(f"step {name} is entered twice in run {self.claim.fence.run_id}: names must be unique")
        self._names.add(name)
        position = len(self._names)
        return StepName(name=name, kind=kind, phase=self._phase, band=band, scene=scene, shot=shot, position=position)

    async def _give_way(self) -> None:
        """Begin nothing new while the run is being held or the worker is leaving."""
        if self._draining:
            raise Halt("drain")
        if await self._is_held():
            raise Halt("hold")

    async def _known(self, name: str, digest: str, take: int | None) -> Outcome | None:
        if take is not None:
            return await self._results.find_take(self.claim.project_id, name, take)
        return await self._results.find(self.claim.project_id, name, digest)

    async def _reuse(self, step: StepName, known: Outcome, product: type[Product]) -> Product:
        await self._results.reuse(self.claim.fence, step, known)
        return product.model_validate(known.value)

    async def _fail(self, step: StepName, error: Json, attempts: int) -> NoReturn:
        self._failing = True
        await self._tasks.mark_failed(self.claim, step, error, attempts)
        await self._claims.hold_back(self.claim)
        self.watch.wake()
        raise StepFailedError(step, error, attempts)


def _plain(inputs: BaseModel | Mapping[str, Any]) -> Any:
    if isinstance(inputs, BaseModel):
        return inputs.model_dump(mode="json")
    return {name: _plain(value) if isinstance(value, BaseModel) else value for name, value in inputs.items()}
