import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from film import scripts
from trailerflow.errors import Invalid
from trailerflow.film import analysis, backdrops, palettes, settings, vocabulary


def test_kinds_follow_the_last_word_that_names_one() -> None:
    cases = {
        ("LIGHTHOUSE KITCHEN", True): "kitchen",
        ("DAS WIRTSHAUS", True): "bar",
        ("KÜCHE", True): "kitchen",
        ("CALLE", False): "street",
        ("DAM - CREST", False): "dam",
        ("PUBLIC LIBRARY", True): "library",
        ("DAM - CONTROL ROOM", True): "control",
        ("SAINT MARY'S HOSPITAL - ROOM 12", True): "hospital",
        ("OLD HOUSE - LIVING ROOM", True): "room",
        ("POLICE STATION", False): "police",
        ("GAS STATION - RESTROOM", True): "bathroom",
        ("MAYA'S CAR - PARKING LOT", True): "car",
        ("CABIN IN THE WOODS", True): "house",
        ("WOODS BEHIND THE CABIN", False): "forest",
        ("CITY STREET - APARTMENT", False): "street",
        ("DER KASERNENHOF", False): "barracks",
        ("SALLE DE BAIN", True): "bathroom",
        ("LA ESTACIÓN DE TREN", True): "station",
        ("RESERVOIR", False): "sea",
        ("病院", True): "hospital",
        ("QWERTY", True): "room",
        ("QWERTY", False): "street",
    }
    assert {case: settings.kind_of(case[0], interior=case[1]) for case in cases} == cases


@given(name=st.text(max_size=40), interior=st.booleans())
def test_any_heading_names_a_place_that_can_be_built_in_its_own_colours(name: str, interior: bool) -> None:
    kind = settings.kind_of(name, interior=interior)
    assert kind in get_args(settings.Kind)
    assert callable(backdrops.builder(kind, interior=interior))


def test_every_word_for_a_place_leads_to_a_kind_with_colours_of_its_own() -> None:
    assert set(vocabulary.meanings("kind")) == set(get_args(settings.Kind)) == set(palettes.BASES)
    assert len(get_args(settings.Kind)) >= 60


def test_each_place_has_one_look_and_knows_its_scenes() -> None:
    found, _, places = scripts.prepared(scripts.example())
    scenes = [scene for setting in places.settings for scene in setting.scenes]
    assert sorted(scenes) == [scene.index for scene in found.scenes]
    assert {setting.name for setting in places.settings} == {scene.setting for scene in found.scenes}
    for setting in places.settings:
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for colour in (*setting.look.palette, setting.look.light))


def test_a_persons_change_is_kept_and_checked() -> None:
    found = analysis.analyse(scripts.read("INT. KITCHEN - DAY\n\nSteam."))
    assert settings.scout(found, {"kitchen": {"kind": "cave"}}).settings[0].look.kind == "cave"
    with pytest.raises(Invalid):
        settings.scout(found, {"KITCHEN": {"kind": "kitchenette"}})
    with pytest.raises(Invalid):
        settings.scout(found, {"KITCHEN": {"palette": ["#ffffff", "#ffffff", "#ffffff", "white"]}})
