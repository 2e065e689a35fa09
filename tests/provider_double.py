"""A double of a provider: a real HTTP server in a process of its own that obeys the contract of `providers/wire.py`.

Tests start it with `running()`; it counts, bills, delays, fails, throttles and loses answers as `Manners` lists. By
hand: `python tests/provider_double.py --port 8900`, then `POST /control`. It bills a job the moment it takes it and
never gives money back, so `billed` tells what was really bought. It must never listen on anything but loopback, and
remembers nothing when it ends.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import json
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import httpx
import uvicorn
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from provider_products import NAMES, Failure, Job, Json, Spoilt, look_of, product
from trailerflow.running import tether

KEY = "the-key-of-the-double"
ROOT = "/v1"

Call = Literal["submit", "look_up", "poll", "fetch", "cancel"]
Endpoint = Callable[[Request], Awaitable[Response]]


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Trouble(_Told):
    """Something that goes wrong the next `times` times that `on` is called."""

    times: int = 1
    on: Call = "submit"


class Refusal(Trouble):
    """Answers with an error without acting; `retry_after` is seconds or an HTTP date, `body` replaces the JSON."""

    status: int = 429
    retry_after: float | str | None = None
    message: str = "the double refuses"
    body: str | None = None


class Loss(Trouble):
    """Closes the connection without an answer, `before` or after it acted; of a file, "after" gives half.

    `silent` keeps the connection open instead, and says nothing until the client goes.
    """

    before: bool = False
    silent: bool = False


class Manners(_Told):
    """All that the double can be told; a control call sets the fields it names and leaves the others."""

    delay_seconds: float = 0.0  # from taking a job to its end
    hold: bool = False  # jobs stay running until this is False again
    price: float = 0.25
    idempotent: bool = False  # a second order under one key gives the first job
    refuse_cancel: bool = False
    absolute_urls: bool = False  # of files
    length_unknown: bool = False  # files come without Content-Length
    fail: list[Failure] = Field(default_factory=list)
    spoil: list[Spoilt] = Field(default_factory=list)
    throttle: Refusal | None = None
    lose_answers: Loss | None = None
    bad_json: int = 0  # so many submissions are taken, and answered with something that is no JSON
    say: dict[Call, Any] = Field(default_factory=dict)  # the answer's JSON instead of the true one, for good


class Provider:
    """The state of the double, and its answers."""

    def __init__(self) -> None:
        self.forget()
        self._routes = self._routed()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; in uvicorn `send` is a bound method of what holds the connection."""
        scope["hang_up"] = send.__self__.transport.abort  # type: ignore[attr-defined] # a callable for its type
        await self._routes(scope, receive, send)

    def forget(self) -> None:
        """Begin anew."""
        self.manners = Manners()
        self.jobs: dict[str, Job] = {}
        self.submissions: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.submitters: set[Any] = set()
        self.cancels: list[str] = []
        self.most_at_once = 0

    def _routed(self) -> Starlette:
        return Starlette(
            routes=[
                Route(f"{ROOT}/jobs", self._at("submit", self._submit), methods=["POST"]),
                Route(f"{ROOT}/jobs", self._at("look_up", self._look_up), methods=["GET"]),
                Route(f"{ROOT}/jobs/{{id}}", self._at("poll", self._poll)),
                Route(f"{ROOT}/jobs/{{id}}/cancel", self._at("cancel", self._cancel), methods=["POST"]),
                Route(f"{ROOT}/files/{{id}}/{{name}}", self._at("fetch", self._fetch)),
                Route("/control", self._control, methods=["POST"]),
                Route("/control/reset", self._reset, methods=["POST"]),
                Route("/control/report", self._report),
            ]
        )

    def _at(self, call: Call, act: Endpoint) -> Endpoint:
        """Put what can go wrong around an answer."""

        async def answer(request: Request) -> Response:
            self._settle()
            self.calls[call] += 1
            if call == "submit":
                self.submissions[request.headers.get("idempotency-key", "")] += 1
                self.submitters.add(request.client)
            if request.headers.get("authorization") != f"Bearer {KEY}":
                return _error(401, f"wrong key: {request.headers.get('authorization')}")
            if (refusal := self.manners.throttle) and _due(refusal, call):
                return _refuse(refusal)
            loss = self.manners.lose_answers if _due(self.manners.lose_answers, call) else None
            if loss and loss.before:
                return await _lose(request, silent=loss.silent)
            answered = await act(request)
            if loss and call == "fetch":
                return _halved(request, answered)
            if loss:
                return await _lose(request, silent=loss.silent)
            return JSONResponse(self.manners.say[call]) if call in self.manners.say else answered

        return answer

    async def _submit(self, request: Request) -> Response:
        key = request.headers["idempotency-key"]
        body = await request.json()
        for enclosed in body["inputs"]:
            if hashlib.sha256(base64.b64decode(enclosed["data"])).hexdigest() != enclosed.pop("sha256"):
                return _error(400, "an input differs from its digest")
        known = next((job for job in self.jobs.values() if job.key == key), None)
        job = known if known and self.manners.idempotent else self._take(key, body)
        if self.manners.bad_json:
            self.manners.bad_json -= 1
            return Response("<html>an answer of a gateway</html>")
        return JSONResponse({"id": job.id}, 200 if job is known else 201)

    def _take(self, key: str, body: Json) -> Job:
        failures = (rule for rule in self.manners.fail if rule.times > 0 and rule.kind in (None, body["kind"]))
        failure = next(failures, None)
        if failure:
            failure.times -= 1
        name, told = f"job-{len(self.jobs) + 1}", self.manners
        job = Job(id=name, key=key, body=body, price=told.price, seconds=told.delay_seconds, failure=failure)
        job.look = job.look if failure else look_of(body, told.spoil)
        self.jobs[job.id] = job
        self.most_at_once = max(self.most_at_once, sum(other.ended is None for other in self.jobs.values()))
        self._settle()
        return job

    def _settle(self) -> None:
        """End the jobs whose time is over."""
        if not self.manners.hold:
            for job in self.jobs.values():
                job.settle()

    async def _look_up(self, request: Request) -> Response:
        found = [{"id": job.id} for job in self.jobs.values() if job.key == request.query_params["key"]]
        return JSONResponse({"jobs": found})

    async def _poll(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return _error(404, "no such job")
        answer: Json = {"id": job.id, "status": job.status, "done": job.done, "cost": job.price, "error": None}
        if job.ended == "succeeded":
            name, media_type = NAMES.get(job.body["kind"], ("note.txt", "text/plain"))
            base = str(request.base_url).rstrip("/") + ROOT + "/" if self.manners.absolute_urls else ""
            answer["files"] = [{"name": name, "url": f"{base}files/{job.id}/{name}", "media_type": media_type}]
        if job.ended == "failed" and job.failure:
            answer["error"] = {"code": "broken", **job.failure.model_dump(include={"message", "temporary"})}
        return JSONResponse(answer)

    async def _fetch(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None or job.ended != "succeeded":
            return _error(404, "no such file")
        order = json.dumps(job.body["order"], sort_keys=True)
        content = await asyncio.to_thread(product, job.body["kind"], order, job.look)
        if self.manners.length_unknown:
            return StreamingResponse(iter([content[:100], content[100:]]))
        return Response(content, media_type="application/octet-stream")

    async def _cancel(self, request: Request) -> Response:
        job = self.jobs.get(request.path_params["id"])
        if job is None:
            return _error(404, "no such job")
        self.cancels.append(job.id)
        if self.manners.refuse_cancel or job.ended is not None:
            return _error(409, "it cannot be cancelled any more")
        job.ended = "cancelled"
        return JSONResponse({"id": job.id, "status": "cancelled"})

    async def _control(self, request: Request) -> Response:
        self._settle()
        told = self.manners.model_dump() | await request.json()
        try:
            self.manners = Manners.model_validate(told)
        except ValidationError as error:
            return Response(str(error), 422)
        self._settle()
        return JSONResponse(self.manners.model_dump())

    async def _reset(self, _: Request) -> Response:
        self.forget()
        return JSONResponse({})

    async def _report(self, _: Request) -> Response:
        self._settle()
        report = {
            "jobs": [job.entry() for job in self.jobs.values()],
            "billed": round(sum(job.price for job in self.jobs.values()), 6),
            "cancels": self.cancels,
            "most_at_once": self.most_at_once,
            "submissions": self.submissions,  # by key, whatever became of them
            "calls": self.calls,
            "submitting_connections": len(self.submitters),
        }
        return JSONResponse(report)


def _due(trouble: Trouble | None, call: Call) -> bool:
    if trouble is None or trouble.on != call or trouble.times <= 0:
        return False
    trouble.times -= 1
    return True


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"error": {"code": "double", "message": message}}, status, headers)


def _refuse(refusal: Refusal) -> Response:
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after}"}
    if refusal.body is not None:
        return Response(refusal.body, refusal.status, headers)
    return _error(refusal.status, refusal.message, headers)


async def _lose(request: Request, *, silent: bool = False) -> Response:
    """Hang up: uvicorn would send 500 for an application that answers nothing, so the socket itself is closed."""
    if not silent:
        request.scope["hang_up"]()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()  # to nobody


def _halved(request: Request, answered: Response) -> Response:
    content = bytes(answered.body)

    async def parts() -> AsyncIterator[bytes]:
        yield content[: len(content) // 2]
        await _lose(request)

    return StreamingResponse(parts(), headers={"Content-Length": str(len(content))})


@dataclass(frozen=True, kw_only=True)
class Double:
    """A test's hand on a double that runs. `url` and `key` are what a provider is made with."""

    url: str
    key: str
    pid: int
    http: httpx.Client

    def account(self, **wishes: Any) -> Json:
        """Return what an `HttpProvider` is made with to have an account here, but for what is wished otherwise."""
        return {
            "base_url": self.url,
            "key": self.key,
            "submission": "neither",
            "concurrency": 4,
            "per_minute": 60,
            "poll_seconds": 0.01,
            "timeout_seconds": 10.0,
            **wishes,
        }

    def tell(self, **manners: Any) -> None:
        """Set some of its manners."""
        response = self.http.post("/control", json=manners)
        assert response.is_success, response.text

    def reset(self) -> None:
        """Have it forget its jobs, its bills and its manners."""
        self.http.post("/control/reset").raise_for_status()

    def report(self) -> Json:
        """Return what it took, billed and counted."""
        return dict(self.http.get("/control/report").raise_for_status().json())


@contextlib.contextmanager
def running(port: int = 0) -> Iterator[Double]:
    """Run a double as a process of its own; it ends with the block, or with this process."""
    command = [*tether.command(), sys.executable, os.path.realpath(__file__), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, "the double did not start"
            with httpx.Client(base_url=address, trust_env=False, timeout=30) as http:
                yield Double(url=address + ROOT, key=KEY, pid=process.pid, http=http)
        finally:
            process.terminate()


def main() -> None:
    """Serve until told to end."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    with socket.create_server(("127.0.0.1", parser.parse_args().port)) as listener:
        print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)  # noqa: T201 - who started it reads this
        config = uvicorn.Config(
            Provider(), http="h11", log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
