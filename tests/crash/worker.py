"""The workers of the crash tests, as `arq` starts them: the real ones, with a tiny film and a point at which they stop.

The environment says where (`CRASH_AT`: "before ticket", "after ticket"), by which signal (`CRASH_SIGNAL`), and which
file (`CRASH_MARKER`) the first process to come there writes its id to; only that one stops. One that goes on after a
SIGSTOP notes in `CRASH_MARKER.outcome` what became of the call it was stopped before.
"""

import asyncio
import functools
import inspect
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engine.company import Film, Made, picture
from trailerflow import workers
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claims
from trailerflow.engine.queue import RENDER_QUEUE, TURN_QUEUE, Staff, redis_settings, worker_settings
from trailerflow.engine.results import Results
from trailerflow.engine.station import Station
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.steps import Turn
from trailerflow.engine.storage import Storage
from trailerflow.engine.submission import Order
from trailerflow.engine.tables import Json
from trailerflow.engine.task_claims import TaskClaim, TaskClaims
from trailerflow.engine.tasks import Tasks
from trailerflow.engine.tickets import Tickets
from trailerflow.engine.turns import Story
from trailerflow.providers.http import HttpProvider
from trailerflow.settings import Settings

Call = Callable[..., Any]


LOOPS: Final[list[asyncio.AbstractEventLoop]] = []
"""The event loop of this process, once it runs."""


@dataclass(frozen=True, slots=True)
class Point:
    """A method to stop before or after; a call that has nothing to do with an item of a film does not count."""

    owner: type
    method: str
    counts: Callable[[tuple[Any, ...]], bool] = lambda _arguments: True


def _is_of_an_item(arguments: tuple[Any, ...]) -> bool:
    return any(isinstance(argument, StepName) and argument.is_item for argument in arguments)


class Painter:
    """What the render worker does for an item."""

    def paint(self, claim: TaskClaim, station: Station) -> None:
        """Make the picture, of what a provider handed in if it did."""
        given = station.received
        content = station.path(given[0].sha256).read_bytes() if given else b"picture %d" % claim.order["n"]
        path = station.folder / "panel.png"
        path.write_bytes(content[: len(content) // 2])
        self.mix()
        while _hold().exists():
            station.tick(0.5)
            time.sleep(0.01)
        path.write_bytes(content)
        station.store(path, "panel.png", "image/png")

    def mix(self) -> None:
        """Be in the middle of it."""


POINTS: Final = {
    "order": Point(Tasks, "submit"),
    "claim": Point(TaskClaims, "claim_at"),
    "intent": Point(Tickets, "intend"),
    "submit": Point(HttpProvider, "submit"),
    "ticket": Point(Tickets, "keep"),
    "fetch": Point(HttpProvider, "fetch"),
    "file": Point(Storage, "put"),
    "receive": Point(Tickets, "receive"),
    "work": Point(Painter, "mix"),
    "product": Point(TaskClaims, "finish_and_claim"),
    "result": Point(Results, "record", _is_of_an_item),
    "completion": Point(Claims, "mark_completed"),
}


def _is_sqlite_locked() -> bool:
    """Say whether anybody writes to SQLite now: a process stopped in the middle of that would stop every other."""
    database = Path(os.environ["TRAILERFLOW_DATA"]) / "trailerflow.db"
    if database.exists():
        with closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
    return False


class Bomb:
    """Stops the first process that comes to it."""

    def __init__(self, marker: Path, number: int) -> None:
        self._marker = marker
        self._number = number

    def is_mine(self) -> bool:
        """Say whether this call is the first to come here."""
        try:
            handle = os.open(self._marker, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            return False
        os.write(handle, b"%d" % os.getpid())
        os.close(handle)
        return True

    async def stop(self) -> None:
        """Stop this process, at a moment when it holds nothing but leases if it is to go on later."""
        while self._number == signal.SIGSTOP and _is_sqlite_locked():  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.005)
        self.go_off()

    def stop_here(self) -> None:
        """Do the same in a thread, by the event loop: so nothing there is in the middle of anything."""
        asyncio.run_coroutine_threadsafe(self.stop(), LOOPS[0]).result()

    def go_off(self) -> None:
        """Stop this process at once."""
        os.kill(os.getpid(), self._number)

    def note(self, outcome: object) -> None:
        """Note what became of a call that went on after the stop."""
        self._marker.with_suffix(".outcome").write_text(repr(outcome))


def mine(point: Point, *, before: bool, bomb: Bomb) -> None:
    """Put a bomb before or after a method."""
    original: Call = getattr(point.owner, point.method)

    def reached(arguments: tuple[Any, ...]) -> bool:
        return before and point.counts(arguments) and bomb.is_mine()

    def left(arguments: tuple[Any, ...], outcome: object) -> bool:
        nothing_claimed = point.method == "claim_at" and outcome is None
        return not before and point.counts(arguments) and not nothing_claimed and bomb.is_mine()

    wrapped = _mined if inspect.iscoroutinefunction(original) else _mined_in_thread
    setattr(point.owner, point.method, functools.wraps(original)(wrapped(original, reached, left, bomb)))


def _mined(original: Call, reached: Call, left: Call, bomb: Bomb) -> Call:
    async def mined(*arguments: Any, **options: Any) -> Any:
        if not reached(arguments):
            outcome = await original(*arguments, **options)
            if left(arguments, outcome):
                await bomb.stop()
            return outcome
        await bomb.stop()
        try:
            outcome = await original(*arguments, **options)
        except BaseException as error:
            bomb.note(error)
            raise
        bomb.note(outcome)
        return outcome

    return mined


def _mined_in_thread(original: Call, reached: Call, left: Call, bomb: Bomb) -> Call:
    def mined(*arguments: Any, **options: Any) -> Any:
        was_reached = reached(arguments)
        if was_reached:
            bomb.stop_here()
        outcome = original(*arguments, **options)
        if was_reached:
            bomb.note(outcome)
        elif left(arguments, outcome):
            bomb.stop_here()
        return outcome

    return mined


def _hold() -> Path:
    """Return the file that, while it exists, holds every painter in the middle of its work."""
    return Path(os.environ["CRASH_MARKER"]).with_suffix(".hold")


class Bought(Film):
    """The tests' film with its pictures ordered from a provider, each with a stand-in."""

    def __init__(self, provider: str, items: int) -> None:
        super().__init__(items)
        self._provider = provider

    async def image(self, turn: Turn, n: int) -> Made:
        """Order a picture."""
        step, order = picture(n), {"n": n, "film": turn.claim.title}
        return await turn.order(
            step.name, band=step.band, kind=step.kind, version=1, product=Made, scene=step.scene, shot=step.shot,
            order=Order(kind="panel", provider=self._provider, order=order),
            stand_in=Order(kind="panel", provider="stand_in", order=order),
        )  # fmt: skip


class OrchestratorWorker(workers.OrchestratorWorker):
    """Tells the tiny film."""

    def story(self, opened: Studio) -> Story:
        """Return it."""
        del opened
        return Bought(os.environ["CRASH_MAKER"], int(os.environ["CRASH_ITEMS"]))


class RenderWorker(workers.RenderWorker):
    """Paints its pictures."""

    kinds = frozenset({"panel"})

    def perform(self, claim: TaskClaim, station: Station) -> Json:
        """Paint one."""
        Painter().paint(claim, station)
        return {"n": claim.order["n"]}


async def _orchestrator() -> Staff:
    LOOPS.append(asyncio.get_running_loop())
    return OrchestratorWorker(Settings.load())


async def _render() -> Staff:
    LOOPS.append(asyncio.get_running_loop())
    return RenderWorker(Settings.load())


def _settings(**own: Any) -> type:
    redis = redis_settings(Settings.load().redis_url)
    # Many processes share two cores here.
    return type("WorkerSettings", (), {**worker_settings(redis=redis, **own), "poll_delay": 0.1})


workers.SWEEP_SECONDS = float(os.environ["CRASH_SWEEP_SECONDS"])  # type: ignore[attr-defined] # its own, not exported
WorkerSettings = _settings(job="turn", queue=TURN_QUEUE, at_once=100, staff=_orchestrator)
RenderSettings = _settings(job="render", queue=RENDER_QUEUE, at_once=1, staff=_render)

if place := os.environ.get("CRASH_AT"):
    when, _, what = place.partition(" ")
    mine(
        POINTS[what],
        before=when == "before",
        bomb=Bomb(Path(os.environ["CRASH_MARKER"]), signal.Signals[os.environ["CRASH_SIGNAL"]]),
    )
