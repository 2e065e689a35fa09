import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from itertools import chain

import psycopg
import pytest

from engine.company import a_run, events_of, make_project
from trailerflow.bootstrap import Studio
from trailerflow.engine import tail
from trailerflow.engine.tail import PAGE_EVENTS, Tail

A_RUN = a_run(id=1)
CUT_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
MENDER = """
import fcntl, os, sys
index = os.open(sys.argv[1] + "-shm", os.O_RDWR)
fcntl.lockf(index, fcntl.LOCK_EX, 3, 120)  # SQLite's locks of who writes, copies and mends
os.pwrite(index, bytes(48), 0)  # as somebody leaves it who died while writing it
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
async def end(studio: Studio) -> AsyncIterator[Tail]:
    end = tail.of(studio.database)
    yield end
    await end.close()


async def append(studio: Studio, project_id: int, count: int = 1) -> None:
    async with studio.ledger.writing(project_id, events=count) as entry:
        for number in range(count):
            entry.append("tested", A_RUN, number=number, said='"Él\n😀"')


async def test_what_was_just_committed_is_seen_each_time_as_the_log_has_it(
    studio: Studio, project_id: int, end: Tail
) -> None:
    other = await make_project(studio, "Another")
    seen = [await end.after(project_id, 0)]
    for count in (1, 3, 2):
        await append(studio, project_id, count)
        await append(studio, other)
        seen.append(await end.after(project_id, sum(map(len, seen))))
    assert [len(rows) for rows in seen] == [0, 1, 3, 2]
    assert [*chain.from_iterable(seen)] == await events_of(studio, project_id)


async def test_it_brings_a_page_at_a_time(studio: Studio, project_id: int, end: Tail) -> None:
    await append(studio, project_id, PAGE_EVENTS + 3)
    assert [row.id for row in await end.after(project_id, 0)] == list(range(1, PAGE_EVENTS + 1))
    assert [row.id for row in await end.after(project_id, PAGE_EVENTS)] == [
        PAGE_EVENTS + number for number in (1, 2, 3)
    ]


async def test_while_another_process_mends_the_file_it_waits_beside_the_event_loop(
    studio: Studio, project_id: int, end: Tail
) -> None:
    if not studio.database.is_sqlite:
        pytest.skip("there is no such file")
    await append(studio, project_id)
    await end.after(project_id, 0)
    mender = await asyncio.create_subprocess_exec(
        sys.executable, "-c", MENDER, str(studio.database.url.database), stdin=PIPE, stdout=PIPE
    )
    assert mender.stdout is not None
    await mender.stdout.readline()
    reading = asyncio.create_task(end.after(project_id, 0))
    await asyncio.sleep(0)
    assert not reading.done()
    await mender.communicate(b"done")
    assert [row.id for row in await reading] == [1]


async def test_a_lost_connection_is_opened_again(studio: Studio, project_id: int, end: Tail) -> None:
    if studio.database.is_sqlite:
        pytest.skip("there is none to lose")
    await append(studio, project_id)
    await end.after(project_id, 0)
    with psycopg.connect(studio.settings.database_url, autocommit=True) as connection:
        connection.execute(CUT_ALL)
    assert [row.id for row in await end.after(project_id, 0)] == [1]


async def test_a_look_that_was_broken_off_spoils_none_after_it(studio: Studio, project_id: int, end: Tail) -> None:
    await append(studio, project_id, 2)
    for _ in range(5):
        reading = asyncio.create_task(end.after(project_id, 0))
        await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        assert [row.id for row in await end.after(project_id, 1)] == [2]
