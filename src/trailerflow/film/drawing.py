"""A drawing: the layers of one panel in SVG, from far to near, and how they become pixels.

Written by `panels`, read by `clips`. One group for each layer carries its depth (0 far, 1 the figures' plane), what
moves
it and how soft it is; any SVG program opens the file and a person may edit it. Must never hold a date or a random id.
"""

import math
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import resvg_py
from numpy.typing import NDArray

cv2.setNumThreads(1)

Pixels = NDArray[np.uint8]
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
HEIGHT = 1000.0
BOX_PARTS = 4


@dataclass(frozen=True, slots=True)
class Layer:
    """One plane, from 0 (far) to 1 (the figures') and nearer.

    `motion` is what moves it: `camera`, `figure`, `walk_left`, `run_right` …, `haze`, `letters`, or `lens`, which
    stays. `blur` is in units of the height; nothing is painted outside `box`. `light` are marks without edges, over
    the body: glows, mist, beams. `anchor` is the point on the ground a figure sways about.
    """

    depth: float
    motion: str
    body: str
    blur: float = 0.0
    light: str = ""
    anchor: tuple[float, float] = (0.0, 0.0)
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Raster:
    """A layer's pixels, straight BGRA, and where in the frame they begin."""

    pixels: Pixels
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The layers of a panel, 1000 units high and `width` wide, and the gradients and clips they share."""

    width: float
    defs: str
    layers: tuple[Layer, ...]
    fonts: tuple[str, ...] = ()

    def svg(self) -> str:
        """Write the whole drawing as one SVG."""
        groups = "\n".join(_group(place, layer) for place, layer in enumerate(self.layers))
        return self._document(groups, (0.0, 0.0, self.width, HEIGHT), (round(self.width), round(HEIGHT)))

    def raster(self, layer: Layer, frame: tuple[int, int], margin: float) -> Raster:
        """Return one layer's pixels, with `margin` (share of the frame) around the frame on each side.

        Only the layer's box is drawn. A soft layer is drawn small: the blur hides the difference and costs a fraction.
        """
        scale = (frame[0] / self.width, frame[1] / HEIGHT)
        left, top = -round(frame[0] * margin), -round(frame[1] * margin)
        right, bottom = frame[0] - left, frame[1] - top
        if layer.box:
            x, y, width, height = layer.box
            left, top = max(left, math.floor(x * scale[0])), max(top, math.floor(y * scale[1]))
            right, bottom = (
                min(right, math.ceil((x + width) * scale[0])),
                min(bottom, math.ceil((y + height) * scale[1])),
            )
        if right <= left or bottom <= top:
            return Raster(np.zeros((1, 1, 4), np.uint8), 0, 0)
        size = (right - left, bottom - top)
        view = (left / scale[0], top / scale[1], size[0] / scale[0], size[1] / scale[1])
        shrink = 4 if layer.blur > 8 else 2 if layer.blur > 0 else 1
        picture = self._drawn(layer.body, view, size, shrink)
        if layer.light:
            picture = _over(picture, self._drawn(layer.light, view, size, 4))
        if layer.blur > 1:
            picture = _soft(picture, layer.blur * size[1] / view[3], shrink)
        return Raster(picture, left, top)

    def _drawn(self, body: str, view: tuple[float, float, float, float], size: tuple[int, int], shrink: int) -> Pixels:
        """Draw marks small and enlarge them."""
        small = (-(-size[0] // shrink), -(-size[1] // shrink))
        picture = rasterised(self._document(body, view, small), self.fonts)
        return (
            picture
            if shrink == 1
            else cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
        )

    def _document(self, body: str, view: tuple[float, float, float, float], size: tuple[int, int]) -> str:
        box = " ".join(f"{part:.4f}" for part in view)
        return (
            f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" viewBox="{box}" width="{size[0]}" height="{size[1]}"'
            f' preserveAspectRatio="none">\n<defs>{self.defs}</defs>\n{body}\n</svg>\n'
        )


def read(text: str) -> Drawing:
    """Read a drawing back from its SVG, edited by a person or not."""
    ET.register_namespace("", SVG)
    ET.register_namespace("xlink", XLINK)
    root = ET.fromstring(text)  # noqa: S314  # our own file; expat of Python >= 3.11 refuses entity bombs
    defs = root.find(f"{{{SVG}}}defs")
    groups = [group for group in root.findall(f"{{{SVG}}}g") if group.get("id", "").startswith("layer-")]
    width = float(root.get("viewBox", f"0 0 1778 {HEIGHT}").split()[2])
    return Drawing(width=width, defs=_inside(defs), layers=tuple(_layer(group) for group in groups))


def _layer(group: ET.Element) -> Layer:
    x, y = (float(part) for part in group.get("data-anchor", "0 0").split())
    box = [float(part) for part in group.get("data-box", "").split()]
    light = next((child for child in group if child.get("class") == "light"), None)
    if light is not None:
        group.remove(light)
    return Layer(
        light=_inside(light),
        depth=float(group.get("data-depth", "0.5")),
        motion=group.get("data-motion", "camera"),
        body=_inside(group),
        blur=float(group.get("data-blur", "0")),
        anchor=(x, y),
        box=(box[0], box[1], box[2], box[3]) if len(box) == BOX_PARTS else None,
    )


def _inside(element: ET.Element | None) -> str:
    if element is None:
        return ""
    return "".join(ET.tostring(child, encoding="unicode") for child in element)


def _group(place: int, layer: Layer) -> str:
    light = f'<g class="light">{layer.light}</g>\n' if layer.light else ""
    box = f' data-box="{" ".join(f"{part:.1f}" for part in layer.box)}"' if layer.box else ""
    return (
        f'<g id="layer-{place}" data-depth="{layer.depth:.3f}" data-motion="{layer.motion}"'
        f' data-blur="{layer.blur:.2f}"'
        f' data-anchor="{layer.anchor[0]:.1f} {layer.anchor[1]:.1f}"{box}>\n{layer.body}\n{light}</g>'
    )


def rasterised(document: str, fonts: Sequence[str] = ()) -> Pixels:
    """Return an SVG as straight BGRA, of the size it states."""
    png = resvg_py.svg_to_bytes(svg_string=document, skip_system_fonts=True, font_files=list(fonts))
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None, "resvg returned no picture"
    if picture.shape[2] == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
    return picture.astype(np.uint8, copy=False)


def premultiplied(picture: Pixels) -> tuple[Pixels, Pixels]:
    """Return colour times alpha, and 255 minus alpha three times over: what `over` wants."""
    alpha = cv2.extractChannel(picture, 3)
    thrice = cv2.merge([alpha, alpha, alpha])
    colour = cv2.multiply(picture[:, :, :3], thrice, scale=1 / 255)
    return colour.astype(np.uint8, copy=False), cv2.bitwise_not(thrice).astype(np.uint8, copy=False)


def _over(under: Pixels, upper: Pixels) -> Pixels:
    """Lay one straight picture over another."""
    low, shade = premultiplied(under)
    colour, rest = premultiplied(upper)
    joined = cv2.add(cv2.multiply(low, rest, scale=1 / 255), colour)
    return _straight(
        joined.astype(np.uint8, copy=False),
        cv2.multiply(shade[:, :, 0], rest[:, :, 0], scale=1 / 255).astype(np.uint8, copy=False),
    )


def _soft(picture: Pixels, sigma: float, shrink: int) -> Pixels:
    """Blur a picture; a shrunken one is blurred small."""
    colour, rest = premultiplied(picture)
    both = cv2.merge([colour, rest[:, :, :1]])
    small = cv2.resize(both, None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA)
    blurred = cv2.resize(
        cv2.GaussianBlur(small, (0, 0), max(sigma / shrink, 0.3)), picture.shape[1::-1], interpolation=cv2.INTER_LINEAR
    ).astype(np.uint8, copy=False)
    return _straight(blurred[:, :, :3], cv2.extractChannel(blurred, 3).astype(np.uint8, copy=False))


def _straight(colour: Pixels, rest: Pixels) -> Pixels:
    """Return straight BGRA from premultiplied colour and what shines through."""
    alpha = cv2.bitwise_not(rest)
    divisor = cv2.merge([np.maximum(alpha, 1)] * 3)
    return cv2.merge([cv2.divide(colour, divisor, scale=255), alpha]).astype(np.uint8, copy=False)
