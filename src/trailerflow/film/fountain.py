"""Fountain: one pass over the blocks of a source, forwards only, that names every element and keeps its place.

Called by `reading`. Linear in the length of the text whatever it holds; never raises on any text.
"""

from collections.abc import Callable

from trailerflow.film import cues, emphasis, headings, title_page
from trailerflow.film.lines import Block, Line, Source
from trailerflow.film.screenplay import Element, ElementType, Script

CLOSING_TRANSITIONS = ("FADE OUT", "FADE IN", "FADE TO BLACK", "CUT TO BLACK", "SMASH TO BLACK", "THE END")
LONGEST_CLOSING = 24
MARKS = frozenset("#=~>!")
HEADING_STARTS = headings.FIRST | {"."}
REMEMBERED_CUES = 4_096


def read(text: str) -> Script:
    """Return the title page and the elements of a Fountain text, in the order of the source."""
    source = Source(text)
    reading = _Pass(cues.caseless(source.blocks()) if cues.CASELESS.search(text) else frozenset())
    page: dict[str, str] | None = None
    for block in source.blocks():
        if page is None:
            page, taken = title_page.read(block.lines)
            del block.lines[:taken]
        if block.lines:
            reading.read(block)
    reading.flush()
    elements = reading.elements
    if source.notes:
        elements = sorted([*elements, *source.notes], key=lambda element: element.start)
    return Script(page or {}, tuple(elements), tuple(source.warnings), source.total, text)


class _Pass:
    """One pass over the blocks of a script's body; `known` are the speakers of a script without case."""

    def __init__(self, known: frozenset[str]) -> None:
        self.elements: list[Element] = []
        self._known = known
        self._cues: dict[str, cues.Cue | None] = {}
        self._speaking = False
        self._words: list[str] = []  # of the dialogue being read, from its first line to its last
        self._first: Line | None = None
        self._last: Line | None = None

    def read(self, block: Block) -> None:
        """Read one block."""
        lines, count = block.lines, len(block.lines)
        if self._speaking and block.pause and _goes_on(lines[0].text):
            self._speech(lines, gap=True)
            return
        if self._speaking:
            self.flush()
        position, free = 0, True  # nothing stands right above: an empty line, or an element of one line
        while position < count:
            line = lines[position]
            mark = line.text[0]
            if mark in _MARKED:
                _MARKED[mark](self, line)
                position, free = position + 1, True
                continue
            if free and mark != "!":
                if mark in HEADING_STARTS and _is_heading(line.text):
                    self._heading(line)
                    position += 1
                    continue
                if position + 1 == count:
                    if is_transition(line.text):
                        self._emit("transition", line, line, line.text)
                        return
                elif cue := self._cue(line.text):
                    self._name(line, cue)
                    self._speech(lines[position + 1 :])
                    return
            position, free = self._action(lines, position), False

    def flush(self) -> None:
        """End the speech that was being read."""
        self._speaking = False
        self._flush()

    def _emit(self, kind: ElementType, first: Line, last: Line, text: str, level: int | None = None) -> None:
        self.elements.append(Element(kind, emphasis.plain(text), first.number, first.start, last.end, level=level))

    def _heading(self, line: Line) -> None:
        bare, number = headings.split_number(line.text.removeprefix("."))
        text = emphasis.plain(bare.strip())
        self.elements.append(Element("heading", text, line.number, line.start, line.end, number))

    def _name(self, line: Line, cue: cues.Cue) -> None:
        name, place = emphasis.plain(cue.name), (line.number, line.start, line.end)
        self.elements.append(Element("character", name, *place, extensions=cue.extensions, dual=cue.dual))

    def _cue(self, text: str) -> cues.Cue | None:
        if not (text.isupper() or text[0] == "@" or self._known or "(" in text):
            return None
        if text not in self._cues:
            if len(self._cues) > REMEMBERED_CUES:
                self._cues.clear()
            forced = text[0] == "@" and len(text) > 1
            self._cues[text] = cues.read(text[1:].strip() if forced else text, forced=forced, known=self._known)
        return self._cues[text]

    def _speech(self, lines: list[Line], *, gap: bool = False) -> None:
        """Read what is spoken under a cue, to the end of the block; a `gap` of two blanks may lie above."""
        self._speaking = True
        for line in lines:
            text = line.text
            mark = text[0]
            if mark in "(（" and text[-1] in ")）":  # noqa: RUF001 (full-width brackets are meant)
                if self._words:
                    self._flush()
                self._emit("parenthetical", line, line, text)
            elif mark == "~":
                self._flush()
                self._emit("lyric", line, line, text[1:].strip())
            else:
                if not self._words:
                    self._first = line
                elif gap:
                    self._words.append("")
                self._words.append(text)
                self._last = line
            gap = False

    def _flush(self) -> None:
        if self._words and self._first and self._last:
            self._emit("dialogue", self._first, self._last, "\n".join(self._words))
            self._words.clear()

    def _action(self, lines: list[Line], position: int) -> int:
        first = last = position
        while last + 1 < len(lines) and lines[last + 1].text[0] not in MARKS:
            last += 1
        if first == last:
            text = lines[first].raw.rstrip()
        else:
            text = "\n".join([line.raw.rstrip() for line in lines[first : last + 1]])
        if "\t" in text:
            text = text.expandtabs(4)
        if lines[first].text[0] == "!" and len(text.strip()) > 1:
            text = text.replace("!", "", 1)
        self._emit("action", lines[first], lines[last], text)
        return last + 1

    def mark_section(self, line: Line) -> None:
        """Read a section."""
        title = line.text.lstrip("#")
        self._emit("section", line, line, title.strip(), level=len(line.text) - len(title))

    def mark_equals(self, line: Line) -> None:
        """Read a page break or a synopsis."""
        if len(line.text) > 2 and not line.text.strip("="):
            self._emit("page_break", line, line, "")
        else:
            self._emit("synopsis", line, line, line.text.lstrip("=").strip())

    def mark_lyric(self, line: Line) -> None:
        """Read a sung line."""
        self._emit("lyric", line, line, line.text[1:].strip())

    def mark_angle(self, line: Line) -> None:
        """Read centred text or a forced transition."""
        if line.text.endswith("<") and len(line.text) > 1:
            self._emit("centered", line, line, line.text[1:-1].strip())
        else:
            self._emit("transition", line, line, line.text[1:].strip())


_MARKED: dict[str, Callable[[_Pass, Line], None]] = {
    "#": _Pass.mark_section,
    "=": _Pass.mark_equals,
    "~": _Pass.mark_lyric,
    ">": _Pass.mark_angle,
}


def _is_heading(text: str) -> bool:
    if text[0] == ".":
        return len(text) > 1 and text[1] != "." and not text[1].isspace()
    return headings.is_heading(text)


def _goes_on(text: str) -> bool:
    """Say whether a speech goes on over two blanks: not when what follows is plainly something else."""
    return text[0] not in "@.>#=!" and not text.isupper() and not headings.is_heading(text)


def is_transition(text: str) -> bool:
    """Say whether a stripped line is a transition by its words alone."""
    if not text.isupper():
        return False
    closing = text.rstrip(".:").startswith(CLOSING_TRANSITIONS) and len(text) < LONGEST_CLOSING
    return closing or text.endswith("TO:")
