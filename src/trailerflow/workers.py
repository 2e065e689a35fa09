"""The two kinds of worker process and their arq settings classes, `WorkerSettings` and `RenderSettings`.

Started by `trailerflow up`, or one by one with arq's own command. Thin: what they do is in `engine` and `orchestrator`.
"""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

from trailerflow.bootstrap import Studio, provider_of, studio
from trailerflow.engine import memory
from trailerflow.engine.bell import MOVES, STIRS, Listener
from trailerflow.engine.courier import Courier
from trailerflow.engine.database import ThreadDatabase
from trailerflow.engine.errand import Office
from trailerflow.engine.farm import Farm
from trailerflow.engine.health import count_alive
from trailerflow.engine.leases import Keeper, new_worker_id
from trailerflow.engine.loops import Loop
from trailerflow.engine.products import Maker
from trailerflow.engine.queue import RENDER_QUEUE, TURN_QUEUE, Staff, redis_settings, worker_settings
from trailerflow.engine.rates import Rates
from trailerflow.engine.station import Station
from trailerflow.engine.sweeper import SWEEP_SECONDS
from trailerflow.engine.tables import HERE, Json
from trailerflow.engine.task_claims import TaskClaim
from trailerflow.engine.tickets import Tickets
from trailerflow.engine.turns import Story, Turns
from trailerflow.film.crew import Crew
from trailerflow.orchestrator import WorkflowOrchestrator
from trailerflow.providers import local
from trailerflow.providers.http import HttpProvider
from trailerflow.settings import Settings

CREWS: Final[Mapping[str, Crew]] = {
    local.LOCAL: local.crew(),
    local.STAND_IN: local.stand_ins(),
    local.HTTP: local.fitters(),
}


class _Worker:
    """What both kinds share: a studio, a lease keeper and the sweep."""

    role = ""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        """Connect everything and begin sweeping."""
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
        for chatty in ("arq", "alembic", "httpx"):  # arq tells of every bell, httpx of signed addresses
            logging.getLogger(chatty).setLevel(logging.WARNING)
        opened = await self._stack.enter_async_context(studio(self._settings))
        database = ThreadDatabase(self._settings.database)
        self._stack.callback(database.close)
        keeper = Keeper(
            database=database,
            worker_id=new_worker_id(),
            role=self.role,
            lease_seconds=self._settings.lease_seconds,
        )
        await asyncio.to_thread(keeper.start)
        self._stack.push_async_callback(asyncio.to_thread, keeper.stop)
        await self.staff(opened, keeper)
        memory.settle()
        sweep = Loop("sweep", opened.sweeper.sweep, seconds=SWEEP_SECONDS)
        sweep.start()
        self._stack.push_async_callback(sweep.stop)

    async def staff(self, opened: Studio, keeper: Keeper) -> None:
        """Make what this kind of worker works with."""
        raise NotImplementedError

    async def close(self) -> None:
        """Disconnect everything."""
        await self._stack.aclose()


class OrchestratorWorker(_Worker):
    """Takes the turns of runs, and errands to the provider outside if there is one."""

    role = "orchestrator"

    async def staff(self, opened: Studio, keeper: Keeper) -> None:
        """Make the orchestrator and the courier, and listen for what wakes them."""
        self._courier = await self._hire_courier(opened, keeper)
        self._turns = Turns(
            claims=opened.claims,
            results=opened.results,
            tasks=opened.tasks,
            ring=opened.queue,
            keeper=keeper,
            story=self.story(opened),
            providers=(*HERE, *([HttpProvider.name] if self._courier else [])),
        )
        listener = Listener(self._settings.redis_url, self._heard, STIRS)
        listener.start()
        self._stack.push_async_callback(listener.stop)

    def story(self, opened: Studio) -> Story:
        """Return what tells the runs' stories."""
        settings = self._settings
        return WorkflowOrchestrator(
            writer=opened.writer,
            crews=CREWS,
            makers=dict.fromkeys(settings.outside_skills, Maker(HttpProvider.name, settings.provider_model)),
            storage=opened.storage,
            frame_height=settings.frame_height,
            loudness_lufs=settings.loudness_lufs,
        ).execute

    async def _hire_courier(self, opened: Studio, keeper: Keeper) -> Courier | None:
        provider = provider_of(self._settings)
        if provider is None:
            return None
        self._stack.push_async_callback(provider.close)

        async def colleagues() -> int:
            async with opened.database.read() as session:
                return await count_alive(session, self.role, 3 * self._settings.lease_seconds)

        rates = Rates(url=self._settings.redis_url, workers=colleagues)
        self._stack.push_async_callback(rates.close)
        office = Office(
            provider=provider,
            task_claims=opened.task_claims,
            tickets=Tickets(opened.task_claims),
            rates=rates,
            storage=opened.storage,
            bell=opened.bell,
            ring=opened.queue,
        )
        courier = Courier(office=office, keeper=keeper)
        courier.watch.start()
        self._stack.push_async_callback(courier.watch.stop)
        return courier

    async def _heard(self, message: dict[str, Any]) -> None:
        await self._turns.heard(message)
        if self._courier is not None:
            self._courier.heard()

    async def rung(self, *args: int) -> None:
        """Take the turn of one run."""
        await self._turns.take(*args)

    async def leave(self) -> None:
        """Release every run at its next step; what a provider has in work goes on there."""
        leaving = [self._turns.leave()] + ([self._courier.leave()] if self._courier else [])
        await asyncio.gather(*leaving)

    async def close(self) -> None:
        """Ring for what was let go of, then disconnect everything."""
        await self._turns.ring_for_left()
        await super().close()


class RenderWorker(_Worker):
    """Does the tasks of the render queue, one at a time."""

    role = "render"
    kinds = frozenset(kind for members in CREWS.values() for kind in members)

    def perform(self, claim: TaskClaim, station: Station) -> Json:
        """Do one task."""
        return local.perform(CREWS, claim.provider, claim.kind, claim.order, station)

    async def staff(self, opened: Studio, keeper: Keeper) -> None:
        """Make the farm's hand, and listen for what stops it."""
        self._ring = opened.queue
        self._farm = Farm(
            task_claims=opened.task_claims,
            keeper=keeper,
            storage=opened.storage,
            bell=opened.bell,
            work=self.perform,
            kinds=self.kinds,
            ring=opened.queue,
        )
        self._farm.watch.start()
        self._stack.push_async_callback(self._farm.watch.stop)
        listener = Listener(self._settings.redis_url, self._farm.heard, MOVES)
        listener.start()
        self._stack.push_async_callback(listener.stop)

    async def rung(self, *args: int) -> None:
        """Claim tasks until none is left."""
        del args
        await self._farm.work_off()

    async def leave(self) -> None:
        """Hand back what is in work."""
        await self._farm.leave()

    async def close(self) -> None:
        """Ring for what was handed back, then disconnect everything."""
        await self._ring.render(1)
        await super().close()


async def _orchestrator() -> Staff:
    return OrchestratorWorker(Settings.load())


async def _render() -> Staff:
    return RenderWorker(Settings.load())


_redis = redis_settings(Settings.load().redis_url)

WorkerSettings = type(
    "WorkerSettings",
    (),
    worker_settings(job="turn", queue=TURN_QUEUE, at_once=100, redis=_redis, staff=_orchestrator),
)
RenderSettings = type(
    "RenderSettings", (), worker_settings(job="render", queue=RENDER_QUEUE, at_once=1, redis=_redis, staff=_render)
)
