"""What is shown of projects over HTTP, as models: documented in `/openapi.json`.

Used by the endpoints and by `router`. What goes in is in `schemas`.
"""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from trailerflow.engine.states import State


class NoticeView(BaseModel):
    """Something read differently from what was written."""

    line: int
    code: str
    message: str


class PlanHand(BaseModel):
    """A person's whole hand on the plan as it is now."""

    lock: list[int]
    ban: list[int]
    order: list[int]
    spoilers: bool
    takes: dict[str, int]


class LookHand(BaseModel):
    """A look as it will be, and which of its fields a person has changed."""

    name: str
    look: dict[str, Any]
    changed: list[str]


class ProjectView(BaseModel):
    """A project, how its latest run stands, and the hand on its plan. `poster` is the picture that stands for it."""

    id: int
    title: str
    format: str
    scenes: int
    warnings: list[NoticeView]
    filename: str
    bytes: int
    run_id: int | None
    status: State
    progress: int
    poster: str | None = Field(description="url of a picture; null before the first")
    edits: PlanHand
    last_event_id: int
    created_at: datetime


class ProjectPage(BaseModel):
    """A page of projects, newest first."""

    projects: list[ProjectView]
    next: int | None = Field(description="`before` of the next page; null on the last")


class SceneView(BaseModel):
    """A scene as it was read; `line` counts from 1."""

    index: int
    heading: str
    number: str | None
    line: int


class ReadAs(BaseModel):
    """What a range of source lines was read as; `blank` and `left_out` are no part of the film."""

    first_line: int
    last_line: int
    type: str


class TurningPointView(BaseModel):
    """Where the story turns: the scenes it may be, best first, and the chance (0 to 1) that it lies by one of them."""

    name: str
    scenes: list[int]
    confidence: float


class ScreenplayView(BaseModel):
    """A screenplay as it was read.

    Once a run has analysed it, characters have a role, a look and what the script states of them (age, gender, looks,
    clothing, relations), and there are settings and the five turning points.
    """

    project_id: int
    format: str
    encoding: str
    lines: int
    title_page: dict[str, str]
    scenes: list[SceneView]
    characters: list[dict[str, Any]]
    settings: list[dict[str, Any]]
    turning_points: list[TurningPointView]
    warnings: list[NoticeView]
    read_as: list[ReadAs]


class TakeView(BaseModel):
    """Which version of a shot's picture is chosen, of how many, and where it is."""

    chosen: int | None
    count: int
    url: str | None


class DoubtView(BaseModel):
    """A scene left out, and why; `instead` is the scene that stands where it came nearest to."""

    scene: int
    heading: str
    reason: str
    instead: int | None


class PlanView(BaseModel):
    """The last plan: `Plan` of the film, each shot with `start_frame`, `frames`, `seconds`; beside it the takes."""

    model_config = ConfigDict(extra="allow")

    project_id: int
    seconds: int
    frames: int
    fps: int
    choices: list[dict[str, Any]]
    shots: list[dict[str, Any]]
    cards: list[dict[str, Any]]
    cuts: list[dict[str, Any]]
    left_out: list[DoubtView]
    obeyed: dict[str, Any] = Field(description="the hand this plan was chosen with")
    takes: dict[str, TakeView]
    edits: PlanHand = Field(description="the hand as it is now")


class LineDoubt(BaseModel):
    """Words of a scene that are not heard in the trailer, and why."""

    text: str
    line: int = Field(description="line of the source, from 1")
    reason: str


class WhyView(BaseModel):
    """Why a scene is in the trailer or not, and why the lines of it that are not heard are not."""

    scene: int
    heading: str
    chosen: bool
    reason: str
    instead: int | None = Field(description="the scene that stands where this one came nearest to")
    lines: list[LineDoubt]


class ArtifactView(BaseModel):
    """A file that can be downloaded."""

    name: str
    url: str
    media_type: str
    bytes: int
    sha256: str


class ArtifactList(BaseModel):
    """All files of a project, the latest of each name."""

    artifacts: list[ArtifactView]
