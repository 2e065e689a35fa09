"""What goes in over HTTP, as models, and what the service says of itself: checked on the way, told in `/openapi.json`.

Used by the endpoints and by `openapi`. What is shown of projects is in `views`, the status has its model in
`engine.status`, film's values are in `film`.
"""

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from trailerflow.film.casting import Look
from trailerflow.film.plan import Aspect
from trailerflow.film.settings import SettingLook

Priority = Literal["low", "normal", "high"]
WorkflowType = Literal["full_pipeline", "script_analysis_only", "storyboard_only", "video_only", "regenerate_scene"]
ErrorPolicy = Literal["fail_fast", "skip_and_continue"]
Phase = Literal["script_to_trailer", "trailer_to_storyboard", "storyboard_to_movie"]

MOST_SCENES = 2000
SceneIndex = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
SceneList = Annotated[tuple[SceneIndex, ...], Field(max_length=MOST_SCENES)]


class Asked(BaseModel):
    """The base of every body that is asked for: an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StartRequest(Asked):
    """How a run shall be."""

    workflow_type: WorkflowType = "full_pipeline"
    scene: SceneIndex | None = Field(None, description="for regenerate_scene: the scene's index, from 0")
    seconds: int = Field(60, strict=True, ge=15, le=150, description="length of the trailer")
    aspect: Aspect = "16:9"
    seed: int = Field(0, strict=True, ge=0, le=2**31 - 1, description="another number, another trailer")
    on_error: ErrorPolicy = Field(
        "fail_fast", description="skip_and_continue: a stand-in takes the place of a picture or clip that fails"
    )
    pause_after: Literal["script_to_trailer", "trailer_to_storyboard"] | None = None
    priority: Priority = "normal"

    @model_validator(mode="after")
    def _match_scene_and_type(self) -> Self:
        if (self.workflow_type == "regenerate_scene") != (self.scene is not None):
            raise ValueError("scene says which one to regenerate: it belongs to workflow_type regenerate_scene alone")
        return self


class SkipRequest(Asked):
    """Which picture or clip is to be stood in for."""

    step: str | None = Field(None, max_length=200, description="such as image/s012-2; none: the one that failed")


class PlanChange(Asked):
    """A person's hand on the plan; what is left out stays as it is."""

    lock: SceneList | None = Field(None, description="scenes that must be in the trailer")
    ban: SceneList | None = Field(None, description="scenes that must stay out")
    order: SceneList | None = Field(None, description="the order of the chosen scenes")
    spoilers: bool | None = Field(None, strict=True, description="whether the end of the story may be told, too")
    takes: dict[str, Annotated[int, Field(strict=True, ge=1)]] | None = Field(
        None, description="{shot: take}: which version of a picture is used", max_length=1000
    )

    @model_validator(mode="after")
    def _refuse_repeated_scenes(self) -> Self:
        for name in ("lock", "ban", "order"):
            scenes = getattr(self, name)
            if scenes is not None and len(set(scenes)) != len(scenes):
                raise ValueError(f"{name} names a scene twice")
        return self


def _change_of(name: str, look: type[BaseModel]) -> type[Asked]:
    fields: dict[str, Any] = {
        field: (Any, Field(None, description=f"as {field} of {look.__name__}; null takes the change back"))
        for field in look.model_fields
    }
    return create_model(name, __base__=Asked, __doc__="Fields of a look that differ.", **fields)


LookChange = _change_of("LookChange", Look)
SettingLookChange = _change_of("SettingLookChange", SettingLook)


class PageQuery(BaseModel):
    """Which page of a list."""

    before: int | None = Field(None, ge=1, le=2**31 - 1, description="`next` of the page before")
    limit: int = Field(50, ge=1, le=200)


class StatusQuery(BaseModel):
    """How long to wait for a change."""

    wait: float | None = Field(
        None, ge=0, le=60, description="seconds to wait until the status differs", allow_inf_nan=False
    )


class FileQuery(BaseModel):
    """How a file is offered."""

    download: bool = Field(False, description="for saving, not for showing")


class StreamQuery(BaseModel):
    """Where to go on; the header `Last-Event-ID` wins."""

    last_event_id: str | None = Field(
        None, description="the last id seen; 0: from the beginning; none: a snapshot first"
    )


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class WorkerView(BaseModel):
    """A living worker."""

    id: str
    seen_at: datetime


class Ready(BaseModel):
    """Whether the service can work, and who is alive."""

    status: Literal["ready", "not_ready"]
    database: bool
    schema_at_head: bool
    bell: bool = Field(description="whether Redis can be heard; without it everything works, later")
    workers: dict[str, list[WorkerView]]


class Problem(BaseModel):
    """An error (RFC 9457)."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str | None = None


class EventData(BaseModel):
    """The data of an `event` frame: one durable change of state. Further fields depend on `type`."""

    model_config = ConfigDict(extra="allow")

    type: Literal[
        "run.queued", "run.started", "run.pausing", "run.paused", "run.resumed", "run.cancelling", "run.cancelled",
        "run.failed", "run.retried", "run.completed", "phase.started", "phase.finished",
        "step.started", "step.finished", "step.reused", "step.skipped", "step.failed",
    ]  # fmt: skip
    project_id: int
    run_id: int | None
    at: datetime
    progress: int
    step: str | None = None
    kind: str | None = None
    phase: Phase | None = None
    attempt: int | None = None
    artifact: str | None = None
    scene: int | None = None
    shot: str | None = None
    take: int | None = None
    error: dict[str, Any] | None = None


class TickData(BaseModel):
    """The data of a `tick` frame: how far a step is, 0 to 1. Never stored."""

    project_id: int
    run_id: int
    step: str
    done: float
