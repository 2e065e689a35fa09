"""Fixtures with real parts: settings in a folder of their own, a private Redis, the whole service, a Chromium."""

import asyncio
import contextlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

import provider_double
from provider_double import Double
from trailerflow.running import redis_server, tether
from trailerflow.settings import PREFIX, Settings
from trailerflow.terminal.private_service import PrivateService

ROOT = Path(__file__).parents[1]
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SMALL = {"FRAME_HEIGHT": "96", "LEASE_SECONDS": "2"}

ServiceMaker = Callable[..., PrivateService]


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_developer() -> None:
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]


@pytest.fixture(autouse=True)
def _environment_is_given_back() -> Iterator[None]:
    """A command run in this process (`up --host …`) tells its children through the environment."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="session")
def example_script() -> Path:
    """Return the bundled screenplay."""
    return next(iter(sorted((ROOT / "examples").glob("*.fountain"))))


@pytest.fixture(scope="session")
def screenplays() -> list[Path]:
    """Return the real screenplays that `SCREENPLAYS_DIR` names, else the bundled ones."""
    folder = Path(os.environ.get("SCREENPLAYS_DIR") or ROOT / "examples")
    return sorted(path for path in folder.iterdir() if path.suffix in {".fountain", ".fdx", ".pdf"})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Return settings for one test alone: a folder of its own, small pictures, short leases, no Redis."""
    return Settings(data=tmp_path / "data", frame_height=96, lease_seconds=2)


@pytest.fixture(scope="session")
def redis_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a private Redis for the whole session, as `trailerflow up` starts one; give its URL."""
    with redis_server.socket(tmp_path_factory.mktemp("redis")) as path:
        child = redis_server.child(path, dict(os.environ))
        process = subprocess.Popen([*tether.command(), *child.command], stdout=subprocess.DEVNULL)
        try:
            asyncio.run(redis_server.answer(redis_server.url(path)))
            yield redis_server.url(path)
        finally:
            process.terminate()
            process.wait(10)


@pytest.fixture
def redis_url(redis_server_url: str) -> str:
    """Give the URL of an empty private Redis."""
    with redis.Redis.from_url(redis_server_url) as client:
        client.flushall()
    return redis_server_url


@pytest.fixture
def make_service(tmp_path: Path) -> Iterator[ServiceMaker]:
    """Give a function that starts a whole service; a test that kills processes takes one of its own."""
    with contextlib.ExitStack() as running:

        def make(*, data: Path | None = None, render_workers: int = 2, **environment: str) -> PrivateService:
            told = {PREFIX + name.upper(): value for name, value in {**SMALL, **environment}.items()}
            service = PrivateService(data=data or tmp_path / "data", environment=told, render_workers=render_workers)
            return running.enter_context(service)

        yield make


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateService]:
    """Give a whole service that the tests of a module share: `url`, `data`, `pids(role)`. Nobody kills its parts."""
    told = {PREFIX + name: value for name, value in SMALL.items()}
    with PrivateService(data=tmp_path_factory.mktemp("service"), environment=told, render_workers=2) as private:
        yield private


@pytest.fixture(scope="module")
def double_of_module() -> Iterator[Double]:
    """Run a provider's double for the tests of a module."""
    with provider_double.running() as double:
        yield double


@pytest.fixture
def double(double_of_module: Double) -> Double:
    """Give a provider's double that knows of no job yet."""
    double_of_module.reset()
    return double_of_module


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of a Chromium, or skip."""
    for name in CHROMIUMS:
        if found := shutil.which(name):
            return found
    pytest.skip("no Chromium on PATH: `apt-get install chromium` brings the tests of the page to life")
