"""How a turn's orders become tasks: those that it places at the same moment in one writing. Called by `tasks`."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from trailerflow.engine.ledger import Page
from trailerflow.engine.products import Maker
from trailerflow.engine.recording import meet_all, save
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tables import Json, Task

_FIND: Final[Select[*tuple[Any, ...]]] = select(
    col(Task.id),
    col(Task.run_id),
    col(Task.name),
    col(Task.digest),
    col(Task.status),
    col(Task.submit_key),
    col(Task.remote_id),
).where(col(Task.project_id) == bindparam("project"), col(Task.name).in_(bindparam("names", expanding=True)))
_ADD: Final[ReturningInsert[*tuple[Any, ...]]] = insert(Task).returning(col(Task.id), col(Task.name), col(Task.digest))
_CHANGE: Final = update(Task).where(col(Task.id) == bindparam("row"))
_UNTOUCHED: Final[Json] = {
    "epoch": 0,
    "attempts": 0,
    "tries": 0,
    "deliveries": 0,
    "cancel_asked": False,
    "cost": 0.0,
    "billed": 0.0,
    "files": [],
}

WAITING = ("queued", "held", "failed", "cancelled")
"""States from which a task goes to the queue when it is ordered (again); the others it keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to do: a kind of work, who does it, and its order as JSON."""

    kind: str
    provider: str
    order: Json
    model: str | None = None

    @property
    def made_of(self) -> Json:
        """Return what the product depends on."""
        by = {"provider": self.provider} if self.model is None else {"provider": self.provider, "model": self.model}
        return {**by, "order": self.order}

    @property
    def maker(self) -> Maker:
        """Return who makes it."""
        return Maker(self.provider, self.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A step's order: kept back with `withhold`, made once more with `again` if it is done, for its files are gone."""

    step: StepName
    digest: str
    order: Order
    withhold: bool = False
    again: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Return what its task is found by, inside the project."""
        return self.step.name, self.digest


def submit(page: Page, submissions: list[Submission]) -> list[int]:
    """Put the tasks of steps on the queue, or find those already ordered; return their tickets."""
    mets = meet_all(page, [submission.step for submission in submissions])
    begun_anew = [met for met in mets if met.id is None or met.status in ("failed", "finished", "reused")]
    for met in begun_anew:
        met.status, met.error = "waiting", None
    save(page, *begun_anew)
    is_running = mets[0].run.status == "running"
    tasks = _find(page, [submission.step.name for submission in submissions])
    tickets = _add(page, [submission for submission in submissions if submission.key not in tasks], is_running)
    for submission in submissions:
        if (task := tasks.get(submission.key)) is not None:
            tickets[submission.key] = _order_again(page, task, submission, is_running)
    return [tickets[submission.key] for submission in submissions]


def _find(page: Page, names: list[str]) -> dict[tuple[str, str], Row[Any]]:
    rows = page.connection.execute(_FIND, {"project": page.fence.project_id, "names": names})
    return {(row.name, row.digest): row for row in rows}


def _add(page: Page, submissions: list[Submission], is_running: bool) -> dict[tuple[str, str], int]:
    if not submissions:
        return {}
    added = page.connection.execute(_ADD, [_new(page, submission, is_running) for submission in submissions])
    return {(row.name, row.digest): row.id for row in added}


def _new(page: Page, submission: Submission, is_running: bool) -> Json:
    step, order = submission.step, submission.order
    return {
        "project_id": page.fence.project_id,
        "run_id": page.fence.run_id,
        "name": step.name,
        "digest": submission.digest,
        "position": step.position,
        "kind": order.kind,
        "provider": order.provider,
        "model": order.model,
        "order": order.order,
        "status": "queued" if is_running and not submission.withhold else "held",
        "created_at": page.at,
        **_UNTOUCHED,
    }


def _order_again(page: Page, task: Row[Any], submission: Submission, is_running: bool) -> int:
    """Have a task that was ordered before serve this run; return its ticket."""
    values: dict[str, Any] = {"position": submission.step.position}
    if task.run_id != page.fence.run_id:
        values |= {"run_id": page.fence.run_id, "attempts": 0, "tries": 0}
    if task.status in WAITING or submission.again:
        values |= _renewed(task, again=submission.again)
        is_withheld = task.submit_key is None and (submission.withhold or not is_running)
        values["status"] = "held" if is_withheld else "queued"
    page.connection.execute(_CHANGE, {"row": task.id, **values})
    return int(task.id)


def _renewed(task: Row[Any], *, again: bool) -> Json:
    """Return what makes a task ready to be done; what a provider has of it stays known."""
    values: Json = {"error": None, "product": None, "files": [], "cancel_asked": False}
    if task.status == "failed":
        values |= {"deliveries": 0, "tries": 0}
    if task.status != "queued":
        values["not_before"] = None
    if again and task.remote_id is not None:
        values["received"] = None
    return values
