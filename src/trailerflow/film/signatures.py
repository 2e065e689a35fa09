"""Signatures: what a character wears in the colour that is theirs: a scarf, a tie, a shawl, a waistcoat, a headscarf.

Called by `figures` and `faces`. Body units as in `poses`, those on the head as in `heads`. Every signature shows at the
throat, so that it is seen in a close-up as well.
"""

from dataclasses import dataclass

from trailerflow.film import shapes
from trailerflow.film.casting import Look
from trailerflow.film.garments import hang, width
from trailerflow.film.poses import Joints
from trailerflow.film.shapes import Point, points

THROATS: dict[str, list[Point]] = {
    "scarf": points("3.2,-3.2 4.7,-0.6 5,2.2 2.6,4.1 -1.4,4.3 -4.8,2.6 -5,-0.6 -3.4,-3.6 -1,-2.5 1.2,-2.4"),
    "tie": points("2.9,-2.6 4.5,-0.2 5.9,3.6 4.4,4.9 2.6,2.4 -1.6,2.6 -4.7,1.6 -4.7,-1.4 -3.4,-3.6 -1.6,-1.8 1,-1.4"),
    "rollneck": points("3.4,-4.6 4.3,-1.8 4.6,1.4 2,2.8 -2,2.8 -4.7,1.2 -4.3,-2 -3.1,-4.9 0,-3.7"),
    "waistcoat": points("3.3,-2.6 4.9,0.2 5.8,3 3.6,4.5 -1,3.2 -4.6,1.6 -4.3,-1.6 -2.8,-3.4 0.4,-1.8"),
    "kerchief": points("3.4,-2.4 5,0.2 6.9,3.4 7.6,9.6 3,6.4 -1.4,4 -5,1.9 -4.6,-1.4 -3,-3.2 0.6,-1.7"),
    "cowl": points(
        "3.5,-2.4 5.5,1.4 6.6,6.2 2.4,5.4 -2,5 -6.4,9.4 -10.4,6.8 -10.6,0.8 -7.4,-3.8 -4,-4.8 -1.6,-2.4 1,-1.6"
    ),
    "shawl": points(
        "3.5,-2.8 7,1.4 8.9,6 8.2,12 4.6,17 0.6,12.6 -4.4,17.4 -9.2,14.6 -10.6,8 -8.6,1.6 -4.8,-2.2 -2.8,-3.6 0.4,-2"
    ),
    "headscarf": points("3.6,-4 4.6,-0.4 5.4,3.4 3.4,3 -1.6,3.4 -5.2,2.4 -5.6,-2 -3.6,-4.8 0,-3"),
}
CREASES: dict[str, tuple[str, ...]] = {
    "scarf": ("-3.9,-1.6 -0.6,0.5 4,-0.4", "-4.4,1 -0.4,2.6 4.4,1.4"),
    "tie": ("-4.2,-2 -1,1.2 3.6,1.4", "3.2,1.4 4.3,3 4.7,4.8"),
    "rollneck": ("-4,-2.6 0,-1.2 3.9,-2.4", "-4.4,0.6 0,1.6 4.3,0.4"),
    "waistcoat": ("-4.2,-0.6 0,1.2 4.4,0.6", "3.2,0.8 4.2,2.6 4.8,3.8"),
    "kerchief": ("-4.4,0 0,2.2 4.6,0.8", "3,2 5.4,5 6.8,8.4"),
    "cowl": ("-9.2,1.2 -5.6,3.8 -1.8,3", "-8.4,-2 -4.8,0.2 4.6,1.6", "-9.4,5 -6.4,7"),
    "shawl": (
        "-4,-1.6 0,1.6 4.2,0", "-7.6,2.6 -1,6.6 7.4,3.6", "-9.4,8 -2,11 8.2,8", "-6.6,15.4 -5.4,12 -5,8",
        "5.6,15 5.4,11 5,7",
    ),
    "headscarf": ("-4.6,-1 0,0.8 4.6,1", "4,-0.6 4.6,1.2 5,2.6"),
}  # fmt: skip
FRONTS: dict[str, list[Point]] = {
    "rollneck": points("1,2 4.6,1.4 6.9,5 7,11 5.4,18.4 4,12 2.2,6"),
    "waistcoat": points("1.6,2.2 5.6,2.2 7.3,8 5.9,18 6.2,29 4.6,33 2.6,30.4 -0.6,31.6 0,18 1.6,9"),
}
DROP: list[Point] = points("2.2,2 4.4,2.2 5.2,9 4.6,15.5 1.8,15 2.2,8")
TIE: list[Point] = points("3.6,2.6 5.2,2.8 6.3,9 6.1,17 5.1,19.6 4.1,17 4.6,9")
VEIL: list[Point] = points(
    "4.5,-5.4 3.2,-8 -0.6,-9.2 -4.8,-8.2 -7.4,-4.6 -7.7,0.4 -6.8,5.4 -3.8,9 0.6,9.6 3.8,8.6 3.4,7.2 1,5.4 -0.4,2.4 "
    "-0.4,-0.8 1.2,-3.4 3.4,-4.4"
)
VEIL_BEHIND: list[Point] = points("5.4,-3.2 4.2,-7.2 0,-9 -4.2,-7.2 -6,-2.4 -5.8,3 -4.4,8 0,10.4 4.4,8 5.8,3")
VEIL_FOLDS = ("1.6,-7.6 -2.4,-5.6 -4.6,-1 -4,4.6", "3.6,-5.2 0,-4 -2.4,0.6 -1.6,5.2 2.6,8")


@dataclass(frozen=True, slots=True)
class Signature:
    """What lies round the throat with its creases, what is seen on the chest, what flies, and from where it hangs."""

    throat: str
    creases: str
    front: str
    tail: str
    root: Point
    low: float


def of(look: Look, body: Joints) -> Signature:
    """Return a look's signature on a posed body."""
    wide, kind = width(look), look.signature
    tail, root = _tail(look, body)
    creases = [[hang(body, x * wide, y) for x, y in points(line)] for line in CREASES[kind]]
    return Signature(
        throat=shapes.curve([hang(body, x * wide, y) for x, y in THROATS[kind]]),
        creases="".join(shapes.curve(line, closed=False) for line in creases),
        front=shapes.curve([hang(body, x * wide, y) for x, y in FRONTS[kind]], tension=0.7) if kind in FRONTS else "",
        tail=tail,
        root=root,
        low=max(y for _, y in THROATS[kind]),
    )


def veil(look: Look, *, turned: bool) -> tuple[str, str]:
    """Return the cloth over the head of who wears a headscarf and its folds, else nothing."""
    if look.signature != "headscarf":
        return "", ""
    folds = "" if turned else "".join(shapes.curve(points(line), closed=False) for line in VEIL_FOLDS)
    return shapes.curve(VEIL_BEHIND if turned else VEIL), folds


def _tail(look: Look, body: Joints) -> tuple[str, Point]:
    """Return the loose end, cut by the coat, and where it hangs; few signatures have one."""
    wide, gust = width(look), 2 + abs(body.spine) * 0.5
    if look.signature == "tie":
        return shapes.curve([hang(body, x, y) for x, y in TIE], tension=0.9), hang(body, 3.2, 2)
    x, y = start = hang(body, -2.8 * wide, 0.5)
    if look.signature in ("kerchief", "headscarf"):
        ends = [(x, y - 1.4), (x - 6 - gust, y - 2.4), (x - 8 - gust, y + 1.2), (x - 5 - gust, y + 2.4)]
        return shapes.curve([*ends, (x - 6.4 - gust, y + 6), (x - 3 - gust, y + 5), (x, y + 2.4)]), start
    if look.signature != "scarf":
        return "", start
    if look.coat in ("none", "jacket"):
        return shapes.curve([hang(body, x, y) for x, y in DROP], tension=0.9), hang(body, 3.2, 2)
    if look.coat == "dress":
        tail = [
            hang(body, -4.4 * wide, 17.4),
            (body.hip[0] - 9 - gust, body.hip[1] + 2),
            (body.hip[0] - 11 - gust, body.hip[1] + 11),
            (body.hip[0] - 7.5 - gust * 0.6, body.hip[1] + 3),
            hang(body, -3.6 * wide, 19.6),
        ]
        return shapes.curve(tail, tension=0.9), hang(body, -4.0 * wide, 18.5)
    tail = [
        (x + 1, y - 2),
        (x - 5 - gust, y + 0.5),
        (x - 9 - 1.5 * gust, y + 3.5),
        (x - 14 - 2 * gust, y + 4.5),
        (x - 13 - 2 * gust, y + 8.8),
        (x - 8 - 1.4 * gust, y + 7.6),
        (x - 4 - gust * 0.6, y + 4.4),
        (x + 0.5, y + 3.5),
    ]
    return shapes.curve(tail, tension=0.95), start
