"""The two kinds of worker process and their arq settings classes, `WorkerSettings` and `RenderSettings`.

Started by `trailerflow up`, or one by one with arq's own command. Thin: what they do is in `engine` and `orchestrator`.
"""

import asyncio
import logging
from contextlib import AsyncExitStack
from functools import partial

from trailerflow.bootstrap import Studio, studio
from trailerflow.engine.bell import Listener
from trailerflow.engine.database import ThreadDatabase
from trailerflow.engine.farm import Farm
from trailerflow.engine.leases import Keeper, new_worker_id
from trailerflow.engine.loops import Loop
from trailerflow.engine.queue import RENDER_QUEUE, TURN_QUEUE, Staff, redis_settings, worker_settings
from trailerflow.engine.sweeper import SWEEP_SECONDS
from trailerflow.engine.turns import Turns
from trailerflow.orchestrator import WorkflowOrchestrator
from trailerflow.providers import local
from trailerflow.settings import Settings


class _Worker:
    """What both kinds share: a studio, a lease keeper and the sweep."""

    role = ""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stack = AsyncExitStack()

    async def open(self) -> None:
        """Connect everything and begin sweeping."""
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
        for chatty in ("arq", "alembic"):  # arq tells of every bell, and has a handler of its own
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
    """Takes the turns of runs."""

    role = "orchestrator"

    async def staff(self, opened: Studio, keeper: Keeper) -> None:
        """Make the orchestrator and listen for what wakes its turns."""
        orchestrator = WorkflowOrchestrator(
            writer=opened.writer,
            crew=local.crew(),
            storage=opened.storage,
            frame_height=self._settings.frame_height,
        )
        self._turns = Turns(
            claims=opened.claims,
            results=opened.results,
            tasks=opened.tasks,
            ring=opened.queue,
            keeper=keeper,
            story=orchestrator.execute,
        )
        listener = Listener(self._settings.redis_url, self._turns.heard)
        listener.start()
        self._stack.push_async_callback(listener.stop)

    async def rung(self, *args: int) -> None:
        """Take the turn of one run."""
        await self._turns.take(*args)

    async def leave(self) -> None:
        """Release every run at its next step."""
        await self._turns.leave()


class RenderWorker(_Worker):
    """Does the tasks of the render queue, one at a time."""

    role = "render"

    async def staff(self, opened: Studio, keeper: Keeper) -> None:
        """Make the farm's hand."""
        self._farm = Farm(
            tasks=opened.tasks,
            keeper=keeper,
            storage=opened.storage,
            bell=opened.bell,
            work=partial(local.perform, local.crew()),
        )

    async def rung(self, *args: int) -> None:
        """Claim tasks until none is left."""
        del args
        await self._farm.work_off()

    async def leave(self) -> None:
        """Hand back what is in work."""
        await self._farm.leave()


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
