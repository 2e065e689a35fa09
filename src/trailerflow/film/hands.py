"""Hands: open, pointing or closed round a thing, at the end of a forearm.

Called by `figures`. Body units as in `poses`; a hand goes on in the direction of its forearm.
"""

import math

from trailerflow.film import shapes
from trailerflow.film.shapes import Point

# along the forearm from the wrist, and across it (positive: the thumb's side)
OPEN: tuple[Point, ...] = (
    (-0.8, 1.5), (1.2, 2.0), (2.6, 3.1), (4.3, 3.7), (4.6, 2.9), (3.4, 1.9), (5.0, 1.6), (7.6, 1.2), (8.1, 0.5),
    (7.9, -0.6), (6.4, -1.3), (3.4, -1.8), (0.6, -1.7), (-0.8, -1.5),
)  # fmt: skip
POINTING: tuple[Point, ...] = (
    (-0.8, 1.5), (1.2, 2.1), (3.0, 2.7), (4.2, 2.0), (6.2, 1.55), (9.0, 1.35), (9.2, 0.55), (6.2, 0.3), (4.9, 0.0),
    (5.0, -1.4), (3.6, -2.1), (0.8, -1.9), (-0.8, -1.5),
)  # fmt: skip
CLOSED: tuple[Point, ...] = (
    (-0.8, 1.5), (0.9, 2.3), (2.8, 2.6), (4.6, 1.9), (5.1, 0.2), (4.6, -1.5), (2.8, -2.2), (0.8, -1.9), (-0.8, -1.5),
)  # fmt: skip
GRIP = 2.8


def hand(elbow: Point, wrist: Point, *, point: bool = False, fist: bool = False) -> str:
    """Return the outline of a hand."""
    along, across = _ways(elbow, wrist)
    outline = CLOSED if fist else POINTING if point else OPEN
    return shapes.curve(
        [(wrist[0] + x * along[0] + y * across[0], wrist[1] + x * along[1] + y * across[1]) for x, y in outline],
        tension=0.85,
    )


def grip(elbow: Point, wrist: Point) -> Point:
    """Return where a fist closes round a thing."""
    along, _ = _ways(elbow, wrist)
    return (wrist[0] + GRIP * along[0], wrist[1] + GRIP * along[1])


def _ways(elbow: Point, wrist: Point) -> tuple[Point, Point]:
    """Return the direction of a forearm and the thumb's side: forwards of a hanging arm, above of a raised one."""
    x, y = wrist[0] - elbow[0], wrist[1] - elbow[1]
    length = math.hypot(x, y) or 1.0
    along = (x / length, y / length)
    return along, (along[1], -along[0])
