"""Reading a stream in tests: messages as they were sent, with the id each one carried itself; bare, slow viewers."""

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx

SMALL_BYTES = 4096
TAKE_SECONDS = 30.0


@dataclass(frozen=True)
class Message:
    """One message; `id` is None when the frame had no id line of its own."""

    event: str
    data: Any
    id: str | None


Messages = AsyncGenerator[Message, None]


@contextlib.asynccontextmanager
async def streaming(
    http: httpx.AsyncClient, path: str, *, after: object = None, query: object = None
) -> AsyncIterator[Messages]:
    """Open a stream; `after` goes into the header, `query` into the address."""
    headers = {} if after is None else {"Last-Event-ID": str(after)}
    params = {} if query is None else {"last_event_id": str(query)}
    async with http.stream("GET", path, headers=headers, params=params) as response:
        assert response.status_code == 200, (await response.aread()).decode()
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert response.headers["cache-control"] == "no-store, no-transform"
        assert response.headers["x-accel-buffering"] == "no"
        async with contextlib.aclosing(_messages(response)) as messages:
            yield messages


async def _messages(response: httpx.Response) -> Messages:
    fields: dict[str, str] = {}
    async for line in response.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "data" in fields:
                yield Message(fields["event"], json.loads(fields["data"]), fields.get("id"))
            fields = {}


async def take(messages: Messages, count: int) -> list[Message]:
    """Return the next messages that are durable."""
    taken: list[Message] = []
    if not count:
        return taken
    async with asyncio.timeout(TAKE_SECONDS):
        async for message in messages:
            if message.event in ("event", "snapshot"):
                taken.append(message)
            if len(taken) == count:
                return taken
    raise AssertionError(f"the stream ended after {len(taken)} of {count} messages")


async def until(messages: Messages, event: str) -> Message:
    """Return the next message of a kind, passing over others."""
    async for message in messages:
        if message.event == event:
            return message
    raise AssertionError(f"the stream ended without a {event}")


@contextlib.asynccontextmanager
async def bare(url: str, path: str, *, after: object = None) -> AsyncIterator[Messages]:
    """Open a stream on a socket that takes in little while nobody reads; what is read may end in the middle."""
    host, port = url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=SMALL_BYTES)
    query = "" if after is None else f"?last_event_id={after}"
    writer.write(f"GET {path}{query} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        async with contextlib.aclosing(_bare_messages(reader)) as messages:
            yield messages
    finally:
        writer.transport.abort()


async def _bare_messages(reader: asyncio.StreamReader) -> Messages:
    left = b""
    with contextlib.suppress(asyncio.IncompleteReadError, ConnectionResetError):  # given up: like an honest end
        while size := int(await reader.readuntil(b"\r\n"), 16):
            *blocks, left = (left + (await reader.readexactly(size + 2))[:-2]).split(b"\n\n")
            for block in blocks:
                fields = dict(line.split(": ", 1) for line in block.decode().split("\n"))
                if "data" in fields:
                    yield Message(fields["event"], fields["data"], fields.get("id"))
