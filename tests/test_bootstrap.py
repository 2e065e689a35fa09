import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text
from sqlmodel import SQLModel

from trailerflow import bootstrap
from trailerflow.engine import tables
from trailerflow.engine.database import Database, driver_url
from trailerflow.engine.health import schema_version
from trailerflow.engine.leases import worker_prefix
from trailerflow.settings import Settings

MIGRATE = """
from trailerflow import bootstrap
from trailerflow.settings import Settings
bootstrap.migrate(Settings.load())
"""


def differences(settings: Settings) -> list[Any]:
    """Return what separates the database's schema from the tables."""
    assert tables.Project.metadata is SQLModel.metadata
    engine = create_engine(driver_url(settings.database))
    with engine.connect() as connection:
        found: list[Any] = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    return found


def test_four_processes_that_start_at_once_migrate_in_turn(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAILERFLOW_DATA", str(settings.data))
    processes = [subprocess.Popen([sys.executable, "-c", MIGRATE]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert differences(settings) == []


def test_the_migrations_make_the_tables_of_the_models(settings: Settings) -> None:
    bootstrap.migrate(settings)
    bootstrap.migrate(settings)
    assert differences(settings) == []


def test_the_index_for_one_active_run_is_partial_in_the_database_too(settings: Settings) -> None:
    bootstrap.migrate(settings)
    engine = create_engine(driver_url(settings.database))
    with engine.connect() as connection:
        query = text("SELECT sql FROM sqlite_master WHERE name = 'run_one_active'")
        assert tables.ACTIVE_STATES in connection.execute(query).scalar_one()
    engine.dispose()


async def test_a_database_says_which_schema_it_has(settings: Settings, tmp_path: Path) -> None:
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    async with empty.read() as session:
        assert await schema_version(session) is None
    await empty.close()
    async with bootstrap.studio(settings) as studio, studio.database.read() as session:
        assert await schema_version(session) == bootstrap.schema_head() is not None


async def test_a_studio_opens_without_redis(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody.sock"})
    async with bootstrap.studio(away) as studio:
        await studio.projects.local_user()


async def test_a_dead_worker_is_buried_by_its_process_id(settings: Settings, redis_url: str) -> None:
    here = settings.model_copy(update={"redis_url": redis_url})
    async with bootstrap.studio(here) as studio:
        async with studio.database.write() as session:
            for pid in (4711, 4712):
                name = f"{worker_prefix(pid)}x"
                session.add(tables.Worker(id=name, role="render", host="here", pid=pid, started_at=1.0, seen_at=4e9))
        await bootstrap.bury(here, 4711)
        async with studio.database.read() as session:
            rows = (await session.execute(text("SELECT pid FROM worker"))).scalars().all()
    assert rows == [4712]
