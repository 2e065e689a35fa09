"""A viewer and its ring in one process, with time and connection in the test's hand; the format of what they send."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.types import Message

from patience import until
from trailerflow.engine.ledger import LoggedEvent
from trailerflow.web import cursor, frames, viewer
from trailerflow.web.connection import Line
from trailerflow.web.cursor import Cursor
from trailerflow.web.ring import BehindError, Ring, UserRing
from trailerflow.web.viewer import Viewer

END_OF_LINE = re.compile(r"\r\n|\r|\n")


class Flow:
    """What a connection says about taking more."""

    def __init__(self) -> None:
        self.write_paused = False


class Client:
    """The other end of a stream: what it got, whether it takes anything, when it goes."""

    def __init__(self) -> None:
        self.flow = Flow()
        self.line = Line(self.flow, self._write)  # type: ignore[arg-type] # it has what is used of a FlowControl
        self.takes = asyncio.Event()
        self.takes.set()
        self.gone = asyncio.Event()
        self.got: list[bytes] = []
        self.is_over = False

    def _write(self, content: bytes) -> None:
        assert not self.flow.write_paused
        self.got.append(content)

    def stall(self) -> None:
        self.flow.write_paused = True
        self.takes.clear()
        self.line.tell()

    def go_on(self) -> None:
        self.flow.write_paused = False
        self.takes.set()
        self.line.tell()

    async def receive(self) -> Message:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        await self.takes.wait()
        self.got.append(message["body"])
        if not message.get("more_body", False):
            self.is_over = True
            self.gone.set()

    def ids(self) -> list[int]:
        return [int(number) for number in re.findall(rb"^id: (\d+)$", b"".join(self.got), re.MULTILINE)]


def event(number: int, **data: Any) -> LoggedEvent:
    return LoggedEvent(project_id=1, id=number, run_id=1, type="step.finished", at=1.5, data=data)


def grow(ring: Ring, *numbers: int) -> None:
    for number in numbers:
        ring.append(frames.of_event(event(number)))
    ring.notify()


@pytest.fixture
def slow() -> list[str]:
    return []


def watching(ring: Ring, client: Client, slow: list[str], *, direct: bool = True) -> asyncio.Task[None]:
    line = client.line if direct else None
    one = Viewer(ring=ring, line=line, slow=lambda: slow.append("slow"), position=ring.end)
    return asyncio.create_task(one.watch(client.receive, client.send))


@pytest.mark.parametrize("direct", [True, False])
async def test_a_viewer_that_stalls_gets_everything_in_order_when_it_goes_on(slow: list[str], direct: bool) -> None:
    ring, client = Ring(0), Client()
    task = watching(ring, client, slow, direct=direct)
    await until(lambda: client.got)
    for number in range(1, 40, 3):
        client.stall()
        grow(ring, number)
        grow(ring, number + 1)
        client.go_on()
        await asyncio.sleep(0)
        grow(ring, number + 2)
        await until(lambda last=number + 2: client.ids()[-1:] == [last])  # type: ignore[misc] # a default of a lambda
    assert client.ids() == list(range(1, 40))
    client.gone.set()
    await task
    assert (ring.viewers, slow) == (0, [])


async def test_a_viewer_behind_the_ring_is_ended_honestly_and_counted(slow: list[str]) -> None:
    ring, client = Ring(0, most_frames=4), Client()
    task = watching(ring, client, slow)
    await until(lambda: client.got)
    client.stall()
    grow(ring, 1)
    await asyncio.sleep(0)
    grow(ring, *range(2, 9))
    client.go_on()
    await task
    assert client.is_over
    assert client.ids() == list(range(1, len(client.ids()) + 1))
    assert slow == ["slow"]


async def test_a_viewer_that_takes_nothing_is_given_up(slow: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer, "STALL_SECONDS", 0.05)
    ring, client = Ring(0), Client()
    task = watching(ring, client, slow)
    await until(lambda: client.got)
    client.stall()
    grow(ring, 1)
    await task
    assert (client.is_over, slow, ring.viewers) == (False, ["slow"], 0)


async def test_nobody_stays_for_ever_and_all_get_signs_of_life(slow: list[str]) -> None:
    ring, clients = Ring(0), [Client() for _ in range(20)]
    tasks = [watching(ring, client, slow, direct=bool(number % 2)) for number, client in enumerate(clients)]
    await until(lambda: all(client.got for client in clients))
    now = asyncio.get_running_loop().time()
    ring.beat(now)
    await until(lambda: all(frames.PING in b"".join(client.got) for client in clients))
    ring.beat(now + 0.79 * viewer.STAY_SECONDS)
    assert ring.viewers == 20
    ring.beat(now + viewer.STAY_SECONDS)
    await until(lambda: 0 < ring.viewers < 20)
    ring.beat(now + 1.21 * viewer.STAY_SECONDS)
    await asyncio.gather(*tasks)
    assert all(client.is_over for client in clients)
    assert len({re.findall(rb"retry: (\d+)\n", client.got[-1])[-1] for client in clients}) > 1


async def test_of_many_ticks_one_that_stalled_gets_the_newest_of_each_step_only(slow: list[str]) -> None:
    ring, client = Ring(0), Client()
    task = watching(ring, client, slow)
    await until(lambda: client.got)
    client.stall()
    for number in range(50):
        for step in ("a", "b"):
            ring.tick((1, 1, step), f"{step}{number};".encode())
        ring.notify()
    client.go_on()
    await until(lambda: b"b49;" in b"".join(client.got))
    assert len(re.findall(rb"[ab]\d+;", b"".join(client.got))) <= 4
    client.gone.set()
    await task


async def test_a_ring_knows_the_place_after_each_event_it_holds_and_no_other() -> None:
    ring = Ring(5, most_frames=3)
    grow(ring, 6, 7, 8, 9)
    assert [ring.position_after(number) for number in range(5, 11)] == [None, 1, 2, 3, 4, None]
    with pytest.raises(BehindError):
        ring.since(0)


async def test_the_ids_of_all_projects_name_the_last_event_of_each() -> None:
    ring = UserRing({1: 3, 4: 7})
    start = Cursor({1: 3, 4: 7}).text()
    assert ring.position_after(start) == 0
    ring.append(frames.of_event(event(4)))
    assert ring.position_after(Cursor({1: 4, 4: 7}).text()) == 1
    ring.forget(4)
    ring.append(frames.of_event(event(5)))
    assert ring.position_after(Cursor({1: 5}).text()) == 2


@settings(max_examples=40)
@given(st.dictionaries(st.integers(1, 2**31 - 1), st.integers(1, 2**31)), st.data())
def test_a_cursor_that_moves_on_says_what_one_made_anew_would(sent: dict[int, int], data: st.DataObject) -> None:
    moving = Cursor(sent)
    for project_id in data.draw(st.lists(st.integers(1, 50))):
        sent[project_id] = sent.get(project_id, 0) + 1
        moving.put(project_id, sent[project_id])
    for project_id in data.draw(st.lists(st.sampled_from(sorted(sent)), unique=True)) if sent else []:
        del sent[project_id]
        moving.put(project_id, 0)
    assert moving.text() == Cursor(sent).text()
    assert cursor.unpack(moving.text()) == sent


# The format, as a browser reads it: https://html.spec.whatwg.org/multipage/server-sent-events.html


def dispatched(stream: bytes) -> Iterator[tuple[str, str, str]]:
    """Read a stream as the standard tells a browser to: events, each with its data and the last id."""
    name, last_id = "", ""
    data: list[str] = []
    for line in END_OF_LINE.split(stream.decode()):
        if not line:
            if data:
                yield name, "\n".join(data), last_id
            name, data = "", []
            continue
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
        elif field == "id" and "\0" not in value:
            last_id = value
        else:
            assert field == "retry"
            assert value.isascii()
            assert value.isdigit()


@given(st.floats(0, 2**33))
def test_an_event_tells_its_time_to_the_millisecond(at: float) -> None:
    ((_, data, _),) = dispatched(frames.of_event(event(1)._replace(at=at)).whole)
    told = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    assert json.loads(data)["at"] == told.replace("+00:00", "Z")


@settings(max_examples=40)
@given(st.lists(st.dictionaries(st.text(), st.text() | st.none() | st.integers())))
def test_whatever_an_event_says_a_browser_reads_just_that(told: list[dict[str, Any]]) -> None:
    rows = [event(number, text=text) for number, text in enumerate(told, start=1)]
    stream = frames.RETRY + b"".join(frames.of_event(row).whole + frames.PING for row in rows)
    read = [(name, json.loads(data), last_id) for name, data, last_id in dispatched(stream)]
    assert [one for one in read if one[0] == "ping"] == [("ping", {}, str(row.id)) for row in rows]
    assert [(data["text"], last_id) for name, data, last_id in read if name == "event"] == [
        (text, str(number)) for number, text in enumerate(told, start=1)
    ]
