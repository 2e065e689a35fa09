"""The stream over all of a user's projects: one connection, an opaque id, no event lost or repeated."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from trailerflow import bootstrap
from trailerflow.engine.ledger import events_after
from web.conftest import Starter
from web.hands import SCRIPT, Hands
from web.streams import Message, streaming, take

PATH = "/api/events"
Two = tuple[httpx.AsyncClient, Hands, int, int]


@pytest.fixture
async def two(start_web: Starter) -> AsyncIterator[Two]:
    """Give a service of its own with two projects."""
    with start_web() as web:
        async with (
            httpx.AsyncClient(base_url=web.url, trust_env=False, timeout=20) as http,
            bootstrap.studio(web.settings) as studio,
        ):
            yield http, Hands(studio), await made(http), await made(http)


async def made(http: httpx.AsyncClient) -> int:
    return int((await http.post("/api/projects", files={"script": ("a", SCRIPT)})).json()["id"])


def facts(messages: list[Message]) -> list[tuple[str, int, str]]:
    return [(message.event, message.data["project_id"], message.data.get("type", "")) for message in messages]


async def test_it_begins_with_a_snapshot_of_each_project_and_follows_all(two: Two) -> None:
    http, hands, first, second = two
    async with streaming(http, PATH) as messages:
        assert facts(await take(messages, 2)) == [("snapshot", first, ""), ("snapshot", second, "")]
        await hands.start(second)
        await hands.start(first)
        assert facts(await take(messages, 2)) == [("event", second, "run.queued"), ("event", first, "run.queued")]


async def test_a_project_made_later_is_followed_from_its_first_event(two: Two) -> None:
    http, hands, _, _ = two
    async with streaming(http, PATH) as messages:
        await take(messages, 2)
        third = await made(http)
        await hands.run(third)
        seen = facts(await take(messages, 3))
    assert seen == [("event", third, kind) for kind in ("run.queued", "run.started", "phase.started")]


async def test_cut_at_any_message_it_goes_on_without_a_gap_or_a_repetition(two: Two) -> None:
    http, hands, first, second = two
    async with streaming(http, PATH) as messages:
        whole = await take(messages, 2)
        for project_id in (first, second):
            claim = await hands.run(project_id)
            await hands.draw(claim, "s000-1")
            await hands.complete(claim)
        whole += await take(messages, 12)
    assert len({message.id for message in whole[1:]}) == 13
    for position, message in enumerate(whole):
        left = whole[max(position + 1, 2) :]
        async with streaming(http, PATH, after=message.id) as messages:
            again = await take(messages, len(left)) if left else []
        for project_id in (first, second):
            of_project = [one.data for one in left if one.data["project_id"] == project_id]
            assert [one.data for one in again if one.data["project_id"] == project_id] == of_project
        if left:
            assert again[-1].id == whole[-1].id


async def test_cut_again_and_again_while_everything_happens_it_loses_and_repeats_nothing(two: Two) -> None:
    http, hands, first, second = two

    async def work(project_id: int) -> None:
        claim = await hands.run(project_id)
        for number in range(15):
            await hands.draw(claim, f"s000-{number}")
        await hands.complete(claim)

    working = asyncio.gather(work(first), work(second))
    seen: dict[int, list[str]] = {first: [], second: []}
    cursor, cut = None, 2
    while sum(map(len, seen.values())) < 2 * 34:
        async with streaming(http, PATH, query=cursor or "AQ") as messages:
            left = 2 * 34 - sum(map(len, seen.values()))
            for message in await take(messages, min(cut, left)):
                assert message.event == "event"
                seen[message.data["project_id"]].append(f"{message.data['type']} {message.data.get('step', '')}")
                cursor = message.id
        cut = cut % 7 + 1
    await working
    for project_id in (first, second):
        rows = (await _log(hands, project_id))[:34]
        assert seen[project_id] == rows


async def _log(hands: Hands, project_id: int) -> list[str]:
    async with hands.studio.database.read() as session:
        rows = await events_after(session, project_id, 0)
    return [f"{row.type} {row.data.get('step', '')}" for row in rows]


@pytest.mark.parametrize("cursor", ["x", "1", "!!", "AQ==extra", "Ag", "AQEB_w", "AQEC" * 9])
async def test_an_id_nobody_gave_out_brings_a_snapshot_of_each_project(two: Two, cursor: str) -> None:
    http, _, first, second = two
    async with streaming(http, PATH, query=cursor) as messages:
        assert facts(await take(messages, 2)) == [("snapshot", first, ""), ("snapshot", second, "")]


async def test_a_removed_project_leaves_the_others_alone(two: Two) -> None:
    http, hands, first, second = two
    await hands.start(second)
    async with streaming(http, PATH) as messages:
        cursor = (await take(messages, 2))[-1].id
    await http.delete(f"/api/projects/{first}")
    async with streaming(http, PATH, after=cursor) as messages:
        await hands.studio.service.pause(second)
        assert facts(await take(messages, 1)) == [("event", second, "run.paused")]
