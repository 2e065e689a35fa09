"""What a step makes: a file handed in, its maker, a result, what it yields. Used by every module of `engine`."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tables import Json


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


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording a step tells: its outcome, and how its run stood at that moment."""

    outcome: Outcome
    run_state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewResult:
    """A result ready to be recorded; a large value is a file already (`value_sha256`). A stand-in names its run.

    With `is_first` it is known that the project has none of this name and digest.
    """

    step: StepName
    digest: str
    value: Json
    value_sha256: str | None = None
    files: tuple[NewFile, ...] = ()
    maker: Maker | None = None
    stand_in_run_id: int | None = None
    is_first: bool = False


def flat_name(step: StepName, take: int, file: NewFile) -> str:
    """Return the name an artifact is offered by; an item's name carries its take."""
    if step.is_item:
        return f"{step.name.replace('/', '-')}-t{take}{PurePosixPath(file.name).suffix}"
    return file.name
