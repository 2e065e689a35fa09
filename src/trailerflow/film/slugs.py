"""Slug lines: where the scenes of a laid-out script begin. Called by `layout` only.

By the words of a heading (INT., EXT.), by numbers in both margins; where a script has hardly any of these, by bold type
or by capitals on a line of their own, and then says so.
"""

import re
from collections.abc import Sequence
from itertools import pairwise

from trailerflow.film import fallback, margins, vocabulary
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
RISING_SHARE, LARGEST_STEP = 0.9, 9
# `FLASHBACK - INT. HOUSE` begins a scene as `INT. HOUSE` does.
INNER = re.compile(r"[-–—:,(]\s*(?:INT|EXT|I/E)\b(?=[./ ]\s*\S)")  # noqa: RUF001 (dashes are meant)
# Where the camera looks is no new scene.
SHOT = re.compile(
    r"(?:EXTREME |MEDIUM |WIDE |TIGHT |REVERSE |NEW |ANOTHER |HIGH |LOW |LONG |FULL )*"
    r"(?:ANGLE|CLOSE|CLOSER|WIDER|TIGHTER|SHOT|VIEW|CLOSEUP|CU|ECU|POV|INSERT|ON |BACK TO|CAMERA|TITLE|SUPER|CREDITS"
    r"|THE END|END|OVER BLACK|INTERCUT|SERIES OF|MONTAGE|CONTINUED|OMITTED|NOTE|CAST)\b"
    r"|.*(?:'S|’S) (?:POV|POINT OF VIEW)\b"  # noqa: RUF001 (both apostrophes occur)
)


def find(rows: Sequence[Row], columns: Columns) -> tuple[frozenset[int], list[Notice]]:
    """Return the positions of the rows with which scenes begin, and a notice if that was a guess."""
    worded = [position for position, row in enumerate(rows) if margins.is_heading(row.text)]
    blocks = {position: block for position in range(len(rows)) if (block := _block(rows, position, columns))}
    found = {position for position, block in blocks.items() if any(row.scene for row in block) and not _is_shot(block)}
    inner = {position + at for position, block in blocks.items() for at in range(1, len(block))}
    numbered = (at for at, row in enumerate(rows) if row.scene and is_capitals(row, columns) and at not in inner)
    found.update(at for at in numbered if not _is_shot(rows[at : at + 1]))
    if worded and sum(rows[position].bold for position in worded) >= BOLD_SHARE * len(worded):
        found.update(position for position in blocks if rows[position].bold)
    found.update(position for position, block in blocks.items() if INNER.search(block[0].text))
    known = found.union(worded)
    guessed = [position for position, block in blocks.items() if position not in known and _is_timed(block)]
    if len(guessed) <= len(worded):
        guessed = []
    if (len(worded) + len(found) + len(guessed)) * ROWS_A_HEADING < len(rows):
        guessed = _guessed(blocks, len(rows))
    guessed = [position for position in guessed if position not in known]
    notices: list[Notice] = []
    if guessed:
        message = f"Few usual scene headings; {len(guessed)} line(s) in capitals were taken for them."
        notices.append(Notice(line=1, code="capitals_as_headings", message=message))
        found.update(guessed)
    found.update(position for position in worded if _is_worded(rows, position, columns))
    return frozenset(found), notices


def _guessed(blocks: dict[int, Sequence[Row]], length: int) -> list[int]:
    """Return the lines in capitals that are headings by the surest sign of which there are enough.

    Numbers that rise, the word scene, a time of day, and at last all that are neither shots nor sentences.
    """
    least = max(LEAST_SLUGS, length // ROWS_A_SLUG)
    places = [position for position, block in blocks.items() if not _is_shot(block)]
    for chosen in (
        _counted(places, blocks),
        [position for position in places if fallback.SCENE_WORD.match(blocks[position][0].text)],
        [position for position in places if _tells_time(blocks[position][-1].text)],
        [position for position in places if not blocks[position][-1].text.endswith(".")],
    ):
        if len(chosen) >= least:
            return chosen
    return []


def _counted(places: Sequence[int], blocks: dict[int, Sequence[Row]]) -> list[int]:
    """Return the lines whose number in the left margin rises through the script."""
    matches = ((position, margins.LEFT_NUMBER.match(blocks[position][0].text)) for position in places)
    numbered = [(position, int("".join(filter(str.isdigit, match.group(1))))) for position, match in matches if match]
    rising = sum(0 <= after - before <= LARGEST_STEP for (_, before), (_, after) in pairwise(numbered))
    return [position for position, _ in numbered] if rising >= RISING_SHARE * (len(numbered) - 1) else []


def _is_timed(block: Sequence[Row]) -> bool:
    """Say whether a block names a place and, set off by a dash, a time of day."""
    place, dash, time = block[-1].text.rpartition(" - ")
    return bool(dash and place) and _tells_time(time) and not _is_shot(block)


def _is_shot(block: Sequence[Row]) -> bool:
    """Say whether rows in capitals tell where the camera looks, or that a scene was left out."""
    return bool(SHOT.match(margins.bare(block[0].text)[0]))


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
