"""Gestures: how a jointed figure moves while its clip runs: it walks, turns its head, raises an arm, breathes.

Called by `clips`. A figure is a puppet of the shadow theatre: its parts turn about their joints. Everything is told as
the difference from how the panel was drawn, forwards positive as in `poses`, so that the middle of a clip is the panel.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from trailerflow.film import motion, poses

UPWARDS = frozenset({"spine", "head"})
"""Parts that stand up from their joint; all others hang from it."""
DAWDLING = 0.62
NEAR_REACH, FAR_REACH = 0.035, 0.21
NEAR_SCALE = 0.9
BLINK_EVERY, BLINK_SECONDS = 2.7, 0.13
SYLLABLES = 4.6
HEMS, HEM_LATE = {"walk": 3.4, "run": 6.0}, 0.7

Bends = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Going:
    """What one figure does in one clip. `tall` is its height in heights of the frame, `width` the frame's width so."""

    gesture: str
    ahead: int
    tall: float
    width: float
    seconds: float
    seed: int

    @classmethod
    def of(cls, life: str, tall: float, width: float, seconds: float, seed: int) -> "Going":
        """Read a layer's life, such as `walk_left`."""
        gesture, _, way = life.partition("_")
        return cls(gesture, -1 if way == "left" else 1, tall, width, seconds, seed)

    def place(self, seconds: float, share: float) -> tuple[float, float, float]:
        """Return how far a figure has come, in frame heights to the right and down, and its growth around 1."""
        if self.gesture in poses.GAITS:
            far, steps = self._way()
            bob = 0.011 * self.tall * (1.7 if self.gesture == "run" else 1.0)
            return self.ahead * share * far, bob * (math.cos(2 * (poses.REST + share * steps)) - 0.4), 1.0
        if self.gesture == "fall":
            return -0.03 * self.tall * self.ahead * share, 0.11 * self.tall * (share * abs(share) + 0.35 * share), 1.0
        if self.gesture == "fight":
            return self.ahead * 0.02 * self.tall * math.sin(math.tau * 0.9 * seconds + self.seed), 0.0, 1.0
        if self.gesture == "turn":
            return 0.0, 0.0, 1 - 0.022 * share
        return 0.0, 0.0, 1.0

    def acts(self, seconds: float, share: float) -> Bends:
        """Return what a figure does besides breathing and looking about."""
        open_arms, straight = 1 - _settled(share, 0.1), 1 - _settled(share, 0.2)
        found: Bends = {}
        match self.gesture:
            case "walk" | "run":
                found = self._strides(share)
            case "speak":
                found = self._speech(seconds)
            case "point" | "reach":
                found = self._raise(share)
            case "embrace":
                found = {"near_arm": -30 * open_arms, "far_arm": -22 * open_arms, "spine": -5 * open_arms}
            case "fight":
                found = self._blows(seconds)
            case "fall":
                found = self._flail(seconds, share)
            case "turn":
                found = {"head": -9 * straight, "spine": -2 * straight}
        return found

    def blinks(self, seconds: float) -> bool:
        """Say whether the eye is closed; never in the same rhythm as another's."""
        since = (seconds + self.seed * 0.77 + 0.9) % (BLINK_EVERY + 0.31 * (self.seed % 4))
        return since < BLINK_SECONDS

    def voices(self, seconds: float) -> bool:
        """Say whether a speaking mouth is open."""
        wave = math.sin(math.tau * SYLLABLES * seconds + self.seed) + 0.8 * math.sin(math.tau * 1.7 * seconds)
        return self.gesture == "speak" and wave > 0.35

    def _way(self) -> tuple[float, float]:
        """Return how far a walk leads from the middle, in frame heights, and its steps so far as a phase."""
        gait = poses.GAITS[self.gesture]
        wanted = gait.pace * self.tall * self.seconds / 2
        far = min(wanted, self.width * (NEAR_REACH if self.tall > NEAR_SCALE else FAR_REACH))
        # Who has no room walks more slowly, or in place before a camera that follows.
        hurry = 1.0 if self.tall > NEAR_SCALE else max(DAWDLING, far / wanted)
        return far, math.pi * gait.beat * self.seconds / 2 * hurry

    def _strides(self, share: float) -> Bends:
        drawn = poses.step(self.gesture, poses.REST)
        now = poses.step(self.gesture, poses.REST + share * self._way()[1])
        found = {}
        for side in ("near", "far"):
            for limb, end in (("arm", "hand"), ("leg", "shin")):
                upper, lower = getattr(now, f"{side}_{limb}"), getattr(drawn, f"{side}_{limb}")
                found[f"{side}_{limb}"] = upper[0] - lower[0]
                found[f"{side}_{end}"] = (upper[1] - lower[1]) - (upper[0] - lower[0])
        wide = HEMS[self.gesture]
        # A hem swings twice a double step, a little after the leg.
        phase = poses.REST + share * self._way()[1]
        found["hem"] = wide * (math.sin(2 * phase - HEM_LATE) - math.sin(2 * poses.REST - HEM_LATE))
        return found

    def _speech(self, seconds: float) -> Bends:
        beat = math.sin(math.tau * 0.62 * seconds + self.seed)
        accent = max(0.0, math.sin(math.tau * 1.24 * seconds + self.seed)) ** 3
        return {"head": 1.6 * beat + 2.4 * accent, "near_hand": 9 * beat + 6 * accent, "near_arm": 3 * beat}

    def _raise(self, share: float) -> Bends:
        down = 1 - _settled(share, -0.1)
        found = {"near_arm": -66 * down, "near_hand": 34 * math.sin(math.pi * down), "head": 4 * down}
        return found | ({"far_arm": -48 * down, "spine": -5 * down} if self.gesture == "reach" else {})

    def _blows(self, seconds: float) -> Bends:
        swing = math.sin(math.tau * 1.5 * seconds + self.seed)
        return {
            "near_arm": 26 * swing,
            "near_hand": -34 * swing,
            "far_arm": -18 * swing,
            "far_hand": 20 * swing,
            "spine": 5 * swing,
            "near_leg": -3 * swing,
        }

    def _flail(self, seconds: float, share: float) -> Bends:
        swing = math.sin(math.tau * 1.3 * seconds + self.seed)
        return {
            "spine": -13 * share,
            "near_arm": 15 * swing,
            "near_hand": 12 * swing,
            "far_arm": -17 * swing,
            "near_leg": 7 * swing - 5 * share,
            "near_shin": -8 * swing,
            "far_leg": -8 * swing + 4 * share,
            "hem": 9 * swing - 6 * share,
        }


@lru_cache(maxsize=64)
def bends(going: Going, seconds: float, share: float) -> Bends:
    """Return by how many degrees each joint of a figure is bent further than it was drawn; its parts all ask."""
    breath = motion.breath(seconds, going.seed)
    found = {
        "spine": 0.5 * motion.breath(seconds, going.seed + 7, per_minute=9),
        "head": 1.8 * motion.breath(seconds, going.seed + 3, per_minute=13) - 0.4 * breath,
        "near_arm": 1.1 * breath,
        "near_hand": 1.6 * breath,
        "far_arm": 0.9 * breath,
        "hem": 0.8 * motion.breath(seconds, going.seed + 11, per_minute=17),
        "tail": 4.5 * motion.breath(seconds, going.seed + 5, per_minute=31) + 2.5 * breath,
    }
    for joint, degrees in going.acts(seconds, share).items():
        found[joint] = found.get(joint, 0.0) + degrees
    return found


def _settled(share: float, when: float) -> float:
    """Return 0 at the beginning of a clip, 1 from `when` on (-1 to 1), softly."""
    way = min(1.0, max(0.0, (share + 1) / (when + 1)))
    return way * way * (3 - 2 * way)
