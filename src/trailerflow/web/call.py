"""One call of the API: where it is, what answers it, what goes in and what comes out. `router` lists them all."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel
from starlette.responses import Response

from trailerflow.web.state import AppRequest

Endpoint = Callable[[AppRequest], Awaitable[Response]]
Method = Literal["GET", "POST", "PATCH", "DELETE"]
Answer = type[BaseModel] | str | None
"""A model (sent as JSON), another media type, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call; its endpoint's docstring is its summary. `problems` are the statuses of errors it may answer with."""

    method: Method
    path: str
    endpoint: Endpoint
    tag: str
    answer: Answer
    status: int = 200
    body: type[BaseModel] | None = None
    upload: bool = False
    query: type[BaseModel] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    also: Mapping[int, str] = field(default_factory=dict)
    problems: tuple[int, ...] = ()
    description: str = ""

    @property
    def name(self) -> str:
        """Return the name of the operation, unique in the API."""
        module = self.endpoint.__module__.rpartition(".")[2]
        return f"{module}_{self.endpoint.__name__}"

    @property
    def summary(self) -> str:
        """Return what the call does, in a sentence."""
        return (self.endpoint.__doc__ or "").partition("\n")[0]
