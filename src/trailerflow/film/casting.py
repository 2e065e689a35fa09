"""The cast: each character with one fixed look that every later picture and line uses.

Called by the orchestrator's first phase. Two leads never share a colour, and their outlines differ; what the script
states of a character (old, a girl, a yellow raincoat) goes before what the rules invent.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from trailerflow.film import descriptions, names, overrides, portraits
from trailerflow.film.analysis import Analysis
from trailerflow.film.portraits import Portrait
from trailerflow.film.record import Record
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.wardrobe import Wardrobe

Garment = Literal["scarf", "tie", "rollneck", "waistcoat", "kerchief", "cowl", "shawl", "headscarf"]
Role = Literal["lead", "supporting", "minor"]

WEIGHT_OF_SCENE = 2.0
MAX_LEADS = 4
MAX_SUPPORTING = 12
LEAD_SHARE = 0.4
SUPPORTING_SHARE = 0.12


class Look(Record):
    """How a character is drawn and heard; the same in every shot. Colours are `#rrggbb`.

    `colour` is the signature colour (of the garment called `signature`, of rim and accent), no two leading characters
    share it. `height` is a factor around 1. `pitch` (semitones, its place among people) and `pace` (factor) shape the
    voice.
    """

    colour: str
    build: Literal["slight", "average", "broad", "tall", "child"]
    hair: Literal["short", "long", "bun", "bald", "curly", "ponytail"]
    hat: Literal["none", "brim", "cap", "hood", "top"]
    coat: Literal["none", "long", "dress", "jacket", "cape"]
    height: float
    pitch: float
    pace: float
    signature: Garment = "scarf"


class Character(Record):
    """A character: name as in the cues, lines spoken, weight in the story and look."""

    name: str
    cues: int
    scenes: tuple[int, ...]
    role: Role
    look: Look


class Cast(Record):
    """All characters, leads first, and in the same order what the script states of each."""

    characters: tuple[Character, ...]
    portraits: tuple[Portrait, ...] = ()


def cast(screenplay: Screenplay, analysis: Analysis, looks: Mapping[str, Mapping[str, Any]]) -> Cast:
    """Return the cast, leads first; `looks` are a person's changes by character name (any case)."""
    changes = {name.upper(): change for name, change in looks.items()}
    parts = _parts(screenplay, analysis)
    roles = _roles(parts)
    wardrobe = Wardrobe()
    characters, painted = [], []
    aliases = names.others(names.canonical(screenplay))
    relations = portraits.relations([scene.present for scene in analysis.scenes])
    for name, (cues, scenes, told) in parts.items():
        look = Look(**wardrobe.dress(name, told, lead=roles[name] == "lead"))
        if name in changes:
            look = overrides.apply(look, changes[name], name)
        characters.append(Character(name=name, cues=cues, scenes=scenes, role=roles[name], look=look))
        known = relations.get(name, ())
        painted.append(portraits.of(name, told, aliases=aliases.get(name, ()), relations=known))
    return Cast(characters=tuple(characters), portraits=tuple(painted))


def _parts(screenplay: Screenplay, analysis: Analysis) -> dict[str, tuple[int, tuple[int, ...], str]]:
    """Return for each character the cues, the scenes and what the action tells of them, the weightiest first."""
    aliases = names.canonical(screenplay)
    cues: Counter[str] = Counter()
    for speaker in screenplay.characters:
        cues[aliases.get(speaker.name, speaker.name)] += speaker.cues
    scenes: dict[str, list[int]] = {}
    for scene in analysis.scenes:
        for name in scene.present:
            scenes.setdefault(name, []).append(scene.index)
    told = descriptions.of(screenplay, [*cues, *scenes])
    everyone = dict.fromkeys([*cues, *scenes])
    order = sorted(everyone, key=lambda name: -(cues[name] + WEIGHT_OF_SCENE * len(scenes.get(name, ()))))
    return {name: (cues[name], tuple(scenes.get(name, ())), told.get(name, "")) for name in order}


def _roles(parts: Mapping[str, tuple[int, tuple[int, ...], str]]) -> dict[str, Role]:
    weights = {name: cues + WEIGHT_OF_SCENE * len(scenes) for name, (cues, scenes, _) in parts.items()}
    top = max(weights.values(), default=0.0)
    roles: dict[str, Role] = {}
    for place, (name, weight) in enumerate(weights.items()):
        if place < MAX_LEADS and weight >= LEAD_SHARE * top:
            roles[name] = "lead"
        else:
            roles[name] = "supporting" if weight >= SUPPORTING_SHARE * top and place < MAX_SUPPORTING else "minor"
    return roles
