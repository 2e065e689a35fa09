"""Heads: a profile cut as for shadow theatre, with hair and hat; the same person at every size.

Called by `faces`. Nose, brow, lips and chin are each person's own, from the look alone. Head units: the face looks
right, 0,0 is the middle of the skull, whose radius is about 6; crown at -7.5, chin at +7.
"""

from collections.abc import Sequence
from typing import TypeVar

from trailerflow.film import seeds, shapes
from trailerflow.film.casting import Look
from trailerflow.film.shapes import Point

# forehead to chin to throat, back along the jaw and round the skull
PROFILE: tuple[Point, ...] = (
    (0.6, -7.3),
    (3.2, -6.7),
    (4.75, -4.9),
    (5.1, -3.0),
    (4.95, -1.9),
    (5.25, -1.25),
    (6.35, 0.95),
    (6.45, 1.45),
    (5.75, 1.85),
    (5.25, 2.1),
    (5.2, 2.55),
    (5.75, 3.05),
    (5.55, 3.5),
    (5.2, 3.68),
    (5.55, 4.05),
    (5.3, 4.65),
    (4.75, 4.95),
    (4.95, 5.7),
    (4.7, 6.65),
    (3.75, 7.1),
    (2.2, 6.75),
    (0.4, 5.6),
    (-0.9, 4.6),
    (-2.6, 4.4),
    (-4.7, 3.0),
    (-6.1, 0.4),
    (-6.2, -2.8),
    (-4.8, -5.7),
    (-2.2, -7.2),
)
SOFTER: dict[str, float] = {"slight": 0.94, "child": 0.82, "broad": 1.06}
HAIRS = ("#2a1d17", "#4a2f20", "#6b4a2f", "#1b1a1e", "#7a5636", "#3c3a3e")
BROW, NOSE, LIPS, CHIN = slice(2, 5), slice(5, 9), slice(10, 15), slice(16, 20)

T = TypeVar("T")


def pick(look: Look, options: Sequence[T], of: str) -> T:
    """Return what this person has of a kind, always the same."""
    return options[int(_own(look, of) * len(options))]


def profile(look: Look) -> str:
    """Return the outline of the bare head; build makes jaw and nose finer or stronger."""
    keen = SOFTER.get(look.build, 1.0)
    points = [
        (x * (keen if x > 3 and y > 0 else 1.0), y * (0.96 if look.build == "child" else 1.0)) for x, y in PROFILE
    ]
    soft = 0.4 if look.build == "child" else 1.0
    for part, reach in ((BROW, 0.5), (NOSE, 1.15), (LIPS, 0.55), (CHIN, 1.1)):
        out = reach * soft * (_own(look, str(part.start)) - 0.45)
        points[part] = [(x + out, y) for x, y in points[part]]
    hook = 0.9 * soft * (_own(look, "hook") - 0.5)
    points[6], points[7] = (points[6][0], points[6][1] + hook), (points[7][0] - 0.1, points[7][1] + hook * 0.8)
    return shapes.curve(points, tension=0.9)


def _own(look: Look, of: str) -> float:
    return seeds.share(look.colour, look.build, look.hair, look.height, look.pitch, of)


def back(look: Look) -> str:
    """Return a head turned away from us: no face."""
    wide = 5.6 * (1.06 if look.build == "broad" else 1.0)
    return shapes.curve(
        [
            (0, -7.4),
            (wide * 0.75, -5.6),
            (wide, -1.5),
            (wide * 0.86, 2.6),
            (wide * 0.5, 6.2),
            (0, 7),
            (-wide * 0.5, 6.2),
            (-wide * 0.86, 2.6),
            (-wide, -1.5),
            (-wide * 0.75, -5.6),
        ]
    )


def hair(look: Look, *, turned: bool = False) -> str:
    """Return the outline of the hair (none for a bald head)."""
    if look.hair == "bald":
        return ""
    cap = shapes.points(
        "4.7,-5.2 3.9,-7.2 1.2,-8.5 -2.6,-8.3 -5.6,-6.3 -7.0,-2.8 "
        "-6.9,0.6 -5.6,3.4 -3.6,4.2 -2.2,2.0 -1.2,-0.6 0.2,-2.6 2.4,-4.4"
    )
    if turned:
        cap = shapes.points(
            "5.9,-3.4 4.6,-6.8 1.2,-8.5 -2.0,-8.4 -5.2,-6.4 -6.3,-2.6 -5.8,1.6 -4.2,4.0 0,4.8 4.2,4.0 5.8,1.2"
        )
    return shapes.curve(cap) + _fall(look, turned=turned)


def _fall(look: Look, *, turned: bool) -> str:
    """Return what hangs, curls or is tied behind."""
    shift = 2.6 if turned else 0.0
    if look.hair == "long":
        tress = shapes.points(
            "-0.5,-7.2 -5.2,-6.8 -7.6,-2 -8.0,5 -8.6,12 -7.2,17.5 -4.4,15.6 -2.2,16.2 -2.2,9 -1.4,3 -0.6,-1"
        )
        if turned:
            tress = shapes.points("-5.6,-5 -7.4,3 -7.2,11 -5.4,16.5 -1.5,15.6 1.8,17 5.6,16 7.2,10 7.2,3 5.6,-5 0,-8")
        return shapes.curve(tress)
    if look.hair == "bun":
        return shapes.oval(-6.6 + 2.4 * shift, -5.6 - shift * 0.9, 3.0, 2.8)
    if look.hair == "ponytail":
        x = 5.0 if turned else 0.0
        return shapes.curve(
            [
                (-5.6 + x, -4.4),
                (-8.4 + x, -5.2),
                (-11.0 + x, -2.6),
                (-11.8 + x, 3.6),
                (-12.6 + x, 9.8),
                (-10.2 + x, 7.6),
                (-9.0 + x, 3.0),
                (-7.8 + x, -0.6),
                (-5.8 + x, -1.8),
            ]
        )
    if look.hair == "curly":
        ring = shapes.points("3.4,-6.4 1.2,-8.6 -2.0,-9.4 -5.0,-8.4 -7.2,-6.0 -8.2,-2.8 -7.9,0.6 -6.6,3.4 -4.6,4.6")
        return "".join(shapes.oval(x + shift * 0.6, y, 2.5) for x, y in ring) + shapes.oval(-3.2 + shift, -3.4, 5.4)
    return ""


def hat(look: Look) -> tuple[str, str]:
    """Return the hat's outline and its band (painted in the signature colour)."""
    if look.hat == "brim":
        crown = [(4.4, -6.3), (4.3, -9.2), (2.4, -12.2), (0.2, -11.2), (-2.6, -12.4), (-5.0, -10.6), (-5.9, -6.0)]
        brim = shapes.points("9.2,-4.2 6.2,-5.7 0,-6.6 -6.4,-5.9 -10.2,-4.0 -6.2,-4.5 -0.2,-5.2 5.2,-4.6")
        band = [(4.6, -6.0), (4.5, -7.9), (-0.5, -8.7), (-5.6, -7.7), (-6.0, -5.8), (-0.4, -6.6)]
        return shapes.curve(crown) + shapes.curve(brim), shapes.curve(band, tension=0.7)
    if look.hat == "cap":
        crown = [(5.0, -4.8), (4.2, -7.8), (1.2, -9.6), (-3.2, -9.3), (-6.2, -6.8), (-6.9, -3.4), (-0.4, -4.6)]
        peak = [(4.4, -5.5), (7.8, -5.2), (10.0, -3.6), (7.4, -4.0), (4.2, -4.2)]
        return shapes.curve(crown) + shapes.curve(peak), shapes.curve(
            [(5.0, -4.7), (4.8, -5.9), (-1.0, -6.2), (-6.7, -4.7), (-6.9, -3.4), (-0.4, -4.5)], tension=0.6
        )
    if look.hat == "top":
        tall = shapes.poly([(4.3, -5.6), (5.1, -16.4), (-6.3, -16.8), (-5.6, -5.6)])
        rim = shapes.curve([(8.6, -5.0), (4.0, -6.2), (-5.2, -6.3), (-9.6, -5.2), (-5.0, -4.6), (4.0, -4.4)])
        return tall + rim, shapes.poly([(4.35, -6.1), (4.6, -8.6), (-5.8, -8.8), (-5.65, -6.2)])
    if look.hat == "hood":
        cowl = shapes.points(
            "4.6,-5.6 3.6,-8.8 -0.4,-10.6 -5.4,-9.2 -8.6,-4.8 -9.0,1.8 "
            "-8.2,8.6 -5.4,11.4 1.2,10.6 1.2,6.6 -0.2,2.0 1.4,-3.0"
        )
        edge = shapes.points("4.6,-5.6 1.4,-3.0 -0.2,2.0 1.2,6.6 1.2,10.6 0.2,10.6 0.2,6.8 -1.6,2.0 0.2,-3.6 3.6,-6.6")
        return shapes.curve(cowl), shapes.curve(edge, tension=0.8)
    return "", ""


def eye() -> tuple[str, str, str]:
    """Return the white, the iris and the lid with its brow, seen from the side."""
    white = shapes.curve([(4.35, -1.15), (3.55, -1.65), (2.65, -1.1), (3.4, -0.72), (4.2, -0.75)], tension=0.9)
    iris = shapes.oval(3.98, -1.14, 0.3, 0.43)
    lid = shapes.line([(4.45, -1.3), (3.6, -1.82), (2.4, -1.05)])
    return white, iris, lid


def lid() -> str:
    """Return what covers a closed eye."""
    return shapes.curve([(4.5, -1.2), (3.6, -1.95), (2.4, -1.15), (3.4, -0.5), (4.3, -0.6)], tension=0.9)


def lashes() -> str:
    """Return the line of a closed eye."""
    return shapes.curve([(4.45, -0.95), (3.5, -0.72), (2.5, -0.98)], closed=False)


def mouth(look: Look) -> str:
    """Return the dark of an open mouth, from the lips inwards."""
    out = 0.55 * (_own(look, str(LIPS.start)) - 0.45)
    return shapes.curve(
        [(5.5 + out, 3.3), (4.4, 3.45), (3.7, 3.85), (4.3, 4.3), (5.55 + out, 4.35), (5.1 + out, 3.8)], tension=0.7
    )


def ear() -> str:
    """Return the line of the ear."""
    return shapes.curve([(0.5, 1.7), (-0.5, 0.9), (-0.7, -0.8), (0.3, -1.7), (1.2, -0.9), (0.8, 0.5)], closed=False)


def strands(look: Look) -> str:
    """Return a few lines that follow the fall of the hair."""
    if look.hair in ("bald", "curly") or look.hat != "none":
        return ""
    arcs = [
        [(3.2, -6.6), (0.2, -7.6), (-3.6, -6.2), (-5.6, -2.8)],
        [(2.0, -5.4), (-1.2, -5.8), (-4.0, -3.4), (-4.8, 0.8)],
    ]
    if look.hair == "long":
        arcs += [[(-3.2, -2), (-5.2, 4), (-5.6, 11)], [(-5.6, -1), (-6.8, 6), (-6.9, 13)]]
    return "".join(shapes.curve(arc, closed=False) for arc in arcs)
