"""A result put on file: added with its files, offered under their names, its take chosen. Called by `results`.

Plain statements on an open connection, each built once: this is what a turn writes with every step it records.
"""

from dataclasses import asdict
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, bindparam, delete, func, insert, select, update
from sqlalchemy.sql.dml import ReturningInsert
from sqlmodel import col

from trailerflow.engine.ledger import Page
from trailerflow.engine.products import NewResult, Outcome, flat_name
from trailerflow.engine.recording import Met, move_progress, save
from trailerflow.engine.step_rows import ITEM_KINDS
from trailerflow.engine.tables import Artifact, Project, Result, ResultFile

_OF_NAME: Final = (col(Result.project_id) == bindparam("project"), col(Result.name) == bindparam("named"))
_LOST: Final[Select[*tuple[Any, ...]]] = select(col(Result.id), col(Result.take)).where(
    *_OF_NAME, col(Result.digest) == bindparam("made_of")
)
_NEXT_TAKE: Final = select(func.coalesce(func.max(Result.take), 0) + 1).where(*_OF_NAME).scalar_subquery()
_ADD: Final[ReturningInsert[*tuple[Any, ...]]] = (
    insert(Result).values(take=_NEXT_TAKE).returning(col(Result.id), col(Result.take))
)
_REPLACE: Final = update(Result).where(col(Result.id) == bindparam("row"))
_DROP_FILES: Final = delete(ResultFile).where(col(ResultFile.result_id) == bindparam("row"))
_ADD_FILES: Final = insert(ResultFile)
_FILES: Final = (
    select(col(ResultFile.name), col(ResultFile.sha256), col(ResultFile.media_type), col(ResultFile.bytes))
    .where(col(ResultFile.result_id) == bindparam("row"))
    .order_by(col(ResultFile.position))
)
_OFFER: Final = insert(Artifact)
_OFFER_NEXT: Final = update(Artifact).where(
    col(Artifact.project_id) == bindparam("project"), col(Artifact.name) == bindparam("named")
)
_CHOSEN: Final = select(col(Project.takes), col(Project.variations), col(Project.edits)).where(
    col(Project.id) == bindparam("row")
)
_CHOOSE: Final = update(Project).where(col(Project.id) == bindparam("row"))


def add(connection: Connection, project_id: int, new: NewResult, at: float) -> Outcome:
    """Write a result and its files; one that lost its files keeps its id and take."""
    made: dict[str, Any] = {
        "value": None if new.value_sha256 else new.value,
        "value_sha256": new.value_sha256,
        "stand_in_run_id": new.stand_in_run_id,
    }
    if new.maker is not None:
        made |= {"provider": new.maker.provider, "model": new.maker.model}
    step = {"project": project_id, "named": new.step.name}
    lost = None if new.is_first else connection.execute(_LOST, {**step, "made_of": new.digest}).one_or_none()
    if lost is None:
        row = {"project_id": project_id, "name": new.step.name, "digest": new.digest, "variation": 0, "created_at": at}
        result_id, take = connection.execute(_ADD, {**row, **made, **step}).one()
    else:
        result_id, take = lost
        connection.execute(_REPLACE, {"row": result_id, **made})
        connection.execute(_DROP_FILES, {"row": result_id})
    if new.files:
        listed = [{**asdict(file), "name": flat_name(new.step, take, file)} for file in new.files]
        rows = [{"result_id": result_id, "position": position, **file} for position, file in enumerate(listed)]
        connection.execute(_ADD_FILES, rows)
    return Outcome(result_id, take, new.value)


class Settled(NamedTuple):
    """A step that is done with a result: "finished", "reused" or "skipped"."""

    met: Met
    outcome: Outcome
    status: str
    has_files: bool = True


def settle(page: Page, *ends: Settled) -> None:
    """Have steps be done with their results: the files are offered, the takes are chosen, the run has moved on."""
    artifacts = [_settle(page, end) for end in ends]
    if pictures := [end for end in ends if end.met.step.kind == "image" and end.status != "skipped"]:
        _choose(page, pictures)
    progress = move_progress(page, [end.met for end in ends])
    for end, artifact, percent in zip(ends, artifacts, progress, strict=True):
        step, extra = end.met.step, dict[str, Any]()
        if step.kind in ITEM_KINDS:
            extra = {"artifact": artifact, "scene": step.scene, "shot": step.shot, "take": end.outcome.take}
        page.append(f"step.{end.status}", percent, **end.met.data, **extra)


def _settle(page: Page, end: Settled) -> str | None:
    """Write all but the run's progress and the event; return the name of the artifact."""
    met, outcome = end.met, end.outcome
    met.status, met.result_id, met.finished_at, met.error = end.status, outcome.result_id, page.at, None
    met.started_at = met.started_at or page.at
    save(page, met)
    if met.step.name == "plan":
        page.write(_CHOOSE, {"row": page.fence.project_id, "plan_result_id": outcome.result_id})
    return _offer(page, outcome) if end.has_files else None


def _offer(page: Page, outcome: Outcome) -> str | None:
    """Make a result's files the latest of their names; return the first name."""
    project_id = page.fence.project_id
    files = page.connection.execute(_FILES, {"row": outcome.result_id}).all()
    for file in files:
        latest = {"sha256": file.sha256, "media_type": file.media_type, "bytes": file.bytes, "created_at": page.at}
        named = {"project": project_id, "named": file.name}
        if page.connection.execute(_OFFER_NEXT, {**latest, **named}).rowcount == 0:
            page.write(_OFFER, {"project_id": project_id, "name": file.name, **latest})
    return files[0].name if files else None


def _choose(page: Page, ends: list[Settled]) -> None:
    """Make takes the chosen ones; one made anew on demand takes the place of an earlier choice by hand."""
    row = {"row": page.fence.project_id}
    takes, variations, edits = page.connection.execute(_CHOSEN, row).one()
    for met, outcome, *_ in ends:
        shot = str(met.step.shot)
        takes = {**takes, shot: outcome.take}
        if shot in met.run.variations:
            variation = met.run.variations[shot]
            page.write(_REPLACE, {"row": outcome.result_id, "variation": variation})
            variations = {**variations, shot: variation}
            by_hand = {name: take for name, take in edits.get("takes", {}).items() if name != shot}
            edits = {**edits, "takes": by_hand}
    page.write(_CHOOSE, {**row, "takes": takes, "variations": variations, "edits": edits})
