"""Writing transactions carried out in threads, by the studio's database: SQLite and PostgreSQL."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert, select, text
from sqlmodel import col

from trailerflow.bootstrap import Studio
from trailerflow.engine.postgresql import sent_at_once
from trailerflow.engine.tables import User


class UnwelcomeError(BaseException):
    """Not an `Exception`, as a lost claim is none."""


def adding(name: str) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        connection.execute(insert(User).inline(), {"name": name, "priority": "normal"})
        return name

    return work


def breaking(error: BaseException) -> Callable[[Connection], str]:
    def work(connection: Connection) -> str:
        adding("broken")(connection)
        raise error

    return work


async def names(studio: Studio) -> set[str]:
    async with studio.database.read() as session:
        return set((await session.execute(select(col(User.name)).where(col(User.name) != "local"))).scalars())


async def together(studio: Studio, *works: Callable[[Connection], Any]) -> list[Any]:
    carried = [studio.database.carry_out(work, place) for place, work in enumerate(works)]
    return await asyncio.gather(*carried, return_exceptions=True)


async def test_what_waits_together_is_all_written_and_each_gets_its_own_answer(studio: Studio) -> None:
    wanted = [f"user {n}" for n in range(20)]
    assert await together(studio, *map(adding, wanted)) == wanted
    assert await names(studio) == set(wanted)


@pytest.mark.parametrize("error", [ValueError("no"), UnwelcomeError()])
async def test_who_raises_spoils_nothing_for_those_it_waited_with(studio: Studio, error: BaseException) -> None:
    answers = await together(studio, adding("before"), breaking(error), adding("after"))
    assert answers == ["before", error, "after"]
    assert await names(studio) == {"before", "after"}


async def test_those_that_share_a_transaction_go_in_the_order_of_their_places(studio: Studio) -> None:
    seen: list[int] = []

    def noting(place: int) -> Callable[[Connection], None]:
        return lambda _connection: seen.append(place)

    first = studio.database.carry_out(noting(0), 0)  # on its way while the others come
    await asyncio.gather(first, *(studio.database.carry_out(noting(place), place) for place in (7, 3, 5)))
    assert seen in ([0, 3, 5, 7], [0, 7, 3, 5])


async def test_a_caller_that_is_cancelled_breaks_nothing_off(studio: Studio) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> str:
        begun.set()
        assert go_on.wait(10)
        return adding("cancelled")(connection)

    caller = asyncio.create_task(studio.database.carry_out(slow, 1))
    await asyncio.to_thread(begun.wait, 10)
    caller.cancel()
    behind = asyncio.create_task(studio.database.carry_out(adding("behind"), 1))
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await behind == "behind"
    assert await names(studio) == {"cancelled", "behind"}


async def test_the_loop_runs_on_while_the_database_is_written(studio: Studio) -> None:
    busy, turns = threading.Event(), 0
    carried = asyncio.create_task(studio.database.carry_out(lambda _connection: busy.wait(10)))
    for _ in range(100):
        await asyncio.sleep(0)
        turns += 1
    assert not carried.done()
    busy.set()
    assert await carried
    assert turns == 100


async def test_a_lost_connection_is_replaced_before_anything_is_refused(studio: Studio) -> None:
    if studio.database.is_sqlite:
        pytest.skip("SQLite has no connection to lose")
    assert await studio.database.carry_out(adding("first")) == "first"
    async with studio.database.write() as session:
        of_ours = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        await session.execute(text(f"SELECT pg_terminate_backend(pid) {of_ours}"))
    assert await studio.database.carry_out(adding("second")) == "second"
    assert await studio.database.carry_out(adding("third"), 1) == "third"


async def test_a_connection_lost_among_the_last_statements_costs_nothing_but_a_second_try(studio: Studio) -> None:
    if studio.database.is_sqlite:
        pytest.skip("SQLite has no connection to lose")
    tries: list[int] = []

    def losing(connection: Connection) -> str:
        tries.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        if len(tries) == 1:
            killer = create_engine(studio.database.url)
            with killer.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": tries[0]})
            killer.dispose()
        with sent_at_once(connection):
            adding("late")(connection)
        return "written"

    assert await studio.database.carry_out(losing) == "written"
    assert len(tries) == 2
    assert await names(studio) == {"late"}
