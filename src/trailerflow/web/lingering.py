"""An answer given before the request was read to its end. Used by `problems` for bodies that are too large.

The answer goes out at once; then what still arrives is thrown away for a short while before the connection is closed.
Closing at once would reset it, and a client that is still sending would never see the answer.
"""

import asyncio
from contextlib import suppress

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

MOST_BYTES = 64 << 20
SILENCE_SECONDS = 1.0
MOST_SECONDS = 5.0


class LingeringResponse(Response):
    """Answers, discards what still arrives, closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer and end the connection."""
        self.headers["connection"] = "close"
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self.body, "more_body": True})
        if not any(name == b"expect" for name, _ in scope["headers"]):
            with suppress(TimeoutError):
                async with asyncio.timeout(MOST_SECONDS):
                    await self._discard(receive)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _discard(self, receive: Receive) -> None:
        discarded = 0
        while discarded < MOST_BYTES:
            async with asyncio.timeout(SILENCE_SECONDS):
                message = await receive()
            discarded += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body", False):
                return
