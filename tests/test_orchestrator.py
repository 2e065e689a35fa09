from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from test_pipeline import ended, project_in, until_event
from trailerflow.terminal.client import Client, Json
from trailerflow.terminal.private_service import PrivateService


def shots_of(events: list[Json], event_type: str, kind: str) -> set[str]:
    return {event["shot"] for event in events if event["type"] == event_type and event.get("kind") == kind}


async def run_to_the_end(client: Client, project: int, after: int, **wishes: Any) -> list[Json]:
    """Start a run and return all its events."""
    await client.start(project, **wishes)
    events = await until_event(client, project, ended, after=after)
    assert events[-1]["type"] == "run.completed", events[-1]
    return events


async def plan_of(service: PrivateService, project: int) -> Json:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        plan: Json = (await http.get(f"/api/projects/{project}/plan")).json()
    return plan


@pytest.mark.service
async def test_a_scene_is_made_anew_alone_and_its_first_take_can_be_chosen_again(
    service: PrivateService, example_script: Path
) -> None:
    async with project_in(service, example_script) as (client, project):
        for scene, status, code in ((0, 409, "no_plan"), (-1, 422, "invalid")):
            await check_refused(service, project, status, code, scene)
        first = await run_to_the_end(client, project, 0, seconds=15)
        trailer, board = [await sha256_of(client, project, name) for name in ("trailer.mp4", "storyboard.pdf")]
        plan = await plan_of(service, project)
        scene = plan["shots"][-1]["scene"]
        of_scene = {shot["id"] for shot in plan["shots"] if shot["scene"] == scene}
        await check_refused(service, project, 422, "scene_not_in_plan", 999)

        again = await run_to_the_end(client, project, first[-1]["id"], workflow_type="regenerate_scene", scene=scene)
        made = {event["step"] for event in again if event["type"] == "step.finished"}
        assert made == {f"{kind}/{shot}" for kind in ("image", "clip") for shot in of_scene} | {
            "storyboard",
            "trailer",
        }
        assert {event["take"] for event in again if event["type"] == "step.finished" and "take" in event} == {2}
        takes = (await plan_of(service, project))["takes"]
        assert {takes[shot]["chosen"] for shot in of_scene} == {2}
        assert await sha256_of(client, project, "trailer.mp4") != trailer
        assert await sha256_of(client, project, "storyboard.pdf") != board

        async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
            hand = {"takes": dict.fromkeys(of_scene, 1)}
            assert (await http.patch(f"/api/projects/{project}/plan", json=hand)).status_code == 200
        back = await run_to_the_end(client, project, again[-1]["id"], seconds=15)
        assert not [event for event in back if event["type"] in ("step.started", "step.finished")]
        assert await sha256_of(client, project, "trailer.mp4") == trailer
        assert await sha256_of(client, project, "storyboard.pdf") == board

        once_more = await run_to_the_end(client, project, back[-1]["id"], seconds=15)
        assert not [event for event in once_more if event["type"] in ("step.started", "step.finished")]
        took = datetime.fromisoformat(once_more[-1]["at"]) - datetime.fromisoformat(once_more[1]["at"])
        assert took.total_seconds() < 5, "a fifth of that on a machine with nothing else to do"


@pytest.mark.service
async def test_a_scene_made_anew_before_there_is_a_trailer_stays_a_storyboard(
    service: PrivateService, example_script: Path
) -> None:
    async with project_in(service, example_script) as (client, project):
        first = await run_to_the_end(client, project, 0, workflow_type="storyboard_only", seconds=15)
        scene = (await plan_of(service, project))["shots"][0]["scene"]
        wishes = {"workflow_type": "regenerate_scene", "scene": scene}
        again = await run_to_the_end(client, project, first[-1]["id"], **wishes)
        assert shots_of(again, "step.finished", "image")
        assert not shots_of(again, "step.finished", "clip")
        assert (await client.status(project))["progress"] == 100


async def check_refused(service: PrivateService, project: int, status: int, code: str, scene: int) -> None:
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as http:
        wishes = {"workflow_type": "regenerate_scene", "scene": scene}
        answer = await http.post(f"/api/workflow/{project}/start", json=wishes)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def sha256_of(client: Client, project: int, name: str) -> str:
    return next(str(found["sha256"]) for found in await client.artifacts(project) if found["name"] == name)
