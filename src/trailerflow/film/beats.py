"""The beats of one act: a pulse near the genre's tempo, bent so that strong beats fall on the cuts.

Called by `score`. Picture leads and music follows: no cut is moved, and the act is filled with whole beats. A cut that
would bend the pulse too far falls between two beats.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from trailerflow.film.sound import RATE

BEND = 0.14
"""How much faster or slower than the act's own tempo a stretch may be before it costs more than a missed cut."""

_PACES = (0.88, 0.91, 0.94, 0.97, 1.0, 1.03, 1.06, 1.09, 1.12)
_HALVES = 8  # half beats a bar
_OFF_THE_BAR = (0.0, 1.2, 0.1, 1.2, 0.0, 1.2, 0.1, 1.2)  # what a cut on each half beat of a bar costs
_BROKEN_BAR = 0.3
_MISSED = 3
_JOLT = 0.35  # of a change of tempo from one stretch to the next
_STRAYED = 0.3  # of an act's tempo that is not the genre's
_REACH = 5  # cuts that one stretch may run over
_UNIT = math.log2(1 + BEND)
_GRAIN = 8  # a bend is remembered in steps of 1/8 of the unit
_KEPT = 40  # ways that are followed on from a cut


class Stroke(NamedTuple):
    """A cut inside an act: the samples after its beginning, and how much it would be missed, 0 not at all."""

    at: int
    weight: float


@dataclass(frozen=True, slots=True)
class Pulse:
    """Where each beat lies: `marks` are pairs of a number of beats and its sample, evenly filled between."""

    marks: tuple[tuple[float, int], ...]

    @property
    def beats(self) -> int:
        """Return how many beats there are."""
        return round(self.marks[-1][0])

    def at(self, beat: float) -> int:
        """Return the sample of a beat or a part of one."""
        beats, samples = zip(*self.marks, strict=True)
        return round(float(np.interp(beat, beats, samples)))


class _State(NamedTuple):
    halves: int  # into the bar
    bend: int


class _Way(NamedTuple):
    cost: float
    marks: tuple[tuple[float, int], ...]


def fitted(strokes: Sequence[Stroke], length: int, tempo: float) -> Pulse:
    """Return the pulse of an act of `length` samples at about `tempo` beats a minute."""
    ways = [_bent(strokes, length, tempo * pace, _STRAYED * _strain(pace) ** 2) for pace in _PACES]
    return Pulse(min(ways, key=lambda way: way.cost).marks)


def _bent(strokes: Sequence[Stroke], length: int, tempo: float, cost: float) -> _Way:
    """Return the cheapest way through the cuts at one tempo."""
    places = [Stroke(0, 0.0), *strokes, Stroke(length, 0.0)]
    half = 30 * RATE / tempo
    ways: list[dict[_State, _Way]] = [{_State(0, 0): _Way(cost, ((0.0, 0),))}, *({} for _ in places[1:])]
    for first, reached in enumerate(ways[:-1]):
        for state, way in sorted(reached.items(), key=lambda item: item[1].cost)[:_KEPT]:
            for last in range(first + 1, min(first + _REACH, len(places) - 1) + 1):
                for following, further in _steps(state, way, places[first : last + 1], last == len(places) - 1, half):
                    if following not in ways[last] or further.cost < ways[last][following].cost:
                        ways[last][following] = further
    return min(ways[-1].values(), key=lambda way: way.cost)


def _steps(
    state: _State, way: _Way, places: Sequence[Stroke], over: bool, half: float
) -> Iterator[tuple[_State, _Way]]:
    """Yield the ways on from the first of some cuts to the last, with the counts of half beats that come nearest."""
    length = places[-1].at - places[0].at
    missed = _MISSED * sum(place.weight for place in places[1:-1])
    fewest = max(1, math.floor(length / half))
    for count in (fewest, fewest + 1):
        phase = (state.halves + count) % _HALVES
        if over and phase % 2:
            continue
        strain = _strain(count * half / max(length, 1))
        bend = round(strain * _GRAIN)
        cost = way.cost + missed + strain**2 + _JOLT * ((bend - state.bend) / _GRAIN) ** 2
        cost += _BROKEN_BAR * bool(phase) if over else _OFF_THE_BAR[phase] * places[-1].weight
        mark = (way.marks[-1][0] + count / 2, places[-1].at)
        yield _State(phase, bend), _Way(cost, (*way.marks, mark))


def _strain(ratio: float) -> float:
    """Return how far a tempo is bent, 1 being `BEND`."""
    return math.log2(ratio) / _UNIT
