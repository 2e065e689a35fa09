"""Staging: the shots of one piece of the story: what is seen, how near, who stands where, how the camera moves.

Called by `storyboard`. A character keeps one side of the picture through a whole scene (the 180° rule), the speaker is
always in frame, and a place new to the trailer is first seen from afar.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

from trailerflow.film import names, seeds, vocabulary
from trailerflow.film.analysis import SceneAnalysis
from trailerflow.film.pieces import Piece, Told
from trailerflow.film.plan import Act, Aspect, Figure, Move, Pose, Shot, Size
from trailerflow.film.plan import Line as Spoken
from trailerflow.film.quotes import Quote
from trailerflow.film.settings import VEHICLES, Kind

Angle = Literal["eye", "low", "high", "over_shoulder"]
Facing = Literal["left", "right"]
Task = Literal["establish", "line", "reaction", "action", "detail"]

MOVES: dict[Size, tuple[Move, ...]] = {
    "extreme_wide": ("push", "pan_right", "tilt_down", "pan_left", "drift"),
    "wide": ("push", "drift", "pan_left", "pull", "pan_right"),
    "medium": ("push", "drift", "pan_right", "push", "pan_left"),
    "close": ("push", "drift", "push"),
    "extreme_close": ("push", "drift", "still"),
}
MOST_FIGURES: dict[Size, int] = {"extreme_wide": 2, "wide": 4, "medium": 2, "close": 1, "extreme_close": 1}
LOFTY: tuple[Kind, ...] = (
    "castle", "church", "mountain", "city", "court", "rooftop", "space", "palace", "temple", "belfry", "library",
)  # fmt: skip
BROAD: tuple[Kind, ...] = (
    "sea", "beach", "forest", "field", "desert", "street", "bridge", "garden", "ship", "park", "cemetery", "dock",
    "dam", "farm", "market", "parking", "airport", "tent",
)  # fmt: skip
# How many people a frame of each aspect has room for.
ROOM: dict[Aspect, int] = {"2.39:1": 4, "16:9": 4, "1:1": 3, "9:16": 2}
HALF: tuple[tuple[float, ...], ...] = ((), (0.31,), (0.16, 0.4), (0.12, 0.28, 0.44), (0.1, 0.22, 0.34, 0.46))
ALONE = {"left": 0.4, "right": 0.6}
FRANTIC = 0.62
ALONE_DOES: frozenset[Pose] = frozenset(("point", "reach", "fall", "turn_away"))
WHILE_TALKING: frozenset[Pose] = frozenset(("sit", "point", "reach"))
FROM_A_SEAT: frozenset[Pose] = frozenset(("sit", "point", "reach", "fall", "embrace", "fight", "stand"))
SEATS: dict[Kind, int] = {
    "car": 100, "plane": 100, "bus": 70, "train": 70, "restaurant": 75, "theatre": 30, "bar": 40, "kitchen": 40,
    "office": 40, "school": 50, "control": 35, "library": 30, "room": 25, "house": 25,
}  # fmt: skip
"""Of a hundred scenes inside such a place, in so many people sit unless they are told to do else."""
MAX_PROPS = 3
LONG_LINE = 2.5
PRONOUNS = frozenset(
    {
        "he", "she", "they", "his", "her", "their", "him", "them", "er", "sie", "ihr", "sein", "él", "ella",
        "ellos", "su", "il", "elle", "ils", "elles", "он", "она", "они",
    }
)  # fmt: skip


class Beat(NamedTuple):
    """One shot before it is drawn up: its task, the sentence it shows, the words spoken in it.

    `hears` is whose words are still heard in a reaction, `aside` how the words are said.
    """

    task: Task
    action: str
    quote: Quote | None = None
    hears: str = ""
    aside: str = ""


class Stage:
    """One scene's stage: remembers sides and numbers over all shots of that scene."""

    def __init__(self, scene: SceneAnalysis, kind: Kind, cast: Sequence[str], *, aspect: Aspect, seed: int) -> None:
        self.scene = scene
        self.kind = kind
        self.room = ROOM[aspect]
        seats = SEATS.get(kind, 0) if scene.interior else 0
        self.seated = seeds.number(scene.setting, scene.index, "seats") % 100 < seats
        self.seed = seed
        self.roll = names.Roll(cast)
        rank = {name: place for place, name in enumerate(cast)}
        self.present = [name for name in scene.present if name in rank]
        weighty = sorted(self.present, key=lambda name: rank[name])
        self.sides = {name: cast_side(place) for place, name in enumerate(weighty)}
        self.shots = 0
        self.was_empty = False

    def shoot(self, beat: Beat, act: Act, intensity: float, before: Shot | None) -> Shot:
        """Return the shot for a beat; `before` is the shot it is cut to, for variety."""
        self.shots += 1
        size = self._size(beat, act, intensity, before)
        figures = self._figures(beat, size)
        self.was_empty = not figures
        scene = self.scene
        return Shot(
            id=f"s{scene.index:03d}-{self.shots}",
            scene=scene.index,
            heading=scene.heading,
            act=act,
            size=size,
            angle=self._angle(beat, size, intensity, len(figures)),
            move=self._move(size, act, intensity, before),
            setting=scene.setting,
            interior=scene.interior,
            time_of_day=scene.time_of_day,
            weather=scene.weather,
            figures=figures,
            props=props(beat.action),
            action=beat.action,
            line=_line(beat.quote),
            intensity=round(intensity, 4),
            seed=seeds.number(self.seed, scene.setting, scene.index, self.shots),
        )

    def _size(self, beat: Beat, act: Act, intensity: float, before: Shot | None) -> Size:
        if beat.task == "establish":
            return "wide" if self.scene.interior else "extreme_wide"
        if beat.task == "detail":
            return "extreme_close"
        last = before.size if before and before.scene == self.scene.index else None
        if beat.task in ("line", "reaction"):
            if act == "button" or (intensity > FRANTIC and last == "close"):
                return "close" if last != "close" else "extreme_close"
            return "close" if last in ("medium", "close") or beat.task == "reaction" else "medium"
        if not self._named(beat.action) and not (self.present and self._about_someone(beat.action)):
            return "wide" if last != "wide" else "extreme_wide"
        options: tuple[Size, ...] = ("close", "medium", "wide") if act == "montage" else ("medium", "wide", "close")
        used = before.size if before else None
        free = [size for size in options if size != used]
        return seeds.pick(free, self.seed, self.scene.index, self.shots, "size") if act == "montage" else free[0]

    def _angle(self, beat: Beat, size: Size, intensity: float, figures: int) -> Angle:
        if beat.task == "line":
            return "over_shoulder" if size == "medium" and figures > 1 else "eye"
        if beat.task == "establish":
            if self.kind in LOFTY:
                return "low"
            return "high" if self.kind in BROAD else "eye"
        if intensity > FRANTIC and size != "extreme_close":
            return seeds.pick(("low", "low", "high"), self.seed, self.scene.index, self.shots, "angle")
        return "high" if pose_of(beat.action) == "fall" else "eye"

    def _move(self, size: Size, act: Act, intensity: float, before: Shot | None) -> Move:
        options = MOVES[size]
        if act == "button":
            options = ("still", "push")
        elif intensity > FRANTIC and size in ("medium", "close") and act in ("escalation", "montage", "cold_open"):
            options = ("handheld", "push", "handheld", "pan_left", "pan_right")
        free = [move for move in options if before is None or move != before.move] or list(options)
        return seeds.pick(free, self.seed, self.scene.index, self.shots, "move")

    def _named(self, action: str) -> list[str]:
        return [name for name in self.roll.named(action) if name in self.sides]

    def _figures(self, beat: Beat, size: Size) -> tuple[Figure, ...]:
        """Return the speaker first, then who the sentence names, then the others; never more than fit."""
        speaker = beat.quote.character if beat.quote else ""
        named = self._named(beat.action)
        if beat.task == "detail":
            return ()
        if beat.task == "establish" and size == "extreme_wide":
            wanted = named
        elif beat.task == "reaction":
            wanted = [name for name in (*named, *self.present) if name != beat.hears] or self.present
        elif speaker:
            others = sorted((*named, *self.present), key=lambda name: self.side(name) == self.side(speaker))
            wanted = [speaker, *[name for name in others if name != speaker]]
        else:
            wanted = named or (self.present if self._about_someone(beat.action) else [])
        chosen = list(dict.fromkeys(wanted))[: min(self.room, MOST_FIGURES[size])]
        for name in chosen:
            self.side(name)
        return self._placed(chosen, beat, speaker)

    def _about_someone(self, action: str) -> bool:
        """Say whether a sentence that names nobody shows people.

        It says `they`, or nothing is told at all, or nobody was seen in the scene's shot before: a place without people
        is looked at once, not twice.
        """
        return not action or self.was_empty or bool(PRONOUNS & set(vocabulary.words(action)))

    def _placed(self, chosen: Sequence[str], beat: Beat, speaker: str) -> tuple[Figure, ...]:
        return tuple(
            Figure(character=name, pose=self._pose(name, beat, chosen, speaker), x=x, facing=_across(self.side(name)))
            for name, x in self._stations(chosen)
        )

    def _pose(self, name: str, beat: Beat, chosen: Sequence[str], speaker: str) -> Pose:
        """Return what somebody does: what the brackets say of the speaker, else what the sentence says of them.

        All who are named may run, sit or embrace; one alone points, reaches or falls.
        """
        named = self._named(beat.action)
        rest: Pose = "sit" if self.seated else "stand"
        told = pose_of(beat.action)
        if name == speaker and (said := pose_of(beat.aside)):
            told = said
        elif name not in (named or chosen) or (told in ALONE_DOES and name != [*named, *chosen][0]):
            told = None
        elif name == speaker or beat.task in ("line", "reaction"):
            told = told if told in WHILE_TALKING and name in named else None
        return rest if told is None or (self.seated and self.kind in VEHICLES and told not in FROM_A_SEAT) else told

    def _stations(self, chosen: Sequence[str]) -> list[tuple[str, float]]:
        """Return where each stands, from left to right: always on their own side, in the scene's own order."""
        order = list(self.sides)
        left = [name for name in order if name in chosen and self.side(name) == "left"]
        right = [name for name in reversed(order) if name in chosen and self.side(name) == "right"]
        if len(chosen) == 1:
            return [(name, ALONE[self.side(name)]) for name in chosen]
        places = HALF[len(left)], tuple(round(1 - x, 2) for x in reversed(HALF[len(right)]))
        return [*zip(left, places[0], strict=True), *zip(right, places[1], strict=True)]

    def side(self, name: str) -> Facing:
        """Return the side of the picture a character keeps in this scene."""
        if name not in self.sides:
            self.sides[name] = cast_side(len(self.sides))
        return self.sides[name]


def cast_side(place: int) -> Facing:
    """Return a side: the weightiest stands left, the next right, and so on in turn."""
    return "left" if place % 2 == 0 else "right"


def pose_of(action: str) -> Pose | None:
    """Return the pose a sentence speaks of, by its first word that does."""
    for word in vocabulary.words(action):
        for name, entry in vocabulary.meanings("pose").items():
            if word in entry:
                return cast("Pose", name)
    return None


def props(action: str) -> tuple[str, ...]:
    """Return the things a sentence names, in English and in order."""
    found = (vocabulary.best("prop", [word]) for word in vocabulary.words(action))
    return tuple(dict.fromkeys(prop for prop in found if prop))[:MAX_PROPS]


def beats(piece: Piece, quotes: Sequence[Quote], count: int, *, establish: bool, others: bool) -> list[Beat]:
    """Return `count` beats of a piece (more only if there are more quotes): where, what happens, what is said."""
    told = list(piece.told)
    found: list[Beat] = []
    if establish and count > len(quotes):
        found.append(Beat("establish", told.pop(0).text if len(told) > 1 else _before(told, piece.last)))
    pictures = count - len(found) - len(quotes)
    strong = sorted(told, key=lambda entry: (-_strength(entry.text), entry.element))
    for quote, following in zip(quotes, [*quotes[1:], None], strict=False):
        aside = next((entry.text for entry in piece.asides if entry.element == quote.element), "")
        found.append(Beat("line", _before(piece.told, quote.element), quote, aside=aside))
        if quote.seconds > LONG_LINE:  # the words run on over who hears them, or over what they speak of
            listener = others and (following is None or following.character == quote.character)
            after = _after(piece.told, quote.element)
            found.append(Beat("reaction", after, hears=quote.character) if listener else Beat("action", after))
            pictures -= 1
    at = 1 if establish and found and found[0].task == "establish" else 0
    for place in range(max(0, pictures)):
        sentence = strong[place % len(strong)].text if strong else ""
        task: Task = "detail" if props(sentence) and place % 3 == 1 else "action"
        # The first picture leads to the words, the others follow them.
        found.insert(at if place % 2 == 0 else len(found), Beat(task, sentence))
    return found


def _before(told: Sequence[Told], element: int) -> str:
    """Return what was told last before an element, else what is told first after it."""
    earlier = [entry.text for entry in told if entry.element < element]
    return earlier[-1] if earlier else (told[0].text if told else "")


def _after(told: Sequence[Told], element: int) -> str:
    """Return what is told next after an element, else what was told first."""
    later = [entry.text for entry in told if entry.element > element]
    return later[0] if later else (told[0].text if told else "")


def _strength(sentence: str) -> float:
    words = vocabulary.words(sentence)
    strong = len(vocabulary.meaning("intense").found(words))
    return strong + 1.5 * bool(pose_of(sentence)) + 0.5 * bool(props(sentence)) - 0.05 * abs(len(words) - 9)


def _line(quote: Quote | None) -> Spoken | None:
    if quote is None:
        return None
    identity = f"l{quote.scene:03d}-{quote.element}-{seeds.number(quote.text) % 10_000:04d}"
    return Spoken(id=identity, character=quote.character, text=quote.text, element=quote.element)


def _across(side: Facing) -> Facing:
    return "right" if side == "left" else "left"
