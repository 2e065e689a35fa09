"""The displays of lines: plain ones for a pipe, JSON ones for a program."""

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stand_in import COMPLETED
from terminal.house import House
from trailerflow.terminal import display
from trailerflow.terminal.bars import Bars
from trailerflow.terminal.display import Display, JsonLines, Lines
from trailerflow.terminal.outlet import Outlet, printable

SHAPES = st.recursive(
    st.text() | st.integers() | st.none(), lambda part: st.dictionaries(st.text(), part), max_leaves=9
)


class Tty(io.StringIO):
    """What says of itself that it is a terminal."""

    def isatty(self) -> bool:
        return True


def outlet(file: io.StringIO) -> Outlet:
    return Outlet(file=file, width=100)


def show(screen: Display) -> None:
    """Show the whole of a run."""
    house = House(story=COMPLETED)
    with screen:
        screen.begin(house.status(over=False))
        for number, event in enumerate(house.story, 1):
            screen.happened(event, number)
            screen.ticked({"step": "image/s001-1", "done": 0.5, "project_id": 3})
        screen.status(house.status())
        screen.tell("end", house.status(), "completed")
        screen.remark("by the way")


def test_a_pipe_gets_where_the_run_stands_and_one_plain_line_for_each_event() -> None:
    out, err = io.StringIO(), io.StringIO()
    show(Lines(outlet(out), outlet(err)))
    lines = out.getvalue().splitlines()
    assert lines[0] == "  0%  run queued"
    assert len(lines) == 1 + len(COMPLETED) + 1
    assert lines[3] == " 45%  Trailer to storyboard: started"
    assert lines[-1] == "completed"
    assert err.getvalue() == "by the way\n"


def test_of_several_runs_each_line_says_whose_it_is() -> None:
    out = io.StringIO()
    show(Lines(outlet(out), outlet(out), several=True))
    assert "  0%  project 3: run started" in out.getvalue().splitlines()


def test_a_program_gets_an_object_a_line_with_the_same_three_keys() -> None:
    out, err = io.StringIO(), io.StringIO()
    show(JsonLines(outlet(out), outlet(err)))
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert {tuple(line) for line in lines} == {("event", "id", "data")}
    assert [line["event"] for line in lines] == ["snapshot", *["event"] * len(COMPLETED), "end"]
    assert [line["id"] for line in lines[1:-1]] == list(range(1, len(COMPLETED) + 1))
    assert lines[-1]["data"]["status"] == "completed"


@given(data=st.dictionaries(st.text(), SHAPES))
def test_whatever_the_data_it_stays_one_line_and_comes_back_as_it_was(data: dict[str, Any]) -> None:
    out = io.StringIO()
    JsonLines(outlet(out), outlet(out)).tell("project", data, "")
    assert out.getvalue().count("\n") == 1
    assert out.getvalue().isascii()
    assert json.loads(out.getvalue())["data"] == data


@given(words=st.text())
def test_no_words_from_outside_can_steer_a_terminal(words: str) -> None:
    assert not [letter for letter in printable(words) if ord(letter) < 32 or 127 <= ord(letter) < 160]


def test_words_are_said_as_they_are_without_markup_or_emoji() -> None:
    out = io.StringIO()
    outlet(out).say("[red] :bell: \x1b[2J " + "long " * 40)
    assert out.getvalue() == "[red] :bell:  [2J " + "long " * 40 + "\n"


@pytest.mark.parametrize(
    ("file", "environment", "kind"),
    [
        (Tty, {"TERM": "xterm"}, Bars),
        (Tty, {"TERM": "dumb"}, Lines),
        (io.StringIO, {"TERM": "xterm", "FORCE_COLOR": "1"}, Lines),
    ],
)
def test_bars_are_for_what_can_be_drawn_over(
    monkeypatch: pytest.MonkeyPatch, file: type[io.StringIO], environment: dict[str, str], kind: type[Display]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = outlet(file())
    assert isinstance(display.on(out, out), kind)
    assert isinstance(display.on(out, out, as_json=True), JsonLines)
