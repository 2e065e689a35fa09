"""Sheets: the layers of a drawing as pixels, and where each of them lies at a moment of a clip.

Called by `clips`. A sheet knows how its layer lives: a figure's part turns about its joints, haze drifts, letters
widen. It never holds what nobody can see.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from trailerflow.film import affine, drawing, gestures, motion, patches
from trailerflow.film.affine import Affine
from trailerflow.film.drawing import OPAQUE, Box, Layer, Pixels, Raster
from trailerflow.film.gestures import Going
from trailerflow.film.motion import MARGIN
from trailerflow.film.patches import Patch
from trailerflow.film.plan import FPS, Frame

WANDERING = 0.3
"""How much of the frame a figure is drawn beyond each edge, so that it can come in."""
RACK = "rack"
STEP = 2
"""The size of the pixels of what is out of focus."""
SOFT = 2.0
CELL = 8
LARGE = 200 * 200
"""From so many pixels on a sheet is moved in patches."""
NEAREST_COVER = 0.9
SLIDE = 0.08
"""How far, in shares of the frame, planes slide against each other at most."""


def margin(layer: Layer) -> float:
    """Return how much of a layer is drawn beyond the frame, in shares of it."""
    if layer.motion == "lens":
        return 0.0
    return WANDERING if layer.tall else MARGIN


def is_plane(layer: Layer) -> bool:
    """Say whether a layer is part of the place behind the figures, where near planes hide far ones."""
    return layer.motion == "camera" and layer.depth <= NEAREST_COVER


def is_soft(layer: Layer, frame: Frame) -> bool:
    """Say whether a layer is so far out of focus that half the pixels do."""
    return layer.motion == "camera" and layer.blur * frame.height / drawing.HEIGHT >= SOFT


class Sheet:
    """One layer as pixels: cropped to what is painted, colour premultiplied, the fourth channel what shines through.

    `opaque` says that it covers the frame and lets nothing through.
    """

    def __init__(self, raster: Raster, frame: Frame, layer: Layer, place: int, seconds: float) -> None:
        picture = raster.pixels
        x, y, width, height = cv2.boundingRect(cv2.extractChannel(picture, 3))
        cut = picture[y : y + height, x : x + width]
        rest = cv2.bitwise_not(cv2.extractChannel(cut, 3)).astype(np.uint8, copy=False)
        whole = raster.whole and layer.box is None and (width, height) == picture.shape[1::-1]
        self.opaque = whole and int(rest.max()) == 0
        self.patches: list[Patch] = []
        self.pixels = _shining(cut, rest)
        self.layer = layer
        self._frame = frame
        self.step = raster.step
        self._start = (self.step * x + raster.left, self.step * y + raster.top)
        scale = frame.height / drawing.HEIGHT
        self._anchor = (layer.anchor[0] * scale, layer.anchor[1] * scale)
        self._seed = round(layer.anchor[0]) if layer.tall else place
        self._bones = [(name, x * scale, y * scale) for name, x, y in layer.bones]
        self.going = Going.of(
            layer.motion, layer.tall / drawing.HEIGHT, frame.width / frame.height, seconds, self._seed
        )
        self._soft = self._softened(layer.blur * scale) if layer.motion == RACK else None

    def _softened(self, sigma: float) -> Pixels:
        """Return the sheet out of focus, making room for it on all sides."""
        room = 2 * round(1.5 * sigma)
        padded = cv2.copyMakeBorder(
            self.pixels, room, room, room, room, cv2.BORDER_CONSTANT, value=(0, 0, 0, 255)
        ).astype(np.uint8, copy=False)
        self.pixels = padded
        self._start = (self._start[0] - room, self._start[1] - room)
        return cv2.GaussianBlur(padded, (0, 0), max(sigma, 0.3)).astype(np.uint8, copy=False)

    def divide(self, cover: "Cover", window: Box) -> None:
        """Find the patches to move: what is painted and not hidden; nothing beyond `window` is ever seen."""
        height, width = self.pixels.shape[:2]
        if width * height < LARGE or self._soft is not None:
            return
        x, y = self._start
        rest = cv2.extractChannel(self.pixels, 3)
        painted = cv2.threshold(rest, OPAQUE - 1, OPAQUE, cv2.THRESH_BINARY_INV)[1]
        solid = cv2.threshold(rest, 0, OPAQUE, cv2.THRESH_BINARY_INV)[1]
        if is_plane(self.layer):
            seen = cover.free()[y - cover.limits[1] :: self.step, x - cover.limits[0] :: self.step]
            painted = cv2.bitwise_and(painted, seen[:height, :width].copy())
        right, bottom = x + self.step * width, y + self.step * height
        beyond = (x <= window[0], y <= window[1], right >= window[2], bottom >= window[3])
        endless = (True,) * 4 if self.opaque else beyond
        self.patches = patches.of(painted.astype(np.uint8), solid.astype(np.uint8), endless)

    def solid(self, limits: Box, cells: tuple[int, int]) -> NDArray[np.bool_]:
        """Return which cells of a grid that begins where `limits` do lie wholly behind the sheet."""
        found = np.full((cells[1] * CELL, cells[0] * CELL), OPAQUE, np.uint8)
        x, y = self._start[0] - limits[0], self._start[1] - limits[1]
        rest = cv2.extractChannel(self.pixels, 3).repeat(self.step, axis=0).repeat(self.step, axis=1)
        room = found[y : y + rest.shape[0], x : x + rest.shape[1]]
        room[:] = rest[: room.shape[0], : room.shape[1]]
        cv2.threshold(found, 0, OPAQUE, cv2.THRESH_BINARY, dst=found)
        return np.asarray(cv2.resize(found, cells, interpolation=cv2.INTER_AREA) == 0, np.bool_)

    def seen(self, share: float) -> Pixels:
        """Return the pixels at a moment; the focus leaves what it lies on at first."""
        near = motion.focus(share)
        if self._soft is None or near == 1.0:
            return self.pixels
        if near == 0.0:
            return self._soft
        return cv2.addWeighted(self.pixels, near, self._soft, 1 - near, 0).astype(np.uint8, copy=False)

    def shown(self, frame: int) -> bool:
        """Say whether a sheet is seen at a frame; a closed lid and an open mouth come and go."""
        match self.layer.cue:
            case "blinks":
                return self.going.blinks(frame / FPS)
            case "voices":
                return self.going.voices(frame / FPS)
        return True

    def placed(self, camera: Affine, frame: int, share: float) -> Affine:
        """Return where the sheet's pixels fall: moved by its life, then by the camera."""
        life = self._life(frame, share)
        return affine.grown(affine.joined(camera, life), self.step, *self._start)

    def _life(self, frame: int, share: float) -> Affine:
        seconds, kind = frame / FPS, self.layer.motion
        x, y = self._anchor
        if self.layer.tall:
            return self._played(seconds, share)
        if kind == "letters":
            return affine.widened(x, 1 + 0.022 * share)
        if kind not in ("haze", "figure", RACK):
            return affine.STILL
        breath, sway = motion.breath(seconds, self._seed), motion.breath(seconds, self._seed + 7, per_minute=9)
        if kind == "haze":
            return affine.moved(0.012 * self._frame.width * sway, 0.005 * self._frame.height * breath)
        return affine.leaned(y, 0.005 * sway, 1 + 0.0035 * breath)

    def _played(self, seconds: float, share: float) -> Affine:
        """Return where the parts of a figure go: it goes its way, and every part turns about its joints."""
        going, height = self.going, self._frame.height
        across, down, growth = going.place(seconds, share)
        breath = motion.breath(seconds, self._seed)
        found = affine.joined(
            affine.moved(across * height, down * height), affine.leaned(self._anchor[1], 0.0, 1 + 0.003 * breath)
        )
        if growth != 1.0:
            found = affine.joined(found, affine.turned(*self._anchor, 0.0, growth))
        bent = gestures.bends(going, seconds, share) if self._bones else {}
        for name, x, y in self._bones:
            degrees = bent.get(name, 0.0) * going.ahead * (1 if name in gestures.UPWARDS else -1)
            found = affine.joined(found, affine.turned(x, y, degrees))
        return found


class Cover:
    """What the planes of a place hide of those behind them; told and asked from near to far."""

    def __init__(self, frame: Frame) -> None:
        left, top = -round(frame.width * MARGIN), -round(frame.height * MARGIN)
        self.limits: Box = (left, top, frame.width - left, frame.height - top)
        # What is left over beside the last cell counts with it.
        self._cells = ((frame.width - 2 * left) // CELL, (frame.height - 2 * top) // CELL)
        reach = (round(SLIDE * frame.width / CELL), round(SLIDE * frame.height / CELL))
        self._around = np.ones((2 * reach[1] + 1, 2 * reach[0] + 1), np.uint8)
        self._hidden = np.zeros((self._cells[1], self._cells[0]), np.bool_)
        self._free = np.ones((self._cells[1], self._cells[0]), np.uint8)

    def window(self) -> Box:
        """Return the box around all that may be seen between the planes told so far."""
        x, y, width, height = (CELL * part for part in cv2.boundingRect(self._free))
        left, top, right, bottom = self.limits
        return (left + x, top + y, min(right, left + x + width + CELL), min(bottom, top + y + height + CELL))

    def free(self) -> Pixels:
        """Return a mask of all that may be seen, from where the limits begin."""
        size = (CELL * self._cells[0], CELL * self._cells[1])
        mask = cv2.resize(self._free * OPAQUE, size, interpolation=cv2.INTER_NEAREST)
        return cv2.copyMakeBorder(mask, 0, 2 * CELL, 0, 2 * CELL, cv2.BORDER_REPLICATE).astype(np.uint8, copy=False)

    def hide(self, sheet: Sheet) -> None:
        """Count what lies behind a sheet as hidden."""
        self._hidden |= sheet.solid(self.limits, self._cells)
        self._free = cv2.dilate((~self._hidden).astype(np.uint8), self._around).astype(np.uint8, copy=False)


def _shining(colour: Pixels, rest: Pixels) -> Pixels:
    """Return premultiplied BGRA with what shines through in place of alpha."""
    found = colour.copy()
    cv2.insertChannel(rest, found, 3)
    return found
