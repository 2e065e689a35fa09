"""The reference sheets show all who carry the story and every place of the plan, and are the same every time."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import stills
from film.desk import FolderDesk
from film.story import plan_of, shot
from trailerflow.film import orders
from trailerflow.film.casting import Cast, Character, Role
from trailerflow.film.crew import Sheets, SheetsOrder
from trailerflow.film.plan import Aspect, Plan, Shot
from trailerflow.film.reference_sheets import draw
from trailerflow.film.settings import Setting, SettingLook, Settings

SWATCH_PIXELS = 140 * 48
CHIP_PIXELS = 30 * 40
FLAT = 12  # how far a colour may lie off in a flat part of a JPEG
PALETTES = {
    "KITCHEN": ("#a04030", "#803828", "#602c20", "#402018"),
    "STREET": ("#3048a0", "#283c80", "#203060", "#182440"),
    "FOREST": ("#30a048", "#28803c", "#206030", "#184024"),
}


def place(name: str, kind: str = "room") -> Setting:
    palette = PALETTES.get(name, stills.PALETTE)
    look = SettingLook.model_validate({"kind": kind, "palette": palette, "light": "#ffd08a", "seed": 5})
    return Setting(name=name, interior=kind == "room", scenes=(0,), look=look)


def seen(setting: str, **changes: object) -> Shot:
    return shot(f"s-{setting}-{len(changes)}").model_copy(update={"setting": setting, **changes})


def cast_of(*roles: Role) -> Cast:
    looks = tuple(stills.LOOKS.values())
    return Cast(
        characters=tuple(
            Character(name=f"WHO {number}", cues=1, scenes=(0,), role=role, look=looks[number % len(looks)])
            for number, role in enumerate(roles)
        )
    )


def filmed(*shots: Shot, aspect: Aspect = "16:9") -> Plan:
    return plan_of(tuple((one, 24) for one in shots)).model_copy(update={"aspect": aspect})


SETTINGS = Settings(settings=(place("KITCHEN"), place("STREET", "street"), place("FOREST", "forest"), place("UNSEEN")))
SHOTS = (
    seen("KITCHEN", interior=True, weather="clear"),
    seen("STREET"),
    seen("STREET", time_of_day="day", weather="clear"),
    seen("FOREST", time_of_day="dawn", weather="fog"),
)


def order_of(*roles: Role, aspect: Aspect = "16:9") -> SheetsOrder:
    return orders.sheets(filmed(*SHOTS, aspect=aspect), cast_of(*roles), SETTINGS)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> tuple[FolderDesk, Sheets]:
    desk = FolderDesk(tmp_path_factory.mktemp("sheets"))
    return desk, draw(order_of("lead", "lead", "supporting"), desk)


def test_every_character_has_the_signature_colour_beside_the_figures(drawn: tuple[FolderDesk, Sheets]) -> None:
    desk, made = drawn
    sheet = stills.read(desk.open(made.characters))
    for look in stills.LOOKS.values():
        assert stills.near(sheet, look.colour, FLAT) > SWATCH_PIXELS


def test_every_place_of_the_plan_is_shown_with_its_palette(drawn: tuple[FolderDesk, Sheets]) -> None:
    desk, made = drawn
    sheet = stills.read(desk.open(made.settings))
    missing = [
        (name, colour)
        for name, palette in PALETTES.items()
        for colour in palette
        if stills.near(sheet, colour, FLAT) < CHIP_PIXELS
    ]
    assert missing == []


def test_a_sheet_is_named_reported_and_the_same_bytes_every_time(
    drawn: tuple[FolderDesk, Sheets], tmp_path: Path
) -> None:
    desk, made = drawn
    assert (made.characters.name, made.settings.name) == ("character-sheets.jpg", "setting-sheets.jpg")
    assert desk.ticks == sorted(desk.ticks)
    assert desk.ticks[-1] == 1
    assert draw(order_of("lead", "lead", "supporting"), FolderDesk(tmp_path)) == made


def test_the_places_have_the_shape_of_the_film(drawn: tuple[FolderDesk, Sheets], tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    upright, wide = draw(order_of(aspect="9:16"), desk), drawn[1]
    heights = [stills.read(one.open(made.settings)).shape[0] for one, made in ((desk, upright), (drawn[0], wide))]
    assert heights[0] - heights[1] == (320 - 180) + (100 - 57)  # a picture, and the small one of a further hour


def test_a_film_without_anybody_has_a_plain_page_in_place_of_its_people(
    drawn: tuple[FolderDesk, Sheets], tmp_path: Path
) -> None:
    desk = FolderDesk(tmp_path)
    made = draw(order_of(), desk)
    assert made.settings == drawn[1].settings
    page = stills.read(desk.open(made.characters))
    assert all(stills.near(page, look.colour, FLAT) == 0 for look in stills.LOOKS.values())
    assert stills.near(page, "#14161a", FLAT) > 0.9 * page.shape[0] * page.shape[1]


def test_a_crowd_keeps_to_the_limits_and_those_in_small_parts_stay_out() -> None:
    parts: list[Role] = ["lead" if number < 4 else "supporting" if number < 34 else "minor" for number in range(40)]
    hours = [{"time_of_day": hour} for hour in ("day", "dusk", "night", "dawn")]
    shots = [seen(f"PLACE {number}", **hour) for number in range(40) for hour in hours]
    order = orders.sheets(
        filmed(*shots), cast_of(*parts), Settings(settings=tuple(place(f"PLACE {n}") for n in range(40)))
    )
    assert [one.name for one in order.characters] == [f"WHO {number}" for number in range(12)]
    assert [one.name for one in order.settings] == [f"PLACE {number}" for number in range(16)]
    assert {len(one.views) for one in order.settings} == {3}
    assert not orders.sheets(filmed(*SHOTS), cast_of("minor"), SETTINGS).characters


def test_the_order_holds_the_places_in_the_plan_at_their_own_hours() -> None:
    order = order_of("lead")
    hours = {one.name: [(view.time_of_day, view.weather) for view in one.views] for one in order.settings}
    assert hours == {
        "KITCHEN": [("night", "clear")],
        "STREET": [("night", "storm"), ("day", "clear")],
        "FOREST": [("dawn", "fog")],
    }


@settings(max_examples=12, deadline=None)
@given(words=st.text(max_size=60), name=st.text(max_size=60))
def test_no_name_breaks_a_sheet(tmp_path_factory: pytest.TempPathFactory, words: str, name: str) -> None:
    desk = FolderDesk(tmp_path_factory.mktemp("named"))
    order = order_of("lead")
    who = order.characters[0].model_copy(update={"name": name})
    order = order.model_copy(update={"title": words, "characters": (who,), "settings": ()})
    assert (
        stills.near(stills.read(desk.open(draw(order, desk).characters)), who.look.colour, FLAT) > SWATCH_PIXELS * 0.9
    )
