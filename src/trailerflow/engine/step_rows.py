"""The rows of a run's steps: found by name, made when first met, told of in the log. Called inside a transaction."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.ledger import Entry, Fence
from trailerflow.engine.tables import Json, Run, Step, Task

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


def step_data(step: StepName | Step, attempts: int) -> Json:
    """Return what every event about a step carries."""
    return {"step": step.name, "kind": step.kind, "phase": step.phase, "attempt": max(attempts, 1)}


def may_begin(status: str, attempts: int, attempt: int) -> bool:
    """Say whether a step's attempt is to be told to be in work: once; one that is skipped stays so meanwhile."""
    return status != "skipped" and not (status == "started" and attempts >= attempt)


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
    return row


async def find_step(session: AsyncSession, run: Run, name: str) -> Step | None:
    """Return a run's step by its name."""
    query = select(Step).where(col(Step.run_id) == run.id, col(Step.name) == name)
    return (await session.execute(query)).scalar_one_or_none()


async def tried_steps(session: AsyncSession, run_id: int) -> dict[str, int]:
    """Return how often the steps of a run were tried that are to be tried again."""
    again = (col(Step.run_id) == run_id, col(Step.status) == "waiting", col(Step.attempts) > 0)
    query = select(col(Step.name), col(Step.attempts)).where(*again)
    return {name: attempts for name, attempts in await session.execute(query)}  # noqa: C416 - rows are no pairs to mypy


async def tell_begun(entry: Entry, run: Run) -> None:
    """Tell of the steps whose tasks were taken up and not told of yet, before the run is asked to pause.

    Nothing is told to begin while a run pauses: what was in work then was told with the pause.
    """
    taken = select(col(Task.name), col(Task.attempts)).where(col(Task.run_id) == run.id, col(Task.status) == "claimed")
    for name, attempts in (await entry.session.execute(taken.order_by(col(Task.position)))).all():
        row = await find_step(entry.session, run, name)
        if row is not None and may_begin(row.status, row.attempts, attempts + 1):
            row.status, row.started_at, row.attempts = "started", entry.at, max(row.attempts, attempts + 1)
            if run.status == "running":
                entry.append("step.started", run, **step_data(row, row.attempts))
