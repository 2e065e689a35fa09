"""The parts that benchmarks of the engine start: Redis, PostgreSQL, arq workers with a story of their own; no web.

Every part ends with its block and dies with the process that started it. PostgreSQL keeps its durability here, unlike
the one of the tests. It must never touch a process it did not start.
"""

import asyncio
import contextlib
import functools
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
from benchmarks.harness import ROOT
from pydantic import SecretStr
from redis import Redis
from sqlalchemy import func, select
from sqlmodel import col

from trailerflow.bootstrap import Studio, migrate
from trailerflow.engine.database import ThreadDatabase
from trailerflow.engine.queue import RENDER_QUEUE, TURN_QUEUE, redis_settings, worker_settings
from trailerflow.engine.results import digest_of
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tables import Run, User, Worker
from trailerflow.running import redis_server, tether
from trailerflow.settings import PREFIX, Settings
from trailerflow.workers import OrchestratorWorker, RenderWorker

PATIENCE_SECONDS = 180.0
LOOK_SECONDS = 0.01
PHASE = "script_to_trailer"
READING = StepName(name="screenplay", kind="screenplay", phase=PHASE, band="upload")

T = TypeVar("T")


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """Run a private Redis as `trailerflow up` starts one; give its URL."""
    with tempfile.TemporaryDirectory(prefix="trailerflow-") as folder, redis_server.socket(Path(folder)) as path:
        child = redis_server.child(path, dict(os.environ))
        process = subprocess.Popen([*tether.command(), *child.command], stdout=subprocess.DEVNULL)
        try:
            asyncio.run(redis_server.answer(redis_server.url(path)))
            yield redis_server.url(path)
        finally:
            process.terminate()
            process.wait(10)


@contextlib.contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Give the servers there are, `{kind: URL}`: SQLite needs none, PostgreSQL only its programs on this machine."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parts[-2]))
    if not found:
        yield {"SQLite": ""}
        return
    with tempfile.TemporaryDirectory(prefix="trailerflow-pg-") as folder, _postgresql(found[-1], Path(folder)) as url:
        yield {"SQLite": "", "PostgreSQL": url}


@contextlib.contextmanager
def _postgresql(programs: Path, folder: Path) -> Iterator[str]:
    """Run a PostgreSQL with its durability on, unlike the one of the tests."""
    names = {user.pw_name for user in pwd.getpwall()}
    user = next(name for name in ("postgres", "nobody") if name in names) if os.geteuid() == 0 else None
    folder.chmod(0o777)
    made = ["--pgdata", str(folder / "data"), "--auth", "trust", "--username", "postgres"]
    as_user: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": user, "cwd": folder}
    subprocess.run([programs / "initdb", *made], check=True, **as_user)
    options = ("listen_addresses=", f"unix_socket_directories={folder}", "max_connections=300")
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "data", *(f"-c{option}" for option in options)], **as_user
    )
    url = f"postgresql://postgres@/postgres?host={folder}"
    try:
        until(lambda: _answers(url))
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # its fast shutdown: it waits for nobody
        server.wait(30)


def _answers(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url):
        return True
    return False


@contextlib.contextmanager
def database(server_url: str) -> Iterator[str]:
    """Give the URL of an empty database on a server; without one it is empty, which means SQLite."""
    if not server_url:
        yield ""
        return
    name = f"bench_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server_url.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def stage(redis_url: str, server_url: str, **wishes: Any) -> Iterator[Settings]:
    """Give settings with a folder, an empty database and an empty Redis."""
    with tempfile.TemporaryDirectory(prefix="trailerflow-") as folder, database(server_url) as url:
        settings = Settings(data=Path(folder), redis_url=redis_url, database_url=url, **wishes)
        migrate(settings)
        with Redis.from_url(redis_url) as client:
            client.flushall()
        yield settings


@contextlib.contextmanager
def worker(settings: Settings, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run arq's own command on a settings class, such as `benchmarks.pickup.Orchestrators`; wait until it is up."""
    with workers(settings, [name]) as (process,):
        yield process


@contextlib.contextmanager
def workers(settings: Settings, names: Sequence[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Run several at once."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(arq(settings, name)) for name in names]
        for process in processes:
            until(functools.partial(_is_up, settings, process))
        yield processes


@contextlib.contextmanager
def arq(settings: Settings, name: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run arq's own command on a settings class; what it says is in the data folder."""
    asked = settings.model_dump(exclude_defaults=True)
    asked = {PREFIX + key.upper(): str(_plain(value)) for key, value in asked.items()}
    others = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
    with (settings.data / f"worker-{uuid4().hex[:6]}.log").open("wb") as words:
        process = subprocess.Popen(
            [*tether.command(), sys.executable, "-m", "arq", name],
            env=others | asked,
            cwd=ROOT,
            stdout=words,
            stderr=words,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _plain(value: Any) -> Any:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _is_up(settings: Settings, process: subprocess.Popen[bytes]) -> bool:
    if process.poll() is not None:
        words = "".join(log.read_text()[-2000:] for log in settings.data.glob("worker-*.log"))
        raise SystemExit(f"a worker has ended:\n{words}")
    database = ThreadDatabase(settings.database)
    try:
        with database.write() as connection:
            return bool(connection.execute(select(func.count()).where(col(Worker.pid) == process.pid)).scalar_one())
    finally:
        database.close()


def until(condition: Callable[[], object]) -> None:
    """Wait until something holds. Raises `TimeoutError`."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {PATIENCE_SECONDS} s")
        time.sleep(0.02)


# The workers and what they work on


def orchestrators(kind: type[OrchestratorWorker]) -> type:
    """Return the arq settings class of orchestrators of this kind."""
    return _arq_class(kind, "turn", TURN_QUEUE, 100)


def renderers(kind: type[RenderWorker], at_once: int = 1) -> type:
    """Return the arq settings class of render workers of this kind."""
    return _arq_class(kind, "render", RENDER_QUEUE, at_once)


def _arq_class(kind: type[OrchestratorWorker] | type[RenderWorker], job: str, queue: str, at_once: int) -> type:
    async def staff() -> OrchestratorWorker | RenderWorker:
        return kind(Settings.load())

    redis = redis_settings(Settings.load().redis_url)
    return type(kind.__name__, (), worker_settings(job=job, queue=queue, at_once=at_once, redis=redis, staff=staff))


async def make_project(studio: Studio, name: str = "local") -> int:
    """Make an empty project of a user of this name; return its id."""
    async with studio.database.write() as session:
        user = (await session.execute(select(User).where(col(User.name) == name))).scalar_one_or_none()
        if user is None:
            user = User(name=name, priority="high")
            session.add(user)
            await session.flush()
    assert user.id is not None
    read = {"format": "fountain", "scenes": [], "warnings": []}
    project = await studio.projects.create(
        user_id=user.id,
        title=name,
        script=name.encode(),
        filename="script.fountain",
        read=read,
        step=READING,
        digest=digest_of(read),
    )
    assert project.id is not None
    return project.id


async def seen(
    look: Callable[[], Awaitable[T]], expected: Callable[[T], bool], every_seconds: float = LOOK_SECONDS
) -> T:
    """Look again and again until what is seen is as expected; return it."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not expected(found := await look()):  # noqa: ASYNC110 - what is awaited happens in other processes
            await asyncio.sleep(every_seconds)
    return found


async def becomes(studio: Studio, project_id: int, state: str) -> None:
    """Wait until a project's run is in a state, looking seldom. Raises `SystemExit` when it fails instead."""
    newest = select(col(Run.status)).where(col(Run.project_id) == project_id).order_by(col(Run.id).desc()).limit(1)

    async def look() -> str:
        async with studio.database.read() as session:
            return str((await session.execute(newest)).scalar_one())

    found = await seen(look, lambda status: status in (state, "failed"), every_seconds=0.1)
    if found != state:
        raise SystemExit(f"the run failed: {(await studio.service.get_status(project_id)).error_message}")
