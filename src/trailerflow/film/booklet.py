"""The booklet: the storyboard as a PDF to be printed and written on, six panels a page.

Called by `boards`. Holds letters of any script in embedded fonts, so that every reader shows the same. Must never hold
a date or a random id, nor let a long text push a panel out of its place.
"""

import logging
import unicodedata
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode

from trailerflow.film import fonts
from trailerflow.film.crew import BoardTile, StoryboardOrder
from trailerflow.film.plan import FPS, Shot

logging.getLogger("fontTools").setLevel(logging.WARNING)  # else it tells of every table it writes

_WIDTH, _HEIGHT = 297.0, 210.0  # A4 on its side, in millimetres
_MARGIN, _HEAD, _GAP = 12.0, 10.0, 6.0
_COLUMNS, _ROWS = 3, 2
_TILE_WIDTH = (_WIDTH - 2 * _MARGIN - (_COLUMNS - 1) * _GAP) / _COLUMNS
_TILE_HEIGHT = (_HEIGHT - 2 * _MARGIN - _HEAD - (_ROWS - 1) * _GAP) / _ROWS
_PICTURE_HEIGHT = _TILE_WIDTH * 9 / 16
_HERO_HEIGHT = 90.0
_TITLE_FACE, _TEXT_FACE = "title", "text"
_INK, _DIM, _DARK, _LIGHT = (26, 28, 32), (108, 112, 120), (14, 15, 18), (242, 240, 234)
_EPOCH = datetime.fromtimestamp(0, UTC)
_MOST_LETTERS = 600  # more never fits, and long texts take long to break
_JOINERS = "\u200c\u200d"
_RIGHT_TO_LEFT = ("R", "AL")


class _Book(FPDF):
    """A PDF without an id: two of the same content are the same file."""

    def file_id(self) -> None:
        return None


def write(path: Path, order: StoryboardOrder, jpegs: Sequence[bytes], tick: Callable[[float], None]) -> None:
    """Write the title page and a panel for each tile; `jpegs` are their pictures, empty where there is none."""
    book = _opened(order)
    _title_page(book, order, jpegs)
    a_page = _COLUMNS * _ROWS
    for number, (tile, jpeg) in enumerate(zip(order.tiles, jpegs, strict=True)):
        if number % a_page == 0:
            tick(number / len(order.tiles))
            _new_page(book, order, number // a_page + 1)
        column, row = number % _COLUMNS, number % a_page // _COLUMNS
        left, top = _MARGIN + column * (_TILE_WIDTH + _GAP), _MARGIN + _HEAD + row * (_TILE_HEIGHT + _GAP)
        _panel(book, order, tile, jpeg, (left, top))
    path.write_bytes(bytes(book.output()))


def pages_of(order: StoryboardOrder) -> int:
    """Return how many pages there are, the title page not counted."""
    return -(-len(order.tiles) // (_COLUMNS * _ROWS))


def _opened(order: StoryboardOrder) -> _Book:
    book = _Book(orientation="landscape", unit="mm", format=(_HEIGHT, _WIDTH))
    book.set_creation_date(_EPOCH)
    book.set_title(readable(order.title))
    book.set_producer("trailerflow")
    book.set_auto_page_break(auto=False)
    book.c_margin = 0
    faces = [_TITLE_FACE, _TEXT_FACE]
    for number, file in enumerate(fonts.files("".join(_texts(order)))):
        if number >= len(faces):
            faces.append(f"more{number}")
        book.add_font(faces[number], "", file)
    book.set_fallback_fonts(faces[1:], exact_match=False)
    book.set_text_shaping(use_shaping_engine=True)
    return book


def _texts(order: StoryboardOrder) -> list[str]:
    texts = [order.title]
    for tile in order.tiles:
        texts += [tile.letters, tile.reason]
        if tile.shot is not None:
            line = tile.shot.line
            texts += [tile.shot.heading, tile.shot.action, *((line.character, line.text) if line else ())]
    return texts


def _title_page(book: _Book, order: StoryboardOrder, jpegs: Sequence[bytes]) -> None:
    """Show the strongest picture, the title and what there is to know of the whole."""
    book.add_page()
    strength = [
        tile.shot.intensity if tile.shot and jpeg else -1.0 for tile, jpeg in zip(order.tiles, jpegs, strict=True)
    ]
    best = max(range(len(jpegs)), key=strength.__getitem__, default=0)
    if jpegs and jpegs[best]:
        width = _HERO_HEIGHT * order.frame.width / order.frame.height
        book.image(BytesIO(jpegs[best]), (_WIDTH - width) / 2, 24, width, _HERO_HEIGHT)
    shots = sum(1 for tile in order.tiles if tile.shot is not None)
    facts = (
        f"{order.frames / FPS:.0f} seconds at {FPS} frames a second",
        f"{shots} shots, {len(order.tiles) - shots} cards",
        f"{order.aspect}, {order.genre}",
    )
    width = _WIDTH - 2 * _MARGIN
    top = _say(book, order.title, (_MARGIN, 122), width, face=_TITLE_FACE, size=36, leading=16, align="C")
    top = _say(book, "STORYBOARD OF THE TRAILER", (_MARGIN, top + 4), width, size=12, align="C", colour=_DIM) + 4
    for fact in facts:
        top = _say(book, fact, (_MARGIN, top), width, size=10, align="C", colour=_DIM)


def _new_page(book: _Book, order: StoryboardOrder, number: int) -> None:
    book.add_page()
    half = _WIDTH / 2 - _MARGIN
    _say(book, order.title, (_MARGIN, _MARGIN - 2), half, face=_TITLE_FACE, size=10, lines=1)
    page = f"{number} / {pages_of(order)}"
    _say(book, page, (_WIDTH / 2, _MARGIN - 2), half, size=9, align="R", colour=_DIM, lines=1)
    book.set_draw_color(*_DIM)
    book.set_line_width(0.2)
    book.line(_MARGIN, _MARGIN + 5, _WIDTH - _MARGIN, _MARGIN + 5)


def _panel(book: _Book, order: StoryboardOrder, tile: BoardTile, jpeg: bytes, place: tuple[float, float]) -> None:
    """Show one tile: what it is above the picture, what happens, is said and why below it."""
    left, top = place
    name = f"{tile.number} · {tile.shot.id if tile.shot else 'card'}"
    _say(book, name, place, _TILE_WIDTH / 2, face=_TITLE_FACE, size=9, lines=1)
    length = f"at {tile.start / FPS:.1f} s · {tile.frames / FPS:.1f} s long"
    _say(book, length, (left + _TILE_WIDTH / 2, top), _TILE_WIDTH / 2, size=7.5, align="R", colour=_DIM, lines=1)
    top += 4.6
    _picture(book, order, tile, jpeg, (left, top))
    top += _picture_size(order)[1] + 1.2
    for text, size, lines, colour in _notes(tile):
        top = _say(book, text, (left, top), _TILE_WIDTH, size=size, lines=lines, colour=colour)


def _notes(tile: BoardTile) -> list[tuple[str, float, int, tuple[int, int, int]]]:
    """Return what is written under a picture: text, size, most lines, colour."""
    shot = tile.shot
    if shot is None:
        return []
    room = 3 if shot.line else 5
    notes = [(shot.heading, 7.5, 1, _INK), (camera(shot), 7.0, 1, _DIM), (shot.action, 7.0, room, _INK)]
    if shot.line is not None:
        notes.append((f"{shot.line.character}: {shot.line.text}", 7.0, 2, _INK))
    return [*notes, (tile.reason, 6.0, 2, _DIM)]


def camera(shot: Shot) -> str:
    """Return size, angle and move of a shot in words."""
    angle = {"eye": "eye level", "over_shoulder": "over the shoulder"}.get(shot.angle, f"{shot.angle} angle")
    return f"{shot.size.replace('_', ' ')} · {angle} · {shot.move.replace('_', ' ')}"


def _picture_size(order: StoryboardOrder) -> tuple[float, float]:
    height = min(_PICTURE_HEIGHT, _TILE_WIDTH * order.frame.height / order.frame.width)
    return height * order.frame.width / order.frame.height, height


def _picture(book: _Book, order: StoryboardOrder, tile: BoardTile, jpeg: bytes, place: tuple[float, float]) -> None:
    width, height = _picture_size(order)
    left, top = place[0] + (_TILE_WIDTH - width) / 2, place[1]
    if jpeg:
        book.image(BytesIO(jpeg), left, top, width, height)
        return
    book.set_fill_color(*_DARK)
    book.rect(left, top, width, height, style="F")
    if tile.letters:
        inner = (left + 3, top + height / 2 - 6)
        _say(book, tile.letters, inner, width - 6, face=_TITLE_FACE, size=11, lines=3, align="C", colour=_LIGHT)


def _say(
    book: _Book,
    text: str,
    place: tuple[float, float],
    width: float,
    *,
    face: str = _TEXT_FACE,
    size: float,
    lines: int = 2,
    leading: float = 0.0,
    align: str = "",
    colour: tuple[int, int, int] = _INK,
) -> float:
    """Write a text in so many lines at most; return where the next one may begin."""
    book.set_font(face, size=size)
    book.set_text_color(*colour)
    step = leading or size * 0.46
    at = place[1]
    for line in fitted(book, readable(text), width, lines):
        book.set_xy(place[0], at)
        book.cell(width, step, line, align=align or ("R" if _is_right_to_left(line) else "L"))
        at += step
    return at + 0.3


def fitted(book: FPDF, text: str, width: float, most: int) -> list[str]:
    """Break a text into lines; what does not fit in `most` of them is cut off with an ellipsis."""
    text = text[:_MOST_LETTERS]
    if not text:
        return []
    east = fonts.is_east_asian(text)
    wrapmode = WrapMode.CHAR if east else WrapMode.WORD
    found = book.multi_cell(width, text=text, dry_run=True, output=MethodReturnValue.LINES, wrapmode=wrapmode)
    lines = [str(line) for line in found]  # type: ignore[union-attr]  # lines were asked for
    if len(lines) <= most:
        return lines
    last = lines[most - 1].rstrip()
    while last and book.get_string_width(f"{last}…") > width:
        last = last[:-1].rstrip()
    return [*lines[: most - 1], f"{last}…"]


def readable(text: str) -> str:
    """Return a text on one line, without what no font can show."""
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable() or letter in _JOINERS)


def _is_right_to_left(text: str) -> bool:
    strong = (unicodedata.bidirectional(letter) for letter in text)
    return next((kind for kind in strong if kind in ("L", *_RIGHT_TO_LEFT)), "L") in _RIGHT_TO_LEFT
