"""A canvas: a picture in memory on which sheets are laid, moved, turned and let shine through, one after the other.

Called by `clips`. It holds the room for its arithmetic: memory fresh from the system would cost as much as that does.
"""

import math

import cv2
import numpy as np

from trailerflow.film import affine, patches
from trailerflow.film.affine import Affine
from trailerflow.film.drawing import Box, Pixels
from trailerflow.film.sheets import Sheet


class Canvas:
    """A picture of a size, BGR, black at first; `lay` paints over it in place."""

    def __init__(self, width: int, height: int) -> None:
        area = width * height
        self.size = (width, height)
        self.picture: Pixels = np.zeros((height, width, 3), np.uint8)
        self._single, self._warped = np.empty(area, np.uint8), np.empty(4 * area, np.uint8)
        self._triple = (np.empty(3 * area, np.uint8), np.empty(3 * area, np.uint8))

    def lay(self, sheet: Sheet, pixels: Pixels, move: Affine) -> None:
        """Lay a sheet's pixels where a move takes them."""
        height, width = pixels.shape[:2]
        if not sheet.patches or affine.slant(move, width, height) > patches.SLACK:
            left, top, right, bottom = affine.bounds(move, width, height)
            box = (math.floor(left) - 1, math.floor(top) - 1, math.ceil(right) + 1, math.ceil(bottom) + 1)
            self._put(pixels, move, box, opaque=sheet.opaque)
            return
        a, _, x, _, d, y = affine.upright(move, width, height)
        for patch in sheet.patches:
            corner = (round(a * patch.left + x), round(d * patch.top + y))
            end = (round(a * patch.right + x), round(d * patch.bottom + y))
            self._put(pixels, move, (*corner, *end), opaque=patch.solid)

    def _put(self, pixels: Pixels, move: Affine, box: Box, *, opaque: bool) -> None:
        """Fill a box of the picture with what of some pixels falls there."""
        left, top = max(box[0], 0), max(box[1], 0)
        wide, high = min(box[2], self.size[0]) - left, min(box[3], self.size[1]) - top
        if wide <= 0 or high <= 0:
            return
        warped = self._warped[: 4 * wide * high].reshape(high, wide, 4)
        a, b, x, c, d, y = move
        cv2.warpAffine(
            pixels,
            np.array(((a, b, x - left), (c, d, y - top))),
            (wide, high),
            dst=warped,
            borderMode=cv2.BORDER_REPLICATE if opaque else cv2.BORDER_CONSTANT,
            borderValue=(0, 0, 0, 255),
        )
        part = self.picture[top : top + high, left : left + wide]
        if opaque:
            cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR, dst=part)
            return
        rest = self._single[: wide * high].reshape(high, wide)
        veil, colour = (room[: 3 * wide * high].reshape(high, wide, 3) for room in self._triple)
        cv2.extractChannel(warped, 3, dst=rest)
        cv2.cvtColor(rest, cv2.COLOR_GRAY2BGR, dst=veil)
        cv2.multiply(part, veil, dst=part, scale=1 / 255)
        cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR, dst=colour)
        cv2.add(part, colour, dst=part)
