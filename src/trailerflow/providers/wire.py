"""The contract of a provider over HTTP, on the wire: the messages out and in, and which answers mean what.

`http` calls it to write what it sends and to read what it gets. It must never open a connection, wait, or decide what
is asked again.

JSON, and `Authorization: Bearer KEY`; a `url` is absolute or relative to BASE/, `data` is base64.

    POST BASE/jobs             {kind, model, order, inputs: [{sha256, media_type, data}]}, header Idempotency-Key
                               → 200 or 201 {id}
    GET  BASE/jobs?key=K       → {jobs: [{id}]}, those ordered under an Idempotency-Key
    GET  BASE/jobs/ID          → {id, status: queued|running|succeeded|failed|cancelled, done: 0..1, cost: USD,
                                  files: [{name, url, media_type}], error: {code, message, temporary}}; 404: unknown
    POST BASE/jobs/ID/cancel   → 2xx; 404, 405, 409, 410 or 501: it cannot

What becomes of an order: 2xx with an id is taken. Never connected, 425, 429 and 503 (Retry-After counts) are not taken:
`TemporaryError`. Other 4xx and redirects are refused: `PermanentError`. All else is `AnswerLost`, and so are 408 and
409, which some say of orders that they have.
"""

import base64
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol

import httpx
from pydantic import BaseModel, Field, model_validator

from trailerflow.errors import Misconfigured, TrailerflowError

NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
NOT_TAKEN = {425, 429, 503}
UNCLEAR = {303, 408, 409}
CANNOT_CANCEL = {404, 405, 409, 410, 501}
GONE = {404, 410}
LONGEST_DELAY_SECONDS = 3600.0
SEE_URL = "see that TRAILERFLOW_PROVIDER_URL is the provider's address, and that it is reachable from here"
SEE_KEY = "see that TRAILERFLOW_PROVIDER_KEY is the provider's key, and what it may do"


class Enclosed(Protocol):
    """A file that goes with an order, as its caller has it; `Input` is one."""

    @property
    def sha256(self) -> str:
        """Return its address."""
        ...

    @property
    def media_type(self) -> str:
        """Return its media type."""
        ...

    @property
    def path(self) -> Path:
        """Return where it can be read."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A file that goes with an order."""

    sha256: str
    media_type: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """A file the provider offers."""

    name: str
    url: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a job stands: queued counts as running; `cost` is in USD, billed so far, 0 when the provider does not say."""

    status: Literal["running", "succeeded", "failed", "cancelled"]
    done: float
    cost: float
    outputs: tuple[Output, ...] = ()
    error: TrailerflowError | None = None


class _Wire(BaseModel):
    """Part of an answer; a field that is null is as good as absent."""

    @model_validator(mode="before")
    @classmethod
    def _drop_nulls(cls, data: Any) -> Any:
        return {name: value for name, value in data.items() if value is not None} if isinstance(data, dict) else data


class JobId(_Wire):
    """The answer to an order, and one job of a look-up."""

    id: Annotated[str, Field(min_length=1, coerce_numbers_to_str=True)]


class JobIds(_Wire):
    """The answer to a look-up."""

    jobs: tuple[JobId, ...]


class _File(_Wire):
    name: str
    url: str
    media_type: str


class _Failure(_Wire):
    code: str = ""
    message: str = "it does not say why"
    temporary: bool = False


class Job(_Wire):
    """The answer to a poll."""

    status: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    done: float = 0.0
    cost: float = 0.0
    files: tuple[_File, ...] = ()
    error: _Failure = _Failure()


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: httpx.Headers
    content: bytes


def parse_retry_after(value: str | None, now: datetime) -> float:
    """Return the seconds a Retry-After header asks for, an hour at most; 0 when it says nothing understandable."""
    if not value:
        return 0.0
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", value.strip()):
        return min(float(value), LONGEST_DELAY_SECONDS)
    try:
        date = parsedate_to_datetime(value)
        seconds = ((date if date.tzinfo else date.replace(tzinfo=UTC)) - now).total_seconds()
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), LONGEST_DELAY_SECONDS)


def checked(base_url: str, key: str) -> tuple[str, str]:
    """Return both as they will be used. Raises `Misconfigured` naming the setting that is wrong, never the key."""
    base_url, key = base_url.strip().rstrip("/"), key.strip()
    try:
        url = httpx.URL(base_url)
    except httpx.InvalidURL:
        url = httpx.URL()
    if url.scheme not in {"http", "https"} or not url.host or url.query or url.fragment:
        raise Misconfigured("misconfigured", "TRAILERFLOW_PROVIDER_URL must be like https://HOST/PATH", remedy=SEE_URL)
    if not re.fullmatch(r"[!-~]*", key):
        raise Misconfigured("misconfigured", "TRAILERFLOW_PROVIDER_KEY holds a character no header can", remedy=SEE_KEY)
    return base_url, key


def body(kind: str, model: str | None, order: Mapping[str, Any], inputs: Sequence[Enclosed]) -> bytes:
    """Return an order as it is sent; it reads the files, so it blocks."""
    enclosed = [
        {
            "sha256": file.sha256,
            "media_type": file.media_type,
            "data": base64.b64encode(file.path.read_bytes()).decode(),
        }
        for file in inputs
    ]
    return json.dumps({"kind": kind, "model": model, "order": order, "inputs": enclosed}).encode()


def remedy(status: int) -> str:
    """Return what a person can do about a refusal."""
    if status in {401, 403}:
        return SEE_KEY
    if status in {*range(300, 400), *GONE}:
        return SEE_URL
    return "change what is ordered, or skip it"


def words(content: bytes) -> str:
    """Return what an error answer says to a person: of the JSON that is usual, or the text; nothing of a web page."""
    text = content.decode(errors="replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return "" if text.lstrip().startswith("<") else text
    while isinstance(said, dict):
        said = next((said[name] for name in ("error", "message", "detail", "title") if said.get(name)), "")
    return said if isinstance(said, str) else ""


def amount(number: float) -> float:
    """Return a number from outside as one that can be counted: finite and not below 0."""
    return max(number, 0.0) if math.isfinite(number) else 0.0
