"""Rhythm: how a trailer of a given length divides into acts, cards and shots, in whole frames.

Called by `selection` (how many scenes does an act want?) and `storyboard` (how long is it?). Everything adds up
exactly; nothing here knows a story.
"""

import math
from typing import NamedTuple

from trailerflow.film.plan import FPS, Act

SHARES: dict[Act, float] = {"cold_open": 0.15, "introduction": 0.29, "montage": 0.19}
# A spot of seconds has no time for a cold open.
SHARES_OF_A_SPOT: dict[Act, float] = {"cold_open": 0.0, "introduction": 0.42, "montage": 0.2}
SECONDS_A_SHOT: dict[Act, tuple[float, float]] = {
    "cold_open": (2.6, 2.4),
    "introduction": (2.4, 2.1),
    "escalation": (2.1, 1.5),
    "montage": (1.15, 0.62),
    "title": (2.0, 2.0),
    "button": (2.2, 2.2),
}
SHOTS_A_PICK: dict[Act, float] = {
    "cold_open": 3.0,
    "introduction": 2.0,
    "escalation": 2.0,
    "montage": 1.0,
    "button": 2.2,
}
SHORT_SECONDS = 25
TAGS = ((25, 0), (40, 1), (55, 2), (1000, 3))
TAG_ACTS: tuple[tuple[Act, ...], ...] = (
    (),
    ("introduction",),
    ("cold_open", "introduction"),
    ("cold_open", "introduction", "escalation"),
)


class Measure(NamedTuple):
    """The frames of each act's shots and of each card; together they are the trailer."""

    shots: dict[Act, int]
    tags: tuple[Act, ...]
    tag: int
    title: int
    end: int


def divide(seconds: int, tags: int) -> Measure:
    """Return the frames of every act and card of a trailer of `seconds`, with at most `tags` tag cards."""
    total = seconds * FPS
    short = seconds < SHORT_SECONDS
    after = TAG_ACTS[min(tags, next(count for limit, count in TAGS if seconds < limit))]
    tag = round((1.6 if seconds < 75 else 2.0) * FPS)
    title = round((2.2 if short else 3.4) * FPS)
    end = round((1.6 if short else 2.8) * FPS)
    button = 0 if seconds < 20 else round(min(6.0, max(2.4, 0.07 * seconds)) * FPS)
    left = total - title - end - button - tag * len(after)
    shots: dict[Act, int] = {act: round(left * share) for act, share in (SHARES_OF_A_SPOT if short else SHARES).items()}
    shots["escalation"] = left - sum(shots.values())
    shots["button"] = button
    return Measure(shots, after, tag, title, end)


def shots(act: Act, frames: int) -> int:
    """Return how many shots an act of `frames` frames should have."""
    first, last = SECONDS_A_SHOT[act]
    return max(1, round(frames / FPS / ((first + last) / 2))) if frames else 0


def picks(act: Act, frames: int) -> int:
    """Return how many pieces of the story those shots should show."""
    return math.ceil(shots(act, frames) / SHOTS_A_PICK[act])


def wish(act: Act, place: float) -> int:
    """Return the frames a shot at `place` (0..1) of an act would like: shorter and shorter."""
    first, last = SECONDS_A_SHOT[act]
    return max(1, round((first + (last - first) * place) * FPS))
