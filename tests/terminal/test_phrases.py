"""What the terminal says about a run, in words."""

from typing import Any

import pytest

from stand_in import COMPLETED, FAILED
from terminal.house import House
from trailerflow.terminal import phrases

Json = dict[str, Any]
HALF = {"done": 3, "total": 8, "failed": 1, "skipped": 1}
WORKING = House(story=COMPLETED).status() | {
    "status": "running",
    "progress": 62,
    "eta_seconds": 200,
    "items": {"images": HALF, "clips": {"done": 0, "total": None, "failed": 0, "skipped": 0}},
    "cost": {"currency": "USD", "estimate": 1.2, "actual": 0.4},
}


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"type": "run.failed", "error": {"code": "x", "message": "[red] ink is out"}}, "run failed: [red] ink is out"),
        ({"type": "step.skipped", "step": "clip/s001-1"}, "clip/s001-1 skipped: a stand-in takes its place"),
        (
            {"type": "step.skipped", "step": "clip/s001-1", "artifact": "clip-s001-1-t2.mp4"},
            "clip/s001-1 skipped: a stand-in has taken its place",
        ),
        ({"type": "step.started", "step": "image/s001-1", "attempt": 1}, "image/s001-1 started"),
        (
            {"type": "step.started", "step": "image/s001-1", "attempt": 2, "error": {"message": "too many at once"}},
            "image/s001-1 tried again (2): too many at once",
        ),
        ({"type": "run.cancelling"}, "run cancelling"),
        ({"type": "run.retried"}, "run retried"),
        ({"type": "phase.finished", "phase": "a new one"}, "a new one: finished"),
    ],
)
def test_an_event_is_said_as_a_person_would(event: Json, words: str) -> None:
    assert phrases.sentence(event) == words


def test_a_run_at_work_is_summed_up_in_one_line() -> None:
    assert phrases.summary(WORKING) == (
        "project 3: running, Storyboard to movie, 62%, pictures 4/8 (1 failed, 1 skipped), about 3 min left, "
        "USD 0.40 of about 1.20"
    )


def test_details_leave_out_what_is_not_known() -> None:
    failed = dict(phrases.details(House(story=FAILED, ending="failed").status()))
    assert failed["because"] == "the brush broke"
    assert failed["next"].startswith("`trailerflow retry 3`")
    assert not {"step", "remaining", "cost", "tried", "finished"} & set(failed)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "about 1 s left"), (89, "about 89 s left"), (90, "about 2 min left"), (9000, "about 2.5 h left")],
)
def test_time_left_is_said_as_exactly_as_it_can_be_known(seconds: float, words: str) -> None:
    assert phrases.remaining(seconds) == words


def test_a_run_that_waits_says_how_many_are_before_it() -> None:
    assert phrases.standing(WORKING | {"status": "queued", "queue_position": 2}) == "queued, number 2 in line"
