"""Importance: how much each scene weighs in the story, by cues that hold for any script.

Called by `analysis`. Length comes first: no single cue is stronger. What a story editor would look at besides counts
together as much again: who is there, who meets or parts, what is asked and turned, how its force stands out
from its neighbours. Every cue is a rank among the script's own scenes, so that none needs a unit or a tuned weight.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import log, sqrt

from trailerflow.film.breakdown import Breakdown
from trailerflow.film.scores import Scores

PRINCIPALS = 8
NEIGHBOURS = 3
LENGTH_SHARE = 0.5
DRAMA = ("stakes", "questions", "reversals", "secrets")
RARE, COMMON = 2, 0.25


def cues(scenes: Sequence[Breakdown], scores: Sequence[Scores]) -> dict[str, list[float]]:
    """Return every cue by name, ranked over the scenes between 0 and 1."""
    weights = _weights(scenes)
    raw = {
        "length": [scene.seconds for scene in scenes],
        "company": [sum(weights.get(name, 0.0) for name in scene.present) for scene in scenes],
        "meetings": _meetings(scenes, weights),
        "drama": _drama(scenes, scores),
        "talk": [float(scene.cues) for scene in scenes],
        "peak": _peaks(scenes, scores),
        "theme": _theme(scenes),
        "change": _changes(scenes, weights),
    }
    return {name: ranks(values) for name, values in raw.items()}


def strength(ranked: Mapping[str, Sequence[float]]) -> list[float]:
    """Return the weight of each scene as a rank: length one half, all other cues together the other."""
    others = [values for name, values in ranked.items() if name != "length"]
    mixed = [
        LENGTH_SHARE * length + (1 - LENGTH_SHARE) * sum(values) / len(others)
        for length, *values in zip(ranked["length"], *others, strict=True)
    ]
    return ranks(mixed)


def ranks(values: Sequence[float]) -> list[float]:
    """Return the share of values below each, ties halved: a measure that needs no unit."""
    ordered = sorted(values)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for position, value in enumerate(ordered):
        first.setdefault(value, position)
        last[value] = position
    span = max(1, len(values) - 1)
    return [(first[value] + last[value]) / 2 / span if len(values) > 1 else 0.5 for value in values]


def ranks_among(values: Sequence[float], shares: Sequence[float]) -> list[float]:
    """Return the ranks of values of which some count more than others: the share of what counts below each."""
    counted: dict[float, float] = {}
    for value, share in zip(values, shares, strict=True):
        counted[value] = counted.get(value, 0.0) + share
    whole, below = sum(shares), 0.0
    rank: dict[float, float] = {}
    for value in sorted(counted):
        rank[value] = (below + counted[value] / 2) / whole
        below += counted[value]
    return [rank[value] for value in values]


def _weights(scenes: Sequence[Breakdown]) -> dict[str, float]:
    """Return who carries the story, as shares of the one most seen."""
    seen = Counter(name for scene in scenes for name in scene.present)
    spoke = Counter(name for scene in scenes for name in scene.speakers)
    principals = sorted(seen, key=lambda name: (-(seen[name] + spoke[name]), name))[:PRINCIPALS]
    most = max((seen[name] + spoke[name] for name in principals), default=1)
    return {name: (seen[name] + spoke[name]) / most for name in principals}


def _meetings(scenes: Sequence[Breakdown], weights: Mapping[str, float]) -> list[float]:
    """Weigh who comes or goes for good, and which two are together for the first or last time."""
    groups = [[name for name in scene.present if name in weights] for scene in scenes]
    together = [[*((name,) for name in group), *combinations(sorted(group), 2)] for group in groups]
    first: dict[tuple[str, ...], int] = {}
    last: dict[tuple[str, ...], int] = {}
    for place, found in enumerate(together):
        for who in found:
            first.setdefault(who, place)
            last[who] = place
    return [
        sum(min(weights[name] for name in who) for who in found if place in (first[who], last[who]))
        for place, found in enumerate(together)
    ]


def _changes(scenes: Sequence[Breakdown], weights: Mapping[str, float]) -> list[float]:
    """Weigh who comes and who has gone since the scene before, and whether the place is another."""
    found = [0.0] * len(scenes)
    for place, (before, scene) in enumerate(pairwise(scenes), start=1):
        other = set(before.present) ^ set(scene.present)
        found[place] = sum(weights.get(name, 0.0) for name in other) + 0.5 * (
            before.place.setting != scene.place.setting
        )
    return found


def _drama(scenes: Sequence[Breakdown], scores: Sequence[Scores]) -> list[float]:
    """Count what is asked, staked, turned and brought to light; a long scene has room for more, so by its root."""
    return [
        sum(score.values[name] for name in DRAMA) * sqrt(scene.words)
        for scene, score in zip(scenes, scores, strict=True)
    ]


def _peaks(scenes: Sequence[Breakdown], scores: Sequence[Scores]) -> list[float]:
    """Compare each scene's force with that of the scenes around it: a blow in a calm counts most."""
    force = [score.intensity * sqrt(scene.words) for scene, score in zip(scenes, scores, strict=True)]
    found = []
    for place, own in enumerate(force):
        around = [*force[max(0, place - NEIGHBOURS) : place], *force[place + 1 : place + 1 + NEIGHBOURS]]
        found.append(own - sum(around) / max(1, len(around)))
    return found


def _theme(scenes: Sequence[Breakdown]) -> list[float]:
    """Weigh the words that come back in some scenes and not in all: what this film is about, not how films talk."""
    vocabularies = [set(scene.action) | set(scene.spoken) for scene in scenes]
    spread = Counter(word for words in vocabularies for word in words)
    most = max(RARE, COMMON * len(scenes))
    telling = {word: log(len(scenes) / count) for word, count in spread.items() if RARE <= count <= most}
    return [sum(telling.get(word, 0.0) for word in sorted(words)) for words in vocabularies]
