"""The title page: `Key: value` lines at the head of a script, or a typed sheet whose lines say what they are.

Called by the readers. Values join their lines by a line feed and carry no emphasis marks.
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
)  # fmt: skip
CREDIT = re.compile(
    r"((?:(?:an?|the|original|written|screenplay|teleplay|script|story|created|adapted|drehbuch|buch|scénario|guion|guión"
    r"|scenariusz|сценарий|&|and|und|et|y|for)\s+)*(?:by|von|de|par|por|di|door|av|автора))\b\s*:?\s*(.*)",
    re.IGNORECASE | re.DOTALL,
)
SOURCE = re.compile(r"(?:based (?:up)?on|adapted from|nach (?:dem|der|einem)|d['’]après|basad[oa] en)\b", re.IGNORECASE)  # noqa: RUF001 (both apostrophes occur)
LONGEST_CREDIT = 200
COPYRIGHT = re.compile(r"©|\(c\)|copyright", re.IGNORECASE)
DRAFT = re.compile(r"draft|revis|fassung|version|\b\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b", re.IGNORECASE)


def read(lines: Sequence[Line]) -> tuple[dict[str, str], int]:
    """Return the title page and how many of `lines` it takes (none: an empty page and 0)."""
    first = next((position for position, line in enumerate(lines) if line.text), len(lines))
    block = first
    while block < len(lines) and lines[block].text and not _ends(lines[block].text):
        block += 1
    page = _pairs(lines[first:block])
    return (page, block) if page else ({}, 0)


def typed(sheet: Sequence[str]) -> dict[str, str]:
    """Return the title page a typed sheet is: first its title, then credit, author and what else it tells."""
    values: dict[str, list[str]] = {}
    key, open_key = "Title", ""
    for line in sheet:
        text = said = line.strip()
        if not text:
            # The author often stands apart from the credit above.
            open_key = open_key if open_key == "Author" and "Author" not in values else ""
            continue
        if credit := is_credit(text):
            values.setdefault("Credit", []).append(credit.group(1))
            open_key, said = "Author", credit.group(2)
        elif pair := _known_pair(text):
            open_key, said = pair
        elif not open_key:
            open_key = _nature(text) or key
        if said:
            values.setdefault(open_key, []).append(said)
            key = "Notes" if "Title" in values or open_key != "Title" else key
    return {name: "\n".join(text) for name, text in values.items()}


def is_credit(text: str) -> re.Match[str] | None:
    """Return the credit (`written by`) and the name after it, if a line holds one."""
    return CREDIT.fullmatch(text) if len(text) < LONGEST_CREDIT else None


def _known_pair(text: str) -> tuple[str, str] | None:
    match = KEY.fullmatch(text)
    key = match.group(1).strip() if match else ""
    known = match and any(word in KNOWN for word in key.casefold().split()[:2])
    return (key, match.group(2).strip()) if match and known else None


def _nature(text: str) -> str | None:
    for key, pattern in (("Source", SOURCE), ("Copyright", COPYRIGHT), ("Draft date", DRAFT)):
        if pattern.search(text):
            return key
    return None


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
