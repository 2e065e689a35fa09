"""The pulse of an act fills it with whole beats, and strong beats fall on the cuts where that bends it little."""

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trailerflow.film.beats import BEND, Pulse, Stroke, fitted
from trailerflow.film.harmony import STYLES
from trailerflow.film.sound import RATE, SAMPLES_PER_FRAME

FRAME = SAMPLES_PER_FRAME


def strokes_of(frames: list[int]) -> tuple[list[Stroke], int]:
    """Return the cuts between shots of so many frames, and the length of them all."""
    ends = list(accumulate(frames))
    return [Stroke(end * FRAME, 1.0) for end in ends[:-1]], ends[-1] * FRAME


def tempos(pulse: Pulse) -> list[float]:
    """Return the beats a minute of every stretch."""
    return [60 * RATE * (late[0] - early[0]) / (late[1] - early[1]) for early, late in pairwise(pulse.marks)]


@settings(max_examples=30, deadline=None)  # a busy machine is not the pulse's fault
@given(st.lists(st.integers(5, 140), min_size=1, max_size=12), st.sampled_from(sorted(STYLES)))
def test_any_cuts_get_whole_beats_that_never_run_backwards(frames: list[int], genre: str) -> None:
    strokes, length = strokes_of(frames)
    pulse = fitted(strokes, length, STYLES[genre].tempo)
    assert pulse.at(0) == 0
    assert pulse.at(pulse.beats) == length
    assert pulse.marks[-1][0] == pulse.beats >= 1
    assert all(early < late for early, late in pairwise(pulse.at(half / 2) for half in range(2 * pulse.beats + 1)))
    assert {at for _, at in pulse.marks} <= {0, length, *(stroke.at for stroke in strokes)}


@pytest.mark.parametrize("genre", sorted(STYLES))
def test_most_cuts_of_a_trailer_fall_on_a_beat_and_the_tempo_bends_little(genre: str) -> None:
    hit = strong = cuts = 0
    for frames in ([57, 47, 57, 38], [44, 36, 43, 37, 35, 43, 38, 36], [40, 35, 31, 29, 36, 35, 27, 34], [34, 35, 48]):
        strokes, length = strokes_of(frames)
        pulse = fitted(strokes, length, STYLES[genre].tempo)
        on = [beat for beat, at in pulse.marks[1:-1]]
        hit, strong, cuts = hit + len(on), strong + sum(beat.is_integer() for beat in on), cuts + len(strokes)
        mean = 60 * RATE * pulse.beats / length
        assert all(1 / (1 + 1.5 * BEND) < tempo / mean < 1 + 1.5 * BEND for tempo in tempos(pulse))
        assert 0.72 < mean / STYLES[genre].tempo < 1.35
    assert hit / cuts >= 0.8
    assert strong / cuts >= 0.6


def test_a_cut_that_nobody_would_miss_bends_nothing() -> None:
    pulse = fitted([Stroke(31 * FRAME, 0.0)], 96 * FRAME, 120)
    assert pulse.marks == ((0.0, 0), (8.0, 96 * FRAME))
