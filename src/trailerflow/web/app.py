"""The application: `uvicorn --factory trailerflow.web.app:create_app`. Opens and closes studio and relay.

Nothing connects before the server's start-up. On SIGTERM the streams end first: the server waits for open connections.
"""

import asyncio
import contextlib
import logging
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import FrameType

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from trailerflow import bootstrap
from trailerflow.settings import Settings
from trailerflow.web import auth, problems, router, tuning
from trailerflow.web.afterwards import Afterwards
from trailerflow.web.guard import Guard
from trailerflow.web.lingering import Lingering
from trailerflow.web.metrics import Metrics
from trailerflow.web.relay import PING_SECONDS, Relay

log = logging.getLogger(__name__)

STATIC = Path(__file__).parent / "static"


def create_app(settings: Settings | None = None, *, ping_seconds: float = PING_SECONDS) -> Starlette:
    """Make the application; without settings those of the environment. Raises `Misconfigured`."""
    told = settings or Settings.load()
    auth.refuse_public_host(told)

    @contextlib.asynccontextmanager
    async def opened(_app: Starlette) -> AsyncIterator[dict[str, object]]:
        async with bootstrap.studio(told) as studio:
            most_streams = tuning.raise_open_files()
            relay = Relay(studio=studio, redis_url=told.redis_url, ping_seconds=ping_seconds, most_streams=most_streams)
            user = await studio.projects.local_user()
            head = await asyncio.to_thread(bootstrap.schema_head)
            relay.start()
            tuning.tune_collector()
            try:
                with ending_streams_first(relay):
                    yield {
                        "studio": studio,
                        "relay": relay,
                        "metrics": Metrics(studio=studio, relay=relay),
                        "user": user,
                        "schema_head": head,
                    }
            finally:
                await relay.stop()

    app = Starlette(
        routes=[
            *router.routes(),
            Route("/", _page),
            Mount("/static", StaticFiles(directory=STATIC, check_dir=False)),
        ],
        middleware=[Middleware(Afterwards), Middleware(Lingering), Middleware(Guard, settings=told)],
        exception_handlers=problems.HANDLERS,
        lifespan=opened,
    )
    app.router.redirect_slashes = False
    return app


async def _page(_request: Request) -> Response:
    return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")


@contextlib.contextmanager
def ending_streams_first(relay: Relay) -> Iterator[None]:
    """On SIGTERM and SIGINT end the streams, then do what the server does."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's; whoever runs a server in another one ends the relay itself
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def signalled(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(relay.close)
        servers = before[signal.Signals(number)]
        if callable(servers):
            servers(number, frame)

    for number in before:
        signal.signal(number, signalled)
    try:
        yield
    finally:
        for number, servers in before.items():
            signal.signal(number, servers)
