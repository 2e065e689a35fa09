"""Writing transactions carried out in threads, by the studio's database: SQLite and PostgreSQL."""

import asyncio
import random
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text
from sqlmodel import col

from trailerflow.bootstrap import Studio
from trailerflow.engine.carrier import Carrier, Writing
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


def made(work: Callable[[Connection], Any]) -> Callable[[], Callable[[Connection], Any]]:
    return lambda: work


async def test_what_a_thread_makes_is_written_by_it(studio: Studio) -> None:
    threads: list[str] = []

    def make() -> Callable[[Connection], str]:
        threads.append(threading.current_thread().name)
        return written

    def written(connection: Connection) -> str:
        threads.append(threading.current_thread().name)
        return adding("made")(connection)

    assert await studio.database.carry_out_made(make, 1) == "made"
    assert threads[0] == threads[1] != threading.current_thread().name
    assert await names(studio) == {"made"}


@pytest.mark.parametrize("error", [ValueError("no"), UnwelcomeError()])
async def test_what_cannot_be_made_or_written_is_refused_to_its_caller_alone(
    studio: Studio, error: BaseException
) -> None:
    def broken() -> Callable[[Connection], str]:
        raise error

    carry_out_made = studio.database.carry_out_made
    works = [carry_out_made(broken, 1), carry_out_made(made(breaking(error)), 2), carry_out_made(made(adding("a")), 3)]
    assert await asyncio.gather(*works, return_exceptions=True) == [error, error, "a"]
    assert await names(studio) == {"a"}


async def test_those_who_make_long_keep_no_writer_waiting(studio: Studio) -> None:
    go_on = threading.Event()

    def make() -> Callable[[Connection], str]:
        assert go_on.wait(30)
        return lambda _connection: "made"

    making = [asyncio.ensure_future(studio.database.carry_out_made(make, 1)) for _ in range(64)]
    async with asyncio.timeout(10):
        assert await studio.database.carry_out(adding("beside"), 1) == "beside"
        async with studio.database.write() as session:
            session.add(User(name="session"))
    go_on.set()
    assert await asyncio.gather(*making) == ["made"] * 64
    assert await names(studio) == {"beside", "session"}


async def test_a_session_has_the_pen_for_itself(studio: Studio) -> None:
    """On PostgreSQL there may be many writers: there the second goes on beside the first."""
    async with studio.database.write() as session:
        carried = [asyncio.ensure_future(studio.database.carry_out(adding(name), 1)) for name in ("one", "two")]
        waiting = [asyncio.ensure_future(names(studio)) for _ in range(20)]
        await asyncio.gather(*waiting)
        if studio.database.is_sqlite:
            assert not any(writing.done() for writing in carried)
        session.add(User(name="session"))
    assert await asyncio.gather(*carried) == ["one", "two"]
    assert await names(studio) == {"one", "two", "session"}


async def test_who_gives_up_waiting_for_the_pen_stops_nobody(studio: Studio) -> None:
    chance = random.Random(7)

    async def write(name: str) -> None:
        async with studio.database.write() as session:
            session.add(User(name=name))

    ways: list[Callable[[str], Coroutine[Any, Any, Any]]] = [
        write,
        lambda name: studio.database.carry_out(adding(name), 1),
        lambda name: studio.database.carry_out_made(made(adding(name)), 1),
    ]
    stayed: set[str] = set()
    for turn in range(25):
        writers = {f"{turn} {n}": asyncio.create_task(chance.choice(ways)(f"{turn} {n}")) for n in range(12)}
        for _ in range(chance.randrange(40)):
            await asyncio.sleep(0)
        gone = chance.sample(sorted(writers), 4)
        for name in gone:
            writers[name].cancel()
        async with asyncio.timeout(15):
            await asyncio.gather(*writers.values(), return_exceptions=True)
        stayed |= {name for name, writer in writers.items() if not writer.cancelled()}
        async with asyncio.timeout(15):
            await write(f"{turn} last")
        assert stayed <= await names(studio)
    assert len(stayed) >= 25 * 8


async def test_a_pen_given_to_who_is_just_leaving_is_passed_on(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = Carrier(studio.database.url)

    async def write() -> None:
        async with carrier.pen():
            pass

    async with carrier.pen():
        leaving = asyncio.create_task(write())
        await asyncio.sleep(0)
        give = carrier._give

        def give_and_cancel(asking: Writing) -> None:
            give(asking)
            leaving.cancel()

        monkeypatch.setattr(carrier, "_give", give_and_cancel)
    with pytest.raises(asyncio.CancelledError):
        await leaving
    async with asyncio.timeout(10):
        await write()
        await carrier.close()


async def test_a_lost_connection_is_replaced_before_anything_is_refused(studio: Studio) -> None:
    if studio.database.is_sqlite:
        pytest.skip("SQLite has no connection to lose")
    assert await studio.database.carry_out(adding("first")) == "first"
    async with studio.database.write() as session:
        of_ours = "FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
        await session.execute(text(f"SELECT pg_terminate_backend(pid) {of_ours}"))
    assert await studio.database.carry_out(adding("second")) == "second"
    assert await studio.database.carry_out(adding("third"), 1) == "third"
