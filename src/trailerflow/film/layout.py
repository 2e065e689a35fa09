"""Screenplays told by their layout: plain text and PDF, where an indent says what Fountain says by marks.

Called by `reading`. One pass over the rows; lines that were wrapped on the page are joined again, a speech that a page
end broke too. Never raises on any text.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Any

from trailerflow.film import columns, cues, margins, rows, slugs, title_page
from trailerflow.film.columns import Columns
from trailerflow.film.fountain import is_transition
from trailerflow.film.rows import Row, Side
from trailerflow.film.screenplay import Element, ElementType, Script

LONG = 40
LONGEST_ASIDE = 6
LONGEST_TITLE_PAGE = 60
LONGEST_NAME = 30
AT_CUE = 1
BRACKETS = "(（"  # noqa: RUF001 (a full-width bracket is meant)
FAR = 8
# What follows the hyphen of `Sonn- und Feiertage`.
CONJUNCTIONS = frozenset(("and", "or", "to", "und", "oder", "bis", "et", "ou", "y", "o", "e", "en", "of", "i", "lub"))


def read(
    text: str, *, bold: AbstractSet[int] = frozenset(), sides: Mapping[int, Side] | None = None, sure: bool = False
) -> Script | None:
    """Return the script of a laid-out text; nothing if it is not laid out as a screenplay, unless that is `sure`.

    `bold` are the numbers of lines set in bold, `sides` tells of lines in which of two columns they stood.
    """
    sheet = rows.cut(text, bold, sides)
    found = columns.find(sheet.rows)
    if not sure and not (found and columns.is_credible(sheet.rows, found)):
        return None
    if not sheet.rows:
        return Script({}, (), tuple(sheet.warnings), sheet.total, text)
    page, body = titled(sheet.rows, title_rows(sheet.rows))
    reading = Reading(body, found or columns.plain(sheet.rows))
    return Script(page, tuple(reading.run()), (*sheet.warnings, *reading.warnings), sheet.total, text)


def titled(page: Sequence[Row], taken: int) -> tuple[dict[str, str], Sequence[Row]]:
    """Return the title page that the first `taken` rows are, and the rows of the script."""
    return title_page.typed(_spaced(page[:taken])), page[taken:]


def title_rows(page: Sequence[Row]) -> int:
    """Return how many rows the title page takes: what stands above the first heading, transition or full page."""
    for position, row in enumerate(page[:LONGEST_TITLE_PAGE]):
        if position and row.page:
            return 0 if _is_told(page[:position]) else position
        if margins.is_heading(row.text) or row.scene or is_transition(row.text):
            return position if _is_sheet(page[:position]) else 0
    return 0


def _is_told(head: Sequence[Row]) -> bool:
    """Say whether rows hold a paragraph or a speech, as no title page does."""
    lines = pairwise(head)
    wrapped = sum(row.indent == below.indent and not below.above and _width(row.text) > LONG for row, below in lines)
    return wrapped > 1 or columns.find(head) is not None


def _width(text: str) -> int:
    """Return how wide a line stands on the page: an ideograph takes the room of two letters."""
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def _is_sheet(head: Sequence[Row]) -> bool:
    """Say whether rows above the script name it, and do not tell already."""
    texts = [row.text for row in head]
    return any(title_page.is_credit(text) for text in texts) or (
        0 < len(head) <= 3 and texts[0].isupper() and all(len(text) < LONGEST_NAME for text in texts)
    )


def _spaced(head: Sequence[Row]) -> list[str]:
    return [text for row in head for text in ([""] * min(row.above, 1) + [row.text])]


class Reading:
    """One pass over the rows of a script's pages."""

    def __init__(self, body: Sequence[Row], found: Columns) -> None:
        self.rows = body
        self.columns = found
        self.elements: list[Element] = []
        self._words: list[Row] = []
        self._speaker = ""
        self._heads, self.warnings = slugs.find(body, found)

    def run(self) -> list[Element]:
        """Return the elements."""
        position = 0
        while position < len(self.rows):
            row = self.rows[position]
            if row.side:
                position = self._column(position)
            elif position in self._heads:
                position = self._heading(position)
            elif cue := self._cue(position):
                self._say(row, cue)
                position = self._speech(position + 1)
            elif self._goes_on(row):
                position = self._speech(position)
            else:
                position = self._told(position)
        self._flush()
        return self.elements

    def _emit(self, kind: ElementType, block: Sequence[Row], text: str, **more: Any) -> None:
        self._flush()
        first, last = block[0], block[-1]
        self.elements.append(Element(type=kind, text=text, line=first.number, start=first.start, end=last.end, **more))

    def _flush(self) -> None:
        block, self._words = self._words, []
        if block:
            self._emit("dialogue", block, _joined(block, self.columns.loose))

    def _heading(self, position: int) -> int:
        """Read a heading; one in capitals may go on in the line right below."""
        block = [self.rows[position]]
        text, number = margins.bare(block[0].text)
        position += 1
        while position < len(self.rows) and text.isupper():
            row = self.rows[position]
            if self.columns.is_apart(row) or not slugs.is_capitals(row, self.columns) or position in self._heads:
                break
            block.append(row)
            position += 1
        rest = (margins.without_right(row.text)[0] for row in block[1:])
        scene = next((row.scene for row in block if row.scene), number)
        self._emit("heading", block, " ".join([text, *rest]), number=scene)
        return position

    def _cue(self, position: int) -> cues.Cue | None:
        row = self.rows[position]
        if len(row.text) > columns.LONGEST_CUE or position + 1 == len(self.rows):
            return None
        # A centred name begins further left the longer it is.
        is_inset = self.columns.is_inset(row) or self.columns.is_centred(row)
        if not (self.columns.is_cue(row) or (is_inset and self.columns.is_apart(row))):
            return None
        below = self.rows[position + 1]
        is_spoken = self.columns.is_speech(below) or (below.text[0] in BRACKETS and not self.columns.is_action(below))
        is_far = below.above > self.columns.loose + 1 and not below.page
        if is_far or not is_spoken or below.side or position + 1 in self._heads:
            return None
        text = row.text.rstrip(":")
        exact = abs(row.indent - self.columns.cue) <= AT_CUE and len(text) < LONGEST_NAME
        return cues.read(text, forced=exact and text[0] != "(")

    def _say(self, row: Row, cue: cues.Cue) -> None:
        """Name a speaker, unless the page's end only made the name stand there again."""
        again = any(extension.upper().startswith("CONT") for extension in cue.extensions)
        last = self._words or self.elements[-1:]
        spoken = bool(self._words) or (bool(last) and self.elements[-1].type in ("dialogue", "parenthetical"))
        if again and spoken and (row.more or row.page) and cue.name.upper() == self._speaker:
            return
        self._speaker = cue.name.upper()
        self._emit("character", [row], cue.name, extensions=cue.extensions, dual=cue.dual)

    def _goes_on(self, row: Row) -> bool:
        """Say whether words go on after a page's end or a blank line."""
        spoken = bool(self._words) or (bool(self.elements) and self.elements[-1].type == "parenthetical")
        return spoken and self.columns.is_speech(row) and (row.page or abs(row.indent - self.columns.dialogue) <= 1)

    def _speech(self, position: int) -> int:
        """Read words and parentheticals down to the next gap."""
        first = position
        while position < len(self.rows):
            row = self.rows[position]
            if self._ends_speech(position, first):
                break
            position = self._aside(position) if row.text[0] in BRACKETS else self._word(position)
        return position

    def _ends_speech(self, position: int, first: int) -> bool:
        """Say whether a speech that began at `first` ends above a row."""
        row = self.rows[position]
        # The first row was judged already: it stands under its cue, or goes on after a gap.
        if position > first and (self.columns.is_apart(row) or position in self._heads):
            return True
        is_name = self.columns.is_cue(row) and row.text[0] not in BRACKETS
        return bool(row.side) or self.columns.is_action(row) or is_name

    def _word(self, position: int) -> int:
        self._words.append(self.rows[position])
        return position + 1

    def _aside(self, position: int) -> int:
        """Read a parenthetical to its closing bracket; without one the line is dialogue."""
        block: list[Row] = []
        for row in self.rows[position : position + LONGEST_ASIDE]:
            if block and self._ends_aside(row):
                break
            block.append(row)
            if row.text[-1] in ")）":  # noqa: RUF001 (full-width bracket is meant)
                self._emit("parenthetical", block, _joined(block, self.columns.loose))
                return position + len(block)
        return self._word(position)

    def _ends_aside(self, row: Row) -> bool:
        return (row.above > self.columns.loose and not row.page) or self.columns.is_action(row)

    def _column(self, position: int) -> int:
        """Read one of two columns that stand beside each other: a cue, then what is said."""
        first, side = position, self.rows[position].side
        while position < len(self.rows) and self.rows[position].side == side:
            row = self.rows[position]
            if position > first and row.above > 0:
                break
            if position == first:
                cue = cues.read(row.text, forced=True) or cues.Cue(row.text, (), dual=False)
                self._speaker = cue.name.upper()
                self._emit("character", [row], cue.name, extensions=cue.extensions, dual=side == "right")
                position += 1
                continue
            position = self._aside(position) if row.text[0] in BRACKETS else self._word(position)
        self._flush()
        return position

    def _told(self, position: int) -> int:
        """Read a transition, a centred line or a paragraph of action."""
        row = self.rows[position]
        if is_transition(row.text):
            self._emit("transition", [row], row.text)
            return position + 1
        if self.columns.is_cue(row) and self.columns.is_apart(row):
            far = row.indent >= self.columns.cue + FAR and row.text.isupper() and row.text[-1] in ".:"
            self._emit("transition" if far else "centered", [row], row.text)
            return position + 1
        block = [row]
        position += 1
        while position < len(self.rows):
            row = self.rows[position]
            if self.columns.is_apart(row) and not (row.page and is_broken(block[-1].text, row.text)):
                break
            if row.side or position in self._heads or is_transition(row.text) or self._cue(position):
                break
            block.append(row)
            position += 1
        self._emit("action", block, _joined(block, self.columns.loose))
        return position


def is_broken(before: str, after: str) -> bool:
    """Say whether a sentence goes on over the end of a page."""
    return before[-1] not in '.!?:"”)' and after[0].islower()


def _joined(block: Sequence[Row], loose: int) -> str:
    """Return the text of wrapped lines; a blank line within stays a new line."""
    parts = [block[0].text]
    for row in block[1:]:
        is_hyphen = parts[-1][-1:] == "-" and parts[-1][-2:-1].isalpha() and row.text.split()[0] not in CONJUNCTIONS
        parts.append("\n" if row.above > loose and not row.page else "" if is_hyphen else " ")
        parts.append(row.text)
    return "".join(parts)
