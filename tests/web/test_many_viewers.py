"""Many viewers, bad connections, parts that die: everyone sees every event once and in order, and nobody waits."""

import asyncio
import contextlib
import os
import random
import re
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col

import postgres
from trailerflow import bootstrap
from trailerflow.engine.ledger import LoggedEvent, events_after, latest_run
from trailerflow.engine.tables import Event
from trailerflow.running import redis_server
from web.conftest import Starter, WebProcess, _served
from web.hands import SCRIPT, Hands
from web.streams import bare, streaming, take
from web.streams import until as until_event

OUR_CONNECTIONS = ("--http", "trailerflow.web.connection:Connection")
SEED = 4


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory, redis_server_url: str) -> Iterator[WebProcess]:
    """Give a web process with connections of our own, little patience, and room for 210 streams."""
    data = tmp_path_factory.mktemp("crowded") / "data"
    application = "web.crowded:create_app"
    with _served(data, redis_server_url, application=application, options=OUR_CONNECTIONS) as served:
        yield served


def path_of(project_id: int) -> str:
    return f"/api/workflow/{project_id}/events"


async def made(http: httpx.AsyncClient) -> int:
    return int((await http.post("/api/projects", files={"script": ("a", SCRIPT)})).json()["id"])


async def write(hands: Hands, project_id: int, count: int, *, size: int = 0) -> None:
    """Add events to a project's log in one transaction."""
    async with hands.studio.ledger.writing(project_id, events=count) as entry:
        run = await latest_run(entry.session, entry.project)
        assert run is not None
        for _ in range(count):
            entry.append("step.finished", run, step="image/s000-1", note="." * size)


@contextlib.asynccontextmanager
async def opened(web: WebProcess) -> AsyncIterator[tuple[httpx.AsyncClient, Hands]]:
    async with (
        httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as http,
        bootstrap.studio(web.settings) as studio,
    ):
        yield http, Hands(studio)


async def count_in(http: httpx.AsyncClient, metric: str) -> float:
    found = re.search(rf"^{metric} (\S+)$", (await http.get("/metrics")).text, re.MULTILINE)
    assert found is not None
    return float(found[1])


async def until_counted(http: httpx.AsyncClient, metric: str, wanted: float) -> None:
    async with asyncio.timeout(15):
        while await count_in(http, metric) != wanted:  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.05)


async def test_a_viewer_cut_five_hundred_times_at_random_sees_the_exact_sequence(
    web: WebProcess, hands: Hands, project_id: int
) -> None:
    chance = random.Random(SEED)
    await hands.run(project_id)

    async def work() -> None:
        for _ in range(250):
            await write(hands, project_id, chance.randint(1, 4))

    working = asyncio.create_task(work())
    seen = [0]
    for _ in range(500):
        async with bare(web.url, path_of(project_id), after=seen[-1]) as messages:
            left = (await last_event_id(hands, project_id)) - seen[-1] if working.done() else 3
            seen += [int(message.id or 0) for message in await take(messages, min(left, chance.randint(0, 3)))]
    await working
    last = await last_event_id(hands, project_id)
    async with bare(web.url, path_of(project_id), after=seen[-1]) as messages:
        seen += [int(message.id or 0) for message in await take(messages, last - seen[-1])]
    assert seen == list(range(last + 1))


async def last_event_id(hands: Hands, project_id: int) -> int:
    return (await hands.studio.projects.get(project_id)).last_event_id


async def log(hands: Hands, project_id: int) -> list[LoggedEvent]:
    async with hands.studio.database.read() as session:
        return await events_after(session, project_id, 0, 10_000)


async def test_two_hundred_viewers_that_stall_lose_nothing_and_do_not_slow_a_fast_one(
    web: WebProcess, http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    chance = random.Random(SEED)
    await hands.run(project_id)
    batches, in_batch, size = 32, 10, 2500
    last, closed = 3 + batches * in_batch, await count_in(http, "trailerflow_viewers_closed_total")

    async def watch() -> list[int]:
        seen = [3]
        while seen[-1] < last:
            async with bare(web.url, path_of(project_id), after=seen[-1]) as messages:
                async for message in messages:
                    if message.id is not None:
                        seen.append(int(message.id))
                        if seen[-1] == last:
                            break
                        if chance.random() < 0.01:
                            await asyncio.sleep(chance.uniform(0.5, 3))
        return seen

    slow = [asyncio.create_task(watch()) for _ in range(200)]
    waits: list[float] = []
    async with bare(web.url, path_of(project_id), after=3) as messages:
        for batch in range(batches):
            await write(hands, project_id, in_batch, size=size)
            began = time.monotonic()
            got = [int(message.id or 0) for message in await take(messages, in_batch)]
            assert got == list(range(4 + batch * in_batch, 4 + (batch + 1) * in_batch))
            waits.append(time.monotonic() - began)
    assert max(waits) < 2
    for one in slow:
        assert await one == list(range(3, last + 1))
    assert await count_in(http, "trailerflow_viewers_closed_total") > closed


async def test_a_viewer_that_reads_nothing_for_too_long_is_given_up(
    web: WebProcess, http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    await hands.run(project_id)
    before = await count_in(http, "trailerflow_viewers_closed_total")
    async with bare(web.url, path_of(project_id), after=3):
        await write(hands, project_id, 400, size=10_000)
        await until_counted(http, "trailerflow_viewers", 0)
    assert await count_in(http, "trailerflow_viewers_closed_total") == before + 1


async def test_who_comes_back_with_an_id_still_in_the_ring_is_served_without_the_log(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    await hands.run(project_id)
    async with streaming(http, path_of(project_id), after=3) as one, streaming(http, "/api/events") as all_of:
        while (await take(all_of, 1))[0].data["project_id"] != project_id:
            continue
        await write(hands, project_id, 5)
        whole, of_all = await take(one, 5), await take(all_of, 5)
        async with hands.studio.database.write() as session:
            await session.execute(delete(Event).where(col(Event.project_id) == project_id))
        async with streaming(http, path_of(project_id), after=3) as messages:
            assert await take(messages, 5) == whole
        async with streaming(http, "/api/events", after=of_all[0].id) as messages:
            assert await take(messages, 4) == of_all[1:]


async def test_one_stream_too_many_is_answered_so_that_a_browser_comes_back_later(
    web: WebProcess, http: httpx.AsyncClient, project_id: int
) -> None:
    async with contextlib.AsyncExitStack() as streams:
        for _ in range(210):
            await streams.enter_async_context(bare(web.url, path_of(project_id), after=0))
        await until_counted(http, "trailerflow_viewers", 210)
        answer = await http.get(path_of(project_id))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert 5000 <= int(answer.text.removeprefix("retry: ").rstrip("\n")) <= 30_000


async def test_redis_killed_and_restarted_is_noticed_by_no_viewer(start_web: Starter, tmp_path: Path) -> None:
    with redis_server.socket(tmp_path) as path:
        url, command = redis_server.url(path), redis_server.child(path, dict(os.environ)).command
        first = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - it is back at once
        await redis_server.answer(url)
        with start_web(redis_url=url, options=OUR_CONNECTIONS) as web:
            async with opened(web) as (http, hands):
                project_id = await made(http)
                claim = await hands.run(project_id)
                async with streaming(http, path_of(project_id), after=0) as messages:
                    await write(hands, project_id, 3)
                    seen = await take(messages, 6)
                    first.send_signal(signal.SIGKILL)
                    first.wait()
                    await write(hands, project_id, 3)
                    seen += await take(messages, 3)
                    second = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: ASYNC220 - as above
                    await hands.begin(claim, "s000-1")
                    await until_counted(http, "trailerflow_bell_heard", 1)
                    seen += await take(messages, 1)
                    await hands.tick(claim, "s000-1", 0.5)
                    assert (await until_event(messages, "tick")).data["done"] == 0.5
                assert [int(message.id or 0) for message in seen] == list(range(1, 11))
        second.terminate()
        second.wait()


async def test_a_web_process_killed_and_started_again_goes_on_where_each_viewer_was(start_web: Starter) -> None:
    with start_web(options=OUR_CONNECTIONS) as web:
        async with opened(web) as (http, hands):
            project_id = await made(http)
            await hands.run(project_id)
            async with streaming(http, path_of(project_id), after=0) as one, streaming(http, "/api/events") as all_of:
                cursor = (await take(all_of, 1))[-1].id
                seen = await take(one, 3)
                web.process.kill()
                with pytest.raises(httpx.TransportError):
                    await take(one, 100)
            await write(hands, project_id, 4)
    with start_web(options=OUR_CONNECTIONS) as web:
        async with (
            opened(web) as (http, hands),
            streaming(http, path_of(project_id), after=seen[-1].id) as one,
            streaming(http, "/api/events", after=cursor) as all_of,
        ):
            await write(hands, project_id, 2)
            seen += await take(one, 6)
            assert [message.data for message in await take(all_of, 6)] == [message.data for message in seen[3:]]
    assert [int(message.id or 0) for message in seen] == list(range(1, 10))


async def test_the_end_of_the_process_tells_each_browser_another_moment_to_come_back(start_web: Starter) -> None:
    with start_web(options=OUR_CONNECTIONS) as web:
        async with opened(web) as (http, _):
            path = path_of(await made(http))
            async with contextlib.AsyncExitStack() as streams:
                opening = [streams.enter_async_context(http.stream("GET", path)) for _ in range(5)]
                contents = [answer.aiter_raw() for answer in await asyncio.gather(*opening)]
                for content in contents:
                    assert await anext(content) == b"retry: 2000\n\n"
                await asyncio.to_thread(web.terminate)
                rest = [b"".join([part async for part in content]) for content in contents]
    moments = [re.findall(rb"retry: (\d+)\n", text)[-1] for text in rest]
    assert len(set(moments)) > 1
    assert all(500 <= int(moment) <= 3500 for moment in moments)


async def test_on_postgresql_the_id_of_all_projects_is_safe_while_many_write_at_once(
    start_web: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = postgres.binaries()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine, and no wheel of it for its kind")
    chance = random.Random(SEED)
    with postgres.running(programs) as url:
        monkeypatch.setenv("TRAILERFLOW_DATABASE_URL", url)
        with start_web(options=OUR_CONNECTIONS) as web:
            async with opened(web) as (http, hands):
                projects = [await made(http) for _ in range(6)]
                for project_id in projects:
                    await hands.run(project_id)

                async def work(project_id: int) -> None:
                    for _ in range(25):
                        async with hands.studio.ledger.writing(project_id, events=2) as entry:
                            run = await latest_run(entry.session, entry.project)
                            assert run is not None
                            entry.append("step.finished", run, step="image/s000-1")
                            await asyncio.sleep(chance.uniform(0, 0.03))  # transactions end in another order
                            entry.append("step.finished", run, step="image/s000-2")

                working = asyncio.gather(*[work(project_id) for project_id in projects])
                seen: dict[int, list[object]] = {project_id: [] for project_id in projects}
                cursor, wanted = "AQ", len(projects) * 53
                while (count := sum(map(len, seen.values()))) < wanted:
                    async with streaming(http, "/api/events", query=cursor) as messages:
                        for message in await take(messages, min(chance.randint(1, 9), wanted - count)):
                            assert message.event == "event"
                            seen[message.data["project_id"]].append((message.data["type"], message.data.get("step")))
                            cursor = str(message.id)
                await working
                for project_id in projects:
                    rows = [(row.type, row.data.get("step")) for row in await log(hands, project_id)]
                    assert seen[project_id] == rows
