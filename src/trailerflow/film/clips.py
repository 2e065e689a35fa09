"""Clips: a panel set moving: its layers slide in depth, its figures breathe, its weather falls.

Called by the local animator. Holds one picture at a time and streams it to the encoder; says how far it is with every
frame, and stops where the office says so, leaving no file.
"""

import cv2
import numpy as np

from trailerflow.film import drawing, encoding, motion, prints, weather
from trailerflow.film.crew import Clip, ClipOrder, Desk
from trailerflow.film.drawing import Drawing, Layer, Pixels, Raster
from trailerflow.film.motion import MARGIN, Pose
from trailerflow.film.plan import FPS, Frame

PAINTED = 0.045
"""How much a picture without layers is enlarged at each edge, so that it can move."""
TRAVEL = {"walk": (0.045, 3.6, 0.004), "run": (0.11, 5.2, 0.009)}
"""Share of the width covered, steps a second, bob in shares of the height."""


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
    return Stage.of_drawing(drawing.read(desk.open(order.panel.drawing).read_text(encoding="utf-8")), order.frame)


class Sheet:
    """One layer as pixels: cropped to what is painted, colour premultiplied, the fourth channel what shines through."""

    def __init__(self, raster: Raster, frame: Frame, layer: Layer, place: int) -> None:
        picture = raster.pixels
        x, y, width, height = cv2.boundingRect(cv2.extractChannel(picture, 3))
        cut = picture[y : y + height, x : x + width]
        colour, rest = drawing.premultiplied(cut)
        self.pixels = cv2.merge([colour, rest[:, :, :1]])
        self.opaque = int(rest.max()) == 0 and layer.box is None and (width, height) == picture.shape[1::-1]
        self.layer = layer
        self._frame = frame
        self._start = (x + raster.left, y + raster.top)
        scale = frame.height / drawing.HEIGHT
        self._anchor = (layer.anchor[0] * scale, layer.anchor[1] * scale)
        self._seed = place

    def matrix(self, camera: Pose, frame: int, share: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """Return where the sheet's pixels fall: sheet → frame, moved by its life, then by the camera."""
        width, height = self._frame.width, self._frame.height
        weight = 0.3 + 0.7 * self.layer.depth
        zoom = 1 + (camera.zoom - 1) * weight
        turn = cv2.getRotationMatrix2D((width / 2, height * 0.46), camera.roll, zoom)
        turn[:, 2] += np.array([camera.x * width * weight, camera.y * height * weight])
        moved = np.vstack([turn, (0, 0, 1)]) @ self._life(frame, share)
        moved[:, 2] += moved[:, 0] * self._start[0] + moved[:, 1] * self._start[1]
        return moved[:2]

    def _life(self, frame: int, share: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        seconds, kind = frame / FPS, self.layer.motion
        breath, sway = motion.breath(seconds, self._seed), motion.breath(seconds, self._seed + 7, per_minute=9)
        x, y = self._anchor
        if kind == "haze":
            return _moved(0.012 * self._frame.width * sway, 0.005 * self._frame.height * breath)
        pace, _, way = kind.partition("_")
        if pace in TRAVEL:
            far, steps, bob = TRAVEL[pace]
            along = far * self._frame.width * share * (1 if way == "right" else -1)
            return _moved(along, -abs(np.sin(np.pi * steps * seconds)) * bob * self._frame.height) @ _leaned(
                y, 0.008 * breath, 1.0
            )
        if kind == "letters":
            return np.array([[1 + 0.022 * share, 0, -0.022 * share * x], [0, 1, 0], [0, 0, 1]], np.float64)
        if kind == "figure":
            return _leaned(y, 0.005 * sway, 1 + 0.0035 * breath)
        return np.eye(3)


def _moved(x: float, y: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def _leaned(y: float, lean: float, tall: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Lean and stretch about a point on the ground."""
    return np.array([[1, lean, -lean * y], [0, tall, y - tall * y], [0, 0, 1]], np.float64)


class Stage:
    """All sheets of a shot, and the picture they make together."""

    def __init__(self, sheets: list[Sheet], lens: Sheet | None, frame: Frame) -> None:
        self._sheets = sheets
        self._dark = None if lens is None else cv2.merge([lens.pixels[:, :, 3]] * 3)
        self._picture = np.zeros((frame.height, frame.width, 3), np.uint8)
        self._size = (frame.width, frame.height)

    @classmethod
    def of_drawing(cls, source: Drawing, frame: Frame) -> "Stage":
        """Set up the layers of a drawing."""
        size = (frame.width, frame.height)
        made = []
        for place, layer in enumerate(source.layers):
            raster = source.raster(layer, size, 0.0 if layer.motion == "lens" else MARGIN)
            if raster.pixels[:, :, 3].any():
                made.append(Sheet(raster, frame, layer, place))
        lens = next((sheet for sheet in made if sheet.layer.motion == "lens"), None)
        return cls([sheet for sheet in made if sheet is not lens], lens, frame)

    @classmethod
    def of_painting(cls, painted: Pixels, frame: Frame) -> "Stage":
        """Set up a picture that has no layers: a little larger than the frame, so that it can move."""
        wide, high = round(frame.width * PAINTED), round(frame.height * PAINTED)
        size = (frame.width + 2 * wide, frame.height + 2 * high)
        large = cv2.cvtColor(cv2.resize(painted, size, interpolation=cv2.INTER_CUBIC), cv2.COLOR_BGR2BGRA)
        raster = Raster(large.astype(np.uint8, copy=False), -wide, -high)
        return cls([Sheet(raster, frame, Layer(0.45, "camera", ""), 0)], None, frame)

    def shoot(self, camera: Pose, frame: int, share: float) -> Pixels:
        """Return the picture at a moment; it is overwritten by the next."""
        for sheet in self._sheets:
            self._lay(sheet, sheet.matrix(camera, frame, share))
        if self._dark is not None:
            cv2.multiply(self._picture, self._dark, dst=self._picture, scale=1 / 255)
        return self._picture

    def _lay(self, sheet: Sheet, matrix: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
        """Warp one sheet to where it falls and lay it over the picture there."""
        height, width = sheet.pixels.shape[:2]
        corners = matrix @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]], np.float64)
        left, top = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 1, 0)
        right, bottom = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 1, self._size)
        if right <= left or bottom <= top:
            return
        placed = matrix.copy()
        placed[:, 2] -= (left, top)
        flat = cv2.warpAffine(
            sheet.pixels,
            placed,
            (int(right - left), int(bottom - top)),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=(0, 0, 0, 255),
        )
        part = self._picture[top:bottom, left:right]
        if sheet.opaque:
            cv2.cvtColor(flat, cv2.COLOR_BGRA2BGR, dst=part)
            return
        rest = cv2.cvtColor(cv2.extractChannel(flat, 3), cv2.COLOR_GRAY2BGR)
        cv2.multiply(part, rest, dst=part, scale=1 / 255)
        cv2.add(part, cv2.cvtColor(flat, cv2.COLOR_BGRA2BGR), dst=part)
