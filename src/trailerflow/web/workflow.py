"""The verbs of a project's run over HTTP: start, status, pause, resume, cancel, retry, skip. Endpoints for the router.

The status can be waited for: the relay wakes the waiting request, which holds no database session meanwhile.
"""

import asyncio
from contextlib import suppress

from starlette.responses import Response

from trailerflow.engine.limits import PRIORITIES
from trailerflow.engine.service import Start
from trailerflow.engine.status import WorkflowStatus
from trailerflow.engine.tables import User
from trailerflow.errors import Invalid
from trailerflow.web import answers, auth, inputs
from trailerflow.web.ring import Ring
from trailerflow.web.schemas import Priority, SkipRequest, StartRequest, StatusQuery
from trailerflow.web.state import AppRequest

IDEMPOTENCY_KEY = "Idempotency-Key"
MOST_KEY_CHARACTERS = 200


async def start(request: AppRequest) -> Response:
    """Start a run."""
    project_id = auth.project_id(request)
    asked = await inputs.body_of(request, StartRequest)
    options = asked.model_dump(exclude={"workflow_type", "scene"})
    options["priority"] = _capped(asked.priority, auth.caller(request))
    wanted = Start(asked.workflow_type, options, scene=asked.scene, key=_key(request))
    started = await request.state.studio.service.start_workflow(project_id, wanted)
    if started.replayed:
        return answers.of_status(started.status, 200, {"Idempotent-Replayed": "true"})
    return answers.of_status(started.status, 202)


def _key(request: AppRequest) -> str | None:
    """Return the client's idempotency key. Raises `Invalid`."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None or (1 <= len(key) <= MOST_KEY_CHARACTERS and key.isascii() and key.isprintable()):
        return key
    raise Invalid(
        "invalid",
        f"the header {IDEMPOTENCY_KEY} has 1 to {MOST_KEY_CHARACTERS} printable ASCII characters",
        remedy="send a random one, such as a UUID",
        extra={"field": IDEMPOTENCY_KEY},
    )


def _capped(priority: Priority, user: User) -> str:
    """Return the priority asked for, or the highest the user may have."""
    return min(priority, user.priority, key=PRIORITIES.__getitem__)


async def pause(request: AppRequest) -> Response:
    """Pause the run."""
    return answers.of_status(await request.state.studio.service.pause(auth.project_id(request)), 202)


async def resume(request: AppRequest) -> Response:
    """Resume the run."""
    return answers.of_status(await request.state.studio.service.resume(auth.project_id(request)), 202)


async def cancel(request: AppRequest) -> Response:
    """Stop the run for good."""
    return answers.of_status(await request.state.studio.service.cancel(auth.project_id(request)), 202)


async def retry(request: AppRequest) -> Response:
    """Go on from the failed step."""
    return answers.of_status(await request.state.studio.service.retry(auth.project_id(request)), 202)


async def skip(request: AppRequest) -> Response:
    """Have a picture or clip stood in for."""
    project_id = auth.project_id(request)
    asked = await inputs.body_of(request, SkipRequest)
    return answers.of_status(await request.state.studio.service.skip(project_id, asked.step), 202)


async def status(request: AppRequest) -> Response:
    """Return the status, at once or as soon as it differs from the one known."""
    project_id, wait = auth.project_id(request), inputs.query_of(request, StatusQuery).wait
    known = request.headers.get("if-none-match")
    now = await request.state.studio.service.get_status(project_id)
    if wait and (known is None or answers.matches(known, now.etag)):
        now = await _wait(request, now, wait)
    if known is not None and answers.matches(known, now.etag):
        return answers.unchanged(now.etag)
    return answers.of_status(now)


async def _wait(request: AppRequest, known: WorkflowStatus, seconds: float) -> WorkflowStatus:
    """Return the status as soon as its tag differs, at the latest after so many seconds."""
    now, clock = known, asyncio.get_running_loop().time
    deadline = clock() + seconds
    ring = await request.state.relay.of_project(known.project_id)
    with ring.viewer():
        while True:
            seen = ring.end
            now = await request.state.studio.service.get_status(known.project_id)
            if now.etag != known.etag or ring.closed or clock() >= deadline:
                return now
            await _until_it_grows(ring, seen, deadline - clock())


async def _until_it_grows(ring: Ring, seen: int, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(max(seconds, 0.0)):
            while ring.end == seen and not ring.closed:
                await ring.changed.wait()
