"""Results: found by name and digest, recorded together with their step and event. Called by `steps` and `projects`.

A result is unique by (project, name, digest) and used again by any later run; it is never changed.
"""

import asyncio
import json
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import Database
from trailerflow.engine.ledger import Entry, Fence, Ledger
from trailerflow.engine.status import update_progress
from trailerflow.engine.storage import Storage
from trailerflow.engine.tables import Artifact, Json, Result, ResultFile, Run, Step

LARGEST_VALUE_BYTES = 65_536
ITEM_KINDS = ("image", "clip")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepName:
    """A step's name and its place in the run; an item also names its scene and shot.

    `position` is its place in the story, counted in the turn.
    """

    name: str
    kind: str
    phase: str
    band: str
    scene: int | None = None
    shot: str | None = None
    position: int = 0

    @property
    def is_item(self) -> bool:
        """Say whether it makes one picture or one clip."""
        return self.kind in ITEM_KINDS


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file a step handed in, already in the storage."""

    name: str
    sha256: str
    media_type: str
    bytes: int


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

    async def add(self, entry: Entry, step: StepName, digest: str, value: Json, files: list[NewFile]) -> Outcome:
        """Write a result and its files inside an open transaction; one that lost its files keeps its id and take."""
        session = entry.session
        result = await self._lost_or_new(entry, step.name, digest)
        text = json.dumps(value)
        is_large = len(text) > LARGEST_VALUE_BYTES
        result.value = None if is_large else value
        result.value_sha256 = sha256(text.encode()).hexdigest() if is_large else None
        session.add(result)
        await session.flush()
        assert result.id is not None
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
        await session.flush()
        return Outcome(result.id, result.take, value)

    async def _lost_or_new(self, entry: Entry, name: str, digest: str) -> Result:
        of_name = (col(Result.project_id) == entry.project_id, col(Result.name) == name)
        lost = select(Result).where(*of_name, col(Result.digest) == digest)
        if (result := (await entry.session.execute(lost)).scalar_one_or_none()) is not None:
            return result
        takes = (await entry.session.execute(select(func.max(Result.take)).where(*of_name))).scalar_one() or 0
        return Result(project_id=entry.project_id, name=name, digest=digest, take=takes + 1, created_at=entry.at)

    async def offload(self, value: Json) -> None:
        """Store a large value as a file; done before the transaction that names it."""
        text = json.dumps(value)
        if len(text) > LARGEST_VALUE_BYTES:
            await asyncio.to_thread(self._storage.put_bytes, text.encode())

    async def record(
        self, fence: Fence, step: StepName, digest: str, *, value: Json, files: list[NewFile], attempts: int = 1
    ) -> Outcome:
        """Record result, step and event together: the step is finished."""
        await self.offload(value)
        async with self._ledger.writing(await self._project_of(fence), fence=fence, events=2) as entry:
            run = await run_of(entry, fence)
            outcome = await self.add(entry, step, digest, value, files)
            row = await step_row(entry, run, step)
            row.attempts = max(row.attempts, attempts)
            await started(entry, run, row)
            await self._settle(entry, run, row, outcome, "finished")
            return outcome

    async def reuse(self, fence: Fence, step: StepName, outcome: Outcome) -> None:
        """Record that a run uses an earlier result; silent when this very run has it already."""
        async with self._ledger.writing(await self._project_of(fence), fence=fence) as entry:
            run = await run_of(entry, fence)
            row = await step_row(entry, run, step)
            if row.status in ("finished", "reused") and row.result_id == outcome.result_id:
                return
            await self._settle(entry, run, row, outcome, "reused")

    async def _project_of(self, fence: Fence) -> int:
        async with self._database.read() as session:
            run = await session.get(Run, fence.run_id)
        assert run is not None
        return run.project_id

    async def _settle(self, entry: Entry, run: Run, row: Step, outcome: Outcome, status: str) -> None:
        row.status, row.result_id, row.finished_at, row.error = status, outcome.result_id, entry.at, None
        run.deliveries = 0
        row.started_at = row.started_at or entry.at
        artifact = await self._offer(entry, outcome)
        if row.name == "plan":
            entry.project.plan_result_id = outcome.result_id
        if row.kind == "image":
            entry.project.takes = {**entry.project.takes, str(row.shot): outcome.take}
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


def step_data(row: Step) -> Json:
    """Return what every event about a step carries."""
    return {"step": row.name, "kind": row.kind, "phase": row.phase, "attempt": max(row.attempts, 1)}


async def run_of(entry: Entry, fence: Fence) -> Run:
    """Return the fenced run, inside its transaction."""
    run = await entry.session.get(Run, fence.run_id)
    assert run is not None
    return run


async def step_row(entry: Entry, run: Run, step: StepName) -> Step:
    """Return the row of a step, made now if this run has not met it."""
    row = await find_step(entry.session, run, step.name)
    if row is None:
        assert run.id is not None
        row = Step(run_id=run.id, name=step.name, kind=step.kind, phase=step.phase, band=step.band)
        row.scene, row.shot = step.scene, step.shot
        entry.session.add(row)
        await entry.session.flush()
    return row


async def find_step(session: AsyncSession, run: Run, name: str) -> Step | None:
    """Return a run's step by its name."""
    query = select(Step).where(col(Step.run_id) == run.id, col(Step.name) == name)
    return (await session.execute(query)).scalar_one_or_none()


async def started(entry: Entry, run: Run, row: Step) -> None:
    """Record that a step is in work, once for each attempt."""
    if row.status == "started":
        return
    row.status, row.started_at = "started", entry.at
    await entry.session.flush()
    entry.append("step.started", run, **step_data(row))
