"""The stream: Server-Sent Events of one project, or of all the caller's projects on one connection.

Endpoints for the router. A viewer never touches a run: it may connect, stall and vanish as it likes.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from trailerflow.web import auth, cursor
from trailerflow.web.state import AppRequest
from trailerflow.web.viewer import Viewer

log = logging.getLogger(__name__)

SEND_SECONDS = 20.0
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
    opened = request.state
    ring = await opened.relay.of_project(project_id)
    asked = _last_event_id(request)
    # Malformed is like too large: an id no project will ever reach, answered with a snapshot.
    seen = None if asked is None else _number(asked)
    viewer = Viewer(studio=opened.studio, relay=opened.relay, ring=ring, wants={project_id: seen}, all_of=False)
    return EventStream(viewer.watch())


async def all_events(request: AppRequest) -> Response:
    """Stream the events of all the caller's projects."""
    opened, user_id = request.state, auth.caller(request).id
    assert user_id is not None
    ring = await opened.relay.of_user(user_id)
    asked = _last_event_id(request)
    seen = None if asked is None else cursor.unpack(asked)
    known = await opened.studio.projects.last_event_ids(user_id)
    wants: Mapping[int, int | None] = {
        project_id: None if seen is None else seen.get(project_id, 0) for project_id in sorted(known)
    }
    viewer = Viewer(studio=opened.studio, relay=opened.relay, ring=ring, wants=wants, all_of=True)
    return EventStream(viewer.watch())


def _last_event_id(request: AppRequest) -> str | None:
    """Return the id to go on after; the header, which a reconnecting browser sends, wins. Empty is none."""
    return request.headers.get("last-event-id") or request.query_params.get("last_event_id") or None


def _number(text: str) -> int | None:
    is_number = text.isascii() and text.isdigit() and len(text) <= len(str(LARGEST_EVENT_ID))
    return int(text) if is_number and int(text) <= LARGEST_EVENT_ID else None


class EventStream(Response):
    """Sends chunks as they come, until they end, the client goes, or it takes nothing for 20 s."""

    media_type = "text/event-stream"

    def __init__(self, chunks: AsyncGenerator[bytes, None]) -> None:
        self.status_code = 200
        self.background = None
        self._chunks = chunks
        self.init_headers(HEADERS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream; for HEAD the headers alone."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        if scope["method"] == "HEAD":
            await self._chunks.aclose()
            await send({"type": "http.response.body", "body": b""})
            return
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_gone(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            sending.cancel()
            ended = await asyncio.gather(sending, leaving, return_exceptions=True)
        for end in ended:
            if isinstance(end, Exception):
                raise end

    async def _send_all(self, send: Send) -> None:
        try:
            async for chunk in self._chunks:
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
        except TimeoutError:
            log.info("a viewer took nothing for %s s; it will catch up when it comes back", SEND_SECONDS)
            return
        finally:
            await self._chunks.aclose()
        await send({"type": "http.response.body", "body": b""})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
