"""The service's API as an async Python object: what the command line, the tests and the benchmarks speak through.

Thin on purpose: answers are the API's own JSON. Problems come back as our errors, with code, message and remedy. It
must never lose or repeat an event, and never leave half a file behind.
"""

import asyncio
import contextlib
import hashlib
import ipaddress
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

import httpx
from httpx_sse import EventSource

from trailerflow.errors import (
    BadScript,
    Conflict,
    Invalid,
    Misconfigured,
    NotFound,
    PermanentError,
    Refused,
    TemporaryError,
    TooLarge,
)

TYPE_OF_STATUS: dict[int, type[PermanentError]] = {
    401: Refused,
    403: Refused,
    404: NotFound,
    409: Conflict,
    413: TooLarge,
    422: Invalid,
}
SCRIPT_CODES = {
    "not_text", "empty", "damaged", "hostile_xml", "encrypted", "no_text", "too_costly", "unsupported_format",
}  # fmt: skip
TIMEOUT_SECONDS = 30.0
SILENCE_SECONDS = 40.0  # the stream pings every 15
PATIENCE_SECONDS = 60.0
FIRST_DELAY_SECONDS = 0.1
LAST_DELAY_SECONDS = 2.0
CHUNK_BYTES = 1 << 16
PAGE = 200  # projects; the most that the service gives at once

Json = dict[str, Any]
Verb = Literal["pause", "resume", "cancel", "retry", "skip"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a stream. `id` is None on what is not durable."""

    event: str
    data: Json
    id: int | None


class Client:
    """A connection to one service; an async context manager."""

    def __init__(
        self,
        url: str,
        *,
        patience_seconds: float = PATIENCE_SECONDS,
        on_wait: Callable[[TemporaryError], None] | None = None,
    ) -> None:
        """Connect on first use; `on_wait` is told why, before each wait for a service that has gone."""
        self.url = url.rstrip("/")
        self._patience_seconds = patience_seconds
        self._on_wait = on_wait
        # A proxy from the environment is for the world outside, not for a service on this machine.
        self._http = httpx.AsyncClient(base_url=self.url, timeout=TIMEOUT_SECONDS, trust_env=not _is_loopback(self.url))
        self._met = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def upload(self, script: Path, *, title: str | None = None) -> Json:
        """Make a project of a screenplay."""
        content = await asyncio.to_thread(script.read_bytes)
        fields = {} if title is None else {"title": title}
        return await self._send("POST", "/api/projects", files={"script": (script.name, content)}, data=fields)

    async def projects(self) -> AsyncGenerator[Json, None]:
        """Yield all projects, newest first."""
        before = None
        while True:
            page = await self._get(f"/api/projects?limit={PAGE}" + ("" if before is None else f"&before={before}"))
            for project in page["projects"]:
                yield project
            if (before := page["next"]) is None:
                return

    async def start(self, project_id: int, **wishes: Any) -> Json:
        """Start a run; return its status. Wishes are the fields of the API's body, those that are None left out.

        It is sent again under the same key when no answer comes back, so that a lost answer never starts two runs.
        """
        body = {name: value for name, value in wishes.items() if value is not None}
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        path = f"/api/workflow/{project_id}/start"
        return await self._insist(lambda: self._send("POST", path, json=body, headers=headers))

    async def change_plan(self, project_id: int, **hand: Any) -> Json:
        """Lay a person's hand on the plan; return the whole of it. Asked until there is an answer."""
        return await self._insist(lambda: self._send("PATCH", f"/api/projects/{project_id}/plan", json=hand))

    async def act(self, project_id: int, verb: Verb, *, step: str | None = None) -> Json:
        """Do a verb on the latest run; return its status."""
        body = {} if step is None else {"json": {"step": step}}
        return await self._send("POST", f"/api/workflow/{project_id}/{verb}", **body)

    async def status(self, project_id: int) -> Json:
        """Return the status of the latest run."""
        return await self._get(f"/api/workflow/{project_id}/status")

    async def artifacts(self, project_id: int) -> list[Json]:
        """Return what can be downloaded."""
        answer = await self._get(f"/api/projects/{project_id}/artifacts")
        return list(answer["artifacts"])

    async def download(self, artifact: Json, target: Path) -> None:
        """Write an artifact to a file: the whole of it, checked, or nothing."""
        patience = self._patience()
        while True:
            try:
                return await self._download(artifact, target)
            except httpx.TransportError as error:
                await patience.wait(self._translate(error))

    async def events(self, project_id: int, *, after: int | None = None) -> AsyncGenerator[Message, None]:
        """Yield the messages of a project's stream for ever: from now, or each durable event after an id.

        A broken connection is taken up again after the last durable event, so that none is missed and none repeated.
        """
        cursor = after
        patience = self._patience()
        while True:
            try:
                async with contextlib.aclosing(self._stream(project_id, cursor)) as messages:
                    async for message in messages:
                        patience.renew()
                        if message.id is not None:
                            if message.event == "event" and cursor is not None and message.id <= cursor:
                                continue
                            cursor = message.id
                        yield message
                broken = _unreachable(self.url, "the stream ended")
            except httpx.TransportError as error:
                broken = self._translate(error)
            except TemporaryError as error:
                broken = error
            await patience.wait(broken)

    async def _stream(self, project_id: int, cursor: int | None) -> AsyncGenerator[Message, None]:
        headers = {"Accept": "text/event-stream", "Cache-Control": "no-store"}
        if cursor is not None:
            headers["Last-Event-ID"] = str(cursor)
        timeout = httpx.Timeout(TIMEOUT_SECONDS, read=SILENCE_SECONDS)
        path = f"/api/workflow/{project_id}/events"
        async with self._http.stream("GET", path, headers=headers, timeout=timeout) as response:
            self._met = True
            await _raise_problem(response)
            async for sse in EventSource(response).aiter_sse():
                # The decoder repeats the last id on messages that have none, as browsers do.
                durable = sse.event in {"event", "snapshot"} and sse.id
                yield Message(sse.event, sse.json() if sse.data else {}, int(sse.id) if durable else None)

    async def _download(self, artifact: Json, target: Path) -> None:
        draft = target.with_name(f".{target.name}.{uuid.uuid4().hex}.part")
        digest = hashlib.sha256()
        try:
            with draft.open("xb") as file:
                async with self._http.stream("GET", artifact["url"]) as response:
                    await _raise_problem(response)
                    async for chunk in response.aiter_bytes(CHUNK_BYTES):
                        digest.update(chunk)
                        file.write(chunk)
            if digest.hexdigest() != artifact["sha256"]:
                message = f"{artifact['name']} arrived with another content than announced"
                raise TemporaryError("bad_content", message, remedy="ask again: it may just have been made anew")
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    async def _get(self, path: str) -> Json:
        return await self._insist(lambda: self._send("GET", path))

    async def _insist(self, ask: Callable[[], Awaitable[Json]]) -> Json:
        """Ask what may be asked twice until there is an answer, or patience is over."""
        patience = self._patience()
        while True:
            try:
                return await ask()
            except TemporaryError as error:
                await patience.wait(error)

    async def _send(self, method: str, path: str, **content: Any) -> Json:
        try:
            response = await self._http.request(method, path, **content)
        except httpx.TransportError as error:
            raise self._translate(error) from error
        self._met = True
        await _raise_problem(response)
        try:
            return dict(response.json())
        except (ValueError, TypeError) as error:
            message = f"{response.request.url} answered with something else than JSON"
            raise PermanentError("unexpected_answer", message, remedy="is it trailerflow?") from error

    def _translate(self, error: httpx.TransportError) -> TemporaryError:
        return _unreachable(self.url, str(error) or type(error).__name__)

    def _patience(self) -> "Patience":
        """Return patience with a service that was there before; with one that never was there is none."""
        return Patience(self._patience_seconds, met=lambda: self._met, on_wait=self._on_wait)


class Patience:
    """Waits between attempts, longer each time, until nobody has answered for too long."""

    def __init__(
        self, seconds: float, *, met: Callable[[], bool], on_wait: Callable[[TemporaryError], None] | None
    ) -> None:
        self._seconds = seconds
        self._met = met
        self._on_wait = on_wait
        self.renew()

    def renew(self) -> None:
        """Begin again: somebody has answered."""
        self._deadline = time.monotonic() + self._seconds
        self._delay_seconds = FIRST_DELAY_SECONDS

    async def wait(self, error: TemporaryError) -> None:
        """Wait for the next attempt. Raises the error when patience is over."""
        if not self._met() or time.monotonic() + self._delay_seconds > self._deadline:
            raise error
        if self._on_wait:
            self._on_wait(error)
        await asyncio.sleep(max(self._delay_seconds, error.delay_seconds))
        self._delay_seconds = min(self._delay_seconds * 2, LAST_DELAY_SECONDS)


def _unreachable(url: str, reason: str) -> TemporaryError:
    remedy = "start it with `trailerflow up`, or set TRAILERFLOW_URL to where it runs"
    return TemporaryError("unreachable", f"no trailerflow service answers at {url} ({reason})", remedy=remedy)


def _is_loopback(url: str) -> bool:
    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL as error:
        message = f"the service's address {url!r} is no URL"
        raise Misconfigured("misconfigured", message, remedy="see TRAILERFLOW_URL") from error
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


async def _raise_problem(response: httpx.Response) -> None:
    """Raise the error of our tree that a problem document tells of."""
    if response.is_success:
        return
    await response.aread()
    try:
        problem = response.json()
        code, message = str(problem["code"]), str(problem["detail"] or problem["title"])
    except (ValueError, KeyError, TypeError):
        problem, code = {}, "unexpected_answer"
        message = f"{response.request.url} answered {response.status_code} without a problem document"
    remedy = str(problem.get("remedy") or "")
    if (
        response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
        or response.status_code == httpx.codes.TOO_MANY_REQUESTS
    ):
        raise TemporaryError(code, message, remedy=remedy, delay_seconds=_seconds(response.headers.get("Retry-After")))
    kind = BadScript if code in SCRIPT_CODES else TYPE_OF_STATUS.get(response.status_code, PermanentError)
    raise kind(code, message, remedy=remedy, extra=problem)


def _seconds(value: str | None) -> float:
    return float(value) if value and value.isdecimal() else 0.0
