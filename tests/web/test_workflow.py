"""The run over HTTP: what a start may wish, the status with its tag, the long poll."""

import asyncio
import time
from typing import Any

import httpx
import pytest

from web.hands import Hands
from web.test_projects import problem_of

KEYS = {
    "project_id", "run_id", "workflow_type", "status", "phase", "step", "progress", "items", "error_message",
    "failed_at", "retry_count", "queue_position", "eta_seconds", "cost", "last_event_id", "created_at",
    "started_at", "finished_at",
}  # fmt: skip


def path_of(project_id: int, verb: str) -> str:
    return f"/api/workflow/{project_id}/{verb}"


async def status_of(http: httpx.AsyncClient, project_id: int) -> dict[str, Any]:
    status: dict[str, Any] = (await http.get(path_of(project_id, "status"))).json()
    return status


async def test_an_idle_project_has_a_whole_status(http: httpx.AsyncClient, project_id: int) -> None:
    status = await status_of(http, project_id)
    assert set(status) == KEYS
    assert (status["status"], status["run_id"], status["progress"]) == ("idle", None, 0)
    assert status["items"]["images"] == {"done": 0, "total": None, "failed": 0, "skipped": 0}


@pytest.mark.parametrize("body", [None, b"", b"  ", b"{}"])
async def test_a_start_without_wishes_uses_the_defaults(
    http: httpx.AsyncClient, hands: Hands, project_id: int, body: bytes | None
) -> None:
    answer = await http.post(path_of(project_id, "start"), content=body)
    status = answer.json()
    assert answer.status_code == 202
    assert set(status) == KEYS
    assert (status["status"], status["workflow_type"], status["last_event_id"]) == ("queued", "full_pipeline", 1)
    assert answer.headers["etag"] == f'W/"{status["run_id"]}-1"'
    assert status["created_at"].endswith("Z")
    claim = await hands.claim(status["run_id"])
    assert claim.options == {
        "seconds": 60, "aspect": "16:9", "seed": 0, "on_error": "fail_fast", "pause_after": None, "priority": "normal",
    }  # fmt: skip
    await hands.complete(claim)


async def test_wishes_are_kept(http: httpx.AsyncClient, hands: Hands, project_id: int) -> None:
    wishes = {"seconds": 15, "aspect": "9:16", "seed": 7, "pause_after": "script_to_trailer", "priority": "high"}
    body = {**wishes, "workflow_type": "storyboard_only", "on_error": "fail_fast"}
    status = (await http.post(path_of(project_id, "start"), json=body)).json()
    assert status["workflow_type"] == "storyboard_only"
    claim = await hands.claim(status["run_id"])
    assert claim.options == {**wishes, "on_error": "fail_fast"}
    await hands.complete(claim)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seconds": 14}, "seconds"), ({"seconds": 151}, "seconds"), ({"seconds": 60.5}, "seconds"),
        ({"seconds": "60"}, "seconds"), ({"seconds": True}, "seconds"), ({"seconds": None}, "seconds"),
        ({"aspect": "4:3"}, "aspect"), ({"seed": -1}, "seed"), ({"seed": 2**31}, "seed"),
        ({"on_error": "x"}, "on_error"), ({"pause_after": "storyboard_to_movie"}, "pause_after"),
        ({"priority": "urgent"}, "priority"),
        ({"workflow_type": "make_coffee"}, "workflow_type"), ({"second": 60}, "second"), ([], ""), ("x", ""),
        ({"workflow_type": "regenerate_scene"}, ""), ({"scene": 0}, ""),
        ({"workflow_type": "regenerate_scene", "scene": -1}, "scene"),
        ({"workflow_type": "regenerate_scene", "scene": 10**9}, "scene"),
        ({"workflow_type": "regenerate_scene", "scene": "0"}, "scene"),
    ],
)  # fmt: skip
async def test_a_wish_that_cannot_be_is_refused_and_starts_nothing(
    http: httpx.AsyncClient, project_id: int, body: Any, field: str
) -> None:
    problem = problem_of(await http.post(path_of(project_id, "start"), json=body), 422, "invalid")
    assert problem["field"] == field
    assert problem["remedy"]
    assert (await status_of(http, project_id))["status"] == "idle"


@pytest.mark.parametrize("body", [b"{", b"seconds=60", b"\xff\xfe", b"[" * 100_000, b'{"seconds": 1e999}'])
async def test_a_body_that_is_no_json_is_refused(http: httpx.AsyncClient, project_id: int, body: bytes) -> None:
    problem_of(await http.post(path_of(project_id, "start"), content=body), 422, "invalid")


async def test_a_body_that_is_too_large_is_refused(http: httpx.AsyncClient, project_id: int) -> None:
    body = b'{"seconds": 60' + b" " * (1 << 20) + b"}"
    problem = problem_of(await http.post(path_of(project_id, "start"), content=body), 413, "too_large")
    assert "fields" in problem["remedy"]


async def test_a_second_start_is_refused_and_names_the_active_run(http: httpx.AsyncClient, project_id: int) -> None:
    run_id = (await http.post(path_of(project_id, "start"))).json()["run_id"]
    problem = problem_of(await http.post(path_of(project_id, "start")), 409, "run_active")
    assert (problem["run_id"], problem["state"]) == (run_id, "queued")
    assert problem["remedy"]


async def test_video_only_without_a_plan_is_refused(http: httpx.AsyncClient, project_id: int) -> None:
    answer = await http.post(path_of(project_id, "start"), json={"workflow_type": "video_only"})
    problem_of(answer, 409, "no_plan")


async def test_an_unchanged_status_is_not_sent_again(http: httpx.AsyncClient, project_id: int) -> None:
    first = await http.get(path_of(project_id, "status"))
    etag = first.headers["etag"]
    for known in (etag, etag.removeprefix("W/"), f'"x", {etag}', "*"):
        again = await http.get(path_of(project_id, "status"), headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = await http.get(path_of(project_id, "status"), headers={"If-None-Match": 'W/"0-1"'})
    assert other.status_code == 200


@pytest.mark.parametrize("with_tag", [True, False])
async def test_a_waiting_status_comes_as_soon_as_it_changes(
    http: httpx.AsyncClient, hands: Hands, project_id: int, with_tag: bool
) -> None:
    first = await http.get(path_of(project_id, "status"))
    headers = {"If-None-Match": first.headers["etag"]} if with_tag else {}
    waiting = asyncio.create_task(http.get(path_of(project_id, "status"), params={"wait": 15}, headers=headers))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    began = time.monotonic()
    await hands.start(project_id)
    answer = await waiting
    assert time.monotonic() - began < 1
    assert (answer.status_code, answer.json()["status"]) == (200, "queued")


async def test_a_waiting_status_that_is_known_to_be_old_comes_at_once(http: httpx.AsyncClient, project_id: int) -> None:
    headers = {"If-None-Match": 'W/"99-99"'}
    async with asyncio.timeout(2):
        answer = await http.get(path_of(project_id, "status"), params={"wait": 30}, headers=headers)
    assert answer.status_code == 200


async def test_the_wait_ends_with_304_for_who_knew_and_200_for_who_did_not(
    http: httpx.AsyncClient, project_id: int
) -> None:
    etag = (await http.get(path_of(project_id, "status"))).headers["etag"]
    known = await http.get(path_of(project_id, "status"), params={"wait": 0.7}, headers={"If-None-Match": etag})
    assert known.status_code == 304
    unknown = await http.get(path_of(project_id, "status"), params={"wait": 0.7})
    assert unknown.status_code == 200


@pytest.mark.parametrize("wait", ["-1", "61", "x", "nan", "inf"])
async def test_a_wait_that_cannot_be_is_refused(http: httpx.AsyncClient, project_id: int, wait: str) -> None:
    answer = await http.get(path_of(project_id, "status"), params={"wait": wait})
    assert problem_of(answer, 422, "invalid")["field"] == "wait"
