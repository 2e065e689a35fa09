"""The peers of `stream`: the tutorial's way, and the floor. Started by it as processes of their own.

Both send what is published on the channel of their name, already framed, on every path. The tutorial's way has a
subscription for each client and sse-starlette; the floor is a bare protocol that reads one subscription and writes to
every transport: no log, no ids, no catching up, nothing checked.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from typing import cast

import redis.asyncio
import uvicorn
import uvloop
from sse_starlette import EventSourceResponse
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

BACKLOG = 4096
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n9\r\nretry: 1\n\r\n"


def tutorial(redis_url: str, port: int) -> None:
    """Serve the tutorial's way."""
    client = redis.asyncio.Redis.from_url(redis_url)

    async def heard() -> AsyncIterator[bytes]:
        async with client.pubsub() as pubsub:
            await pubsub.subscribe("tutorial")
            async for message in pubsub.listen():
                if message["type"] == "message":
                    yield message["data"]

    async def events(_request: Request) -> Response:
        return EventSourceResponse(heard())

    app = Starlette(routes=[Route("/{path:path}", events)])
    uvicorn.run(app, port=port, log_level="warning", backlog=BACKLOG, timeout_graceful_shutdown=1)


class Viewer(asyncio.Protocol):
    """A client of the floor."""

    everyone: set[asyncio.Transport] = set()  # noqa: RUF012 - all share it

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, _data: bytes) -> None:
        """Answer any request with the stream."""
        self.transport.write(HEAD)
        self.everyone.add(self.transport)

    def connection_lost(self, _error: Exception | None) -> None:
        """Forget the transport."""
        self.everyone.discard(self.transport)


async def floor(redis_url: str, port: int) -> None:
    """Serve the floor."""
    client = redis.asyncio.Redis.from_url(redis_url)
    loop = asyncio.get_running_loop()
    async with client.pubsub() as pubsub:
        await pubsub.subscribe("floor")
        await loop.create_server(Viewer, "127.0.0.1", port, backlog=BACKLOG)
        async for message in pubsub.listen():
            if message["type"] == "message":
                body = message["data"]
                chunk = b"%x\r\n%b\r\n" % (len(body), body)
                for transport in Viewer.everyone:
                    transport.write(chunk)


def main() -> None:
    """Serve one of the two: `tutorial PORT` or `floor PORT`."""
    kind, port, redis_url = sys.argv[1], int(sys.argv[2]), os.environ["PEERS_REDIS_URL"]
    if kind == "tutorial":
        tutorial(redis_url, port)
    else:
        uvloop.run(floor(redis_url, port))


if __name__ == "__main__":
    main()
