"""Framing: where the camera stands for a size and angle, and so where planes and figures fall in the frame.

Called by `panels`. Frame units: 1000 high, as wide as the aspect says. Near planes grow faster than far ones when the
camera comes closer, as they do through a lens.
"""

from dataclasses import dataclass
from random import Random

from trailerflow.film.plan import Frame, Shot, Size

HEIGHT = 1000.0
STAGE_PERSON = 480.0
STAGE_FEET = 240.0


@dataclass(frozen=True, slots=True)
class Lens:
    """How tall a person is in the frame, where feet and eyes fall, where the horizon or the foot of a wall lies."""

    person: float
    feet: float
    eyes: float
    horizon: float
    wall: float


LENSES: dict[Size, Lens] = {
    "extreme_wide": Lens(225, 850, 0, 690, 720),
    "wide": Lens(500, 930, 0, 690, 735),
    "medium": Lens(1420, 1510, 270, 660, 930),
    "close": Lens(2900, 0, 400, 700, 1130),
    "extreme_close": Lens(5900, 0, 470, 740, 1220),
}
EYES = 0.93
REVERSE = 210.0
"""How far along the place the camera looks the way a near person does, in stage units: reverse angles differ."""
TILTS = {"eye": (1.0, 0.0), "low": (1.1, 110.0), "high": (0.9, -190.0), "over_shoulder": (1.0, 0.0)}


@dataclass(frozen=True, slots=True)
class Framing:
    """One shot's camera over the stage."""

    width: float
    person: float
    feet: float
    eyes: float
    base: float
    gain: float
    pan: float
    near: bool

    def plane(self, depth: float) -> str:
        """Return the transform that puts a plane of the stage into the frame."""
        scale = self.scale(depth)
        return f"translate({self.across(0.0, depth):.2f} {self.drop(depth):.2f}) scale({scale:.4f})"

    def scale(self, depth: float) -> float:
        """Return how large a plane is shown."""
        return float(self.gain ** (0.16 + 0.5 * depth))

    def drop(self, depth: float) -> float:
        """Return where the horizon of a plane lies; the plane of the feet meets the figures' feet."""
        if self.near or depth < 0.5:
            return self.base
        share = min(1.0, (depth - 0.5) / 0.5)
        return self.base + (self.feet - STAGE_FEET * self.scale(1.0) - self.base) * share

    def across(self, stage_x: float, depth: float) -> float:
        """Return where a stage position falls in the frame."""
        scale = self.scale(depth)
        return self.width / 2 - self.pan * scale * (0.3 + 0.7 * depth) + stage_x * scale


def of(shot: Shot, frame: Frame) -> Framing:
    """Return the framing of a shot; its seed moves the camera along the place a little."""
    width = HEIGHT * frame.width / frame.height
    lens = LENSES[shot.size]
    grow, tilt = TILTS[shot.angle]
    near = shot.size in ("close", "extreme_close")
    crowd = max(1, len(shot.figures))
    room = min(1.0, width / (lens.person * (0.26 if near else 0.3) * crowd + 60))
    person = lens.person * grow * room
    base = (lens.wall if shot.interior else lens.horizon) + tilt * (0.5 if shot.interior else 1.0)
    chance = Random(shot.seed)
    pan = chance.uniform(-1, 1) * (150 if shot.size != "extreme_wide" else 60)
    pan += REVERSE * _way(shot) if near or shot.size == "medium" else 0.0
    # No two set-ups stand equally far off, nor at the same height.
    person *= 1 + chance.uniform(-1, 1) * (0.06 if near else 0.11)
    base += chance.uniform(-1, 1) * (30 if shot.interior else 60)
    # Where a narrow frame makes people smaller, their eyes stay in the upper third.
    feet = lens.feet - EYES * lens.person * (1 - room) + 260 * (1 - room) if lens.feet else 0.0
    return Framing(
        width=width,
        person=person,
        feet=feet,
        eyes=lens.eyes if shot.size not in ("wide", "extreme_wide") else 0.0,
        base=base,
        gain=lens.person / STAGE_PERSON if shot.size != "extreme_wide" else 0.62,
        pan=pan,
        near=near or shot.size == "medium",
    )


def _way(shot: Shot) -> int:
    """Return where who matters most looks: what lies behind them is another part of the place when they look back."""
    speaker = shot.line.character if shot.line else ""
    figure = next((one for one in shot.figures if one.character == speaker), shot.figures[0] if shot.figures else None)
    return 0 if figure is None else 1 if figure.facing == "right" else -1
