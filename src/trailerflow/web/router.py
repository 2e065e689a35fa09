"""Every call of the API, in one table: the routes and `/openapi.json` are both built from it. Called by `app`.

A new call is one entry here. Several methods on one path become one route, so that a 405 tells all that are allowed.
"""

from collections.abc import Iterable
from typing import Final

from starlette.responses import Response
from starlette.routing import Route

from trailerflow.engine.status import WorkflowStatus
from trailerflow.web import artifacts, edits, metrics, openapi, operations, plans, projects, stream, workflow
from trailerflow.web.call import Call, Endpoint
from trailerflow.web.schemas import (
    Alive,
    FileQuery,
    LookChange,
    PageQuery,
    PlanChange,
    Ready,
    SettingLookChange,
    SkipRequest,
    StartRequest,
    StatusQuery,
    StreamQuery,
)
from trailerflow.web.state import AppRequest
from trailerflow.web.views import (
    ArtifactList,
    LookHand,
    PlanHand,
    PlanView,
    ProjectPage,
    ProjectView,
    ScreenplayView,
    WhyView,
)

PROJECT: Final = "/api/projects/{project_id}"
WORKFLOW: Final = "/api/workflow/{project_id}"
UNCHANGED: Final = {304: "Not changed since the entity tag in If-None-Match."}
IF_NONE_MATCH: Final = {"If-None-Match": "the entity tag known; the answer is 304 while it holds"}
IDEMPOTENCY_KEY: Final = {"Idempotency-Key": "a start sent again under the same key is answered with the same run"}
LAST_EVENT_ID: Final = {"Last-Event-ID": "the last id seen, as browsers send it when they reconnect"}
EVENT_STREAM: Final = "text/event-stream"

CALLS: Final = (
    Call(
        method="POST", path="/api/projects", endpoint=projects.create, tag="projects", answer=ProjectView, status=201,
        upload=True, problems=(413, 422), also={},
        description="Fountain, Final Draft, PDF or plain text, told by content; at most 10 MB. Codes of 422: `invalid` "
        "(no file), `not_text`, `empty`, `damaged`, `hostile_xml`, `encrypted`, `no_text`, `too_costly`, "
        "`unsupported_format`; of 413: `too_large`, `too_deep`, `too_many_pages`.",
    ),
    Call(
        method="GET", path="/api/projects", endpoint=projects.page, tag="projects", answer=ProjectPage, query=PageQuery,
        problems=(422,),
    ),
    Call(method="GET", path=PROJECT, endpoint=projects.show, tag="projects", answer=ProjectView, problems=(404,)),
    Call(
        method="DELETE", path=PROJECT, endpoint=projects.remove, tag="projects", answer=None, status=204,
        problems=(404, 409), description="409 `run_active` while a run is active.",
    ),
    Call(
        method="GET", path=f"{PROJECT}/screenplay", endpoint=projects.screenplay, tag="projects", answer=ScreenplayView,
        problems=(404,),
    ),
    Call(
        method="GET", path=f"{PROJECT}/plan", endpoint=plans.show, tag="projects", answer=PlanView, problems=(404,),
        description="404 `no_plan` before the first plan. Of very many scenes `left_out` holds the foremost 500.",
    ),
    Call(
        method="GET", path=f"{PROJECT}/plan/why/{{scene}}", endpoint=plans.why, tag="projects", answer=WhyView,
        problems=(404,), description="404 `no_plan` before the first plan, `scene_not_found`.",
    ),
    Call(
        method="PATCH", path=f"{PROJECT}/plan", endpoint=edits.change_plan, tag="edits", answer=PlanHand,
        body=PlanChange, problems=(404, 413, 422), description="Acts from the next start, resume or retry.",
    ),
    Call(
        method="PATCH", path=f"{PROJECT}/cast/{{name}}", endpoint=edits.change_cast, tag="edits", answer=LookHand,
        body=LookChange, problems=(404, 413, 422), description="Acts from the next start, resume or retry.",
    ),
    Call(
        method="PATCH", path=f"{PROJECT}/settings/{{name}}", endpoint=edits.change_setting, tag="edits",
        answer=LookHand, body=SettingLookChange, problems=(404, 413, 422),
        description="Acts from the next start, resume or retry.",
    ),
    Call(
        method="GET", path=f"{PROJECT}/artifacts", endpoint=artifacts.listing, tag="artifacts", answer=ArtifactList,
        problems=(404,),
    ),
    Call(
        method="GET", path=f"{PROJECT}/artifacts/{{name}}", endpoint=artifacts.file, tag="artifacts", answer="*/*",
        query=FileQuery, problems=(404, 416), also={206: "The ranges asked for.", **UNCHANGED},
        headers={**IF_NONE_MATCH, "Range": "bytes wanted", "If-Range": "only if this entity tag holds"},
    ),
    Call(
        method="POST", path=f"{WORKFLOW}/start", endpoint=workflow.start, tag="workflow", answer=WorkflowStatus,
        status=202, body=StartRequest, problems=(404, 409, 413, 422), headers=IDEMPOTENCY_KEY,
        also={200: "The run that was started before under this Idempotency-Key, with `Idempotent-Replayed: true`."},
        description="409 `run_active` names the active `run_id`; `video_only` also knows `no_plan`, `no_pictures`, and "
        "`regenerate_scene` `no_plan`; 422 `scene_not_in_plan`, `idempotency_key_reused` (with another request).",
    ),
    Call(
        method="GET", path=f"{WORKFLOW}/status", endpoint=workflow.status, tag="workflow", answer=WorkflowStatus,
        query=StatusQuery, headers=IF_NONE_MATCH, also=UNCHANGED, problems=(404, 422),
    ),
    Call(
        method="POST", path=f"{WORKFLOW}/pause", endpoint=workflow.pause, tag="workflow", answer=WorkflowStatus,
        status=202, problems=(404, 409), description="409 `not_allowed` names `allowed_states`.",
    ),
    Call(
        method="POST", path=f"{WORKFLOW}/resume", endpoint=workflow.resume, tag="workflow", answer=WorkflowStatus,
        status=202, problems=(404, 409), description="409 `not_allowed` names `allowed_states`.",
    ),
    Call(
        method="POST", path=f"{WORKFLOW}/cancel", endpoint=workflow.cancel, tag="workflow", answer=WorkflowStatus,
        status=202, problems=(404, 409), description="409 `not_allowed` names `allowed_states`.",
    ),
    Call(
        method="POST", path=f"{WORKFLOW}/retry", endpoint=workflow.retry, tag="workflow", answer=WorkflowStatus,
        status=202, problems=(404, 409), description="409 `not_allowed` names `allowed_states`.",
    ),
    Call(
        method="POST", path=f"{WORKFLOW}/skip", endpoint=workflow.skip, tag="workflow", answer=WorkflowStatus,
        status=202, body=SkipRequest, problems=(404, 409, 413, 422),
        description="409 `not_allowed`, `finished`, `submitted` (a provider has it in work); 422 `unknown_step`, "
        "`not_skippable`. Acts when the run goes on: resume or retry it.",
    ),
    Call(
        method="GET", path=f"{WORKFLOW}/events", endpoint=stream.project_events, tag="stream", answer=EVENT_STREAM,
        query=StreamQuery, headers=LAST_EVENT_ID, problems=(404,), description=stream.DESCRIPTION,
    ),
    Call(
        method="GET", path="/api/events", endpoint=stream.all_events, tag="stream", answer=EVENT_STREAM,
        query=StreamQuery, headers=LAST_EVENT_ID, description=stream.ALL_DESCRIPTION,
    ),
    Call(method="GET", path="/healthz", endpoint=operations.healthz, tag="operations", answer=Alive),
    Call(
        method="GET", path="/readyz", endpoint=operations.readyz, tag="operations", answer=Ready,
        also={503: "Not ready; the body is the same."},
    ),
    Call(
        method="GET", path="/metrics", endpoint=operations.expose_metrics, tag="operations", answer=metrics.MEDIA_TYPE,
    ),
)  # fmt: skip


def routes() -> list[Route]:
    """Return one route for each path, `/openapi.json` included."""
    document = openapi.document(CALLS)

    async def describe(_request: AppRequest) -> Response:
        return Response(document, media_type="application/json")

    by_path: dict[str, dict[str, Endpoint]] = {"/openapi.json": {"GET": describe}}
    for call in CALLS:
        by_path.setdefault(call.path, {})[call.method] = call.endpoint
    return [_route(path, endpoints) for path, endpoints in by_path.items()]


def _route(path: str, endpoints: dict[str, Endpoint]) -> Route:
    async def dispatch(request: AppRequest) -> Response:
        return await endpoints["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, dispatch, methods=_methods(endpoints))


def _methods(endpoints: Iterable[str]) -> list[str]:
    return sorted(endpoints)
