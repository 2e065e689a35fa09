"""Blemishes: where a film's pictures are black, or stand still, for longer than anybody means them to.

Called by `delivery` on the whole trailer, by `fitting`, `clips` and `stand_ins` on a clip that came or was made from
outside: one definition for both, so that what is taken in is not refused at the end. Must never hold more than two
pictures in memory.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from trailerflow.film.crew import ClipOrder
from trailerflow.film.plan import FPS

LONGEST_FRAMES = 2 * FPS
EDGE_FRAMES = LONGEST_FRAMES // 2
"""So long may a clip be black at an end: the clip beside it may be as well, and together they must pass."""

BLACK_SHARE, BLANK_SHARE = 0.98, 0.9985
"""Of the pixels that are dark, in a black picture and on a card whose letters are gone: they light few pixels."""
DARK = 0.1

_DARK_LUMA = 16 + DARK * 219  # the limited range of video
_EVERY = 4  # of each row and column, every fourth pixel is looked at
_STILL_LEVELS, _STILL_SHARE = 2, 0.001

Luma = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of frames, the end not included, that is `black`, `frozen` or `silent`."""

    kind: str
    start: int
    end: int


class Watch:
    """Sees the pictures of a film one after another."""

    def __init__(self) -> None:
        self._black: list[bool] = []
        self._still: list[bool] = []
        self._anchor: Luma | None = None

    @property
    def frames(self) -> int:
        """Return how many pictures were seen."""
        return len(self._black)

    def see(self, luma: Luma, *, is_card: bool = False) -> None:
        """Look at the next picture; a card is letters on black, and may stand still."""
        self._black.append(float(np.mean(luma < _DARK_LUMA)) >= (BLANK_SHARE if is_card else BLACK_SHARE))
        anchor = self._anchor
        alike = anchor is not None and float(np.mean(np.abs(luma - anchor) >= _STILL_LEVELS)) < _STILL_SHARE
        self._still.append(alike and not is_card)
        if not alike:
            self._anchor = luma

    def spans(self, faded: Collection[int] = ()) -> Iterator[Span]:
        """Yield what is black or frozen for too long; in `faded` frames the plan asks for black."""
        black = [mark and number not in faded for number, mark in enumerate(self._black)]
        yield from spans("black", black)
        yield from spans("frozen", self._still, lead=1)

    def dark_ends(self, faded: Collection[int]) -> Iterator[Span]:
        """Yield where a clip is black from one end to the other, or at an end for longer than half of what may be."""
        black = [mark or number in faded for number, mark in enumerate(self._black)]
        if all(black):
            yield Span("black", 0, len(black))
            return
        head, tail = black.index(False), black[::-1].index(False)
        if head - len([number for number in faded if number < head]) > EDGE_FRAMES:
            yield Span("black", 0, head)
        if tail - len([number for number in faded if number >= len(black) - tail]) > EDGE_FRAMES:
            yield Span("black", len(black) - tail, len(black))


def spans(kind: str, marks: Sequence[bool], lead: int = 0) -> Iterator[Span]:
    """Yield stretches of marked frames longer than two seconds; `lead` frames before the first mark belong to one."""
    begin: int | None = None
    for number, mark in enumerate((*marks, False)):
        if mark and begin is None:
            begin = number - lead
        elif not mark and begin is not None:
            if number - begin > LONGEST_FRAMES:
                yield Span(kind, begin, number)
            begin = None


def is_black(bgr: NDArray[np.uint8]) -> bool:
    """Tell whether a still picture is black."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    return float(np.mean(grey < DARK * 255)) >= BLACK_SHARE


def of_clip(path: Path, order: ClipOrder) -> str | None:
    """Return in words how long the clip of an order is black or frozen; nothing if it is fit for a trailer."""
    watch = Watch()
    for luma in lumas(path):
        watch.see(luma)
    faded = fades(0, order.frames, order.fade_in, order.fade_out)
    found = next(chain(watch.spans(faded), watch.dark_ends(faded)), None)
    return None if found is None else said(found)


def said(span: Span) -> str:
    """Return a stretch in words."""
    return f"{span.kind} for {(span.end - span.start) / FPS:.1f} s from {span.start / FPS:.1f} s"


def fades(start: int, frames: int, fade_in: int, fade_out: int) -> frozenset[int]:
    """Return the frames in which a cut comes from black or goes to it."""
    end = start + frames
    return frozenset((*range(start, start + fade_in), *range(end - fade_out, end)))


def lumas(path: Path) -> Iterator[Luma]:
    """Decode every frame and yield a sixteenth of its luma."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"skip_loop_filter": "all"}  # a third of the time; nobody sees these pictures
        for frame in container.decode(stream):
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            yield rows[: frame.height : _EVERY, : frame.width : _EVERY].astype(np.int16)
