"""The display: bars on a terminal, lines on a pipe."""

import io

import pytest
from rich.console import Console

from stand_in import COMPLETED, StandIn
from trailerflow.terminal import display


def shown(*, terminal: bool) -> str:
    out = io.StringIO()
    with display.on(Console(file=out, force_terminal=terminal, width=100)) as screen:
        screen.status(StandIn(story=COMPLETED).status(over=False))
        for event in COMPLETED:
            screen.happened(event)
        screen.status(StandIn(story=COMPLETED).status())
    return out.getvalue()


def test_a_pipe_gets_one_plain_line_for_each_event() -> None:
    lines = shown(terminal=False).splitlines()
    assert len(lines) == len(COMPLETED)
    assert lines[2] == " 45%  Trailer to storyboard: started"
    assert "\x1b" not in "".join(lines)


def test_a_terminal_gets_a_bar_for_the_run_the_pictures_and_the_clips() -> None:
    screen = shown(terminal=True)
    for words in ("Storyboard to movie", "pictures", "clips", "100%", "2/2"):
        assert words in screen


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
def test_an_event_is_said_as_a_person_would(event: display.Json, words: str) -> None:
    assert display.sentence(event) == words


def test_a_terminal_tells_of_another_try_and_of_a_cancel_above_its_bars() -> None:
    out = io.StringIO()
    with display.on(Console(file=out, force_terminal=True, width=100)) as screen:
        screen.happened({"type": "step.started", "step": "voices", "attempt": 3, "error": {"message": "hoarse"}})
        screen.happened({"type": "step.started", "step": "score", "attempt": 1})
        screen.happened({"type": "run.cancelled"})
        screen.status(StandIn(story=COMPLETED, ending="cancelled").status() | {"phase": None})
    for words in ("voices tried again (3): hoarse", "run cancelled", "cancelled  "):
        assert words in out.getvalue()
    assert "score" not in out.getvalue()
