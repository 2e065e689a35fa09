"""The frames of the stream, encoded once as bytes. Called by `relay` and `stream`."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sse_starlette.event import ServerSentEvent

from trailerflow.engine.ledger import LoggedEvent

RETRY = ServerSentEvent(retry=2000, sep="\n").encode()
PING = ServerSentEvent("{}", event="ping", sep="\n").encode()


@dataclass(frozen=True, slots=True)
class Frame:
    """A durable event: `body` has no id line (the two streams have different ids), `whole` with the project's."""

    project_id: int
    id: int
    body: bytes
    whole: bytes


def of_event(event: LoggedEvent) -> Frame:
    """Encode a row of a project's log."""
    at = datetime.fromtimestamp(event.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    head = {"type": event.type, "project_id": event.project_id, "run_id": event.run_id, "at": at}
    body = ServerSentEvent(_json({**head, **event.data}), event="event", sep="\n").encode()
    return Frame(event.project_id, event.id, body, id_line(str(event.id)) + body)


def of_tick(project_id: int, tick: dict[str, Any]) -> bytes:
    """Encode transient progress; it has no id."""
    return ServerSentEvent(_json({"project_id": project_id, **tick}), event="tick", sep="\n").encode()


def of_snapshot(status: str, event_id: str) -> bytes:
    """Encode a status, given as JSON."""
    return ServerSentEvent(status, event="snapshot", id=event_id, sep="\n").encode()


def id_line(event_id: str) -> bytes:
    """Return the line that gives the frame after it its id."""
    return f"id: {event_id}\n".encode()


def _json(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))
