"""The stream over all of a user's projects: one connection, an opaque id, no event lost or repeated."""

import asyncio

import httpx
import pytest

from trailerflow.engine.ledger import events_after
from trailerflow.web.cursor import Cursor
from web.hands import SCRIPT, Hands
from web.streams import Message, Messages, streaming, take

PATH = "/api/events"
Two = tuple[httpx.AsyncClient, Hands, int, int]


@pytest.fixture
async def two(http: httpx.AsyncClient, hands: Hands) -> Two:
    """Give two new projects; those of other tests may be there too."""
    return http, hands, await made(http), await made(http)


async def made(http: httpx.AsyncClient) -> int:
    return int((await http.post("/api/projects", files={"script": ("a", SCRIPT)})).json()["id"])


async def take_of(messages: Messages, count: int, *project_ids: int) -> list[Message]:
    """Return the next durable messages about these projects."""
    taken: list[Message] = []
    while len(taken) < count:
        taken += [one for one in await take(messages, 1) if one.data["project_id"] in project_ids]
    return taken


def facts(messages: list[Message]) -> list[tuple[str, int, str]]:
    return [(message.event, message.data["project_id"], message.data.get("type", "")) for message in messages]


async def test_it_begins_with_a_snapshot_of_each_project_and_follows_all(two: Two) -> None:
    http, hands, first, second = two
    async with streaming(http, PATH) as messages:
        seen = await take_of(messages, 2, first, second)
        assert facts(seen) == [("snapshot", first, ""), ("snapshot", second, "")]
        await hands.start(second)
        await hands.start(first)
        assert facts(await take_of(messages, 2, first, second)) == [
            ("event", second, "run.queued"),
            ("event", first, "run.queued"),
        ]


async def test_a_project_made_later_is_followed_from_its_first_event(two: Two) -> None:
    http, hands, first, second = two
    async with streaming(http, PATH) as messages:
        await take_of(messages, 2, first, second)
        third = await made(http)
        await hands.run(third)
        seen = facts(await take_of(messages, 3, third))
    assert seen == [("event", third, kind) for kind in ("run.queued", "run.started", "phase.started")]


async def test_cut_at_any_message_it_goes_on_without_a_gap_or_a_repetition(two: Two) -> None:
    http, hands, first, second = two
    async with streaming(http, PATH) as messages:
        whole = await take_of(messages, 2, first, second)
        for project_id in (first, second):
            claim = await hands.run(project_id)
            await hands.draw(claim, "s000-1")
            await hands.complete(claim)
        whole += await take_of(messages, 12, first, second)
    assert len({message.id for message in whole[1:]}) == 13
    for position, message in enumerate(whole):
        left = whole[max(position + 1, 2) :]
        async with streaming(http, PATH, after=message.id) as messages:
            again = await take_of(messages, len(left), first, second)
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
            for message in await take_of(messages, min(cut, left), first, second):
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


async def test_an_id_nobody_gave_out_brings_a_snapshot_of_each_project(two: Two) -> None:
    http, _, first, second = two
    too_large = Cursor({first: 2, second: 2}).text()
    for cursor in ("x", "1", "!!", "AQ==extra", "Ag", "AQEB_w", too_large):
        async with streaming(http, PATH, query=cursor) as messages:
            seen = facts(await take_of(messages, 2, first, second))
            assert seen == [("snapshot", first, ""), ("snapshot", second, "")], cursor


async def test_a_removed_project_leaves_the_others_alone(two: Two) -> None:
    http, hands, first, second = two
    await hands.start(second)
    async with streaming(http, PATH) as messages:
        cursor = (await take_of(messages, 2, first, second))[-1].id
    await http.delete(f"/api/projects/{first}")
    async with streaming(http, PATH, after=cursor) as messages:
        await hands.studio.service.pause(second)
        assert facts(await take_of(messages, 1, first, second)) == [("event", second, "run.paused")]
