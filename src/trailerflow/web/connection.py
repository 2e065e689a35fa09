"""A connection of the web server that cannot hoard: `uvicorn --http trailerflow.web.connection:Connection`.

Left alone, the kernel swallows four megabytes for a client that has stopped reading, and keeps a client that has
vanished for a quarter of an hour. It also gives each request its line, the way straight into the connection, which
`ring` uses: what goes to thousands is framed once for all, and nobody needs a task. Without it, under any other server,
the stream is the same and costs more. What is no HTTP is answered as every error is. It changes nothing else.
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Scope
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from trailerflow.web import problems

EXTENSION = "trailerflow.line"
SEND_BUFFER_BYTES = 128 << 10
VANISHED_MILLISECONDS = 30_000


@dataclass(slots=True)
class Line:
    """The way into a connection for chunks of an answer in chunks; nobody may `write` while it is full.

    Whoever writes to thousands is `told` of the few that are full, instead of asking each before every write.
    """

    flow: FlowControl
    write: Callable[[bytes], None]
    told: Callable[[bool], None] | None = None

    @property
    def is_full(self) -> bool:
        """Say whether the connection takes nothing at the moment."""
        return self.flow.write_paused

    def tell(self) -> None:
        """Tell whoever wants to know whether it is full now."""
        if self.told is not None:
            self.told(self.is_full)


def line_of(scope: Scope) -> Line | None:
    """Return the line of a request; none under another server, or when it is not told to make connections of ours."""
    line: Line | None = scope.get("extensions", {}).get(EXTENSION)
    return line


def chunk(body: bytes) -> bytes:
    """Frame a part of an answer as HTTP/1.1 does."""
    return b"%x\r\n%b\r\n" % (len(body), body)


class Connection(HttpToolsProtocol):
    """uvicorn's own, on a socket with bounds."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Set the bounds."""
        client = transport.get_extra_info("socket")
        if client is not None and client.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):  # it may be gone already
                client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
                if hasattr(socket, "TCP_USER_TIMEOUT"):
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, VANISHED_MILLISECONDS)
        super().connection_made(transport)
        self._line = Line(self.flow, transport.write)

    def on_message_begin(self) -> None:
        """Give a request its line."""
        super().on_message_begin()
        self.scope["extensions"] = {EXTENSION: self._line}  # type: ignore[dict-item]  # it expects dictionaries only

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read as a request, and hang up."""
        answer = problems.of_framework(400, msg, {"Connection": "close"})
        head = b"".join(b"%b: %b\r\n" % header for header in answer.raw_headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%b\r\n%b" % (head, bytes(answer.body)))
        self.transport.close()

    def pause_writing(self) -> None:
        """Say that the line is full."""
        super().pause_writing()
        self._line.tell()

    def resume_writing(self) -> None:
        """Say that the line takes more."""
        super().resume_writing()
        self._line.tell()
