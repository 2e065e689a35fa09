import re

import pytest

from film import scripts
from trailerflow.errors import Invalid
from trailerflow.film import analysis, settings


def test_kinds_follow_the_last_word_that_names_one() -> None:
    cases = {
        ("LIGHTHOUSE KITCHEN", True): "kitchen",
        ("DAS WIRTSHAUS", True): "bar",
        ("KÜCHE", True): "kitchen",
        ("CALLE", False): "street",
        ("DAM - CREST", False): "bridge",
        ("RESERVOIR", False): "sea",
        ("病院", True): "hospital",
        ("QWERTY", True): "room",
        ("QWERTY", False): "field",
    }
    assert {case: settings.kind_of(case[0], interior=case[1]) for case in cases} == cases


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
