"""Columns: at which indents a laid-out screenplay sets action, dialogue and cues.

Called by `layout`. Learns them from the text itself: a cue is short, upper case, has air above and words right below,
which begin further left. Says so when a text has no such columns.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from trailerflow.film import cues, headings
from trailerflow.film.rows import Row

LONGEST_CUE = 44
LEAST_CUES = 2
# A name that is not in capitals must stand there this often.
LONGEST_NAME, FREQUENT = 24, 4
LEAST_STEP = 3
CUE_ZONE = 0.6
SURE_SHARE = 0.15
MOSTLY, OFF_CENTRE = 0.9, 2.0


class Columns(NamedTuple):
    """Where action, dialogue and cues begin, in characters; speech and cues reach from `speech_from` and `cue_from` on.

    `loose` is the number of blank lines between lines that belong together, `centre` the middle of the cues where each
    is centred, however long it is.
    """

    cue: int
    dialogue: int
    speech_from: int
    cue_from: int
    loose: int
    centre: float | None = None

    def is_action(self, row: Row) -> bool:
        """Say whether a row stands where action and headings stand."""
        return row.indent < self.speech_from

    def is_speech(self, row: Row) -> bool:
        """Say whether a row stands where dialogue and parentheticals stand."""
        return self.speech_from <= row.indent < self.cue_from

    def is_inset(self, row: Row) -> bool:
        """Say whether a row stands further right than dialogue does."""
        return row.indent >= self.dialogue + LEAST_STEP

    def is_centred(self, row: Row) -> bool:
        """Say whether a row stands in the middle where every cue does."""
        return self.centre is not None and abs(_middle(row) - self.centre) <= OFF_CENTRE

    def is_apart(self, row: Row) -> bool:
        """Say whether there is air above a row, or the end of a page."""
        return row.above > self.loose or row.page

    def is_cue(self, row: Row) -> bool:
        """Say whether a row stands where cues stand, or still further right."""
        return row.indent >= self.cue_from


def find(rows: Sequence[Row]) -> Columns | None:
    """Return the columns of a screenplay's rows; nothing if they are not laid out as one."""
    pairs = _candidates(rows)
    if not pairs:
        return None
    cue = _commonest(above.indent for above, _ in pairs)
    dialogue = _commonest(below.indent for above, below in pairs if abs(above.indent - cue) <= 2)
    action = _action(rows, dialogue)
    if not (action + LEAST_STEP <= dialogue and dialogue + LEAST_STEP <= cue):
        return None
    inner = [row.above for before, row in pairwise(rows) if before.indent == row.indent == dialogue and not row.page]
    loose = min(1, _commonest(inner)) if inner else 0
    return _columns(action, dialogue, cue, loose)._replace(centre=_centre([above for above, _ in pairs]))


def plain(rows: Sequence[Row], *, loose: int = 0) -> Columns:
    """Return the columns of a text in which no indent tells speech: everything stands where action stands."""
    action = _commonest(row.indent for row in rows)
    return _columns(action, action + 1000, action + 2000, loose)


def _columns(action: int, dialogue: int, cue: int, loose: int) -> Columns:
    return Columns(cue, dialogue, (action + dialogue + 1) // 2, round(dialogue + CUE_ZONE * (cue - dialogue)), loose)


def is_credible(rows: Sequence[Row], columns: Columns) -> bool:
    """Say whether the columns hold enough of the text to be more than chance."""
    spoken = sum(not columns.is_action(row) for row in rows)
    return spoken >= SURE_SHARE * len(rows) and len(_candidates(rows)) >= LEAST_CUES


def _candidates(rows: Sequence[Row]) -> list[tuple[Row, Row]]:
    """Return pairs of a row that looks like a cue and the first row of words below it."""
    found = []
    short = Counter(row.text for row in rows if len(row.text) <= LONGEST_NAME and row.text[-1].isalnum())
    known = frozenset(text for text, count in short.items() if count >= FREQUENT)
    for position in range(len(rows) - 1):
        row, below = rows[position], rows[position + 1]
        if row.side or len(row.text) > LONGEST_CUE or below.above > 1 or not (row.above >= below.above or row.page):
            continue
        if below.text[0] == "(" and position + 2 < len(rows):
            below = rows[position + 2]
        if row.indent < below.indent + LEAST_STEP or headings.is_heading(row.text) or row.text.endswith(":"):
            continue
        if cues.read(row.text, known=known):
            found.append((row, below))
    return found


def _centre(cue_rows: Sequence[Row]) -> float | None:
    """Return the middle of the cues if they share it, and begin at different indents."""
    centre = median(_middle(row) for row in cue_rows)
    shared = sum(abs(_middle(row) - centre) <= OFF_CENTRE for row in cue_rows)
    edge = Counter(row.indent for row in cue_rows).most_common(1)[0][1]
    return centre if shared >= MOSTLY * len(cue_rows) > edge else None


def _middle(row: Row) -> float:
    return row.indent + len(row.text) / 2


def _action(rows: Sequence[Row], dialogue: int) -> int:
    # A number in the left margin moves a heading to the left: what most lines have decides.
    return _commonest([row.indent for row in rows if row.indent <= dialogue - LEAST_STEP] or [dialogue])


def _commonest(numbers: Iterable[int]) -> int:
    counts = Counter(numbers)
    return min(counts, key=lambda number: (-counts[number], number))
