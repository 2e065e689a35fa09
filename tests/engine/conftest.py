"""Fixtures of the engine: a studio on SQLite in a folder of its own with the private Redis, and a project in it."""

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from engine.company import Company, Film, Workshop, make_project
from trailerflow import bootstrap
from trailerflow.bootstrap import Studio
from trailerflow.settings import Settings


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database file with the schema and nothing in it: migrating takes longer than most tests."""
    settings = Settings(data=tmp_path_factory.mktemp("schema"), database_url="", redis_url="")
    bootstrap.migrate(settings)
    return settings.data / "trailerflow.db"


@pytest.fixture
async def studio(settings: Settings, redis_url: str, empty_database: Path) -> AsyncIterator[Studio]:
    """Give an open studio."""
    settings.data.mkdir()
    shutil.copy(empty_database, settings.data)
    async with bootstrap.studio(settings.model_copy(update={"redis_url": redis_url})) as opened:
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
