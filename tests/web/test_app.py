"""The application as a whole: the page, the door, health, metrics, its own description, every error a problem."""

import json
import os
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from trailerflow.engine.database import ThreadDatabase
from trailerflow.engine.leases import Keeper, new_worker_id
from trailerflow.engine.tables import Project
from trailerflow.errors import Misconfigured
from trailerflow.settings import Settings
from trailerflow.web import router
from trailerflow.web.app import create_app
from web.conftest import Starter, WebProcess
from web.hands import Hands
from web.test_projects import problem_of


async def test_the_page_is_served_with_a_policy_that_lets_nothing_foreign_in(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    for address in re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text):
        assert (await http.get(address)).status_code == 200, address


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/nothing", "/static/nothing.js", "/static/../app.py", "/api/projects/"]
)
async def test_an_unknown_address_is_a_problem(http: httpx.AsyncClient, path: str) -> None:
    answer = await http.get(path)
    problem_of(answer, 404, "not_found")
    assert f"GET {answer.request.url.path}" in answer.json()["detail"]


async def test_a_wrong_method_is_a_problem_that_tells_the_right_ones(http: httpx.AsyncClient, project_id: int) -> None:
    answer = await http.put(f"/api/projects/{project_id}")
    problem_of(answer, 405, "method_not_allowed")
    assert set(answer.headers["allow"].split(", ")) == {"DELETE", "GET", "HEAD"}


async def test_what_is_no_http_is_a_problem_and_ends_the_connection(http: httpx.AsyncClient) -> None:
    answer = await http.request("BREW", "/")
    problem_of(answer, 400, "bad_request")
    assert answer.headers["connection"] == "close"


async def test_what_breaks_is_a_problem_without_its_insides(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    async def write(script: Any) -> None:
        async with hands.studio.database.write() as session:
            await session.execute(update(Project).where(col(Project.id) == project_id).values(script=script))

    script = (await hands.studio.projects.get(project_id)).script
    await write([])
    try:
        answer = await http.get(f"/api/projects/{project_id}")
    finally:
        await write(script)
    assert "Traceback" not in json.dumps(problem_of(answer, 500, "internal"))
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)  # fmt: skip
async def test_a_page_of_another_site_may_look_at_nothing_and_change_nothing(
    http: httpx.AsyncClient, project_id: int, headers: dict[str, str]
) -> None:
    problem_of(await http.post(f"/api/workflow/{project_id}/start", headers=headers), 403, "cross_origin")
    answer = await http.get("/api/projects", headers=headers)
    assert "access-control-allow-origin" not in answer.headers
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_the_own_page_may_change_things(http: httpx.AsyncClient, web: WebProcess, project_id: int) -> None:
    answer = await http.post(f"/api/workflow/{project_id}/start", headers={"Origin": web.url})
    assert answer.status_code == 202


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "[::"])
async def test_a_name_that_merely_points_here_is_refused(http: httpx.AsyncClient, host: str) -> None:
    problem_of(await http.get("/api/projects", headers={"Host": host}), 403, "unknown_host")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:1", "[::1]:8000", "a.localhost"])
async def test_names_of_this_machine_are_known(http: httpx.AsyncClient, host: str) -> None:
    assert (await http.get("/api/projects", headers={"Host": host})).status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "example.org", "::"])  # noqa: S104 - it must be refused
def test_a_public_address_is_refused_at_start(settings: Settings, host: str) -> None:
    with pytest.raises(Misconfigured, match="other machines can reach"):
        create_app(settings.model_copy(update={"host": host}))


def test_nothing_connects_and_nothing_is_written_before_the_start(settings: Settings) -> None:
    create_app(settings)
    assert not settings.data.exists()


async def test_it_is_alive_and_ready_and_names_the_workers(http: httpx.AsyncClient, web: WebProcess) -> None:
    assert (await http.get("/healthz")).json() == {"status": "alive"}
    database = ThreadDatabase(web.settings.database)
    keeper = Keeper(database=database, worker_id=new_worker_id(), role="render", lease_seconds=30)
    keeper.start()
    try:
        answer = await http.get("/readyz")
    finally:
        keeper.stop()
        database.close()
    ready = answer.json()
    assert (answer.status_code, ready["status"], ready["schema_at_head"]) == (200, "ready", True)
    assert [worker["id"] for worker in ready["workers"]["render"]] == [keeper.worker_id]
    assert ready["workers"]["orchestrator"] == []


async def test_it_is_not_ready_when_the_schema_is_another(start_web: Starter) -> None:
    with start_web() as web:
        database = ThreadDatabase(web.settings.database)
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'old'")
        database.close()
        async with httpx.AsyncClient(trust_env=False) as http:
            answer = await http.get(f"{web.url}/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not_ready")


async def test_metrics_count_runs_tasks_and_viewers(http: httpx.AsyncClient, project_id: int) -> None:
    await http.post(f"/api/workflow/{project_id}/start")
    answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert re.search(r'^trailerflow_runs\{status="queued"\} [1-9]', answer.text, re.MULTILINE)
    for name in ("tasks_queued", "viewers", "relay_events_total", "bell_heard"):
        assert re.search(rf"^trailerflow_{name} \d", answer.text, re.MULTILINE), name


async def test_the_description_has_every_call_with_its_parameters_bodies_and_problems(http: httpx.AsyncClient) -> None:
    described: dict[str, Any] = (await http.get("/openapi.json")).json()
    assert described["openapi"] == "3.1.0"
    for call in router.CALLS:
        operation = described["paths"][call.path][call.method.lower()]
        assert operation["summary"].endswith(".")
        assert str(call.status) in operation["responses"]
        in_path = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", call.path))
        for status, response in operation["responses"].items():
            if int(status) >= 400 and int(status) not in call.also:
                assert "application/problem+json" in response["content"]
    served = {route.path for route in router.routes()}
    assert served == set(described["paths"])
    assert "multipart/form-data" in described["paths"]["/api/projects"]["post"]["requestBody"]["content"]
    assert "text/event-stream" in described["paths"]["/api/events"]["get"]["responses"]["200"]["content"]


async def test_every_reference_of_the_description_leads_somewhere(http: httpx.AsyncClient) -> None:
    text = (await http.get("/openapi.json")).text
    schemas = json.loads(text)["components"]["schemas"]
    for name in re.findall(r'"#/components/schemas/(\w+)"', text):
        assert name in schemas
    names = [call.name for call in router.CALLS]
    assert len(set(names)) == len(names)


def test_a_misspelt_setting_stops_the_start() -> None:
    environment = {**os.environ, "TRAILERFLOW_PROT": "1"}
    command = [sys.executable, "-c", "from trailerflow.web.app import create_app; create_app()"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "TRAILERFLOW_PROT" in ended.stderr
