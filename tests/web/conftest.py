"""The web process for real: uvicorn on loopback, SQLite in a file, a private Redis; the engine's verbs move runs."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from patience import block_until
from trailerflow import bootstrap
from trailerflow.running import tether
from trailerflow.settings import PREFIX, Settings
from web.hands import SCRIPT, Hands

APPLICATION = "trailerflow.web.app:create_app"


@dataclass
class WebProcess:
    """A uvicorn process, with the settings it was started with."""

    settings: Settings
    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def terminate(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)


Starter = Callable[..., contextlib.AbstractContextManager[WebProcess]]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _served(
    data: Path, redis_url: str, *, application: str = APPLICATION, options: tuple[str, ...] = ()
) -> Iterator[WebProcess]:
    port = _free_port()
    command = [sys.executable, "-P", "-m", "uvicorn", "--factory", application, "--port", str(port)]
    command += [
        "--http",
        "trailerflow.web.connection:Connection",
        "--log-level",
        "warning",
        "--app-dir",
        str(Path(__file__).parents[1]),
        *options,
    ]
    told = {"DATA": str(data), "REDIS_URL": redis_url, "LEASE_SECONDS": "2"}
    path = data.parent / f"web-{port}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            [*tether.command(), *command],
            env={**os.environ, **{PREFIX + name: value for name, value in told.items()}},
            stdout=log,
            stderr=log,
        )
        settings = Settings(data=data, redis_url=redis_url, lease_seconds=2, max_runs=1000, max_runs_per_user=1000)
        web = WebProcess(settings, f"http://127.0.0.1:{port}", process, path)
        try:
            block_until(lambda: _answers(web))
            yield web
        finally:
            process.kill()
            process.wait(10)


def _answers(web: WebProcess) -> bool:
    assert web.process.poll() is None, web.log.read_text()
    try:
        return httpx.get(f"{web.url}/healthz", trust_env=False).is_success
    except httpx.TransportError:
        return False


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, redis_server_url: str) -> Iterator[WebProcess]:
    """Give a web process that the tests of a module share; its pings come twice a second."""
    data = tmp_path_factory.mktemp("web") / "data"
    with _served(data, redis_server_url, application="web.quick:create_app") as served:
        yield served


@pytest.fixture
def start_web(tmp_path: Path, redis_server_url: str) -> Starter:
    """Give a function that serves the web for as long as a `with` block, in a data folder of the test's own."""

    def start(
        redis_url: str = redis_server_url, options: tuple[str, ...] = ()
    ) -> contextlib.AbstractContextManager[WebProcess]:
        return _served(tmp_path / "data", redis_url, options=options)

    return start


@pytest.fixture
async def http(web: WebProcess) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client of the shared web process."""
    async with httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as client:
        yield client


@pytest.fixture
async def hands(web: WebProcess) -> AsyncIterator[Hands]:
    """Give the engine's verbs on the same database, as a worker has them."""
    async with bootstrap.studio(web.settings) as studio:
        yield Hands(studio)


@pytest.fixture
async def project_id(http: httpx.AsyncClient) -> int:
    """Give the id of a new project with two scenes."""
    answer = await http.post("/api/projects", files={"script": ("lamp.fountain", SCRIPT)})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])
