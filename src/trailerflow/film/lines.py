"""The visible lines of a Fountain source, in blocks between empty lines: notes and boneyards taken out.

Called by `fountain`; `rows` and the web share its line ends. Searches with `str.find` and remembers what it found, so
that a million unclosed brackets cost one search; yields the blocks one by one, so that memory holds no copy.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from trailerflow.film.screenplay import Element, Notice

END = re.compile("\r\n|[\n\r\x85]")
FILLER = "\x1c"  # white space to Python, which nobody types: stands for the first half of a double line end
EMPTY_LINE = re.compile(f"\n[ \t{FILLER}]?{FILLER}?\n")
OPENING = re.compile(r"/\*|\[\[")
PAUSE = 2


class Line(NamedTuple):
    """A visible line: as written, stripped, its number from 1 and where its first and last visible characters lie."""

    raw: str
    text: str
    number: int
    start: int
    end: int


class Block(NamedTuple):
    """Lines without an empty one between them; `pause` says that above it one line holds blanks and nothing else."""

    lines: list[Line]
    pause: bool


class Hidden(NamedTuple):
    """A stretch of the source that is not part of the text."""

    kind: str
    start: int
    end: int


class Source:
    """A source, what in it is hidden, its notes, and warnings about boneyards; `total` is its number of lines."""

    def __init__(self, text: str) -> None:
        self._text = flat(text)
        self._hidden, unclosed = _hidden(self._text)
        self.total = self._text.count("\n") + (not self._text.endswith("\n"))
        self.notes: list[Element] = []
        self.warnings: list[Notice] = []
        number, counted = 1, 0
        for kind, start, end in self._hidden:
            number, counted = number + self._text.count("\n", counted, start), start
            if kind == "note":
                inner = END.sub("\n", text[start + 2 : end - 2].strip())
                self.notes.append(Element(type="note", text=inner, line=number, start=start, end=end))
            else:
                message = f"{end - start} characters in /* */ were left out."
                self.warnings.append(Notice(line=number, code="boneyard", message=message))
        if unclosed is not None:
            number = 1 + self._text.count("\n", 0, unclosed)
            message = "/* is never closed; it was read as text."
            self.warnings.append(Notice(line=number, code="unclosed_boneyard", message=message))

    def blocks(self) -> Iterator[Block]:
        """Yield the blocks of visible lines, in order."""
        text, hidden = self._text, [*self._hidden, Hidden("end", len(self._text) + 1, len(self._text) + 1)]
        length, at, covered = len(text), 0, hidden[0].start
        block: list[Line] = []
        blank, blanks, pause = "", 0, False
        start = number = 0
        new = tuple.__new__  # half the time of `Line()`, for every line of a script
        while start < length:
            end = text.find("\n", start)
            end = length if end < 0 else end
            number += 1
            line: Line | None = None
            if covered < end:
                line, at = _pieced(text, number, (start, end), hidden, at)
                covered = hidden[at].start
                is_empty = False
            else:
                raw = text[start:end]
                words = raw.strip()
                is_empty = not words
                if words:
                    first = start if raw[0] == words[0] else start + len(raw) - len(raw.lstrip())
                    line = new(Line, (raw, words, number, first, first + len(words)))
                else:
                    blank, blanks = raw, blanks + 1
            if is_empty and block:
                yield Block(block, pause)
                block, blanks = [], 1
            elif line is not None:
                if not block:
                    pause = blanks == 1 and len(blank.rstrip(FILLER)) >= PAUSE
                    blanks = 0
                block.append(line)
            start = end + 1
        if block:
            yield Block(block, pause)


def flat(text: str) -> str:
    """Return the text with a line feed for every line end, each character in its old place."""
    if "\r" in text:
        text = text.replace("\r\n", f"{FILLER}\n").replace("\r", "\n")
    return text.replace("\x85", "\n") if "\x85" in text else text


def _hidden(text: str) -> tuple[list[Hidden], int | None]:
    """Find notes and boneyards in order; also where the first boneyard without an end begins."""
    found: list[Hidden] = []
    unclosed: int | None = None
    position = 0
    bone_end = note_end = gap = -1
    while match := OPENING.search(text, position):
        start = match.start()
        position = start + 2
        if start and text[start - 1] == "\\":
            continue
        if text[start] == "/":
            bone_end = _next(text, "*/", bone_end, position)
            if bone_end == len(text):
                unclosed = start if unclosed is None else unclosed
            else:
                position = bone_end + 2
                found.append(Hidden("boneyard", start, position))
            continue
        note_end = _next(text, "]]", note_end, position)
        if gap < position:
            empty = EMPTY_LINE.search(text, position)
            gap = empty.start() if empty else len(text)
        if note_end < len(text) and note_end < gap:
            position = note_end + 2
            found.append(Hidden("note", start, position))
    return found, unclosed


def _next(text: str, mark: str, known: int, position: int) -> int:
    """Return where `mark` comes next at or after `position` (the text's length: never), searching only if unknown."""
    if known >= position:
        return known
    found = text.find(mark, position)
    return len(text) if found < 0 else found


def _pieced(text: str, number: int, place: tuple[int, int], hidden: list[Hidden], at: int) -> tuple[Line | None, int]:
    """Return what is visible of a line that is partly hidden, and which hidden stretch comes next.

    A line of nothing else is no line, not an empty one.
    """
    pieces: list[tuple[int, int]] = []
    start, end = place
    position = start
    while hidden[at].start < end:
        if hidden[at].start > position:
            pieces.append((position, hidden[at].start))
        position = max(position, min(hidden[at].end, end))
        if hidden[at].end > end:
            break
        at += 1
    if position < end:
        pieces.append((position, end))
    seen = [(first, last) for first, last in pieces if text[first:last].strip()]
    if not seen:
        return None, at
    raw = "".join(text[first:last] for first, last in pieces)
    opening, closing = text[seen[0][0] : seen[0][1]], text[seen[-1][0] : seen[-1][1]]
    first, last = seen[0][1] - len(opening.lstrip()), seen[-1][0] + len(closing.rstrip())
    return Line(raw, raw.strip(), number, first, last), at
