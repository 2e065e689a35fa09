"""What the service needs of other programs: a database, a provider, and workers where it runs already.

`doctor.py` calls it. Each look returns what it found and raises what is wrong, with the remedy. It must never write to
a database, never order anything, and never show a password.
"""

import asyncio
import os
from importlib import resources
from pathlib import Path
from typing import Any, Final

import httpx
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError

from trailerflow import bootstrap
from trailerflow.engine.database import driver_url
from trailerflow.errors import Misconfigured, PermanentError
from trailerflow.settings import Settings

PATIENCE_SECONDS: Final = 4
NO_JOB: Final = "trailerflow-doctor"  # an id that no provider gives
SEE_DATABASE: Final = "see that TRAILERFLOW_DATABASE_URL is right and that the database runs"


def missing(message: str, remedy: str) -> Misconfigured:
    """Return the error for something the service cannot do without."""
    return Misconfigured("misconfigured", message, remedy=remedy)


def database(settings: Settings) -> str:
    """See that the database can be opened, and that its schema is one this program knows."""
    try:
        url = driver_url(settings.database)
    except ArgumentError as error:
        raise missing("TRAILERFLOW_DATABASE_URL is not a URL", SEE_DATABASE) from error
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        if not file.exists():
            return f"{file} will be made"
        if not os.access(file, os.W_OK):
            raise missing(f"{file} cannot be written to", "give it to the user who runs the service")
        url, options = URL.create("sqlite", database=f"file:{file}", query={"mode": "ro", "uri": "true"}), {}
    else:
        options = {"connect_timeout": PATIENCE_SECONDS}
    return f"{shown}, {_schema(url, shown, options)}"


def _schema(url: URL, shown: str, options: dict[str, Any]) -> str:
    engine = create_engine(url, connect_args=options)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            try:
                version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
            except DBAPIError:
                return "empty: the schema will be made"
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())
        raise missing(f"{shown} cannot be opened: {reason}", SEE_DATABASE) from error
    finally:
        engine.dispose()
    if version == bootstrap.schema_head():
        return "schema up to date"
    script = ScriptDirectory(str(resources.files("trailerflow") / "migrations"))
    if version not in {revision.revision for revision in script.walk_revisions()}:
        raise missing(
            f"the schema {version} of {shown} is not known here", "run the trailerflow that made it, or newer"
        )
    return "an older schema: it will be brought up to date"


def service(url: str, *, must_run: bool) -> str:
    """See who is at work in the service at this URL, if it runs."""
    try:
        answer = httpx.get(f"{url}/readyz", trust_env=False, timeout=PATIENCE_SECONDS)
        ready = answer.json()
        at_work = {role: len(workers) for role, workers in ready["workers"].items()}
    except (httpx.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        if not must_run:
            return "not running"
        raise missing(f"no trailerflow answers at {url}", "start it with `trailerflow up`") from error
    if ready["status"] != "ready":
        raise missing(f"{url} is not ready: its database or schema is not", "see the service's own log")
    idle = [role for role in ("orchestrator", "render") if not at_work.get(role)]
    if idle:
        raise missing(
            f"{url} has no {' and no '.join(idle)} worker", "start the workers: `trailerflow up` has them all"
        )
    bell = "" if ready["bell"] else "; without Redis, so everything comes later"
    return f"ready at {url}, workers: {', '.join(f'{count} {role}' for role, count in at_work.items())}{bell}"


def provider(settings: Settings) -> str:
    """See that the provider answers and takes the key."""
    if not settings.provider_url:
        return "none: all is drawn here"
    return asyncio.run(_ask_provider(settings))


async def _ask_provider(settings: Settings) -> str:
    asked = bootstrap.provider_of(settings)
    assert asked is not None, "there is a URL"
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await asked.poll(NO_JOB)
    except PermanentError as error:
        if error.code != "job_lost":
            raise
    except TimeoutError as error:
        words = f"the provider at {asked.title} does not answer as it should within {PATIENCE_SECONDS} s"
        raise missing(words, "see that TRAILERFLOW_PROVIDER_URL is right and that the provider is up") from error
    finally:
        await asked.close()
    return f"{asked.title} answers"
