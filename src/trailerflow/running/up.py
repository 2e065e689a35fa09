"""`trailerflow up`: the whole service as one command.

It puts together what `supervisor.py` keeps alive: a private Redis, the workers, the web process. `cli.py` loads it only
when asked, because it brings the engine with it. Children are told everything through their environment; it must never
put a URL or a secret on a command line, nor anything but the ready line on standard output.
"""

import asyncio
import contextlib
import functools
import logging
import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

import httpx
from cyclopts import Parameter, validators

from trailerflow import bootstrap
from trailerflow.running import address, redis_server, supervisor
from trailerflow.running.address import Address
from trailerflow.running.child import Child
from trailerflow.running.supervisor import Roster, Supervisor, Tier
from trailerflow.settings import PREFIX, Settings

MOST_RENDER_WORKERS = 4
WEB_GRACE_SECONDS = 5
BACKLOG = 4096  # all who watch come back at once
WORKER_GRACE_SECONDS = 20.0
READY_POLL_SECONDS = 0.05
SLOW_SECONDS = 30.0
SOURCES = Path(__file__).parents[2]

log = logging.getLogger("trailerflow.up")


def up(
    *,
    host: str | None = None,
    port: Annotated[int | None, Parameter(validator=validators.Number(gte=0, lte=65535))] = None,
    data: Path | None = None,
    render_workers: Annotated[int | None, Parameter(validator=validators.Number(gte=1, lte=64))] = None,
) -> int:
    """Start the whole service: Redis, web, an orchestrator worker, render workers. Ctrl-C ends it.

    Parameters
    ----------
    host
        Address to listen on, loopback only. Default: TRAILERFLOW_HOST, 127.0.0.1.
    port
        Port to listen on; 0 takes any free one. Default: TRAILERFLOW_PORT, 8000.
    data
        Folder for the database, the files and the private Redis. Default: TRAILERFLOW_DATA, .data.
    render_workers
        Processes that draw and encode. Default: one for each core, at most 4.

    """
    flags = {"HOST": host, "PORT": port, "DATA": data}
    os.environ.update({PREFIX + name: str(value) for name, value in flags.items() if value is not None})
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    for chatty in ("httpx", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    settings = Settings.load()
    with (
        supervisor.locked(settings.data),
        address.reserved(settings.host, settings.port) as place,
        _socket_of_private_redis(settings) as bell,
    ):
        asyncio.run(_supervise(settings, place, bell, render_workers or _cores()))
    return 0


async def _supervise(settings: Settings, place: Address, bell: Path | None, render_workers: int) -> None:
    """Keep the service alive until a signal. Without a socket for a private bell, Redis is somebody else's."""
    redis_url = redis_server.url(bell) if bell else settings.redis_url
    environment = _environment(settings, place, redis_url)
    told = settings.model_copy(update={"redis_url": redis_url, "port": place.port})
    keeper = Supervisor(bury=functools.partial(bootstrap.bury, told), roster=Roster(settings.data / "children.json"))
    redis = [redis_server.child(bell, environment)] if bell else []
    await keeper.run(
        [
            Tier(redis, functools.partial(_prepare, told, keeper)),
            Tier(workers(environment, render_workers)),
            Tier([web(environment, place)], functools.partial(_announce, place)),
        ]
    )


def _socket_of_private_redis(settings: Settings) -> AbstractContextManager[Path | None]:
    """Return where the private Redis listens; None when the environment names another one."""
    if "redis_url" in settings.model_fields_set:
        return contextlib.nullcontext()
    return redis_server.socket(settings.data)


def _cores() -> int:
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return min(cores, MOST_RENDER_WORKERS)


def _environment(settings: Settings, place: Address, redis_url: str) -> Mapping[str, str]:
    """Return the environment of every child: ours, with every default that was chosen here spelt out."""
    chosen = {"HOST": place.host, "PORT": str(place.port), "DATA": str(settings.data), "REDIS_URL": redis_url}
    return {**os.environ, **{PREFIX + name: value for name, value in chosen.items()}}


def web(environment: Mapping[str, str], place: Address) -> Child:
    """Return the web process."""
    # `-P` and `--app-dir`: a stray `redis.py` in the user's folder must not be taken for the library.
    command = [sys.executable, "-P", "-m", "uvicorn", "--factory", "trailerflow.web.app:create_app"]
    command += ["--host", place.host, "--port", str(place.port), "--app-dir", str(SOURCES)]
    command += ["--http", "trailerflow.web.connection:Connection", "--backlog", str(BACKLOG)]
    command += ["--ws", "none", "--log-level", "warning", "--timeout-graceful-shutdown", str(WEB_GRACE_SECONDS)]
    return Child("web", tuple(command), environment, grace_seconds=WEB_GRACE_SECONDS + 2.0)


def workers(environment: Mapping[str, str], render_workers: int) -> list[Child]:
    """Return the orchestrator worker and the render workers."""
    kinds = ["WorkerSettings", *["RenderSettings"] * render_workers]
    names = ["worker", *[f"render-{n + 1}" for n in range(render_workers)]]
    return [
        Child(
            name,
            (sys.executable, "-P", "-m", "arq", f"trailerflow.workers.{kind}"),
            environment,
            grace_seconds=WORKER_GRACE_SECONDS,
            holds_leases=True,
        )
        for name, kind in zip(names, kinds, strict=True)
    ]


async def _prepare(settings: Settings, keeper: Supervisor) -> None:
    """See that Redis answers and the schema is there, and free what a killed service has left behind."""
    await redis_server.answer(settings.redis_url)
    await asyncio.to_thread(bootstrap.migrate, settings)
    await keeper.bury_left_over()


async def _announce(place: Address) -> None:
    """Print the ready line when the service is ready."""
    clock = asyncio.get_running_loop().time
    slow_at = clock() + SLOW_SECONDS
    async with httpx.AsyncClient(base_url=place.url, trust_env=False, timeout=5) as client:
        while not (answer := await _ask(client)).startswith("200"):
            if clock() >= slow_at:
                log.warning("%s is not ready yet: %s", place.url, answer)
                slow_at = clock() + SLOW_SECONDS
            await asyncio.sleep(READY_POLL_SECONDS)
    sys.stdout.write(f"trailerflow is ready on {place.url}\n")
    sys.stdout.flush()


async def _ask(client: httpx.AsyncClient) -> str:
    try:
        response = await client.get("/readyz")
    except httpx.TransportError as error:
        return f"no answer ({error})"
    return f"{response.status_code} {response.text[:200]}"
