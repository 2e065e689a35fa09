"""Results: found by name and digest, recorded together with their step and event. Called by `steps` and `projects`.

A result is unique by (project, name, digest) and used again by any later run; it is never changed.
"""

import asyncio
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import Database
from trailerflow.engine.ledger import Entry, Fence, Ledger
from trailerflow.engine.status import update_progress
from trailerflow.engine.step_rows import ITEM_KINDS, StepName, run_of, started, step_data, step_row
from trailerflow.engine.storage import Storage
from trailerflow.engine.tables import Artifact, Json, Result, ResultFile, Run, Step

LARGEST_VALUE_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file a step handed in, already in the storage."""

    name: str
    sha256: str
    media_type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made a result: a provider, and its model where it has several."""

    provider: str
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step yields: the result's id and take and its value as JSON."""

    result_id: int
    take: int
    value: Json


def digest_of(inputs: Any) -> str:
    """Return the SHA-256 of the canonical JSON (sorted keys, no spaces) of a step's inputs."""
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(canonical.encode()).hexdigest()


def flat_name(step: StepName, take: int, file: NewFile) -> str:
    """Return the name an artifact is offered by; an item's name carries its take."""
    if step.is_item:
        return f"{step.name.replace('/', '-')}-t{take}{PurePosixPath(file.name).suffix}"
    return file.name


class Results:
    """Finds and records results of one database and one storage."""

    def __init__(self, *, database: Database, ledger: Ledger, storage: Storage) -> None:
        self._database = database
        self._ledger = ledger
        self._storage = storage

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
        return await asyncio.to_thread(lambda: all(self._storage.has(file.sha256) for file in files))

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

    async def add(
        self,
        entry: Entry,
        step: StepName,
        digest: str,
        value: Json,
        files: list[NewFile],
        *,
        maker: Maker | None = None,
        stand_in_run_id: int | None = None,
    ) -> Outcome:
        """Write a result and its files inside an open transaction; one that lost its files keeps its id and take."""
        session = entry.session
        result = await self._lost_or_new(entry, step.name, digest)
        is_new = result.id is None
        result.stand_in_run_id = stand_in_run_id
        if maker is not None:
            result.provider, result.model = maker.provider, maker.model
        text = json.dumps(value)
        is_large = len(text) > LARGEST_VALUE_BYTES
        result.value = None if is_large else value
        result.value_sha256 = sha256(text.encode()).hexdigest() if is_large else None
        session.add(result)
        await session.flush()
        assert result.id is not None
        if not is_new:
            await session.execute(delete(ResultFile).where(col(ResultFile.result_id) == result.id))
        session.add_all(
            ResultFile(
                result_id=result.id,
                position=position,
                name=flat_name(step, result.take, file),
                sha256=file.sha256,
                media_type=file.media_type,
                bytes=file.bytes,
            )
            for position, file in enumerate(files)
        )
        return Outcome(result.id, result.take, value)

    async def _lost_or_new(self, entry: Entry, name: str, digest: str) -> Result:
        of_name = select(col(Result.id), col(Result.digest), col(Result.take)).where(
            col(Result.project_id) == entry.project_id, col(Result.name) == name
        )
        known = (await entry.session.execute(of_name)).all()
        lost = next((result_id for result_id, other, _ in known if other == digest), None)
        if lost is not None:
            return await entry.session.get_one(Result, lost)
        take = max((take for _, _, take in known), default=0) + 1
        return Result(project_id=entry.project_id, name=name, digest=digest, take=take, created_at=entry.at)

    async def offload(self, value: Json) -> None:
        """Store a large value as a file; done before the transaction that names it."""
        text = json.dumps(value)
        if len(text) > LARGEST_VALUE_BYTES:
            await asyncio.to_thread(self._storage.put_bytes, text.encode())

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
    ) -> Outcome:
        """Record result, step and event together: the step is finished, or skipped with its stand-in."""
        await self.offload(value)
        async with self._ledger.writing(fence.project_id, fence=fence, events=2) as entry:
            run = await run_of(entry, fence)
            of_run = run.id if stand_in else None
            outcome = await self.add(entry, step, digest, value, files, maker=maker, stand_in_run_id=of_run)
            row = await step_row(entry, run, step)
            row.attempts = max(row.attempts, attempts)
            if not stand_in:
                started(entry, run, row)
            await self._settle(entry, run, row, outcome, "skipped" if stand_in else "finished", has_files=bool(files))
            return outcome

    async def reuse(self, fence: Fence, step: StepName, outcome: Outcome, *, status: str = "reused") -> None:
        """Record that a run uses an earlier result; silent when this very run has it already."""
        if await self._has(fence.run_id, step.name, outcome):
            return
        async with self._ledger.writing(fence.project_id, fence=fence) as entry:
            run = await run_of(entry, fence)
            row = await step_row(entry, run, step)
            await self._settle(entry, run, row, outcome, status)

    async def _has(self, run_id: int, name: str, outcome: Outcome) -> bool:
        ended = col(Step.status).in_(("finished", "reused", "skipped"))
        query = select(col(Step.id)).where(
            col(Step.run_id) == run_id, col(Step.name) == name, ended, col(Step.result_id) == outcome.result_id
        )
        async with self._database.read() as session:
            return (await session.execute(query)).scalar_one_or_none() is not None

    async def _settle(
        self, entry: Entry, run: Run, row: Step, outcome: Outcome, status: str, *, has_files: bool = True
    ) -> None:
        row.status, row.result_id, row.finished_at, row.error = status, outcome.result_id, entry.at, None
        run.deliveries = 0
        row.started_at = row.started_at or entry.at
        artifact = await self._offer(entry, outcome) if has_files else None
        if row.name == "plan":
            entry.project.plan_result_id = outcome.result_id
        if row.kind == "image" and status != "skipped":
            await _choose(entry, run, row, outcome)
        await update_progress(entry.session, run)
        extra = {}
        if row.kind in ITEM_KINDS:
            extra = {"artifact": artifact, "scene": row.scene, "shot": row.shot, "take": outcome.take}
        entry.append(f"step.{status}", run, **step_data(row), **extra)

    async def _offer(self, entry: Entry, outcome: Outcome) -> str | None:
        """Make a result's files the latest of their names; return the first name."""
        query = (
            select(ResultFile).where(col(ResultFile.result_id) == outcome.result_id).order_by(col(ResultFile.position))
        )
        files = list((await entry.session.execute(query)).scalars())
        for file in files:
            await entry.session.merge(
                Artifact(
                    project_id=entry.project_id,
                    name=file.name,
                    sha256=file.sha256,
                    media_type=file.media_type,
                    bytes=file.bytes,
                    created_at=entry.at,
                )
            )
        return files[0].name if files else None


async def _choose(entry: Entry, run: Run, row: Step, outcome: Outcome) -> None:
    """Make a take the chosen one; one made anew on demand takes the place of an earlier choice by hand."""
    project, shot = entry.project, str(row.shot)
    project.takes = {**project.takes, shot: outcome.take}
    if shot in run.variations:
        variation = run.variations[shot]
        await entry.session.execute(
            update(Result).where(col(Result.id) == outcome.result_id).values(variation=variation)
        )
        project.variations = {**project.variations, shot: variation}
        by_hand = {name: chosen for name, chosen in project.edits.get("takes", {}).items() if name != shot}
        project.edits = {**project.edits, "takes": by_hand}


async def makers_of(session: AsyncSession, project_id: int) -> dict[str, Maker]:
    """Return who made the first take of each item of a project."""
    query = (
        select(col(Result.name), col(Result.provider), col(Result.model))
        .where(col(Result.project_id) == project_id, col(Result.provider).is_not(None))
        .where(col(Result.stand_in_run_id).is_(None), col(Result.name).contains("/"))
        .order_by(col(Result.id).desc())
    )
    return {name: Maker(provider or "", model) for name, provider, model in await session.execute(query)}
