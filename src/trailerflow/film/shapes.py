"""Shapes: the few marks everything is drawn with, as SVG text, and a brush that collects gradients and clips.

Called by the backdrops, figures, props and letters. Knows nothing of what it draws.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from random import Random

Point = tuple[float, float]
SOFT = '<g class="soft" transform="'
"""How marks begin that have no edges: they may be drawn small."""
FINE = 12.0
Stop = tuple[float, str, float]
"""A gradient's stop: place 0..1, colour, opacity."""


def number(value: float) -> str:
    """Write a coordinate with a tenth of a unit, a small one with a hundredth, as short as it can be."""
    if -FINE < value < FINE:  # faces are drawn in small units and shown large
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.1f}".removesuffix(".0")


def points(text: str) -> list[Point]:
    """Read points written as `x,y x,y`."""
    pairs = (pair.split(",") for pair in text.split())
    return [(float(x), float(y)) for x, y in pairs]


def points_of(points: Sequence[Point]) -> str:
    """Write points as a path goes through them."""
    return " ".join(f"{number(x)} {number(y)}" for x, y in points)


def paint(path: str, fill: str, *, opacity: float = 1.0, extra: str = "") -> str:
    """Fill a path."""
    # `opacity` itself would make the renderer paint on a canvas of its own.
    veil = f' fill-opacity="{opacity:.3f}"' if opacity < 1 else ""
    colour = f' fill="{fill}"' if fill else ""
    return f'<path d="{path}"{colour}{veil}{extra}/>'


def stroke(path: str, colour: str, width: float, *, opacity: float = 1.0) -> str:
    """Draw a line along a path, with round ends."""
    veil = f' stroke-opacity="{opacity:.3f}"' if opacity < 1 else ""
    ink = f' stroke="{colour}"' if colour else ""
    ends = 'stroke-linecap="round" stroke-linejoin="round"'
    return f'<path d="{path}" fill="none"{ink} stroke-width="{number(width)}" {ends}{veil}/>'


def line(points: Sequence[Point]) -> str:
    """Return an open path of straight lines."""
    return "M" + points_of(points[:1]) + "L" + points_of(points[1:])


def poly(points: Sequence[Point]) -> str:
    """Return a closed path of straight lines."""
    return line(points) + "Z"


def rect(x: float, y: float, width: float, height: float) -> str:
    """Return an upright rectangle."""
    return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}Z"


def oval(x: float, y: float, across: float, down: float | None = None) -> str:
    """Return an ellipse around a middle, or a circle."""
    rx, ry = number(across), number(across if down is None else down)
    over, back = number(2 * across), number(-2 * across)
    return f"M{number(x - across)} {number(y)}a{rx} {ry} 0 1 0 {over} 0a{rx} {ry} 0 1 0 {back} 0Z"


def curve(points: Sequence[Point], *, closed: bool = True, tension: float = 1.0) -> str:
    """Return a smooth path through all points (Catmull-Rom, as cubic Béziers)."""
    count = len(points)
    parts = [f"M{points_of(points[:1])}"]
    for place in range(count if closed else count - 1):
        before, here, there, after = (
            points[(place + step) % count] if closed else points[min(max(place + step, 0), count - 1)]
            for step in (-1, 0, 1, 2)
        )
        pull = tension / 6
        first = (here[0] + (there[0] - before[0]) * pull, here[1] + (there[1] - before[1]) * pull)
        second = (there[0] - (after[0] - here[0]) * pull, there[1] - (after[1] - here[1]) * pull)
        parts.append(f"C{points_of((first, second, there))}")
    return "".join(parts) + ("Z" if closed else "")


def limb(start: Point, end: Point, thick: float, thin: float) -> str:
    """Return a limb: two circles and the taper between them, as one path of one winding."""
    x, y = end[0] - start[0], end[1] - start[1]
    length = math.hypot(x, y) or 1.0
    across = (-y / length, x / length)
    corners = [
        (end[0] + across[0] * thin, end[1] + across[1] * thin),
        (end[0] - across[0] * thin, end[1] - across[1] * thin),
        (start[0] - across[0] * thick, start[1] - across[1] * thick),
        (start[0] + across[0] * thick, start[1] + across[1] * thick),
    ]
    return poly(corners) + oval(*start, thick) + oval(*end, thin)


def ridge(random: Random, span: tuple[float, float], height: float, *, steps: int, rough: float = 0.5) -> list[Point]:
    """Return a skyline from left to right by midpoint displacement, `height` high around 0 (up is negative)."""
    values = [random.uniform(-1, 1), random.uniform(-1, 1)]
    swing = 1.0
    while len(values) < steps:
        swing *= rough
        grown = [values[0]]
        for left, right in pairwise(values):
            grown += [(left + right) / 2 + random.uniform(-swing, swing), right]
        values = grown
    width = span[1] - span[0]
    last = len(values) - 1
    return [(span[0] + width * place / last, -height * (0.5 + 0.5 * value)) for place, value in enumerate(values)]


def ground(skyline: Sequence[Point], depth: float) -> str:
    """Return the body of a skyline: closed `depth` below its lowest end."""
    return poly([*skyline, (skyline[-1][0], depth), (skyline[0][0], depth)])


def shifted(x: float, y: float, body: str, *, scale: float = 1.0, mirrored: bool = False, turn: float = 0.0) -> str:
    """Place marks: moved, scaled, mirrored left to right, turned by degrees."""
    steps = f"translate({number(x)} {number(y)})"
    if turn:
        steps += f" rotate({turn:.1f})"
    if scale != 1.0 or mirrored:
        steps += f" scale({-scale if mirrored else scale:.4f} {scale:.4f})"
    return f'<g transform="{steps}">{body}</g>'


class Brush:
    """Collects the gradients and clips of one drawing; each gets a number of its own."""

    def __init__(self) -> None:
        self.defs: list[str] = []

    def linear(self, start: Point, end: Point, *stops: Stop) -> str:
        """Return a fill that runs from one point to another."""
        place = " ".join(
            f'{name}="{number(value)}"' for name, value in zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True)
        )
        return self._gradient("linearGradient", place, stops)

    def radial(self, centre: Point, radius: float, *stops: Stop) -> str:
        """Return a fill that runs from a centre outwards."""
        place = f'cx="{number(centre[0])}" cy="{number(centre[1])}" r="{number(radius)}"'
        return self._gradient("radialGradient", place, stops)

    def glow(self, x: float, y: float, radius: float, colour: str, strength: float, *, squash: float = 1.0) -> str:
        """Paint a soft light that falls off to nothing."""
        stops = [(place, colour, strength * (1 - place) ** 2.2) for place in (0, 0.15, 0.3, 0.5, 0.75, 1)]
        fill = self.radial((0, 0), radius, *stops)
        disc = paint(oval(0, 0, radius), fill)
        return f'{SOFT}translate({number(x)} {number(y)}) scale(1 {squash:.3f})">{disc}</g>'

    def clip(self, body: str) -> str:
        """Return an attribute that shows marks only inside `body`."""
        self.defs.append(f'<clipPath id="d{len(self.defs)}">{body}</clipPath>')
        return f'clip-path="url(#d{len(self.defs) - 1})"'

    def keep(self, body: str) -> str:
        """Store marks to be used several times; returns their reference."""
        self.defs.append(f'<g id="d{len(self.defs)}">{body}</g>')
        return f"#d{len(self.defs) - 1}"

    def _gradient(self, kind: str, place: str, stops: Sequence[Stop]) -> str:
        name = f"d{len(self.defs)}"
        marks = "".join(
            f'<stop offset="{offset:.3f}" stop-color="{colour}" stop-opacity="{opacity:.3f}"/>'
            for offset, colour, opacity in stops
        )
        self.defs.append(f'<{kind} id="{name}" gradientUnits="userSpaceOnUse" {place}>{marks}</{kind}>')
        return f"url(#{name})"
