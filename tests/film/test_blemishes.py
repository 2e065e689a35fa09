"""What is taken in is not refused at the end, and what is drawn here is never black, however dark the story."""

from itertools import chain
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from film import stills
from film.desk import FolderDesk
from trailerflow.film import blemishes, panels
from trailerflow.film.blemishes import LONGEST_FRAMES, Span, Watch
from trailerflow.film.plan import Frame
from trailerflow.film.settings import Kind

DARKEST: tuple[Kind, ...] = ("tunnel", "dam", "corridor", "cave", "space", "alley")
STRETCHES = st.lists(st.tuples(st.booleans(), st.integers(1, 60)), min_size=1, max_size=5)


def seen(marks: list[bool], *, is_card: bool = False) -> Watch:
    """Return the watch of a film that is black where it is marked, and moves elsewhere."""
    watch = Watch()
    for number, black in enumerate(marks):
        watch.see(np.full((9, 16), 16 if black else 60 + number % 100, np.int16), is_card=is_card)
    return watch


def black(watch: Watch, faded: frozenset[int] = frozenset()) -> list[Span]:
    return [span for span in watch.spans(faded) if span.kind == "black"]


@given(films=st.lists(STRETCHES, min_size=1, max_size=6))
def test_clips_that_are_taken_in_one_by_one_pass_together(films: list[list[tuple[bool, int]]]) -> None:
    clips = [[black for black, frames in film for _ in range(frames)] for film in films]
    fit = [clip for clip in clips if not black(seen(clip)) and not list(seen(clip).dark_ends(()))]
    assert black(seen(list(chain.from_iterable(fit)))) == []


def test_black_is_what_the_plan_asks_for_in_fades_and_on_cards() -> None:
    marks = [False] * 10 + [True] * (LONGEST_FRAMES + 1) + [False] * 10
    assert black(seen(marks)) == [Span("black", 10, 10 + LONGEST_FRAMES + 1)]
    assert black(seen(marks), blemishes.fades(8, 60, 3, 0)) == []
    letters = np.full((100, 100), 16, np.int16)
    letters[50, 40:60] = 200
    watch = Watch()
    for _ in range(3 * LONGEST_FRAMES):
        watch.see(letters, is_card=True)
    assert list(watch.spans()) == []
    assert black(seen(marks, is_card=True)) != []  # a card without its letters


@pytest.mark.parametrize("kind", DARKEST)
def test_no_place_drawn_here_is_near_to_black_at_night(kind: Kind, tmp_path: Path) -> None:
    place = stills.setting(kind, interior=True)
    look = place.look.model_copy(update={"palette": ("#3a3f47", "#23272d", "#15181c", "#08090b"), "light": "#4a4a50"})
    order = stills.order(place.model_copy(update={"look": look}), Frame(width=192, height=108), time_of_day="night")
    desk = FolderDesk(tmp_path)
    picture = stills.read(desk.open(panels.draw(order.model_copy(update={"genre": "horror"}), desk).image))
    assert float(np.mean(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) < 255 * blemishes.DARK)) < 0.9
