"""Timing: gives each shot of an act its frames, so that they add up and every spoken line has time to be heard.

Called by `storyboard`. Whole frames only: nothing is rounded afterwards.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

RUN_ON = 2


class Wish(NamedTuple):
    """What one shot asks for, in frames: its length, the least it bears, and the time of the line that begins in it."""

    wanted: int
    least: int
    line: int = 0


def fit(wishes: Sequence[Wish], frames: int) -> list[int] | None:
    """Return the frames of each shot, `frames` in all, or nothing if they cannot be had.

    A line runs on over at most two more shots and ends before the next line begins and before the act does.
    """
    if not wishes:
        return [] if frames == 0 else None
    phrases = _phrases(wishes)
    given = [max(wish.wanted, wish.least) for wish in wishes]
    for first, last, needed in phrases:
        while sum(given[first : last + 1]) < needed:
            place = min(range(first, last + 1), key=lambda place: given[place] / (3 if place == first else 2))
            given[place] += 1
    while sum(given) > frames:
        spare = _spare(wishes, phrases, given)
        if spare is None:
            return None
        given[spare] -= 1
    while sum(given) < frames:
        place = min(range(len(given)), key=lambda place: given[place] / wishes[place].wanted)
        given[place] += 1
    return given


def _phrases(wishes: Sequence[Wish]) -> list[tuple[int, int, int]]:
    """Return for each line the first and last shot it may be heard over, and the frames it needs."""
    starts = [place for place, wish in enumerate(wishes) if wish.line]
    bounds = [*starts, len(wishes)]
    return [(start, min(start + RUN_ON, end - 1), wishes[start].line) for start, end in pairwise(bounds)]


def _spare(wishes: Sequence[Wish], phrases: Sequence[tuple[int, int, int]], given: Sequence[int]) -> int | None:
    """Return the shot that can best give up a frame without breaking a line or its least length."""
    bound = {
        place
        for first, last, needed in phrases
        if sum(given[first : last + 1]) <= needed
        for place in range(first, last + 1)
    }
    free = [place for place in range(len(given)) if place not in bound and given[place] > wishes[place].least]
    return max(free, key=lambda place: given[place] / wishes[place].wanted, default=None)
