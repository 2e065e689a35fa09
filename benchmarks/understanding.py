"""What each cue of the analysis is worth: how well it ranks the scenes in which a story turns.

`.venv/bin/python -m benchmarks.understanding`. The proxy is small and our own: the bundled feature, and Danton's Death
if `SCREENPLAYS_DIR` is set, whose turning points were marked by hand from the plot (those of the feature after a look
at what was found). Ten points show whether a cue points the right way, not how far. Floor: the length of the scenes.

How far the design goes is shown on films drawn by lot: their points lie as the priors say, and in weighty scenes as
often as measured on real films (the longest ten hold a third of the points, AUC 70). One half of the lines gives the
weights to the program, the other gives it weights that mean nothing: so much is kept if every cue should fail. Floors:
the ten weightiest scenes, and three scenes side by side where the point lies on average.
"""

import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from math import exp
from pathlib import Path
from statistics import fmean

from benchmarks.harness import ROOT, Row, machine, report

from trailerflow.film import analysis, breakdown, importance, places, reading, scores, turning_points
from trailerflow.film.screenplay import Screenplay

Points = tuple[frozenset[int], ...]
Cues = Mapping[str, Sequence[float]]

BELL: Points = tuple(map(frozenset, ({2}, {7, 8}, {9, 11}, {13}, {18})))
DANTON: Points = tuple(map(frozenset, ({5}, {8, 12}, {16}, {18, 21}, {29})))
SHARE_TAKEN = 0.3
FILMS, SHORTEST, LONGEST = 100, 80, 180
# How much likelier the weightiest scene holds a point than the lightest (as a power of e), and how near its scenes lie.
WEIGHTY, REACH, MOST_SCENES, FOREMOST = 3.0, 0.03, 3, 10


def stories() -> Iterator[tuple[Screenplay, Points]]:
    """Yield the scripts whose turning points are marked."""
    yield reading.read((ROOT / "examples" / "the-drowned-bell.fountain").read_bytes(), "bell.fountain"), BELL
    folder = os.environ.get("SCREENPLAYS_DIR")
    if folder:
        yield reading.read((Path(folder) / "dantons-tod-de.fountain").read_bytes(), "danton.fountain"), DANTON


def cues_of(screenplay: Screenplay) -> tuple[Cues, Cues]:
    """Return the cues of importance and those of single points."""
    reader = breakdown.Reader(screenplay)
    where = places.of([scene.heading for scene in screenplay.scenes], reader.people)
    read = [reader.read(scene, place) for scene, place in zip(screenplay.scenes, where, strict=True)]
    scored = [scores.of(scene) for scene in read]
    return importance.cues(read, scored), analysis.moods(scored)


def area(values: Sequence[float], marked: frozenset[int]) -> float:
    """Return how often a marked scene ranks above one that is not, in percent (50: by chance)."""
    pairs = [
        (values[one] > values[other]) + 0.5 * (values[one] == values[other])
        for one in marked
        for other in range(len(values))
        if other not in marked
    ]
    return 100 * fmean(pairs)


def judged(strength: Sequence[float], cues: Cues, points: Points) -> dict[str, float]:
    """Return the figures of one way to weigh the scenes."""
    likely = turning_points.chances(strength, cues)
    located = turning_points.locate(likely)
    taken = turning_points.preference(likely)[: round(SHARE_TAKEN * len(strength))]
    away = [
        min(abs(a - b) for a in point.scenes for b in marked) for point, marked in zip(located, points, strict=True)
    ]
    return {
        "ranking of scenes (AUC)": area(analysis.salience(strength, likely), frozenset().union(*points)),
        "points among the most preferred third": 100 * fmean(bool(marked & set(taken)) for marked in points),
        "distance of located points": 100 * fmean(away) / len(strength),
    }


def drawn(chance: random.Random) -> tuple[list[float], Points]:
    """Return the weights of a film drawn by lot, and the scenes of its five points."""
    count = chance.randint(SHORTEST, LONGEST)
    weights = importance.ranks([chance.random() for _ in range(count)])
    points = []
    for prior in turning_points.PRIORS:
        centre = min(max(chance.gauss(prior.mean, prior.spread), 0.0), 1.0) * (count - 1)
        near = [
            exp(-0.5 * ((place - centre) / REACH / count) ** 2 + WEIGHTY * weight)
            for place, weight in enumerate(weights)
        ]
        points.append(frozenset(chance.choices(range(count), near, k=chance.randint(1, MOST_SCENES))))
    return weights, tuple(points)


def apart(places: Sequence[Sequence[int]], points: Points, count: int) -> float:
    """Return how far the nearest of a point's places lies from it on average, in percent of the scenes."""
    nearest = (min(abs(a - b) for a in found for b in marked) for found, marked in zip(places, points, strict=True))
    return 100 * fmean(nearest) / count


def hit(taken: Sequence[int], points: Points, *, reach: int = 0) -> float:
    """Return the share of points with a scene taken, or one within reach, in percent."""
    return 100 * fmean(any(abs(a - b) <= reach for a in marked for b in taken) for marked in points)


def by_lot() -> Iterator[Row]:
    """Yield the figures of films drawn by lot."""
    chance = random.Random(1)
    found: dict[str, list[tuple[float, float]]] = {}
    for _ in range(FILMS):
        weights, points = drawn(chance)
        count = len(weights)
        side = [[round(prior.mean * count) + step for step in (-1, 0, 1)] for prior in turning_points.PRIORS]
        floor = sorted(range(count), key=lambda scene: -weights[scene])[:FOREMOST]
        for name, known in (("weights known", weights), ("no weight known", chance.sample(weights, count))):
            likely = turning_points.chances(known, {prior.cue: known for prior in turning_points.PRIORS})
            located = [point.scenes for point in turning_points.locate(likely)]
            taken = turning_points.preference(likely)[:FOREMOST]
            for what, own, other in (
                ("distance", apart(located, points, count), apart(side, points, count)),
                ("points among ten", hit(taken, points), hit(floor, points)),
                ("points within one of ten", hit(taken, points, reach=1), hit(floor, points, reach=1)),
            ):
                found.setdefault(f"by lot, {name}: {what}", []).append((own, other))
    for name, pairs in found.items():
        yield Row(name, fmean(own for own, _ in pairs), "%", floor=fmean(other for _, other in pairs))


def main() -> int:
    """Measure and print."""
    alone: dict[str, list[float]] = {}
    without: dict[str, list[float]] = {}
    whole: dict[str, list[float]] = {}
    floor: dict[str, list[float]] = {}
    count = 0
    for screenplay, points in stories():
        count += 1
        cues, moods = cues_of(screenplay)
        marked = frozenset().union(*points)
        for name in cues:
            alone.setdefault(name, []).append(area(cues[name], marked))
            fewer = {other: values for other, values in cues.items() if other != name or name == "length"}
            without.setdefault(name, []).append(area(importance.strength(fewer), marked))
        for into, strength in ((whole, importance.strength(cues)), (floor, cues["length"])):
            for name, value in judged(strength, {**cues, **moods}, points).items():
                into.setdefault(name, []).append(value)
    rows = [Row(f"{name} alone", fmean(alone[name]), "AUC", floor=fmean(alone["length"])) for name in alone]
    rows += [
        Row(f"all cues but {name}", fmean(without[name]), "AUC", floor=fmean(alone["length"]))
        for name in without
        if name != "length"
    ]
    rows += [Row(name, fmean(values), "%", floor=fmean(floor[name])) for name, values in whole.items()]
    rows += by_lot()
    return report(f"Understanding: {count} stories, {5 * count} points ({machine()})", rows)


if __name__ == "__main__":
    sys.exit(main())
