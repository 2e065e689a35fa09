"""Scene headings: which line is one, and what it says of inside or outside, place and time of day.

Called by `fountain` and `margins` (is it a heading?) and `analysis` (what does it say?). Knows words of several
languages; holds no state.
"""

import re
from dataclasses import dataclass

from trailerflow.film import vocabulary

INSIDE = vocabulary.entries("heading", "inside")
OUTSIDE = vocabulary.entries("heading", "outside")
BOTH = vocabulary.entries("heading", "both")
SHORT = vocabulary.entries("heading", "short")
IDEOGRAPHS = tuple(word for word in (*INSIDE, *OUTSIDE) if ord(word[0]) > 0x2E7F)
WORDS = sorted({word.casefold() for word in (*INSIDE, *OUTSIDE, *BOTH)}, key=len, reverse=True)
_WORD = "|".join(re.escape(word) for word in WORDS)
OPENING = re.compile(rf"({_WORD})(?:[.。]?\s?[/／]\s?({_WORD}))?(?=[.。,:：/\s\-–—－]|$)", re.IGNORECASE)  # noqa: RUF001 (full-width marks are meant)
MARGIN_NUMBER = re.compile(r"(\d{1,4}[A-Za-z]{0,2})[.)]?\s+(?=\S)")
END_NUMBER = re.compile(r"#([\w.\-]{1,20})#\s*$")
PLACE_END = re.compile(r"\s+[-–—]+\s+|\s*--+\s*|\s*[–—－]\s*|(?<=[^\x00-\x7f])-(?=[^\x00-\x7f])|\s-(?=\S)|(?<=\S)-\s")  # noqa: RUF001 (dashes are meant)
MAX_LENGTH = 1_000
# The circle of Japanese scripts, the `S#1` of Korean ones.
MARKED = re.compile(r"[○◯]\s?(?=\S)|[SＳ][#＃]\s?(\d{1,4}[A-Za-z]?)[.．)]?\s*(?=\S)")  # noqa: RUF001 (full-width marks)
MARKED_FIRST = frozenset("○◯SＳ")  # noqa: RUF001 (full-width marks)
FIRST_TWO = frozenset(word[:2].casefold() for word in WORDS)
UNCASED_FIRST = MARKED_FIRST.union("0123456789", (word[0] for word in IDEOGRAPHS))
FIRST = UNCASED_FIRST.union(*((word[0].upper(), word[0].lower()) for word in WORDS))


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading's words: `parts` are the places from large to small and the time, `number` the scene number."""

    text: str
    number: str | None
    interior: bool | None
    parts: tuple[str, ...]


def is_heading(line: str) -> bool:
    """Say whether a stripped line, not empty, opens with a heading word."""
    first = line[0]
    if first not in FIRST or len(line) > MAX_LENGTH:
        return False
    if first in UNCASED_FIRST:
        if first in MARKED_FIRST and MARKED.match(line):
            return True
    elif line[:2].casefold() not in FIRST_TWO:  # most lines of a script end here, before a regex is asked
        return False
    match = OPENING.match(line) or _numbered(line)
    return bool(match) and _convincing(match, line)  # type: ignore[arg-type]  # bool() has told None apart


def _numbered(line: str) -> re.Match[str] | None:
    margin = MARGIN_NUMBER.match(line) if line[0].isdigit() else None
    return OPENING.match(line, margin.end()) if margin else None


def _convincing(match: re.Match[str], line: str) -> bool:
    """`Int. house` is one, `Exterior walls are dull.` is not: whole words must be upper case or be set off."""
    word, rest = match.group(1), line[match.end() :]
    if not rest.strip(" .。"):
        return word.isupper() and len(word) > 2 and rest[:1] in ".。"
    if word in IDEOGRAPHS:
        return len(line) <= 40
    if word.upper() in SHORT:
        return True
    return word.upper() == word or rest[0] in ".。:："  # noqa: RUF001 (full-width marks are meant)


def split_number(line: str) -> tuple[str, str | None]:
    """Return a heading without its scene number, and the number (`#12A#`, or `12A` in the left margin)."""
    if marked := MARKED.match(line):
        return line[marked.end() :], marked.group(1)
    match = END_NUMBER.search(line)
    if match:
        bare = line[: match.start()].rstrip()
        margin = MARGIN_NUMBER.match(bare)
        return bare[margin.end() :] if margin and OPENING.match(bare, margin.end()) else bare, match.group(1)
    margin = MARGIN_NUMBER.match(line) if len(line) <= MAX_LENGTH else None
    if margin and OPENING.match(line, margin.end()):
        number = margin.group(1)
        return re.sub(rf"\s{{2,}}{re.escape(number)}[.)]?\s*$", "", line[margin.end() :]), number
    return line, None


def parse(text: str) -> Heading:
    """Return what a heading says; `text` may or may not carry its number."""
    bare, number = split_number(" ".join(text.split()))
    match = OPENING.match(bare)
    interior: bool | None = None
    if match and _convincing(match, bare):
        first = match.group(1).upper()
        interior = first in INSIDE or first in BOTH
        bare = bare[match.end() :].lstrip(" .。/:：,-–—－")  # noqa: RUF001 (full-width marks are meant)
    parts = tuple(part.strip(" .,") for part in PLACE_END.split(bare) if part and part.strip(" .,"))
    return Heading(text, number, interior, parts)
