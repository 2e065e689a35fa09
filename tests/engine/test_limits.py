import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from engine.company import a_run
from trailerflow.bootstrap import Studio
from trailerflow.engine.database import Database, now
from trailerflow.engine.limits import AGEING_SECONDS, PRIORITIES, Limits, queue_position
from trailerflow.engine.tables import Project, Run, User

ANN, BOB, CIM = 101, 102, 103
EACH = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # `fill` empties the database for each example
)


@dataclass(frozen=True)
class Wish:
    """A run of a user, in a class, started so long ago."""

    user: int = ANN
    priority: str = "normal"
    waited: float = 0.0
    status: str = "queued"


class Hall:
    """Runs waiting and running, numbered from 1 in the order given, each on a project of its own."""

    def __init__(self, database: Database, limits: Limits) -> None:
        self.database = database
        self.limits = limits

    async def fill(self, wishes: Sequence[Wish]) -> None:
        """Put these runs in place of all others; nobody was served yet."""
        async with self.database.write() as session:
            for table in (Run, Project, User):
                await session.execute(delete(table))
            at = (await session.execute(select(now()))).scalar_one()
            session.add_all(User(id=user, name=f"user {user}") for user in (ANN, BOB, CIM))
            await session.flush()
            session.add_all(a_project(n, wish) for n, wish in enumerate(wishes, start=1))
            await session.flush()
            session.add_all(a_wish(n, wish, at) for n, wish in enumerate(wishes, start=1))

    async def next_runs(self) -> list[int]:
        async with self.database.read() as session:
            return await self.limits.next_runs(session)

    async def line(self) -> list[int]:
        """Return the queued runs by their places in the queue."""
        async with self.database.read() as session:
            runs = (await session.execute(select(Run).where(col(Run.status) == "queued"))).scalars().all()
            per_user = self.limits.per_user
            places = {await queue_position(session, run, per_user=per_user): run.id or 0 for run in runs}
        assert sorted(places) == list(range(1, len(runs) + 1))
        return [places[place] for place in sorted(places)]

    async def admit(self, run_id: int) -> bool:
        """Let a run begin, if it may, as a claim does."""
        async with self.database.write() as session:
            run = await session.get_one(Run, run_id)
            if not await self.limits.admits(session, run):
                return False
            run.status = "running"
            await self.limits.served(session, run.user_id)
        return True

    async def end(self, run_id: int) -> None:
        async with self.database.write() as session:
            await session.execute(update(Run).where(col(Run.id) == run_id).values(status="completed"))

    async def running(self) -> list[int]:
        """Return the user of each running run."""
        async with self.database.read() as session:
            return list((await session.execute(select(col(Run.user_id)).where(col(Run.status) == "running"))).scalars())

    async def serve(self, slots: int) -> list[int]:
        """Let runs begin and end one after the other; return them."""
        begun: list[int] = []
        while len(begun) < slots:
            begun += (await self.next_runs())[:1]
            assert await self.admit(begun[-1])
            await self.end(begun[-1])
        return begun


def a_project(n: int, wish: Wish) -> Project:
    return Project(id=n, user_id=wish.user, title="A Title", format="fountain", scenes=1, run_id=n, created_at=0.0)


def a_wish(n: int, wish: Wish, at: float) -> Run:
    values = {"id": n, "project_id": n, "user_id": wish.user, "status": wish.status, "created_at": at - wish.waited}
    return a_run(**values, priority=PRIORITIES[wish.priority])


@pytest.fixture
def hall(studio: Studio) -> Hall:
    return Hall(studio.database, Limits(2, 10))


def wishes(**narrower: st.SearchStrategy[str]) -> st.SearchStrategy[list[Wish]]:
    return st.lists(
        st.builds(
            Wish,
            user=st.sampled_from((ANN, BOB, CIM)),
            priority=narrower.get("priority", st.sampled_from(tuple(PRIORITIES))),
            waited=st.sampled_from((0.0, 1.1 * AGEING_SECONDS, 2.1 * AGEING_SECONDS)),
            status=narrower.get("status", st.sampled_from(("queued", "queued", "queued", "running"))),
        ),
        min_size=1,
        max_size=12,
    )


async def test_a_user_has_no_more_than_so_many_runs(hall: Hall) -> None:
    await hall.fill([Wish(), Wish(), Wish(), Wish(BOB)])
    assert await hall.next_runs() == [1, 4, 2]


async def test_all_users_together_have_no_more_than_so_many(hall: Hall) -> None:
    hall.limits = Limits(5, 1)
    await hall.fill([Wish(), Wish(BOB)])
    assert await hall.next_runs() == [1]
    assert await hall.admit(1)
    assert await hall.next_runs() == []


@pytest.mark.parametrize(
    ("status", "slots"), [("running", 1), ("pausing", 1), ("cancelling", 1), ("paused", 2), ("failed", 2)]
)
async def test_who_runs_holds_a_slot_and_who_is_paused_holds_none(hall: Hall, status: str, slots: int) -> None:
    await hall.fill([Wish(status=status), Wish(), Wish(), Wish()])
    assert await hall.next_runs() == [2, 3, 4][:slots]


async def test_a_higher_class_goes_first_and_then_the_older(hall: Hall) -> None:
    hall.limits = Limits(10, 10)
    await hall.fill([Wish(priority=name) for name in ("low", "normal", "high", "high", "low")])
    assert await hall.next_runs() == [3, 4, 2, 1, 5]


@pytest.mark.parametrize(
    ("waited", "order"),
    [(0.0, [2, 3, 1]), (1.1 * AGEING_SECONDS, [2, 3, 1]), (2.1 * AGEING_SECONDS, [1, 2, 3])],
)
async def test_a_low_run_rises_above_fresh_high_ones_by_waiting(hall: Hall, waited: float, order: list[int]) -> None:
    await hall.fill([Wish(ANN, "low", waited), Wish(BOB, "high"), Wish(CIM, "high")])
    assert await hall.next_runs() == order


async def test_with_one_slot_two_users_alternate(hall: Hall) -> None:
    hall.limits = Limits(3, 1)
    await hall.fill([Wish(ANN if n < 50 else BOB) for n in range(100)])
    assert await hall.serve(20) == [run for n in range(1, 11) for run in (n, n + 50)]


async def test_an_old_backlog_does_not_keep_another_user_waiting(hall: Hall) -> None:
    hall.limits = Limits(3, 1)
    await hall.fill([*[Wish(waited=5 * AGEING_SECONDS, priority="high")] * 1000, Wish(BOB, "high")])
    assert await hall.serve(3) == [1, 1001, 2]


async def test_who_runs_most_goes_last(hall: Hall) -> None:
    hall.limits = Limits(3, 4)
    await hall.fill([Wish(status="running"), Wish(status="running"), Wish(), Wish(BOB), Wish(BOB)])
    assert await hall.next_runs() == [4, 5]
    assert await hall.line() == [4, 5, 3]


async def test_behind_all_others_wait_the_runs_that_a_user_may_not_have_yet(hall: Hall) -> None:
    hall.limits = Limits(1, 10)
    await hall.fill([Wish(ANN, "high"), Wish(ANN, "high"), Wish(BOB, "low"), Wish(ANN, "high"), Wish(BOB, "low")])
    assert await hall.next_runs() == [1, 3]
    assert await hall.line() == [1, 3, 2, 5, 4]


@EACH
@given(waiting=wishes(), per_user=st.integers(1, 4), in_all=st.integers(1, 8))
async def test_runs_begin_in_the_order_of_their_places(
    hall: Hall, waiting: list[Wish], per_user: int, in_all: int
) -> None:
    hall.limits = Limits(per_user, in_all)
    await hall.fill(waiting)
    line, rung = await hall.line(), await hall.next_runs()
    assert rung == line[: len(rung)]
    for run_id in rung:
        assert (await hall.next_runs())[0] == run_id
        assert await hall.admit(run_id)
    assert await hall.next_runs() == []


@EACH
@given(waiting=wishes(priority=st.just("high"), status=st.just("queued")))
async def test_with_one_slot_and_one_class_the_place_is_the_turn(hall: Hall, waiting: list[Wish]) -> None:
    hall.limits = Limits(len(waiting), 1)
    await hall.fill(waiting)
    line = await hall.line()
    assert await hall.serve(len(waiting)) == line


@EACH
@given(
    waiting=wishes(), per_user=st.integers(1, 3), in_all=st.integers(1, 5), ends=st.lists(st.integers(0, 9), max_size=8)
)
async def test_whoever_begins_was_the_first_in_line_and_no_limit_is_passed(
    hall: Hall, waiting: list[Wish], per_user: int, in_all: int, ends: list[int]
) -> None:
    hall.limits = Limits(per_user, in_all)
    await hall.fill([wish for wish in waiting if wish.status == "queued"])
    begun: list[int] = []
    for ending in [None, *ends]:
        if ending is not None and begun:
            await hall.end(begun.pop(ending % len(begun)))
        while rung := await hall.next_runs():
            assert rung[0] == (await hall.line())[0]
            assert await hall.admit(rung[0])
            begun.append(rung[0])
        running = await hall.running()
        assert len(running) <= in_all
        assert all(running.count(user) <= per_user for user in (ANN, BOB, CIM))


async def test_many_at_once_take_no_more_than_the_slots(hall: Hall) -> None:
    hall.limits = Limits(3, 5)
    await hall.fill([Wish((ANN, BOB, CIM)[n % 3]) for n in range(12)])
    for _ in range(3):  # whoever asked too early asks again
        await asyncio.gather(*(hall.admit(run_id) for run_id in range(1, 13)))
    running = await hall.running()
    assert sorted(running.count(user) for user in (ANN, BOB, CIM)) == [1, 2, 2]


async def test_of_many_who_let_the_same_run_begin_one_does(hall: Hall) -> None:
    hall.limits = Limits(1, 1)
    await hall.fill([Wish()])
    assert sorted(await asyncio.gather(*(hall.admit(1) for _ in range(6)))) == [False] * 5 + [True]


async def test_many_claims_at_once_take_no_more_than_the_slots(studio: Studio, hall: Hall) -> None:
    await hall.fill([Wish() for _ in range(6)])
    claims = await asyncio.gather(*(studio.claims.claim(run_id, f"worker {run_id}") for run_id in range(1, 7)))
    assert [claim is not None for claim in claims].count(True) == 3


async def test_the_place_of_a_run_that_does_not_wait_is_null(studio: Studio, hall: Hall) -> None:
    await hall.fill([Wish(priority="low"), Wish(), Wish(status="running"), Wish(status="paused")])
    places = [(await studio.service.get_status(project)).queue_position for project in (1, 2, 3, 4)]
    assert places == [2, 1, None, None]


async def test_who_has_all_runs_that_a_user_may_have_is_shown_behind_the_others(studio: Studio, hall: Hall) -> None:
    most = studio.settings.max_runs_per_user
    await hall.fill([*[Wish(status="running")] * most, Wish(priority="high"), Wish(BOB, "low")])
    places = [(await studio.service.get_status(project)).queue_position for project in (most + 1, most + 2)]
    assert places == [2, 1]
