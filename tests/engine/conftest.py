"""Fixtures of the engine: a studio on SQLite and on PostgreSQL with the private Redis, and a project in it."""

import gc
import shutil
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

import postgres
from engine.company import Company, Film, Workshop, make_project
from trailerflow import bootstrap
from trailerflow.bootstrap import Studio
from trailerflow.settings import Settings

LITTERERS = ("test_arq", "test_courier", "test_errand", "test_tickets", "test_task_claims")


@pytest.fixture(autouse=True)
def _litter_of_what_was_cut_off(request: pytest.FixtureRequest) -> Iterator[None]:
    """Sweep up connections that a cancelled job or errand leaves open, lest another test is blamed for them."""
    yield
    if request.module.__name__.rpartition(".")[2].startswith(LITTERERS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file with the schema and nothing in it: migrating takes longer than most tests."""
    settings = Settings(data=tmp_path_factory.mktemp("schema"), database_url="", redis_url="")
    bootstrap.migrate(settings)
    return settings.data / "trailerflow.db"


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    """Run a PostgreSQL whose database `schema` has the schema and nothing in it; give a connection to it."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine, and no wheel of it for its kind")
    with (
        postgres.running(programs) as url,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        connection.execute("CREATE DATABASE schema")
        bootstrap.migrate(Settings(data=tmp_path_factory.mktemp("schema"), database_url=_named(url, "schema")))
        yield connection


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """Give the URL of an empty database with the schema, on each of the two."""
    settings.data.mkdir()
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_database"), settings.data)
        yield ""
        return
    server: psycopg.Connection[Any] = request.getfixturevalue("postgresql")
    name = f"test_{uuid4().hex}"
    server.execute(f"CREATE DATABASE {name} TEMPLATE schema")
    yield _named(f"postgresql://postgres@/postgres?host={server.info.host}", name)
    server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _named(url: str, database: str) -> str:
    return url.replace("/postgres?", f"/{database}?")


@pytest.fixture
async def studio(settings: Settings, redis_url: str, database_url: str) -> AsyncIterator[Studio]:
    """Give an open studio."""
    own = settings.model_copy(update={"redis_url": redis_url, "database_url": database_url})
    async with bootstrap.studio(own) as opened:
        yield opened


@pytest.fixture
async def project_id(studio: Studio) -> int:
    """Make a project."""
    return await make_project(studio)


@pytest.fixture
def film() -> Film:
    """Give a story of one short step and four pictures."""
    return Film()


@pytest.fixture
def workshop() -> Workshop:
    """Give the work of the render farms."""
    return Workshop()


@pytest.fixture
def make_company(studio: Studio, film: Film, workshop: Workshop) -> Callable[[], Company]:
    """Give a function that makes a company of two hands."""
    return lambda: Company(studio, story=film, workshop=workshop)


@pytest.fixture
async def company(make_company: Callable[[], Company]) -> AsyncIterator[Company]:
    """Give a company at work."""
    async with make_company() as opened:
        yield opened
