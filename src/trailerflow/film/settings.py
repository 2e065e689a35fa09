"""The settings: each place of the story with one fixed look, the same every time it appears.

Called by the orchestrator's first phase. A place is what `analysis` calls by one name; its look depends on that name,
its kind and the mood of its scenes, so the same script always gives the same places.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from trailerflow.film import overrides, palettes, places, seeds
from trailerflow.film.analysis import Analysis, SceneAnalysis
from trailerflow.film.record import Record

Kind = Literal[
    "room", "kitchen", "bedroom", "bathroom", "office", "library", "laboratory", "control", "studio", "police", "bar",
    "restaurant", "shop", "market", "lobby", "corridor", "stairs", "lift", "cellar", "attic", "tunnel", "belfry",
    "theatre", "museum", "gym", "palace", "hall", "car", "bus", "train", "station", "plane", "airport", "gas", "motel",
    "parking", "garage", "factory", "alley", "street", "city", "rooftop", "house", "farm", "forest", "field",
    "cemetery", "mountain", "underwater", "dock", "sea", "beach", "desert", "park", "garden", "stadium", "church",
    "temple", "hospital", "prison", "court", "school", "barracks", "ship", "space", "tent", "castle", "cave", "dam",
    "bridge", "void",
]  # fmt: skip
INDOORS = frozenset(
    (
        "room", "kitchen", "bedroom", "bathroom", "corridor", "stairs", "lift", "cellar", "attic", "control", "studio",
    )
)  # fmt: skip
"""Parts of a house, which nobody sees from outside."""
VEHICLES = frozenset(("car", "bus", "train", "plane"))
ROADSIDE = places.OPEN_KINDS | {"parking", "gas", "motel", "station", "garage", "airport"}
"""Where somebody in a vehicle may be on the way."""
ANY_ROOM = frozenset(
    (
        "room", "rooms", "chamber", "cabin", "zimmer", "raum", "habitación", "cuarto", "sala-de", "salle-de", "pièce",
        "stanza", "комната", "pokój",
    )
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
    """Return the kind of place a name speaks of: what `LIGHTHOUSE KITCHEN` is, is a kitchen.

    A part of a house is not seen from outside, nor an open place from inside while the name tells of another: inside
    `CAR - PARKING LOT` is a car. A mere `ROOM` is what its house is.
    """
    found = places.kinds(name)
    fitting = [kind for kind, word in found if kind not in (places.OPEN_KINDS if interior else INDOORS)]
    if not interior:
        return cast("Kind", fitting[0] if fitting else "house" if found else "street")
    riding = next((kind for kind, _ in places.kinds(name.partition(" - ")[0])[:1] if kind in VEHICLES), None)
    if found and riding and found[0][0] in ROADSIDE:
        return cast("Kind", riding)
    if fitting and found[0][1] in ANY_ROOM:
        fitting = [*fitting[1:], fitting[0]]
    return cast("Kind", (fitting or [kind for kind, _ in found] or ["room"])[0])
