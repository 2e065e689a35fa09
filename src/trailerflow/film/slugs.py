"""Slug lines: where the scenes of a laid-out script begin. Called by `layout` only.

By the words of a heading (INT., EXT.), by numbers in both margins; where a script has hardly any of these, by bold type
or by capitals on a line of their own, and then says so.
"""

import re
from collections.abc import Sequence

from trailerflow.film import margins, vocabulary
from trailerflow.film.columns import Columns
from trailerflow.film.fountain import is_transition
from trailerflow.film.rows import Row
from trailerflow.film.screenplay import Notice

LONGEST_ROWS = 3
LONGEST = 90
SHORTEST = 3
LEAST_SLUGS = 2
ROWS_A_HEADING = 300
ROWS_A_SLUG = 200
BOLD_SHARE = 0.8
# Where the camera looks is no new scene.
SHOT = re.compile(
    r"(?:EXTREME |MEDIUM |WIDE |TIGHT |REVERSE |NEW |ANOTHER |HIGH |LOW |LONG |FULL )*"
    r"(?:ANGLE|CLOSE|SHOT|VIEW|CLOSEUP|CU|ECU|POV|INSERT|ON |BACK TO|CAMERA|TITLE|SUPER|CREDITS|THE END|END|OVER BLACK"
    r"|INTERCUT|SERIES OF|MONTAGE|CONTINUED|OMITTED|NOTE|CAST)\b|.*(?:'S|’S) (?:POV|POINT OF VIEW)\b"  # noqa: RUF001 (both apostrophes occur)
)


def find(rows: Sequence[Row], columns: Columns) -> tuple[frozenset[int], list[Notice]]:
    """Return the positions of the rows with which scenes begin, and a notice if that was a guess."""
    worded = [position for position, row in enumerate(rows) if margins.is_heading(row.text)]
    blocks = {position: block for position in range(len(rows)) if (block := _block(rows, position, columns))}
    found = {position for position, block in blocks.items() if any(row.scene for row in block)}
    inner = {position + at for position, block in blocks.items() for at in range(1, len(block))}
    found.update(at for at, row in enumerate(rows) if row.scene and is_capitals(row, columns) and at not in inner)
    if worded and sum(rows[position].bold for position in worded) >= BOLD_SHARE * len(worded):
        found.update(position for position in blocks if rows[position].bold)
    notices: list[Notice] = []
    if (len(worded) + len(found)) * ROWS_A_HEADING < len(rows):
        guessed = _guessed(blocks, len(rows))
        if guessed:
            message = f"No usual scene headings; {len(guessed)} line(s) in capitals were taken for them."
            notices.append(Notice(line=1, code="capitals_as_headings", message=message))
        found.update(guessed)
    found.update(position for position in worded if _is_worded(rows, position, columns))
    return frozenset(found), notices


def _guessed(blocks: dict[int, Sequence[Row]], length: int) -> list[int]:
    """Return the lines in capitals that tell a time of day, if there are enough; or else all that are no shots."""
    least = max(LEAST_SLUGS, length // ROWS_A_SLUG)
    places = [position for position, block in blocks.items() if not SHOT.match(block[0].text)]
    timed = [position for position in places if _tells_time(blocks[position][-1].text)]
    chosen = timed if len(timed) >= least else places
    return chosen if len(chosen) >= least else []


def _tells_time(text: str) -> bool:
    return vocabulary.best("time", vocabulary.words(text)) is not None


def _is_worded(rows: Sequence[Row], position: int, columns: Columns) -> bool:
    """Say whether a row with a heading's words stands as headings do."""
    row = rows[position]
    free = columns.is_apart(row) or not position
    capitals = margins.bare(row.text)[0].isupper()
    return free or capitals if columns.is_action(row) else free and capitals


def _block(rows: Sequence[Row], position: int, columns: Columns) -> Sequence[Row]:
    """Return the rows in capitals at the action's indent that stand here with air above and below, if they do."""
    first = rows[position]
    if not is_capitals(first, columns) or len(first.text) < SHORTEST or not (columns.is_apart(first) or not position):
        return ()
    last = position + 1
    while last < len(rows) and not columns.is_apart(rows[last]):
        last += 1
        if last - position > LONGEST_ROWS:
            return ()
    block = rows[position:last]
    ends = block[-1].text[-1] in ':!?"”' or is_transition(block[-1].text)
    return block if all(is_capitals(row, columns) for row in block) and not ends else ()


def is_capitals(row: Row, columns: Columns) -> bool:
    """Say whether a row stands in capitals where headings stand."""
    return row.text.isupper() and not row.side and len(row.text) < LONGEST and columns.is_action(row)
