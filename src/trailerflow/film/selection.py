"""The selection: which pieces of the story the trailer shows, act by act, and why, as a trailer editor would choose.

Called by `storyboard` and `doubts`. Acts ask for places in the story (an introduction early, an escalation through the
middle); `objective` says what a choice is worth; the choice is filled place by place and then bettered by exchange
until nothing is gained. Rules no worth can break: what a person locked or banned, and the end of the story, which is
left to the cinema: nothing past `SPOILERS` but a glimpse in the montage, nothing after the climax at all.
"""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

from trailerflow.film import rhythm
from trailerflow.film.analysis import Analysis, SceneAnalysis
from trailerflow.film.casting import Cast
from trailerflow.film.objective import Objective, Slot
from trailerflow.film.pieces import Piece
from trailerflow.film.plan import Act, Edits

SPOILERS = 0.85
GLIMPSE = 0.93
ACTS: tuple[Act, ...] = ("cold_open", "introduction", "escalation", "montage", "button")
CHOOSING: tuple[Act, ...] = ("cold_open", "introduction", "escalation", "button", "montage")
# Where in the story each act looks, from and to.
WINDOWS: dict[Act, tuple[float, float]] = {
    "cold_open": (0.0, 0.36),
    "introduction": (0.0, 0.3),
    "escalation": (0.2, 0.76),
    "montage": (0.34, GLIMPSE),
    "button": (0.05, 0.42),
}
# How far into the story an act may look when its window is empty of good things.
FARTHEST: dict[Act, float] = {"cold_open": 0.5, "introduction": 0.42, "button": 0.6}
# What a scene is to the story, in words for a person.
TURNS = {
    "opportunity": "the story begins to move here",
    "change_of_plans": "the plans change here",
    "point_of_no_return": "there is no way back from here",
    "major_setback": "all seems lost here",
    "climax": "the climax",
}
SPARE = 1.3
ROUNDS = 4
ABLE = 64
BETTER = 1e-9


class Pick(NamedTuple):
    """A piece of the story in an act, and the reason in words."""

    act: Act
    piece: Piece
    reason: str


def arrange(
    pieces: Sequence[Piece],
    analysis: Analysis,
    cast: Cast,
    measure: rhythm.Measure,
    *,
    seed: int,
    edits: Edits,
) -> "Desk":
    """Return the desk with the choice made; banned scenes are out, locked ones in."""
    desk = Desk(pieces, analysis, cast, seed=seed, edits=edits)
    for scene in edits.lock:
        desk.lock(scene)
    for act in CHOOSING:
        for slot in slots(act, rhythm.picks(act, measure.shots[act]) - desk.count(act)):
            desk.fill(slot)
    desk.better()
    return desk


def wanted(measure: rhythm.Measure) -> int:
    """Return how many pieces the acts ask for, and some more so that there is a choice before the spoilers."""
    return round(SPARE * sum(rhythm.picks(act, measure.shots[act]) for act in ACTS))


def slots(act: Act, count: int) -> list[Slot]:
    """Return the places of an act that want a piece."""
    low, high = WINDOWS[act]
    step = (high - low) / max(1, count)
    return [Slot(act, low + step * (place + 0.5), max(0.5 * step, 0.04)) for place in range(count)]


def limit(act: Act, analysis: Analysis, *, spoilers: bool) -> float:
    """Return how far into the story an act may look (0..1)."""
    if act in FARTHEST:
        return FARTHEST[act]
    if spoilers:
        return 1.0
    if act != "montage":
        return SPOILERS
    climax = next((point.scenes[0] for point in analysis.turning_points if point.name == "climax"), None)
    return GLIMPSE if climax is None else min(GLIMPSE, max(SPOILERS, (climax + 1) / len(analysis.scenes)))


class Rival(NamedTuple):
    """What a piece left out came nearest to: the act, what stands there, and what it lacks beside that, by name.

    `loss` is what the whole choice would lose by the exchange.
    """

    act: Act
    piece: Piece
    loss: float
    lacks: dict[str, float]


class _Taken(NamedTuple):
    """What fills a place: a locked piece has no slot, for nothing may take it out."""

    act: Act
    slot: Slot | None
    piece: Piece


class Desk:
    """The editor's desk: what is there to choose from and what has been chosen."""

    def __init__(self, pieces: Sequence[Piece], analysis: Analysis, cast: Cast, *, seed: int, edits: Edits) -> None:
        self.edits = edits
        self.pieces = [piece for piece in pieces if piece.scene not in edits.ban]
        self.scenes = analysis.scenes
        self.turns = {point.scenes[0]: TURNS[point.name] for point in analysis.turning_points}
        self.objective = Objective(analysis, cast, seed)
        self._limits = {act: limit(act, analysis, spoilers=edits.spoilers) for act in ACTS}
        self._able: dict[Slot, list[Piece]] = {}
        self._taken: list[_Taken] = []

    def _is_open(self, act: Act, piece: Piece) -> bool:
        return piece.position < self._limits[act]

    def _able_for(self, slot: Slot) -> list[Piece]:
        """Return the pieces that would serve a slot best if nothing else were chosen; one at least."""
        if slot not in self._able:
            allowed = [piece for piece in self.pieces if self._is_open(slot.act, piece)] or self.pieces[:1]
            promise = {piece[:3]: self.objective.promise(slot, piece) for piece in allowed}
            self._able[slot] = heapq.nlargest(ABLE, allowed, key=lambda piece: (promise[piece[:3]], -piece.first))
        return self._able[slot]

    def count(self, act: Act) -> int:
        """Return how many picks an act has."""
        return sum(1 for taken in self._taken if taken.act == act)

    def lock(self, scene: int) -> None:
        """Take the best piece of a scene a person insists on, in the act its place in the story suggests."""
        own = [piece for piece in self.pieces if piece.scene == scene]
        if own:
            best = max(own, key=lambda piece: (piece.best + piece.intensity, -piece.first))
            act: Act = "introduction" if best.position < WINDOWS["introduction"][1] else "escalation"
            self._take(_Taken(act, None, best))

    def fill(self, slot: Slot) -> None:
        """Take the piece that serves a slot best."""
        if self.pieces:
            self._take(_Taken(slot.act, slot, self._best(slot)))

    def better(self) -> None:
        """Exchange pieces as long as the whole choice gains by it."""
        for _ in range(ROUNDS):
            if not sum(self._exchange(place) for place in range(len(self._taken))):
                break

    def picks(self) -> list[Pick]:
        """Return what was chosen, each with its reason."""
        met: set[str] = set()
        found = []
        for taken in sorted(self._taken, key=lambda taken: (ACTS.index(taken.act), taken.piece.position)):
            introduced = self.objective.introduces(taken.act, taken.piece)
            new = [name for name in introduced if name not in met]
            met.update(new)
            said = _reason(taken.act, taken.piece, new, self.scenes)
            if taken.piece.scene in self.turns:
                said = f"{said}; {self.turns[taken.piece.scene]}"
            found.append(Pick(taken.act, taken.piece, said if taken.slot else f"locked by you: {said}"))
        return found

    def line(self) -> list[Pick]:
        """Return the picks in the order of the time-line: acts in turn, the story's order inside them, then a person's.

        A pick that is put into another act by hand says so.
        """
        line = sorted(self.picks(), key=lambda pick: (ACTS.index(pick.act), _place(pick), pick.piece.first))
        rank = {scene: place for place, scene in enumerate(dict.fromkeys(self.edits.order))}
        places = [place for place, pick in enumerate(line) if pick.piece.scene in rank]
        moved = sorted((line[place] for place in places), key=lambda pick: rank[pick.piece.scene])
        for place, pick in zip(places, moved, strict=True):
            act = line[place].act
            line[place] = pick if pick.act == act else Pick(act, pick.piece, f"moved here by you: {pick.reason}")
        return line

    def rivals(self, pieces: Sequence[Piece]) -> list[Rival | None]:
        """Return for each piece what it would have to displace with the least loss; None if no place is open to it."""
        nearest: list[tuple[float, _Taken] | None] = [None] * len(pieces)
        for taken in self._taken:
            if taken.slot is None:
                continue
            self.objective.remove(taken.act, taken.piece)
            worth = self.objective.gain(taken.slot, taken.piece)
            for number, piece in enumerate(pieces):
                if self._is_open(taken.act, piece):
                    lost = worth - self.objective.gain(taken.slot, piece)
                    known = nearest[number]
                    nearest[number] = (lost, taken) if known is None or lost < known[0] else known
            self.objective.add(taken.act, taken.piece)
        return [found and self._beside(piece, *found) for piece, found in zip(pieces, nearest, strict=True)]

    def _beside(self, piece: Piece, loss: float, taken: _Taken) -> Rival:
        assert taken.slot is not None
        self.objective.remove(taken.act, taken.piece)
        lacks = self.objective.lacks(taken.slot, piece, taken.piece)
        self.objective.add(taken.act, taken.piece)
        return Rival(taken.act, taken.piece, loss, lacks)

    def _best(self, slot: Slot) -> Piece:
        return max(self._able_for(slot), key=lambda piece: (self.objective.gain(slot, piece), -piece.first))

    def _take(self, taken: _Taken) -> None:
        self._taken.append(taken)
        self.objective.add(taken.act, taken.piece)

    def _exchange(self, place: int) -> bool:
        """Put a better piece in a place, if there is one, and say whether there was."""
        act, slot, piece = self._taken[place]
        if slot is None:
            return False
        self.objective.remove(act, piece)
        best = self._best(slot)
        gained = self.objective.gain(slot, best) - self.objective.gain(slot, piece) > BETTER
        chosen = best if gained else piece
        self._taken[place] = _Taken(act, slot, chosen)
        self.objective.add(act, chosen)
        return gained


def _reason(act: Act, piece: Piece, new: Sequence[str], scenes: Sequence[SceneAnalysis]) -> str:
    """Say for a person why a piece stands where it does."""
    scene = scenes[piece.scene]
    because = []
    if act == "introduction" and new:
        because.append(f"introduces {_and(new)}")
    elif act == "cold_open":
        because.append("a hook to open on")
    elif act == "montage":
        because.append("a strong picture for the montage")
    elif act == "button":
        because.append("a last word after the title")
    elif act == "escalation":
        because.append("raises the stakes")
    else:
        because.append(f"shows the world of the story at {scene.setting}")
    longer = sum(1 for other in scenes if other.seconds > scene.seconds)
    if longer < max(1, len(scenes) // 8):
        because.append("one of the longest scenes")
    if piece.intensity > 0.5:
        because.append("intense" + (f" ({', '.join(scene.evidence[:3])})" if scene.evidence else ""))
    return "; ".join(because)


def _and(names: Sequence[str]) -> str:
    return " and ".join(", ".join(names).rsplit(", ", 1))


def _place(pick: Pick) -> float:
    """Return where a pick stands in its act; the montage rises in intensity rather than follow the story."""
    if pick.act == "montage":
        return 0.5 * pick.piece.position + 0.5 * pick.piece.intensity
    return pick.piece.position
