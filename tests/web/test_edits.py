"""The plan over HTTP, and a person's hand on plan, cast and settings."""

import asyncio
from typing import Any

import httpx
import pytest

from trailerflow.engine.claims import Claim
from trailerflow.engine.results import digest_of
from trailerflow.engine.step_rows import StepName
from trailerflow.film.crew import Brief
from trailerflow.film.plan import Edits, Plan
from trailerflow.film.screenplay import Screenplay
from web.hands import Hands
from web.test_projects import problem_of


async def planned(hands: Hands, claim: Claim, edits: Edits | None = None) -> Plan:
    """Draft and record a plan as the first phase does."""
    writer = hands.studio.writer
    found = await hands.studio.results.find_latest(claim.project_id, "screenplay")
    assert found is not None
    screenplay = Screenplay.model_validate(found.value)
    analysis = writer.analyse(screenplay)
    brief = Brief(
        screenplay=screenplay,
        analysis=analysis,
        cast=writer.cast(screenplay, analysis, {}),
        settings=writer.scout(analysis, {}),
        title=claim.title,
        seconds=15,
        aspect="16:9",
        seed=0,
        edits=edits or Edits(),
    )
    plan = await asyncio.to_thread(writer.draft, brief)
    step = StepName(name="plan", kind="plan", phase="script_to_trailer", band="scenes")
    value = plan.model_dump(mode="json")
    await hands.studio.results.record(claim.fence, step, digest_of(value), value=value, files=[])
    return plan


async def test_the_plan_tells_shots_with_their_lengths_and_takes(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    claim = await hands.run(project_id)
    plan = await planned(hands, claim)
    shot = plan.shots[0]
    await hands.draw(claim, shot.id, b"one", digest="1")
    await hands.draw(claim, shot.id, b"two", digest="2")
    shown = (await http.get(f"/api/projects/{project_id}/plan")).json()
    assert (shown["project_id"], shown["seconds"], shown["frames"], shown["fps"]) == (project_id, 15, 360, 24)
    assert shown["choices"][0]["reason"]
    assert shown["takes"][shot.id]["chosen"] == 2
    assert shown["takes"][shot.id]["count"] == 2
    assert (await http.get(shown["takes"][shot.id]["url"])).content == b"two"
    assert {one["id"]: one["frames"] for one in shown["shots"]} == {
        cut.id: cut.frames for cut in plan.cuts if cut.kind == "shot"
    }
    assert all(one["seconds"] == one["frames"] / 24 for one in shown["shots"])
    others = {one.id for one in plan.shots[1:]}
    assert all(shown["takes"][name] == {"chosen": None, "count": 0, "url": None} for name in others)


async def test_there_is_no_plan_before_the_first_run(http: httpx.AsyncClient, project_id: int) -> None:
    problem_of(await http.get(f"/api/projects/{project_id}/plan"), 404, "no_plan")


async def test_a_hand_on_the_plan_is_kept(http: httpx.AsyncClient, hands: Hands, project_id: int) -> None:
    path = f"/api/projects/{project_id}/plan"
    hand = {"lock": [1], "ban": [], "order": [], "spoilers": False, "takes": {}}
    assert (await http.patch(path, json={"lock": [1]})).json() == hand
    assert (await http.patch(path, json={"ban": [0], "order": [1]})).json()["lock"] == [1]
    assert (await http.patch(path, json={"spoilers": True})).json() == hand | {
        "ban": [0], "order": [1], "spoilers": True
    }  # fmt: skip
    project = await hands.studio.projects.get(project_id)
    assert project.edits["plan"] == {"lock": [1], "ban": [0], "order": [1], "spoilers": True}
    assert (await http.get(f"/api/projects/{project_id}")).json()["edits"]["spoilers"] is True
    assert (await http.patch(path, json={"spoilers": False})).json()["spoilers"] is False


async def test_a_scene_left_out_and_its_lines_say_why_not(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    path = f"/api/projects/{project_id}/plan"
    problem_of(await http.get(f"{path}/why/1"), 404, "no_plan")
    claim = await hands.run(project_id)
    await planned(hands, claim, Edits(ban=(1,)))
    shown = (await http.get(path)).json()
    doubt = {"scene": 1, "heading": "EXT. STREET - DAY", "reason": "left out by you", "instead": None}
    assert shown["left_out"] == [doubt]
    assert (shown["obeyed"]["ban"], shown["obeyed"]["spoilers"]) == ([1], False)
    lines = [{"text": "Nobody.", "line": 15, "reason": "its scene is not shown"}]
    assert (await http.get(f"{path}/why/1")).json() == doubt | {"chosen": False, "lines": lines}
    chosen = (await http.get(f"{path}/why/0")).json()
    assert (chosen["chosen"], chosen["lines"]) == (True, [])
    assert shown["choices"][0]["reason"] in chosen["reason"]
    for unknown in ("2", "-1", "x", "٣", "9" * 30):
        problem_of(await http.get(f"{path}/why/{unknown}"), 404, "scene_not_found")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lock": [2]}, "lock"), ({"ban": [-1]}, "ban.0"), ({"order": [0, 0]}, ""), ({"lock": ["1"]}, "lock.0"),
        ({"lock": [0], "ban": [0]}, "lock"), ({"locked": [0]}, "locked"), ({"takes": {"s000-1": 0}}, "takes.s000-1"),
        ({"lock": 1}, "lock"), ([], ""), ({"spoilers": "yes"}, "spoilers"),
    ],
)  # fmt: skip
async def test_a_hand_on_the_plan_that_cannot_be_is_refused(
    http: httpx.AsyncClient, project_id: int, change: Any, field: str
) -> None:
    problem = problem_of(await http.patch(f"/api/projects/{project_id}/plan", json=change), 422, "invalid")
    assert problem["field"] == field


async def test_a_take_is_chosen_among_those_there_are(http: httpx.AsyncClient, hands: Hands, project_id: int) -> None:
    claim = await hands.run(project_id)
    await hands.draw(claim, "s000-1")
    path = f"/api/projects/{project_id}/plan"
    problem_of(await http.patch(path, json={"takes": {"s000-1": 2}}), 422, "invalid")
    assert (await http.patch(path, json={"takes": {"s000-1": 1}})).json()["takes"] == {"s000-1": 1}
    assert (await hands.studio.projects.get(project_id)).edits["takes"] == {"s000-1": 1}


@pytest.mark.parametrize(
    ("look", "change"),
    [("cast/anna", {"hair": "long", "height": 1.2}), ("settings/kitchen", {"kind": "cave"})],
)
async def test_a_look_is_changed_and_taken_back(
    http: httpx.AsyncClient, hands: Hands, project_id: int, look: str, change: Any
) -> None:
    part, _, name = look.partition("/")
    path = f"/api/projects/{project_id}/{look}"
    answer = await http.patch(path, json=change)
    assert answer.status_code == 200, answer.text
    assert answer.json()["look"].items() >= change.items()
    assert (await hands.studio.projects.get(project_id)).edits[part] == {name.upper(): change}
    back = await http.patch(path, json=dict.fromkeys(change))
    assert back.json()["changed"] == []
    assert (await hands.studio.projects.get(project_id)).edits[part] == {name.upper(): {}}


@pytest.mark.parametrize(
    ("change", "field"), [({"hair": "green"}, "hair"), ({"shoes": "red"}, "shoes"), ({"colour": "red"}, "colour")]
)
async def test_a_look_that_cannot_be_is_refused(
    http: httpx.AsyncClient, project_id: int, change: Any, field: str
) -> None:
    problem = problem_of(await http.patch(f"/api/projects/{project_id}/cast/ANNA", json=change), 422, "invalid")
    assert problem["field"] == field


async def test_an_unknown_character_or_place_is_not_found(http: httpx.AsyncClient, project_id: int) -> None:
    path = f"/api/projects/{project_id}"
    problem_of(await http.patch(f"{path}/cast/CARL", json={"hair": "long"}), 404, "character_not_found")
    problem_of(await http.patch(f"{path}/settings/MOON", json={"kind": "cave"}), 404, "setting_not_found")
