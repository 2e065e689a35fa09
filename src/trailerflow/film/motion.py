"""Motion: where the camera and the figures are at a moment of a clip, as plain numbers.

Called by `clips` and `lettering`. At the middle of a clip the camera stands where the panel was drawn from; nothing
ever quite stops, and every path is smooth.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from trailerflow.film.plan import FPS, Shot

MARGIN = 0.085
"""How much of the frame is drawn beyond each edge; no path may show more."""


STILL = (0.0, 0.0, 0.02, 0.0)
TRAVELS: dict[str, tuple[float, float, float, float]] = {
    # x, y, zoom and roll at the end of a move; it begins at their opposites
    "push": (0.0, -0.004, 0.05, 0.0),
    "pull": (0.0, 0.0, -0.05, 0.0),
    "pan_left": (0.045, 0.0, 0.008, 0.0),
    "pan_right": (-0.045, 0.0, 0.008, 0.0),
    "tilt_up": (0.0, 0.05, 0.006, 0.0),
    "tilt_down": (0.0, -0.05, 0.006, 0.0),
    "drift": (0.022, 0.006, 0.02, 0.12),
}


@dataclass(frozen=True, slots=True)
class Pose:
    """The camera at one moment: `x`, `y` in shares of width and height, `zoom` around 1, `roll` in degrees."""

    x: float
    y: float
    zoom: float
    roll: float


@dataclass(frozen=True, slots=True)
class Path:
    """A camera move of `frames` frames."""

    move: str
    frames: int
    reach: float
    seed: int

    def share(self, frame: int) -> float:
        """Return how far the move has come, -1 to 1."""
        return glide(frame / (self.frames - 1)) if self.frames > 1 else 0.0

    def at(self, frame: int) -> Pose:
        """Return the camera at a frame."""
        share = self.share(frame)
        if self.move == "handheld":
            return self._shaken(frame / FPS, share)
        x, y, zoom, roll = TRAVELS.get(self.move, STILL)
        way = 1 if self.move != "drift" or self.seed % 2 else -1
        far = share * self.reach
        return Pose(x * way * far, y * far, 1 + zoom * far, roll * way * share)

    def _shaken(self, seconds: float, share: float) -> Pose:
        chance = Random(self.seed)
        phases = [chance.uniform(0, math.tau) for _ in range(6)]

        def sway(place: int, pace: float) -> float:
            return 0.62 * math.sin(math.tau * pace * seconds + phases[place]) + 0.38 * math.sin(
                math.tau * pace * 2.3 * seconds + phases[place + 3]
            )

        return Pose(0.007 * sway(0, 0.55), 0.011 * sway(1, 0.7), 1 + 0.02 * share, 0.35 * sway(2, 0.42))


def path_of(shot: Shot, frames: int) -> Path:
    """Return the camera path of a shot: longer shots travel further, strong ones too."""
    reach = (0.4 + 0.6 * min(1.0, frames / 72)) * (0.85 + 0.3 * shot.intensity)
    return Path(move=shot.move, frames=frames, reach=min(reach, 1.1), seed=shot.seed)


def glide(share: float) -> float:
    """Return -1..1 for 0..1: soft at both ends, never still."""
    soft = share * share * (3 - 2 * share)
    return 2 * (0.55 * share + 0.45 * soft) - 1


def breath(seconds: float, seed: int, *, per_minute: float = 15.0) -> float:
    """Return a slow wave between -1 and 1."""
    return math.sin(math.tau * per_minute / 60 * seconds + _phase(seed))


@lru_cache(maxsize=256)
def _phase(seed: int) -> float:
    return Random(seed).uniform(0, math.tau)


def focus(share: float) -> float:
    """Return how far the focus still lies on what is near: 1 at the beginning of a clip, 0 from before its middle."""
    return 1 - _eased(min(1.0, max(0.0, (share + 0.72) / 0.5)))


def fade(frame: int, frames: int, fade_in: int, fade_out: int) -> float:
    """Return the light of a frame, 0 black to 1 full."""
    gain = 1.0
    if fade_in and frame < fade_in:
        gain = min(gain, _eased((frame + 1) / (fade_in + 1)))
    if fade_out and frame >= frames - fade_out:
        gain = min(gain, _eased((frames - 1 - frame) / fade_out))
    return gain


def _eased(share: float) -> float:
    return share * share * (3 - 2 * share)
