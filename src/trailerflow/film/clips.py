"""Clips: a panel set moving: its layers slide in depth, its figures walk and breathe, its weather falls.

Called by the local animator. Holds one picture at a time and streams it to the encoder; says how far it is with every
frame, and stops where the office says so, leaving no file.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np

from trailerflow.errors import PermanentError
from trailerflow.film import affine, blemishes, drawing, encoding, motion, prints, sheets, weather
from trailerflow.film.affine import Affine
from trailerflow.film.canvas import Canvas
from trailerflow.film.crew import Clip, ClipOrder, Desk
from trailerflow.film.drawing import Drawing, Layer, Pixels, Raster
from trailerflow.film.motion import Pose
from trailerflow.film.plan import FPS, Frame
from trailerflow.film.sheets import RACK, STEP, Cover, Sheet

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
    colours = encoding.Colours(order.frame.width, order.frame.height)
    target = desk.folder / "clip.mp4"
    with encoding.VideoWriter(target, order.frame, order.keyframes) as video:
        for frame in range(order.frames):
            picture = stage.shoot(path.at(frame), frame, path.share(frame))
            for field in fields:
                field.add(picture, frame)
            gain = weather.flicker(order.shot, frame) * motion.fade(frame, order.frames, order.fade_in, order.fade_out)
            planes = colours.i420_of(prints.lit(picture, gain))
            prints.speckle(planes[: order.frame.height], grain, frame)
            video.write_planes(planes)
            desk.tick((frame + 1) / order.frames)
    if order.panel.drawing is None:
        _refuse_blemished(target, order)
    return Clip(video=desk.keep(target, f"clip-{order.shot.id}.mp4", "video/mp4"), frames=order.frames)


def _refuse_blemished(path: Path, order: ClipOrder) -> None:
    """Refuse the clip of a picture from outside that would keep the trailer from being delivered."""
    if blemish := blemishes.of_clip(path, order):
        path.unlink()
        raise PermanentError(
            "blemished",
            f"the clip of shot {order.shot.id} is {blemish}, which the plan does not ask for",
            remedy="skip lets a stand-in take its place, regenerate_scene makes another picture",
        )


def _stage(order: ClipOrder, desk: Desk) -> "Stage":
    if order.panel.drawing is None:
        painted = cv2.imread(str(desk.open(order.panel.image)), cv2.IMREAD_COLOR)
        assert painted is not None, f"the picture of shot {order.shot.id} cannot be read"
        return Stage.of_painting(painted.astype(np.uint8, copy=False), order.frame)
    source = drawing.read(desk.open(order.panel.drawing).read_text(encoding="utf-8"))
    return Stage.of_drawing(source, order.frame, order.frames / FPS, drawn=lambda: desk.tick(0.0))


class Stage:
    """All sheets of a shot, and the picture they make together."""

    def __init__(self, stack: list[Sheet], lens: Sheet | None, frame: Frame) -> None:
        self._soft = [sheet for sheet in stack if sheet.step > 1]
        self._sheets = [sheet for sheet in stack if sheet.step == 1]
        self._dark = None if lens is None else cv2.merge([lens.pixels[:, :, 3]] * 3)
        self._canvas = Canvas(frame.width, frame.height)
        self._half = Canvas(frame.width // STEP, frame.height // STEP) if self._soft else None
        self._size = (frame.width, frame.height)

    @classmethod
    def of_drawing(
        cls,
        source: Drawing,
        frame: Frame,
        seconds: float = STANDARD_SECONDS,
        *,
        drawn: Callable[[], None] = lambda: None,
    ) -> "Stage":
        """Set up the layers of a drawing that will be shown for so long; `drawn` is called after each and may raise."""
        size, made, cover = (frame.width, frame.height), [], Cover(frame)
        soft = len(list(takewhile(lambda layer: sheets.is_soft(layer, frame), source.layers)))
        for place, layer in reversed(list(enumerate(source.layers))):
            plane = sheets.is_plane(layer)
            window = cover.window() if plane else cover.limits
            sharp = replace(layer, blur=0.0) if layer.motion == RACK else layer
            step = STEP if place < soft else 1
            raster = source.raster(sharp, size, sheets.margin(layer), window if plane else None, step=step)
            if raster.pixels[:, :, 3].any():
                sheet = Sheet(raster, frame, layer, place, seconds)
                sheet.divide(cover, window)
                if plane:
                    cover.hide(sheet)
                made.append(sheet)
            drawn()
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
        picture = self._canvas.picture
        if self._half is not None:
            for sheet in self._soft:
                self._lay(self._half, sheet, camera, (frame, share), seen)
            cv2.resize(self._half.picture, self._size, dst=picture, interpolation=cv2.INTER_LINEAR)
        for sheet in self._sheets:
            if sheet.layer.motion == RACK:
                self._unfocus(picture, motion.focus(share))
            if sheet.shown(frame):
                self._lay(self._canvas, sheet, camera, (frame, share), seen)
        if self._dark is not None:
            cv2.multiply(picture, self._dark, dst=picture, scale=1 / 255)
        return picture

    def _lay(
        self, canvas: Canvas, sheet: Sheet, camera: Pose, moment: tuple[int, float], seen: dict[float, Affine]
    ) -> None:
        """Lay a sheet where it is at a moment; `seen` remembers what the camera does to a depth."""
        depth = sheet.layer.depth
        if depth not in seen:
            seen[depth] = self._camera(camera, depth)
        canvas.lay(sheet, sheet.seen(moment[1]), sheet.placed(seen[depth], *moment))

    def _unfocus(self, picture: Pixels, share: float) -> None:
        """Soften all that is laid so far."""
        if share > 0:
            small = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
            small = cv2.GaussianBlur(small, (0, 0), max(0.3, RACK_BLUR * share * self._size[1]))
            cv2.resize(small, self._size, dst=picture, interpolation=cv2.INTER_LINEAR)

    def _camera(self, camera: Pose, depth: float) -> Affine:
        """Return what the camera's move does to a depth: the nearer, the more."""
        width, height = self._size
        weight = 0.3 + 0.7 * depth
        turn = affine.turned(width / 2, height * 0.46, -camera.roll, 1 + (camera.zoom - 1) * weight)
        return affine.joined(affine.moved(camera.x * width * weight, camera.y * height * weight), turn)
