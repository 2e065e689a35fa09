"""Final Draft documents (`.fdx`, XML): every paragraph becomes the element its type names.

Called by `reading` with the decoded document. Reads as a stream and builds no tree; refuses entities, external
references and depth, because XML can be a bomb. What follows damage is left out with a warning.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from trailerflow.errors import BadScript, TooLarge
from trailerflow.film import cues, headings, title_page
from trailerflow.film.screenplay import Element, ElementType, Notice, Script

MAX_DEPTH = 100
CHUNK = 1 << 16
KINDS: dict[str, ElementType] = {
    "scene heading": "heading",
    "character": "character",
    "dialogue": "dialogue",
    "parenthetical": "parenthetical",
    "transition": "transition",
    "lyrics": "lyric",
    "singing": "lyric",
    "new act": "section",
    "outline body": "synopsis",
}
OUTLINE = re.compile(r"outline (\d)")
SPOKEN = frozenset(("dialogue", "parenthetical", "lyric"))
CAPITALS = frozenset(("heading", "character", "transition"))
BODY, TITLE = ("FinalDraft", "Content"), ("FinalDraft", "TitlePage", "Content")
LINE_MARKS = re.compile("\r\n?|[\x85\u2028\u2029\x0b\x0c]")


def read(text: str) -> Script:
    """Return the title page and the elements of a Final Draft document, in order."""
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    damage: list[Notice] = []
    try:
        for start in range(0, len(text), CHUNK):
            parser.feed(text[start : start + CHUNK])
        parser.close()
    except DefusedXmlException as error:
        raise BadScript(
            "hostile_xml",
            "The document declares entities or external references, which no screenplay needs.",
            remedy="Save the screenplay anew in Final Draft and upload that file.",
        ) from error
    except (ParseError, ValueError) as error:
        line = error.position[0] if isinstance(error, ParseError) else 1
        if not builder.paragraphs:
            raise _damaged(line, str(error)) from error
        damage = [Notice(line=1, code="damaged", message=f"What follows line {line} of the file is not XML: {error}.")]
    return _Sheet(builder.title).write(builder.paragraphs, damage)


def _damaged(line: int, why: str) -> BadScript:
    return BadScript(
        "damaged",
        f"The Final Draft document cannot be read from line {line} on ({why}).",
        remedy="Save the screenplay anew in Final Draft, or export it as Fountain or PDF.",
        extra={"line": line},
    )


@dataclass(slots=True)
class _Paragraph:
    """A paragraph while it is read: its runs of text, and what hangs on it."""

    type: str
    number: str | None = None
    dual: bool = False
    runs: list[str] = field(default_factory=list)
    synopsis: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        text = LINE_MARKS.sub("\n", "".join(self.runs)).replace("\t", " ").strip()
        return text if "\n" not in text else "\n".join(line.strip() for line in text.split("\n"))


class _Builder:
    """What the XML parser calls: keeps the paragraphs of the script and of its title page, passes over all else."""

    def __init__(self) -> None:
        self.paragraphs: list[_Paragraph] = []
        self.title: list[str] = []
        self._path: list[str] = []
        self._open: list[tuple[int, _Paragraph]] = []  # with the depth at which each began
        self._duals = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._path.append(tag)
        if len(self._path) > MAX_DEPTH:
            raise TooLarge(
                "too_deep",
                f"The document nests more than {MAX_DEPTH} elements into each other.",
                remedy="Save the screenplay anew in Final Draft and upload that file.",
            )
        if tag == "DualDialogue":
            self._duals = 0
        elif tag == "Paragraph" and (self._inside(BODY) or self._inside(TITLE)):
            self._open.append((len(self._path), self._paragraph(attributes)))

    def _paragraph(self, attributes: Mapping[str, str]) -> _Paragraph:
        kind = attributes.get("Type", "").casefold()
        paragraph = _Paragraph(kind, attributes.get("Number") if kind == "scene heading" else None)
        if kind == "character" and "DualDialogue" in self._path:
            self._duals += 1
            paragraph.dual = self._duals == 2
        return paragraph

    def data(self, text: str) -> None:
        if self._open and self._path[-1] == "Text" and len(self._path) == self._open[-1][0] + 1:
            self._open[-1][1].runs.append(text)

    def end(self, _tag: str) -> None:
        if self._open and self._open[-1][0] == len(self._path):
            self._finish(self._open.pop()[1])
        self._path.pop()

    def _finish(self, paragraph: _Paragraph) -> None:
        """Put a paragraph where it belongs: the title page, a note or summary of another paragraph, or the script."""
        if self._inside(TITLE):
            self.title.append(paragraph.text)
            return
        host = self._open[-1] if self._open else None
        between = self._path[host[0] :] if host else []
        if host and "ScriptNote" in between:
            host[1].notes.append(paragraph.text)
        elif host and "Summary" in between:
            host[1].synopsis.append(paragraph.text)
        elif host is None or "DualDialogue" in between:
            self.paragraphs.append(paragraph)

    def _inside(self, path: tuple[str, ...]) -> bool:
        return tuple(self._path[: len(path)]) == path

    def close(self) -> None:
        """End; there is nothing left to do."""


class _Sheet:
    """Writes the paragraphs as text, one below the other, and every element with its place in it."""

    def __init__(self, title: list[str]) -> None:
        self.elements: list[Element] = []
        self._lines: list[str] = []
        self._length = 0
        self._speech: list[str] = []  # paragraphs of dialogue that follow each other are one element
        self._speech_at = (0, 0)
        self._last: ElementType | None = None
        self._title = title_page.typed(title)
        for line in filter(None, title):
            self._write(line)

    def write(self, paragraphs: list[_Paragraph], damage: list[Notice]) -> Script:
        """Return the script of these paragraphs."""
        for paragraph in paragraphs:
            self._add(paragraph)
        self._flush()
        text = "\n".join(self._lines)
        return Script(self._title, tuple(self.elements), tuple(damage), text.count("\n") + 1, text)

    def _add(self, paragraph: _Paragraph) -> None:
        outline = OUTLINE.fullmatch(paragraph.type)
        kind: ElementType = "section" if outline else KINDS.get(paragraph.type, "action")
        text = paragraph.text.upper() if kind in CAPITALS else paragraph.text
        if text:
            level = int(outline.group(1)) if outline else 1 if kind == "section" else None
            self._element(kind, text, _attributes(kind, text, paragraph), level)
        for synopsis in filter(None, paragraph.synopsis):
            self._element("synopsis", synopsis, {"text": synopsis}, None)
        for note in filter(None, paragraph.notes):
            self._element("note", note, {"text": note}, None)

    def _element(self, kind: ElementType, text: str, attributes: dict[str, Any], level: int | None) -> None:
        if kind != "dialogue" or self._last != "dialogue":
            self._flush()
        if kind not in SPOKEN or self._last not in (*SPOKEN, "character"):
            self._write("")
        start, line = self._write(text)
        if kind != "dialogue":
            end = start + len(text)
            self.elements.append(Element(type=kind, line=line, start=start, end=end, level=level, **attributes))
        else:
            self._speech_at = self._speech_at if self._speech else (start, line)
            self._speech.append(text)
        self._last = kind

    def _flush(self) -> None:
        if self._speech:
            start, line = self._speech_at
            text = "\n".join(self._speech)
            self.elements.append(Element(type="dialogue", text=text, line=line, start=start, end=start + len(text)))
            self._speech.clear()

    def _write(self, text: str) -> tuple[int, int]:
        """Add a paragraph's lines; return where it starts and its first line's number."""
        start, line = self._length, len(self._lines) + 1
        self._lines.extend(text.split("\n"))
        self._length += len(text) + 1
        return start, line


def _attributes(kind: ElementType, text: str, paragraph: _Paragraph) -> dict[str, Any]:
    if kind == "heading":
        bare, number = headings.split_number(text)
        return {"text": bare.strip(), "number": paragraph.number or number}
    if kind == "character":
        cue = cues.read(text, forced=True) or cues.Cue(text, (), dual=False)
        return {"text": cue.name, "extensions": cue.extensions, "dual": paragraph.dual or cue.dual}
    return {"text": text}
