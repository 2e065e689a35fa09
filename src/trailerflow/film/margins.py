"""The margins of a laid-out line: scene numbers to the left and right. Called by `layout` only.

Linear in the length of a line, whatever stands in it.
"""

import re

from trailerflow.film import headings
from trailerflow.film.rows import NUMBER

LEFT_NUMBER = re.compile(rf"(?:(?:SCENE|SC\.|SZENE|BILD)\s+)?({NUMBER})(?:[.):]|\s-)?\s+(?=\S)", re.IGNORECASE)
RIGHT_NUMBER = re.compile(rf"({NUMBER})[.)]?\**")


def bare(text: str) -> tuple[str, str | None]:
    """Return a heading without the numbers in its margins, and the number."""
    left = LEFT_NUMBER.match(text)
    words, right = without_right(text[left.end() :] if left else text)
    if left is None and right is None:
        return headings.split_number(text)
    return words, left.group(1) if left else right


def without_right(text: str) -> tuple[str, str | None]:
    """Return a line without the number in its right margin, and the number."""
    words, _, last = text.rpartition(" ")
    match = RIGHT_NUMBER.fullmatch(last) if words[-1:].isspace() else None
    return (words.rstrip(), match.group(1)) if match else (text, None)


def is_heading(text: str) -> bool:
    """Say whether a line opens with a heading's word, a scene number before it or not."""
    if headings.is_heading(text):
        return True
    left = LEFT_NUMBER.match(text)
    return left is not None and left.end() < len(text) and headings.is_heading(text[left.end() :])
