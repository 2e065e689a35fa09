"""Whatever is sent to the verbs: a documented answer, and nothing changed unless the answer says so."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from web.conftest import WebProcess
from web.hands import SCRIPT
from web.test_projects import problem_of

ANSWERS = {200, 202, 404, 409, 413, 422}
NUMBERS = st.one_of(st.integers(), st.floats(), st.sampled_from([-1, 0, 15, 60, 150, 151, 2**31, 2**63, 10**400]))
WORDS = st.sampled_from([
    "full_pipeline", "regenerate_scene", "video_only", "fail_fast", "skip_and_continue", "16:9", "high", "image/s000-1",
    "script_to_trailer", "", "\x00", "🎬",
])  # fmt: skip
LEAVES = st.one_of(st.none(), st.booleans(), NUMBERS, WORDS, st.text(max_size=20))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from([
    "workflow_type", "scene", "seconds", "aspect", "seed", "on_error", "pause_after", "priority", "step", "extra", "",
])  # fmt: skip
BODIES = st.one_of(st.dictionaries(FIELDS, VALUES, max_size=4), VALUES)
PLAY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Visitor:
    """A client who sends anything, and looks whether anything has changed."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=20)
        answer = self.http.post("/api/projects", files={"script": ("lamp.fountain", SCRIPT)})
        self.project = int(answer.json()["id"])

    def look(self) -> Any:
        return self.http.get(f"/api/workflow/{self.project}/status").json()

    def send(self, verb: str, content: bytes, headers: dict[bytes, bytes] | None = None) -> httpx.Response:
        """Send it; unless it is accepted nothing may have changed, and the answer is a problem document."""
        before = self.look()
        answer = self.http.post(f"/api/workflow/{self.project}/{verb}", content=content, headers=headers)
        assert answer.status_code in ANSWERS, answer.text
        if not answer.is_success:
            problem = problem_of(answer, answer.status_code, answer.json()["code"])
            assert problem["remedy"], problem
            assert self.look() == before
        return answer

    def cancel(self) -> None:
        """Make room for the next start."""
        self.http.post(f"/api/workflow/{self.project}/cancel")


@pytest.fixture(scope="module")
def visitor(web: WebProcess) -> Iterator[Visitor]:
    one = Visitor(web.url)
    yield one
    one.http.close()


@PLAY
@given(body=BODIES)
def test_any_json_at_all_is_a_start_or_is_refused(visitor: Visitor, body: Any) -> None:
    answer = visitor.send("start", json.dumps(body).encode())
    if answer.is_success:
        assert isinstance(body, dict)
        assert answer.json()["workflow_type"] == body.get("workflow_type", "full_pipeline")
        visitor.cancel()


@PLAY
@given(verb=st.sampled_from(["start", "skip"]), body=st.binary(max_size=60))
def test_any_bytes_at_all_are_a_body_or_are_refused(visitor: Visitor, verb: str, body: bytes) -> None:
    if visitor.send(verb, body).is_success:
        visitor.cancel()


@PLAY
@given(body=BODIES)
def test_any_json_at_all_is_a_skip_or_is_refused(visitor: Visitor, body: Any) -> None:
    assert not visitor.send("skip", json.dumps(body).encode()).is_success, "nothing is paused or has failed"


@PLAY
@given(verb=st.sampled_from(["pause", "resume", "retry"]), body=st.binary(max_size=60))
def test_a_verb_without_wishes_does_not_look_at_its_body(visitor: Visitor, verb: str, body: bytes) -> None:
    assert visitor.send(verb, body).status_code == 409


@PLAY
@given(key=st.lists(st.sampled_from([*range(33, 127), *range(128, 256)]), max_size=220).map(bytes))
def test_any_idempotency_key_is_taken_or_refused(visitor: Visitor, key: bytes) -> None:
    answer = visitor.send("start", b"", {b"Idempotency-Key": key})
    good = 1 <= len(key) <= 200 and key.isascii()
    assert answer.status_code in ((200, 202) if good else (422,)), answer.text
    if good:
        visitor.cancel()
    else:
        assert answer.json()["field"] == "Idempotency-Key"


@pytest.mark.parametrize(
    "body",
    [
        b"{", b"}", b"[", b'{"seconds": }', b'{"seconds": 60', b"seconds=60", b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}",
        b"NaN", b"null", b"1", b'"x"', b"[" * 50_000, b'{"a":' * 50_000, b'{"seconds": 1e999}', b'{"seconds": NaN}',
        b'{"seconds": 60, "seconds": 7}', b'{"seed": ' + b"9" * 5000 + b"}", b"{}{}", b"// {}", b"{'seconds': 60}",
    ],
)  # fmt: skip
def test_malformed_json_is_refused(visitor: Visitor, body: bytes) -> None:
    answer = visitor.send("start", body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


@pytest.mark.parametrize(("header", "value"), [
    ("If-None-Match", '"'), ("If-None-Match", "W/"), ("If-None-Match", ",,,"), ("If-None-Match", "é" * 3000),
    ("Content-Type", "text/plain"), ("Accept", "nothing/at-all"), ("Last-Event-ID", "-1"), ("Range", "bytes=x"),
])  # fmt: skip
def test_headers_that_make_no_sense_are_passed_over(visitor: Visitor, header: str, value: str) -> None:
    told = {header.encode(): value.encode()}
    answer = visitor.http.get(f"/api/workflow/{visitor.project}/status", headers=told)
    assert answer.status_code == 200
    assert visitor.send("pause", b"", told).status_code == 409


@pytest.mark.parametrize(("header", "value", "code"), [
    ("Origin", "https://elsewhere.example", "cross_origin"), ("Host", "elsewhere.example", "unknown_host"),
    ("Sec-Fetch-Site", "cross-site", "cross_origin"),
])  # fmt: skip
def test_a_stranger_s_page_changes_nothing(visitor: Visitor, header: str, value: str, code: str) -> None:
    before = visitor.look()
    answer = visitor.http.post(f"/api/workflow/{visitor.project}/start", headers={header: value})
    problem_of(answer, 403, code)
    assert visitor.look() == before
