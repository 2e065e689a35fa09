"""The client, against a stand-in that keeps the contract and breaks connections."""

from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from stand_in import COMPLETED, StandIn
from trailerflow.errors import BadScript, Conflict, NotFound, TemporaryError
from trailerflow.terminal.client import Client


class Forgetful(StandIn):
    """Starts a run for each key it has not seen; the answers of the first `lost` starts do not arrive."""

    def __init__(self, lost: int) -> None:
        super().__init__(story=COMPLETED)
        self.lost = lost
        self.keys: list[str] = []

    async def _start(self, request: Request) -> Response:
        self.keys.append(request.headers["idempotency-key"])
        answer = await super()._start(request)
        return Response("bad gateway", 502) if len(self.keys) <= self.lost else answer


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def ids(client: Client, last: int, *, after: int | None = None) -> list[tuple[str, int]]:
    """Return the durable messages up to the last one expected."""
    seen = []
    async for message in client.events(3, after=after):
        if message.id is not None:
            seen.append((message.event, message.id))
            if message.id == last:
                return seen
    raise AssertionError("the stream ended")


@pytest.mark.parametrize("cuts", [[], [0, 1, 0, 2, 1, 1, 3], [1] * 12])
async def test_a_stream_that_is_cut_anywhere_loses_and_repeats_no_event(cuts: list[int]) -> None:
    with StandIn(story=COMPLETED, cuts=cuts).running() as service:
        async with Client(service.url) as client:
            seen = await ids(client, 7, after=1)
    assert seen == [("event", number) for number in range(2, 8)]
    assert service.asked[0] == "1"


async def test_a_stream_without_an_id_begins_with_a_snapshot_and_goes_on_after_it() -> None:
    with StandIn(story=COMPLETED, cuts=[1]).running() as service:
        async with Client(service.url) as client:
            seen = await ids(client, 7)
    assert seen == [("snapshot", 1), *[("event", number) for number in range(2, 8)]]
    assert service.asked == [None, "1"]


async def test_ticks_and_pings_have_no_id() -> None:
    with StandIn(story=COMPLETED).running() as service:
        async with Client(service.url) as client:
            async for message in client.events(3):
                assert (message.id is None) == (message.event in {"tick", "ping"})
                if message.event == "ping":
                    break


async def test_nobody_there_is_said_at_once_with_the_remedy() -> None:
    async with Client("http://127.0.0.1:1") as client:
        with pytest.raises(TemporaryError, match=r"no trailerflow service answers at http://127\.0\.0\.1:1") as refused:
            await client.status(3)
        assert refused.value.code == "unreachable"
        assert "trailerflow up" in refused.value.remedy
        with pytest.raises(TemporaryError):
            await anext(client.events(3))


async def test_a_service_that_goes_away_for_good_is_given_up() -> None:
    service = StandIn(story=COMPLETED)
    with service.running():
        client = Client(service.url, patience_seconds=0.3)
        await client.status(3)
    async with client:
        with pytest.raises(TemporaryError, match="no trailerflow service answers"):
            await client.status(3)


async def test_a_service_that_hiccups_is_asked_again() -> None:
    with StandIn(story=COMPLETED).running() as service:
        service.busy = 2
        async with Client(service.url) as client:
            assert (await client.status(3))["run_id"] == 7


async def test_problems_come_back_as_our_errors(tmp_path: Path) -> None:
    script = tmp_path / "script.fountain"
    script.write_bytes(b"\0")
    with StandIn(story=COMPLETED).running() as service:
        async with Client(service.url) as client:
            with pytest.raises(NotFound, match="there is no project 4") as lost:
                await client.status(4)
            assert lost.value.code == "project_not_found"
            with pytest.raises(Conflict) as refused:
                await client.act(3, "resume")
            assert refused.value.remedy == "resume works on a paused run"
            with pytest.raises(BadScript, match="line 1 is not text"):
                await client.upload(script)


async def test_verbs_send_a_body_only_when_there_is_something_to_say() -> None:
    with StandIn(story=COMPLETED).running() as service:
        async with Client(service.url) as client:
            await client.act(3, "pause")
            await client.act(3, "skip", step="image/s001-1")
            await client.start(3, seconds=15, seed=None)
    assert service.acts == [("pause", {}), ("skip", {"step": "image/s001-1"})]
    assert service.started == {"seconds": 15}


async def test_a_start_whose_answer_is_lost_is_sent_again_under_its_key() -> None:
    service = Forgetful(lost=2)
    with service.running():
        async with Client(service.url) as client:
            await client.start(3, seconds=15)
            await client.start(3, seconds=15)
    first, *again, other = service.keys
    assert again == [first, first]
    assert other != first


async def test_a_download_is_whole_and_right_or_not_there(tmp_path: Path) -> None:
    with StandIn(story=COMPLETED).running() as service:
        service.lies = {"captions.vtt"}
        async with Client(service.url) as client:
            for artifact in await client.artifacts(3):
                target = tmp_path / artifact["name"]
                if artifact["name"] in service.lies:
                    with pytest.raises(TemporaryError, match=r"captions\.vtt arrived with another content"):
                        await client.download(artifact, target)
                else:
                    await client.download(artifact, target)
    assert names(tmp_path) == ["image-s001-1-t1.png", "trailer.mp4"]
    assert (tmp_path / "trailer.mp4").read_bytes() == b"film"


async def test_a_proxy_from_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    with StandIn(story=COMPLETED).running() as service:
        async with Client(service.url) as client:
            assert (await client.status(3))["run_id"] == 7
