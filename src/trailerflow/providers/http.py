"""A provider of pictures and clips over HTTP: an order goes out once, everything else may be asked again.

The engine's courier calls it; `bootstrap` makes it from the `provider_*` settings. It must never repeat an order by
itself, never guess whether one was taken, never show the key or send it to another host, and never leave half a file.
The contract it keeps is in `wire`.
"""

import asyncio
import hashlib
import ssl
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urljoin

import httpx
from pydantic import BaseModel, ValidationError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential

from trailerflow.errors import AnswerLost, PermanentError, TemporaryError, TooLarge, TrailerflowError
from trailerflow.providers import wire

CONNECT_SECONDS = 10.0
LONGEST_CALL_SECONDS = 600.0  # however slowly the bytes trickle
TRIES = 6
ANSWER_BYTES = 1 << 20
FILE_BYTES = 200_000_000
CHUNK_BYTES = 1 << 18
JITTER = wait_random_exponential(multiplier=0.25, max=4)
WORDS = 300  # characters of what a provider says that are passed on

Submission = Literal["idempotent", "lookup_by_key", "neither"]
T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)


class HttpProvider:
    """One account at one provider. Close it when done."""

    name = "http"

    def __init__(
        self,
        *,
        base_url: str,
        key: str,
        submission: Submission,
        concurrency: int,
        per_minute: int,
        poll_seconds: float,
        timeout_seconds: float,
        answer_seconds: float = 60.0,
        patience_seconds: float = 20.0,
        file_bytes: int = FILE_BYTES,
    ) -> None:
        self.submission = submission
        self.concurrency = concurrency
        self.per_minute = per_minute
        self.poll_seconds = poll_seconds
        self.timeout_seconds = timeout_seconds
        self._base, self._key = wire.checked(base_url, key)
        self.account = hashlib.sha256(f"{self._base}\0{self._key}".encode()).hexdigest()[:12]
        self._url = httpx.URL(self._base)
        self.title = self._url.netloc.decode()
        self._here = f"the provider at {self.title}"
        self._file_bytes = file_bytes
        self._patience_seconds = patience_seconds
        # A connection that idled may be closed by the other side just as an order goes out on it: the order would count
        # as lost although nobody read it. So each order has a connection of its own; all other calls share theirs.
        tls = httpx.create_ssl_context()
        self._orders = self._client(tls, answer_seconds, httpx.Limits(max_keepalive_connections=0))
        self._http = self._client(tls, patience_seconds / 2, httpx.Limits(max_connections=50))

    async def submit(
        self, *, key: str, kind: str, model: str | None, order: Mapping[str, Any], inputs: Sequence[wire.Enclosed]
    ) -> str:
        """Place an order, once; return the job's id. Raises as the contract of `wire` says."""
        try:
            content = await asyncio.to_thread(wire.body, kind, model, order, inputs)
        except FileNotFoundError as error:
            raise PermanentError("input_gone", f"a file of the order is gone: {error.filename}") from error
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        try:
            answer = await self._exchange(self._orders, "POST", f"{self._base}/jobs", headers=headers, content=content)
        except wire.NOT_SENT as error:
            raise self._unreachable(error) from error
        except (httpx.HTTPError, OSError) as error:
            raise self._lost(self._said(error)) from error
        if answer.status in wire.NOT_TAKEN:
            raise self._busy(answer)
        if 300 <= answer.status < 500 and answer.status not in wire.UNCLEAR:
            raise self._refused(answer, "an order")
        if not 200 <= answer.status < 300:  # an error may well carry an id, of the request
            raise self._lost(f"it answered {self._reason(answer)}")
        try:
            return wire.JobId.model_validate_json(answer.content).id
        except ValidationError as error:
            raise self._lost(f"it answered {answer.status} without a job's id") from error

    async def look_up(self, key: str) -> str | None:
        """Return the id of the job ordered under a key; None: there certainly is none."""

        async def attempt() -> str | None:
            answer = await self._call("GET", f"{self._base}/jobs", params={"key": key})
            found = self._parsed(answer, wire.JobIds, "to look up an order").jobs
            return found[0].id if found else None

        return await self._patiently(attempt)

    async def poll(self, remote_id: str) -> wire.Report:
        """Return how a job stands."""

        async def attempt() -> wire.Report:
            answer = await self._call("GET", self._job(remote_id))
            if answer.status in wire.GONE:
                raise PermanentError(
                    "job_lost", f"{self._here} no longer knows job {remote_id}", remedy="order it again, or skip it"
                )
            return self._report(remote_id, self._parsed(answer, wire.Job, f"to say how job {remote_id} stands"))

        return await self._patiently(attempt)

    async def fetch(self, url: str, path: Path) -> None:
        """Write a file the provider offers to a path: the whole of it or nothing."""
        try:
            address = httpx.URL(urljoin(f"{self._base}/", url))
        except (httpx.InvalidURL, ValueError) as error:
            raise PermanentError("provider_unreadable", f"{self._here} offers a file at no address") from error
        if address.scheme not in {"http", "https"}:
            raise PermanentError("provider_unreadable", f"{self._here} offers a file by {address.scheme!r}")

        async def attempt() -> None:
            await self._download(address, path)

        await self._patiently(attempt)

    async def cancel(self, remote_id: str) -> None:
        """Ask for a job to be stopped; that the provider does not want to, or does not know it, is no error."""

        async def attempt() -> None:
            answer = await self._call("POST", f"{self._job(remote_id)}/cancel")
            if answer.status >= 300 and answer.status not in wire.CANNOT_CANCEL:
                raise self._refused(answer, f"to cancel job {remote_id}")

        await self._patiently(attempt)

    async def close(self) -> None:
        """Close the connections."""
        await self._orders.aclose()
        await self._http.aclose()

    def _client(self, tls: ssl.SSLContext, seconds: float, limits: httpx.Limits) -> httpx.AsyncClient:
        timeout = httpx.Timeout(seconds, connect=min(seconds, CONNECT_SECONDS))
        # A proxy from the environment is for the world outside, not for a service on this machine.
        outside = self._url.host not in {"localhost", "127.0.0.1", "::1"}
        return httpx.AsyncClient(verify=tls, timeout=timeout, limits=limits, trust_env=outside)

    def _authorized(self, url: httpx.URL) -> dict[str, str]:
        """Return the header with the key, for the provider's own addresses alone: files may lie elsewhere."""
        own = (url.scheme, url.host, url.port) == (self._url.scheme, self._url.host, self._url.port)
        return {"Authorization": f"Bearer {self._key}"} if own and self._key else {}

    def _job(self, remote_id: str) -> str:
        return f"{self._base}/jobs/{quote(remote_id, safe='')}"

    async def _exchange(
        self, client: httpx.AsyncClient, method: str, url: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> wire.Answer:
        headers = {**self._authorized(self._url), **(headers or {})}
        content = bytearray()
        async with (
            asyncio.timeout(LONGEST_CALL_SECONDS),
            client.stream(method, url, headers=headers, **more) as response,
        ):
            async for part in response.aiter_bytes():
                content += part
                if len(content) > ANSWER_BYTES:
                    raise httpx.RemoteProtocolError(f"its answer is longer than {ANSWER_BYTES} bytes")
        return wire.Answer(response.status_code, response.headers, bytes(content))

    async def _call(self, method: str, url: str, **more: Any) -> wire.Answer:
        """Make a call that is safe to repeat. Raises `TemporaryError` when repeating it may help."""
        try:
            answer = await self._exchange(self._http, method, url, **more)
        except (httpx.HTTPError, TimeoutError) as error:
            raise self._unreachable(error) from error
        self._raise_if_busy(answer)
        return answer

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Repeat an attempt that fails for now, until patience is over or the provider asks for more than is left."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(TemporaryError),
            wait=_pause,
            stop=stop_after_attempt(TRIES) | stop_before_delay(self._patience_seconds),
            reraise=True,
        )
        return await retrying(attempt)

    async def _download(self, url: httpx.URL, path: Path) -> None:
        part = path.with_name(f".{path.name}.{uuid.uuid4().hex}.part")
        headers = {**self._authorized(url), "Accept-Encoding": "identity"}
        try:
            async with (
                asyncio.timeout(LONGEST_CALL_SECONDS),
                self._http.stream("GET", url, headers=headers, follow_redirects=True) as response,
            ):
                if response.status_code != httpx.codes.OK:
                    self._raise_if_busy(wire.Answer(response.status_code, response.headers, b""))
                    raise PermanentError(
                        "file_gone", f"{self._here} answered {response.status_code} instead of the file it had offered"
                    )
                await self._pour(response, part)
            await asyncio.to_thread(part.replace, path)
        except (httpx.HTTPError, TimeoutError) as error:
            raise self._unreachable(error) from error
        finally:
            part.unlink(missing_ok=True)

    async def _pour(self, response: httpx.Response, part: Path) -> None:
        announced = int(response.headers.get("Content-Length", "0"))
        written = 0
        with await asyncio.to_thread(part.open, "wb") as stream:
            async for chunk in response.aiter_bytes(CHUNK_BYTES):
                written += len(chunk)
                if max(announced, written) > self._file_bytes:
                    raise TooLarge("too_large", f"{self._here} offers a file of more than {self._file_bytes} bytes")
                await asyncio.to_thread(stream.write, chunk)

    def _report(self, remote_id: str, job: wire.Job) -> wire.Report:
        """Say how a job stands in the engine's terms."""
        error: TrailerflowError | None = None
        if job.status == "failed":
            reason = self._shown(f"{job.error.code}: {job.error.message}" if job.error.code else job.error.message)
            message = f"{self._here} could not do job {remote_id}: {reason}"
            if job.error.temporary:
                error = TemporaryError("provider_failed", message, remedy="try again later, or skip it")
            else:
                error = PermanentError("provider_failed", message, remedy="change what is ordered, or skip it")
        return wire.Report(
            status="running" if job.status == "queued" else job.status,
            done=1.0 if job.status == "succeeded" else min(wire.amount(job.done), 1.0),
            cost=wire.amount(job.cost),
            outputs=tuple(wire.Output(name=file.name, url=file.url, media_type=file.media_type) for file in job.files),
            error=error,
        )

    def _parsed(self, answer: wire.Answer, shape: type[M], what: str) -> M:
        """Read an answer through its declared type."""
        if answer.status >= 300:
            raise self._refused(answer, what)
        try:
            return shape.model_validate_json(answer.content)
        except ValidationError as error:
            message = f"{self._here} was asked {what} and answered {answer.status} with something unreadable"
            raise TemporaryError("provider_unreadable", message, remedy=wire.SEE_URL) from error

    def _raise_if_busy(self, answer: wire.Answer) -> None:
        if answer.status in {408, 425, 429} or (answer.status >= 500 and answer.status not in wire.CANNOT_CANCEL):
            raise self._busy(answer)

    def _busy(self, answer: wire.Answer) -> TemporaryError:
        message = f"{self._here} has no time now: {self._reason(answer)}"
        delay_seconds = wire.parse_retry_after(answer.headers.get("Retry-After"), datetime.now(UTC))
        return TemporaryError("provider_busy", message, remedy="try again later", delay_seconds=delay_seconds)

    def _refused(self, answer: wire.Answer, what: str) -> PermanentError:
        message = f"{self._here} refused {what}: {self._reason(answer)}"
        return PermanentError("provider_refused", message, remedy=wire.remedy(answer.status))

    def _unreachable(self, error: Exception) -> TemporaryError:
        return TemporaryError(
            "provider_unreachable", f"{self._here} cannot be reached: {self._said(error)}", remedy=wire.SEE_URL
        )

    def _lost(self, reason: str) -> AnswerLost:
        message = f"nobody knows whether {self._here} took an order: {reason}"
        return AnswerLost("answer_lost", message, remedy="look at the provider's own list; retry orders again")

    def _reason(self, answer: wire.Answer) -> str:
        """Return the status and the words of a refusal."""
        return f"{answer.status} {self._shown(wire.words(answer.content))}".rstrip()

    def _said(self, error: Exception) -> str:
        return self._shown(str(error) or type(error).__name__)

    def _shown(self, text: str) -> str:
        """Return foreign words fit to be shown: one line, not long, and without the key, which some providers quote."""
        text = " ".join(text.split())
        return (text.replace(self._key, "***") if self._key else text)[:WORDS]


def _pause(state: RetryCallState) -> float:
    """Return how long to wait before the next try: what the provider asked for, and full jitter on top."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.delay_seconds if isinstance(error, TemporaryError) else 0.0
    return asked + JITTER(state)
