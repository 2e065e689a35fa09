"""One crash test's stage: a database, a Redis and worker processes of its own, a project on it, and the books.

Tests open it with `async with`. It only starts and watches; what must hold is said in the tests, over `Books`.
"""

import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import psutil
from sqlalchemy import select
from sqlmodel import col

from crash.nursery import Nursery
from crash.servers import RedisServer
from engine.company import events_of, make_project, row_of, tasks_of
from patience import until
from provider_double import Double
from trailerflow import bootstrap
from trailerflow.bootstrap import Studio
from trailerflow.engine.leases import worker_prefix
from trailerflow.engine.service import Start
from trailerflow.engine.status import WorkflowStatus
from trailerflow.engine.tables import Event, Result, Run, Task
from trailerflow.settings import PREFIX, Settings

T = TypeVar("T")
ITEMS = 4
NAMES = [f"image/s{n}" for n in range(ITEMS)]
PRICE = 0.25
LEASE_SECONDS = 2
PATIENCE_SECONDS = 40.0
ORCHESTRATOR, RENDER = "crash.worker.WorkerSettings", "crash.worker.RenderSettings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What was recorded of a run, here and at the provider."""

    status: WorkflowStatus
    run: Run
    events: list[Event]
    tasks: list[Task]
    results: Counter[str]
    files_lost: list[str]
    jobs: Counter[str]
    submissions: Counter[str]

    def told(self, event_type: str) -> Counter[str]:
        """Count the events of a type by their step."""
        return Counter(event.data.get("step", "") for event in self.events if event.type == event_type)


class Stage:
    """Where one run is played, and its workers die."""

    def __init__(
        self, *, name: str, folder: Path, database_url: str, nursery: Nursery, double: Double, **environment: str
    ) -> None:
        self.name = name
        self.folder = folder
        self._database_url = database_url
        self._nursery = nursery
        self._double = double
        self._environment = environment
        self._stack = AsyncExitStack()
        self._marker = folder / "marker"
        self.pids: list[int] = []

    async def __aenter__(self) -> Self:
        self.redis = self._stack.enter_context(RedisServer(self.folder))
        told = {
            "data": str(self.folder),
            "redis_url": self.redis.url,
            "database_url": self._database_url,
            "lease_seconds": str(LEASE_SECONDS),
            "provider_url": self._double.url,
            "provider_key": self._double.key,
            "provider_per_minute": "100000",
            "provider_poll_seconds": "0.1",
        }
        told |= {name: value for name, value in self._environment.items() if not name.startswith("CRASH")}
        self._told = {PREFIX + name.upper(): value for name, value in told.items()}
        self._told |= {"CRASH_PROVIDER": "http", "CRASH_ITEMS": str(ITEMS), "CRASH_MARKER": str(self._marker)}
        self._told |= {name: value for name, value in self._environment.items() if name.startswith("CRASH")}
        settings: Mapping[str, Any] = told
        self.studio: Studio = await self._stack.enter_async_context(bootstrap.studio(Settings(**settings)))
        self._stack.callback(self._end_workers)
        self.project_id = await make_project(self.studio, title=self.name)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # The workers

    def hire(self, *settings: str) -> list[int]:
        """Start worker processes; return their ids."""
        hired = [self._nursery.start(name, self._told, self.folder / "workers.log") for name in settings]
        self.pids += hired
        return hired

    def _end_workers(self) -> None:
        for pid in self.pids:
            if self._nursery.exit_code(pid) is None:
                os.kill(pid, signal.SIGKILL)

    async def ended(self, pid: int) -> int:
        """Wait until a worker has ended; return its exit code."""
        await until(lambda: self._nursery.exit_code(pid) is not None, PATIENCE_SECONDS)
        code = self._nursery.exit_code(pid)
        assert code is not None
        return code

    async def stopped_at_the_point(self) -> int:
        """Wait until a worker has come to the point where it stops; return its process id."""
        await self.until_file(self._marker)
        return int(self._marker.read_text())

    async def outcome_after_the_stop(self) -> str:
        """Wait until the call before which a worker was stopped is over; return what came of it."""
        path = self._marker.with_suffix(".outcome")
        await self.until_file(path)
        return path.read_text()

    async def until_file(self, path: Path) -> None:
        """Wait until a file has content."""
        try:
            await until(lambda: path.exists() and path.read_text(), PATIENCE_SECONDS)
        except TimeoutError as error:
            raise self._too_late(f"{path.name} was never written") from error

    # The run

    async def start(self) -> int:
        """Start a run; return its id."""
        started = await self.studio.service.start_workflow(self.project_id, Start("full_pipeline", {}))
        assert started.status.run_id is not None
        return started.status.run_id

    async def status(self) -> WorkflowStatus:
        """Return how the run stands."""
        return await self.studio.service.get_status(self.project_id)

    async def becomes(self, *states: str) -> str:
        """Wait until the run is in one of these states; return it."""
        return (await self.until(self.status, lambda status: status.status in states)).status

    async def until(self, look: Callable[[], Awaitable[T]], expected: Callable[[T], bool]) -> T:
        """Look again and again until what is seen is as expected; return it."""
        seen: list[T] = []

        async def looking() -> None:
            while not seen or not expected(seen[-1]):
                seen[:] = [await look()]
                await until_a_moment_has_passed()

        return seen[-1]

    async def tasks(self) -> list[Task]:
        """Return the run's tasks."""
        return await tasks_of(self.studio, self.project_id)
