"""Projects over HTTP: uploads good and bad, the list, the screenplay, the plan, a person's hand, removal."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from film import exports, scripts
from trailerflow.engine.results import digest_of
from trailerflow.engine.step_rows import StepName
from trailerflow.film.screenplay import reading_inputs
from web.conftest import WebProcess
from web.hands import SCRIPT, Hands

MEGABYTE = 1 << 20
BOUNDARY = "xxBOUNDARYxx"


def problem_of(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Check that an answer is a problem document; return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= set(problem)
    assert (problem["status"], problem["code"]) == (status, code)
    return problem


async def upload(
    http: httpx.AsyncClient, content: bytes | str, name: str = "lamp.fountain", **fields: str
) -> httpx.Response:
    return await http.post("/api/projects", files={"script": (name, content)}, data=fields)


def files_of(web: WebProcess) -> set[str]:
    """Return the names of all stored files, half-made ones included."""
    return {path.name for path in web.settings.storage.rglob("*") if path.is_file()}


async def test_an_uploaded_screenplay_becomes_a_project(http: httpx.AsyncClient) -> None:
    answer = await upload(http, SCRIPT)
    project = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/api/projects/{project['id']}"
    assert (project["title"], project["format"], project["scenes"]) == ("The Lamp", "fountain", 2)
    assert project["warnings"] == []
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", project["created_at"])
    assert (await http.get(answer.headers["location"])).json() == project
    assert answer.headers["cache-control"] == "no-store"


async def test_a_title_that_is_given_wins_and_a_path_in_the_file_name_is_cut_off(http: httpx.AsyncClient) -> None:
    project = (await upload(http, SCRIPT, "../../etc/C:\\tmp\\my lamp.fountain", title="  Another\x07 title ")).json()
    assert project["title"] == "Another title"
    assert project["filename"] == "my lamp.fountain"


async def test_a_script_without_a_heading_is_readable_with_a_warning(http: httpx.AsyncClient) -> None:
    project = (await upload(http, "Anna lights the lamp.\n\nANNA\nWho is there?\n")).json()
    assert project["scenes"] >= 1
    assert project["warnings"]


async def test_a_final_draft_document_and_a_pdf_become_projects_with_a_report(http: httpx.AsyncClient) -> None:
    original = scripts.example("two-chairs")
    for content, kind in ((exports.final_draft(original), "fdx"), (exports.pdf(original), "pdf")):
        project = (await upload(http, content, "named.fountain")).json()
        assert (project["format"], project["scenes"]) == (kind, len(original.scenes))
        read = (await http.get(f"/api/projects/{project['id']}/screenplay")).json()
        assert {"heading", "action", "character", "dialogue"} <= {lines["type"] for lines in read["read_as"]}
        assert read["read_as"][-1]["last_line"] == read["lines"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"Title: x\n", "empty"),
        (bytes(range(32)) * 50, "not_text"),
        (b"%PDF-1.4 x", "damaged"),
        (b"PK\x03\x04 x", "unsupported_format"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><FinalDraft>&b;</FinalDraft>', "hostile_xml"),
    ],
)
async def test_what_is_no_screenplay_is_refused_and_leaves_nothing_behind(
    http: httpx.AsyncClient, web: WebProcess, content: bytes, code: str
) -> None:
    before, files = (await http.get("/api/projects")).json(), files_of(web)
    problem = problem_of(await upload(http, content), 422, code)
    assert problem["remedy"]
    assert (await http.get("/api/projects")).json() == before
    assert files_of(web) == files


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"json": {"script": SCRIPT}},
        {"data": {"script": SCRIPT}},
        {"files": {"another": ("lamp.fountain", SCRIPT)}},
        {"files": [("script", ("a", SCRIPT)), ("script", ("b", SCRIPT))]},
        {"content": b"nonsense", "headers": {"content-type": "multipart/form-data; boundary=x"}},
        {"content": b"nonsense", "headers": {"content-type": "multipart/form-data"}},
    ],
)
async def test_a_request_without_one_file_is_refused(http: httpx.AsyncClient, sent: dict[str, Any]) -> None:
    assert problem_of(await http.post("/api/projects", **sent), 422, "invalid")["field"] == "script"


async def test_ten_megabytes_are_read_and_a_byte_more_is_refused(http: httpx.AsyncClient, web: WebProcess) -> None:
    line = b"Anna lights the lamp once more, and waits. " * 20 + b"\n\n"
    most = (SCRIPT.encode() + line * (10_000_000 // len(line) + 1))[:10_000_000]
    files = files_of(web)
    problem_of(await upload(http, most + b"x"), 413, "too_large")
    assert files_of(web) == files
    assert (await upload(http, most)).status_code == 201


async def test_a_large_upload_with_an_honest_length_is_refused_and_the_client_sees_the_answer(
    http: httpx.AsyncClient,
) -> None:
    problem = problem_of(await upload(http, b"x" * 24 * MEGABYTE), 413, "too_large")
    assert problem["remedy"]


async def test_an_upload_is_refused_while_it_is_still_being_sent(http: httpx.AsyncClient) -> None:
    sent = 0

    async def growing() -> AsyncIterator[bytes]:
        nonlocal sent
        yield f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="script"; filename="a"\r\n\r\n'.encode()
        while sent < 24 * MEGABYTE:
            sent += MEGABYTE
            yield b"x" * MEGABYTE

    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
    answer = await http.post("/api/projects", content=growing(), headers=headers)
    problem_of(answer, 413, "too_large")
    assert answer.headers["connection"] == "close"


async def test_who_never_stops_sending_is_cut_off(web: WebProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(web.url.rpartition(":")[2]))
    head = (
        f"POST /api/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
    )
    writer.write(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())

    async def send_for_ever() -> None:
        while True:
            writer.write(b"%x\r\n" % MEGABYTE + b"x" * MEGABYTE + b"\r\n")
            await writer.drain()

    with pytest.raises(ConnectionError):
        await asyncio.wait_for(send_for_ever(), 15)
    writer.close()
    del reader


async def test_the_answer_to_too_much_comes_before_the_upload_ends(web: WebProcess) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(web.url.rpartition(":")[2]))
    head = (
        f"POST /api/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
    )
    writer.write(f"{head}Content-Length: {24 * MEGABYTE}\r\n\r\n".encode())
    await writer.drain()
    assert (await asyncio.wait_for(reader.readline(), 2)).startswith(b"HTTP/1.1 413")
    rest = await asyncio.wait_for(reader.read(), 5)
    assert b"too_large" in rest
    writer.close()


async def test_projects_are_listed_newest_first_page_by_page(http: httpx.AsyncClient) -> None:
    made = [(await upload(http, SCRIPT)).json()["id"] for _ in range(3)]
    first = (await http.get("/api/projects", params={"limit": 2})).json()
    assert [project["id"] for project in first["projects"]] == made[:0:-1]
    assert first["next"] == made[1]
    second = (await http.get("/api/projects", params={"limit": 2, "before": first["next"]})).json()
    assert second["projects"][0]["id"] == made[0]
    last = (await http.get("/api/projects", params={"limit": 200})).json()
    assert last["next"] is None


async def test_the_list_tells_how_each_film_stands_and_which_picture_stands_for_it(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    async def listed() -> tuple[Any, ...]:
        first = (await http.get("/api/projects", params={"limit": 1})).json()["projects"][0]
        assert first == (await http.get(f"/api/projects/{project_id}")).json()
        return first["status"], first["progress"], first["poster"]

    assert await listed() == ("idle", 0, None)
    claim = await hands.run(project_id)
    assert await listed() == ("running", 0, None)
    await hands.draw(claim, "s000-1", b"of a plan before")
    assert (await http.get((await listed())[2])).content == b"of a plan before"
    for shot in ("s001-1", "s001-2"):
        await hands.draw(claim, shot, shot.encode())
    shots = [{"shot": name, "scene": 1, "appeal": appeal} for name, appeal in (("s001-1", 1.2), ("s001-2", 3.4))]
    bands = {"images": (0, 100, 3)}
    await hands.studio.claims.finish_phase(claim, "trailer_to_storyboard", bands, [*shots, {"shot": "x", "scene": 1}])
    status, _, poster = await listed()
    assert status == "running"
    assert (await http.get(poster)).content == b"s001-2"
    await hands.complete(claim)
    assert (await listed())[:2] == ("completed", 100)


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "before=x", "before=0", "limit=99999999999999999999"])
async def test_a_page_that_cannot_be_is_refused(http: httpx.AsyncClient, query: str) -> None:
    problem_of(await http.get(f"/api/projects?{query}"), 422, "invalid")


@pytest.mark.parametrize("name", ["987654", "0", "-1", "abc", "99999999999999999999", "1e3", "%31%00"])
async def test_an_unknown_project_is_not_found_in_every_call(http: httpx.AsyncClient, name: str) -> None:
    for method, path in [
        ("GET", ""), ("DELETE", ""), ("GET", "/screenplay"), ("GET", "/plan"), ("PATCH", "/plan"),
        ("GET", "/plan/why/0"), ("GET", "/artifacts"), ("PATCH", "/cast/ANNA"), ("PATCH", "/settings/KITCHEN"),
        ("GET", "/artifacts/trailer.mp4"),
    ]:  # fmt: skip
        problem_of(await http.request(method, f"/api/projects/{name}{path}"), 404, "project_not_found")
    for method, verb in [
        ("POST", "start"),
        ("GET", "status"),
        ("POST", "pause"),
        ("POST", "resume"),
        ("GET", "events"),
    ]:
        problem_of(await http.request(method, f"/api/workflow/{name}/{verb}"), 404, "project_not_found")


async def test_the_screenplay_tells_what_every_line_was_read_as(http: httpx.AsyncClient, project_id: int) -> None:
    read = (await http.get(f"/api/projects/{project_id}/screenplay")).json()
    assert (read["format"], read["encoding"], read["title_page"]) == ("fountain", "utf-8", {"Title": "The Lamp"})
    assert [scene["heading"] for scene in read["scenes"]] == ["INT. KITCHEN - NIGHT", "EXT. STREET - DAY"]
    assert [one["name"] for one in read["characters"]] == ["ANNA", "BEN"]
    kinds = {
        line: part["type"] for part in read["read_as"] for line in range(part["first_line"], part["last_line"] + 1)
    }
    assert sorted(kinds) == list(range(1, len(SCRIPT.splitlines()) + 1))
    assert [kinds[line] for line in (1, 2, 3, 5, 7, 8, 10)] == [
        "title_page", "blank", "heading", "action", "character", "dialogue", "heading",
    ]  # fmt: skip


async def test_what_was_understood_is_told_once_a_run_has(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    path = f"/api/projects/{project_id}/screenplay"
    assert (await http.get(path)).json()["turning_points"] == []
    claim = await hands.run(project_id)
    await hands.understand(claim)
    read = (await http.get(path)).json()
    assert [point["name"] for point in read["turning_points"]][::4] == ["opportunity", "climax"]
    assert all(point["scenes"] and 0 < point["confidence"] <= 1 for point in read["turning_points"])
    anna = next(one for one in read["characters"] if one["name"] == "ANNA")
    assert anna.keys() >= {"role", "look", "aliases", "age", "gender", "looks", "clothing", "relations"}


async def test_an_analysis_that_knew_no_turning_points_yet_is_shown_without(
    http: httpx.AsyncClient, hands: Hands, project_id: int
) -> None:
    claim = await hands.run(project_id)
    step = StepName(name="analysis", kind="analysis", phase="script_to_trailer", band="analysis")
    await hands.studio.results.record(claim.fence, step, digest_of("long ago"), value={"scenes": []}, files=[])
    answer = await http.get(f"/api/projects/{project_id}/screenplay")
    assert (answer.status_code, answer.json()["turning_points"]) == (200, [])


async def test_a_screenplay_whose_file_is_gone_says_what_to_do(http: httpx.AsyncClient, web: WebProcess) -> None:
    before = files_of(web)
    made = (await upload(http, SCRIPT + "\nIt will be gone.\n")).json()
    (name,) = files_of(web) - before
    (web.settings.storage / name[:2] / name).unlink()
    problem = problem_of(await http.get(f"/api/projects/{made['id']}/screenplay"), 500, "files_lost")
    assert "upload again" in problem["remedy"]


async def test_what_was_left_out_is_told(http: httpx.AsyncClient) -> None:
    made = (await upload(http, SCRIPT + "\n/* gone\nfor good */\n\nBen stops.\n")).json()
    read = (await http.get(f"/api/projects/{made['id']}/screenplay")).json()
    assert "left_out" in {part["type"] for part in read["read_as"]}
    assert any(notice["code"] == "boneyard" for notice in read["warnings"])


async def test_a_project_is_removed_with_its_files_unless_a_run_is_active(
    http: httpx.AsyncClient, hands: Hands, web: WebProcess
) -> None:
    files = files_of(web)
    project_id = (await upload(http, SCRIPT + "\nA line of its own.\n")).json()["id"]
    claim = await hands.run(project_id)
    await hands.draw(claim, "s000-1", b"a picture of its own")
    problem = problem_of(await http.delete(f"/api/projects/{project_id}"), 409, "run_active")
    assert problem["run_id"] == claim.fence.run_id
    await hands.complete(claim)
    answer = await http.delete(f"/api/projects/{project_id}")
    assert (answer.status_code, answer.content) == (204, b"")
    problem_of(await http.get(f"/api/projects/{project_id}"), 404, "project_not_found")
    assert files_of(web) == files


async def test_the_first_step_of_a_run_finds_what_the_upload_has_read(hands: Hands, project_id: int) -> None:
    project = await hands.studio.projects.get(project_id)
    inputs = reading_inputs(project.script["sha256"], project.script["name"])
    digest = digest_of({"version": hands.studio.writer.version, "inputs": inputs})
    found = await hands.studio.results.find(project_id, "screenplay", digest)
    assert found is not None
    assert found.value["title_page"] == {"Title": "The Lamp"}
