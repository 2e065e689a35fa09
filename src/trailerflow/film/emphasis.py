"""Fountain's emphasis: removes `*`, `**`, `***`, `_` and backslash escapes from text, in linear time.

Called by `fountain` and by title pages. A mark opens only before and closes only after something visible, so that
`*69 and then *23` stays as it is.
"""

import re

MARK = re.compile(r"\\[\\*_~@#=>.!\[\](){}^/-]|\*+|_+")
LONGEST = 3


def plain(text: str) -> str:
    """Return `text` without emphasis marks; each line stands for itself."""
    if "*" not in text and "_" not in text and "\\" not in text:
        return text
    return "\n".join(_plain_line(line) for line in text.split("\n"))


def _plain_line(line: str) -> str:
    drop: list[tuple[int, int]] = []
    open_marks: dict[str, list[list[int]]] = {"*": [], "_": []}
    for match in MARK.finditer(line):
        start, end = match.span()
        mark = line[start]
        if mark == "\\":
            drop.append((start, start + 1))
        elif end - start <= LONGEST:
            _pair(line, start, end, open_marks[mark], drop)
    return _without(line, drop)


def _pair(line: str, start: int, end: int, opened: list[list[int]], drop: list[tuple[int, int]]) -> None:
    """Close what is open with the marks at `start`..`end`; what is left over may open."""
    before = line[start - 1] if start else " "
    after = line[end] if end < len(line) else " "
    inside_word = line[start] == "_" and before.isalnum() and after.isalnum()
    if not before.isspace() and not inside_word:
        while opened and start < end:
            first, last = opened.pop()
            width = min(last - first, end - start)
            drop.append((last - width, last))
            drop.append((start, start + width))
            start += width
            if last - first > width:
                opened.append([first, last - width])
    if start < end and not after.isspace() and not inside_word:
        opened.append([start, end])


def _without(line: str, drop: list[tuple[int, int]]) -> str:
    kept: list[str] = []
    position = 0
    for start, end in sorted(drop):
        kept.append(line[position:start])
        position = end
    kept.append(line[position:])
    return "".join(kept)
