"""Turning points: where the five lie, how sure that is, and which scenes matter most to the story.

Called by `analysis`. A point is more likely where films of the past had it, and in a scene that weighs much among those
where it may lie: a climax told in short scenes has weighty ones too. The two together give each point a chance for each
scene, and everything here is read off those chances. Always five, in the story's order, whatever the script.
"""

import heapq
from collections.abc import Mapping, Sequence
from math import exp
from typing import Literal, NamedTuple

from trailerflow.film import importance
from trailerflow.film.record import Record

Name = Literal["opportunity", "change_of_plans", "point_of_no_return", "major_setback", "climax"]

CANDIDATES = 3
# The scenes looked at for each point: beyond them chances are small.
WEIGHED = 100
# A scene in the weightiest tenth is some three times as likely to hold a point as one taken blindly.
LIFT = 3.0
OWN_SHARE = 0.25
RARELY = 1e-6
NEAR = 0.02
# The last scene of a story is more often what comes after the climax than the climax.
EPILOGUE, SHORTEST_WITH_ONE = 0.5, 6
HIT_WORTH = 0.04
NEXT_DOOR = 0.6
# How many scenes are taken one by one, and how soon a point counts as covered by them: at half its chances.
FOREMOST, ENOUGH = 24, 2.0


class Prior(NamedTuple):
    """Where a point lies in films of the past: mean place and spread as shares of the scenes, and its own cue."""

    name: Name
    mean: float
    spread: float
    cue: str


PRIORS = (
    Prior("opportunity", 0.15, 0.1, "meetings"),
    Prior("change_of_plans", 0.38, 0.16, "change"),
    Prior("point_of_no_return", 0.63, 0.17, "drama"),
    Prior("major_setback", 0.85, 0.12, "darkness"),
    Prior("climax", 0.96, 0.07, "intensity"),
)


class TurningPoint(Record):
    """A point by name, the scenes it may lie in, best first, and the chance (0..1) that it lies by one of them."""

    name: Name
    scenes: tuple[int, ...]
    confidence: float


def chances(strength: Sequence[float], cues: Mapping[str, Sequence[float]]) -> list[list[float]]:
    """Return for each point the chance of every scene; each point's add up to 1."""
    count = len(strength)
    found = []
    for prior in PRIORS:
        before = [_prior(prior, (place + 0.5) / count) for place in range(count)]
        weights = importance.ranks_among(strength, before)
        likely = [
            chance * exp(LIFT * ((1 - OWN_SHARE) * weight + OWN_SHARE * own))
            for chance, weight, own in zip(before, weights, cues[prior.cue], strict=True)
        ]
        if count >= SHORTEST_WITH_ONE:
            likely[-1] *= EPILOGUE
        total = sum(likely)
        found.append([value / total for value in likely])
    return found


def locate(likely: Sequence[Sequence[float]]) -> tuple[TurningPoint, ...]:
    """Return the five points in the story's order."""
    best = _in_order(likely)
    return tuple(_point(prior.name, first, values) for prior, first, values in zip(PRIORS, best, likely, strict=True))


def nearness(likely: Sequence[Sequence[float]]) -> list[float]:
    """Return each scene's chance to hold any of the five, as a rank."""
    return importance.ranks([sum(values) for values in zip(*likely, strict=True)])


def preference(likely: Sequence[Sequence[float]]) -> tuple[int, ...]:
    """Return all scenes, those that matter most to the story first.

    The foremost are taken one by one: a point well covered by those taken counts less, and so does a neighbour.
    """
    count = len(likely[0])
    uncovered = [1.0] * len(likely)
    apart = [1.0] * count
    free = set(range(count))
    taken: list[int] = []
    while free and len(taken) < FOREMOST:
        worth = {scene: apart[scene] * _sum(uncovered, likely, scene) for scene in free}
        best = max(free, key=lambda scene: (worth[scene], -scene))
        free.discard(best)
        taken.append(best)
        uncovered = [max(0.0, share - ENOUGH * values[best]) for share, values in zip(uncovered, likely, strict=True)]
        for neighbour in (best - 1, best + 1):
            if neighbour in free:
                apart[neighbour] *= NEXT_DOOR
    return (*taken, *sorted(free, key=lambda scene: (-sum(values[scene] for values in likely), scene)))


def _sum(shares: Sequence[float], likely: Sequence[Sequence[float]], scene: int) -> float:
    return sum(share * values[scene] for share, values in zip(shares, likely, strict=True))


def _prior(prior: Prior, place: float) -> float:
    away = (place - prior.mean) / prior.spread
    return RARELY + exp(-0.5 * away * away)


def _in_order(likely: Sequence[Sequence[float]]) -> list[int]:
    """Return the likeliest scene of each point such that none comes before the point before it."""
    count = len(likely[0])
    score = [1.0] * count
    origins: list[list[int]] = []
    for values in likely:
        best, origin = [], []
        top = 0
        for place in range(count):
            top = place if score[place] > score[top] else top
            best.append(score[top] * values[place])
            origin.append(top)
        largest = max(best)
        score = [value / largest for value in best]
        origins.append(origin)
    place = max(range(count), key=lambda scene: score[scene])
    path = [place]
    for origin in reversed(origins[1:]):
        place = origin[place]
        path.insert(0, place)
    return path


def _point(name: Name, first: int, values: Sequence[float]) -> TurningPoint:
    """Add to the likeliest scene the two that leave the truth the least far away from one of the three."""
    count = len(values)
    likeliest = heapq.nlargest(WEIGHED, range(count), key=lambda place: (values[place], -place))
    chosen = [first]
    while len(chosen) < min(CANDIDATES, count):
        away = {place: min(abs(place - one) for one in chosen) / count for place in likeliest}
        free = [place for place in likeliest if place not in chosen]
        chosen.append(max(free, key=lambda place: (_worth(place, values, away), -place)))
    reach = max(1.0, NEAR * count)
    near = sum(value for place, value in enumerate(values) if min(abs(place - one) for one in chosen) <= reach)
    return TurningPoint(name=name, scenes=tuple(chosen), confidence=round(min(1.0, near), 4))


def _worth(place: int, values: Sequence[float], away: Mapping[int, float]) -> float:
    """Return what a further candidate saves in expected distance, and the chance that it is the scene itself."""
    count = len(values)
    saved = sum(values[other] * max(0.0, known - abs(other - place) / count) for other, known in away.items())
    return saved + HIT_WORTH * values[place]
