"""Cutting: joins acts and cards into the cut list: where each begins, what dissolves, what fades.

Called by `storyboard`. Frames only move from here to there: each act keeps the frames it was given.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from trailerflow.film import rhythm
from trailerflow.film.analysis import Analysis
from trailerflow.film.plan import FPS, Act, Card, Cut, Shot

FADE_IN = 14
FADE_OUT = 24
CARD_FADE = 8
BLACK_OUT = 10
DISSOLVE = (8, 14)
SECONDS_BETWEEN_DISSOLVES = 6
TIME_PASSES = 0.12
DISSOLVING: tuple[Act, ...] = ("cold_open", "introduction", "escalation")


class Reel(NamedTuple):
    """One act's shots and the frames of each."""

    act: Act
    shots: tuple[Shot, ...]
    frames: tuple[int, ...]


class Letters(NamedTuple):
    """The cards of the trailer."""

    tags: Sequence[Card]
    title: Card
    end: Card


def assemble(reels: Sequence[Reel], letters: Letters, measure: rhythm.Measure, analysis: Analysis) -> tuple[Cut, ...]:
    """Return the cut list; its frames add up to those of `measure`."""
    cuts: list[Cut] = []
    start = 0
    for kind, name, act, frames in _order(reels, letters, measure):
        cuts.append(Cut(kind="shot" if kind == "shot" else "card", id=name, act=act, start=start, frames=frames))
        start += frames
    shots = {shot.id: shot for reel in reels for shot in reel.shots}
    return tuple(_faded(_dissolved(cuts, shots, len(analysis.scenes))))


def _order(reels: Sequence[Reel], letters: Letters, measure: rhythm.Measure) -> Iterator[tuple[str, str, Act, int]]:
    """Name everything on the time-line in turn: kind, id, act and frames."""
    tags = dict(zip(measure.tags, letters.tags, strict=False))
    last: Act = "title"
    by_act = {reel.act: reel for reel in reels}
    for act in ("cold_open", "introduction", "escalation", "montage"):
        yield from _reel(by_act.get(act))
        if act in tags:
            yield "card", tags[act].id, act, measure.tag
    yield "card", letters.title.id, "title", measure.title
    if "button" in by_act and by_act["button"].shots:
        yield from _reel(by_act["button"])
        last = "button"
    yield "card", letters.end.id, last, measure.end


def _reel(reel: Reel | None) -> Iterator[tuple[str, str, Act, int]]:
    if reel:
        for shot, frames in zip(reel.shots, reel.frames, strict=True):
            yield "shot", shot.id, reel.act, frames


def _dissolved(cuts: Sequence[Cut], shots: Mapping[str, Shot], scenes: int) -> list[Cut]:
    """Blend two shots where time passes between them, now and then."""
    result = [cuts[0]]
    latest = -SECONDS_BETWEEN_DISSOLVES * FPS
    for before, cut in pairwise(cuts):
        frames = 0
        if (
            before.kind == cut.kind == "shot"
            and cut.act in DISSOLVING
            and cut.start - latest >= SECONDS_BETWEEN_DISSOLVES * FPS
        ):
            frames = min(DISSOLVE[1], before.frames // 3, cut.frames // 3)
            if frames < DISSOLVE[0] or not _time_passes(shots[before.id], shots[cut.id], scenes):
                frames = 0
        if frames:
            latest = cut.start
        result.append(cut.model_copy(update={"dissolve": frames}))
    return result


def _time_passes(before: Shot, after: Shot, scenes: int) -> bool:
    if before.scene == after.scene:
        return False
    gap = abs(after.scene - before.scene)
    return before.time_of_day != after.time_of_day or gap > max(2, TIME_PASSES * scenes)


def _faded(cuts: Sequence[Cut]) -> Iterator[Cut]:
    """Rise from black at the head, sink into it at the end and before the title; letters come and go softly."""
    for place, cut in enumerate(cuts):
        card = cut.kind == "card"
        before_title = place + 1 < len(cuts) and cuts[place + 1].id == "title"
        fade_in = FADE_IN if place == 0 else CARD_FADE if card else 0
        fade_out = FADE_OUT if place == len(cuts) - 1 else CARD_FADE if card else BLACK_OUT if before_title else 0
        if place and cuts[place - 1].id == "title":
            fade_in = max(fade_in, CARD_FADE)
        limit = cut.frames // 3
        yield cut.model_copy(update={"fade_in": min(fade_in, limit), "fade_out": min(fade_out, limit)})
