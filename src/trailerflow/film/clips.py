"""Clips: a panel set moving: its layers slide in depth, its figures walk and breathe, its weather falls.

Called by the local animator. Holds one picture at a time and streams it to the encoder; says how far it is with every
frame, and stops where the office says so, leaving no file.
"""

import math
from dataclasses import replace

import cv2
import numpy as np

from trailerflow.film import affine, drawing, encoding, motion, patches, prints, sheets, weather
from trailerflow.film.affine import Affine
from trailerflow.film.crew import Clip, ClipOrder, Desk
from trailerflow.film.drawing import Box, Drawing, Layer, Pixels, Raster
from trailerflow.film.motion import Pose
from trailerflow.film.plan import FPS, Frame
from trailerflow.film.sheets import RACK, Cover, Sheet

PAINTED = 0.045
"""How much a picture without layers is enlarged at each edge, so that it can move."""
STANDARD_SECONDS = 2.0
RACK_BLUR = 0.0035


def animate(order: ClipOrder, desk: Desk) -> Clip:
    """Move one panel; returns the clip."""
    stage = _stage(order, desk)
    path = motion.path_of(order.shot, order.frames)
    fields = weather.fields(order.shot, order.frame)
    grain = prints.grain(order.frame, order.shot.seed)
    target = desk.folder / "clip.mp4"
    with encoding.VideoWriter(target, order.frame, order.keyframes) as video:
        for frame in range(order.frames):
            picture = stage.shoot(path.at(frame), frame, path.share(frame))
            for field in fields:
                field.add(picture, frame)
            gain = weather.flicker(order.shot, frame) * motion.fade(frame, order.frames, order.fade_in, order.fade_out)
            video.write(prints.printed(picture, grain, frame, gain))
            desk.tick((frame + 1) / order.frames)
    return Clip(video=desk.keep(target, f"clip-{order.shot.id}.mp4", "video/mp4"), frames=order.frames)


def _stage(order: ClipOrder, desk: Desk) -> "Stage":
    if order.panel.drawing is None:
        painted = cv2.imread(str(desk.open(order.panel.image)), cv2.IMREAD_COLOR)
        assert painted is not None, f"the picture of shot {order.shot.id} cannot be read"
        return Stage.of_painting(painted.astype(np.uint8, copy=False), order.frame)
    source = drawing.read(desk.open(order.panel.drawing).read_text(encoding="utf-8"))
    return Stage.of_drawing(source, order.frame, order.frames / FPS)


class Stage:
    """All sheets of a shot, and the picture they make together."""

    def __init__(self, stack: list[Sheet], lens: Sheet | None, frame: Frame) -> None:
        self._sheets = stack
        self._dark = None if lens is None else cv2.merge([lens.pixels[:, :, 3]] * 3)
        self._picture = np.zeros((frame.height, frame.width, 3), np.uint8)
        self._size = (frame.width, frame.height)
        # Memory fresh from the system for every sheet would cost as much as the arithmetic does.
        area = frame.width * frame.height
        self._single, self._warped = np.empty(area, np.uint8), np.empty(4 * area, np.uint8)
        self._triple = (np.empty(3 * area, np.uint8), np.empty(3 * area, np.uint8))

    @classmethod
    def of_drawing(cls, source: Drawing, frame: Frame, seconds: float = STANDARD_SECONDS) -> "Stage":
        """Set up the layers of a drawing that will be shown for so long."""
        size, made, cover = (frame.width, frame.height), [], Cover(frame)
        for place, layer in reversed(list(enumerate(source.layers))):
            plane = sheets.is_plane(layer)
            window = cover.window() if plane else cover.limits
            sharp = replace(layer, blur=0.0) if layer.motion == RACK else layer
            raster = source.raster(sharp, size, sheets.margin(layer), window if plane else None)
            if raster.pixels[:, :, 3].any():
                sheet = Sheet(raster, frame, layer, place, seconds)
                sheet.divide(cover, window)
                if plane:
                    cover.hide(sheet)
                made.append(sheet)
        lens = next((sheet for sheet in made if sheet.layer.motion == "lens"), None)
        return cls([sheet for sheet in reversed(made) if sheet is not lens], lens, frame)

    @classmethod
    def of_painting(cls, painted: Pixels, frame: Frame) -> "Stage":
        """Set up a picture that has no layers: a little larger than the frame, so that it can move."""
        wide, high = round(frame.width * PAINTED), round(frame.height * PAINTED)
        size = (frame.width + 2 * wide, frame.height + 2 * high)
        large = cv2.cvtColor(cv2.resize(painted, size, interpolation=cv2.INTER_CUBIC), cv2.COLOR_BGR2BGRA)
        raster = Raster(large.astype(np.uint8, copy=False), -wide, -high)
        return cls([Sheet(raster, frame, Layer(0.45, "camera", ""), 0, STANDARD_SECONDS)], None, frame)

    def shoot(self, camera: Pose, frame: int, share: float) -> Pixels:
        """Return the picture at a moment; it is overwritten by the next."""
        seen: dict[float, Affine] = {}
        for sheet in self._sheets:
            if sheet.layer.motion == RACK:
                self._unfocus(motion.focus(share))
            if sheet.shown(frame):
                depth = sheet.layer.depth
                if depth not in seen:
                    seen[depth] = self._camera(camera, depth)
                self._lay(sheet, sheet.seen(share), sheet.placed(seen[depth], frame, share))
        if self._dark is not None:
            cv2.multiply(self._picture, self._dark, dst=self._picture, scale=1 / 255)
        return self._picture

    def _unfocus(self, share: float) -> None:
        """Soften all that is laid so far."""
        if share > 0:
            small = cv2.resize(self._picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            small = cv2.GaussianBlur(small, (0, 0), max(0.3, RACK_BLUR * share * self._size[1]))
            cv2.resize(small, self._size, dst=self._picture, interpolation=cv2.INTER_LINEAR)

    def _camera(self, camera: Pose, depth: float) -> Affine:
        """Return what the camera's move does to a depth: the nearer, the more."""
        width, height = self._size
        weight = 0.3 + 0.7 * depth
        turn = affine.turned(width / 2, height * 0.46, -camera.roll, 1 + (camera.zoom - 1) * weight)
        return affine.joined(affine.moved(camera.x * width * weight, camera.y * height * weight), turn)

    def _lay(self, sheet: Sheet, pixels: Pixels, move: Affine) -> None:
        """Warp a sheet's pixels to where they fall and lay them over the picture there."""
        height, width = pixels.shape[:2]
        if not sheet.patches or affine.slant(move, width, height) > patches.SLACK:
            left, top, right, bottom = affine.bounds(move, width, height)
            box = (math.floor(left) - 1, math.floor(top) - 1, math.ceil(right) + 1, math.ceil(bottom) + 1)
            self._put(pixels, move, box, opaque=sheet.opaque)
            return
        a, _, x, _, d, y = affine.upright(move, width, height)
        for patch in sheet.patches:
            box = (round(a * patch.left + x), round(d * patch.top + y))
            box += (round(a * patch.right + x), round(d * patch.bottom + y))
            self._put(pixels, move, box, opaque=patch.solid)

    def _put(self, pixels: Pixels, move: Affine, box: Box, *, opaque: bool) -> None:
        """Fill a box of the picture with what of some pixels falls there."""
        left, top = max(box[0], 0), max(box[1], 0)
        right, bottom = min(box[2], self._size[0]), min(box[3], self._size[1])
        if right <= left or bottom <= top:
            return
        wide, high = right - left, bottom - top
        area = wide * high
        rest = self._single[:area].reshape(high, wide)
        veil, colour = (room[: 3 * area].reshape(high, wide, 3) for room in self._triple)
        warped = self._warped[: 4 * area].reshape(high, wide, 4)
        a, b, x, c, d, y = move
        cv2.warpAffine(
            pixels,
            np.array(((a, b, x - left), (c, d, y - top))),
            (wide, high),
            dst=warped,
            borderMode=cv2.BORDER_REPLICATE if opaque else cv2.BORDER_CONSTANT,
            borderValue=(0, 0, 0, 255),
        )
        part = self._picture[top:bottom, left:right]
        if opaque:
            cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR, dst=part)
            return
        cv2.extractChannel(warped, 3, dst=rest)
        cv2.cvtColor(rest, cv2.COLOR_GRAY2BGR, dst=veil)
        cv2.multiply(part, veil, dst=part, scale=1 / 255)
        cv2.cvtColor(warped, cv2.COLOR_BGRA2BGR, dst=colour)
        cv2.add(part, colour, dst=part)
