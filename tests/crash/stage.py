"""One crash test's stage: a database, a Redis and worker processes of its own, a project on it, and the books.

Tests open it with `async with`. It only starts, steers and watches; what must hold is said in the tests, over `Books`.
"""

import asyncio
import os
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import select
from sqlmodel import col

from crash.books import ITEMS, Books
from crash.nursery import Nursery
from crash.servers import RedisServer
from engine.company import events_of, make_project, row_of, tasks_of
from provider_double import Double
from trailerflow import bootstrap
from trailerflow.bootstrap import Studio
from trailerflow.engine.leases import worker_prefix
from trailerflow.engine.service import Start
from trailerflow.engine.tables import Result, ResultFile, Run, Task, Worker
from trailerflow.settings import PREFIX, Settings

T = TypeVar("T")
DATABASES = ("sqlite", "postgresql")
PRICE = 0.25
LEASE_SECONDS = 3
PATIENCE_SECONDS = 60.0
ORCHESTRATOR, RENDER = "crash.worker.WorkerSettings", "crash.worker.RenderSettings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What stages have in common: where their workers come from and whom they order from."""

    nursery: Nursery
    double: Double
    make_database: Callable[[str, Path], str]


class Stage:
    """Where one run is played, and its workers die."""

    def __init__(
        self,
        place: Place,
        *,
        title: str,
        folder: Path,
        database: str,
        submission: str = "neither",
        stop_at: str = "",
        stop_by: str = "SIGKILL",
        maker: str = "http",
        sweep_seconds: float = 0.5,
    ) -> None:
        self.title = title
        self.stop_at = stop_at
        self._place = place
        self._folder = folder
        self._database = database
        self.submission = submission
        self._marker = folder / "marker"
        self._crash = {"AT": stop_at, "SIGNAL": stop_by, "MARKER": str(self._marker), "MAKER": maker}
        self._crash |= {"ITEMS": str(ITEMS), "SWEEP_SECONDS": str(sweep_seconds)}
        self._stack = AsyncExitStack()
        self.pids: list[int] = []

    async def __aenter__(self) -> Self:
        self.redis = self._stack.enter_context(RedisServer(self._folder))
        database_url = await asyncio.to_thread(self._place.make_database, self._database, self._folder)
        told: dict[str, Any] = {
            "data": str(self._folder),
            "redis_url": self.redis.url,
            "database_url": database_url,
            "lease_seconds": str(LEASE_SECONDS),
            "provider_url": self._place.double.url,
            "provider_key": self._place.double.key,
            "provider_submission": self.submission,
            "provider_per_minute": "100000",
            "provider_poll_seconds": "0.1",
        }
        self._environment = {PREFIX + name.upper(): value for name, value in told.items()}
        self._environment |= {f"CRASH_{name}": value for name, value in self._crash.items()}
        self.studio: Studio = await self._stack.enter_async_context(bootstrap.studio(Settings(**told)))
        self._stack.callback(self._end_workers)
        self.project_id = await make_project(self.studio, title=self.title)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    # The workers

    def hire(self, *settings: str) -> list[int]:
        """Start worker processes; return their ids."""
        log = self._folder / "workers.log"
        hired = [self._place.nursery.start(name, self._environment, log) for name in settings]
        self.pids += hired
        return hired

    def _end_workers(self) -> None:
        for pid in self.pids:
            if self._place.nursery.exit_code(pid) is None:
                os.kill(pid, signal.SIGKILL)

    @property
    def lives(self) -> bool:
        """Say whether all workers live."""
        return all(self._place.nursery.exit_code(pid) is None for pid in self.pids)

    async def at_work(self, *pids: int) -> None:
        """Wait until these workers have opened everything."""

        async def known() -> set[int]:
            async with self.studio.database.read() as session:
                return set((await session.execute(select(col(Worker.pid)))).scalars())

        await self.until(known, lambda known: known >= set(pids))

    def hold_painters(self) -> None:
        """Have render workers stay in the middle of their work."""
        self._marker.with_suffix(".hold").touch()

    def release_painters(self) -> None:
        """Let them go on."""
        self._marker.with_suffix(".hold").unlink()

    async def ended(self, pid: int) -> int:
        """Wait until a worker has ended; return its exit code."""

        async def code() -> int | None:
            return self._place.nursery.exit_code(pid)

        ended = await self.until(code, lambda code: code is not None)
        assert ended is not None
        return ended

    async def stopped(self) -> int:
        """Wait until a worker has come to the point where it stops; return its process id."""
        return int(await self._written(self._marker))

    async def outcome_after_the_stop(self) -> str:
        """Wait until the call before which a worker was stopped has gone on and ended; return what came of it."""
        return await self._written(self._marker.with_suffix(".outcome"))

    async def _written(self, path: Path) -> str:
        def text() -> str:
            return path.read_text() if path.exists() else ""

        return await self.until(lambda: asyncio.to_thread(text), bool)

    # The run

    async def start(self) -> None:
        """Start the run."""
        started = await self.studio.service.start_workflow(self.project_id, Start("full_pipeline", {}))
        assert started.status.run_id is not None
        self._run_id = started.status.run_id

    async def becomes(self, *states: str) -> Run:
        """Wait until the run is in one of these states; return its row."""
        return await self.until(self.run, lambda run: run.status in states)

    async def tasks(self) -> list[Task]:
        """Return the run's tasks."""
        return await tasks_of(self.studio, self.project_id)

    async def run(self) -> Run:
        """Return the run's row."""
        return await row_of(self.studio, self._run_id)

    async def in_doubt(self, pid: int) -> set[str]:
        """Return the tasks that a process has sent, or was about to send, to the provider without having an answer."""
        owned = [task for task in await self.tasks() if (task.owner or "").startswith(worker_prefix(pid))]
        return {task.name for task in owned if task.submit_key is not None and task.remote_id is None}

    async def unknown(self) -> set[str]:
        """Return the tasks of which nobody knows whether they were bought."""
        return {task.name for task in await self.tasks() if task.status == "unknown"}

    async def until(self, look: Callable[[], Awaitable[T]], expected: Callable[[T], bool]) -> T:
        """Look again and again until what is seen is as expected; return it."""
        clock = asyncio.get_running_loop().time
        deadline = clock() + PATIENCE_SECONDS
        while not expected(seen := await look()):
            if clock() > deadline:
                log = await asyncio.to_thread((self._folder / "workers.log").read_text)
                raise TimeoutError(f"{self.title}: still {seen!r}\n{await self.tasks()}\n{log[-4000:]}")
            await asyncio.sleep(0.05)
        return seen

    async def books(self) -> Books:
        """Return what was recorded."""
        report = self._place.double.report()
        jobs = [job for job in report["jobs"] if job["order"]["film"] == self.title]
        async with self.studio.database.read() as session:
            results = select(col(Result.name)).where(col(Result.project_id) == self.project_id)
            named = Counter((await session.execute(results)).scalars())
            files = list((await session.execute(select(col(ResultFile.sha256)))).scalars())
        return Books(
            status=await self.studio.service.get_status(self.project_id),
            run=await self.run(),
            events=await events_of(self.studio, self.project_id),
            tasks=await self.tasks(),
            results=named,
            lost_files=[sha256 for sha256 in files if not self.studio.storage.has(sha256)],
            jobs=Counter(f"image/s{job['order']['n']}" for job in jobs),
            submissions=Counter({job["key"]: report["submissions"][job["key"]] for job in jobs}),
        )
