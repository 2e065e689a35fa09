"""The selection: which pieces of the story the trailer shows, act by act, and why, as a trailer editor would choose.

Called by `storyboard`. Acts ask for places in the story (an introduction early, an escalation through the middle); a
piece wins a place by what it offers. The end of the story is left to the cinema: nothing past `SPOILERS` but a glimpse
in the montage.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from trailerflow.film import rhythm, seeds
from trailerflow.film.analysis import Analysis, SceneAnalysis
from trailerflow.film.casting import Cast
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
# What each act looks for: salience, intensity, words worth hearing, leads on screen.
TASTES: dict[Act, tuple[float, float, float, float]] = {
    "cold_open": (0.15, 0.5, 0.9, 0.05),
    "introduction": (0.5, 0.0, 0.5, 0.8),
    "escalation": (0.7, 0.35, 0.6, 0.3),
    "montage": (0.25, 1.0, 0.0, 0.25),
    "button": (0.1, -0.15, 1.0, 0.3),
}
TOO_FAR, SAME_PLACE, SAME_SCENE, SAME_PIECE, UNMET_LEAD, UNMET_OTHER, JITTER = 2.6, 0.16, 0.55, 1.6, 0.42, 0.3, 0.05
MAIN = 6
SPARE = 1.3
# A film's own first picture was made to hook: it may hook the trailer, too.
OPENING_IMAGE, EARLIEST = 0.1, 0.06


class Pick(NamedTuple):
    """A piece of the story in an act, and the reason in words."""

    act: Act
    piece: Piece
    reason: str


class Slot(NamedTuple):
    """A place in an act that wants a piece from around `centre` (0..1 of the story), `reach` either way."""

    act: Act
    centre: float
    reach: float


def choose(
    pieces: Sequence[Piece], analysis: Analysis, cast: Cast, measure: rhythm.Measure, *, seed: int, edits: Edits
) -> list[Pick]:
    """Return the picks in the order of the time-line; banned scenes are out, locked ones in."""
    allowed = [piece for piece in pieces if piece.scene not in edits.ban]
    desk = _Desk(allowed, analysis, cast, seed)
    for scene in edits.lock:
        desk.lock(scene)
    for act in CHOOSING:
        for slot in _slots(act, rhythm.picks(act, measure.shots[act]) - desk.count(act)):
            desk.fill(slot)
    return _ordered(desk.picks, edits.order)


def wanted(measure: rhythm.Measure) -> int:
    """Return how many pieces the acts ask for, and some more so that there is a choice before the spoilers."""
    return round(SPARE * sum(rhythm.picks(act, measure.shots[act]) for act in ACTS))


def _slots(act: Act, count: int) -> list[Slot]:
    low, high = WINDOWS[act]
    step = (high - low) / max(1, count)
    return [Slot(act, low + step * (place + 0.5), max(0.5 * step, 0.04)) for place in range(count)]


class _Desk:
    """The editor's desk: what is there to choose from and what has been chosen."""

    def __init__(self, pieces: Sequence[Piece], analysis: Analysis, cast: Cast, seed: int) -> None:
        self.pieces = pieces
        self.scenes = analysis.scenes
        self.leads = [character.name for character in cast.characters if character.role == "lead"]
        self.known = [character.name for character in cast.characters if character.role != "minor"][:MAIN]
        self.seed = seed
        self.picks: list[Pick] = []
        self.met: set[str] = set()
        self.settings: dict[tuple[Act, str], int] = {}
        self.used_scenes: dict[int, int] = {}
        self.used_pieces: dict[tuple[int, int], int] = {}

    def count(self, act: Act) -> int:
        """Return how many picks an act has."""
        return sum(1 for pick in self.picks if pick.act == act)

    def lock(self, scene: int) -> None:
        """Take the best piece of a scene a person insists on, in the act its place in the story suggests."""
        own = [piece for piece in self.pieces if piece.scene == scene]
        if own:
            best = max(own, key=lambda piece: (piece.best + piece.intensity, -piece.first))
            act: Act = "introduction" if best.position < WINDOWS["introduction"][1] else "escalation"
            self._take(act, best, "locked by you")

    def fill(self, slot: Slot) -> None:
        """Take the piece that serves a slot best."""
        limit = GLIMPSE if slot.act == "montage" else SPOILERS
        open_to = [piece for piece in self.pieces if piece.position < limit] or list(self.pieces[:1])
        if open_to:
            best = max(open_to, key=lambda piece: (self._worth(piece, slot), -piece.first))
            self._take(slot.act, best, "")

    def _worth(self, piece: Piece, slot: Slot) -> float:
        scene = self.scenes[piece.scene]
        salience, intensity, words, leads = TASTES[slot.act]
        unmet = [name for name in self.known if name in scene.present and name not in self.met]
        seen = sum(1 for name in self.leads if name in scene.present) / max(1, len(self.leads))
        worth = salience * scene.salience + intensity * piece.intensity + words * piece.best + leads * seen
        if slot.act == "introduction":
            worth += sum(UNMET_LEAD if name in self.leads else UNMET_OTHER for name in unmet[:2])
        worth += OPENING_IMAGE * (slot.act == "cold_open" and piece.position < EARLIEST)
        worth -= TOO_FAR * max(0.0, abs(piece.position - slot.centre) - slot.reach)
        worth -= SAME_PLACE * self.settings.get((slot.act, scene.setting), 0)
        worth -= SAME_SCENE * self.used_scenes.get(piece.scene, 0)
        worth -= SAME_PIECE * self.used_pieces.get((piece.scene, piece.first), 0)
        return worth + JITTER * seeds.share(self.seed, slot.act, piece.scene, piece.first)

    def _take(self, act: Act, piece: Piece, reason: str) -> None:
        scene = self.scenes[piece.scene]
        new = [name for name in self.known if name in scene.present and name not in self.met]
        said = _reason(act, piece, scene, new, self.scenes)
        self.picks.append(Pick(act, piece, f"{reason}: {said}" if reason else said))
        if act in ("introduction", "escalation"):
            self.met.update(new)
        self.settings[act, scene.setting] = self.settings.get((act, scene.setting), 0) + 1
        self.used_scenes[piece.scene] = self.used_scenes.get(piece.scene, 0) + 1
        key = (piece.scene, piece.first)
        self.used_pieces[key] = self.used_pieces.get(key, 0) + 1


def _reason(act: Act, piece: Piece, scene: SceneAnalysis, new: Sequence[str], scenes: Sequence[SceneAnalysis]) -> str:
    """Say for a person why a piece stands where it does."""
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


def _ordered(picks: Iterable[Pick], order: Sequence[int]) -> list[Pick]:
    """Put the picks on the time-line: acts in turn, the story's order inside them, then a person's order."""
    line = sorted(picks, key=lambda pick: (ACTS.index(pick.act), _place(pick), pick.piece.first))
    rank = {scene: place for place, scene in enumerate(dict.fromkeys(order))}
    places = [place for place, pick in enumerate(line) if pick.piece.scene in rank]
    moved = sorted((line[place] for place in places), key=lambda pick: rank[pick.piece.scene])
    for place, pick in zip(places, moved, strict=True):
        line[place] = pick._replace(act=line[place].act)
    return line


def _place(pick: Pick) -> float:
    """Return where a pick stands in its act; the montage rises in intensity rather than follow the story."""
    if pick.act == "montage":
        return 0.5 * pick.piece.position + 0.5 * pick.piece.intensity
    return pick.piece.position
