"""The contact sheet: every panel of the trailer on one picture, in order, with its number and its length.

Called by `boards`. Must stay small enough to be sent by mail.
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

_TILE_AREA = 320 * 180
_GAP, _LABEL, _HEAD = 12, 26, 84
_SHAPE = 1.5  # about as much wider than high as a page
_GROUND, _EMPTY, _INK, _DIM = "#14161a", "#0b0c0e", "#f2f0ea", "#9a9da3"
_QUALITY = 88


def tile_size(frame: Frame) -> tuple[int, int]:
    """Return width and height of a panel on the sheet; every aspect gets about the same area."""
    scale = math.sqrt(_TILE_AREA / (frame.width * frame.height))
    return max(round(frame.width * scale), 1), max(round(frame.height * scale), 1)


def write(path: Path, order: StoryboardOrder, pictures: Sequence[Pixels | None]) -> None:
    """Write the sheet as JPEG; a tile without a picture shows its letters, or nothing."""
    width, height = tile_size(order.frame)
    columns = _columns(len(pictures), (width + _GAP) / (height + _GAP + _LABEL))
    rows = -(-len(pictures) // columns)
    size = (_GAP + columns * (width + _GAP), _HEAD + rows * (height + _LABEL + _GAP) + _GAP)
    places = [
        (_GAP + number % columns * (width + _GAP), _HEAD + number // columns * (height + _LABEL + _GAP))
        for number in range(len(pictures))
    ]
    sheet = _lettered(order, places, size, (width, height))
    for (x, y), picture in zip(places, pictures, strict=True):
        if picture is not None:
            sheet[y : y + height, x : x + width] = picture
    done, data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "the contact sheet cannot be encoded"
    path.write_bytes(data.tobytes())


def _columns(count: int, tile_shape: float) -> int:
    return min(max(round(math.sqrt(count * _SHAPE / tile_shape)), 1), max(count, 1))


def _lettered(
    order: StoryboardOrder, places: Sequence[tuple[int, int]], size: tuple[int, int], tile: tuple[int, int]
) -> Pixels:
    """Draw everything but the pictures."""
    seconds = f"{order.frames / FPS:.0f} s · {len(order.tiles)} panels"
    marks = [
        f'<rect width="{size[0]}" height="{size[1]}" fill="{_GROUND}"/>',
        _text(_GAP, 52, order.title.upper(), 34, _INK),
        _text(size[0] - _GAP, 52, seconds, 18, _DIM, anchor="end"),
    ]
    for place, shown in zip(places, order.tiles, strict=True):
        marks += _tile(place, tile, shown)
    root = f'<svg xmlns="{drawing.SVG}" width="{size[0]}" height="{size[1]}">'
    needed = fonts.files(order.title + "".join(shown.letters for shown in order.tiles))
    picture = drawing.rasterised(f"{root}{''.join(marks)}</svg>", needed)
    return np.ascontiguousarray(picture[:, :, :3])


def _tile(place: tuple[int, int], size: tuple[int, int], tile: BoardTile) -> list[str]:
    (x, y), (width, height) = place, size
    marks = [
        f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{_EMPTY}"/>',
        _text(x, y + height + 19, f"{tile.number}", 16, _INK),
        _text(x + width, y + height + 19, f"{tile.frames / FPS:.1f} s", 14, _DIM, anchor="end"),
    ]
    if tile.letters:
        letter_size = min(22.0, width / max(len(tile.letters), 1) * 1.6)
        marks.append(_text(x + width / 2, y + height / 2 + 8, tile.letters, letter_size, _INK, anchor="middle"))
    return marks


def _text(x: float, y: float, text: str, size: float, colour: str, *, anchor: str = "start") -> str:
    shown = escape("".join(letter for letter in text if letter.isprintable()))
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="{fonts.FAMILY}" font-size="{size:.1f}"'
        f' fill="{colour}">{shown}</text>'
    )
