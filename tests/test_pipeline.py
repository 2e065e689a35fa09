"""A whole run, from POST to MP4, through the real service: Redis, web, orchestrator and render processes."""

import asyncio
import contextlib
import json
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import av
import httpx
import opentimelineio as otio
import pytest

from trailerflow.terminal.client import Client, Json, Message
from trailerflow.terminal.private_service import PrivateService

pytestmark = pytest.mark.service

ServiceMaker = Callable[..., PrivateService]
PATIENCE_SECONDS = 120.0


@contextlib.asynccontextmanager
async def project_in(service: PrivateService, script: Path) -> AsyncIterator[tuple[Client, int]]:
    async with Client(service.url) as client, asyncio.timeout(PATIENCE_SECONDS):
        yield client, (await client.upload(script))["id"]


async def until_event(client: Client, project_id: int, wanted: Callable[[Json], bool], *, after: int = 0) -> list[Json]:
    """Follow the stream after an id until an event is as wanted; return all events up to it."""
    seen: list[Json] = []
    async with contextlib.aclosing(client.events(project_id, after=after)) as messages:
        async for message in messages:
            if message.event == "event":
                seen.append({"id": message.id, **message.data})
                if wanted(message.data):
                    return seen
    raise AssertionError("the stream ended")


def ended(event: Json) -> bool:
    return event["type"] in ("run.completed", "run.failed", "run.cancelled")


def has_made_an_item(event: Json) -> bool:
    return event["type"] == "step.finished" and event["kind"] in ("image", "clip")


def finished_steps(events: list[Json]) -> Counter[str]:
    return Counter(event["step"] for event in events if event["type"] in ("step.finished", "step.reused"))


async def download(client: Client, project_id: int, name: str, folder: Path) -> Path:
    artifact = next(found for found in await client.artifacts(project_id) if found["name"] == name)
    await client.download(artifact, folder / name)
    return folder / name


def count_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


async def test_a_screenplay_becomes_a_trailer_and_a_second_run_redoes_nothing(
    service: PrivateService, example_script: Path, tmp_path: Path
) -> None:
    async with project_in(service, example_script) as (client, project):
        await client.start(project, seconds=15)
        events = await until_event(client, project, ended)
        assert events[-1]["type"] == "run.completed", events[-1]
        assert [event["id"] for event in events] == list(range(1, len(events) + 1))
        progress = [event["progress"] for event in events]
        assert progress == sorted(progress)
        assert progress[-1] == 100
        assert max(progress[:-1]) < 100
        assert set(finished_steps(events).values()) == {1}

        trailer = await download(client, project, "trailer.mp4", tmp_path)
        assert count_frames(trailer) == 15 * 24
        with av.open(str(trailer)) as container:
            assert {stream.codec_context.name for stream in container.streams} == {"h264", "aac"}
        names = {artifact["name"] for artifact in await client.artifacts(project)}
        assert {"storyboard.pdf", "contact-sheet.jpg", "captions.srt", "trailer.edl", "trailer.xml"} <= names
        assert {"character-sheets.jpg", "setting-sheets.jpg"} <= names
        timeline = await download(client, project, "trailer.otio", tmp_path)
        linked = [str(clip.media_reference.target_url) for clip in otio.adapters.read_from_file(timeline).find_clips()]
        assert {"dialogue.wav", "music.wav", "effects.wav", "card-title.mp4", *linked} <= names
        report = json.loads((await download(client, project, "report.json", tmp_path)).read_bytes())
        assert -15.0 <= report["loudness_lufs"] <= -13.0
        assert report["true_peak_dbtp"] <= -1.0
        status = await client.status(project)
        assert status["status"] == "completed"
        assert status["items"]["images"]["done"] == status["items"]["images"]["total"] > 0

        await client.start(project, seconds=15)
        again = await until_event(client, project, ended, after=events[-1]["id"])
        assert again[-1]["type"] == "run.completed"
        assert not [event for event in again if event["type"] in ("step.started", "step.finished")]


async def test_the_same_script_and_seed_give_the_same_bytes(service: PrivateService, example_script: Path) -> None:
    digests = []
    for _ in range(2):
        async with project_in(service, example_script) as (client, project):
            await client.start(project, seconds=15, seed=7)
            assert (await until_event(client, project, ended))[-1]["type"] == "run.completed"
            digests.append({a["name"]: a["sha256"] for a in await client.artifacts(project)})
    assert digests[0] == digests[1]


async def test_a_pause_in_the_middle_of_the_pictures_pauses_and_a_resume_goes_on(
    service: PrivateService, example_script: Path
) -> None:
    async with project_in(service, example_script) as (client, project):
        await client.start(project, seconds=15)
        await until_event(client, project, lambda e: e["type"] == "step.finished" and e["kind"] == "image")
        assert (await client.act(project, "pause"))["status"] in ("pausing", "paused")
        events = await until_event(client, project, lambda e: e["type"] == "run.paused")
        types = [event["type"] for event in events]
        after_pause = events[types.index("run.pausing") + 1 :]
        assert "step.started" not in [event["type"] for event in after_pause]
        held = await client.status(project)
        assert held["status"] == "paused"
        assert held["items"]["images"]["done"] < held["items"]["images"]["total"]
        # Nothing moves while it is paused: a blocking look at the status times out unchanged.
        async with httpx.AsyncClient(base_url=service.url, timeout=20) as http:
            tag = {"If-None-Match": f'W/"{held["run_id"]}-{held["last_event_id"]}"'}
            answer = await http.get(f"/api/workflow/{project}/status", params={"wait": 2}, headers=tag)
        assert answer.status_code == 304

        await client.act(project, "resume")
        events = await until_event(client, project, ended)
        assert events[-1]["type"] == "run.completed"
        assert set(finished_steps(events).values()) == {1}


async def test_processes_killed_in_the_middle_cost_time_and_nothing_else(
    make_service: ServiceMaker, example_script: Path
) -> None:
    service = make_service()
    async with project_in(service, example_script) as (client, project):
        await client.start(project, seconds=15)
        events: list[Json] = []
        for role in ("worker", "render", "redis", "web"):  # one after the other, each after one more picture or clip
            events += await until_event(client, project, has_made_an_item, after=len(events))
            for pid in service.pids(role):
                os.kill(pid, signal.SIGKILL)
        events += await until_event(client, project, ended, after=len(events))
        assert events[-1]["type"] == "run.completed", events[-1]
        assert set(finished_steps(events).values()) == {1}
        assert Counter(event["type"] for event in events)["run.started"] == 1
        assert [event["id"] for event in events] == list(range(1, len(events) + 1))


async def test_a_stream_cut_again_and_again_and_resumed_by_id_shows_the_exact_log(
    service: PrivateService, example_script: Path
) -> None:
    async with project_in(service, example_script) as (client, project):
        await client.start(project, seconds=15)
        cut: list[Message] = []
        while not cut or not ended(cut[-1].data):
            last = str(cut[-1].id) if cut else "0"
            async with contextlib.aclosing(client.events(project, after=int(last))) as messages:
                durable = [m async for m in _first(messages, 3)]
            cut.extend(durable)
        whole = await until_event(client, project, ended)
        assert [(m.id, m.data["type"]) for m in cut] == [(e["id"], e["type"]) for e in whole]


async def _first(messages: AsyncIterator[Message], count: int) -> AsyncIterator[Message]:
    async for message in messages:
        if message.event != "event":
            continue
        yield message
        count -= 1
        if count == 0 or ended(message.data):
            return


async def test_each_workflow_type_goes_as_far_as_it_says(service: PrivateService, example_script: Path) -> None:
    async with project_in(service, example_script) as (client, project):
        kinds: dict[str, set[str]] = {}
        last = 0
        for workflow_type in ("script_analysis_only", "storyboard_only", "video_only"):
            await client.start(project, workflow_type=workflow_type, seconds=15)
            events = await until_event(client, project, ended, after=last)
            assert events[-1]["type"] == "run.completed", events[-1]
            last = events[-1]["id"]
            kinds[workflow_type] = {event["kind"] for event in events if event["type"] == "step.finished"}
        assert {"plan", "sheets"} <= kinds["script_analysis_only"]
        assert kinds["storyboard_only"] == {"image", "storyboard"}
        assert kinds["video_only"] == {"voices", "score", "foley", "cards", "clip", "trailer"}


async def test_a_review_gate_stops_after_its_phase_and_the_resume_goes_through(
    service: PrivateService, example_script: Path
) -> None:
    async with project_in(service, example_script) as (client, project):
        await client.start(project, workflow_type="storyboard_only", seconds=15, pause_after="script_to_trailer")
        events = await until_event(client, project, lambda e: e["type"] == "run.paused")
        assert {event.get("kind") for event in events} & {"image"} == set()
        await client.act(project, "resume")
        events = await until_event(client, project, ended)
        assert events[-1]["type"] == "run.completed"
        assert Counter(event["type"] for event in events)["run.paused"] == 1
