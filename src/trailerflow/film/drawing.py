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
OPAQUE = 255
LIGHT_SHRINK, WASH_SHRINK, PROBE_SHRINK = 4, 8, 8
PROBED = 300 * 300
"""From so many pixels on it is first looked where there is paint."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom, in pixels of the frame."""

Bone = tuple[str, float, float]
"""A joint: its name, and where it lies."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One plane, from 0 (far) to 1 (the figures') and nearer.

    `motion` is what moves it: `camera`, `figure`, `haze`, `letters`, what a figure does and where to (`walk_left`,
    `reach_right` …, see `gestures`), `rack`, on which the focus lies at first, or `lens`, which stays. `blur` is in
    units of the height; nothing is painted outside `box`. `wash` are marks without edges under the body, which cover
    the frame: a sky, a wall. `light` are marks without edges over it: glows, mist, beams. `anchor` is the point on the
    ground a figure sways about and `tall` its height; `bones` are the joints a part of it hangs on, from the hip
    outwards, each with its name and place; `cue` names when it is seen, if not always.
    """

    depth: float
    motion: str
    body: str
    blur: float = 0.0
    light: str = ""
    wash: str = ""
    anchor: tuple[float, float] = (0.0, 0.0)
    box: tuple[float, float, float, float] | None = None
    bones: tuple[Bone, ...] = ()
    tall: float = 0.0
    cue: str = ""


@dataclass(frozen=True, slots=True)
class Raster:
    """A layer's pixels, BGRA with the colour multiplied by alpha, and where in the frame they begin.

    `whole` says that nothing was cut off because it is empty; each pixel is `step` pixels of the frame wide.
    """

    pixels: Pixels
    left: int
    top: int
    whole: bool = True
    step: int = 1


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

    def raster(
        self, layer: Layer, frame: tuple[int, int], margin: float, within: Box | None = None, *, step: int = 1
    ) -> Raster:
        """Return one layer's pixels, with `margin` (share of the frame) around the frame on each side.

        Only what is painted of the layer's box, and of `within` (pixels of the frame), is drawn. A soft layer is drawn
        small: the blur hides the difference and costs a fraction; with a `step` of 2 it also stays so.
        """
        scale = (frame[0] / self.width, frame[1] / HEIGHT)
        asked = _asked(layer, frame, margin, scale)
        asked = _shared(asked, within) if within else asked
        box = asked if layer.wash or _area(asked) < PROBED else self._painted(layer, asked, scale)
        if _area(box) == 0:
            return Raster(np.zeros((1, 1, 4), np.uint8), 0, 0, whole=False)
        left, top, right, bottom = box
        size = (-(-(right - left) // step) * step, -(-(bottom - top) // step) * step)
        view = _view((left, top, left + size[0], top + size[1]), scale)
        shrink = WASH_SHRINK if layer.motion == "lens" else 4 if layer.blur > 8 else 2 if layer.blur > 0 else 1
        picture = self._drawn(layer.body, view, _shrunk(size, shrink))
        if layer.wash:
            wash = self._drawn(layer.wash, view, _shrunk(size, WASH_SHRINK))
            picture = _over(_sized(wash, _shrunk(size, shrink)), picture)
        if layer.light:
            light = self._drawn(layer.light, view, _shrunk(size, LIGHT_SHRINK * step))
            picture = _over(picture, _sized(light, _shrunk(size, shrink)))
        if layer.blur > 1:
            sigma = max(layer.blur * size[1] / view[3] / shrink, 0.3)
            picture = cv2.GaussianBlur(picture, (0, 0), sigma).astype(np.uint8, copy=False)
        return Raster(_sized(picture, (size[0] // step, size[1] // step)), left, top, whole=box == asked, step=step)

    def _painted(self, layer: Layer, box: Box, scale: tuple[float, float]) -> Box:
        """Return the part of a box that holds paint, found in a small picture: empty pixels cost as much as others."""
        size = _shrunk((box[2] - box[0], box[3] - box[1]), PROBE_SHRINK)
        small = rasterised(self._document(layer.body + layer.light, _view(box, scale), size), self.fonts)
        x, y, width, height = cv2.boundingRect(cv2.extractChannel(small, 3))
        if not width:
            return (0, 0, 0, 0)
        room = 2 + math.ceil(3 * layer.blur * scale[1] / PROBE_SHRINK)
        left, top = box[0] + PROBE_SHRINK * (x - room), box[1] + PROBE_SHRINK * (y - room)
        across, down = PROBE_SHRINK * (width + 2 * room), PROBE_SHRINK * (height + 2 * room)
        return _shared(box, (left, top, left + across, top + down))

    def _drawn(self, body: str, view: tuple[float, float, float, float], size: tuple[int, int]) -> Pixels:
        """Draw marks; returns them premultiplied."""
        return premultiplied(rasterised(self._document(body, view, size), self.fonts))

    def _document(self, body: str, view: tuple[float, float, float, float], size: tuple[int, int]) -> str:
        box = " ".join(f"{part:.4f}" for part in view)
        return (
            f'<svg xmlns="{SVG}" xmlns:xlink="{XLINK}" viewBox="{box}" width="{size[0]}" height="{size[1]}"'
            f' preserveAspectRatio="none">\n<defs>{self.defs}</defs>\n{body}\n</svg>\n'
        )


def _asked(layer: Layer, frame: tuple[int, int], margin: float, scale: tuple[float, float]) -> Box:
    """Return the pixels of a layer that may be seen."""
    left, top = -round(frame[0] * margin), -round(frame[1] * margin)
    asked = (left, top, frame[0] - left, frame[1] - top)
    if layer.box is None:
        return asked
    x, y, width, height = layer.box
    first = (math.floor(x * scale[0]), math.floor(y * scale[1]))
    return _shared(asked, (*first, math.ceil((x + width) * scale[0]), math.ceil((y + height) * scale[1])))


def _shared(one: Box, other: Box) -> Box:
    """Return what two boxes share; `(0, 0, 0, 0)` if nothing."""
    left, top, right, bottom = (
        max(one[0], other[0]),
        max(one[1], other[1]),
        min(one[2], other[2]),
        min(one[3], other[3]),
    )
    return (left, top, right, bottom) if right > left and bottom > top else (0, 0, 0, 0)


def _area(box: Box) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])


def _view(box: Box, scale: tuple[float, float]) -> tuple[float, float, float, float]:
    """Return pixels of the frame as a drawing's left, top, width and height."""
    left, top, right, bottom = box
    return (left / scale[0], top / scale[1], (right - left) / scale[0], (bottom - top) / scale[1])


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
    wash, light = _taken(group, "wash"), _taken(group, "light")
    return Layer(
        wash=_inside(wash),
        light=_inside(light),
        depth=float(group.get("data-depth", "0.5")),
        motion=group.get("data-motion", "camera"),
        body=_inside(group),
        blur=float(group.get("data-blur", "0")),
        anchor=(x, y),
        box=(box[0], box[1], box[2], box[3]) if len(box) == BOX_PARTS else None,
        bones=tuple(_bone(text) for text in group.get("data-bones", "").split(";") if text),
        tall=float(group.get("data-tall", "0")),
        cue=group.get("data-cue", ""),
    )


def _taken(group: ET.Element, kind: str) -> ET.Element | None:
    """Take the marks of a kind out of a group."""
    found = next((child for child in group if child.get("class") == kind), None)
    if found is not None:
        group.remove(found)
    return found


def _bone(text: str) -> Bone:
    name, x, y = text.split()
    return (name, float(x), float(y))


def _inside(element: ET.Element | None) -> str:
    if element is None:
        return ""
    return "".join(ET.tostring(child, encoding="unicode") for child in element)


def _group(place: int, layer: Layer) -> str:
    light = f'<g class="light">{layer.light}</g>\n' if layer.light else ""
    wash = f'<g class="wash">{layer.wash}</g>\n' if layer.wash else ""
    box = f' data-box="{" ".join(f"{part:.1f}" for part in layer.box)}"' if layer.box else ""
    if layer.bones:
        box += f' data-bones="{";".join(f"{name} {x:.1f} {y:.1f}" for name, x, y in layer.bones)}"'
    if layer.tall:
        box += f' data-tall="{layer.tall:.1f}"'
    if layer.cue:
        box += f' data-cue="{layer.cue}" display="none"'
    return (
        f'<g id="layer-{place}" data-depth="{layer.depth:.3f}" data-motion="{layer.motion}"'
        f' data-blur="{layer.blur:.2f}"'
        f' data-anchor="{layer.anchor[0]:.1f} {layer.anchor[1]:.1f}"{box}>\n{wash}{layer.body}\n{light}</g>'
    )


def rasterised(document: str, fonts: Sequence[str] = ()) -> Pixels:
    """Return an SVG as straight BGRA, of the size it states."""
    png = resvg_py.svg_to_bytes(svg_string=document, skip_system_fonts=True, font_files=list(fonts))
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    assert picture is not None, "resvg returned no picture"
    if picture.shape[2] == 3:
        picture = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
    return picture.astype(np.uint8, copy=False)


def premultiplied(picture: Pixels) -> Pixels:
    """Return straight BGRA with the colour multiplied by its alpha."""
    alpha = cv2.extractChannel(picture, 3)
    if int(alpha.min()) == OPAQUE:
        return picture
    weight = cv2.merge([alpha, alpha, alpha, np.full_like(alpha, OPAQUE)])
    return cv2.multiply(picture, weight, scale=1 / OPAQUE).astype(np.uint8, copy=False)


def _over(under: Pixels, upper: Pixels) -> Pixels:
    """Lay one premultiplied picture over another."""
    rest = cv2.cvtColor(cv2.bitwise_not(cv2.extractChannel(upper, 3)), cv2.COLOR_GRAY2BGRA)
    cv2.insertChannel(cv2.bitwise_not(cv2.extractChannel(upper, 3)), rest, 3)
    return cv2.add(cv2.multiply(under, rest, scale=1 / OPAQUE), upper).astype(np.uint8, copy=False)


def _shrunk(size: tuple[int, int], shrink: int) -> tuple[int, int]:
    return (-(-size[0] // shrink), -(-size[1] // shrink))


def _sized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    if picture.shape[1::-1] == size:
        return picture
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR).astype(np.uint8, copy=False)
