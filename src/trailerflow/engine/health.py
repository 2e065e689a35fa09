"""What an operator asks of the engine: which schema the database has, and who is alive. Called by the web."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from trailerflow.engine.database import now
from trailerflow.engine.tables import Worker


@dataclass(frozen=True, slots=True)
class Living:
    """A worker that was seen lately."""

    id: str
    role: str
    seen_at: datetime


async def schema_version(session: AsyncSession) -> str | None:
    """Return the schema's revision; None when the database has none or cannot say."""
    try:
        return (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar_one_or_none()
    except DBAPIError:
        return None


async def workers_alive(session: AsyncSession, within_seconds: float) -> list[Living]:
    """Return the workers seen within that time, by role."""
    lately = col(Worker.seen_at) > now() - within_seconds
    query = select(Worker).where(lately).order_by(col(Worker.role), col(Worker.id))
    rows = (await session.execute(query)).scalars()
    return [Living(row.id, row.role, datetime.fromtimestamp(row.seen_at, UTC)) for row in rows]


async def count_alive(session: AsyncSession, role: str, within_seconds: float) -> int:
    """Count the workers of a role seen within that time."""
    return sum(worker.role == role for worker in await workers_alive(session, within_seconds))
