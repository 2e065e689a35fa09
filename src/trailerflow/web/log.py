"""What the stream reads of the database: pages of a log, positions, snapshots; only so many reads at once.

Opened by `relay`, used by it and by `missed`. Every read has a short session of its own, and what many want at the same
time is read once. It never holds a session while something is sent.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from trailerflow.bootstrap import Studio
from trailerflow.engine.ledger import LoggedEvent, events_after
from trailerflow.engine.projects import Position
from trailerflow.web.shared import Shared

PAGE_EVENTS = 500
READS_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A project's status as JSON, with the id of the last event it knows of."""

    last_event_id: int
    status: str


class Log:
    """Reads for viewers; the relay's own reading goes first and does not wait for theirs."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._turn = asyncio.Semaphore(READS_AT_ONCE)
        self._snapshots = Shared(self._snapshot)

    async def page(self, project_id: int, after: int, limit: int) -> list[LoggedEvent]:
        """Return the first of a project's events after an id."""
        async with self._turn, self._studio.database.read_rows() as reader:
            return await events_after(reader, project_id, after, min(limit, PAGE_EVENTS))

    async def snapshot(self, project_id: int) -> Snapshot:
        """Return a project's status. Raises `NotFound`."""
        return await self._snapshots.get(project_id)

    async def _snapshot(self, project_id: int) -> Snapshot:
        async with self._turn:
            status = await self._studio.service.get_status(project_id)
        return Snapshot(status.last_event_id, status.model_dump_json())

    async def positions(self, project_ids: Collection[int]) -> dict[int, Position]:
        """Return the positions of those of these projects that are there."""
        async with self._turn:
            return await self._studio.projects.positions(project_ids)

    async def last_event_ids(self, user_id: int) -> dict[int, int]:
        """Return the last event id of each of a user's projects."""
        async with self._turn:
            return await self._studio.projects.last_event_ids(user_id)
