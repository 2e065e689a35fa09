"""Patches: the rectangles of a sheet that hold paint, so that its empty parts are not moved with every frame.

Called by `sheets` once a clip. The patches of a sheet never overlap, and together hold all its paint with a room of
`SLACK` pixels around it, in which it may lean.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trailerflow.film.drawing import OPAQUE, Pixels

CELL = 16
SLACK = 14.0
"""How far paint may lie from where an upright move would put it: less than a cell."""
WORTH = 60
"""How many cells a cut must save, since each patch costs time of its own."""

Grid = NDArray[np.bool_]
Cells = tuple[int, int, int, int]
AROUND = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Patch:
    """A rectangle in pixels of a sheet; `solid` if nothing shines through it."""

    left: int
    top: int
    right: int
    bottom: int
    solid: bool


def of(painted: Pixels, solid: Pixels, endless: tuple[bool, bool, bool, bool]) -> list[Patch]:
    """Return the patches of a sheet from two masks (0 or 255).

    `endless` says on which sides (left, top, right, bottom) nobody ever sees what lies beyond the sheet.
    """
    busy = cv2.dilate(_padded(_gridded(painted, 0) > 0, (False,) * 4), AROUND).astype(np.bool_)
    firm = cv2.erode(_padded(_gridded(solid, OPAQUE) == OPAQUE, endless), AROUND).astype(np.bool_)
    patches = []
    for left, top, right, bottom in _cut(busy, (0, 0, busy.shape[1], busy.shape[0])):
        full: Grid = np.all(firm[top:bottom, left:right], axis=1, keepdims=True)
        rows = len(full) if full.all() else int(np.argmin(full[::-1]))
        foot = bottom - rows if rows * (right - left) >= WORTH else bottom
        for upper, lower, whole in ((top, foot, False), (foot, bottom, True)):
            if lower > upper:
                corner, end = ((left - 1) * CELL, (upper - 1) * CELL), ((right - 1) * CELL, (lower - 1) * CELL)
                patches.append(Patch(*corner, *end, whole))
    return patches


def _gridded(mask: Pixels, beyond: int) -> Pixels:
    """Return the mean of a mask in every cell; above 0 where anything is set, 255 where all is."""
    height, width = mask.shape
    down, across = -height % CELL, -width % CELL
    padded = cv2.copyMakeBorder(mask, 0, down, 0, across, cv2.BORDER_CONSTANT, value=(beyond,) * 4)
    size = (padded.shape[1] // CELL, padded.shape[0] // CELL)
    return cv2.resize(padded, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _padded(grid: Grid, endless: tuple[bool, bool, bool, bool]) -> Pixels:
    """Return a grid with one more cell on each side; on an endless side it is like the cell beside it."""
    found = np.pad(grid, 1, mode="edge")
    left, top, right, bottom = endless
    found[:, 0] &= left
    found[0] &= top
    found[:, -1] &= right
    found[-1] &= bottom
    return found.astype(np.uint8)


def _cut(busy: Grid, box: Cells) -> list[Cells]:
    """Cut a box in two, and again, as long as that leaves enough empty cells out."""
    left, top, right, bottom = box
    part = busy[top:bottom, left:right].astype(np.uint8)
    x, y, width, height = cv2.boundingRect(part)
    if width == 0:
        return []
    left, top, right, bottom = left + x, top + y, left + x + width, top + y + height
    part = part[y : y + height, x : x + width]
    best, place, upright = width * height - WORTH, 0, False
    for turned, grid in ((False, part), (True, part.T)):
        if len(grid) > 1:
            cells = _spans(grid)[:-1] + _spans(grid[::-1])[::-1][1:]
            least = int(np.argmin(cells))
            if cells[least] < best:
                best, place, upright = int(cells[least]), least + 1, turned
    if place == 0:
        return [(left, top, right, bottom)]
    if upright:
        return _cut(busy, (left, top, left + place, bottom)) + _cut(busy, (left + place, top, right, bottom))
    return _cut(busy, (left, top, right, top + place)) + _cut(busy, (left, top + place, right, bottom))


def _spans(grid: Pixels) -> NDArray[np.int64]:
    """Return, for every row, the cells of the box around what is set in the rows down to it; the first row has some."""
    seen = np.logical_or.accumulate(grid > 0, axis=0)
    across = grid.shape[1] - np.argmax(seen, axis=1) - np.argmax(seen[:, ::-1], axis=1)
    down = np.maximum.accumulate(np.where(grid.any(axis=1), np.arange(1, len(grid) + 1), 0))
    return np.asarray(across * down, np.int64)
