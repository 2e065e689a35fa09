"""A turn: one stretch of a run from claim to release, and the steps it takes. Called by the orchestrator.

A step is: is there a result with this name and this digest? use it. Otherwise work, store, record. Names are explicit
and unique in a run. Nothing in here is remembered between turns; the next turn enters the same steps again.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel

from trailerflow.engine import backoff
from trailerflow.engine.claims import Bands, Claim, Claims, Ring
from trailerflow.engine.failures import failure_of, files_lost, is_permanent, provider_missing
from trailerflow.engine.known import Known
from trailerflow.engine.products import Outcome
from trailerflow.engine.results import Results, digest_of
from trailerflow.engine.short_steps import ShortSteps, WorkFailedError
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.submission import Order
from trailerflow.engine.tables import Json
from trailerflow.engine.tasks import Begun, Tasks, TaskState
from trailerflow.engine.waits import Halt, Waits
from trailerflow.errors import PermanentError

log = logging.getLogger(__name__)

Product = TypeVar("Product", bound=BaseModel)
Awaited = TypeVar("Awaited")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class StepFailedError(PermanentError):
    """A step failed for good; `step` says which, `attempts` how often it was tried."""

    def __init__(self, step: StepName, error: Json, attempts: int) -> None:
        super().__init__(error["code"], error["message"], remedy=error.get("remedy", ""))
        self.step = step
        self.attempts = attempts


class Turn:
    """The turn of one run in this process."""

    def __init__(
        self,
        *,
        claim: Claim,
        claims: Claims,
        results: Results,
        tasks: Tasks,
        ring: Ring,
        providers: Collection[str],
    ) -> None:
        self.claim = claim
        self._providers = providers
        self._claims = claims
        self._results = results
        self._tasks = tasks
        self._ring = ring
        self.stood_in: set[str] = set()
        self._names: set[str] = set()
        self._found = Known(results, claim.project_id)
        self._phase = ""
        self._bands: Bands = {}
        self._shots: list[Json] | None = None
        self._short = ShortSteps(claim=claim, results=results, tasks=tasks)
        self.waits = Waits(claim=claim, claims=claims, tasks=tasks, ring=ring)

    # The story's verbs

    def declare(self, bands: Bands) -> None:
        """Tell what the run consists of; recorded with the next beginning or end of a phase."""
        self._bands = bands

    def keep_shots(self, shots: list[Json]) -> None:
        """Keep the plan's shots on the project, recorded at the phase's end: `[{"shot": id, "scene": index, …}]`.

        `appeal` says of a shot how well its picture stands for the whole film.
        """
        self._shots = shots

    @asynccontextmanager
    async def phase(self, name: str) -> AsyncIterator[None]:
        """Enter a phase; at its end the run may stop for a person's review."""
        self._phase = name
        await self._found.load()
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
        known = await self._found.find(name, digest)
        if known is not None:
            return await self._reuse(step, known, product)
        made, run_state = await self._work(step, digest, work)
        self._found.add(name, digest)
        self.waits.recorded(run_state)
        return made

    async def _work(self, step: StepName, digest: str, work: Callable[[], Product]) -> tuple[Product, str]:
        """Do and record a short step, again after a while when its failure may pass; tell how the run stood then."""
        error: Json | None = None
        is_first = not self._found.has(step.name, digest)
        before = self.claim.tried.get(step.name, 0)
        for attempt in count(before + 1):
            await self.waits.give_way()
            if error is not None:
                await self._tasks.mark_started(self.claim, Begun(step, attempt, error))
            try:
                return await self._short.take(step, digest, work, attempt, is_first=is_first)
            except WorkFailedError as raised:
                failed = raised.__cause__
                assert isinstance(failed, Exception)
                log.warning("step %s of run %s failed", step.name, self.claim.fence.run_id, exc_info=failed)
                error = failure_of(failed, step.name)
                if is_permanent(failed) or attempt - before == backoff.MOST_TRIES:
                    await self._fail(step, error, attempt)
            await self.waits.rest(backoff.wait_seconds(attempt - before))
        raise AssertionError

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
        stand_in: Order | None = None,
        skip: bool = False,
    ) -> Product:
        """Order a step from the render workers or a provider and wait for it.

        `take` names an earlier version to use as it is, `stand_in` what to order when a person skips the step (or the
        story does, by `skip`), or when it fails and the run is to go on.
        """
        step = self._enter(name, kind=kind, band=band, scene=scene, shot=shot)
        if stand_in is not None and (skip or name in self.claim.skips):
            return await self._stand_in(step, stand_in, product)
        digest = digest_of({"version": version, **order.made_of})
        known = await self._known(name, digest, take)
        if known is not None:
            return await self._reuse(step, known, product)
        state = await self._make(step, digest, order)
        if state.product is not None:
            return await self._record(step, digest, order, state, product)
        error = state.error or {}
        if stand_in is None or self.claim.options.get("on_error") != "skip_and_continue":
            await self._fail(step, error, state.attempts)
        await self._tasks.mark_failed(self.claim, step, error, state.attempts, stand_in=True)
        return await self._stand_in(step, stand_in, product)

    async def _stand_in(self, step: StepName, order: Order, product: type[Product]) -> Product:
        """Have a stand-in made: it belongs to this run and never serves a later one."""
        self.stood_in.add(step.name)
        digest = digest_of({"stand_in_of_run": self.claim.fence.run_id, "kind": order.kind, "order": order.order})
        known = await self._found.find(step.name, digest)
        if known is not None:
            await self._results.reuse(self.claim.fence, step, known, status="skipped")
            return product.model_validate(known.value)
        state = await self._make(step, digest, order)
        if state.product is None:
            await self._fail(step, state.error or {}, state.attempts)
        return await self._record(step, digest, order, state, product, stand_in=True)

    async def _record(
        self,
        step: StepName,
        digest: str,
        order: Order,
        state: TaskState,
        product: type[Product],
        *,
        stand_in: bool = False,
    ) -> Product:
        recorded = await self._results.record(
            self.claim.fence,
            step,
            digest,
            value=state.product or {},
            files=list(state.files),
            attempts=state.attempts,
            maker=order.maker,
            stand_in=stand_in,
            is_first=not self._found.has(step.name, digest),
        )
        self._found.add(step.name, digest)
        self.waits.recorded(recorded.run_state)
        return product.model_validate(recorded.outcome.value)

    async def _make(self, step: StepName, digest: str, order: Order) -> TaskState:
        """Have a task done; one that an earlier turn ordered is waited for, or its product taken."""
        if order.provider not in self._providers:
            return _refused(provider_missing(step.name, order.provider))
        waits = self.waits
        for again in (False, True):
            waits.refuse_when_draining()
            ticket = await self._tasks.submit(self.claim, step, digest, order, withhold=waits.failing, again=again)
            await self._ring.render(1)
            state = await waits.wait(ticket, step)
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

    def _enter(self, name: str, *, kind: str, band: str, scene: int | None = None, shot: str | None = None) -> StepName:
        if name in self._names:
            raise ValueError(f"step {name} is entered twice in run {self.claim.fence.run_id}: names must be unique")
        self._names.add(name)
        position = len(self._names)
        return StepName(name=name, kind=kind, phase=self._phase, band=band, scene=scene, shot=shot, position=position)

    async def _known(self, name: str, digest: str, take: int | None) -> Outcome | None:
        if take is not None:
            return await self._results.find_take(self.claim.project_id, name, take)
        return await self._found.find(name, digest)

    async def _reuse(self, step: StepName, known: Outcome, product: type[Product]) -> Product:
        await self._results.reuse(self.claim.fence, step, known)
        return product.model_validate(known.value)

    async def _fail(self, step: StepName, error: Json, attempts: int) -> NoReturn:
        self.waits.failing = True
        await self._tasks.mark_failed(self.claim, step, error, attempts)
        await self._claims.hold_back(self.claim)
        self.waits.watch.wake()
        raise StepFailedError(step, error, attempts)


def _plain(inputs: BaseModel | Mapping[str, Any]) -> Any:
    if isinstance(inputs, BaseModel):
        return inputs.model_dump(mode="json")
    return {name: _plain(value) if isinstance(value, BaseModel) else value for name, value in inputs.items()}


def _refused(error: Json) -> TaskState:
    """Return the state of a task that was never made."""
    return TaskState(task_id=0, status="failed", attempts=0, product=None, files=(), error=error)
