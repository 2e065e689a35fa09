from film import scripts
from trailerflow.film import places


def test_the_same_place_under_different_headings_is_one() -> None:
    found = places.of(["INT. THE KITCHEN - DAY", "INT. KITCHEN - NIGHT", "INT. KITCHEN -- LATER", "INT. KITCHEN"])
    assert {place.setting for place in found} == {"KITCHEN"}
    assert [place.time_of_day for place in found] == ["day", "night", "night", "day"]


def test_inside_and_outside_of_a_place_are_two_settings() -> None:
    found = places.of(["EXT. LIBRARY--DAY", "INT. LIBRARY--DAY", "EXT. LIBRARY--DAY"])
    assert [place.setting for place in found] == ["LIBRARY", "LIBRARY (INT.)", "LIBRARY"]


def test_times_of_day_are_known_in_several_languages() -> None:
    headings = [
        "EXT. WALD - NACHT",
        "EXT. PARQUE - AMANECER",
        "INT. SALON - NUIT",
        "ИНТ. КУХНЯ - ДЕНЬ",
        "INT. A - SUNSET",
    ]
    assert [place.time_of_day for place in places.of(headings)] == ["night", "dawn", "night", "day", "dusk"]


def test_a_stage_direction_for_a_heading_still_gives_a_short_name() -> None:
    (place,) = places.of(["DANTON, JULIE ETWAS WEITER WEG, DANTON AUF EINEM SCHEMEL ZU DEN FÜSSEN VON JULIE IM ZIMMER"])
    assert 0 < len(place.setting) <= places.NAME_LENGTH


def test_the_people_of_a_play_are_no_place() -> None:
    headings = ["DANTON. MARION", "ST. JUST, DANTON", "DANTON, JULIE. EIN ZIMMER", "DAS TRIBUNAL"]
    found = [place.setting for place in places.of(headings, ["DANTON", "MARION", "ST. JUST", "JULIE"])]
    assert found == ["SOMEWHERE (DANTON)", "SOMEWHERE (ST. JUST)", "EIN ZIMMER", "DAS TRIBUNAL"]


def test_a_room_named_shortly_is_the_one_named_before() -> None:
    found = places.of(["INT. VOSS HOUSE - KITCHEN - DAY", "INT. KITCHEN - DAY", "INT. INN - HALL", "INT. TOWN - HALL"])
    assert [place.setting for place in found[:2]] == ["VOSS HOUSE - KITCHEN"] * 2
    assert places.of(["INT. INN - HALL", "INT. TOWN - HALL", "INT. HALL"])[2].setting == "HALL"


def test_remarks_in_a_heading_are_no_part_of_the_place() -> None:
    found = places.of(["INT. BARN (FLASHBACK) - DAY", "INT. BARN - NIGHT"])
    assert {place.setting for place in found} == {"BARN"}


def test_every_scene_of_the_example_has_a_place() -> None:
    screenplay = scripts.example()
    found = places.of([scene.heading for scene in screenplay.scenes])
    assert found[0] == ("RESERVOIR", False, "dawn")
    assert len({place.setting for place in found}) == 17


def test_endless_brackets_cost_little() -> None:
    (place,) = places.of(["INT. " + "(" * 200_000])
    assert len(place.setting) <= places.NAME_LENGTH
