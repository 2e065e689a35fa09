"""Answers in JSON, and the comparison of entity tags. Called by the endpoints."""

from collections.abc import Mapping

from pydantic import BaseModel
from starlette.responses import Response

from trailerflow.engine.status import WorkflowStatus

JSON = "application/json"


def of(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a model as JSON; times are RFC 3339 in UTC."""
    return Response(model.model_dump_json(), status, headers, JSON)


def of_status(status: WorkflowStatus, code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a status with its entity tag."""
    return of(status, code, {"ETag": status.etag, **(headers or {})})


def unchanged(etag: str) -> Response:
    """Return 304."""
    return Response(status_code=304, headers={"ETag": etag})


def matches(if_none_match: str, etag: str) -> bool:
    """Say whether a tag is among those of an If-None-Match header, compared weakly."""
    bare = etag.removeprefix("W/")
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or bare in tags
