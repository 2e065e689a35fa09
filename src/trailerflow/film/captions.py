"""Captions of the placed lines, word for word: WebVTT and SubRip.

Called by `assembly`. Rules (Netflix timed text, English): at most 2 lines of 42 characters, 5/6 s to 7 s, at least two
frames between captions. Must never change, drop or add a word of a line; a speaker's name stands before it when
several speak.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from trailerflow.film.placement import PlacedLine
from trailerflow.film.plan import FPS

WIDTH, ROWS = 42, 2
SHORTEST_SECONDS, LONGEST_SECONDS = 5 / 6, 7.0
GAP_SECONDS = 2 / FPS
_LINGER_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption: its rows of text, and when it is seen, in seconds."""

    rows: tuple[str, ...]
    start: float
    end: float


def captions_of(lines: Sequence[PlacedLine], seconds: float) -> tuple[Caption, ...]:
    """Return the captions of a trailer of so many seconds, in order."""
    named = len({line.line.character for line in lines}) > 1
    wished = [caption for line in lines for caption in _of_line(line, named=named)]
    return _timed(_joined(wished), seconds)


def faults(captions: Sequence[Caption], lines: Sequence[PlacedLine], seconds: float) -> Iterator[str]:
    """Yield in words what is wrong with captions: too wide, too high, too close, or with other words than the lines."""
    for number, caption in enumerate(captions, 1):
        if len(caption.rows) > ROWS or any(_columns(row) > WIDTH for row in caption.rows):
            yield f"caption {number} does not fit on {ROWS} rows of {WIDTH} columns"
    moments = [0.0, *(moment for caption in captions for moment in (caption.start, caption.end)), seconds]
    if any(late < early for early, late in pairwise(moments)):
        yield "the captions overlap or last longer than the trailer"
    shown = "".join("".join(caption.rows) for caption in captions).replace(" ", "")
    place = 0
    for line in lines:
        words = "".join(line.line.text.split())
        place = shown.find(words, place)
        if place < 0:
            yield f"the line of {line.line.character}, “{line.line.text}”, is not captioned word for word"
            return
        place += len(words)


def vtt(captions: Sequence[Caption]) -> str:
    """Return the captions as WebVTT (W3C WebVTT 1)."""
    cues = [
        f"{number}\n{_clock(caption.start, '.')} --> {_clock(caption.end, '.')}\n{_escaped(caption.rows)}\n"
        for number, caption in enumerate(captions, 1)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def srt(captions: Sequence[Caption]) -> str:
    """Return the captions as SubRip."""
    cues = [
        f"{number}\n{_clock(caption.start, ',')} --> {_clock(caption.end, ',')}\n" + "\n".join(caption.rows) + "\n"
        for number, caption in enumerate(captions, 1)
    ]
    return "\n".join(cues)


def rows_of(text: str) -> tuple[str, ...]:
    """Break text into rows of at most 42 columns (wide letters count two), at spaces where there are any."""
    rows: list[str] = []
    row = ""
    for word in text.split():
        for piece in _pieces(word):
            joined = f"{row} {piece}" if row else piece
            if _columns(joined) <= WIDTH:
                row = joined
            else:
                rows.append(row)
                row = piece
    return (*rows, row) if row else tuple(rows)


def _of_line(placed: PlacedLine, *, named: bool) -> list[Caption]:
    """Cut a line into captions; each is seen for its share of the line's letters."""
    text = f"{placed.line.character}: {placed.line.text}" if named else placed.line.text
    groups = _grouped(rows_of(text))
    letters = [sum(map(len, group)) for group in groups]
    moment, captions = placed.start, []
    for group, count in zip(groups, letters, strict=True):
        end = moment + (placed.end - placed.start) * count / sum(letters)
        captions.append(Caption(group, moment, end))
        moment = end
    return captions


def _grouped(rows: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Put two rows on a caption, but end a caption early where a sentence ends."""
    groups: list[tuple[str, ...]] = []
    place = 0
    while place < len(rows):
        ends = re.search(r"[.!?…][\"'\u201d\u2019)]*$", rows[place])
        count = 1 if ends and len(rows) - place > ROWS else ROWS
        groups.append(rows[place : place + count])
        place += count
    return groups


def _joined(captions: list[Caption]) -> list[Caption]:
    """Put two short captions on one where the second comes too soon for the first to be read."""
    joined: list[Caption] = []
    for caption in captions:
        before = joined[-1] if joined else None
        soon = before is not None and caption.start - before.start < SHORTEST_SECONDS + GAP_SECONDS
        if before is not None and soon and len(before.rows) + len(caption.rows) <= ROWS:
            joined[-1] = Caption(before.rows + caption.rows, before.start, caption.end)
        else:
            joined.append(caption)
    return joined


def _timed(captions: list[Caption], seconds: float) -> tuple[Caption, ...]:
    """Give every caption at least 5/6 s and the gap after it, moving as little as possible; on whole frames."""
    starts = [round(caption.start * FPS) for caption in captions]
    ends = [round((caption.end + _LINGER_SECONDS) * FPS) for caption in captions]
    last, gap = int(seconds * FPS), round(GAP_SECONDS * FPS)
    # Too many captions for the time there is: all share it alike.
    least = min(round(SHORTEST_SECONDS * FPS), max((last + gap) // max(len(captions), 1) - gap, 1))
    for number in range(1, len(starts)):
        starts[number] = max(starts[number], starts[number - 1] + least + gap)
    until = last
    for number in reversed(range(len(starts))):
        starts[number] = max(min(starts[number], until - least), 0)
        longest = starts[number] + round(LONGEST_SECONDS * FPS)
        ends[number] = min(max(ends[number], starts[number] + least), until, longest)
        until = starts[number] - gap
    return tuple(
        Caption(caption.rows, start / FPS, end / FPS)
        for caption, start, end in zip(captions, starts, ends, strict=True)
    )


def _pieces(word: str) -> list[str]:
    """Cut a word that is wider than a row, as scripts without spaces need."""
    pieces, piece = [], ""
    for letter in word:
        if piece and _columns(piece + letter) > WIDTH:
            pieces.append(piece)
            piece = ""
        piece += letter
    return [*pieces, piece]


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _clock(seconds: float, mark: str) -> str:
    milliseconds = round(seconds * 1000)
    minutes, milliseconds = divmod(milliseconds, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}{mark}{milliseconds % 1000:03}"


def _escaped(rows: Sequence[str]) -> str:
    return "\n".join(row.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for row in rows)
