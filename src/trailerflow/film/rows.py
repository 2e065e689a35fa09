"""The rows of a laid-out text: what stands on the pages, without page numbers, headers, (MORE) and CONTINUED.

Called by `layout`. A row keeps its indent and what lay above it. What is left out is counted, never lost silently.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from html import unescape
from itertools import pairwise
from typing import Literal, NamedTuple

from trailerflow.film import fallback, lines
from trailerflow.film.screenplay import Notice

Side = Literal["", "left", "right"]
TAB = 8
FAR_RIGHT, CORNER = 40, 60
TAG = re.compile(
    r"</?(?:b|i|u|pre|html|head|body|title|font|center|p|br|hr|script)(?:\s[^<>\n]{0,200})?/?>", re.IGNORECASE
)
MORE = re.compile(r"\((?:MORE|CONTINUED|WEITER|SUITE|MÁS|CIĄG DALSZY)\)", re.IGNORECASE)
CONTINUED = re.compile(
    r"(?:[A-Z]?\d{1,4}[A-Z]{0,2}\.?\s+)?\(?(?:CONTINUED|CONT['’]D|FORTSETZUNG)\)?\s?:?(?:\s*\(\d+\))?(?:\s+[A-Z]?\d{1,4}[A-Z]{0,2}\.?)?"  # noqa: RUF001 (both apostrophes occur)
)
NUMBER = r"[A-Za-z]{0,2}\d{1,4}(?:-?[A-Za-z]{1,2})?"
MARGINS = re.compile(rf"({NUMBER})[.)]?(\s{{2,}})(\S.*?)\s{{2,}}\1[.)]?\s*\**")
PAGE_NUMBER = re.compile(r"(?:page\s+)?[-–(]?\s?([A-Z]?(\d{1,3})[A-Z]?)\s?[-–).]{0,2}\*?", re.IGNORECASE)  # noqa: RUF001 (dashes are meant)
HEADER_NUMBER = re.compile(r"\s(\d{1,3})\.?$")
HEADER_GAP = "    "
DIGITS = re.compile(r"\d+")
REVISION_GAP, MARGIN = "   ", 70
EDGE = 2
LEAST_REPEATS = 3
STUBBORN_REPEATS = 6
LONGEST_HEADER = 90
LONGEST_NUMBERED = 200


class Row(NamedTuple):
    """A visible line of a page; `above` counts the blank lines between it and the row before.

    `page` says that a page ended above it, `more` that the page ended within a speech; `scene` is a number that stood
    in both margins.
    """

    text: str
    indent: int
    number: int
    start: int
    end: int
    above: int
    page: bool = False
    more: bool = False
    bold: bool = False
    side: Side = ""
    scene: str | None = None


class Sheet(NamedTuple):
    """All rows of a text, a notice about what was left out, and the number of its lines."""

    rows: list[Row]
    warnings: list[Notice]
    total: int


def cut(text: str, bold: AbstractSet[int] = frozenset(), sides: Mapping[int, Side] | None = None) -> Sheet:
    """Return the rows of `text`; `bold` and `sides` tell of line numbers what a text cannot say itself."""
    seen, total = _seen(text, bold, sides or {})
    furniture = _furniture(seen)
    rows: list[Row] = []
    above, page, more = 0, False, False
    for row, left_out in zip(seen, furniture, strict=True):
        above, page = above + row.above, page or row.page
        if left_out == "mark":
            above += 1  # an empty line that was revised
            continue
        if left_out:
            page, more = True, more or left_out == "more"
            continue
        is_moved = above != row.above or page != row.page or more
        rows.append(row._replace(above=above, page=page, more=more) if is_moved else row)
        above, page, more = 0, False, False
    return Sheet(rows, _notices(seen, furniture), total)


def _seen(text: str, bold: AbstractSet[int], sides: Mapping[int, Side]) -> tuple[list[Row], int]:
    marked_up = bool(TAG.search(text))
    bent = marked_up or "\t" in text or "\f" in text  # what stands in a line is not what is seen of it
    rows: list[Row] = []
    above, page, number = 0, False, 0
    start = end = -1
    for number, raw in enumerate(lines.flat(text).removesuffix("\n").split("\n"), start=1):
        start, end = end + 1, end + 1 + len(raw)
        flat = raw
        if bent:
            page = page or "\f" in raw
            visible = unescape(TAG.sub("", raw)) if marked_up else raw
            flat = visible.replace("\f", "").expandtabs(TAB)
        words = flat.strip()
        if not words:
            above += 1
            continue
        first, last = start + len(raw) - len(raw.lstrip()), end - len(raw) + len(raw.rstrip())
        if words[-1] == "*":
            words = _unrevised(words, len(flat.rstrip()))
        scene, words = _margins(words)
        indent = flat.find(words) if scene else len(flat) - len(flat.lstrip())
        side = sides.get(number, "")
        rows.append(Row(words, indent, number, first, last, above, page, False, number in bold, side, scene))
        above, page = 0, False
    return rows, number


def _unrevised(words: str, width: int) -> str:
    """Return a line without the asterisk that marks it as revised in the right margin."""
    bare = words.rstrip("*")
    is_far = width > MARGIN and bare[-1:].isspace()
    return bare.rstrip() if is_far or bare.endswith(REVISION_GAP) else words


def _margins(words: str) -> tuple[str | None, str]:
    """Return the number in both margins of a line, and the line without it."""
    if not (words[-1].isalnum() or words[-1] in ".)*") or len(words) > LONGEST_NUMBERED:
        return None, words
    match = MARGINS.fullmatch(words)
    return (match.group(1), match.group(3)) if match else (None, words)


def _furniture(rows: Sequence[Row]) -> list[str]:
    """Return of each row what kind of furniture it is, if any."""
    kinds = [_standing(row.text) for row in rows]
    for position in _edges(rows) if any(row.page for row in rows[1:]) else _counted(rows):
        kinds[position] = kinds[position] or "page"
    return kinds


def _standing(text: str) -> str:
    if text == "*":
        return "mark"
    if text[0] not in "(0123456789CFABDEGH":
        return ""
    if MORE.fullmatch(text):
        return "more"
    return "continued" if len(text) < LONGEST_HEADER and CONTINUED.fullmatch(text) else ""


def _edges(rows: Sequence[Row]) -> Iterable[int]:
    """Find page numbers and running headers at the upper and lower edges of pages."""
    firsts = [0, *(position for position, row in enumerate(rows) if row.page and position)]
    edges: set[int] = set()
    for first, following in zip(firsts, [*firsts[1:], len(rows)], strict=True):
        edges.update(range(first, min(first + EDGE, following)))
        edges.update(range(max(first, following - EDGE), following))
    yield from _headers(rows, firsts)
    alike = Counter(_shape(rows[position].text) for position in edges)
    stubborn = max(STUBBORN_REPEATS, len(firsts) // 2)
    for position in edges:
        text = rows[position].text
        repeats = alike[_shape(text)]
        numbered = repeats >= LEAST_REPEATS and _is_header(text)
        if len(text) < LONGEST_HEADER and (PAGE_NUMBER.fullmatch(text) or numbered or repeats >= stubborn):
            yield position


def _headers(rows: Sequence[Row], firsts: Sequence[int]) -> Iterable[int]:
    """Find the headers that end, set off far to the right, in the number of their page."""
    for page, position in enumerate(firsts[1:], start=1):
        text = rows[position].text
        head, gap, number = text.rpartition(HEADER_GAP)
        if gap and head and number.strip(" .").isdigit() and int(number.strip(" .")) in (page, page + 1):
            yield position


def _counted(rows: Sequence[Row]) -> Iterable[int]:
    """Find page numbers in a text without page breaks: alone between blank lines, each a little above the last."""
    alone = [position for position, row in enumerate(rows) if _alone(rows, position) and len(row.text) < LONGEST_HEADER]
    apart = {position for position, row in enumerate(rows) if row.indent >= FAR_RIGHT}.union(alone)
    matches = ((position, PAGE_NUMBER.fullmatch(rows[position].text)) for position in sorted(apart))
    bare = [(position, int(match.group(2))) for position, match in matches if match]
    # In so small a corner nothing else stands.
    yield from (position for position, _ in bare if _alone(rows, position) and rows[position].indent >= CORNER)
    for (position, number), (following, higher) in pairwise(bare):
        if 0 < higher - number <= EDGE:
            yield position
            yield following
    headers = [position for position in alone if _is_header(rows[position].text)]
    alike = Counter(_shape(rows[position].text) for position in headers)
    yield from (position for position in headers if alike[_shape(rows[position].text)] >= STUBBORN_REPEATS)


def _alone(rows: Sequence[Row], position: int) -> bool:
    return rows[position].above > 0 and (position + 1 == len(rows) or rows[position + 1].above > 0)


def _is_header(text: str) -> bool:
    """Say whether a line ends in a page's number, and is not `SCENE 12`."""
    return bool(HEADER_NUMBER.search(text)) and not fallback.SCENE_WORD.match(text)


def _shape(text: str) -> str:
    return " ".join(DIGITS.sub("#", text).split())


def _notices(rows: Sequence[Row], kinds: Sequence[str]) -> list[Notice]:
    out = [row for row, kind in zip(rows, kinds, strict=True) if kind]
    if not out:
        return []
    message = f"{len(out)} page number(s), header(s), (MORE) and CONTINUED line(s) were left out."
    return [Notice(line=out[0].number, code="page_furniture", message=message)]
