"""One errand to a provider: intent, submission, ticket, waiting, collection. Called by `courier`.

At any point the process may die; the next courier reads from the task's row how far it had got. It never submits on an
intent that may have been taken, unless the provider says that the same key is the same job.
"""

import asyncio
import logging
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import SQLAlchemyError

from trailerflow.engine.bell import Bell
from trailerflow.engine.claims import Ring
from trailerflow.engine.failures import job_timed_out, submit_unknown, task_failure_of
from trailerflow.engine.products import NewFile
from trailerflow.engine.provider import Input, Provider, Report
from trailerflow.engine.rates import Rates
from trailerflow.engine.storage import Storage
from trailerflow.engine.task_claims import TaskClaim, TaskClaims
from trailerflow.engine.tickets import Tickets
from trailerflow.errors import AnswerLost, PermanentError, TemporaryError, TrailerflowError

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What every errand of one courier works with."""

    provider: Provider
    task_claims: TaskClaims
    tickets: Tickets
    rates: Rates
    storage: Storage
    bell: Bell
    ring: Ring


@dataclass(slots=True)
class Errand:
    """One errand; `look` wakes it, `leaving` has it hand its task back at the next rest."""

    office: Office
    claim: TaskClaim
    leaving: bool = False
    look: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Bring the task as far as it goes."""
        claim, tickets = self.claim, self.office.tickets
        try:
            if claim.cancel_asked:
                await self._call_off()
            elif (remote_id := claim.remote_id or await self._submit()) is not None:
                report = await self._wait(remote_id)
                if report is not None:
                    await self._collect(report)
        except TrailerflowError as error:
            log.warning("task %s of project %s: %s", claim.name, claim.project_id, error.message)
            # The ticket is kept while the job may still be there.
            await tickets.fail(claim, task_failure_of(error, claim.name), forget=error.code == "job_lost")
        except SQLAlchemyError:
            raise  # the lease runs out, and the next errand reads from the row how far this one came
        except Exception as error:
            log.exception("task %s of project %s broke", claim.name, claim.project_id)
            await tickets.fail(claim, task_failure_of(error, claim.name), forget=False)

    async def _call_off(self) -> None:
        claim, office = self.claim, self.office
        remote_id, key = claim.remote_id, claim.submit_key
        if remote_id is None and key is not None and office.provider.submission == "lookup_by_key":
            remote_id = await office.provider.look_up(key)
            if remote_id is not None:
                await office.tickets.keep(claim, key, remote_id)
        if remote_id is not None:
            await office.provider.cancel(remote_id)
        await office.tickets.call_off(claim)

    async def _submit(self) -> str | None:
        """Submit the task, or find it submitted; None when the errand ends here."""
        office = self.office
        claim, provider, tickets = self.claim, office.provider, office.tickets
        key = claim.submit_key
        if key is not None and provider.submission == "neither":
            await tickets.park(claim, submit_unknown(claim.name, provider.title))
            return None
        if key is not None and provider.submission == "lookup_by_key":
            found = await provider.look_up(key)
            if found is not None:
                await tickets.keep(claim, key, found)
                return found
        if key is not None and (wait := await office.rates.try_turn(provider.account, provider.per_minute)) > 0:
            await tickets.postpone(claim, wait, forget=False)
            return None
        if key is None:
            key = uuid4().hex
            if not await tickets.intend(claim, key):
                await tickets.hold(claim)
                return None
        return await self._send(key)

    async def _send(self, key: str) -> str | None:
        claim, office = self.claim, self.office
        fresh = claim.submit_key is None  # then nothing was sent under this key before
        if not await office.task_claims.is_held(claim):
            return None  # this process was held up, and another has the task: it knows the intent
        try:
            remote_id = await office.provider.submit(
                key=key, kind=claim.kind, model=claim.model, order=claim.order, inputs=self._inputs()
            )
        except AnswerLost as lost:
            log.warning("task %s of project %s: %s", claim.name, claim.project_id, lost.message)
            if office.provider.submission == "neither":
                await office.tickets.park(claim, submit_unknown(claim.name, office.provider.title))
            else:
                again = TemporaryError(lost.code, lost.message, remedy=lost.remedy)
                await office.tickets.fail(claim, task_failure_of(again, claim.name), forget=False)
            return None
        except TrailerflowError as refused:
            await self._refused(refused, forget=fresh)
            return None
        if await office.tickets.keep(claim, key, remote_id):
            return remote_id
        # Held up just before it sent: whoever took over has ordered as well.
        log.error("task %s of project %s was ordered twice, the second is called off", claim.name, claim.project_id)
        await office.provider.cancel(remote_id)
        return None

    async def _refused(self, refused: TrailerflowError, *, forget: bool) -> None:
        """Settle a submission that the provider did not take; one that comes too fast costs no try."""
        claim, office = self.claim, self.office
        log.warning("task %s of project %s was not taken: %s", claim.name, claim.project_id, refused.message)
        delay = refused.delay_seconds if isinstance(refused, TemporaryError) else 0.0
        if delay:
            await office.rates.close_for(office.provider.account, delay)
            await office.tickets.postpone(claim, delay, forget=forget)
        else:
            await office.tickets.fail(claim, task_failure_of(refused, claim.name), forget=forget)

    async def _wait(self, remote_id: str) -> Report | None:
        """Wait until a job is over; None when the task is handed back, called off or given up."""
        claim, office, clock = self.claim, self.office, asyncio.get_running_loop().time
        deadline = clock() + office.provider.timeout_seconds
        while True:
            if self.leaving:
                await office.task_claims.hand_back(claim)
                return None
            if not await office.task_claims.is_held(claim):
                if claim.remote_id is None and await office.task_claims.is_called_off(claim):
                    await office.provider.cancel(remote_id)  # who called it off did not know the ticket yet
                return None  # cancelled, or another's by now: its errand is another one
            report = await office.provider.poll(remote_id)
            if report.status != "running":
                return report
            if clock() > deadline:
                late = job_timed_out(claim.name, office.provider.title, office.provider.timeout_seconds)
                await office.tickets.fail(claim, late, forget=False)
                return None
            if claim.tries:  # it was away and is back: the next outage has all its tries again
                await office.tickets.forgive(claim)
                claim = self.claim = replace(claim, tries=0)
            tick = {"step": claim.name, "run_id": claim.run_id, "done": round(report.done, 3)}
            office.bell.ring(claim.project_id, tick=tick)
            await self._rest(office.provider.poll_seconds)

    async def _rest(self, seconds: float) -> None:
        self.look.clear()
        if not self.leaving:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await self.look.wait()

    async def _collect(self, report: Report) -> None:
        """Bring a finished job's files home, or record why there are none."""
        claim, office = self.claim, self.office
        if report.status != "succeeded":
            stopped = TemporaryError("job_stopped", f"{office.provider.title} stopped {claim.name}", remedy="retry")
            error = task_failure_of(report.error or stopped, claim.name)
            await office.tickets.fail(claim, error, cost=report.cost, forget=True)
            return
        files = []
        with tempfile.TemporaryDirectory(prefix="trailerflow-") as folder:
            for number, output in enumerate(report.outputs):
                path = Path(folder) / str(number)
                try:
                    await office.provider.fetch(output.url, path)
                except PermanentError as gone:  # the job is over and paid for, its file will never come
                    await office.tickets.fail(claim, task_failure_of(gone, claim.name), cost=report.cost, forget=True)
                    return
                stored = await asyncio.to_thread(office.storage.put, path)
                files.append(NewFile(output.name, stored.sha256, output.media_type, stored.bytes))
        await office.tickets.receive(claim, files, report.cost)
        await office.ring.render(1)

    def _inputs(self) -> list[Input]:
        """Return the files that the order names."""
        paths = self.office.storage
        return [
            Input(file["sha256"], file["media_type"], paths.path(file["sha256"])) for file in _files(self.claim.order)
        ]


def _files(value: Any) -> Iterator[dict[str, str]]:
    if isinstance(value, dict):
        if {"sha256", "media_type"} <= value.keys():
            yield value
        else:
            for inner in value.values():
                yield from _files(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _files(inner)
