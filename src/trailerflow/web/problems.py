"""Errors as RFC 9457 problem documents: our tree and the framework's own errors, in one table. Called by `app`.

Every problem has `type`, `title`, `status`, `detail`, `code`; most have `remedy`; some say more (`run_id`, `field` …).
"""

import json
import logging
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from trailerflow.engine.backoff import OUTAGES
from trailerflow.errors import (
    BadScript,
    Conflict,
    Invalid,
    NotFound,
    Refused,
    TemporaryError,
    TooLarge,
    TrailerflowError,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

TABLE: dict[type[TrailerflowError], tuple[int, str]] = {
    BadScript: (422, "The screenplay cannot be read"),
    Invalid: (422, "A value is not allowed"),
    NotFound: (404, "There is no such thing"),
    Conflict: (409, "The state forbids it"),
    TooLarge: (413, "Too large"),
    Refused: (403, "Not allowed for you"),
    TemporaryError: (503, "Not possible right now"),
    TrailerflowError: (500, "Something broke"),
}
"""Error → status and title; an error stands where its nearest ancestor in the table stands."""

CODES = {400: "bad_request", 404: "not_found", 405: "method_not_allowed", 416: "range_not_satisfiable"}
REMEDIES = {
    400: "this server speaks HTTP/1.1; look at the request's first line and its headers",
    404: "GET /openapi.json describes every call",
    405: "the Allow header says which methods there are",
    416: "ask for a range inside the length that Content-Range tells",
}
"""The framework's own errors, by status."""


def response(error: TrailerflowError) -> Response:
    """Return the problem document of one of our errors."""
    status, title = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    headers = {"Retry-After": str(max(1, round(error.delay_seconds)))} if isinstance(error, TemporaryError) else {}
    said = {"title": title, "detail": error.message, "code": error.code, "remedy": error.remedy}
    body = _document(**{**error.extra, **said, "status": status})
    return Response(body, status, headers, MEDIA_TYPE)


def of_framework(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """Return the problem document of an error that the framework found."""
    title = HTTPStatus(status).phrase
    code, remedy = CODES.get(status, "http_error"), REMEDIES.get(status, "")
    body = _document(status=status, title=title, detail=detail or title, code=code, remedy=remedy)
    return Response(body, status, headers, MEDIA_TYPE)


def _document(*, status: int, title: str, detail: str, code: str, remedy: str, **extra: Any) -> bytes:
    problem = {"type": f"urn:trailerflow:problem:{code}", "title": title, "status": status, "detail": detail}
    problem["code"] = code
    if remedy:
        problem["remedy"] = remedy
    return json.dumps({**extra, **problem}).encode()


async def _ours(_request: Request, error: Exception) -> Response:
    assert isinstance(error, TrailerflowError)
    return response(error)


async def _frameworks(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    unknown = f"this version has no {request.method} {request.url.path}"
    detail = unknown if error.status_code == HTTPStatus.NOT_FOUND else error.detail
    return of_framework(error.status_code, detail, dict(error.headers or {}))


def internal() -> Response:
    """Return the problem document of an error nobody foresaw; what broke inside is nothing for the one who asked."""
    detail = "The service failed to answer."
    body = _document(
        status=500, title="Something broke", detail=detail, code="internal", remedy="see the service's log"
    )
    return Response(body, 500, media_type=MEDIA_TYPE)


async def _database_away(_request: Request, error: Exception) -> Response:
    log.warning("the database is away: %s", error)
    away = "the database does not answer just now"
    return response(TemporaryError("database_away", away, remedy="try again in a moment", delay_seconds=1.0))


HANDLERS: dict[Any, ExceptionHandler] = {
    TrailerflowError: _ours,
    HTTPException: _frameworks,
    **dict.fromkeys(OUTAGES, _database_away),
}
