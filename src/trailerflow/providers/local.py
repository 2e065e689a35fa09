"""The local crew: draws, moves, speaks, composes and cuts on this machine. Render workers call `perform`.

Beside it stand the two that others need here: the stand-ins, who take the place of an item that failed or was
skipped, and the fitters, who make fit for the film what a provider sent.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from trailerflow.film import assembly, boards, clips, fitting, foley, lettering, panels, reference_sheets, score, voices
from trailerflow.film import stand_ins as standing_in
from trailerflow.film.crew import (
    Cards,
    CardsOrder,
    Clip,
    ClipOrder,
    Crew,
    FoleyOrder,
    Panel,
    PanelOrder,
    Score,
    ScoreOrder,
    Sheets,
    SheetsOrder,
    Skill,
    Storyboard,
    StoryboardOrder,
    Trailer,
    TrailerOrder,
    Voices,
    VoicesOrder,
)
from trailerflow.film.record import File

LOCAL = "local"
STAND_IN = "stand_in"
HTTP = "http"


def crew() -> Crew:
    """Return the local crew by kind of work."""
    return _by_kind(
        _skill(LOCAL, "sheets", SheetsOrder, Sheets, reference_sheets.draw, version=2),
        _skill(LOCAL, "panel", PanelOrder, Panel, panels.draw, version=3),
        _skill(LOCAL, "storyboard", StoryboardOrder, Storyboard, boards.bind, version=3),
        _skill(LOCAL, "clip", ClipOrder, Clip, clips.animate, version=3),
        _skill(LOCAL, "cards", CardsOrder, Cards, lettering.letter),
        _skill(LOCAL, "voices", VoicesOrder, Voices, voices.speak, version=2),
        _skill(LOCAL, "score", ScoreOrder, Score, score.compose, version=3),
        _skill(LOCAL, "foley", FoleyOrder, Score, foley.perform, version=2),
        _skill(LOCAL, "trailer", TrailerOrder, Trailer, assembly.assemble, version=4),
    )


def stand_ins() -> Crew:
    """Return who takes the place of an item that failed or was skipped."""
    return _by_kind(
        _skill(STAND_IN, "panel", PanelOrder, Panel, standing_in.draw),
        _skill(STAND_IN, "clip", ClipOrder, Clip, standing_in.animate),
    )


def fitters() -> Crew:
    """Return who makes a provider's files fit for the film."""
    return _by_kind(
        _skill(HTTP, "panel", PanelOrder, Panel, fitting.fit_panel),
        _skill(HTTP, "clip", ClipOrder, Clip, fitting.fit_clip),
    )


def _by_kind(*skills: Skill) -> Crew:
    return {skill.kind: skill for skill in skills}


def _skill(provider: str, kind: str, order: Any, product: Any, make: Any, *, version: int = 1) -> Skill:
    return Skill(kind=kind, provider=provider, version=version, order=order, product=product, make=make)


class Handed(Protocol):
    """A file as the render worker stored it."""

    @property
    def name(self) -> str:
        """Return its flat name."""
        ...

    @property
    def sha256(self) -> str:
        """Return its address."""
        ...

    @property
    def media_type(self) -> str:
        """Return its media type."""
        ...

    @property
    def bytes(self) -> int:
        """Return its size."""
        ...


class Place(Protocol):
    """What a render worker offers; the engine's `Station` is one."""

    @property
    def folder(self) -> Path:
        """Return a scratch folder."""
        ...

    @property
    def received(self) -> Sequence[Handed]:
        """Return what a provider handed in for this task; empty for work done here."""
        ...

    def path(self, sha256: str) -> Path:
        """Return a readable path of a stored file."""
        ...

    def store(self, path: Path, name: str, media_type: str) -> Handed:
        """Store a finished file."""
        ...

    def tick(self, done: float) -> None:
        """Report the share done; raises when the work must end."""
        ...


class WorkDesk:
    """The desk of film's crew list, at a render worker's place."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self.folder = place.folder
        self.received = tuple(_file(handed) for handed in place.received)

    def open(self, file: File) -> Path:
        """Return a readable path of an input file."""
        return self._place.path(file.sha256)

    def keep(self, path: Path, name: str, media_type: str) -> File:
        """Store a finished file."""
        return _file(self._place.store(path, name, media_type))

    def tick(self, done: float) -> None:
        """Report the share done and give way."""
        self._place.tick(done)


def perform(
    members: Mapping[str, Crew], provider: str, kind: str, order: Mapping[str, Any], place: Place
) -> dict[str, Any]:
    """Carry out one order with a provider's skill: JSON in, JSON out, files through the place."""
    skill = members[provider][kind]
    product = skill.make(skill.order.model_validate(order), WorkDesk(place))
    return product.model_dump(mode="json")


def _file(handed: Handed) -> File:
    return File(name=handed.name, sha256=handed.sha256, media_type=handed.media_type, bytes=handed.bytes)
