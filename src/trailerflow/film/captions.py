"""Captions of the placed lines, word for word: WebVTT and SubRip.

Called by `assembly`. Rules (Netflix timed text, English): at most 2 lines of 42 characters, 5/6 s to 7 s, at least two
frames between captions. Must never change, drop or add a word of a line; a speaker's name stands before it when
several speak, and what a narrator tells is in italics.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from trailerflow.film.placement import PlacedLine
from trailerflow.film.plan import FPS, NARRATOR

WIDTH, ROWS = 42, 2
SHORTEST_SECONDS, LONGEST_SECONDS = 5 / 6, 7.0
GAP_SECONDS = 2 / FPS
_LINGER_SECONDS = 0.4
_SHORTEST, _LONGEST, _GAP = (round(seconds * FPS) for seconds in (SHORTEST_SECONDS, LONGEST_SECONDS, GAP_SECONDS))


@dataclass(frozen=True, slots=True)
class Caption:
    """One caption: its rows of text, when it is seen, in seconds, and whether a narrator tells it."""

    rows: tuple[str, ...]
    start: float
    end: float
    narrated: bool = False


def captions_of(lines: Sequence[PlacedLine], seconds: float) -> tuple[Caption, ...]:
    """Return the captions of a trailer of so many seconds, in order."""
    named = len({line.line.character for line in lines} - {NARRATOR}) > 1
    wished = [caption for line in lines for caption in _of_line(line, named=named)]
    return _timed(_joined(wished), seconds)


def faults(captions: Sequence[Caption], lines: Sequence[PlacedLine], seconds: float) -> Iterator[str]:
    """Yield in words what is wrong: too wide or high, too short or close, or with other words than the lines."""
    least = _least(len(captions), seconds)
    for number, caption in enumerate(captions, 1):
        if not least <= round((caption.end - caption.start) * FPS) <= _LONGEST:
            yield f"caption {number} is seen for {caption.end - caption.start:.1f} s"
        if len(caption.rows) > ROWS or any(_columns(row) > WIDTH for row in caption.rows):
            yield f"caption {number} does not fit on {ROWS} rows of {WIDTH} columns"
    moments = [0.0, *(moment for caption in captions for moment in (caption.start, caption.end)), seconds]
    if any(late < early for early, late in pairwise(moments)):
        yield "the captions overlap or last longer than the trailer"
    elif any(round((late.start - early.end) * FPS) < _GAP for early, late in pairwise(captions)):
        yield f"there are less than {_GAP} frames between two captions"
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
        f"{number}\n{_clock(caption.start, '.')} --> {_clock(caption.end, '.')}\n{_shown(caption, _escaped)}\n"
        for number, caption in enumerate(captions, 1)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def srt(captions: Sequence[Caption]) -> str:
    """Return the captions as SubRip."""
    cues = [
        f"{number}\n{_clock(caption.start, ',')} --> {_clock(caption.end, ',')}\n{_shown(caption, str)}\n"
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
    narrated = placed.line.character == NARRATOR
    text = f"{placed.line.character}: {placed.line.text}" if named and not narrated else placed.line.text
    groups = _grouped(rows_of(text))
    letters = [sum(map(len, group)) for group in groups]
    moment, captions = placed.start, []
    for group, count in zip(groups, letters, strict=True):
        end = moment + (placed.end - placed.start) * count / sum(letters)
        captions.append(Caption(group, moment, end, narrated))
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
        alike = before is not None and before.narrated == caption.narrated
        if before is not None and soon and alike and len(before.rows) + len(caption.rows) <= ROWS:
            joined[-1] = replace(before, rows=before.rows + caption.rows, end=caption.end)
        else:
            joined.append(caption)
    return joined


def _timed(captions: list[Caption], seconds: float) -> tuple[Caption, ...]:
    """Give every caption at least 5/6 s and the gap after it, moving as little as possible; on whole frames."""
    starts = [round(caption.start * FPS) for caption in captions]
    ends = [round((caption.end + _LINGER_SECONDS) * FPS) for caption in captions]
    last, least = int(seconds * FPS), _least(len(captions), seconds)
    for number in range(1, len(starts)):
        starts[number] = max(starts[number], starts[number - 1] + least + _GAP)
    until = last
    for number in reversed(range(len(starts))):
        starts[number] = max(min(starts[number], until - least), 0)
        ends[number] = min(max(ends[number], starts[number] + least), until, starts[number] + _LONGEST)
        until = starts[number] - _GAP
    return tuple(
        replace(caption, start=start / FPS, end=end / FPS)
        for caption, start, end in zip(captions, starts, ends, strict=True)
    )


def _least(count: int, seconds: float) -> int:
    """Return the frames each caption is seen at least; too many for the time there is share it alike."""
    return min(_SHORTEST, max((int(seconds * FPS) + _GAP) // max(count, 1) - _GAP, 1))


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


def _shown(caption: Caption, escaped: Callable[[str], str]) -> str:
    rows = "\n".join(escaped(row) for row in caption.rows)
    return f"<i>{rows}</i>" if caption.narrated else rows


def _escaped(row: str) -> str:
    return row.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
