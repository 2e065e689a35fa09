"""Poses: how a body stands, as angles, and where its joints come to lie.

Called by `figures`. Body units: the whole height is 100, feet at y = 0, up is negative, the body faces right.
"""

import math
from dataclasses import dataclass

from trailerflow.film.plan import Pose
from trailerflow.film.shapes import Point

THIGH, SHIN, SPINE, NECK, UPPER_ARM, FOREARM = 25.0, 26.0, 30.0, 6.2, 16.5, 15.5
SOLE = 2.2


@dataclass(frozen=True, slots=True)
class Angles:
    """Degrees from hanging straight down, forwards positive; spine and head from upright, forwards positive."""

    spine: float
    head: float
    near_arm: tuple[float, float]
    far_arm: tuple[float, float]
    near_leg: tuple[float, float]
    far_leg: tuple[float, float]


POSES: dict[Pose, Angles] = {
    "stand": Angles(1, 2, (-6, 8), (10, 20), (-3, -5), (7, 2)),
    "walk": Angles(5, 3, (-26, -8), (24, 44), (25, 12), (-17, -42)),
    "run": Angles(17, 4, (-52, 28), (50, 132), (52, -22), (-22, -84)),
    "sit": Angles(-5, 6, (24, 72), (30, 80), (84, 4), (78, 14)),
    "fall": Angles(-40, -26, (96, 120), (140, 160), (64, 34), (28, -6)),
    "point": Angles(2, 3, (88, 90), (-8, 10), (-8, -12), (14, 8)),
    "reach": Angles(9, -4, (104, 112), (84, 96), (-14, -24), (18, 8)),
    "embrace": Angles(7, 12, (58, 92), (72, 104), (-5, -10), (9, 4)),
    "fight": Angles(11, 6, (48, 132), (86, 96), (34, -2), (-28, -46)),
    "turn_away": Angles(4, 14, (4, 22), (-4, 12), (3, -2), (-7, -11)),
}


@dataclass(frozen=True, slots=True)
class Joints:
    """The joints of one body; `near` is the side towards us."""

    hip: Point
    chest: Point
    head: Point
    near_elbow: Point
    near_hand: Point
    far_elbow: Point
    far_hand: Point
    near_knee: Point
    near_foot: Point
    far_knee: Point
    far_foot: Point
    spine: float
    tilt: float


def joints(pose: Pose) -> Joints:
    """Return the joints of a pose, the lower foot on the ground."""
    angles = POSES[pose]
    hip = (0.0, 0.0)
    chest = _up(hip, angles.spine, SPINE)
    head = _up(chest, angles.spine * 0.6 + angles.head * 0.5, NECK + 6)
    near_knee, far_knee = _down(hip, angles.near_leg[0], THIGH), _down(hip, angles.far_leg[0], THIGH)
    near_foot, far_foot = _down(near_knee, angles.near_leg[1], SHIN), _down(far_knee, angles.far_leg[1], SHIN)
    shoulder = _up(hip, angles.spine, SPINE - 2.5)
    near_elbow, far_elbow = (
        _down(shoulder, angles.near_arm[0], UPPER_ARM),
        _down(shoulder, angles.far_arm[0], UPPER_ARM),
    )
    lowest = max(near_foot[1], far_foot[1]) + SOLE
    middle = (near_foot[0] + far_foot[0]) / 2 * 0.6

    def place(point: Point) -> Point:
        return (point[0] - middle, point[1] - lowest)

    return Joints(
        hip=place(hip),
        chest=place(chest),
        head=place(head),
        near_elbow=place(near_elbow),
        near_hand=place(_down(near_elbow, angles.near_arm[1], FOREARM)),
        far_elbow=place(far_elbow),
        far_hand=place(_down(far_elbow, angles.far_arm[1], FOREARM)),
        near_knee=place(near_knee),
        near_foot=place(near_foot),
        far_knee=place(far_knee),
        far_foot=place(far_foot),
        spine=angles.spine,
        tilt=angles.spine * 0.5 + angles.head,
    )


def _down(start: Point, degrees: float, length: float) -> Point:
    angle = math.radians(degrees)
    return (start[0] + length * math.sin(angle), start[1] + length * math.cos(angle))


def _up(start: Point, degrees: float, length: float) -> Point:
    angle = math.radians(degrees)
    return (start[0] + length * math.sin(angle), start[1] - length * math.cos(angle))
