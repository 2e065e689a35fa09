"""PDF: the characters of every page become a laid-out text, indents and empty lines kept, for `layout` to read.

Called by `reading`. Groups characters itself, in linear time; runs no script, opens no attachment. Refuses what is
encrypted, too long, or holds no text.
"""

import struct
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import NamedTuple

from pdfminer.converter import PDFLayoutAnalyzer
from pdfminer.layout import LTChar, LTFigure, LTPage
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfinterp import PDFPageInterpreter, PDFResourceManager
from pdfminer.pdfpage import PDFPage
from pdfminer.pdfparser import PDFParser
from pdfminer.psexceptions import PSException

from trailerflow.errors import BadScript, TooLarge
from trailerflow.film.rows import Side
from trailerflow.film.screenplay import Notice

MAX_PAGES = 400
MAX_DEPTH = 8
MAX_CHARACTERS_A_PAGE = 20_000
LEAST_CHARACTERS = 20
PITCH = 7.2  # points a character, in the Courier 12 of every screenplay
SAME_LINE = 3.0
MOST_BLANK = 3
ADVANCE = 0.6  # width of a character in Courier, of its size
WORD_GAP = 0.25
COLUMN_GAP = 4
MARGIN_WIDTH = 5
CLOSE = 1.5
UNREADABLE = "(cid:"
# What pdfminer meets in damaged files and does not translate.
UNTRANSLATED = (
    PSException, ValueError, TypeError, KeyError, IndexError, AttributeError, AssertionError, OverflowError,
    RecursionError, struct.error, zlib.error,
)  # fmt: skip


class Page(NamedTuple):
    """The text of a PDF, which of its lines are bold or stand in one of two columns, and what went wrong."""

    text: str
    bold: frozenset[int]
    sides: dict[int, Side]
    warnings: tuple[Notice, ...]


class Piece(NamedTuple):
    """Words that stand together on one line of a page, in points from the page's left edge."""

    text: str
    left: float
    right: float
    bold: bool


class Line(NamedTuple):
    """The pieces that share a baseline, from left to right; `drop` is how far below the line above, in points."""

    pieces: tuple[Piece, ...]
    drop: float


def read(data: bytes) -> Page:
    """Return what stands on the pages of a PDF."""
    pages: list[list[Line]] = []
    warnings: list[Notice] = []
    for characters in _pages(data):
        if isinstance(characters, Notice):
            warnings.append(characters)
        else:
            pages.append(list(_lines(characters)))
    return _Writer(pages).write(warnings)


def _pages(data: bytes) -> Iterator[list[LTChar] | Notice]:
    """Yield the characters of every page; at last a notice if the file is damaged further on."""
    read = 0
    try:
        collector = _Collector()
        interpreter = PDFPageInterpreter(collector.rsrcmgr, collector)
        for page in PDFPage.create_pages(PDFDocument(PDFParser(BytesIO(data)))):
            if read == MAX_PAGES:
                raise _too_long()
            interpreter.process_page(page)
            yield collector.characters
            read += 1
    except (PDFPasswordIncorrect, PDFEncryptionError) as error:
        raise BadScript(
            "encrypted",
            "The PDF is encrypted and cannot be read without its password.",
            remedy="Save it without a password and upload that file.",
        ) from error
    except UNTRANSLATED as error:
        if not read:
            raise _damaged(error) from error
        yield Notice(line=1, code="damaged", message=f"The PDF is damaged; it was read up to page {read}.")


def _too_long() -> TooLarge:
    return TooLarge(
        "too_many_pages",
        f"The PDF has more than the {MAX_PAGES} pages allowed.",
        remedy="Upload the screenplay alone.",
    )


def _damaged(error: Exception) -> BadScript:
    return BadScript(
        "damaged",
        f"The file begins like a PDF but cannot be read as one ({type(error).__name__}).",
        remedy="Export the screenplay as PDF anew, or as Fountain.",
    )


class _Collector(PDFLayoutAnalyzer):
    """What the interpreter draws on: keeps the characters of a page and forgets the rest."""

    def __init__(self) -> None:
        super().__init__(PDFResourceManager(), laparams=None)
        self.characters: list[LTChar] = []

    def receive_layout(self, page: LTPage) -> None:
        """Keep a page's characters."""
        self.characters = list(_characters(page))
        if len(self.characters) > MAX_CHARACTERS_A_PAGE:
            message = f"A page holds more than {MAX_CHARACTERS_A_PAGE:,} characters: no page of a screenplay does."
            raise TooLarge("too_large", message, remedy="Upload the screenplay alone.")


def _characters(container: Iterable[object], depth: int = 0) -> Iterator[LTChar]:
    """Yield the characters on a page; some programs pack them into figures."""
    for item in container:
        if isinstance(item, LTChar) and item.upright:
            yield item
        elif isinstance(item, LTFigure) and depth < MAX_DEPTH:
            yield from _characters(item, depth + 1)


def _lines(characters: Sequence[LTChar]) -> Iterator[Line]:
    """Group characters by their baseline, from the top of the page."""
    group: list[LTChar] = []
    baseline = above = 0.0
    for character in sorted(characters, key=lambda one: -one.matrix[5]):
        if group and baseline - character.matrix[5] > SAME_LINE:
            if line := _line(group, above - baseline):
                yield line
                above = baseline
            group = []
        if not group:
            baseline = character.matrix[5]
        group.append(character)
    if group and (line := _line(group, above - baseline)):
        yield line


def _line(group: Iterable[LTChar], drop: float) -> Line | None:
    """Join the runs of a line that stand close; a number printed over the end of a heading stays apart."""
    pieces: list[Piece] = []
    for run in sorted(_runs(group), key=lambda one: one.left):
        gap = run.left - pieces[-1].right if pieces else 0.0
        if pieces and -1 < gap <= COLUMN_GAP * PITCH:
            last = pieces.pop()
            glue = " " * max(1, round(gap / PITCH)) if gap > WORD_GAP * PITCH else ""
            pieces.append(Piece(f"{last.text}{glue}{run.text}", last.left, run.right, last.bold and run.bold))
            continue
        pieces.append(run)
    return Line(tuple(pieces), drop) if pieces else None


def _runs(group: Iterable[LTChar]) -> Iterator[Piece]:
    """Join characters in the order in which they were drawn; a bold one drawn twice counts once."""
    text, bold = "", 0
    left = right = last = 0.0
    for character in group:
        glyph = character.get_text()
        drawn_twice = text[-1:] == glyph and abs(character.x0 - last) < 1
        if drawn_twice or not glyph.strip() or glyph.startswith(UNREADABLE):
            continue
        gap, width = character.x0 - right, max(character.size, 1) * ADVANCE
        if text and (gap > COLUMN_GAP * PITCH or gap < -width / 2):
            yield Piece(text, left, right, bold * 2 > len(text))
            text, bold = "", 0
        if not text:
            left = character.x0
        elif gap > WORD_GAP * width:
            text += " " * max(1, round(gap / width))
        text += glyph
        bold += len(glyph) if "bold" in character.fontname.lower() else 0
        right, last = character.x1, character.x0
    if text:
        yield Piece(text, left, right, bold * 2 > len(text))


class _Writer:
    """Writes the pages as one text, each line as far from the left as it stood."""

    def __init__(self, pages: Sequence[Sequence[Line]]) -> None:
        self._pages = pages
        self._lines: list[str] = []
        self._bold: set[int] = set()
        self._sides: dict[int, Side] = {}
        pieces = [piece for page in pages for line in page for piece in line.pieces]
        if sum(len(piece.text) for piece in pieces) < LEAST_CHARACTERS:
            raise BadScript(
                "no_text",
                f"The PDF has {len(pages)} page(s) without text: it is scanned, or empty.",
                remedy="Export the screenplay as PDF from the program it was written in, or as Fountain.",
            )
        self._edge = min(piece.left for piece in pieces)
        drops = Counter(round(line.drop) for page in pages for line in page if line.drop > SAME_LINE)
        self._pitch = min((drop for drop, _ in drops.most_common(2)), default=12)

    def write(self, warnings: Iterable[Notice]) -> Page:
        """Return the text of all pages."""
        for number, page in enumerate(self._pages):
            if number:
                self._lines.append("\f")
            self._page(page)
        return Page("\n".join(self._lines), frozenset(self._bold), self._sides, tuple(warnings))

    def _page(self, page: Sequence[Line]) -> None:
        position = 0
        while position < len(page):
            beside = self._beside(page, position)
            if beside:
                self._columns(page[position : position + beside])
                position += beside
                continue
            line = page[position]
            self._blank(line)
            self._put(line.pieces)
            position += 1

    def _columns(self, block: Sequence[Line]) -> None:
        """Write what stands in the left column, then what stands in the right one."""
        middle = block[0].pieces[1].left - COLUMN_GAP * PITCH * 2
        sides: tuple[Side, Side] = ("left", "right")
        for side in sides:
            self._lines.append("")
            for line in block:
                pieces = tuple(piece for piece in line.pieces if (piece.left >= middle) == (side == "right"))
                if pieces:
                    self._put(pieces)
                    self._sides[len(self._lines)] = side

    def _blank(self, line: Line) -> None:
        self._lines.extend([""] * min(round(line.drop / self._pitch) - 1, MOST_BLANK))

    def _put(self, pieces: Sequence[Piece]) -> None:
        line = ""
        for piece in pieces:
            indent = round((piece.left - self._edge) / PITCH)
            line = line + " " * max(indent - len(line), 3 if line else 0) + piece.text
        self._lines.append(line)
        if all(piece.bold for piece in pieces):
            self._bold.add(len(self._lines))

    def _beside(self, page: Sequence[Line], position: int) -> int:
        """Return how many lines from here on hold two cues and their words beside each other."""
        pieces = page[position].pieces
        if len(pieces) != 2 or not all(piece.text.isupper() and not _is_number(piece.text) for piece in pieces):
            return 0
        last = position + 1
        while last < len(page) and page[last].drop < CLOSE * self._pitch:
            last += 1
        # One line alone is a header, or a heading with its number.
        return last - position if last > position + 1 else 0


def _is_number(text: str) -> bool:
    return len(text) <= MARGIN_WIDTH and any(sign.isdigit() for sign in text)
