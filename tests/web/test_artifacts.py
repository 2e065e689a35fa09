"""Files over HTTP: listed, sent whole or in ranges, with entity tags."""

import hashlib
from collections.abc import AsyncIterator

import httpx
import pytest

from web.conftest import WebProcess
from web.hands import Hands
from web.test_projects import problem_of

FILM = bytes(range(256)) * 40
TAG = f'"{hashlib.sha256(FILM).hexdigest()}"'


@pytest.fixture
async def film(hands: Hands, project_id: int) -> AsyncIterator[str]:
    """Give the address of a film that a run has made."""
    claim = await hands.run(project_id)
    await hands.deliver(claim, "trailer.mp4", FILM, "video/mp4")
    await hands.draw(claim, "s000-1")
    yield f"/api/projects/{project_id}/artifacts/trailer.mp4"
    await hands.complete(claim)


async def test_files_are_listed_by_their_flat_names(http: httpx.AsyncClient, film: str, project_id: int) -> None:
    listed = (await http.get(f"/api/projects/{project_id}/artifacts")).json()["artifacts"]
    assert [one["name"] for one in listed] == ["image-s000-1-t1.png", "trailer.mp4"]
    assert listed[1] == {
        "name": "trailer.mp4", "url": film, "media_type": "video/mp4", "bytes": len(FILM), "sha256": TAG.strip('"'),
    }  # fmt: skip
    assert (await http.get(listed[0]["url"])).content == b"a picture"


async def test_a_project_without_files_has_an_empty_list(http: httpx.AsyncClient, project_id: int) -> None:
    assert (await http.get(f"/api/projects/{project_id}/artifacts")).json() == {"artifacts": []}


async def test_a_file_comes_whole_with_its_tag_and_name(http: httpx.AsyncClient, film: str) -> None:
    answer = await http.get(film)
    assert (answer.status_code, answer.content) == (200, FILM)
    assert answer.headers["etag"] == TAG
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-disposition"] == 'inline; filename="trailer.mp4"'
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["x-content-type-options"] == "nosniff"
    saved = await http.get(film, params={"download": 1})
    assert saved.headers["content-disposition"] == 'attachment; filename="trailer.mp4"'


async def test_head_tells_the_length_without_the_file(http: httpx.AsyncClient, film: str) -> None:
    answer = await http.head(film)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(FILM))


async def test_a_known_file_is_not_sent_again(http: httpx.AsyncClient, film: str) -> None:
    for known in (TAG, f"W/{TAG}", f'"x", {TAG}', "*"):
        answer = await http.get(film, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content) == (304, b"")
    assert (await http.get(film, headers={"If-None-Match": '"x"'})).status_code == 200


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [("0-0", 0, 0), ("10-19", 10, 19), ("10000-", 10_000, 10_239), ("-5", 10_235, 10_239), ("10-99999", 10, 10_239),
     ("-99999", 0, 10_239), ("99999-,3-4", 3, 4)],
)  # fmt: skip
async def test_a_range_is_sent(http: httpx.AsyncClient, film: str, asked: str, first: int, last: int) -> None:
    answer = await http.get(film, headers={"Range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (206, FILM[first : last + 1])
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(FILM)}"
    assert answer.headers["etag"] == TAG


async def test_several_ranges_are_sent_in_parts(http: httpx.AsyncClient, film: str) -> None:
    answer = await http.get(film, headers={"Range": "bytes=0-3,100-103"})
    assert answer.status_code == 206
    assert answer.headers["content-type"].startswith("multipart/byteranges")
    assert FILM[0:4] in answer.content
    assert FILM[100:104] in answer.content


@pytest.mark.parametrize("asked", ["bytes=10240-", "bytes=99999-100000", "bytes=-0"])
async def test_a_range_outside_the_file_is_refused_with_its_length(
    http: httpx.AsyncClient, film: str, asked: str
) -> None:
    answer = await http.get(film, headers={"Range": asked})
    problem_of(answer, 416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(FILM)}"


@pytest.mark.parametrize("asked", ["pages=1-2", "bytes=", "bytes=9-1", "bytes=a-b", "bytes=0-1,x", "bytes=" + "9" * 40])
async def test_a_range_that_says_nothing_is_passed_over(http: httpx.AsyncClient, film: str, asked: str) -> None:
    assert (await http.get(film, headers={"Range": asked})).status_code == 200


async def test_a_range_of_another_version_brings_the_whole_file(http: httpx.AsyncClient, film: str) -> None:
    fresh = await http.get(film, headers={"Range": "bytes=0-3", "If-Range": TAG})
    assert fresh.status_code == 206
    for other in ('"x"', f"W/{TAG}"):
        stale = await http.get(film, headers={"Range": "bytes=0-3", "If-Range": other})
        assert (stale.status_code, stale.content) == (200, FILM)


async def test_an_unknown_file_is_not_found(http: httpx.AsyncClient, project_id: int) -> None:
    for name in ("trailer.mp4", "..trailerflow.db", "%00", "x" * 300):
        problem_of(await http.get(f"/api/projects/{project_id}/artifacts/{name}"), 404, "artifact_not_found")


async def test_a_file_whose_content_is_gone_is_told_apart(
    http: httpx.AsyncClient, hands: Hands, web: WebProcess, film: str
) -> None:
    del web
    path = hands.studio.storage.path(TAG.strip('"'))
    content = path.read_bytes()
    path.unlink()
    problem_of(await http.get(film), 404, "artifact_lost")
    path.write_bytes(content)


async def test_a_drawing_may_not_run_scripts(http: httpx.AsyncClient, hands: Hands, project_id: int) -> None:
    claim = await hands.run(project_id)
    await hands.deliver(claim, "panel.svg", b"<svg/>", "image/svg+xml")
    answer = await http.get(f"/api/projects/{project_id}/artifacts/panel.svg")
    assert "sandbox" in answer.headers["content-security-policy"]
    await hands.complete(claim)
