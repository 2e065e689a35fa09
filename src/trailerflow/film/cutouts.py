"""Cut-outs: what the parts of a figure have in common: the colours, the light on an edge, the joints they hang on.

Called by `figures` and `faces`. Knows no limb and no garment.
"""

import math
from dataclasses import dataclass

from trailerflow.film import colours, heads, shapes
from trailerflow.film.casting import Look
from trailerflow.film.light import Light
from trailerflow.film.poses import Angles
from trailerflow.film.shapes import Brush, Point

HEAD_SCALE = {"child": 1.36, "slight": 1.04, "tall": 0.96}
LIMB_REACH, ROUND = 11.0, 0.9
SKINS = ("#7a4a34", "#a86f4e", "#c98f68", "#d9a582", "#8f5b3f", "#b9805c")


@dataclass(frozen=True, slots=True)
class Sitting:
    """How one figure is to be drawn: angles, side of the light (+1: from where he looks), how near the lens.

    `held` names the thing in the near hand; `strain` is how much the face shows, 0..1.
    """

    angles: Angles
    lit: float
    detail: float
    dim: float = 0.0
    turned: bool = False
    held: str = ""
    points: bool = False
    strain: float = 0.4


Bones = tuple[tuple[str, Point], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a puppet: its marks, the joints it hangs on from the hip outwards, and where its marks lie.

    `cue` names when it is seen: always, or only when the figure `blinks` or `voices` words.
    """

    marks: str
    bones: Bones
    box: tuple[float, float, float, float]
    cue: str = ""


@dataclass(frozen=True, slots=True)
class Tones:
    """The colours of one figure in one light."""

    ink: str
    rim: str
    coat: str
    legs: str
    hair: str
    skin: str
    shade: str


def tones_of(look: Look, sitting: Sitting, light: Light) -> Tones:
    """Return the figure's colours: dark as in a shadow theatre from afar, told apart near the lens."""
    ink = colours.mix(colours.mix(light.ink, colours.at(look.colour, 0.2), 0.22), light.low, sitting.dim)
    near = min(1.0, 0.25 + sitting.detail)
    level = 0.72 if light.dark else 1.0
    skin = colours.shade(colours.mix(heads.pick(look, SKINS, "skin"), light.key, 0.22), light=0.8 * level, chroma=0.9)
    cloth = colours.mix(ink, colours.at(look.colour, 0.36 * level), 0.36 * near)
    return Tones(
        ink=ink,
        rim=colours.mix(light.key, look.colour, 0.22),
        coat=colours.mix(cloth, light.tone(0.7), 0.1 * near),
        legs=colours.mix(ink, light.tone(0.8), 0.22 * near),
        hair=colours.mix(colours.shade(ink, light=0.82), heads.pick(look, heads.HAIRS, "hair"), 0.34 * near * level),
        skin=colours.mix(ink, skin, 0.38 + 0.5 * sitting.detail),
        shade=colours.mix(ink, skin, 0.18 + 0.22 * sitting.detail),
    )


def lit(brush: Brush, outline: str, tones: tuple[str, str, str], sitting: Sitting, reach: float) -> str:
    """Return a cut-out: rim where the light strikes, its own tone everywhere else.

    `tones` are its tone, a plain colour near it, and the rim's.
    """
    return _shone(brush, (outline, outline), tones, sitting, reach)


def limb(
    brush: Brush, ends: tuple[Point, Point], thick: tuple[float, float], tones: tuple[str, str], sitting: Sitting
) -> str:
    """Return a limb with a rim along its length only: at its joints it goes over into the next."""
    (x, y), (far_x, far_y) = ends
    length = math.hypot(far_x - x, far_y - y) or 1.0
    along = ((far_x - x) / length, (far_y - y) / length)
    first, last = (min(ROUND * part, length / 3) for part in thick)
    slope = (thick[1] - thick[0]) / length
    short = shapes.limb(
        (x + along[0] * first, y + along[1] * first),
        (far_x - along[0] * last, far_y - along[1] * last),
        thick[0] + slope * first,
        thick[1] - slope * last,
    )
    return _shone(
        brush, (mark(shapes.limb(*ends, *thick)), mark(short)), (tones[0], tones[0], tones[1]), sitting, LIMB_REACH
    )


def _shone(brush: Brush, outlines: tuple[str, str], tones: tuple[str, str, str], sitting: Sitting, reach: float) -> str:
    """Return a cut-out a little away from the light, over its lit edge, which may be shorter than itself."""
    tone, dark, rim = tones
    cut = brush.keep(outlines[0])
    edge = cut if outlines[1] == outlines[0] else brush.keep(outlines[1])
    thick, side = 0.62 - 0.34 * sitting.detail, sitting.lit
    fill = brush.linear(
        (-reach * side, 0), (reach * side, 0), (0, dark, 1), (0.4, colours.mix(dark, rim, 0.2), 1), (1, rim, 1)
    )
    shift = f"translate({-side * thick:.2f} {thick * 0.7:.2f})"
    return f'<use xlink:href="{edge}" fill="{fill}"/><use xlink:href="{cut}" fill="{tone}" transform="{shift}"/>'


def mark(path: str) -> str:
    """Return a path without a colour of its own."""
    return f'<path d="{path}"/>'


def span(points: list[Point], pad: float) -> tuple[float, float, float, float]:
    """Return the box around points: x, y, width, height."""
    left, right = min(x for x, _ in points) - pad, max(x for x, _ in points) + pad
    top, bottom = min(y for _, y in points) - pad, max(y for _, y in points) + pad
    return (left, top, right - left, bottom - top)
