"""Screenplays typed without columns: every line begins at the same indent, only gaps tell what belongs together.

Called by `reading` for a text whose pages left their numbers behind, or whose speeches stand apart from their cues:
what Fountain cannot read. Never raises on any text.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from trailerflow.film import columns, cues, headings, layout, rows, slugs
from trailerflow.film.columns import Columns
from trailerflow.film.fountain import is_transition
from trailerflow.film.rows import Row
from trailerflow.film.screenplay import Script

LEAST_CUES = 3
WIDEST = 80
DOUBLE_SHARE = 0.02
FREQUENT = 2
MOST_BLANK = 3


class Gaps(NamedTuple):
    """How many blank lines lie within a paragraph, and how many between a cue and its speech; who speaks again."""

    loose: int
    cue: int
    speakers: frozenset[str]


def read(text: str) -> Script | None:
    """Return the script of a text without columns; nothing if nobody speaks in it."""
    sheet = rows.cut(text)
    gaps = _gaps(sheet.rows)
    if gaps is None:
        return None
    taken = layout.title_rows(sheet.rows)
    is_told = sum(_name(row) in gaps.speakers for row in sheet.rows[:taken]) > 1
    page, body = layout.titled(sheet.rows, 0 if is_told else taken)
    reading = _Reading(body, columns.plain(sheet.rows, loose=gaps.loose), gaps)
    return Script(page, tuple(reading.run()), (*sheet.warnings, *reading.warnings), sheet.total, text)


def _gaps(page: Sequence[Row]) -> Gaps | None:
    """Measure the gaps of a text: a line in capitals that stands there again and again is a cue."""
    tight = sum(row.above == 0 for row in page[1:])
    wide = sum(row.above > 1 for row in page)
    narrow = all(len(row.text) <= WIDEST for row in page)
    loose = int(narrow and tight <= DOUBLE_SHARE * len(page) < wide)
    found = [
        (name, page[position + 1].above)
        for position, row in enumerate(page[:-1])
        if (row.above > loose or row.page) and (name := _name(row))
    ]
    again = Counter(name for name, _ in found)
    below = Counter(gap for name, gap in found if again[name] >= FREQUENT and gap <= MOST_BLANK)
    if below.total() < LEAST_CUES:
        return None
    gap = min(below, key=lambda gap: (-below[gap], gap))
    right = Counter(name for name, own in found if own == gap)
    return Gaps(
        loose, gap, frozenset(name for name in right if right[name] >= FREQUENT and 2 * right[name] > again[name])
    )


def _name(row: Row) -> str:
    """Return the speaker a line may name."""
    text = row.text
    if len(text) > columns.LONGEST_CUE or not text[0].isalnum() or is_transition(text) or headings.is_heading(text):
        return ""
    if slugs.SHOT.match(text):
        return ""
    cue = cues.read(text.rstrip(":"))
    return cue.name.upper() if cue and cue.name[-1] not in ".!?" else ""


class _Reading(layout.Reading):
    """One pass over the rows of a script without columns."""

    def __init__(self, body: Sequence[Row], found: Columns, gaps: Gaps) -> None:
        super().__init__(body, found)
        self._gaps = gaps

    def _cue(self, position: int) -> cues.Cue | None:
        if position + 1 >= len(self.rows) or position + 1 in self._heads:
            return None
        row, below = self.rows[position], self.rows[position + 1]
        name = _name(row)
        is_known = name in self._gaps.speakers
        # A blank line too many or too few hides nobody who speaks again.
        is_free = self.columns.is_apart(row) or not position or is_known
        if not (name and is_free) or below.above > self._gaps.cue + is_known or below.page:
            return None
        is_apart = below.above > self.columns.loose
        if is_apart and (not is_known or _name(below) or self._gaps.cue > below.above):
            return None
        return cues.read(row.text.rstrip(":"))

    def _goes_on(self, row: Row) -> bool:
        return bool(self._words) and row.page and layout.is_broken(self._words[-1].text, row.text)

    def _ends_speech(self, position: int, first: int) -> bool:
        row, before = self.rows[position], self.rows[position - 1]
        if position == first:
            return False
        follows_aside = before.text[-1] in ")）" and not self._words and row.above <= self._gaps.cue  # noqa: RUF001 (full-width bracket is meant)
        is_apart = self.columns.is_apart(row) and not follows_aside
        return is_apart or position in self._heads or self._cue(position) is not None

    def _ends_aside(self, row: Row) -> bool:
        return row.above > self.columns.loose
