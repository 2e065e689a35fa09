"""Prints: the layers of a drawing laid over each other as pixels, with the grain of film.

Called by `panels` for the still picture; `clips` lays the same layers over each other frame by frame.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import cv2
import numpy as np

from trailerflow.film import weather
from trailerflow.film.crew import PanelOrder
from trailerflow.film.drawing import Drawing, Layer, Pixels
from trailerflow.film.plan import Frame

GRAIN = 2.2
LEVEL = 8
DARK = np.array([LEVEL, LEVEL, LEVEL, 0], np.float64)  # a scalar to OpenCV


def png(drawing: Drawing, order: PanelOrder) -> bytes:
    """Return the drawing as a PNG of exactly the frame's size, with the weather of its first moment."""
    picture = flat(drawing, order.frame)
    for field in weather.fields(order.shot, order.frame):
        field.add(picture, 0)
    done, data = cv2.imencode(".png", grained(picture, grain(order.frame, order.shot.seed)))
    assert done, "the PNG encoder refused a picture"
    return data.tobytes()


def flat(drawing: Drawing, frame: Frame) -> Pixels:
    """Return all layers over each other, BGR."""
    size = (frame.width, frame.height)
    picture = np.zeros((frame.height, frame.width, 3), np.uint8)
    for layer in _joined([layer for layer in drawing.layers if not layer.cue]):
        raster = drawing.raster(layer, size, 0.0)
        height, width = raster.pixels.shape[:2]
        over(picture[raster.top : raster.top + height, raster.left : raster.left + width], raster.pixels)
    return picture


def _joined(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Join sharp neighbours: drawn at once they cost one rasterising instead of many."""
    for sharp, group in groupby(layers, key=lambda layer: (layer.blur == 0 and not layer.light, layer.box is not None)):
        if sharp[0]:
            joined = list(group)
            yield Layer(0.0, "camera", "".join(layer.body for layer in joined), box=_around(joined))
        else:
            yield from group


def _around(layers: Sequence[Layer]) -> tuple[float, float, float, float] | None:
    """Return the box around the boxes of layers."""
    boxes = [layer.box for layer in layers if layer.box]
    if not boxes:
        return None
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[0] + box[2] for box in boxes), max(box[1] + box[3] for box in boxes)
    return (left, top, right - left, bottom - top)


def over(picture: Pixels, upper: Pixels) -> None:
    """Lay a premultiplied layer over a picture, in place."""
    rest = cv2.bitwise_not(cv2.extractChannel(upper, 3))
    if int(rest.max()) == 0:
        cv2.cvtColor(upper, cv2.COLOR_BGRA2BGR, dst=picture)
        return
    cv2.multiply(picture, cv2.cvtColor(rest, cv2.COLOR_GRAY2BGR), dst=picture, scale=1 / 255)
    cv2.add(picture, cv2.cvtColor(upper, cv2.COLOR_BGRA2BGR), dst=picture)


def grain(frame: Frame, seed: int) -> Pixels:
    """Return grain around 8, a little larger than the frame so that it can be moved."""
    chance = np.random.default_rng(seed)
    return chance.normal(LEVEL, GRAIN, (frame.height + 32, frame.width + 32)).clip(0, 2 * LEVEL).astype(np.uint8)


def grained(picture: Pixels, grain: Pixels, shift: tuple[int, int] = (0, 0)) -> Pixels:
    """Return a picture with grain; it also hides the bands of dark gradients."""
    height, width = picture.shape[:2]
    x, y = shift
    lifted = cv2.add(picture, cv2.cvtColor(grain[y : y + height, x : x + width], cv2.COLOR_GRAY2BGR))
    return cv2.subtract(lifted, DARK).astype(np.uint8, copy=False)


def lit(picture: Pixels, gain: float) -> Pixels:
    """Return a picture in more light or less."""
    return picture if gain == 1.0 else cv2.convertScaleAbs(picture, alpha=gain).astype(np.uint8, copy=False)


def printed(picture: Pixels, grain: Pixels, frame: int, gain: float) -> Pixels:
    """Return a moving picture's frame as it is shown: light, then grain that moves every second frame."""
    return grained(lit(picture, gain), grain, _shift(frame))


def speckle(luma: Pixels, grain: Pixels, frame: int) -> None:
    """Lay grain over the luma plane of a moving picture's frame, in place: it has no colour."""
    height, width = luma.shape
    x, y = _shift(frame)
    cv2.add(luma, grain[y : y + height, x : x + width], dst=luma)
    cv2.subtract(luma, DARK, dst=luma)


def _shift(frame: int) -> tuple[int, int]:
    return (frame // 2 * 13 % 32, frame // 2 * 7 % 32)
