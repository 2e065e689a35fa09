"""The title page: `Key: value` lines at the head of a script, values also indented below their key.

Called by `fountain`. Values join their lines by a line feed and carry no emphasis marks.
"""

import re
from collections.abc import Sequence

from trailerflow.film import emphasis, headings
from trailerflow.film.lines import Line

KEY = re.compile(r"([^\s:：.!@#>=~\[({][^:：]{0,40})\s*[:：](.*)", re.DOTALL)  # noqa: RUF001 (full-width colon is meant)
KNOWN = frozenset(
    {
        "title", "credit", "author", "authors", "source", "notes", "note", "draft", "date", "contact",
        "copyright", "revision", "format", "tagline", "logline", "titel", "titre", "título", "titulo", "titolo",
        "autor", "auteur", "autore", "название", "автор", "标题", "作者", "タイトル", "题名",
    }
)  # fmt: skip  # fmt: skip


def read(lines: Sequence[Line]) -> tuple[dict[str, str], int]:
    """Return the title page and how many of `lines` it takes (none: an empty page and 0)."""
    first = next((position for position, line in enumerate(lines) if line.text), len(lines))
    block = first
    while block < len(lines) and lines[block].text and not _ends(lines[block].text):
        block += 1
    page = _pairs(lines[first:block])
    return (page, block) if page else ({}, 0)


def _ends(text: str) -> bool:
    return headings.is_heading(text) or (len(text) > 2 and not text.strip("="))


def _pairs(lines: Sequence[Line]) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    key = ""
    base = _indent(lines[0]) if lines else 0
    for line in lines:
        match = KEY.match(line.text) if _indent(line) <= base else None
        if match:
            key = match.group(1).strip()
            values.setdefault(key, [])
            if match.group(2).strip():
                values[key].append(match.group(2).strip())
        elif not key:
            return {}
        else:
            values[key].append(line.text)
    return {key: emphasis.plain("\n".join(text)) for key, text in values.items()} if _believable(values) else {}


def _believable(values: dict[str, list[str]]) -> bool:
    """`FADE IN:` alone is no title page."""
    if any(word in KNOWN for key in values for word in key.casefold().split()[:2]):
        return True
    return any(values.values()) and not any(key.isupper() for key in values)


def _indent(line: Line) -> int:
    raw = line.raw.expandtabs(4)
    return len(raw) - len(raw.lstrip())
