"""Fountain: one pass over the visible lines, forwards only, that names every element and keeps its place.

Called by `importer`. Linear in the length of the text whatever it holds; never raises on any text.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from trailerflow.film import cues, emphasis, headings, lines, title_page
from trailerflow.film.lines import Line
from trailerflow.film.screenplay import Element, ElementType, Notice

CLOSING_TRANSITIONS = ("FADE OUT", "FADE IN", "FADE TO BLACK", "CUT TO BLACK", "SMASH TO BLACK", "THE END")
LONGEST_CLOSING = 24
MARKS = frozenset("#=~>!")


class Script(NamedTuple):
    """What a Fountain text holds; `total` is its number of lines."""

    title_page: dict[str, str]
    elements: tuple[Element, ...]
    warnings: tuple[Notice, ...]
    total: int


def read(text: str) -> Script:
    """Return the title page and the elements of a Fountain text, in the order of the source."""
    source = lines.cut(text)
    page, taken = title_page.read(source.lines)
    elements = _Pass(source.lines[taken:]).run()
    if source.notes:
        elements = sorted([*elements, *source.notes], key=lambda element: element.start)
    return Script(page, tuple(elements), tuple(source.warnings), source.total)


class _Pass:
    """One pass over the lines of a script's body."""

    def __init__(self, body: Sequence[Line]) -> None:
        self.lines = body
        self.elements: list[Element] = []
        self.known = cues.caseless(body)

    def run(self) -> list[Element]:
        position = 0
        free = True  # nothing stands right above: the start, an empty line, or an element of one line
        while position < len(self.lines):
            if not self.lines[position].text:
                position, free = position + 1, True
                continue
            position, free = self._block(position, free)
        return self.elements

    def _block(self, position: int, free: bool) -> tuple[int, bool]:
        """Read the element at `position`; return where the next begins, and whether that stands free."""
        line = self.lines[position]
        marked = _MARKED.get(line.text[0])
        if marked and marked(self, line):
            return position + 1, True
        if free and line.text[0] != "!":
            if self._heading(line):
                return position + 1, True
            if not self._empty(position + 1):
                cue = self._cue(line)
                if cue:
                    self._emit("character", line, line, cue.name, extensions=cue.extensions, dual=cue.dual)
                    return self._speech(position + 1), False
            elif _is_transition(line.text):
                self._emit("transition", line, line, line.text)
                return position + 1, False
        return self._action(position), False

    def _empty(self, position: int) -> bool:
        return position >= len(self.lines) or not self.lines[position].text

    def _emit(self, kind: ElementType, first: Line, last: Line, text: str, **more: Any) -> None:
        self.elements.append(
            Element(type=kind, text=emphasis.plain(text), line=first.number, start=first.start, end=last.end, **more)
        )

    def _heading(self, line: Line) -> bool:
        text = line.text
        forced = text[0] == "." and len(text) > 1 and text[1] != "." and not text[1].isspace()
        if not forced and not headings.is_heading(text):
            return False
        bare, number = headings.split_number(text[1:] if forced else text)
        self._emit("heading", line, line, bare.strip(), number=number)
        return True

    def _cue(self, line: Line) -> cues.Cue | None:
        if line.text[0] == "@" and len(line.text) > 1:
            return cues.read(line.text[1:].strip(), forced=True)
        return cues.read(line.text, known=self.known)

    def _speech(self, position: int) -> int:
        """Read what is spoken under a cue, up to an empty line (two blanks are a pause, not an end)."""
        spoken: list[Line] = []
        while position < len(self.lines):
            line = self.lines[position]
            if not line.text and not self._pause(position):
                break
            position += 1
            kind = _kind_of_speech(line.text)
            if kind == "dialogue":
                spoken.append(line)
                continue
            self._flush("dialogue", spoken)
            self._emit(kind, line, line, line.text[1:].strip() if kind == "lyric" else line.text)
        self._flush("dialogue", spoken)
        return position

    def _pause(self, position: int) -> bool:
        """Two blanks in an empty line continue a speech, unless what follows is plainly something else."""
        if len(self.lines[position].raw) < 2 or self._empty(position + 1):
            return False
        following = self.lines[position + 1].text
        return following[0] not in "@.>#=!" and not following.isupper() and not headings.is_heading(following)

    def _flush(self, kind: ElementType, block: list[Line]) -> None:
        while block and not block[-1].text:
            block.pop()
        if block:
            self._emit(kind, block[0], block[-1], "\n".join(line.text for line in block))
        block.clear()

    def _action(self, position: int) -> int:
        first = position
        position += 1
        while position < len(self.lines) and self.lines[position].text:
            if self.lines[position].text[0] in MARKS:
                break
            position += 1
        block = self.lines[first:position]
        text = "\n".join(line.raw.expandtabs(4).rstrip() for line in block)
        if block[0].text[0] == "!" and len(text.strip()) > 1:
            text = text.replace("!", "", 1)
        self._emit("action", block[0], block[-1], text)
        return position

    def mark_section(self, line: Line) -> bool:
        """Read a section."""
        title = line.text.lstrip("#")
        level = len(line.text) - len(title)
        self._emit("section", line, line, title.strip(), level=level)
        return True

    def mark_equals(self, line: Line) -> bool:
        """Read a page break or a synopsis."""
        if len(line.text) > 2 and not line.text.strip("="):
            self._emit("page_break", line, line, "")
        else:
            self._emit("synopsis", line, line, line.text.lstrip("=").strip())
        return True

    def mark_lyric(self, line: Line) -> bool:
        """Read a sung line."""
        self._emit("lyric", line, line, line.text[1:].strip())
        return True

    def mark_angle(self, line: Line) -> bool:
        """Read centred text or a forced transition."""
        if line.text.endswith("<") and len(line.text) > 1:
            self._emit("centered", line, line, line.text[1:-1].strip())
        else:
            self._emit("transition", line, line, line.text[1:].strip())
        return True


_MARKED: dict[str, Callable[[_Pass, Line], bool]] = {
    "#": _Pass.mark_section,
    "=": _Pass.mark_equals,
    "~": _Pass.mark_lyric,
    ">": _Pass.mark_angle,
}


def _kind_of_speech(text: str) -> ElementType:
    if text[:1] in ("(", "（") and text[-1:] in (")", "）"):  # noqa: RUF001 (full-width brackets are meant)
        return "parenthetical"
    return "lyric" if text[:1] == "~" else "dialogue"


def _is_transition(text: str) -> bool:
    if not text.isupper():
        return False
    closing = text.rstrip(".:").startswith(CLOSING_TRANSITIONS) and len(text) < LONGEST_CLOSING
    return closing or text.endswith("TO:")
