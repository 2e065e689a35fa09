"""Poses: how a body stands, as angles, and where its joints come to lie.

Called by `figures`; `gestures` asks for the steps of a gait. Body units: the whole height is 100, feet at y = 0, up is
negative, the body faces right.
"""

import math
from dataclasses import dataclass

from trailerflow.film import seeds
from trailerflow.film.plan import Pose
from trailerflow.film.shapes import Point

THIGH, SHIN, SPINE, NECK, UPPER_ARM, FOREARM = 25.0, 26.0, 30.0, 11.4, 16.0, 14.5
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
    "fall": Angles(-40, -26, (96, 120), (140, 160), (64, 34), (28, -6)),
    "point": Angles(2, 3, (88, 90), (-8, 10), (-8, -12), (14, 8)),
    "embrace": Angles(7, 12, (58, 92), (72, 104), (-5, -10), (9, 4)),
    "fight": Angles(11, 6, (48, 132), (86, 96), (34, -2), (-28, -46)),
    "turn_away": Angles(4, 14, (4, 22), (-4, 12), (3, -2), (-7, -11)),
}
STANDING = (
    Angles(1, 2, (-6, 8), (10, 20), (-3, -5), (7, 2)),
    Angles(-2, 4, (-28, 122), (-18, 112), (-4, -6), (8, 3)),  # arms folded
    Angles(0, -1, (-36, 38), (6, 18), (-5, -7), (10, 4)),  # a hand on the hip
    Angles(4, 7, (-10, 2), (-4, 12), (6, -6), (-9, -13)),  # the weight on the foot ahead
    Angles(-2, 1, (-16, 30), (-10, 30), (-2, -4), (6, 0)),  # hands in the pockets
    Angles(-7, 5, (-20, 26), (8, 22), (10, 4), (-14, -9)),  # leaning back
    Angles(1, 9, (10, 26), (14, 34), (-2, -4), (5, 1)),  # looking down, the hands before the body
    Angles(2, -2, (-24, -2), (-18, 4), (-3, -6), (7, 1)),  # the hands behind the back
)
TALKING = (
    Angles(2, 1, (-4, 34), (6, 20), (-3, -5), (7, 2)),  # a hand moves at the hip
    Angles(2, 3, (2, 44), (12, 56), (-4, -6), (9, 3)),  # both hands open, low
    Angles(0, -2, (-20, 134), (4, 16), (-5, -8), (8, 2)),  # a hand to the chest
    Angles(-2, 3, (-28, 122), (-18, 112), (-4, -6), (8, 3)),  # arms folded
    Angles(1, 1, (-36, 38), (4, 24), (-5, -7), (10, 4)),  # a hand on the hip
    Angles(3, 6, (10, 168), (-30, 70), (-3, -5), (7, 2)),  # a hand at the chin
    Angles(-2, 2, (-16, 30), (-10, 30), (-2, -4), (6, 0)),  # hands in the pockets
)
INSISTING = (
    Angles(5, 5, (38, 70), (-8, 10), (-8, -12), (12, 6)),
    Angles(4, 3, (14, 62), (28, 80), (-4, -6), (9, 3)),  # both hands open
    Angles(3, 1, (24, 92), (6, 20), (-3, -5), (7, 2)),
    Angles(7, 3, (20, 138), (-20, 8), (-8, -13), (13, 6)),  # a fist before the chest
)
REACHING = (
    Angles(9, -4, (104, 112), (84, 96), (-14, -24), (18, 8)),
    Angles(7, 2, (76, 88), (-14, 12), (-10, -18), (16, 6)),  # one hand ahead
    Angles(15, 12, (46, 66), (30, 54), (-8, -18), (20, 6)),  # something low
    Angles(-3, -12, (138, 152), (-6, 14), (-9, -13), (10, 5)),  # something high
    Angles(2, 4, (30, 96), (6, 20), (-4, -7), (9, 3)),  # holding it out
)
SITTING = (
    Angles(-5, 6, (-4, 58), (6, 66), (84, 4), (78, 14)),  # the hands in the lap
    Angles(16, -8, (12, 66), (22, 78), (84, 0), (80, 10)),  # elbows on the knees
    Angles(-13, 9, (-12, 46), (-4, 54), (82, 18), (86, 2)),  # leaning back
    Angles(-8, 5, (-26, 120), (-16, 112), (86, 6), (80, 16)),  # arms folded
    Angles(2, 10, (12, 166), (-2, 60), (84, 2), (79, 12)),  # the chin on a hand
)


@dataclass(frozen=True, slots=True)
class Gait:
    """How somebody goes: swings in degrees, `beat` in steps a second, `pace` in body heights a second."""

    lean: float
    head: float
    thigh: tuple[float, float]
    knee: tuple[float, float]
    arm: tuple[float, float]
    elbow: float
    beat: float
    pace: float


GAITS: dict[str, Gait] = {
    "walk": Gait(4, 3, (4, 23), (7, 46), (-2, 21), 17, 1.9, 0.78),
    "run": Gait(16, 3, (13, 41), (22, 88), (-12, 44), 84, 2.9, 1.75),
}
REST = 1.15
"""The phase of the step in which somebody walking or running is drawn."""


@dataclass(frozen=True, slots=True)
class Joints:
    """The joints of one body; `near` is the side towards us."""

    hip: Point
    chest: Point
    shoulder: Point
    neck: Point
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


def stance(pose: Pose, manner: int, *, speaks: bool = False, insists: bool = False) -> Angles:
    """Return how somebody takes a pose; `manner` picks among the ways of standing, talking and sitting."""
    if pose in GAITS:
        return step(pose, REST)
    if pose == "sit":
        return SITTING[manner % len(SITTING)]
    if pose == "reach":
        return REACHING[manner % len(REACHING)]
    if pose == "stand":
        ways = STANDING if not speaks else INSISTING if insists else TALKING
        return seeds.pick(ways, manner, "stance")
    return POSES[pose]


def step(pose: str, phase: float) -> Angles:
    """Return a gait at a phase of its double step, in radians; the near leg is foremost at a quarter turn."""
    gait = GAITS[pose]

    def leg(at: float) -> tuple[float, float]:
        thigh = gait.thigh[0] + gait.thigh[1] * math.sin(at)
        return thigh, thigh - gait.knee[0] - gait.knee[1] * max(0.0, math.cos(at + 0.25)) ** 1.6

    def arm(at: float) -> tuple[float, float]:
        upper = gait.arm[0] - gait.arm[1] * math.sin(at)
        return upper, upper + gait.elbow - 0.3 * gait.arm[1] * math.sin(at)

    return Angles(
        gait.lean,
        gait.head,
        near_arm=arm(phase),
        far_arm=arm(phase + math.pi),
        near_leg=leg(phase),
        far_leg=leg(phase + math.pi),
    )


def joints(angles: Angles) -> Joints:
    """Return the joints of a body, the lower foot on the ground."""
    hip = (0.0, 0.0)
    chest = _up(hip, angles.spine, SPINE)
    head = _up(chest, angles.spine * 0.6 + angles.head * 0.5, NECK)
    near_knee, far_knee = _down(hip, angles.near_leg[0], THIGH), _down(hip, angles.far_leg[0], THIGH)
    near_foot, far_foot = _down(near_knee, angles.near_leg[1], SHIN), _down(far_knee, angles.far_leg[1], SHIN)
    shoulder = _up(hip, angles.spine, SPINE - 3.0)
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
        shoulder=place(shoulder),
        neck=place(_up(chest, angles.spine * 0.6, 2.0)),
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
