import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Dialect, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from trailerflow.engine.database import Database, ThreadDatabase, driver_url, now
from trailerflow.engine.tables import User
from trailerflow.errors import Misconfigured

WRITER = """
import asyncio, sys
from sqlalchemy import text
from trailerflow.engine.database import Database

async def main():
    database = Database(sys.argv[1])
    for _ in range(40):
        async with database.write() as session:
            (count,) = (await session.execute(text("SELECT count FROM tally"))).one()
            await session.execute(text("UPDATE tally SET count = :count"), {"count": count + 1})
    await database.close()

asyncio.run(main())
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/folder/test.db"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    async with database.write() as session:
        await session.execute(text("CREATE TABLE tally (count INTEGER)"))
        await session.execute(text("INSERT INTO tally VALUES (0)"))
    yield database
    await database.close()


async def count(database: Database) -> int:
    async with database.read() as session:
        return int((await session.execute(text("SELECT count FROM tally"))).scalar_one())


async def add(database: Database) -> None:
    async with database.write() as session:
        await session.execute(text("UPDATE tally SET count = count + 1"))
        await session.execute(text("SELECT count FROM tally"))


async def test_the_databases_clock_tells_the_time_and_goes_on_inside_a_transaction(database: Database) -> None:
    async with database.read() as session:
        first = (await session.execute(select(now()))).scalar_one()
        assert abs(first - time.time()) < 5
        async with asyncio.timeout(5):
            while (await session.execute(select(now()))).scalar_one() <= first:
                pass


async def test_a_read_sees_one_moment(database: Database) -> None:
    async with database.read() as session:
        before = (await session.execute(text("SELECT count FROM tally"))).scalar_one()
        await add(database)
        assert (await session.execute(text("SELECT count FROM tally"))).scalar_one() == before
    assert await count(database) == before + 1


async def test_an_exception_rolls_back(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as session:
            await session.execute(text("UPDATE tally SET count = 99"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await count(database) == 0


async def test_writers_of_two_processes_wait_for_each_other(database: Database, url: str) -> None:
    """A transaction that begins by reading and writes later would fail with `database is locked`."""
    processes = [subprocess.Popen([sys.executable, "-c", WRITER, url]) for _ in range(2)]  # noqa: ASYNC220 - they run beside us
    for _ in range(20):
        await add(database)
    for process in processes:
        assert await asyncio.to_thread(process.wait, 60) == 0
    assert await count(database) == 100


async def test_a_thread_and_the_event_loop_write_in_turn(database: Database, url: str) -> None:
    threads = ThreadDatabase(url)

    def work() -> None:
        for _ in range(20):
            with threads.write() as connection:
                connection.execute(text("UPDATE tally SET count = count + 1"))

    await asyncio.gather(asyncio.to_thread(work), *(add(database) for _ in range(20)))
    threads.close()
    assert await count(database) == 40


async def test_a_cancelled_writer_leaves_no_lock_behind(database: Database) -> None:
    """The exceptions are kept on purpose: what they hold on to must not hold the database."""
    chance, kept = random.Random(5), []

    async def write_for_ever(inside: asyncio.Event) -> None:
        async with database.write() as session:
            while True:
                await session.execute(text("UPDATE tally SET count = count + 1"))
                await session.execute(text("SELECT count FROM tally"))
                inside.set()
                await asyncio.sleep(0)  # statements that wait for nobody do not let others run

    for number in range(30):
        inside = asyncio.Event()
        writer = asyncio.create_task(write_for_ever(inside))
        await inside.wait()
        for _ in range(chance.randrange(60)):
            await asyncio.sleep(0)
        writer.cancel()
        kept.append(await asyncio.gather(writer, return_exceptions=True))
        async with asyncio.timeout(5):
            await add(database)
        assert await count(database) == number + 1


async def test_sqlite_keeps_what_it_committed_and_its_rules(database: Database) -> None:
    async with database.read() as session:
        pragmas = [
            (await session.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert pragmas == ["wal", 2, 1]


@pytest.mark.parametrize(
    ("url", "driver"),
    [
        ("sqlite:////tmp/a.db", "sqlite"),
        ("postgresql://me:secret@host/name", "postgresql+psycopg"),
    ],
)
def test_each_kind_of_database_gets_its_driver(url: str, driver: str) -> None:
    assert driver_url(url).drivername == driver


def test_another_kind_of_database_is_refused_with_a_remedy() -> None:
    with pytest.raises(Misconfigured) as refused:
        driver_url("mysql://host/name")
    assert "postgresql://" in refused.value.remedy


def test_the_same_query_says_the_clock_of_each_database() -> None:
    query = select(col(User.id)).where(now() > 1)
    dialects: dict[str, Dialect] = {"julianday": sqlite.dialect(), "clock_timestamp": postgresql.dialect()}  # type: ignore[no-untyped-call] # SQLAlchemy does not type it
    for function, dialect in dialects.items():
        assert function in str(query.compile(dialect=dialect))
