"""The settings: each place of the story with one fixed look, the same every time it appears.

Called by the orchestrator's first phase. A place is what `analysis` calls by one name; its look depends on that name,
its kind and the mood of its scenes, so the same script always gives the same places.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from trailerflow.film import overrides, palettes, seeds, vocabulary
from trailerflow.film.analysis import Analysis, SceneAnalysis
from trailerflow.film.record import Record

Kind = Literal[
    "room", "kitchen", "bedroom", "office", "bar", "corridor", "hall", "car", "train", "street", "city", "rooftop",
    "house", "forest", "field", "mountain", "sea", "beach", "desert", "garden", "church", "hospital", "prison",
    "court", "school", "ship", "space", "castle", "cave", "bridge", "void",
]  # fmt: skip
INDOORS = ("room", "kitchen", "bedroom", "office", "bar", "corridor", "hall")
ENDINGS: tuple[tuple[str, Kind], ...] = (
    ("lighthouse", "castle"), ("wirtshaus", "bar"), ("wirthshaus", "bar"), ("schlafzimmer", "bedroom"),
    ("zimmer", "room"), ("room", "room"), ("haus", "house"), ("house", "house"), ("straße", "street"),
    ("strasse", "street"), ("gasse", "street"), ("platz", "city"), ("hof", "garden"), ("wald", "forest"),
    ("berg", "mountain"), ("saal", "hall"), ("kirche", "church"),
    ("schiff", "ship"), ("boat", "ship"), ("thür", "house"), ("tür", "house"), ("bude", "hall"), ("field", "field"),
)  # fmt: skip


class SettingLook(Record):
    """How a place is drawn. Colours are `#rrggbb`, from far (sky or back wall) to near; `seed` fixes its shapes."""

    kind: Kind
    palette: tuple[str, str, str, str]
    light: str
    seed: int


class Setting(Record):
    """A place by its canonical name, the scenes that play there and its look."""

    name: str
    interior: bool
    scenes: tuple[int, ...]
    look: SettingLook


class Settings(Record):
    """All places, the most used first."""

    settings: tuple[Setting, ...]


def scout(analysis: Analysis, looks: Mapping[str, Mapping[str, Any]]) -> Settings:
    """Return all places, the most used first; `looks` are a person's changes by place name (any case)."""
    changes = {name.upper(): change for name, change in looks.items()}
    places: dict[str, list[SceneAnalysis]] = {}
    for scene in analysis.scenes:
        places.setdefault(scene.setting, []).append(scene)
    settings = [_setting(name, scenes, changes.get(name.upper())) for name, scenes in places.items()]
    return Settings(settings=tuple(sorted(settings, key=lambda setting: -len(setting.scenes))))


def _setting(name: str, scenes: Sequence[SceneAnalysis], change: Mapping[str, Any] | None) -> Setting:
    interior = scenes[0].interior
    kind = kind_of(name, interior=interior)
    valence = sum(scene.valence for scene in scenes) / len(scenes)
    seed = seeds.number("setting", name)
    palette, light = palettes.mix(kind, valence, seed)
    look = SettingLook(kind=kind, palette=palette, light=light, seed=seed)
    if change:
        look = overrides.apply(look, change, name)
    return Setting(name=name, interior=interior, scenes=tuple(scene.index for scene in scenes), look=look)


def kind_of(name: str, *, interior: bool) -> Kind:
    """Return the kind of place a name speaks of: its last word that says so (`LIGHTHOUSE KITCHEN` is a kitchen)."""
    for word in reversed(vocabulary.words(name)):
        found = vocabulary.best("kind", [word]) or _ending(word)
        if found and (interior or found not in INDOORS):
            return cast("Kind", found)
    found = vocabulary.best("kind", vocabulary.words(name))
    if found and not interior:
        return "house"
    return cast("Kind", found or ("room" if interior else "field"))


def _ending(word: str) -> str | None:
    """Compounds end in what they are: `Wirtshaus`, `lighthouse`, `Schlafzimmer`, `warehouse`."""
    return next((kind for ending, kind in ENDINGS if word.endswith(ending)), None)
