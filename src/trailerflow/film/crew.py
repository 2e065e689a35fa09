"""The crew list: the skills a film needs, the orders they take and what they hand in.

`providers` implements it, the orchestrator gives the orders, the render workers carry them out. An order holds
exactly what its product depends on; the digest of a step is taken from it. Every skill is deterministic: the same order
and files give the same bytes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from trailerflow.film.analysis import Analysis, TimeOfDay
from trailerflow.film.breakdown import Weather
from trailerflow.film.casting import Cast, Character, Look, Role
from trailerflow.film.plan import Aspect, Card, Cut, Edits, Frame, Plan, Shot
from trailerflow.film.record import File, Record
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.settings import Setting, SettingLook, Settings


class Desk(Protocol):
    """Where a skill works: a scratch folder, the files of its order, a place to hand in, a line to the office."""

    @property
    def folder(self) -> Path:
        """An empty folder for temporary files, removed afterwards."""
        ...

    @property
    def received(self) -> tuple[File, ...]:
        """What a provider handed in for this order; empty for work done here."""
        ...

    def open(self, file: File) -> Path:
        """Return a readable path of an input file."""
        ...

    def keep(self, path: Path, name: str, media_type: str) -> File:
        """Store a finished file; `name` is its flat name, for an item only the extension counts."""
        ...

    def tick(self, done: float) -> None:
        """Report the share done, 0..1, and give way: raises when the work was cancelled or handed over."""
        ...


Looks = Mapping[str, Mapping[str, Any]]
"""A person's changes of looks: name → the fields that differ."""


class Writer(Protocol):
    """Reads the screenplay and chooses the trailer. `version` rises with every change of what it would hand in."""

    version: int

    def read(self, script: bytes, filename: str) -> Screenplay:
        """Read an uploaded file. Raises `BadScript`."""
        ...

    def analyse(self, screenplay: Screenplay) -> Analysis:
        """Say what happens in each scene."""
        ...

    def cast(self, screenplay: Screenplay, analysis: Analysis, looks: Looks) -> Cast:
        """Give every character one look."""
        ...

    def scout(self, analysis: Analysis, looks: Looks) -> Settings:
        """Give every place one look."""
        ...

    def draft(self, brief: "Brief") -> Plan:
        """Choose scenes, shots and cuts, exact to the frame."""
        ...


class Brief(Record):
    """What the plan is drafted from."""

    screenplay: Screenplay
    analysis: Analysis
    cast: Cast
    settings: Settings
    title: str
    seconds: int
    aspect: Aspect
    seed: int
    edits: Edits


class PanelOrder(Record):
    """Draw one shot: the figures' looks in the order of `shot.figures`."""

    shot: Shot
    looks: tuple[Character, ...]
    setting: Setting
    frame: Frame
    genre: str


class Panel(Record):
    """A drawn panel: the PNG, and the layered SVG it was drawn from (absent when a model painted it)."""

    image: File
    drawing: File | None


class BoardTile(Record):
    """One place of the time-line on the storyboard: a shot with its picture, or the letters of a card.

    `start` and `frames` are those of its cut; `reason` says why it is in the trailer. `drawing` is there when the
    picture was drawn here.
    """

    number: int
    shot: Shot | None
    letters: str
    picture: File | None
    drawing: File | None
    start: int
    frames: int
    reason: str


class StoryboardOrder(Record):
    """Print the storyboard: every place of the time-line in order, and who and where is seen on it."""

    title: str
    genre: str
    aspect: Aspect
    frame: Frame
    frames: int
    tiles: tuple[BoardTile, ...]
    cast: tuple[Character, ...]
    settings: tuple[Setting, ...]


class Storyboard(Record):
    """The storyboard to hand round: a PDF of pages, one picture with every panel, and how alike its people stay."""

    pages: File
    contact_sheet: File
    consistency: File


class CharacterSheet(Record):
    """A character as the whole crew must know them."""

    name: str
    role: Role
    look: Look


class View(Record):
    """An hour and a weather at which a place is seen, from inside or out."""

    interior: bool
    time_of_day: TimeOfDay
    weather: Weather


class SettingSheet(Record):
    """A place as the whole crew must know it, and when the plan sees it, the first time first."""

    name: str
    look: SettingLook
    views: tuple[View, ...]


class SheetsOrder(Record):
    """Draw the reference sheets of a film's characters and places."""

    title: str
    aspect: Aspect
    genre: str
    characters: tuple[CharacterSheet, ...]
    settings: tuple[SettingSheet, ...]


class Sheets(Record):
    """The reference sheets: one picture with every character, one with every place."""

    characters: File
    settings: File


class ClipOrder(Record):
    """Move one panel: `frames` frames in all, tail for the next dissolve included.

    A closed GOP begins at frame 0 and at every number in `keyframes`, so that the editor can cut there without
    encoding again.
    """

    shot: Shot
    panel: Panel
    frame: Frame
    frames: int
    keyframes: tuple[int, ...]
    fade_in: int
    fade_out: int


class CardOrder(Record):
    """Set one card of letters moving; the fields mean the same as in `ClipOrder`."""

    card: Card
    genre: str
    frame: Frame
    frames: int
    keyframes: tuple[int, ...]
    fade_in: int
    fade_out: int


class CardsOrder(Record):
    """Set all cards of the plan."""

    cards: tuple[CardOrder, ...]


class Clip(Record):
    """A silent H.264 MP4 clip of exactly `frames` frames at 24/s."""

    video: File
    frames: int


class Cards(Record):
    """One clip for each card, in the order given."""

    clips: tuple[Clip, ...]


class SpokenLine(Record):
    """A line to speak, with the speaker's voice shape from the look."""

    id: str
    text: str
    pitch: float
    pace: float


class VoicesOrder(Record):
    """Speak all lines of the plan."""

    lines: tuple[SpokenLine, ...]


class Recording(Record):
    """One spoken line: mono 48 kHz WAV, and its length in seconds."""

    id: str
    audio: File
    seconds: float


class Voices(Record):
    """The recordings; a line that cannot be spoken (not English) is absent and named in `warnings`."""

    recordings: tuple[Recording, ...]
    warnings: tuple[str, ...]


class ScoreOrder(Record):
    """Compose music for the cuts; `intensity` (0..1) of each shot is how hard its cut is struck."""

    cuts: tuple[Cut, ...]
    intensity: Mapping[str, float]
    genre: str
    frames: int
    seed: int


class Score(Record):
    """The score, or the sounds beside it: stereo 48 kHz WAV of exactly `frames`/24 seconds, without voices."""

    audio: File


class FoleyOrder(Record):
    """Make the sounds of places and things for the cuts."""

    cuts: tuple[Cut, ...]
    shots: tuple[Shot, ...]
    frames: int
    seed: int


class TrailerOrder(Record):
    """Join everything: `clips` in the order of `plan.cuts` (cards included)."""

    plan: Plan
    frame: Frame
    clips: tuple[Clip, ...]
    voices: Voices
    score: Score
    foley: Score
    loudness_lufs: float


class Trailer(Record):
    """The delivery: video, captions, a report of what was measured, and what an editor goes on with.

    That is the time-line in several formats, the shots' clips under the names it links to, and the stems, whose sum is
    the mix before it was brought to its loudness.
    """

    video: File
    captions_vtt: File
    captions_srt: File
    report: File
    timelines: tuple[File, ...]
    clips: tuple[File, ...]
    stems: tuple[File, ...]
    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Skill:
    """One skill of one provider: what it takes, what it hands in, how it is done.

    `version` rises with every change of the code that changes a product; it is part of every digest.
    """

    kind: str
    provider: str
    version: int
    order: type[Record]
    product: type[Record]
    make: Callable[[Any, Desk], Record]


Crew = Mapping[str, Skill]
"""The skills at hand by kind: `sheets`, `panel`, `storyboard`, `clip`, `cards`, `voices`, `score`, `foley`,
`trailer`."""
