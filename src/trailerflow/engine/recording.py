"""A run's steps as its turn writes them: met, begun, saved, counted. Called by `results` and `tasks` on an open page.

A turn does this dozens of times a second, so these are plain statements, each built once; people's verbs use the
rows of `step_rows`. The rules both follow are written once, there and in `status`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, bindparam, insert, select, update
from sqlmodel import col

from trailerflow.engine.ledger import Page
from trailerflow.engine.status import DONE, DONE_STEPS, progress_of
from trailerflow.engine.step_rows import StepName, may_begin, step_data
from trailerflow.engine.tables import Json, Run, Step


def _meeting(these: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select a run, with those of its steps that it has met."""
    return (
        select(
            col(Run.status).label("run_status"),
            col(Run.bands),
            col(Run.progress),
            col(Run.deliveries),
            col(Run.variations),
            col(Run.skips),
            DONE_STEPS.label("done"),
            col(Step.id),
            col(Step.name),
            col(Step.status),
            col(Step.attempts),
            col(Step.result_id),
            col(Step.error),
            col(Step.started_at),
            col(Step.finished_at),
        )
        .select_from(Run)
        .outerjoin(Step, (col(Step.run_id) == col(Run.id)) & these)
        .where(col(Run.id) == bindparam("run"))
    )


_MEET: Final = _meeting(col(Step.name) == bindparam("step"))
_MEET_ALL: Final = _meeting(col(Step.name).in_(bindparam("steps", expanding=True)))
_ADD: Final = insert(Step).inline()
_CHANGE: Final = update(Step).where(col(Step.id) == bindparam("row"))
_MOVE: Final = update(Run).where(col(Run.id) == bindparam("row"))


@dataclass(frozen=True, slots=True)
class RunRow:
    """What of a run matters to its steps; `done` says how many of them are, by band."""

    status: str
    bands: Json
    progress: int
    deliveries: int
    variations: Json
    skips: list[str]
    done: dict[str, int]


@dataclass(slots=True)
class Met:
    """A step as its run has it, to be changed and saved; `id` is None when the run had not met it before."""

    step: StepName
    run: RunRow
    id: int | None
    status: str
    attempts: int
    result_id: int | None
    error: Json | None
    started_at: float | None
    finished_at: float | None
    was_done: bool = False

    @property
    def data(self) -> Json:
        """Return what every event about the step carries."""
        return step_data(self.step, self.attempts)


def meet(page: Page, step: StepName) -> Met:
    """Look a step up in the page's run."""
    return _mets(page.connection.execute(_MEET, {"run": page.fence.run_id, "step": step.name}).all(), [step])[0]


def meet_all(page: Page, steps: list[StepName]) -> list[Met]:
    """Look steps up in the page's run; return them in the same order."""
    if len(steps) == 1:
        return [meet(page, steps[0])]
    names = [step.name for step in steps]
    return _mets(page.connection.execute(_MEET_ALL, {"run": page.fence.run_id, "steps": names}).all(), steps)


def _mets(rows: Sequence[Row[Any]], steps: list[StepName]) -> list[Met]:
    first = rows[0]
    of_run = (first.bands, first.progress, first.deliveries, first.variations, first.skips, first.done or {})
    run = RunRow(first.run_status, *of_run)
    known = {row.name: row for row in rows}
    return [_met(step, run, known.get(step.name)) for step in steps]


def _met(step: StepName, run: RunRow, row: Row[Any] | None) -> Met:
    if row is None:
        return Met(step, run, None, "waiting", 0, None, None, None, None)
    changing = (row.status, row.attempts, row.result_id, row.error, row.started_at, row.finished_at)
    return Met(step, run, row.id, *changing, was_done=row.status in DONE)


def begin(page: Page, met: Met, attempt: int = 1, error: Json | None = None) -> None:
    """Have a step be in work, told once for each attempt; `error` is why there is another one. To be saved."""
    if not may_begin(met.status, met.attempts, attempt):
        return
    met.status, met.started_at, met.attempts = "started", page.at, max(met.attempts, attempt)
    if met.run.status == "running":
        page.append("step.started", met.run.progress, **met.data, **({"error": error} if error else {}))


def save(page: Page, *mets: Met) -> None:
    """Write the rows of steps."""
    added = []
    for met in mets:
        values: dict[str, Any] = {
            "status": met.status,
            "attempts": met.attempts,
            "result_id": met.result_id,
            "error": met.error,
            "started_at": met.started_at,
            "finished_at": met.finished_at,
        }
        if met.id is not None:
            page.write(_CHANGE, {"row": met.id, **values})
        else:
            added.append({**_place(page, met.step), **values})
    if added:
        page.write(_ADD, added)


def _place(page: Page, step: StepName) -> Json:
    place = {"run_id": page.fence.run_id, "name": step.name, "kind": step.kind, "phase": step.phase, "band": step.band}
    return {**place, "scene": step.scene, "shot": step.shot}


def move_progress(page: Page, mets: list[Met]) -> list[int]:
    """Recompute the run's progress from its steps; return it as it was after each of these, in their order.

    Something was recorded: the run's workers do not fail.
    """
    run = mets[0].run
    done = dict(run.done)
    progress = []
    for met in mets:
        if met.status in DONE and not met.was_done:
            done[met.step.band] = done.get(met.step.band, 0) + 1
        progress.append(progress_of(run, done))
    if progress[-1] != run.progress or run.deliveries:
        page.write(_MOVE, {"row": page.fence.run_id, "progress": progress[-1], "deliveries": 0})
    return progress
