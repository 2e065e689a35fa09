"""Scenes for a script: between its headings or, where there are none, from the next best marks.

Called by `reading`. Without headings it tries sections, `SCENE ONE` lines, page breaks and at last blocks of a fixed
size, and always says so in a warning.
"""

import re
from collections.abc import Callable, Sequence

from trailerflow.film.screenplay import Element, Notice, Scene

SCENE_WORD = re.compile(
    r"(?:SCENE|SZENE|SCÈNE|ESCENA|CENA|SCENA|СЦЕНА|ACT|AKT|ACTE|ACTO|ATTO)\s+[\w.]{1,12}\W*$|第.{1,4}[场場幕]",
    re.IGNORECASE,
)
BLOCK = 24
MIN_SCENES = 2
MAX_HEADING = 80
Test = Callable[[Element], bool]


def scenes(elements: Sequence[Element], length: int) -> tuple[tuple[Scene, ...], list[Notice]]:
    """Return scenes for elements without any heading, and the warning that says what was taken for one."""
    for what, test in MARKS:
        firsts = [position for position, element in enumerate(elements) if test(element)]
        if len(firsts) >= MIN_SCENES or (firsts and what.startswith("SCENE")):
            firsts = _with_head(elements, firsts)
            break
    else:
        what, firsts = f"blocks of {BLOCK} elements", _blocks(elements)
    names = [(_name(elements[first], number), None) for number, first in enumerate(firsts, start=1)]
    message = f"No scene heading (INT./EXT.) was found; {what} were taken for {len(firsts)} scene(s)."
    return between(elements, firsts, names, length), [Notice(line=1, code="no_headings", message=message)]


def between(
    elements: Sequence[Element], firsts: Sequence[int], names: Sequence[tuple[str, str | None]], length: int
) -> tuple[Scene, ...]:
    """Return the scenes that begin at the elements `firsts`; the last ends with the text."""
    ends = [*firsts[1:], len(elements)]
    return tuple(
        Scene(
            index=index,
            heading=name,
            number=number,
            line=elements[first].line,
            start=elements[first].start,
            end=elements[last].start if last < len(elements) else length,
            first=first,
            last=last,
        )
        for index, (first, last, (name, number)) in enumerate(zip(firsts, ends, names, strict=True))
    )


def _is_scene_word(element: Element) -> bool:
    text = element.text.strip()
    return (
        element.type in ("action", "centered", "character") and len(text) < MAX_HEADING and bool(SCENE_WORD.match(text))
    )


MARKS: tuple[tuple[str, Test], ...] = (
    ("sections", lambda element: element.type == "section"),
    ("SCENE lines", _is_scene_word),
    ("page breaks", lambda element: element.type == "page_break"),
)


def _with_head(elements: Sequence[Element], firsts: list[int]) -> list[int]:
    """Begin a scene with what is told before the first mark, too."""
    told = any(element.type in ("action", "dialogue") for element in elements[: firsts[0]])
    return [0, *firsts] if told else firsts


def _blocks(elements: Sequence[Element]) -> list[int]:
    """Begin a scene about every `BLOCK` elements, never between a cue and its speech."""
    firsts = [0]
    for position, element in enumerate(elements):
        if position - firsts[-1] >= BLOCK and element.type in ("action", "character", "transition"):
            firsts.append(position)
    return firsts


def _name(element: Element, number: int) -> str:
    text = " ".join(element.text.split())
    named = element.type == "section" or _is_scene_word(element)
    return text if named and 0 < len(text) < MAX_HEADING else f"SCENE {number}"
