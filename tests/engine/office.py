"""A company that trades: its story orders the pictures from a provider outside, its couriers go there and back.

The provider is the double behind the real `HttpProvider`; every courier has a keeper, a provider and rates of its own,
as if it were alone in a process. A test must not look into a courier, but at the rows, the log and the double's report.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update
from sqlmodel import col

from engine.company import Company, Film, Made, T, Workshop, order_of, picture, row_of, tasks_of
from provider_double import Double
from trailerflow.bootstrap import Studio
from trailerflow.engine.bell import STIRS, Listener
from trailerflow.engine.courier import Courier
from trailerflow.engine.errand import Office
from trailerflow.engine.leases import Keeper, free_expired_tasks, new_worker_id
from trailerflow.engine.loops import Loop
from trailerflow.engine.products import Maker
from trailerflow.engine.rates import Rates
from trailerflow.engine.service import Service
from trailerflow.engine.station import Station
from trailerflow.engine.status import Cost
from trailerflow.engine.steps import Turn
from trailerflow.engine.tables import HERE, Json, Task
from trailerflow.engine.task_claims import TaskClaim
from trailerflow.engine.tickets import Tickets
from trailerflow.engine.turns import Turns
from trailerflow.errors import PermanentError
from trailerflow.providers.http import HttpProvider

HTTP = Maker("http", "m-1")
LOCAL = Maker("local")
JOB_PRICE = 0.4
"""What a job is expected to cost; the double bills another sum."""
LOOK_SECONDS = 0.1
POLL_SECONDS = 0.05
PATIENCE_SECONDS = 30.0


class OutsideFilm(Film):
    """The story of two phases; `maker` makes the first take of a picture, whoever made that makes every other."""

    def __init__(self, items: int = 2) -> None:
        super().__init__(items)
        self.maker = HTTP
        self.enclosed: Json = {}

    async def image(self, turn: Turn, n: int) -> Made:
        """Order a picture."""
        step = picture(n)
        maker = turn.claim.makers.get(step.name) or self.maker
        order = replace(order_of(n), order={"n": n, **self.enclosed})
        return await turn.order(
            step.name,
            band=step.band,
            kind=step.kind,
            version=self.look,
            order=replace(order, provider=maker.provider, model=maker.model),
            product=Made,
            scene=step.scene,
            shot=step.shot,
            stand_in=replace(order, provider="stand_in"),
        )


class Finishers(Workshop):
    """The workshop where a provider's files become products, but for those that are `unfit`."""

    def __init__(self) -> None:
        super().__init__()
        self.unfit: set[int] = set()

    def __call__(self, claim: TaskClaim, station: Station) -> Json:
        """Do one task."""
        if not claim.received:
            return super().__call__(claim, station)
        n = claim.order["n"]
        self.begun.append(n)
        self.wait(n, station)
        if n in self.unfit:
            raise PermanentError("bad_product", f"picture {n} is no picture", remedy="retry")
        (file,) = claim.received
        station.store(station.path(file.sha256), file.name, file.media_type)
        return {"n": n}

    def wait(self, n: int, station: Station) -> None:
        """Wait at an item's gate."""
        gate = self._gates.get(n)
        while gate is not None and not gate.wait(0.005):
            station.tick(0.5)


class Post(HttpProvider):
    """The real provider; it notes when orders went out and keeps back the answers to them while `open` is not set."""

    def __init__(self, **account: Any) -> None:
        super().__init__(**account)
        self.sent_at: list[float] = []
        self.answers = 0
        self.open = asyncio.Event()
        self.open.set()

    async def submit(self, **order: Any) -> str:
        """Place an order."""
        self.sent_at.append(time.monotonic())
        remote_id = await super().submit(**order)
        self.answers += 1
        await self.open.wait()
        return remote_id


@dataclass(frozen=True, kw_only=True)
class Hand:
    """A courier and what it alone works with."""

    courier: Courier
    keeper: Keeper
    post: Post


class TradingCompany(Company):
    """A company with couriers; each is hired when a test wants it."""

    def __init__(self, studio: Studio, double: Double) -> None:
        self.film, self.workshop = OutsideFilm(), Finishers()
        super().__init__(studio, story=self.film, workshop=self.workshop, hands=1)
        self.double = double
        self.service = Service(database=studio.database, ledger=studio.ledger, ring=self, job_price=JOB_PRICE)
        self.turns = Turns(
            claims=self.claims,
            results=studio.results,
            tasks=studio.tasks,
            ring=self,
            keeper=self.keeper,
            story=self.film,
            providers=(*HERE, HTTP.provider),
        )
        self._listener = Listener(studio.settings.redis_url, self._heard, STIRS)
        self._hired: list[Hand] = []
        self._bell = asyncio.Event()
        self._stack = AsyncExitStack()

    async def render(self, count: int) -> None:
        """Wake the farms, and the couriers, who would find what was ordered at their next look."""
        await super().render(count)
        for hand in self._hired:
            hand.courier.watch.wake()

    async def until(self, look: Callable[[], Awaitable[T]], expected: Callable[[T], bool]) -> None:
        """Look again whenever the bell rings, until what is seen is as expected."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not expected(await look()):
                self._bell.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await self._bell.wait()

    async def becomes(self, project_id: int, *states: str) -> None:
        """Wait until the project's run is in one of these states and no turn of it goes on."""
        run_id = (await self.studio.projects.get(project_id)).run_id
        assert run_id is not None
        await self.until(lambda: row_of(self.studio, run_id), lambda run: run.status in states and not self.takes)

    async def _heard(self, message: dict[str, Any]) -> None:
        if "tick" not in message:
            self._bell.set()
        await self.turns.heard(message)
        for hand in self._hired:
            hand.courier.heard()

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()
        await super().__aexit__(*error)

    async def hire(self, *, window_seconds: int = 60, **account: Any) -> Hand:
        """Hire a courier, with an account at the double."""
        studio = self.studio
        post = Post(**self.double.account(**{"poll_seconds": POLL_SECONDS, **account}))
        self._stack.push_async_callback(post.close)
        rates = Rates(url=studio.settings.redis_url, workers=self._count_hired, window_seconds=window_seconds)
        self._stack.push_async_callback(rates.close)
        lease_seconds = studio.settings.lease_seconds
        keeper = Keeper(
            database=self._threads, worker_id=new_worker_id(), role="orchestrator", lease_seconds=lease_seconds
        )
        await asyncio.to_thread(keeper.start)
        self._stack.push_async_callback(asyncio.to_thread, keeper.stop)
        office = Office(
            provider=post,
            task_claims=studio.task_claims,
            tickets=Tickets(studio.task_claims),
            rates=rates,
            storage=studio.storage,
            bell=studio.bell,
            ring=self,
        )
        hand = Hand(courier=Courier(office=office, keeper=keeper), keeper=keeper, post=post)
        hand.courier.watch = Loop("courier", hand.courier.look, seconds=LOOK_SECONDS)
        hand.courier.watch.start()
        self._hired.append(hand)
        self._stack.push_async_callback(self._dismiss, hand)
        return hand

    async def _count_hired(self) -> int:
        return len(self._hired)

    async def _dismiss(self, hand: Hand) -> None:
        await hand.courier.watch.stop()
        errands = set(hand.courier._errands)
        while errands:  # one cancel may get lost in a connection that is closing
            for errand in errands:
                errand.cancel()
            _, errands = await asyncio.wait(errands, timeout=1.0)

    async def kill(self, hand: Hand) -> None:
        """End a courier as a killed process does: nothing is tidied up, and its leases are over."""
        await self._dismiss(hand)
        self._hired.remove(hand)
        await self.take_over(hand)

    async def take_over(self, hand: Hand) -> None:
        """Let the leases of a courier be over and found so; the courier itself does not know yet."""
        async with self.studio.database.write() as session:  # at once, or the keeper would renew them in between
            mine = update(Task).where(col(Task.owner) == hand.keeper.worker_id)
            await session.execute(mine.values(lease_expires_at=1.0))
            await free_expired_tasks(session)

    # What a test looks at

    async def tasks(self, project_id: int) -> list[Task]:
        """Return a project's tasks in the order of their pictures, whichever was ordered first."""
        return sorted(await tasks_of(self.studio, project_id), key=lambda task: task.name)

    async def task(self, project_id: int) -> Task:
        """Return the only task of a project."""
        (task,) = await tasks_of(self.studio, project_id)
        return task

    async def task_of(self, provider: str, project_id: int) -> Task:
        """Return the only task of a project that is a provider's."""
        (task,) = [task for task in await self.tasks(project_id) if task.provider == provider]
        return task

    async def stand(self, project_id: int, *states: str) -> None:
        """Wait until the project's tasks are in these states."""

        async def look() -> list[str]:
            return [task.status for task in await self.tasks(project_id)]

        await self.until(look, lambda seen: seen == list(states))

    async def ticketed(self, project_id: int, count: int = 1) -> None:
        """Wait until so many of the project's tasks have a ticket."""

        async def look() -> int:
            return sum(task.remote_id is not None for task in await self.tasks(project_id))

        await self.until(look, lambda seen: seen == count)

    async def cost(self, project_id: int) -> Cost:
        """Return what the project's latest run costs."""
        return (await self.service.get_status(project_id)).cost

    async def finish(self, project_id: int) -> int:
        """Start a run and wait until it is completed; return its id."""
        run_id = await self.start(project_id)
        await self.becomes(project_id, "completed")
        return run_id

    async def fail(self, project_id: int) -> Json:
        """Start a run and wait until it has failed; return why."""
        run_id = await self.start(project_id)
        await self.becomes(project_id, "failed")
        return await self.failure(run_id)

    async def failure(self, run_id: int) -> Json:
        """Return why a run failed."""
        error = (await row_of(self.studio, run_id)).error
        assert error is not None
        return error


def keys(double: Double) -> list[str]:
    """Return the keys of the double's jobs."""
    return [job["key"] for job in double.report()["jobs"]]


def ended(double: Double) -> list[str]:
    """Return how the double's jobs stand."""
    return [job["status"] for job in double.report()["jobs"]]


def once(counts: Iterable[int]) -> bool:
    """Say whether each was counted once, and there are some."""
    return set(counts) == {1}
