"""Fixtures of the crash tests: what all stages share, and empty databases with the schema on SQLite and PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

import postgres
import provider_double
from crash import nursery
from crash.nursery import Nursery
from crash.servers import PostgreSQL
from crash.stage import Place
from provider_double import Double
from trailerflow import bootstrap
from trailerflow.settings import Settings


@pytest.fixture(scope="session")
def forks() -> Iterator[Nursery]:
    """Run what worker processes are forked from."""
    with nursery.running() as running:
        yield running


@pytest.fixture(scope="session")
def double() -> Iterator[Double]:
    """Run the provider's double."""
    with provider_double.running() as running:
        yield running


@pytest.fixture(scope="session")
def place(request: pytest.FixtureRequest, forks: Nursery, double: Double, empty_database: Path) -> Place:
    """Give what every stage needs."""

    def make_database(kind: str, folder: Path) -> str:
        if kind == "sqlite":
            shutil.copy(empty_database, folder)
            return ""
        server: PostgreSQL = request.getfixturevalue("postgresql")
        name = f"test_{uuid4().hex}"
        server.execute(f"CREATE DATABASE {name} TEMPLATE schema")
        return server.url(name)

    return Place(nursery=forks, double=double, make_database=make_database)


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """Run a PostgreSQL whose database `schema` has the schema and nothing in it."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL: `apt-get install postgresql` brings its tests to life")
    with PostgreSQL(programs) as server:
        server.execute("CREATE DATABASE schema")
        bootstrap.migrate(Settings(data=tmp_path_factory.mktemp("schema"), database_url=server.url("schema")))
        yield server


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file with the schema and nothing in it."""
    settings = Settings(data=tmp_path_factory.mktemp("schema"))
    bootstrap.migrate(settings)
    return settings.data / "trailerflow.db"
