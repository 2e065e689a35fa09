"""Backdrops: which builder makes which kind of place, inside and out.

Called by `panels`. A kind that is a room is shown as the front of its house when the scene plays outside, and the other
way round.
"""

from collections.abc import Callable

from trailerflow.film import halls, homes, landmarks, landscapes, orbit, shores, streets, vessels, workplaces
from trailerflow.film.light import Light
from trailerflow.film.scenery import Scenery
from trailerflow.film.settings import Kind, SettingLook
from trailerflow.film.shapes import Brush

Builder = Callable[[Scenery], None]

OUTSIDE: dict[Kind, Builder] = {
    "street": streets.street,
    "city": streets.city,
    "rooftop": streets.rooftop,
    "house": landmarks.house,
    "bridge": landmarks.bridge,
    "castle": landmarks.castle,
    "ship": landmarks.ship,
    "train": landmarks.train,
    "car": landmarks.road,
    "forest": landscapes.forest,
    "field": landscapes.field,
    "mountain": landscapes.mountain,
    "sea": shores.sea,
    "beach": shores.beach,
    "desert": landscapes.desert,
    "garden": landscapes.garden,
    "cave": landscapes.cave,
    "space": orbit.space,
    "void": landscapes.void,
    "church": landmarks.castle,
    "bar": streets.street,
    "office": streets.city,
    "room": landmarks.house,
    "kitchen": landmarks.house,
    "bedroom": landmarks.house,
}
INSIDE: dict[Kind, Builder] = {
    "room": homes.room,
    "house": homes.room,
    "kitchen": homes.kitchen,
    "bedroom": homes.bedroom,
    "office": workplaces.office,
    "city": workplaces.office,
    "bar": homes.bar,
    "street": homes.bar,
    "corridor": workplaces.corridor,
    "hall": halls.hall,
    "castle": halls.hall,
    "church": halls.church,
    "hospital": workplaces.hospital,
    "prison": halls.prison,
    "court": halls.court,
    "school": workplaces.school,
    "ship": vessels.cabin,
    "train": vessels.carriage,
    "car": vessels.cockpit,
    "space": orbit.bridge_deck,
    "cave": landscapes.cave,
    "void": landscapes.void,
}


def build(look: SettingLook, *, interior: bool, light: Light, weather: str, brush: Brush) -> Scenery:
    """Build a place on a fresh stage."""
    scene = Scenery(brush=brush, light=light, seed=look.seed, weather=weather)
    table, fallback = (INSIDE, homes.room) if interior else (OUTSIDE, streets.street)
    other = OUTSIDE if interior else INSIDE
    known = {"garden", "bridge", "rooftop", "field", "forest", "sea", "beach", "desert", "mountain"}
    builder = table.get(look.kind) or (other[look.kind] if look.kind in known else fallback)
    builder(scene)
    return scene
