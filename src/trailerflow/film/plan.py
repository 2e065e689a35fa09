"""The plan: what the trailer will be, to the frame. Written by `selection` and `storyboard`, obeyed by the rest."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field

from trailerflow.film.analysis import TimeOfDay
from trailerflow.film.record import Record

Aspect = Literal["16:9", "2.39:1", "1:1", "9:16"]
Act = Literal["cold_open", "introduction", "escalation", "montage", "title", "button"]
Size = Literal["extreme_wide", "wide", "medium", "close", "extreme_close"]
Move = Literal["push", "pull", "pan_left", "pan_right", "tilt_up", "tilt_down", "drift", "handheld", "still"]
Pose = Literal["stand", "walk", "run", "sit", "fall", "point", "reach", "embrace", "fight", "turn_away"]

ASPECTS: dict[Aspect, tuple[int, int]] = {"16:9": (16, 9), "2.39:1": (239, 100), "1:1": (1, 1), "9:16": (9, 16)}
NEARNESS: dict[Size, int] = {"close": 3, "medium": 2, "extreme_close": 1, "wide": 1, "extreme_wide": 0}
FPS = 24
NARRATOR = "NARRATOR"
"""The speaker of words that no character says."""


class Frame(Record):
    """The size of a picture in pixels; both even, as 4:2:0 video wants."""

    width: int
    height: int


def frame_of(aspect: Aspect, height: int) -> Frame:
    """Return the frame of an aspect whose shorter side (16:9: the height) is `height` pixels.

    9:16 and 1:1 keep `height` as their width, so that every aspect costs about the same to render.
    """
    wide, high = ASPECTS[aspect]
    if wide <= high:
        return Frame(width=_even(height), height=_even(height * high / wide))
    return Frame(width=_even(height * wide / high), height=_even(height))


def _even(pixels: float) -> int:
    return 2 * round(pixels / 2)


class Figure(Record):
    """A character in a shot: `x` in 0..1 of the frame's width (its middle), facing left or right."""

    character: str
    pose: Pose
    x: float
    facing: Literal["left", "right"]


class Line(Record):
    """Words spoken, word for word from the script; `element` indexes the screenplay's elements."""

    id: str
    character: str
    text: str
    element: int


class Shot(Record):
    """One panel and one clip: who, where, how large, from which angle; `props` are named in the action."""

    id: str
    scene: int
    heading: str
    act: Act
    size: Size
    angle: Literal["eye", "low", "high", "over_shoulder"]
    move: Move
    setting: str
    interior: bool
    time_of_day: TimeOfDay
    weather: Literal["clear", "rain", "snow", "fog", "storm"]
    figures: tuple[Figure, ...]
    props: tuple[str, ...]
    action: str
    line: Line | None
    intensity: float
    seed: int

    @property
    def appeal(self) -> float:
        """How well its picture stands for the whole film: people near, and something happening."""
        return NEARNESS[self.size] + self.intensity


class Card(Record):
    """Letters on black: `title` is the film's name, `tag` a line between acts, `end` the close."""

    id: str
    kind: Literal["tag", "title", "end"]
    text: str
    subtitle: str


class Cut(Record):
    """One place on the time-line: a shot or card from frame `start` for `frames` frames.

    `dissolve` is how many of its first frames are blended with the tail of the cut before (0: hard cut), so the
    clip before must be that many frames longer than its own `frames`. `fade_in`/`fade_out` are frames from and
    to black inside this cut.
    """

    kind: Literal["shot", "card"]
    id: str
    act: Act
    start: int
    frames: int
    dissolve: int = 0
    fade_in: int = 0
    fade_out: int = 0


class Choice(Record):
    """A scene chosen for the trailer, in time-line order, and the reason in words for a person."""

    scene: int
    heading: str
    act: Act
    reason: str


class Doubt(Record):
    """A scene left out of the trailer, and why; `instead` is the scene that stands where it came nearest to."""

    scene: int
    heading: str
    reason: str
    instead: int | None = None


class Edits(Record):
    """A person's hand on the choice: scenes that must be in, must stay out, and the order of the chosen ones.

    With `spoilers` the end of the story may be told, too.
    """

    lock: tuple[int, ...] = ()
    ban: tuple[int, ...] = ()
    order: tuple[int, ...] = ()
    # Left out while it is off, so that plans made before it was known keep their digest.
    spoilers: bool = Field(default=False, exclude_if=lambda spoilers: not spoilers)


UNTOUCHED = Edits()


class Plan(Record):
    """The whole trailer. The frames of `cuts` add up to `frames` = seconds * 24, without gap or overlap.

    `left_out` explains the scenes not chosen, those that matter most to the story if there are very many; `obeyed` is
    the hand it was chosen with; `narration` has what a narrator tells over a shot, by its id; `sources` has for each
    line, by its id, the words of the script that it was taken from.
    """

    title: str
    seconds: int
    frames: int
    aspect: Aspect
    genre: str
    seed: int
    choices: tuple[Choice, ...]
    shots: tuple[Shot, ...]
    cards: tuple[Card, ...]
    cuts: tuple[Cut, ...]
    warnings: tuple[str, ...] = ()
    # Beside the shots and not in them: no picture depends on it.
    narration: Mapping[str, Line] = Field(default={}, exclude_if=lambda narration: not narration)
    sources: Mapping[str, str] = Field(default={}, exclude_if=lambda sources: not sources)
    left_out: tuple[Doubt, ...] = Field(default=(), exclude_if=lambda left_out: not left_out)
    obeyed: Edits = Field(default=UNTOUCHED, exclude_if=lambda obeyed: obeyed == UNTOUCHED)

    def tail_of(self, position: int) -> int:
        """Return how many frames the clip at `position` must last beyond its cut, for the dissolve after it."""
        return self.cuts[position + 1].dissolve if position + 1 < len(self.cuts) else 0

    def voiced(self) -> Self:
        """Return the plan with the narrator's words in the shots they are heard over, as sound and paper need."""
        shots = (
            shot.model_copy(update={"line": self.narration[shot.id]}) if shot.id in self.narration else shot
            for shot in self.shots
        )
        return self.model_copy(update={"shots": tuple(shots)}) if self.narration else self

    def without_doubts(self) -> Self:
        """Return the plan without what is told of scenes that are not in it: nothing that is made depends on it."""
        return self.model_copy(update={"left_out": (), "obeyed": UNTOUCHED})
