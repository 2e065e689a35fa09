"""The objective: what a choice of pieces is worth as a trailer, and what exchanging one piece would gain.

Called by `selection` and `doubts`. One number for a whole choice: what each piece offers in its place, less what it
repeats, and how well the choice shows the people and the parts of the story. Forbids nothing: who may be chosen is
`selection`'s rule.
"""

from collections import Counter
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

from trailerflow.film import rhythm, seeds
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.pieces import Piece
from trailerflow.film.plan import Act

# What each act looks for: salience, intensity, words worth hearing, leads on screen.
TASTES: dict[Act, tuple[float, float, float, float]] = {
    "cold_open": (0.1, 0.5, 0.9, 0.05),
    "introduction": (0.3, 0.0, 0.5, 0.8),
    "escalation": (0.45, 0.35, 0.6, 0.3),
    "montage": (0.15, 1.0, 0.0, 0.25),
    "button": (0.05, -0.15, 1.0, 0.3),
}
TOO_FAR, SAME_PLACE, SAME_SCENE, SAME_PIECE, UNMET_LEAD, UNMET_OTHER, JITTER = 2.6, 0.16, 0.55, 1.6, 1.0, 0.3, 0.05
MAIN = 6
# One scene can introduce so many people and no more.
MET_AT_ONCE = 2
# A film's own first picture was made to hook: it may hook the trailer, too.
OPENING_IMAGE, EARLIEST = 0.1, 0.06
# The parts of the story, where they end, and how many of a trailer's shots come from each.
BOUNDS = (0.15, 0.38, 0.63)
SHARES = (0.17, 0.25, 0.3, 0.28)
SHARES_WEIGHT = 0.3


class Slot(NamedTuple):
    """A place in an act that wants a piece from around `centre` (0..1 of the story), `reach` either way."""

    act: Act
    centre: float
    reach: float


class Objective:
    """Holds a choice and knows its worth; a piece is added or taken away, and the gain of doing so asked for."""

    def __init__(self, analysis: Analysis, cast: Cast, seed: int) -> None:
        self.scenes = analysis.scenes
        self.leads = [character.name for character in cast.characters if character.role == "lead"]
        self.known = [character.name for character in cast.characters if character.role != "minor"][:MAIN]
        self.seed = seed
        self._settings: Counter[tuple[Act, str]] = Counter()
        self._scenes: Counter[int] = Counter()
        self._pieces: Counter[tuple[int, int]] = Counter()
        self._met: Counter[str] = Counter()
        self._parts = [0.0] * len(SHARES)
        self._fit: dict[tuple[Slot, int, int], float] = {}

    def gain(self, slot: Slot, piece: Piece) -> float:
        """Return what the choice would be worth more with this piece in this slot."""
        return sum(self.parts(slot, piece).values())

    def parts(self, slot: Slot, piece: Piece) -> dict[str, float]:
        """Return the same, by what makes it up."""
        setting = self.scenes[piece.scene].setting
        return {
            "fit": self._fits(slot, piece),
            "place": -SAME_PLACE * self._settings[slot.act, setting],
            "scene": -SAME_SCENE * self._scenes[piece.scene],
            "piece": -SAME_PIECE * self._pieces[piece.scene, piece.first],
            "people": sum(self._meets(name) for name in self.introduces(slot.act, piece) if not self._met[name]),
            "sections": self._balance(slot.act, piece),
        }

    def promise(self, slot: Slot, piece: Piece) -> float:
        """Return what a piece would be worth in a slot if nothing else were chosen."""
        return self._fits(slot, piece) + sum(self._meets(name) for name in self.introduces(slot.act, piece))

    def lacks(self, slot: Slot, piece: Piece, other: Piece) -> dict[str, float]:
        """Return what a piece offers less than another in a slot, by what makes up the gain and the fit."""
        own = {**self.parts(slot, piece), **self.told(slot, piece)}
        wanted = {**self.parts(slot, other), **self.told(slot, other)}
        return {name: wanted[name] - own[name] for name in own if name != "fit"}

    def add(self, act: Act, piece: Piece, count: int = 1) -> None:
        """Take a piece into the choice, or out of it with a `count` of -1."""
        self._settings[act, self.scenes[piece.scene].setting] += count
        self._scenes[piece.scene] += count
        self._pieces[piece.scene, piece.first] += count
        for name in self.introduces(act, piece):
            self._met[name] += count
        self._parts[_part(piece)] += count * rhythm.SHOTS_A_PICK[act]

    def remove(self, act: Act, piece: Piece) -> None:
        """Take a piece out of the choice."""
        self.add(act, piece, -1)

    def introduces(self, act: Act, piece: Piece) -> list[str]:
        """Return whom a piece makes known, if it stands where people are introduced."""
        if act != "introduction":
            return []
        present = self.scenes[piece.scene].present
        return [name for name in self.known if name in present][:MET_AT_ONCE]

    def told(self, slot: Slot, piece: Piece) -> dict[str, float]:
        """Return what the fit of a piece is made of."""
        scene = self.scenes[piece.scene]
        salience, intensity, words, leads = TASTES[slot.act]
        seen = sum(1 for name in self.leads if name in scene.present) / max(1, len(self.leads))
        return {
            "weight in the story": salience * scene.salience,
            "strength": intensity * piece.intensity,
            "words": words * piece.best,
            "leads": leads * seen,
            "opening": OPENING_IMAGE * (slot.act == "cold_open" and piece.position < EARLIEST),
            "distance": -TOO_FAR * max(0.0, abs(piece.position - slot.centre) - slot.reach),
        }

    def _fits(self, slot: Slot, piece: Piece) -> float:
        key = (slot, piece.scene, piece.first)
        if key not in self._fit:
            jitter = JITTER * seeds.share(self.seed, slot.act, piece.scene, piece.first)
            self._fit[key] = sum(self.told(slot, piece).values()) + jitter
        return self._fit[key]

    def _meets(self, name: str) -> float:
        return UNMET_LEAD if name in self.leads else UNMET_OTHER

    def _balance(self, act: Act, piece: Piece) -> float:
        """Return how much nearer the shares of the story's parts come to those of real trailers."""
        with_it = list(self._parts)
        with_it[_part(piece)] += rhythm.SHOTS_A_PICK[act]
        return SHARES_WEIGHT * (_unlike(self._parts) - _unlike(with_it)) * sqrt(sum(with_it))


def _part(piece: Piece) -> int:
    return sum(piece.position >= bound for bound in BOUNDS)


def _unlike(parts: Sequence[float]) -> float:
    """Return how far shares lie from those wanted; nothing chosen yet is as far as a choice can reasonably be."""
    total = sum(parts)
    if not total:
        return 0.0
    return sum(abs(part / total - share) for part, share in zip(parts, SHARES, strict=True))
