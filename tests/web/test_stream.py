"""The stream of one project: snapshot, replay, live; cut at every event; ticks, pings, deletion, shutdown, no Redis."""

import asyncio
import time

import httpx
import pytest
from sqlalchemy import delete
from sqlmodel import col

from trailerflow import bootstrap
from trailerflow.engine.claims import Claim
from trailerflow.engine.tables import Event
from web.conftest import Starter
from web.hands import SCRIPT, Hands
from web.streams import Message, Messages, streaming, take, until

SILENT_REDIS = "redis://127.0.0.1:1/0"


def path_of(project_id: int) -> str:
    return f"/api/workflow/{project_id}/events"


def ids(messages: list[Message]) -> list[tuple[str, int]]:
    return [(message.event, int(message.id or -1)) for message in messages]


async def story(hands: Hands, project_id: int) -> Claim:
    """Make a run with eight events: queued, started, phase, two pictures of which one is begun first, completed."""
    claim = await hands.run(project_id)
    await hands.begin(claim, "s000-1")
    await hands.draw(claim, "s000-1")
    await hands.draw(claim, "s001-1")
    await hands.complete(claim)
    return claim


async def test_without_an_id_a_snapshot_comes_first_and_then_what_happens(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    claim = await hands.run(project_id)
    async with streaming(http, path_of(project_id)) as messages:
        (snapshot,) = await take(messages, 1)
        assert (snapshot.event, snapshot.id) == ("snapshot", "3")
        assert snapshot.data == (await http.get(f"/api/workflow/{project_id}/status")).json()
        await hands.draw(claim, "s000-1")
        started, finished = await take(messages, 2)
    assert ids([started, finished]) == [("event", 4), ("event", 5)]
    assert started.data["type"] == "step.started"
    at = finished.data.pop("at")
    assert at.endswith("Z")
    assert finished.data == {
        "type": "step.finished", "project_id": project_id, "run_id": claim.fence.run_id, "progress": 1,
        "step": "image/s000-1", "kind": "image", "phase": "trailer_to_storyboard", "attempt": 1,
        "artifact": "image-s000-1-t1.png", "scene": 0, "shot": "s000-1", "take": 1,
    }  # fmt: skip


async def test_an_id_of_zero_replays_everything_without_a_snapshot(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    await story(hands, project_id)
    async with streaming(http, path_of(project_id), query=0) as messages:
        assert ids(await take(messages, 8)) == [("event", number) for number in range(1, 9)]


@pytest.mark.parametrize("way", ["after", "query"])
async def test_a_stream_cut_at_any_event_goes_on_after_it(
    http: httpx.AsyncClient, hands: Hands, project_id: int, way: str
) -> None:
    claim = await story(hands, project_id)
    async with streaming(http, path_of(project_id), query=0) as messages:
        whole = await take(messages, 8)
    for seen in range(8):
        async with streaming(http, path_of(project_id), **{way: seen}) as messages:
            assert await take(messages, 8 - seen) == whole[seen:]
    assert whole[-1].data["type"] == "run.completed"
    assert whole[-1].data["run_id"] == claim.fence.run_id


async def test_the_header_wins_over_the_query(http: httpx.AsyncClient, hands: Hands, project_id: int) -> None:
    await story(hands, project_id)
    async with streaming(http, path_of(project_id), after=7, query=2) as messages:
        assert ids(await take(messages, 1)) == [("event", 8)]


async def test_the_last_id_brings_neither_snapshot_nor_replay_but_what_happens_next(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    claim = await hands.run(project_id)
    async with streaming(http, path_of(project_id), after=3) as messages:
        assert (await anext(messages)).event == "ping"
        await hands.draw(claim, "s000-1")
        assert ids(await take(messages, 2)) == [("event", 4), ("event", 5)]


@pytest.mark.parametrize("seen", ["9", "99999999999999999999999", "-1", "x", "1.5", "٣"])
async def test_an_id_that_is_too_large_or_malformed_brings_a_snapshot(
    http: httpx.AsyncClient, hands: Hands, project_id: int, seen: str
) -> None:
    await story(hands, project_id)
    async with streaming(http, path_of(project_id), query=seen) as messages:
        assert ids(await take(messages, 1)) == [("snapshot", 8)]


async def test_an_id_whose_successor_is_pruned_brings_a_snapshot(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    await story(hands, project_id)
    async with hands.studio.database.write() as session:
        await session.execute(delete(Event).where(col(Event.project_id) == project_id, col(Event.id) <= 3))
    async with streaming(http, path_of(project_id), after=1) as messages:
        assert ids(await take(messages, 1)) == [("snapshot", 8)]
    async with streaming(http, path_of(project_id), after=3) as messages:
        assert ids(await take(messages, 1)) == [("event", 4)]


async def test_a_project_without_a_run_streams_an_idle_snapshot_and_its_first_run(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    async with (
        streaming(http, path_of(project_id)) as messages,
        streaming(http, path_of(project_id), after=0) as all_of,
    ):
        (snapshot,) = await take(messages, 1)
        assert (snapshot.id, snapshot.data["status"]) == ("0", "idle")
        await hands.start(project_id)
        assert ids(await take(messages, 1)) == [("event", 1)]
        assert ids(await take(all_of, 1)) == [("event", 1)]


async def test_the_end_of_a_run_does_not_end_the_stream(http: httpx.AsyncClient, hands: Hands, project_id: int) -> None:
    async with streaming(http, path_of(project_id), after=0) as messages:
        await story(hands, project_id)
        first = await take(messages, 8)
        await hands.start(project_id)
        (second,) = await take(messages, 1)
    assert second.data["type"] == "run.queued"
    assert second.data["run_id"] != first[-1].data["run_id"]


async def test_viewers_that_come_at_any_moment_of_a_busy_run_see_every_event_once_and_in_order(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    claim = await hands.run(project_id)
    last = 3 + 2 * 40

    async def watch(seen: int, delay: float) -> list[int]:
        await asyncio.sleep(delay)
        async with streaming(http, path_of(project_id), after=seen) as messages:
            return [int(message.id or 0) for message in await take(messages, last - seen)]

    watching = [asyncio.create_task(watch(number % 4, number * 0.03)) for number in range(24)]
    for number in range(40):
        await hands.draw(claim, f"s000-{number}")
    for number, seen in enumerate(await asyncio.gather(*watching)):
        assert seen == list(range(number % 4 + 1, last + 1))


async def test_ticks_have_no_id_and_come_only_while_their_step_is_in_work(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    claim = await hands.run(project_id)
    async with streaming(http, path_of(project_id), after=0) as messages:
        await hands.tick(claim, "s000-1", 0.1)
        await hands.begin(claim, "s000-1")
        await take(messages, 4)
        await hands.tick(claim, "s000-1", 0.5)
        tick = await until(messages, "tick")
        assert tick.id is None
        run_id = claim.fence.run_id
        assert tick.data == {"project_id": project_id, "run_id": run_id, "step": "image/s000-1", "done": 0.5}
        await hands.draw(claim, "s000-1")
        await take(messages, 1)
        await hands.tick(claim, "s000-1", 0.9)
        await hands.complete(claim)
        left = [message.event for message in await _until_completed(messages)]
    assert "tick" not in left


async def _until_completed(messages: Messages) -> list[Message]:
    seen = []
    async for message in messages:
        seen.append(message)
        if message.event == "event" and message.data["type"] == "run.completed":
            return seen
    raise AssertionError("the stream ended")


async def test_a_viewer_who_comes_late_gets_the_ticks_of_a_step_already_in_work(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    claim = await hands.run(project_id)
    await hands.begin(claim, "s000-1")
    async with streaming(http, path_of(project_id)) as messages:
        await take(messages, 1)
        await hands.tick(claim, "s000-1", 0.5)
        assert (await until(messages, "tick")).data["done"] == 0.5


async def test_pings_have_no_id_and_empty_data(http: httpx.AsyncClient, project_id: int) -> None:
    async with streaming(http, path_of(project_id)) as messages:
        ping = await until(messages, "ping")
    assert (ping.id, ping.data) == (None, {})


async def test_the_first_line_tells_browsers_when_to_come_back(http: httpx.AsyncClient, project_id: int) -> None:
    async with http.stream("GET", path_of(project_id)) as response:
        assert await anext(response.aiter_lines()) == "retry: 2000"


async def test_every_byte_keeps_to_the_format_that_browsers_read(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    """As the web-platform-tests of EventSource have it: UTF-8, no mark before it, known fields, a line for each."""
    claim = await hands.run(project_id)
    await hands.begin(claim, "s000-1: \r\n\n\u2028\ufeffé 😀 data: id: 7")
    await hands.complete(claim)
    heard = b""
    async with http.stream("GET", path_of(project_id), params={"last_event_id": "0"}) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        async for part in response.aiter_raw():
            heard += part
            if b"run.completed" in heard and heard.endswith(b"\n\n"):
                break
    text = heard.decode("utf-8")
    assert not text.startswith("\ufeff")
    assert set("\r\0").isdisjoint(text)
    blocks = [[line.partition(": ") for line in block.split("\n")] for block in text.removesuffix("\n\n").split("\n\n")]
    assert {field for block in blocks for field, _, _ in block} <= {"retry", "event", "id", "data", ""}
    told = [{field: value for field, _, value in block} for block in blocks if block[0][0] != "retry"]
    assert [len(one) for one in told] == [len(block) for block in blocks if block[0][0] != "retry"]
    assert [one["id"] for one in told if one.get("event") == "event"] == ["1", "2", "3", "4", "5"]


async def test_head_answers_with_the_headers_alone(http: httpx.AsyncClient, project_id: int) -> None:
    answer = await http.head(path_of(project_id))
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert answer.content == b""


async def test_a_removed_project_ends_its_streams(http: httpx.AsyncClient, project_id: int) -> None:
    async with streaming(http, path_of(project_id)) as messages:
        await take(messages, 1)
        assert (await http.delete(f"/api/projects/{project_id}")).status_code == 204
        async with asyncio.timeout(10):
            assert [message.event async for message in messages if message.event != "ping"] == []


async def test_a_viewer_who_goes_is_forgotten(http: httpx.AsyncClient, project_id: int) -> None:
    async def viewers() -> float:
        text = (await http.get("/metrics")).text
        return next(float(line.split()[1]) for line in text.splitlines() if line.startswith("trailerflow_viewers "))

    async with streaming(http, path_of(project_id)) as messages:
        await take(messages, 1)
        assert await viewers() == 1
    async with asyncio.timeout(5):
        while await viewers():  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.02)


async def test_without_redis_events_arrive_from_the_log_within_seconds(start_web: Starter) -> None:
    with start_web(redis_url=SILENT_REDIS) as web:
        async with (
            httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as http,
            bootstrap.studio(web.settings) as studio,
        ):
            hands = Hands(studio)
            project_id = (await http.post("/api/projects", files={"script": ("a", SCRIPT)})).json()["id"]
            async with streaming(http, path_of(project_id)) as messages, asyncio.timeout(15):
                await take(messages, 1)
                await story(hands, project_id)
                assert ids(await take(messages, 8)) == [("event", number) for number in range(1, 9)]


async def test_open_streams_and_long_polls_do_not_hold_up_the_end_of_the_process(start_web: Starter) -> None:
    with start_web() as web:
        async with httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as http:
            project_id = (await http.post("/api/projects", files={"script": ("a", SCRIPT)})).json()["id"]
            async with streaming(http, path_of(project_id)) as one, streaming(http, "/api/events") as all_of:
                await take(one, 1)
                await take(all_of, 1)
                waiting = asyncio.create_task(http.get(f"/api/workflow/{project_id}/status?wait=60"))
                await asyncio.sleep(0.2)
                began = time.monotonic()
                await asyncio.to_thread(web.terminate)
                assert time.monotonic() - began < 3
                assert [message async for message in one if message.event != "ping"] == []
                assert (await waiting).json()["status"] == "idle"
        assert "Traceback" not in web.log.read_text()
