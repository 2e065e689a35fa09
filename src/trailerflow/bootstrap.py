"""The wiring: opens and closes everything. Called by the web, the workers and `up`; nothing connects at import."""

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from trailerflow.engine.bell import Bell
from trailerflow.engine.claims import Claims
from trailerflow.engine.database import Database, driver_url
from trailerflow.engine.leases import bury_worker, worker_prefix
from trailerflow.engine.ledger import Ledger
from trailerflow.engine.limits import Limits
from trailerflow.engine.projects import Projects
from trailerflow.engine.queue import Queue
from trailerflow.engine.results import Results
from trailerflow.engine.service import Service
from trailerflow.engine.storage import Storage
from trailerflow.engine.sweeper import Sweeper
from trailerflow.engine.task_claims import TaskClaims
from trailerflow.engine.tasks import Tasks
from trailerflow.film.crew import Writer
from trailerflow.providers.http import HttpProvider
from trailerflow.providers.rules import RulesWriter
from trailerflow.settings import Settings

log = logging.getLogger(__name__)

_MIGRATION_LOCK = 7_316_201


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """Everything a process needs, wired to one database, one Redis and one storage."""

    settings: Settings
    database: Database
    bell: Bell
    queue: Queue
    storage: Storage
    ledger: Ledger
    results: Results
    service: Service
    claims: Claims
    tasks: Tasks
    task_claims: TaskClaims
    projects: Projects
    sweeper: Sweeper
    writer: Writer


@asynccontextmanager
async def studio(settings: Settings) -> AsyncIterator[Studio]:
    """Open a studio; the schema is brought up to date first."""
    await asyncio.to_thread(migrate, settings)
    database = Database(settings.database)
    bell, queue, storage = Bell(settings.redis_url), Queue(settings.redis_url), Storage(settings.storage)
    ledger = Ledger(database, bell)
    limits = Limits(settings.max_runs_per_user, settings.max_runs)
    lease_seconds = settings.lease_seconds
    results = Results(database=database, ledger=ledger, storage=storage)
    try:
        yield Studio(
            settings=settings,
            database=database,
            bell=bell,
            queue=queue,
            storage=storage,
            ledger=ledger,
            results=results,
            service=Service(
                database=database,
                ledger=ledger,
                ring=queue,
                job_price=settings.provider_price,
                per_user=settings.max_runs_per_user,
            ),
            claims=Claims(database=database, ledger=ledger, ring=queue, limits=limits, lease_seconds=lease_seconds),
            tasks=Tasks(database=database, ledger=ledger),
            task_claims=TaskClaims(database=database, bell=bell, lease_seconds=lease_seconds),
            projects=Projects(database=database, ledger=ledger, storage=storage, results=results),
            sweeper=Sweeper(database=database, ring=queue, limits=limits, lease_seconds=lease_seconds),
            writer=RulesWriter(),
        )
    finally:
        await queue.close()
        await bell.close()
        await database.close()


def provider_of(settings: Settings) -> HttpProvider | None:
    """Return the provider outside, if one is set up; the caller closes it."""
    if not settings.provider_url:
        return None
    return HttpProvider(
        base_url=settings.provider_url,
        key=settings.provider_key.get_secret_value(),
        submission=settings.provider_submission,
        concurrency=settings.provider_concurrency,
        per_minute=settings.provider_per_minute,
        poll_seconds=settings.provider_poll_seconds,
        timeout_seconds=settings.provider_timeout_seconds,
    )


def migrate(settings: Settings) -> None:
    """Bring the database's schema up to date; processes that start together take turns."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(driver_url(settings.database))
    config = _alembic()
    try:
        with _alone(settings), engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _MIGRATION_LOCK})
                connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        engine.dispose()


def schema_head() -> str | None:
    """Return the schema's newest revision that this program knows."""
    return ScriptDirectory.from_config(_alembic()).get_current_head()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("trailerflow") / "migrations"))
    return config


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Hold a lock file in the data folder: SQLite has no lock that spans several transactions."""
    with (settings.data / "migration.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


async def bury(settings: Settings, pid: int) -> None:
    """Free everything a dead local process held, so that others go on at once; wakes them."""
    async with studio(settings) as open_studio:
        async with open_studio.database.write() as session:
            await bury_worker(session, worker_prefix(pid))
        await open_studio.sweeper.sweep()
