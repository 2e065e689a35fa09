"""Sentences: where one ends and the next begins, in any script, with their places in the text.

Called by `descriptions`, `quotes` and `storyboard`. A sentence is a stretch of the text as it stands: never changed.
"""

import re

ENDINGS = re.compile(r"(?:[.!?…]+[\"'”’»)\]]*(?=\s|$)|[。！？]+[」』”]?|\n(?=\s*\n))\s*")  # noqa: RUF001 (full-width marks are meant)
ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|st|prof|sr|jr|vs|etc|hr|fr|no|nr|sra|mme|mlle|z|u|d|h)|\b[^\W\d_])\.\s*$", re.IGNORECASE
)
MIN_SENTENCE = 2


def spans(text: str) -> list[tuple[int, int]]:
    """Return the start and end of each sentence in `text`, blanks around them left out."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in ENDINGS.finditer(text):
        if match.group().strip() == "." and ABBREVIATION.search(text[max(start, match.start() - 6) : match.end()]):
            continue
        _add(found, text, start, match.end())
        start = match.end()
    _add(found, text, start, len(text))
    return found


def split(text: str) -> list[str]:
    """Return the sentences of `text`, line breaks folded to blanks."""
    return [" ".join(text[start:end].split()) for start, end in spans(text)]


def _add(found: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    stripped = piece.strip()
    if len(stripped) >= MIN_SENTENCE or (stripped and not found):
        first = start + len(piece) - len(piece.lstrip())
        found.append((first, first + len(stripped)))
