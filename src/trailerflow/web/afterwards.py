"""What is left to do of an answer when the application has returned. Wraps the application.

A stream lasts for hours, and all that made it (the router, the request, the wrapped senders) would last as long: some
twenty kilobytes each. So `stream` begins its answer and hands the rest over to here, where the server's own `receive`
and `send` are. Nothing but the stream uses it.
"""

from collections.abc import Awaitable, Callable

from starlette.types import ASGIApp, Receive, Scope, Send

KEY = "trailerflow.afterwards"

Rest = Callable[[Receive, Send], Awaitable[None]]


class Afterwards:
    """ASGI middleware around everything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; then do what was left to do."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        left: list[Rest] = []
        scope[KEY] = left
        await self._app(scope, receive, send)
        while left:
            await left.pop()(receive, send)


def do(scope: Scope, rest: Rest) -> None:
    """Leave the rest of this request's answer for afterwards."""
    left: list[Rest] = scope[KEY]
    left.append(rest)
