"""Projects: made, listed, edited, removed with their files; and the artifacts they offer. Called by the web."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, union
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import Database, now
from trailerflow.engine.filing import add
from trailerflow.engine.ledger import Ledger, project_not_found
from trailerflow.engine.products import NewFile, NewResult
from trailerflow.engine.results import Results
from trailerflow.engine.states import ACTIVE
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.storage import Storage
from trailerflow.engine.tables import Artifact, Event, Json, Project, Result, ResultFile, Run, Step, Task, User
from trailerflow.errors import Conflict, Invalid, NotFound

LOCAL_USER = "local"
MOST_IDS = 500
_STANDINGS = select(Project, col(Run.status), col(Run.progress)).join(
    Run, col(Run.id) == col(Project.run_id), isouter=True
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a project's log ends, whose it is, and which steps of its latest run, `(run, step)`, are in work."""

    user_id: int
    last_event_id: int
    in_work: frozenset[tuple[int, str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """A project and how its latest run stands."""

    project: Project
    status: str = "idle"
    progress: int = 0


class Projects:
    """The verbs of projects."""

    def __init__(self, *, database: Database, ledger: Ledger, storage: Storage, results: Results) -> None:
        self._database = database
        self._ledger = ledger
        self._storage = storage
        self._results = results

    async def local_user(self) -> User:
        """Return the one user of a service on loopback."""
        async with self._database.write() as session:
            user = (await session.execute(select(User).where(col(User.name) == LOCAL_USER))).scalar_one_or_none()
            if user is None:
                user = User(name=LOCAL_USER, priority="high")
                session.add(user)
            return user

    async def create(
        self,
        *,
        user_id: int,
        title: str,
        script: bytes,
        filename: str,
        read: Mapping[str, Any],
        step: StepName,
        digest: str,
    ) -> Project:
        """Make a project of a screenplay already read: `read` is the product of its first step, recorded at once."""
        stored = await asyncio.to_thread(self._storage.put_bytes, script)
        new = NewResult(step=step, digest=digest, value=dict(read))
        new = await asyncio.to_thread(self._results.keep_value, new)
        values = {
            "user_id": user_id,
            "title": title,
            "format": read["format"],
            "scenes": len(read["scenes"]),
            "warnings": list(read["warnings"]),
            "script": asdict(NewFile(filename, stored.sha256, "text/plain", stored.bytes)),
        }

        def written(connection: Connection) -> Project:
            at = connection.execute(select(now())).scalar_one()
            project = Project(**values, created_at=at)
            rows = insert(Project).returning(col(Project.id))
            project_id = connection.execute(rows, project.model_dump(exclude={"id"})).scalar_one()
            assert project_id is not None
            project.id = project_id
            add(connection, project_id, new, at)
            return project

        project = await self._database.carry_out(written)
        # Once more, now that a row names it: another project's removal may have taken the file in between.
        await asyncio.to_thread(self._storage.put_bytes, script)
        return project

    async def get(self, project_id: int) -> Project:
        """Return a project. Raises `NotFound`."""
        async with self._database.read() as session:
            return await _get(session, project_id)

    async def standing(self, project_id: int) -> Standing:
        """Return a project as it stands. Raises `NotFound`."""
        async with self._database.read() as session:
            found = (await session.execute(_STANDINGS.where(col(Project.id) == project_id))).one_or_none()
        if found is None:
            raise project_not_found(project_id)
        return _standing(found)

    async def list_page(self, user_id: int, *, before: int | None, limit: int) -> list[Standing]:
        """Return a page of a user's projects as they stand, newest first, with ids below `before`."""
        query = _STANDINGS.where(col(Project.user_id) == user_id).order_by(col(Project.id).desc()).limit(limit)
        if before is not None:
            query = query.where(col(Project.id) < before)
        async with self._database.read() as session:
            return [_standing(row) for row in await session.execute(query)]

    async def last_event_ids(self, user_id: int) -> dict[int, int]:
        """Return the last event id of each of a user's projects."""
        query = select(col(Project.id), col(Project.last_event_id)).where(col(Project.user_id) == user_id)
        async with self._database.read() as session:
            return {project_id: last for project_id, last in await session.execute(query) if project_id is not None}

    async def positions(self, project_ids: Collection[int]) -> dict[int, Position]:
        """Return the positions of those of these projects that are there."""
        projects = select(col(Project.id), col(Project.user_id), col(Project.last_event_id))
        steps = (
            select(col(Project.id), col(Run.id), col(Step.name))
            .join(Run, col(Run.id) == col(Project.run_id))
            .join(Step, col(Step.run_id) == col(Run.id))
            .where(col(Run.status).in_(ACTIVE), col(Step.status) == "started")
        )
        found: dict[int, Position] = {}
        wanted = sorted(project_ids)
        async with self._database.read() as session:
            for first in range(0, len(wanted), MOST_IDS):
                these = col(Project.id).in_(wanted[first : first + MOST_IDS])
                in_work: dict[int, set[tuple[int, str]]] = {}
                for project_id, run_id, step in await session.execute(steps.where(these)):
                    assert project_id is not None
                    assert run_id is not None
                    in_work.setdefault(project_id, set()).add((run_id, step))
                for project_id, user_id, last in await session.execute(projects.where(these)):
                    assert project_id is not None
                    found[project_id] = Position(user_id, last, frozenset(in_work.get(project_id, ())))
        return found

    async def delete(self, project_id: int) -> None:
        """Remove a project; a file goes when no row names it any more. Raises `NotFound`, `Conflict` (`run_active`)."""
        async with self._ledger.writing(project_id, events=0) as entry:
            session = entry.session
            run = await session.get(Run, entry.project.run_id) if entry.project.run_id else None
            if run is not None and run.status in ACTIVE:
                raise Conflict(
                    "run_active",
                    f"run {run.id} of project {project_id} is {run.status}",
                    remedy="cancel it or wait for it, then remove the project",
                    extra={"run_id": run.id, "state": run.status},
                )
            mine = await _addresses(session, project_id)
            await _delete_rows(session, project_id)
        async with self._database.write() as session:
            # Looked for and removed under the write lock: whoever names one of these files meanwhile puts it back.
            unnamed = mine - await _named(session, sorted(mine))
            await asyncio.to_thread(self._storage.remove_all, unnamed)

    async def edit(self, project_id: int, part: str, change: Mapping[str, Any]) -> Json:
        """Merge a person's change into one part of the project's edits; return that part. Acts from the next turn."""
        async with self._ledger.writing(project_id, events=0) as entry:
            edits = dict(entry.project.edits)
            edits[part] = {**edits.get(part, {}), **change}
            entry.project.edits = edits
            part_now: Json = edits[part]
            return part_now

    async def edit_plan(self, project_id: int, scenes: Mapping[str, Any], takes: Mapping[str, int]) -> None:
        """Change the hand on the plan and choose takes of shots, both or neither.

        Raises `NotFound`, `Invalid` (no such shot or take).
        """
        async with self._ledger.writing(project_id, events=0) as entry:
            variations = {
                shot: await _variation_of(entry.session, project_id, shot, take) for shot, take in takes.items()
            }
            edits = dict(entry.project.edits)
            edits["plan"] = {**edits.get("plan", {}), **scenes}
            edits["takes"] = {**edits.get("takes", {}), **takes}
            entry.project.edits = edits
            entry.project.takes = {**entry.project.takes, **takes}
            entry.project.variations = {**entry.project.variations, **variations}

    async def count_takes(self, project_id: int) -> dict[str, int]:
        """Return how many takes each shot's picture has."""
        query = select(col(Result.name), col(Result.take)).where(
            col(Result.project_id) == project_id, col(Result.name).startswith("image/")
        )
        takes: dict[str, int] = {}
        async with self._database.read() as session:
            for name, take in await session.execute(query):
                shot = name.removeprefix("image/")
                takes[shot] = max(takes.get(shot, 0), take)
        return takes

    async def artifacts(self, project_id: int) -> list[Artifact]:
        """Return the latest file of every name. Raises `NotFound`."""
        query = select(Artifact).where(col(Artifact.project_id) == project_id).order_by(col(Artifact.name))
        async with self._database.read() as session:
            await _get(session, project_id)
            return list((await session.execute(query)).scalars())

    async def artifact(self, project_id: int, name: str) -> Artifact:
        """Return one file by its flat name. Raises `NotFound`."""
        async with self._database.read() as session:
            await _get(session, project_id)
            artifact = await session.get(Artifact, (project_id, name))
        if artifact is None:
            raise NotFound(
                "artifact_not_found",
                f"project {project_id} has no artifact {name}",
                remedy=f"GET /api/projects/{project_id}/artifacts lists them",
            )
        return artifact


def _standing(row: Any) -> Standing:
    project, status, progress = row
    return Standing(project) if status is None else Standing(project, status, progress)


async def _get(session: AsyncSession, project_id: int) -> Project:
    project = await session.get(Project, project_id)
    if project is None:
        raise project_not_found(project_id)
    return project


async def _variation_of(session: AsyncSession, project_id: int, shot: str, take: int) -> int:
    """Return which variation a take is. Raises `Invalid` when there is no such take; a stand-in is none."""
    query = select(col(Result.variation)).where(
        col(Result.project_id) == project_id,
        col(Result.name) == f"image/{shot}",
        col(Result.take) == take,
        col(Result.stand_in_run_id).is_(None),
    )
    variation = (await session.execute(query)).scalar_one_or_none()
    if variation is None:
        raise Invalid("invalid", f"shot {shot} has no take {take}", remedy="GET …/plan lists the takes of each shot")
    return variation


async def _addresses(session: AsyncSession, project_id: int) -> set[str]:
    """Return the addresses of all files a project names."""
    of_results = (
        select(col(ResultFile.sha256))
        .join(Result, col(Result.id) == ResultFile.result_id)
        .where(col(Result.project_id) == project_id)
    )
    of_values = select(col(Result.value_sha256)).where(
        col(Result.project_id) == project_id, col(Result.value_sha256).is_not(None)
    )
    of_artifacts = select(col(Artifact.sha256)).where(col(Artifact.project_id) == project_id)
    found = set((await session.execute(union(of_results, of_values, of_artifacts))).scalars())
    project = await _get(session, project_id)
    tasks = (await session.execute(select(col(Task.files)).where(col(Task.project_id) == project_id))).scalars()
    return found | {project.script["sha256"]} | {file["sha256"] for files in tasks for file in files}


async def _named(session: AsyncSession, addresses: Sequence[str]) -> set[str]:
    """Return which of these addresses any row still names."""
    of_script = col(Project.script)["sha256"].as_string()
    named: set[str] = set()
    for first in range(0, len(addresses), MOST_IDS):
        these = addresses[first : first + MOST_IDS]
        for column in (col(ResultFile.sha256), col(Result.value_sha256), col(Artifact.sha256), of_script):
            named.update((await session.execute(select(column).where(column.in_(these)))).scalars())
    return named


async def _delete_rows(session: AsyncSession, project_id: int) -> None:
    results = select(col(Result.id)).where(col(Result.project_id) == project_id)
    runs = select(col(Run.id)).where(col(Run.project_id) == project_id)
    await session.execute(delete(ResultFile).where(col(ResultFile.result_id).in_(results)))
    await session.execute(delete(Step).where(col(Step.run_id).in_(runs)))
    for table in (Result, Artifact, Event, Task, Run):
        await session.execute(delete(table).where(col(table.project_id) == project_id))
    await session.execute(delete(Project).where(col(Project.id) == project_id))
