"""The stand-in with every key of a status and a tick, and a list of its projects. The tests here watch it."""

from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stand_in import StandIn

Json = dict[str, Any]
UNKNOWN = {"queue_position": None, "eta_seconds": None, "retry_count": 0}
FREE = {"currency": "USD", "estimate": 0.0, "actual": 0.0}
TIMES = {"created_at": "2026-11-22T00:00:00Z", "started_at": "2026-11-22T00:00:01Z", "finished_at": None}


class House(StandIn):
    """Project 3 with its run; beside it project 2, which has none."""

    def status(self, *, over: bool = True) -> Json:
        return {**super().status(over=over), **UNKNOWN, **TIMES, "cost": FREE}

    def _app(self) -> Starlette:
        app = super()._app()
        app.router.routes.insert(0, Route("/api/projects", self._list, methods=["GET"]))
        return app

    async def _messages(self, after: str | None) -> AsyncIterator[str]:
        async for message in super()._messages(after):
            yield message.replace('data: {"step"', 'data: {"project_id": 3, "run_id": 7, "step"')

    async def _list(self, request: Request) -> Response:
        """Give a page of one project."""
        film = {"id": 3, "title": "A Film", "status": self.ending, "progress": 100}
        cafe = {"id": 2, "title": "\x1b[2J\N{BELL}: the Café", "status": "idle", "progress": 0}
        is_first = "before" not in request.query_params
        return JSONResponse({"projects": [film if is_first else cafe], "next": 3 if is_first else None})

    async def _status(self, request: Request) -> Response:
        if request.path_params["id"] != 2:
            return await super()._status(request)
        nothing = {"run_id": None, "status": "idle", "phase": None, "progress": 0}
        return JSONResponse({**self.status(), **nothing, "project_id": 2})
