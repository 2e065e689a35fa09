"""Files over HTTP: the list, and one by its flat name with ranges and entity tags. Endpoints for the router."""

import asyncio
import re
from collections.abc import MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from trailerflow.engine.tables import Artifact
from trailerflow.errors import NotFound
from trailerflow.web import answers, auth, inputs, paths
from trailerflow.web.schemas import FileQuery
from trailerflow.web.state import AppRequest
from trailerflow.web.views import ArtifactList, ArtifactView

RANGES = re.compile(r"bytes=\s*((?:\d+-\d*|-\d+)(?:\s*,\s*(?:\d+-\d*|-\d+))*)\s*")
MOST_RANGES = 20
LONGEST_NUMBER = 18
SCRIPTABLE = ("image/svg+xml", "text/html", "application/xhtml+xml", "text/xml", "application/xml")
NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"


async def listing(request: AppRequest) -> Response:
    """List a project's files."""
    project_id = auth.project_id(request)
    found = await request.state.studio.projects.artifacts(project_id)
    return answers.of(ArtifactList(artifacts=[_view(project_id, artifact) for artifact in found]))


def _view(project_id: int, artifact: Artifact) -> ArtifactView:
    return ArtifactView(
        name=artifact.name,
        url=paths.artifact(project_id, artifact.name),
        media_type=artifact.media_type,
        bytes=artifact.bytes,
        sha256=artifact.sha256,
    )


async def file(request: AppRequest) -> Response:
    """Send a file, or the ranges of it that are asked for."""
    project_id, studio = auth.project_id(request), request.state.studio
    query = inputs.query_of(request, FileQuery)
    artifact = await studio.projects.artifact(project_id, request.path_params["name"])
    etag, known = f'"{artifact.sha256}"', request.headers.get("if-none-match")
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if known is not None and answers.matches(known, etag):
        return Response(status_code=304, headers=headers)
    path = studio.storage.path(artifact.sha256)
    try:
        stat = await asyncio.to_thread(path.stat)
    except FileNotFoundError as error:
        message = f"the file of {artifact.name} is gone from the storage"
        raise NotFound("artifact_lost", message, remedy="start a run: it makes again what is missing") from error
    _settle_range(request.scope, etag, stat.st_size)
    if artifact.media_type.partition(";")[0] in SCRIPTABLE:
        headers["Content-Security-Policy"] = NO_SCRIPTS
    return FileResponse(
        path,
        headers=headers,
        media_type=artifact.media_type,
        filename=artifact.name,
        stat_result=stat,
        content_disposition_type="attachment" if query.download else "inline",
    )


def _settle_range(scope: MutableMapping[str, Any], etag: str, size: int) -> None:
    """Leave in the request only ranges that can be sent. Raises 416 when ranges are asked for and none can."""
    headers = Headers(scope=scope)
    asked = headers.get("range")
    if asked is None:
        return
    ranges = _parsed(asked)
    if ranges is None or headers.get("if-range", etag) != etag:
        satisfiable: list[str] = []  # what cannot be read, or is not about this content, counts as not asked
    else:
        satisfiable = [f"{first}-{last}" for first, last in ranges if _is_inside(first, last, size)]
        if not satisfiable:
            detail = f"the file has {size} bytes; none of {asked} is inside"
            raise HTTPException(416, detail, {"Content-Range": f"bytes */{size}"})
    changed = MutableHeaders(scope=scope)
    del changed["range"]
    if satisfiable:
        changed["range"] = f"bytes={','.join(satisfiable)}"
    scope["headers"] = changed.raw


def _parsed(asked: str) -> list[tuple[str, str]] | None:
    """Return the ranges as (first, last), either possibly empty; None when they are malformed or too many."""
    found = RANGES.fullmatch(asked)
    if found is None:
        return None
    ranges = []
    for part in found[1].split(","):
        first, _, last = part.strip().partition("-")
        if max(len(first), len(last)) > LONGEST_NUMBER or (first and last and int(last) < int(first)):
            return None
        ranges.append((first, last))
    return ranges if len(ranges) <= MOST_RANGES else None


def _is_inside(first: str, last: str, size: int) -> bool:
    return int(first) < size if first else int(last) > 0 and size > 0
