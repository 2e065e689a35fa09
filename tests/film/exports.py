"""Exports for the tests: a screenplay written as Final Draft document, as laid-out text and as PDF."""

import io
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr

from reportlab.lib.pagesizes import letter
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from trailerflow.film.screenplay import Element, Screenplay

TYPES = {
    "heading": "Scene Heading", "character": "Character", "dialogue": "Dialogue", "parenthetical": "Parenthetical",
    "transition": "Transition", "lyric": "Lyrics", "synopsis": "Outline Body",
}  # fmt: skip
INDENTS = {"character": 22, "dialogue": 10, "lyric": 10, "parenthetical": 15, "transition": 45, "centered": 25}
WIDTHS = {"dialogue": 35, "lyric": 35, "parenthetical": 25}
PAGE_ROWS = 54
CHARACTER_POINTS = 7.2
LEFT_POINTS = 108


class Typed(NamedTuple):
    """One row on a page: its indent in characters and its words."""

    indent: int
    text: str


def final_draft(screenplay: Screenplay) -> bytes:
    """Return a screenplay as Final Draft document; every third word is a run of its own."""
    body = "\n".join(_paragraph(element) for element in screenplay.elements)
    document = f'<FinalDraft DocumentType="Script" Version="5">\n<Content>\n{body}\n</Content>\n</FinalDraft>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{document}'.encode()


def _paragraph(element: Element) -> str:
    words = cue_of(element).split(" ") if element.type == "character" else element.text.split(" ")
    runs = [" ".join(words[start : start + 3]) for start in range(0, len(words), 3)]
    last = len(runs) - 1
    texts = "".join(f"<Text>{escape(run)}{' ' if at < last else ''}</Text>" for at, run in enumerate(runs))
    number = f" Number={quoteattr(element.number)}" if element.number else ""
    return f'<Paragraph Type="{TYPES.get(element.type, "Action")}"{number}>{texts}</Paragraph>'


def cue_of(element: Element) -> str:
    """Return a cue as it stands in a script."""
    return " ".join([element.text, *(f"({extension})" for extension in element.extensions)])


def pages(screenplay: Screenplay) -> Iterator[list[Typed | None]]:
    """Yield the rows of every page, None for an empty line: numbers in both margins, (MORE) and (CONT'D)."""
    page: list[Typed | None] = []
    speaker = ""
    for element in screenplay.elements:
        speaker = cue_of(element) if element.type == "character" else speaker
        if page and element.type not in ("dialogue", "parenthetical", "lyric"):
            page.append(None)
        if element.type in ("heading", "character") and len(page) > PAGE_ROWS - 6:
            yield page
            page = []
        for row in _rows(element):
            if len(page) >= PAGE_ROWS:
                speaking = element.type == "dialogue"
                yield [*page, Typed(22, "(MORE)")] if speaking else page
                page = [Typed(22, f"{speaker.split('(')[0].strip()} (CONT'D)")] if speaking else []
            page.append(row)
    yield page


def _rows(element: Element) -> Iterator[Typed]:
    text = cue_of(element) if element.type == "character" else element.text
    lines = [line for part in text.split("\n") for line in textwrap.wrap(part, WIDTHS.get(element.type, 60))]
    for at, line in enumerate(lines):
        if element.number and at == 0:
            yield Typed(-6, f"{element.number:<6}{line:<62}{element.number}")
        else:
            yield Typed(INDENTS.get(element.type, 0), line)


def plain_text(screenplay: Screenplay, title: Sequence[str] = (), *, breaks: bool = True) -> str:
    """Return a screenplay as laid-out text with page numbers; without `breaks` no form feeds tell the pages."""
    text = "".join(f"{'':>30}{line}\n\n" for line in title)
    for number, page in enumerate(pages(screenplay), start=1):
        head = "" if number == 1 else f"\n\n{'':>70}{number}.\n\n" if not breaks else f"\n\f{'':>70}{number}.\n\n"
        rows = (" " * (15 + row.indent) + row.text if row else "" for row in page)
        text += head + "\n".join(rows) + "\n"
    return text


def pdf(screenplay: Screenplay, title: Sequence[str] = (), *, password: str = "") -> bytes:
    """Return a screenplay as PDF in Courier 12."""
    sheets: list[list[tuple[float, float, str]]] = [
        [(306 - len(line) * CHARACTER_POINTS / 2, 250.0 + 36 * at, line) for at, line in enumerate(title)]
    ]
    for number, page in enumerate(pages(screenplay), start=1):
        placed = [
            (LEFT_POINTS + row.indent * CHARACTER_POINTS, 72.0 + 12 * at, row.text)
            for at, row in enumerate(page)
            if row
        ]
        sheets.append([(520.0, 36.0, f"{number}."), *placed] if number > 1 else placed)
    return printed(*(sheets if title else sheets[1:]), password=password)


def printed(*sheets: Iterable[tuple[float, float, str]], font: str = "Courier", password: str = "") -> bytes:
    """Return pages as PDF: each text with its points from the left and from the top."""
    file = io.BytesIO()
    canvas = Canvas(file, pagesize=letter, encrypt=StandardEncryption(password) if password else None, invariant=1)
    for sheet in sheets:
        canvas.setFont(font, 12)
        for left, top, text in sheet:
            canvas.drawString(left, letter[1] - top, text.encode("cp1252", "replace").decode("cp1252"))
        canvas.showPage()
    canvas.save()
    return file.getvalue()
