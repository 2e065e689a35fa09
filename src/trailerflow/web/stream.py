"""The stream: Server-Sent Events of one project, or of all the caller's projects on one connection.

Endpoints for the router. A viewer never touches a run: it may connect, stall and vanish as it likes.
"""

import functools
from collections.abc import Mapping
from contextlib import AbstractContextManager

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trailerflow.web import afterwards, auth, connection, cursor
from trailerflow.web.missed import Missed
from trailerflow.web.ring import Ring
from trailerflow.web.state import AppRequest
from trailerflow.web.viewer import Viewer, retry_line

MEDIA_TYPE = "text/event-stream"
FULL_COMEBACK_SECONDS = (5.0, 30.0)
LARGEST_EVENT_ID = 2**53
DESCRIPTION = """Server-Sent Events, for as long as the client stays; the end of a run does not end the stream.

`snapshot`: the status, with the last event's id. `event`: a durable change of state, with its id, a number that rises
by one in the project. `tick`: transient progress of a step, without an id. `ping`: every 15 s, without an id,
data `{}`.

Without an id: a snapshot, then what happens. With the last id seen, 0 meaning none: every event after it, then what
happens, without a snapshot. With an id that is too large, malformed or no longer in the log: a snapshot."""
ALL_DESCRIPTION = """The same for all of the caller's projects, those made later included, on one connection.

Its ids are opaque and of another kind. With an id that cannot be read: one snapshot of each project."""
HEADERS = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}


async def project_events(request: AppRequest) -> Response:
    """Stream one project's events."""
    project_id = auth.project_id(request)
    relay = request.state.relay
    ring = await relay.of_project(project_id)
    asked = _last_event_id(request)
    # Malformed is like too large: an id no project will ever reach, answered with a snapshot.
    seen = None if asked is None else _number(asked)
    position = None if seen is None else ring.position_after(seen)
    if position is not None:
        return _answer(request, ring, position=position)
    heads = functools.partial(relay.heads_of_project, project_id)
    missed = Missed(log=relay.log, ring=ring, heads=heads, wants={project_id: seen}, all_of=False)
    return _answer(request, ring, missed=missed)


async def all_events(request: AppRequest) -> Response:
    """Stream the events of all the caller's projects."""
    user_id, relay = _user_id(request), request.state.relay
    ring = await relay.of_user(user_id)
    asked = _last_event_id(request)
    position = None if asked is None else ring.position_after(asked)
    if position is not None:
        return _answer(request, ring, position=position)
    seen = None if asked is None else cursor.unpack(asked)
    known = await relay.log.last_event_ids(user_id)
    wants: Mapping[int, int | None] = {
        project_id: None if seen is None else seen.get(project_id, 0) for project_id in sorted(known)
    }
    heads = functools.partial(relay.heads_of_user, user_id)
    return _answer(request, ring, missed=Missed(log=relay.log, ring=ring, heads=heads, wants=wants, all_of=True))


def _answer(request: AppRequest, ring: Ring, *, missed: Missed | None = None, position: int = 0) -> Response:
    user_id, relay = _user_id(request), request.state.relay
    if not relay.room.has_place_for(user_id):
        # Any other status would be final for a browser's EventSource; so it is told to come back, later.
        return Response(retry_line(*FULL_COMEBACK_SECONDS), media_type=MEDIA_TYPE, headers=HEADERS)
    line = connection.line_of(request.scope)
    viewer = Viewer(ring=ring, line=line, slow=relay.count_slow, missed=missed, position=position)
    return EventStream(viewer, counted=relay.room.place_of(user_id))


def _user_id(request: AppRequest) -> int:
    user_id = auth.caller(request).id
    assert user_id is not None
    return user_id


def _last_event_id(request: AppRequest) -> str | None:
    """Return the id to go on after; the header, which a reconnecting browser sends, wins. Empty is none."""
    return request.headers.get("last-event-id") or request.query_params.get("last_event_id") or None


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_EVENT_ID))
    return int(text) if is_number and int(text) <= LARGEST_EVENT_ID else None


class EventStream(Response):
    """Begins the answer, and leaves the viewer to deliver the rest until the client goes."""

    media_type = MEDIA_TYPE

    def __init__(self, viewer: Viewer, *, counted: AbstractContextManager[None]) -> None:
        self.status_code = 200
        self.background = None
        self._viewer = viewer
        self._counted = counted
        self.init_headers(HEADERS)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Send the headers; for HEAD those alone."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
        else:
            afterwards.do(scope, functools.partial(_watch, self._viewer, self._counted))


async def _watch(viewer: Viewer, counted: AbstractContextManager[None], receive: Receive, send: Send) -> None:
    with counted:
        await viewer.watch(receive, send)
