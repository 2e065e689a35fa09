"""Results: found by name and digest, recorded together with their step and event. Called by `steps` and `projects`.

A result is unique by (project, name, digest) and used again by any later run; it is never changed.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import Database
from trailerflow.engine.filing import Settled, add, settle
from trailerflow.engine.ledger import Fence, Ledger, Page
from trailerflow.engine.products import Maker, NewFile, NewResult, Outcome, Recorded
from trailerflow.engine.recording import begin, meet, meet_all
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.storage import Storage
from trailerflow.engine.tables import Json, Result, ResultFile, Run, Step
from trailerflow.engine.together import Together

LARGEST_VALUE_BYTES = 65_536


def digest_of(inputs: Any) -> str:
    """Return the SHA-256 of the canonical JSON (sorted keys, no spaces) of a step's inputs."""
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()


class Finished(NamedTuple):
    """A result to be recorded with its step, and at which attempt it came about."""

    new: NewResult
    attempts: int

    @property
    def is_stand_in(self) -> bool:
        """Say whether it takes the place of what the step should have made."""
        return self.new.stand_in_run_id is not None


class Results:
    """Finds and records results of one database and one storage."""

    def __init__(self, *, database: Database, ledger: Ledger, storage: Storage) -> None:
        self._database = database
        self._ledger = ledger
        self._storage = storage
        self._desk = Together(self._record_all)

    async def index(self, project_id: int) -> set[tuple[str, str]]:
        """Return the name and digest of every result of a project."""
        query = select(col(Result.name), col(Result.digest)).where(col(Result.project_id) == project_id)
        async with self._database.read() as session:
            return {(name, digest) for name, digest in await session.execute(query)}

    async def find(self, project_id: int, name: str, digest: str) -> Outcome | None:
        """Return the result of that name and digest, if it is there with all its files."""
        return await self._usable(col(Result.project_id) == project_id, col(Result.name) == name, digest=digest)

    async def find_take(self, project_id: int, name: str, take: int) -> Outcome | None:
        """Return the n-th result of that name."""
        return await self._usable(col(Result.project_id) == project_id, col(Result.name) == name, take=take)

    async def find_id(self, result_id: int) -> Outcome | None:
        """Return a result by its id."""
        return await self._usable(col(Result.id) == result_id)

    async def find_latest(self, project_id: int, name: str) -> Outcome | None:
        """Return the result of that name that the project used last."""
        used = (
            select(col(Step.result_id))
            .join(Run, col(Run.id) == Step.run_id)
            .where(col(Run.project_id) == project_id, col(Step.name) == name, col(Step.result_id).is_not(None))
            .order_by(col(Step.finished_at).desc())
            .limit(1)
        )
        async with self._database.read() as session:
            result_id = (await session.execute(used)).scalar_one_or_none()
        if result_id is None:
            return await self._usable(col(Result.project_id) == project_id, col(Result.name) == name)
        return await self.find_id(result_id)

    async def has_files(self, files: tuple[NewFile, ...]) -> bool:
        """Say whether all of these files are in the storage."""
        return not files or await asyncio.to_thread(lambda: all(self._storage.has(file.sha256) for file in files))

    async def _usable(self, *where: Any, **equals: Any) -> Outcome | None:
        query = select(Result).where(*where).filter_by(**equals).order_by(col(Result.id).desc()).limit(1)
        async with self._database.read() as session:
            result = (await session.execute(query)).scalar_one_or_none()
            if result is None or result.id is None:
                return None
            files = await session.execute(select(col(ResultFile.sha256)).where(col(ResultFile.result_id) == result.id))
            addresses = list(files.scalars()) + ([result.value_sha256] if result.value_sha256 else [])
        value = await asyncio.to_thread(self._load, result, addresses)
        return None if value is None else Outcome(result.id, result.take, value)

    def _load(self, result: Result, addresses: list[str]) -> Json | None:
        if not all(self._storage.has(address) for address in addresses):
            return None
        if result.value_sha256 is None:
            return result.value
        loaded: Json = json.loads(self._storage.path(result.value_sha256).read_bytes())
        return loaded

    def keep_value(self, new: NewResult) -> NewResult:
        """Return the result ready to be recorded: a large value is stored as a file before a transaction names it."""
        if not _is_large(new.value):
            return new
        return replace(new, value_sha256=self._storage.put_bytes(json.dumps(new.value).encode()).sha256)

    async def record(
        self,
        fence: Fence,
        step: StepName,
        digest: str,
        *,
        value: Json,
        files: list[NewFile],
        attempts: int = 1,
        maker: Maker | None = None,
        stand_in: bool = False,
        is_first: bool = False,
    ) -> Recorded:
        """Record result, step and event together: the step is finished, or skipped with its stand-in."""
        new = NewResult(
            step=step,
            digest=digest,
            value=value,
            files=tuple(files),
            maker=maker,
            stand_in_run_id=fence.run_id if stand_in else None,
            is_first=is_first,
        )
        if _is_large(value):
            new = await asyncio.to_thread(self.keep_value, new)
        return await self._desk.hand_in(fence, Finished(new, attempts))

    async def record_made(
        self,
        fence: Fence,
        step: StepName,
        digest: str,
        make: Callable[[], Json],
        *,
        attempts: int = 1,
        is_first: bool = False,
    ) -> Recorded:
        """Call `make` in a thread, and there record the value it returns. Raises what `make` raises."""

        def finished() -> Finished:
            new = self.keep_value(NewResult(step=step, digest=digest, value=make(), is_first=is_first))
            return Finished(new, attempts)

        (recorded,) = await self._ledger.record_made(fence, lambda: partial(_record, ends=[finished()]), events=2)
        return recorded

    async def _record_all(self, fence: Fence, finished: list[Finished]) -> list[Recorded]:
        return await self._ledger.record(fence, lambda page: _record(page, finished), events=2 * len(finished))

    async def reuse(self, fence: Fence, step: StepName, outcome: Outcome, *, status: str = "reused") -> None:
        """Record that a run uses an earlier result; silent when this very run has it already."""
        if await self._has(fence.run_id, step.name, outcome):
            return
        await self._ledger.record(fence, lambda page: settle(page, Settled(meet(page, step), outcome, status)))

    async def _has(self, run_id: int, name: str, outcome: Outcome) -> bool:
        ended = col(Step.status).in_(("finished", "reused", "skipped"))
        query = select(col(Step.id)).where(
            col(Step.run_id) == run_id, col(Step.name) == name, ended, col(Step.result_id) == outcome.result_id
        )
        async with self._database.read() as session:
            return (await session.execute(query)).scalar_one_or_none() is not None


def _is_large(value: Json) -> bool:
    return len(json.dumps(value)) > LARGEST_VALUE_BYTES


def _record(page: Page, ends: list[Finished]) -> list[Recorded]:
    outcomes = [add(page.connection, page.fence.project_id, end.new, page.at) for end in ends]
    mets = meet_all(page, [end.new.step for end in ends])
    for end, met in zip(ends, mets, strict=True):
        met.attempts = max(met.attempts, end.attempts)
        if not end.is_stand_in:
            begin(page, met)
    settle(
        page,
        *(
            Settled(met, outcome, "skipped" if end.is_stand_in else "finished", has_files=bool(end.new.files))
            for end, met, outcome in zip(ends, mets, outcomes, strict=True)
        ),
    )
    return [Recorded(outcome, met.run.status) for outcome, met in zip(outcomes, mets, strict=True)]


async def makers_of(session: AsyncSession, project_id: int) -> dict[str, Maker]:
    """Return who made the first take of each item of a project."""
    query = (
        select(col(Result.name), col(Result.provider), col(Result.model))
        .where(col(Result.project_id) == project_id, col(Result.provider).is_not(None))
        .where(col(Result.stand_in_run_id).is_(None), col(Result.name).contains("/"))
        .order_by(col(Result.id).desc())
    )
    return {name: Maker(provider or "", model) for name, provider, model in await session.execute(query)}
