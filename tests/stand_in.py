"""A stand-in for the service: obeys the API's contract with a run that a test scripts, and breaks when told to.

`test_client.py` and `test_cli.py` use it where the real service would be too slow or too healthy.
"""

import asyncio
import contextlib
import hashlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Json = dict[str, Any]


class StandIn:
    """One project with one run. `story` are its events; `cuts` says after how many messages each connection breaks."""

    def __init__(self, *, story: list[Json], cuts: list[int] | None = None, ending: str = "completed") -> None:
        self.story = [{"run_id": 7, "project_id": 3, "at": "2026-11-22T00:00:00Z", **event} for event in story]
        self.cuts = list(cuts or [])
        self.ending = ending
        self.files = {"trailer.mp4": b"film", "captions.vtt": b"WEBVTT", "image-s001-1-t1.png": b"picture"}
        self.lies: set[str] = set()
        self.asked: list[str | None] = []
        self.started: Json = {}
        self.hand: Json = {}
        self.uploaded = b""
        self.acts: list[tuple[str, Json]] = []
        self.busy = 0
        self.url = ""

    @contextlib.contextmanager
    def running(self) -> Iterator["StandIn"]:
        """Serve on a free loopback port."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()  # who comes before the server has started waits instead of being refused
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            config = uvicorn.Config(self._app(), log_level="error", lifespan="off", timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                yield self
            finally:
                server.should_exit = True
                thread.join(10)

    def status(self, *, over: bool = True) -> Json:
        """Return the status at the beginning or at the end."""
        done = {"done": 2, "total": 2, "failed": 0, "skipped": 0}
        return {
            "project_id": 3,
            "run_id": 7,
            "workflow_type": "full_pipeline",
            "status": self.ending if over else "queued",
            "phase": "storyboard_to_movie" if over else None,
            "step": None,
            "progress": 100 if over else 0,
            "items": {"images": done, "clips": done},
            "error_message": "the brush broke" if over and self.ending == "failed" else None,
            "failed_at": "trailer_to_storyboard/image/s001-1" if over and self.ending == "failed" else None,
            "last_event_id": len(self.story) if over else 1,
        }

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/api/projects", self._upload, methods=["POST"]),
                Route("/api/projects/{id:int}/plan", self._plan, methods=["PATCH"]),
                Route("/api/projects/{id:int}/artifacts", self._artifacts),
                Route("/api/projects/{id:int}/artifacts/{name}", self._artifact),
                Route("/api/workflow/{id:int}/start", self._start, methods=["POST"]),
                Route("/api/workflow/{id:int}/status", self._status),
                Route("/api/workflow/{id:int}/events", self._events),
                Route("/api/workflow/{id:int}/{verb}", self._act, methods=["POST"]),
            ]
        )

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            script = form["script"]
            assert not isinstance(script, str)
            self.uploaded = await script.read()
        if b"\0" in self.uploaded:
            return problem(422, "not_text", "line 1 is not text", "save it as text")
        return JSONResponse({"id": 3, "title": "A Film", "format": "fountain", "scenes": 2, "warnings": []}, 201)

    async def _start(self, request: Request) -> Response:
        self.started = await request.json()
        return JSONResponse(self.status(over=False), 202)

    async def _status(self, request: Request) -> Response:
        if request.path_params["id"] != 3:
            return problem(404, "project_not_found", "there is no project 4", "")
        if self.busy:
            self.busy -= 1
            return Response("bad gateway", 502)
        return JSONResponse(self.status())

    async def _act(self, request: Request) -> Response:
        body = await request.body()
        self.acts.append((request.path_params["verb"], json.loads(body) if body else {}))
        if request.path_params["verb"] == "resume":
            return problem(409, "not_allowed", "run 7 is completed", "resume works on a paused run")
        return JSONResponse(self.status(), 202)

    async def _plan(self, request: Request) -> Response:
        self.hand = await request.json()
        return JSONResponse(self.hand)

    async def _artifacts(self, _: Request) -> Response:
        listed = [self._listed(name, content) for name, content in self.files.items()]
        return JSONResponse({"artifacts": listed})

    def _listed(self, name: str, content: bytes) -> Json:
        digest = hashlib.sha256(content).hexdigest()
        return {"name": name, "url": f"/api/projects/3/artifacts/{name}", "sha256": digest, "bytes": len(content)}

    async def _artifact(self, request: Request) -> Response:
        name = request.path_params["name"]
        return Response(b"another" if name in self.lies else self.files[name])

    async def _events(self, request: Request) -> Response:
        after = request.headers.get("last-event-id")
        self.asked.append(after)
        return StreamingResponse(self._messages(after), media_type="text/event-stream")

    async def _messages(self, after: str | None) -> AsyncIterator[str]:
        left = self.cuts.pop(0) if self.cuts else len(self.story) + 9
        if after is None:
            left -= 1
            yield message("snapshot", self.status(over=False), 1)
        # It repeats the last event that was seen, as a careless proxy would.
        for number in range(max(1, int(after or 1)), len(self.story) + 1):
            if left <= 0:
                return
            left -= 1
            yield message("event", self.story[number - 1], number)
            yield message("tick", {"step": "image/s001-1", "done": 0.5})
        yield message("ping", {})
        await asyncio.sleep(3600)


def message(event: str, data: Json, number: int | None = None) -> str:
    head = f"event: {event}\n" if number is None else f"event: {event}\nid: {number}\n"
    return f"{head}data: {json.dumps(data)}\n\n"


def problem(status: int, code: str, detail: str, remedy: str) -> Response:
    body = {"type": "about:blank", "title": code, "status": status, "detail": detail, "code": code, "remedy": remedy}
    return JSONResponse(body, status, media_type="application/problem+json")


STORY: list[Json] = [
    {"type": "run.queued", "progress": 0},
    {"type": "run.started", "progress": 0},
    {"type": "phase.started", "phase": "trailer_to_storyboard", "progress": 45},
    {"type": "step.started", "step": "image/s001-1", "kind": "image", "progress": 45},
    {"type": "step.finished", "step": "image/s001-1", "kind": "image", "progress": 57},
    {"type": "phase.finished", "phase": "trailer_to_storyboard", "progress": 70},
]
COMPLETED = [*STORY, {"type": "run.completed", "progress": 100}]
FAILED = [*STORY, {"type": "run.failed", "progress": 57, "error": {"code": "x", "message": "the brush broke"}}]
