"""Garments: coats, dresses and capes, hung on a posed body.

Called by `figures` and `signatures`. Body units as in `poses`.
"""

from trailerflow.film import shapes
from trailerflow.film.casting import Look
from trailerflow.film.poses import Joints
from trailerflow.film.shapes import Point

WIDTHS = {"slight": 0.88, "average": 1.0, "broad": 1.28, "tall": 0.94, "child": 1.02}
LENGTHS = {"none": 0.0, "jacket": 9.0, "long": 31.0, "dress": 34.0, "cape": 0.0}


def width(look: Look) -> float:
    """Return how broad a body is beside an average one."""
    return WIDTHS[look.build]


def torso(look: Look, body: Joints) -> str:
    """Return the trunk from shoulders to hips."""
    wide = width(look)
    waist = 0.78 if look.coat == "dress" else 0.92
    right = ((3.0, 0.6), (6.6, 2.6), (7.6, 8), (6.0 * waist, 18), (6.2, 30), (4.5, 34))
    left = ((-5.0, 34), (-6.6, 29), (-6.0 * waist, 18), (-8.2, 8), (-7.2, 2.6), (-3.2, 0.6), (0, 0.4))
    return shapes.curve([hang(body, x * wide, y) for x, y in (*right, *left)])


def skirt(look: Look, body: Joints) -> str:
    """Return what hangs below the waist, or nothing; hems follow the legs and trail behind."""
    length = LENGTHS[look.coat]
    if not length:
        return ""
    wide, hip = width(look), body.hip
    front, rear = max(body.near_knee[0], body.far_knee[0]), min(body.near_knee[0], body.far_knee[0])
    lean = body.spine * 0.32
    flare = 1.55 if look.coat == "dress" else 1.06
    seated = body.near_knee[1] < hip[1] + 12
    if seated:
        knee = max(body.near_knee, body.far_knee)
        hem = [
            (knee[0] + 4, knee[1] - 3.5),
            (knee[0] + 5, knee[1] + 7),
            (hip[0] - 1, hip[1] + 12),
            (hip[0] - 8 * wide, hip[1] + 8),
        ]
        return shapes.curve([hang(body, 5.2 * wide, 18), *hem, hang(body, -5.4 * wide, 18)], tension=0.8)
    bottom = hip[1] + length
    far = max(hip[0] + 6.2 * wide * flare, front + 4.2)
    near = min(hip[0] - 7.2 * wide * flare, rear - 5.0) - lean
    points = [
        hang(body, 5.0 * wide, 17),
        (hip[0] + 6.3 * wide, hip[1] + 2),
        (far - 0.6, bottom - length * 0.3),
        (far, bottom - 0.8),
        (hip[0] + 1, bottom + 1.2),
        (near, bottom),
        (near + 1.6, bottom - length * 0.35),
        (hip[0] - 6.6 * wide, hip[1] + 2),
        hang(body, -5.0 * wide, 17),
    ]
    return shapes.curve(points, tension=0.85)


def cape(look: Look, body: Joints) -> str:
    """Return a cape, or nothing."""
    if look.coat != "cape":
        return ""
    wide, lean = width(look), body.spine
    low = body.hip[1] + 22
    rear = body.hip[0] - 13 * wide - lean * 0.7
    return shapes.curve(
        [
            hang(body, 5.6 * wide, 1),
            hang(body, 7.0 * wide, 12),
            hang(body, 4.0 * wide, 22),
            (body.hip[0] - 1, low - 8),
            (body.hip[0] - 5, low),
            (rear, low + 2),
            (rear + 2.5, low - 16),
            hang(body, -8.6 * wide, 12),
            hang(body, -5.0 * wide, 0),
        ],
        tension=0.85,
    )


def sash(look: Look, body: Joints) -> str:
    """Return the sash of a dress, or nothing."""
    if look.coat != "dress":
        return ""
    ring = ((4.6, 16.2), (4.8, 19.6), (0, 20.8), (-4.6, 19.6), (-4.5, 16.2), (0, 17.2))
    return shapes.curve([hang(body, x * width(look), y) for x, y in ring])


def folds(look: Look, body: Joints) -> str:
    """Return the few lines that show how the cloth falls, and the lapel."""
    wide = width(look)
    lines: list[list[Point]] = [[hang(body, 3.6 * wide, 3), hang(body, 2.0 * wide, 12), hang(body, 2.4 * wide, 24)]]
    if look.coat == "long":  # a belt, and a row of buttons
        lines.append([hang(body, 5.4 * wide, 19.4), hang(body, 0, 20.4), hang(body, -5.4 * wide, 19.4)])
        lines += [[hang(body, 4.3 * wide, y), hang(body, 4.8 * wide, y)] for y in (8, 12, 16, 23)]
    if look.coat == "jacket":  # the lapel, a pocket
        lines.append([hang(body, 4.6 * wide, 3.4), hang(body, 6.2 * wide, 8.4), hang(body, 5.0 * wide, 12)])
        lines.append([hang(body, 0.6 * wide, 24), hang(body, 4.2 * wide, 23.4)])
    if look.coat == "none":
        lines.append([hang(body, 5.8 * wide, 28.6), hang(body, 0, 29.6), hang(body, -6.2 * wide, 28.6)])
    return "".join(shapes.curve(path, closed=False) for path in lines)


def pleats(look: Look, body: Joints) -> str:
    """Return the lines along which a long skirt falls."""
    if look.coat not in ("long", "dress"):
        return ""
    hip, length = body.hip, LENGTHS[look.coat]
    lines = (
        [(hip[0] + 1.5, hip[1] - 4), (hip[0] + 2.4, hip[1] + 12), (hip[0] + 3.4, hip[1] + length - 3)],
        [(hip[0] - 3, hip[1]), (hip[0] - 4.4, hip[1] + length - 5)],
    )
    return "".join(shapes.curve(path, closed=False) for path in lines)


def hang(body: Joints, x: float, down: float) -> Point:
    """Return a point on the trunk: `x` across it, `down` from the shoulders along the spine."""
    length = ((body.chest[0] - body.hip[0]) ** 2 + (body.chest[1] - body.hip[1]) ** 2) ** 0.5
    along = ((body.hip[0] - body.chest[0]) / length, (body.hip[1] - body.chest[1]) / length)
    return (body.chest[0] + along[0] * down + along[1] * x, body.chest[1] + along[1] * down - along[0] * x)
