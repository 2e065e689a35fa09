"""The contact sheet: every panel of the trailer on one picture, in order, with its number and its length.

Called by `boards`; `reference_sheets` shares its page and its letters. Must stay small enough to be sent by mail.
"""

import math
from collections.abc import Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from trailerflow.film import drawing, fonts
from trailerflow.film.crew import BoardTile, StoryboardOrder
from trailerflow.film.drawing import Pixels
from trailerflow.film.plan import FPS, Frame

GAP, HEAD = 12, 84
SHAPE = 1.5  # about as much wider than high as a page
GROUND, INK, DIM = "#14161a", "#f2f0ea", "#9a9da3"
_TILE_AREA = 320 * 180
_LABEL, _EMPTY = 26, "#0b0c0e"
_QUALITY = 88


def tile_size(frame: Frame) -> tuple[int, int]:
    """Return width and height of a panel on the sheet; every aspect gets about the same area."""
    scale = math.sqrt(_TILE_AREA / (frame.width * frame.height))
    return max(round(frame.width * scale), 1), max(round(frame.height * scale), 1)


def write(path: Path, order: StoryboardOrder, pictures: Sequence[Pixels | None]) -> None:
    """Write the sheet as JPEG; a tile without a picture shows its letters, or nothing."""
    width, height = tile_size(order.frame)
    across = _columns(len(pictures), (width + GAP) / (height + GAP + _LABEL))
    rows = -(-len(pictures) // across)
    size = (GAP + across * (width + GAP), HEAD + rows * (height + _LABEL + GAP) + GAP)
    places = [
        (GAP + number % across * (width + GAP), HEAD + number // across * (height + _LABEL + GAP))
        for number in range(len(pictures))
    ]
    sheet = _lettered(order, places, size, (width, height))
    for (x, y), picture in zip(places, pictures, strict=True):
        if picture is not None:
            sheet[y : y + height, x : x + width] = picture
    save(path, sheet)


def save(path: Path, sheet: Pixels) -> None:
    """Write a sheet as JPEG."""
    done, data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "the sheet cannot be encoded"
    path.write_bytes(data.tobytes())


def _columns(count: int, tile_shape: float) -> int:
    return min(max(round(math.sqrt(count * SHAPE / tile_shape)), 1), max(count, 1))


def _lettered(
    order: StoryboardOrder, places: Sequence[tuple[int, int]], size: tuple[int, int], tile: tuple[int, int]
) -> Pixels:
    """Draw everything but the pictures."""
    seconds = f"{order.frames / FPS:.0f} s · {len(order.tiles)} panels"
    marks = [
        f'<rect width="{size[0]}" height="{size[1]}" fill="{GROUND}"/>',
        text(GAP, 52, order.title.upper(), 34, INK),
        text(size[0] - GAP, 52, seconds, 18, DIM, anchor="end"),
    ]
    for place, shown in zip(places, order.tiles, strict=True):
        marks += _tile(place, tile, shown)
    return page(size, marks, order.title + "".join(shown.letters for shown in order.tiles))


def page(size: tuple[int, int], marks: Sequence[str], words: str, defs: Sequence[str] = ()) -> Pixels:
    """Return marks as the pixels of a page; `words` are all letters on it."""
    root = f'<svg xmlns="{drawing.SVG}" xmlns:xlink="{drawing.XLINK}" width="{size[0]}" height="{size[1]}">'
    document = f"{root}<defs>{''.join(defs)}</defs>{''.join(marks)}</svg>"
    return np.ascontiguousarray(drawing.rasterised(document, fonts.files(words))[:, :, :3])


def _tile(place: tuple[int, int], size: tuple[int, int], tile: BoardTile) -> list[str]:
    (x, y), (width, height) = place, size
    marks = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{_EMPTY}"/>',
        text(x, y + height + 19, f"{tile.number}", 16, INK),
        text(x + width, y + height + 19, f"{tile.frames / FPS:.1f} s", 14, DIM, anchor="end"),
    ]
    if tile.letters:
        letter_size = min(22.0, width / max(len(tile.letters), 1) * 1.6)
        marks.append(text(x + width / 2, y + height / 2 + 8, tile.letters, letter_size, INK, anchor="middle"))
    return marks


def text(x: float, y: float, words: str, size: float, colour: str, *, anchor: str = "start") -> str:
    """Return letters on a line of the page."""
    shown = escape("".join(letter for letter in words if letter.isprintable()))
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="{fonts.FAMILY}" font-size="{size:.1f}"'
        f' fill="{colour}">{shown}</text>'
    )
