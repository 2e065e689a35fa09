"""The local crew: draws, moves, speaks, composes and cuts on this machine. Render workers call `perform`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from trailerflow.film import assembly, clips, lettering, panels, score, voices
from trailerflow.film.crew import (
    Cards,
    CardsOrder,
    Clip,
    ClipOrder,
    Crew,
    Panel,
    PanelOrder,
    Score,
    ScoreOrder,
    Skill,
    Trailer,
    TrailerOrder,
    Voices,
    VoicesOrder,
)
from trailerflow.film.record import File

LOCAL = "local"


def crew() -> Crew:
    """Return the local crew by kind of work."""
    skills = (
        _skill("panel", 1, PanelOrder, Panel, panels.draw),
        _skill("clip", 1, ClipOrder, Clip, clips.animate),
        _skill("cards", 1, CardsOrder, Cards, lettering.letter),
        _skill("voices", 1, VoicesOrder, Voices, voices.speak),
        _skill("score", 1, ScoreOrder, Score, score.compose),
        _skill("trailer", 1, TrailerOrder, Trailer, assembly.assemble),
    )
    return {skill.kind: skill for skill in skills}


def _skill(kind: str, version: int, order: Any, product: Any, make: Any) -> Skill:
    return Skill(kind=kind, provider=LOCAL, version=version, order=order, product=product, make=make)


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

    folder: Path

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

    def open(self, file: File) -> Path:
        """Return a readable path of an input file."""
        return self._place.path(file.sha256)

    def keep(self, path: Path, name: str, media_type: str) -> File:
        """Store a finished file."""
        stored = self._place.store(path, name, media_type)
        return File(name=stored.name, sha256=stored.sha256, media_type=stored.media_type, bytes=stored.bytes)

    def tick(self, done: float) -> None:
        """Report the share done and give way."""
        self._place.tick(done)


def perform(members: Crew, kind: str, order: Mapping[str, Any], place: Place) -> dict[str, Any]:
    """Carry out one order: JSON in, JSON out, files through the place."""
    skill = members[kind]
    product = skill.make(skill.order.model_validate(order), WorkDesk(place))
    return product.model_dump(mode="json")
