"""Skipping: a picture or clip is not made, a stand-in takes its place when the run goes on. Called by `service`."""

from typing import Final

from sqlalchemy import select
from sqlmodel import col

from trailerflow.engine.ledger import Entry
from trailerflow.engine.status import update_progress
from trailerflow.engine.step_rows import StepName, find_step, step_data, step_row
from trailerflow.engine.tables import Run, Step, Task
from trailerflow.errors import Conflict, Invalid

_PLACES: Final = {"image": ("trailer_to_storyboard", "images"), "clip": ("storyboard_to_movie", "clips")}
"""Kind of item → its phase and band."""
_REMEDY: Final = "name a picture (image/SHOT) or a clip (clip/SHOT) of the plan"


async def skip(entry: Entry, run: Run, name: str | None) -> None:
    """Mark an item as skipped in a run that is paused or failed; skipped again, nothing changes."""
    name = _failed_step(run) if name is None else name
    step = _item(entry, name)
    if name in run.skips:
        return
    found = await find_step(entry.session, run, name)
    if found is not None and found.status in ("finished", "reused"):
        raise Conflict("finished", f"{name} is finished", remedy="start regenerate_scene to have its scene made anew")
    await _check_not_bought(entry, run, name)
    row = await step_row(entry, run, step)
    row.status, row.error, row.finished_at = "skipped", None, entry.at
    run.skips = [*run.skips, name]
    await update_progress(entry.session, run)
    entry.append("step.skipped", run, **step_data(row, row.attempts), scene=row.scene, shot=row.shot, reason="asked")


async def forgive_failures(entry: Entry, run: Run) -> None:
    """Make the failed steps of a run ready to be taken again."""
    failed = select(Step).where(col(Step.run_id) == run.id, col(Step.status) == "failed")
    for row in (await entry.session.execute(failed)).scalars():
        row.status, row.error = "waiting", None


def _failed_step(run: Run) -> str:
    if run.failed_at is None:
        raise Invalid("invalid", "no step has failed, so say which one to skip", remedy=_REMEDY)
    return run.failed_at.partition("/")[2]


def _item(entry: Entry, name: str) -> StepName:
    kind, _, shot = name.partition("/")
    if kind not in _PLACES:
        raise Invalid("not_skippable", f"{name} cannot be skipped: only pictures and clips can", remedy=_REMEDY)
    scene = next((planned["scene"] for planned in entry.project.shots if planned["shot"] == shot), None)
    if scene is None:
        raise Invalid("unknown_step", f"the plan has no {name}", remedy=_REMEDY, extra={"field": "step"})
    phase, band = _PLACES[kind]
    return StepName(name=name, kind=kind, phase=phase, band=band, scene=scene, shot=shot)


async def _check_not_bought(entry: Entry, run: Run, name: str) -> None:
    """Raise `Conflict` when a provider has the item in work: it is paid for."""
    sent = select(col(Task.provider)).where(
        col(Task.run_id) == run.id,
        col(Task.name) == name,
        col(Task.submit_key).is_not(None),
        col(Task.status).in_(("queued", "held", "claimed", "done")),
    )
    provider = (await entry.session.execute(sent)).scalars().first()
    if provider is not None:
        raise Conflict("submitted", f"{name} was ordered from {provider} already", remedy="resume or retry collects it")
