"""Backdrops: which builder makes which kind of place, inside and out.

Called by `panels`. A kind that is a room is shown as the front of its house when the scene plays outside, and the other
way round.
"""

from collections.abc import Callable
from functools import partial

from trailerflow.film import (
    airfields,
    coaches,
    depots,
    facades,
    grounds,
    halls,
    homes,
    landmarks,
    landscapes,
    lofts,
    orbit,
    passages,
    premises,
    roadsides,
    shelters,
    shores,
    streets,
    venues,
    vessels,
    waterfronts,
    workplaces,
    workrooms,
    yards,
)
from trailerflow.film.light import Light
from trailerflow.film.places import OPEN_KINDS
from trailerflow.film.scenery import Scenery
from trailerflow.film.settings import Kind, SettingLook
from trailerflow.film.shapes import Brush

Builder = Callable[[Scenery], None]

HOSPITAL = partial(facades.block, sign=facades.CROSS, colour="#d8402f")
POLICE = partial(facades.block, sign=facades.STAR, colour="#4a86d8")
SCHOOL = partial(facades.block, sign=facades.CLOCK, colour="#e8c25a")
LABORATORY = partial(facades.block, sign=facades.FLASK, colour="#3fae86")

OUTSIDE: dict[Kind, Builder] = {
    "library": facades.portico,
    "laboratory": LABORATORY,
    "police": POLICE,
    "bar": roadsides.shop_front,
    "restaurant": roadsides.shop_front,
    "shop": roadsides.shop_front,
    "market": facades.bazaar,
    "lobby": facades.portico,
    "tunnel": passages.tunnel,
    "belfry": facades.steeple,
    "theatre": facades.portico,
    "museum": facades.portico,
    "gym": SCHOOL,
    "palace": facades.portico,
    "hall": facades.portico,
    "car": landmarks.road,
    "bus": streets.street,
    "train": landmarks.train,
    "station": depots.station,
    "plane": airfields.runway,
    "airport": airfields.runway,
    "gas": yards.pumps,
    "motel": roadsides.motel,
    "parking": yards.lot,
    "garage": roadsides.works,
    "factory": roadsides.works,
    "alley": yards.alley,
    "street": streets.street,
    "city": streets.city,
    "office": streets.city,
    "rooftop": streets.rooftop,
    "house": landmarks.house,
    "farm": roadsides.farm,
    "forest": landscapes.forest,
    "field": landscapes.field,
    "cemetery": grounds.cemetery,
    "mountain": landscapes.mountain,
    "underwater": waterfronts.below,
    "dock": waterfronts.dock,
    "sea": shores.sea,
    "beach": shores.beach,
    "desert": landscapes.desert,
    "park": grounds.park,
    "garden": landscapes.garden,
    "stadium": yards.stadium,
    "church": facades.steeple,
    "temple": grounds.shrine,
    "hospital": HOSPITAL,
    "prison": facades.prison,
    "court": facades.portico,
    "school": SCHOOL,
    "barracks": SCHOOL,
    "ship": landmarks.ship,
    "space": orbit.space,
    "tent": grounds.camp,
    "castle": landmarks.castle,
    "cave": landscapes.cave,
    "dam": waterfronts.dam,
    "bridge": landmarks.bridge,
    "void": landscapes.void,
}
INSIDE: dict[Kind, Builder] = {
    "room": homes.room,
    "house": homes.room,
    "kitchen": homes.kitchen,
    "bedroom": homes.bedroom,
    "motel": homes.bedroom,
    "bathroom": passages.bathroom,
    "office": workplaces.office,
    "city": workplaces.office,
    "library": premises.library,
    "laboratory": workrooms.laboratory,
    "control": workrooms.control,
    "bridge": workrooms.control,
    "studio": workrooms.studio,
    "police": workrooms.police,
    "bar": homes.bar,
    "street": homes.bar,
    "restaurant": premises.restaurant,
    "shop": premises.shop,
    "gas": premises.shop,
    "market": premises.market,
    "lobby": premises.lobby,
    "corridor": workplaces.corridor,
    "stairs": passages.stairs,
    "lift": passages.lift,
    "cellar": passages.cellar,
    "attic": lofts.attic,
    "tunnel": passages.tunnel,
    "dam": passages.tunnel,
    "belfry": lofts.belfry,
    "theatre": venues.theatre,
    "museum": venues.museum,
    "gym": venues.gym,
    "palace": shelters.palace,
    "hall": halls.hall,
    "castle": halls.hall,
    "car": vessels.cockpit,
    "bus": coaches.bus,
    "train": vessels.carriage,
    "station": depots.station,
    "plane": coaches.aeroplane,
    "airport": venues.airport,
    "parking": depots.parking,
    "garage": depots.garage,
    "factory": depots.factory,
    "dock": depots.factory,
    "farm": lofts.barn,
    "church": halls.church,
    "temple": shelters.temple,
    "hospital": workplaces.hospital,
    "prison": halls.prison,
    "court": halls.court,
    "school": workplaces.school,
    "barracks": shelters.bunks,
    "ship": vessels.cabin,
    "space": orbit.bridge_deck,
    "tent": shelters.tent,
    "cave": landscapes.cave,
    "void": landscapes.void,
}


def builder(kind: Kind, *, interior: bool) -> Builder:
    """Return who builds a kind of place, inside or out."""
    if not interior:
        return OUTSIDE.get(kind, landmarks.house)
    return INSIDE.get(kind) or (OUTSIDE[kind] if kind in OPEN_KINDS else homes.room)


def build(look: SettingLook, *, interior: bool, light: Light, weather: str, brush: Brush) -> Scenery:
    """Build a place on a fresh stage."""
    scene = Scenery(brush=brush, light=light, seed=look.seed, weather=weather)
    builder(look.kind, interior=interior)(scene)
    return scene
