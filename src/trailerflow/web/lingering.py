"""An answer given before the request was read to its end goes out at once, and is still seen. Wraps the application.

What arrives after such an answer is thrown away for a short while before the connection is closed. Closing at once
would reset it, and a client that is still sending would never see the answer; reading on for ever would serve nobody.
"""

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES = 64 << 20
SILENCE_SECONDS = 1.0
MOST_SECONDS = 5.0


class Lingering:
    """ASGI middleware: watches whether a request's body was read, and ends the connection well when it was not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one without a body as it is."""
        if scope["type"] != "http" or not _has_body(Headers(scope=scope)):
            await self._app(scope, receive, send)
            return
        body = _Body(receive)
        lingers = False

        async def watched(message: Message) -> None:
            nonlocal lingers
            if message["type"] == "http.response.start" and not body.is_read:
                lingers = True
                MutableHeaders(scope=message)["connection"] = "close"
            is_last = message["type"] == "http.response.body" and not message.get("more_body", False)
            if not (lingers and is_last):
                await send(message)
                return
            await send({**message, "more_body": True})
            # Who asked whether to send at all, and was answered, sends nothing.
            if body.is_asked or "expect" not in Headers(scope=scope):
                await body.discard()
            await send({"type": "http.response.body", "body": b""})

        await self._app(scope, body.receive, watched)


class _Body:
    """A request's body on its way in."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_asked = False
        self.is_read = False

    async def receive(self) -> Message:
        """Pass a message on, noting the last."""
        self.is_asked = True
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self.is_read = True
        return message

    async def discard(self) -> None:
        """Throw away what still arrives, for a while."""
        discarded = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(MOST_SECONDS):
                while discarded < MOST_BYTES and not self.is_read:
                    async with asyncio.timeout(SILENCE_SECONDS):
                        discarded += len((await self.receive()).get("body", b""))


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"
