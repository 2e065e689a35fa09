"""A company for tests: turns and a render farm in this process, with a story and a workshop of the test's own.

It rings itself, so that nothing waits for a poll; everything else is real: database, bell, leases, storage.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self, TypeVar

from pydantic import BaseModel
from sqlalchemy import select, update
from sqlmodel import col

from trailerflow.bootstrap import Studio
from trailerflow.engine.bell import STIRS, Listener
from trailerflow.engine.claims import Claims
from trailerflow.engine.database import ThreadDatabase
from trailerflow.engine.farm import Farm
from trailerflow.engine.leases import Keeper, new_worker_id
from trailerflow.engine.ledger import LoggedEvent, events_after
from trailerflow.engine.limits import Limits
from trailerflow.engine.results import digest_of
from trailerflow.engine.service import Service, Start
from trailerflow.engine.station import Station
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.steps import Turn
from trailerflow.engine.submission import Order
from trailerflow.engine.tables import HERE, Json, Project, Run, Task
from trailerflow.engine.task_claims import TaskClaim
from trailerflow.engine.turns import Story, Turns
from trailerflow.errors import PermanentError, TrailerflowError

T = TypeVar("T")
PHASES = ("script_to_trailer", "trailer_to_storyboard")
READING = StepName(name="screenplay", kind="screenplay", phase=PHASES[0], band="upload")


class Made(BaseModel):
    """What every step of the tests' stories makes."""

    n: int


async def make_project(studio: Studio, title: str = "A Title", script: bytes = b"INT. HOUSE - DAY") -> int:
    """Make a project of the local user; return its id."""
    user = await studio.projects.local_user()
    assert user.id is not None
    project = await studio.projects.create(
        user_id=user.id,
        title=title,
        script=script,
        filename="script.fountain",
        read={"format": "fountain", "scenes": [1, 2], "warnings": []},
        step=READING,
        digest=digest_of({"script": script.decode()}),
    )
    assert project.id is not None
    return project.id


def order_of(n: int) -> Order:
    """Return the order of the n-th picture."""
    return Order(kind="panel", provider="local", order={"n": n})


def picture(n: int) -> StepName:
    """Return the step of the n-th picture."""
    return StepName(name=f"image/s{n}", kind="image", phase=PHASES[1], band="images", scene=n, shot=f"s{n}")


def a_run(**values: Any) -> Run:
    """Return a run that no database knows."""
    return Run(**{"project_id": 3, "user_id": 1, "workflow_type": "full_pipeline", "created_at": 0.0, **values})


class Film:
    """A story of two phases: `short` is a step of this process, then `items` pictures are ordered at once."""

    def __init__(self, items: int = 4) -> None:
        self.items = items
        self.look = 1
        self.told = 0
        self.short_works = 0

    async def __call__(self, turn: Turn) -> None:
        """Tell it."""
        self.told += 1
        try:
            turn.declare({"short": (0, 40, 1), "images": (40, 100, None)})
            async with turn.phase(PHASES[0]):
                await self.short(turn)
                turn.keep_shots([{"shot": f"s{n}", "scene": n} for n in range(self.items)])
                turn.declare({"short": (0, 40, 1), "images": (40, 100, self.items)})
            async with turn.phase(PHASES[1]):
                await turn.gather(self.image(turn, n) for n in range(self.items))
            await turn.mark_completed()
        except TrailerflowError as error:
            await turn.mark_failed(error)

    async def short(self, turn: Turn) -> Made:
        """Take the short step."""
        return await turn.step("short", band="short", version=1, inputs={}, product=Made, work=self.work)

    def work(self) -> Made:
        """Do the short step."""
        self.short_works += 1
        return Made(n=0)

    async def image(self, turn: Turn, n: int) -> Made:
        """Order a picture."""
        step, order = picture(n), order_of(n)
        return await turn.order(
            step.name, band=step.band, kind=step.kind, version=self.look, order=order, product=Made,
            scene=step.scene, shot=step.shot,
        )  # fmt: skip


class Workshop:
    """The work of the tests' renders: notes what was begun and done, waits at closed gates, fails where told to."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.done: list[int] = []
        self.failing: set[int] = set()
        self._gates: dict[int, threading.Event] = {}

    @contextmanager
    def holding(self, *numbers: int) -> Iterator[None]:
        """Close the gates of these items for a while."""
        self._gates.update({n: threading.Event() for n in numbers})
        try:
            yield
        finally:
            self.open()

    def open(self, *numbers: int) -> None:
        """Open the gates of these items, or all."""
        for n in numbers or tuple(self._gates):
            self._gates[n].set()

    def __call__(self, claim: TaskClaim, station: Station) -> Json:
        """Do one task."""
        n = claim.order["n"]
        self.begun.append(n)
        gate = self._gates.get(n)
        while gate is not None and not gate.wait(0.005):
            station.tick(0.5)
        if n in self.failing:
            raise PermanentError("no_paint", f"picture {n} has no paint", remedy="buy paint")
        path = station.folder / "panel.png"
        path.write_bytes(b"picture %d" % n)
        station.store(path, "panel.png", "image/png")
        self.done.append(n)
        return {"n": n}


class Company:
    """Turns and `hands` farms over one studio; it is its own ring."""

    def __init__(self, studio: Studio, *, story: Story, workshop: Workshop, hands: int = 2) -> None:
        self.studio = studio
        self._threads = ThreadDatabase(studio.settings.database)
        lease_seconds = studio.settings.lease_seconds
        self.keeper = Keeper(
            database=self._threads, worker_id=new_worker_id(), role="company", lease_seconds=lease_seconds
        )
        limits = Limits(studio.settings.max_runs_per_user, studio.settings.max_runs)
        parts: dict[str, Any] = {"database": studio.database, "ledger": studio.ledger, "ring": self}
        self.service = Service(**parts)
        self.claims = Claims(**parts, limits=limits, lease_seconds=lease_seconds)
        self.turns = Turns(
            claims=self.claims,
            results=studio.results,
            tasks=studio.tasks,
            ring=self,
            keeper=self.keeper,
            story=story,
            providers=HERE,
        )
        self.farms = [
            Farm(
                task_claims=studio.task_claims,
                keeper=self.keeper,
                storage=studio.storage,
                bell=studio.bell,
                work=workshop,
                kinds=("panel",),
                ring=self,
            )
            for _ in range(hands)
        ]
        self._listener = Listener(studio.settings.redis_url, self.turns.heard, STIRS)
        self._rung = asyncio.Event()
        self.answers_turns = True
        self.takes: set[asyncio.Task[None]] = set()
        self._hands: list[asyncio.Task[None]] = []

    # The ring

    async def turn(self, run_id: int) -> None:
        """Take a run's turn, as arq's job would."""
        if self.answers_turns:
            self._spawn(self.turns.take(run_id))

    async def render(self, count: int) -> None:
        """Wake the farms."""
        del count
        self._rung.set()

    async def pass_on(self) -> None:
        """Wake the farms."""
        self._rung.set()

    # The company

    async def __aenter__(self) -> Self:
        self.keeper.start()
        self._listener.start()
        self._hands = [asyncio.create_task(self._hand(farm)) for farm in self.farms]
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(TimeoutError):  # a cancelled hand would leave its thread behind, with a connection of its own
            async with asyncio.timeout(5.0):
                await asyncio.gather(*(farm.leave() for farm in self.farms))
        for task in [*self.takes, *self._hands]:
            task.cancel()
        await asyncio.gather(*self.takes, *self._hands, return_exceptions=True)
        await self._listener.stop()
        await asyncio.to_thread(self.keeper.stop)
        self._threads.close()

    async def _hand(self, farm: Farm) -> None:
        while True:
            self._rung.clear()
            await farm.work_off()
            with suppress(TimeoutError):
                async with asyncio.timeout(0.2):
                    await self._rung.wait()

    def _spawn(self, take: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(take)
        self.takes.add(task)
        task.add_done_callback(self.takes.discard)

    async def start(self, project_id: int, **options: Any) -> int:
        """Start a run; return its id."""
        started = await self.service.start_workflow(project_id, Start("full_pipeline", options))
        assert started.status.run_id is not None
        return started.status.run_id

    async def until(self, look: Callable[[], Awaitable[T]], expected: Callable[[T], bool]) -> None:
        """Look again and again until what is seen is as expected."""
        async with asyncio.timeout(15.0):
            while not expected(await look()):  # noqa: ASYNC110 - what is awaited happens in the database
                await asyncio.sleep(0.01)

    async def becomes(self, project_id: int, *states: str) -> None:
        """Wait until the project's run is in one of these states and no turn of it goes on."""
        await self.until(
            lambda: self.service.get_status(project_id), lambda status: status.status in states and not self.takes
        )

    async def crash(self, run_id: int) -> None:
        """Let go of a run as a killed worker does: nothing is tidied up, and its lease expires."""
        for task in self.takes:
            task.cancel()
        await asyncio.gather(*self.takes, return_exceptions=True)
        await abandon(self.studio, run_id)


async def abandon(studio: Studio, run_id: int) -> None:
    """Leave a run with a dead worker, so that no renewal under way can bring its lease back."""
    async with studio.database.write() as session:
        gone = {"owner": "a dead worker", "lease_expires_at": 1.0}
        await session.execute(update(Run).where(col(Run.id) == run_id).values(**gone))


async def expire(studio: Studio, table: type[Run] | type[Task], row_id: int) -> None:
    """Let a lease be over."""
    async with studio.database.write() as session:
        await session.execute(update(table).where(col(table.id) == row_id).values(lease_expires_at=1.0))


async def events_of(studio: Studio, project_id: int) -> list[LoggedEvent]:
    """Return a project's whole log."""
    async with studio.database.read() as session:
        return await events_after(session, project_id, 0)


async def told(studio: Studio, project_id: int) -> list[str]:
    """Return a project's log as lines such as `step.finished image/s1`."""
    events = await events_of(studio, project_id)
    return [f"{event.type} {event.data.get('step') or event.data.get('phase') or ''}".strip() for event in events]


async def tasks_of(studio: Studio, project_id: int) -> list[Task]:
    """Return a project's tasks."""
    async with studio.database.read() as session:
        query = select(Task).where(col(Task.project_id) == project_id).order_by(col(Task.id))
        return list((await session.execute(query)).scalars())


async def taken_up(studio: Studio, project_id: int) -> list[int]:
    """Return which pictures were ever claimed: begun ahead by a hand and dropped is not that."""
    return [task.order["n"] for task in await tasks_of(studio, project_id) if task.epoch]


async def row_of(studio: Studio, run_id: int) -> Run:
    """Return a run's row."""
    async with studio.database.read() as session:
        run = await session.get(Run, run_id)
    assert run is not None
    return run


async def project_of(studio: Studio, project_id: int) -> Project:
    """Return a project's row."""
    return await studio.projects.get(project_id)


class InsuredFilm(Film):
    """The same story; its short step is the plan, each picture has a stand-in and is made anew by another order."""

    async def short(self, turn: Turn) -> Made:
        """Take the short step."""
        return await turn.step("plan", band="short", version=1, inputs={}, product=Made, work=self.work)

    async def image(self, turn: Turn, n: int) -> Made:
        """Order a picture."""
        step, order = picture(n), {"n": n}
        variation = turn.claim.variations.get(str(step.shot), 0)
        if variation:
            order["variation"] = variation
        return await turn.order(
            step.name, band=step.band, kind=step.kind, version=self.look, product=Made, scene=step.scene,
            shot=step.shot, order=Order(kind="panel", provider="local", order=order),
            stand_in=Order(kind="panel", provider="stand_in", order=order),
        )  # fmt: skip


class FussyWorkshop(Workshop):
    """Fails an item once for each of its `troubles`; a stand-in has none."""

    def __init__(self) -> None:
        super().__init__()
        self.troubles: dict[int, list[Exception]] = {}
        self.stood_in: list[int] = []

    def __call__(self, claim: TaskClaim, station: Station) -> Json:
        """Do one task."""
        n = claim.order["n"]
        if claim.provider == "stand_in":
            self.stood_in.append(n)
        elif self.troubles.get(n):
            self.begun.append(n)
            raise self.troubles[n].pop(0)
        return super().__call__(claim, station)
