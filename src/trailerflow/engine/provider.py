"""What the engine asks of a provider outside: the protocols that a means in `providers` matches. Used by `courier`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from trailerflow.engine.tables import Json
from trailerflow.errors import TrailerflowError


@dataclass(frozen=True, slots=True)
class Input:
    """A file that goes with an order."""

    sha256: str
    media_type: str
    path: Path


class Output(Protocol):
    """A file a provider offers."""

    @property
    def name(self) -> str:
        """Return its name."""
        ...

    @property
    def url(self) -> str:
        """Return where it is."""
        ...

    @property
    def media_type(self) -> str:
        """Return its media type."""
        ...


class Report(Protocol):
    """How a provider's job stands; `cost` in USD, `done` from 0 to 1."""

    @property
    def status(self) -> Literal["running", "succeeded", "failed", "cancelled"]:
        """Return its state."""
        ...

    @property
    def done(self) -> float:
        """Return the share done."""
        ...

    @property
    def cost(self) -> float:
        """Return what is billed so far."""
        ...

    @property
    def outputs(self) -> Sequence[Output]:
        """Return the files it made."""
        ...

    @property
    def error(self) -> TrailerflowError | None:
        """Return why it failed."""
        ...


class Provider(Protocol):
    """Somebody outside who works for money.

    `submission` says what helps when an answer is lost: the same key may be sent again, can be looked up, or neither.
    `title` is what people call it, `account` what its limits count by.
    """

    name: str
    title: str
    account: str
    submission: Literal["idempotent", "lookup_by_key", "neither"]
    concurrency: int
    per_minute: int
    poll_seconds: float
    timeout_seconds: float

    async def submit(self, *, key: str, kind: str, model: str | None, order: Json, inputs: Sequence[Input]) -> str:
        """Order a job; return its id. Raises `TemporaryError` (not taken), `PermanentError`, `AnswerLost`."""
        ...

    async def look_up(self, key: str) -> str | None:
        """Return the id of the job ordered under a key; None: there is none."""
        ...

    async def poll(self, remote_id: str) -> Report:
        """Return how a job stands."""
        ...

    async def fetch(self, url: str, path: Path) -> None:
        """Write a job's file to a path."""
        ...

    async def cancel(self, remote_id: str) -> None:
        """Ask for a job to be stopped; a refusal is no error."""
        ...
