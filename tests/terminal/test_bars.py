"""The bars: what they show, and that they fit."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from stand_in import COMPLETED
from terminal.house import House
from trailerflow.terminal.bars import Bars
from trailerflow.terminal.outlet import Outlet

HOUSE = House(story=COMPLETED)
RUNNING = HOUSE.status(over=False) | {
    "status": "running",
    "phase": "trailer_to_storyboard",
    "eta_seconds": 75,
    "cost": {"currency": "USD", "estimate": 2.0, "actual": 0.5},
    "items": {
        "images": {"done": 1, "total": 4, "failed": 0, "skipped": 0},
        "clips": {"done": 0, "total": 4, "failed": 0, "skipped": 0},
    },
}


def bars(width: int = 100, *, several: bool = False) -> tuple[Bars, io.StringIO]:
    file = io.StringIO()
    shown = Bars(Outlet(file=file, width=width), several=several)
    shown.begin(RUNNING)
    return shown, file


def seen(shown: Bars, width: int = 100) -> list[str]:
    """Return the lines of the picture as it is now."""
    page = Outlet(file=io.StringIO(), width=width, record=True)
    page.print(shown._picture())
    return page.export_text().splitlines()


def step(name: str, happening: str, kind: str = "image") -> dict[str, object]:
    return {"type": f"step.{happening}", "step": name, "kind": kind, "project_id": 3, "run_id": 7, "progress": 50}


def test_the_run_its_items_each_step_at_work_the_time_and_the_cost_are_shown() -> None:
    shown, _ = bars()
    shown.happened(step("image/s001-1", "started"), 10)
    shown.happened(step("score", "started", "score"), 11)
    shown.ticked({"project_id": 3, "step": "image/s001-1", "done": 0.25})
    run, pictures, clips, drawn, score, footer = seen(shown)
    assert run.startswith("Trailer to storyboard")
    assert run.endswith(" 50%")
    assert pictures.split()[0] == "pictures"
    assert pictures.endswith("1/4")
    assert clips.endswith("0/4")
    assert drawn.split()[0] == "image/s001-1"
    assert drawn.endswith("25%")
    assert score.split()[0] == "score"
    assert footer == "  about 75 s left · USD 0.50 of about 2.00"


def test_an_item_counts_at_its_event_once_whenever_the_status_comes() -> None:
    shown, _ = bars()
    shown.happened(step("image/s001-1", "finished"), 10)
    shown.happened(step("image/s001-2", "skipped"), 11)
    assert seen(shown)[1].endswith("3/4")
    newer = {
        **RUNNING,
        "last_event_id": 12,
        "items": {**RUNNING["items"], "images": {**RUNNING["items"]["images"], "done": 4}},
    }
    shown.status(newer)
    shown.happened(step("image/s001-3", "finished"), 12)
    assert seen(shown)[1].endswith("4/4")


def test_more_steps_than_have_room_are_counted() -> None:
    shown, _ = bars()
    for number in range(9):
        shown.happened(step(f"image/s00{number}-1", "started"), 10 + number)
    assert len(seen(shown)) == 3 + 6 + 1
    assert seen(shown)[-1].endswith("3 more steps at work")


def test_a_run_that_stops_has_nothing_at_work_any_more() -> None:
    shown, _ = bars()
    shown.happened(step("image/s001-1", "started"), 10)
    shown.status({**RUNNING, "status": "paused"})
    shown.ticked({"project_id": 3, "step": "image/s001-1", "done": 0.25})
    assert [line.split()[0] for line in seen(shown)[:3]] == ["paused", "pictures", "clips"]
    assert "image/" not in "".join(seen(shown))


def test_what_a_person_must_know_is_printed_above_the_bars() -> None:
    shown, file = bars(several=True)
    with shown:
        shown.happened(step("voices", "started", "voices") | {"attempt": 3, "error": {"message": "hoarse"}}, 10)
        shown.happened(step("score", "started", "score"), 11)
        shown.happened({"type": "run.cancelled", "project_id": 3, "run_id": 7, "progress": 50}, 12)
    said = file.getvalue()
    assert "project 3: voices tried again (3): hoarse\n" in said
    assert "project 3: run cancelled\n" in said
    assert "score started" not in said


@settings(deadline=None, max_examples=50)
@given(width=st.integers(36, 240), name=st.text(min_size=1, max_size=60))
def test_at_any_width_and_whatever_the_names_no_line_is_folded(width: int, name: str) -> None:
    shown, _ = bars(width)
    shown.happened(step(name, "started"), 10)
    lines = seen(shown, width)
    assert len(lines) == 5
    assert max(map(cell_len, lines)) <= width
