"""Affine moves of the plane as six plain numbers: for the many small sheets of a puppet they are quicker than arrays.

Called by `clips`. `(a, b, x, c, d, y)` takes a point to `(a*px + b*py + x, c*px + d*py + y)`; y points down.
"""

import math

Affine = tuple[float, float, float, float, float, float]

STILL: Affine = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def joined(last: Affine, first: Affine) -> Affine:
    """Return the move that is `first`, then `last`."""
    a, b, x, c, d, y = last
    e, f, u, g, h, v = first
    return (a * e + b * g, a * f + b * h, a * u + b * v + x, c * e + d * g, c * f + d * h, c * u + d * v + y)


def moved(x: float, y: float) -> Affine:
    """Move."""
    return (1.0, 0.0, x, 0.0, 1.0, y)


def grown(move: Affine, step: int, x: float, y: float) -> Affine:
    """Return a move for pixels `step` wide, on a canvas of such pixels, of a sheet that begins at a point.

    A pixel is where its middle is.
    """
    middle = (step - 1) / 2
    first = (step, 0.0, x + middle, 0.0, step, y + middle)
    last = (1 / step, 0.0, -middle / step, 0.0, 1 / step, -middle / step)
    return joined(last, joined(move, first))


def turned(x: float, y: float, degrees: float, growth: float = 1.0) -> Affine:
    """Turn clockwise and grow about a point."""
    angle = math.radians(degrees)
    sine, cosine = growth * math.sin(angle), growth * math.cos(angle)
    return (cosine, -sine, x - x * cosine + y * sine, sine, cosine, y - x * sine - y * cosine)


def leaned(y: float, lean: float, tall: float) -> Affine:
    """Lean to the left and stretch upwards about the height of a ground."""
    return (1.0, lean, -lean * y, 0.0, tall, y - tall * y)


def widened(x: float, growth: float) -> Affine:
    """Stretch sideways about an upright line."""
    return (growth, 0.0, x - growth * x, 0.0, 1.0, 0.0)


def slant(move: Affine, width: float, height: float) -> float:
    """Return how far points of a sheet of a size are at most from where the upright part of a move puts them."""
    return max(abs(move[1]) * height, abs(move[3]) * width) / 2


def upright(move: Affine, width: float, height: float) -> Affine:
    """Return a move without its slant, the middle of a sheet of a size left where it is."""
    a, b, x, c, d, y = move
    return (a, 0.0, x + b * height / 2, 0.0, d, y + c * width / 2)


def bounds(move: Affine, width: float, height: float) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of where a sheet of a size falls."""
    a, b, x, c, d, y = move
    across = (0.0, a * width, b * height, a * width + b * height)
    down = (0.0, c * width, d * height, c * width + d * height)
    return (x + min(across), y + min(down), x + max(across), y + max(down))
