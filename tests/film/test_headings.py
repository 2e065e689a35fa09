import pytest

from trailerflow.film import headings


@pytest.mark.parametrize(
    "line",
    [
        "INT. HOUSE - DAY", "ext brick house", "EST. CITY - NIGHT", "INT./EXT. CAR - DUSK", "INT/EXT CAR",
        "I/E BOAT",
        "12A. INT. HALL - DAY 12A", "EXT. LIBRARY--DAY", "INTERIOR - ATTIC", "INNEN. KÜCHE - NACHT",
        "AUSSEN WALD - TAG",
        "WNĘTRZE. KUCHNIA - DZIEŃ", "ИНТ. КВАРТИРА - ДЕНЬ", "ЭКСТ. УЛИЦА", "INTÉRIEUR. SALON - NUIT", "INT。 病院-日",
        "内景 医院 - 日", "○公園・昼", "S#12. 병원 - 낮", "INTERNO. CASA - GIORNO", "EXT. CASA. NOCHE.",
    ],
)  # fmt: skip
def test_headings_of_many_languages_are_headings(line: str) -> None:
    assert headings.is_heading(line)


@pytest.mark.parametrize(
    "line",
    [
        "INTERVIEW CHAIR",
        "Interior walls are dull.",
        "Est-ce que tu viens ?",
        "EXTRA CHEESE",
        "Into the woods",
        "FADE IN:",
        "1984",
        "S.O.S.",
        "○",
    ],
)
def test_words_that_only_begin_like_one_are_none(line: str) -> None:
    assert not headings.is_heading(line)


@pytest.mark.parametrize(
    ("line", "bare", "number"),
    [
        ("INT. HALL - DAY #12A#", "INT. HALL - DAY", "12A"),
        ("INT. HALL - DAY #1.2-b#", "INT. HALL - DAY", "1.2-b"),
        ("7 INT. HALL - DAY   7", "INT. HALL - DAY", "7"),
        ("7A INT. HALL #8#", "INT. HALL", "8"),
        ("S#12A. 병원", "병원", "12A"),
        ("INT. ROOM 7 - DAY", "INT. ROOM 7 - DAY", None),
    ],
)
def test_scene_numbers_are_split_off(line: str, bare: str, number: str | None) -> None:
    assert headings.split_number(line) == (bare, number)


def test_a_heading_says_inside_place_and_time() -> None:
    heading = headings.parse("INT. JOHN'S HOUSE - KITCHEN - NIGHT")
    assert (heading.interior, heading.parts) == (True, ("JOHN'S HOUSE", "KITCHEN", "NIGHT"))
    assert headings.parse("EXT. LIBRARY--DAY").parts == ("LIBRARY", "DAY")
    assert headings.parse("EIN ZIMMER").interior is None
