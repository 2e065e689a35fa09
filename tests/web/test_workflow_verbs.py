"""Every verb in every state over HTTP: the status code, the answer, or the problem document and nothing changed.

What each verb does to the rows is told in `engine/test_verbs`; here is what a client sees of it.
"""

import asyncio
from typing import Any

import httpx
import pytest

from engine.company import abandon
from engine.test_verbs import HOLDS, STATES, WRITES, bring
from trailerflow.engine.states import ACTIVE, State
from web.hands import Hands
from web.test_projects import problem_of
from web.test_workflow import KEYS, path_of, status_of

BODIES: dict[str, tuple[str, dict[str, Any] | None]] = {
    "start": ("start", {"seconds": 15}),
    "regenerate": ("start", {"workflow_type": "regenerate_scene", "scene": 0}),
    "pause": ("pause", None),
    "resume": ("resume", None),
    "cancel": ("cancel", None),
    "retry": ("retry", None),
    "skip": ("skip", {"step": "image/s0"}),
}
"""Verb → its path and body."""


async def send(http: httpx.AsyncClient, project_id: int, verb: str, **headers: str) -> httpx.Response:
    name, body = BODIES[verb]
    return await http.post(path_of(project_id, name), json=body, headers=headers)


async def upload(http: httpx.AsyncClient) -> int:
    answer = await http.post("/api/projects", files={"script": ("lamp.fountain", "INT. ROOM - DAY\n\nRain.\n")})
    return int(answer.json()["id"])


@pytest.mark.parametrize("state", STATES)
async def test_every_verb_in_every_state_answers_as_the_table_says(
    http: httpx.AsyncClient, hands: Hands, state: State
) -> None:
    quiet = await upload(http)
    await bring(hands.studio, quiet, state)
    for verb in BODIES:
        project_id = quiet
        if (state, verb) in WRITES:
            project_id = await upload(http)
            await bring(hands.studio, project_id, state)
        await check(http, project_id, state, verb)
        if project_id != quiet:
            await retire(hands, project_id)
    await retire(hands, quiet)


async def check(http: httpx.AsyncClient, project_id: int, state: State, verb: str) -> None:
    before = await status_of(http, project_id)
    assert before["status"] == state
    answer = await send(http, project_id, verb)
    after = await status_of(http, project_id)
    if (state, verb) in WRITES or (state, verb) in HOLDS:
        assert answer.status_code == 202, (verb, answer.text)
        assert set(answer.json()) == KEYS
        assert answer.json() == after | {"eta_seconds": answer.json()["eta_seconds"]}
        assert answer.headers["etag"] == f'W/"{after["run_id"]}-{after["last_event_id"]}"'
        assert after["status"] == WRITES.get((state, verb), (state,))[0], verb
        return
    started = verb in ("start", "regenerate")
    problem = problem_of(answer, 409, "run_active" if started else "not_allowed")
    assert problem["state"] == state
    assert problem["remedy"]
    assert problem["run_id"] == before["run_id"] if started else state not in problem["allowed_states"]
    assert after == before | {"eta_seconds": after["eta_seconds"]}, verb


async def retire(hands: Hands, project_id: int) -> None:
    """Leave no run behind that would take a slot or a task of the next test."""
    status = await hands.studio.service.get_status(project_id)
    if status.status in ACTIVE:
        await hands.studio.service.cancel(project_id)
        if status.run_id is not None:
            await abandon(hands.studio, status.run_id)
            await hands.studio.claims.claim(status.run_id, "a worker")


@pytest.mark.parametrize("verb", BODIES)
@pytest.mark.parametrize("project", ["999999", "0", "-1", "x", "1.5", "9" * 40, "%00", "1e3"])
async def test_a_project_that_is_not_there_is_404(http: httpx.AsyncClient, verb: str, project: str) -> None:
    name, body = BODIES[verb]
    problem_of(await http.post(f"/api/workflow/{project}/{name}", json=body), 404, "project_not_found")


@pytest.mark.parametrize("verb", ["start", "pause", "resume", "cancel", "retry", "skip"])
async def test_a_verb_is_posted(http: httpx.AsyncClient, project_id: int, verb: str) -> None:
    problem_of(await http.get(path_of(project_id, verb)), 405, "method_not_allowed")


async def test_a_start_repeated_under_its_key_is_answered_with_the_same_run(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    key = {"Idempotency-Key": f"key {project_id}"}
    first = await http.post(path_of(project_id, "start"), headers=key)
    assert (first.status_code, "idempotent-replayed" in first.headers) == (202, False)
    again = await http.post(path_of(project_id, "start"), json={"seconds": 60, "seed": 0}, headers=key)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (200, "true")
    assert again.json() == first.json(), "a default that is spelt out is the same request"
    other = await http.post(path_of(project_id, "start"), json={"seconds": 61}, headers=key)
    assert problem_of(other, 422, "idempotency_key_reused")["run_id"] == first.json()["run_id"]
    await hands.complete(await hands.claim(first.json()["run_id"]))
    ended = await http.post(path_of(project_id, "start"), headers=key)
    assert (ended.status_code, ended.json()["status"]) == (200, "completed")


@pytest.mark.parametrize("with_key", [True, False])
async def test_fifty_clients_at_the_same_instant_start_one_run(
    http: httpx.AsyncClient, hands: Hands, project_id: int, with_key: bool
) -> None:
    headers = {"Idempotency-Key": f"fifty {project_id}"} if with_key else {}
    answers = await asyncio.gather(*(send(http, project_id, "start", **headers) for _ in range(50)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == ([*[200] * 49, 202] if with_key else [202, *[409] * 49])
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert (await status_of(http, project_id))["last_event_id"] == 1
    await retire(hands, project_id)


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"step": "image/s99"}, (422, "unknown_step")), ({"step": "trailer"}, (422, "not_skippable")),
        ({"step": 7}, (422, "invalid")), ({"step": "x" * 201}, (422, "invalid")), ({"shot": "s0"}, (422, "invalid")),
        ([], (422, "invalid")), ({}, (422, "invalid")), (None, (422, "invalid")),
    ],
)  # fmt: skip
async def test_a_skip_of_what_cannot_be_skipped_is_refused(
    http: httpx.AsyncClient, hands: Hands, project_id: int, body: Any, refusal: tuple[int, str]
) -> None:
    await bring(hands.studio, project_id, "paused")
    before = await status_of(http, project_id)
    problem = problem_of(await http.post(path_of(project_id, "skip"), json=body), *refusal)
    assert problem["detail"]
    assert await status_of(http, project_id) == before
    await retire(hands, project_id)


async def test_a_failed_run_tells_its_failure_and_is_skipped_without_naming_the_step(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    await bring(hands.studio, project_id, "failed")
    status = await status_of(http, project_id)
    assert (status["error_message"], status["failed_at"]) == ("no paint", "trailer_to_storyboard/image/s0")
    skipped = (await http.post(path_of(project_id, "skip"))).json()
    assert (skipped["status"], skipped["items"]["images"]["skipped"]) == ("failed", 1)
    retried = (await http.post(path_of(project_id, "retry"))).json()
    assert (retried["status"], retried["error_message"], retried["failed_at"]) == ("queued", None, None)
    await retire(hands, project_id)
