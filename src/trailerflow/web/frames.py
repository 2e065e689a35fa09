"""The frames of the stream, encoded once as bytes. Called by `relay` and `stream`."""

import time
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic_core import to_json
from sse_starlette.event import ServerSentEvent

from trailerflow.engine.ledger import LoggedEvent

RETRY = ServerSentEvent(retry=2000, sep="\n").encode()
PING = ServerSentEvent("{}", event="ping", sep="\n").encode()


class Frame(NamedTuple):
    """A durable event: `body` has no id line (the two streams have different ids), `whole` with the project's."""

    project_id: int
    id: int
    body: bytes
    whole: bytes


def of_event(event: LoggedEvent) -> Frame:
    """Encode a row of a project's log."""
    head = {"type": event.type, "project_id": event.project_id, "run_id": event.run_id, "at": _moment(event.at)}
    body = b"event: event\ndata: %b\n\n" % to_json({**head, **event.data})  # JSON has no line ends of its own
    return Frame(event.project_id, event.id, body, id_line(str(event.id)) + body)


def of_tick(project_id: int, tick: dict[str, Any]) -> bytes:
    """Encode transient progress; it has no id."""
    return b"event: tick\ndata: %b\n\n" % to_json({"project_id": project_id, **tick})


def of_snapshot(status: str, event_id: str) -> bytes:
    """Encode a status, given as JSON."""
    return ServerSentEvent(status, event="snapshot", id=event_id, sep="\n").encode()


def id_line(event_id: str) -> bytes:
    """Return the line that gives the frame after it its id."""
    return f"id: {event_id}\n".encode()


def _moment(at: float) -> str:
    """Return a time as RFC 3339, as `datetime` would; many events fall into one second."""
    seconds, microseconds = divmod(int(at) * 1_000_000 + round(at % 1 * 1_000_000), 1_000_000)
    return f"{_second(seconds)}.{microseconds // 1000:03}Z"


@lru_cache(maxsize=64)
def _second(seconds: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
