"""What a start needs to know: has it been asked before, is there enough to begin with, what is to be made anew.

Called by `service`, inside the transaction that starts the run.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.ledger import Entry
from trailerflow.engine.results import digest_of
from trailerflow.engine.step_rows import find_step
from trailerflow.engine.tables import IdempotencyKey, Project, Result, Run, User
from trailerflow.errors import Conflict, Invalid

KEY_SECONDS: Final = 7 * 86_400.0
"""So long is a start known by its idempotency key, whatever becomes of the run."""


def fingerprint_of(project_id: int, workflow_type: str, options: Mapping[str, Any], scene: int | None) -> str:
    """Return what a repeated start must have in common with the first."""
    return digest_of({"project": project_id, "type": workflow_type, "options": dict(options), "scene": scene})


async def find_replay(session: AsyncSession, user_id: int, key: str, fingerprint: str) -> Run | None:
    """Return the run that was started under a key. Raises `Invalid` when that was another request.

    Locks the user, so that two starts under one key, on different projects say, are one after the other.
    """
    await session.execute(select(col(User.id)).where(col(User.id) == user_id).with_for_update())
    known = await session.get(IdempotencyKey, (user_id, key))
    if known is None:
        return None
    run = await session.get(Run, known.run_id)
    if known.fingerprint != fingerprint or run is None:
        raise Invalid(
            "idempotency_key_reused",
            f"the key {key} belongs to another start, of run {known.run_id}",
            remedy="send the same request again, or a new key",
            extra={"run_id": known.run_id},
        )
    return run


def check_pictures(project: Project) -> None:
    """Raise `Conflict` when there is no storyboard to film."""
    _check_plan(project)
    missing = [shot["shot"] for shot in project.shots if shot["shot"] not in project.takes]
    if missing:
        raise Conflict(
            "no_pictures",
            f"these shots have no picture: {', '.join(missing)}",
            remedy="start storyboard_only first",
            extra={"shots": missing},
        )


async def variations_of(session: AsyncSession, project: Project, scene: int) -> dict[str, int]:
    """Return {shot: n} for the shots of a scene: its next picture is the n-th made anew on demand.

    Raises `Conflict` without a plan, `Invalid` when the plan has no such scene.
    """
    _check_plan(project)
    shots = [shot["shot"] for shot in project.shots if shot["scene"] == scene]
    if not shots:
        scenes = sorted({shot["scene"] for shot in project.shots})
        raise Invalid(
            "scene_not_in_plan",
            f"scene {scene} is not in the trailer",
            remedy=f"the trailer's scenes are {', '.join(map(str, scenes))}",
            extra={"field": "scene", "scenes": scenes},
        )
    names = {f"image/{shot}": shot for shot in shots}
    query = (
        select(col(Result.name), func.max(Result.variation))
        .where(col(Result.project_id) == project.id, col(Result.name).in_(names))
        .group_by(col(Result.name))
    )
    made = {names[name]: variation for name, variation in await session.execute(query)}
    return {shot: made.get(shot, -1) + 1 for shot in shots}


async def has_been_filmed(session: AsyncSession, project: Project) -> bool:
    """Say whether the project had got as far as a trailer of its plan: every shot has, or had, something to film."""
    names = [f"image/{shot['shot']}" for shot in project.shots]
    query = select(col(Result.name)).where(
        col(Result.project_id) == project.id, col(Result.name).in_([*names, "trailer"])
    )
    made = set((await session.execute(query)).scalars())
    return {*names, "trailer"} <= made


async def reopen_items(entry: Entry, run: Run, shots: Mapping[str, int]) -> None:
    """Have the pictures and clips of shots made anew inside a run that is paused."""
    run.variations = {**run.variations, **shots}
    names = {f"{kind}/{shot}" for kind in ("image", "clip") for shot in shots}
    run.skips = [name for name in run.skips if name not in names]
    for name in names:
        row = await find_step(entry.session, run, name)
        if row is not None:
            row.status, row.attempts, row.error = "waiting", 0, None


def _check_plan(project: Project) -> None:
    if project.plan_result_id is None or not project.shots:
        raise Conflict(
            "no_plan",
            f"project {project.id} has no plan yet, so there is nothing to film",
            remedy="start full_pipeline or storyboard_only first",
        )
