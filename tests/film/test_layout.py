import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailerflow.film import layout, reading
from trailerflow.film.screenplay import Script

PAGE = """\
                         THE LAST TRAIN

                           written by

                            Ann Other


FADE IN:

1   INT. STATION - NIGHT                                           1

     Rain on the roof. A woman, MARA (30), waits by the only lamp
     that still works.

                         MARA
               Is this the last one? I was told it was a twenty-
               minute wait.

                         GUARD (O.S.)
                    (not looking
                    up)
               It is the last.
                         (MORE)

                                                              2.

                         GUARD (CONT'D)
               And it is late.

2   CONTINUED:                                                     2

     She sits.

                                                  CUT TO:

A2  EXT. TRACKS OF THE OLD WESTERN RAILWAY COMPANY BEYOND THE    A2
    RIVER - DAY

     Light.

                                                              3.

                         McCoy
               Go.
"""


def read(text: str) -> Script:
    script = layout.read(text)
    assert script is not None
    return script


def kinds(text: str) -> list[tuple[str, str]]:
    return [(element.type, element.text) for element in read(text).elements]


def test_indents_say_what_every_line_is() -> None:
    assert kinds(PAGE) == [
        ("transition", "FADE IN:"),
        ("heading", "INT. STATION - NIGHT"),
        ("action", "Rain on the roof. A woman, MARA (30), waits by the only lamp that still works."),
        ("character", "MARA"),
        ("dialogue", "Is this the last one? I was told it was a twenty-minute wait."),
        ("character", "GUARD"),
        ("parenthetical", "(not looking up)"),
        ("dialogue", "It is the last. And it is late."),
        ("action", "She sits."),
        ("transition", "CUT TO:"),
        ("heading", "EXT. TRACKS OF THE OLD WESTERN RAILWAY COMPANY BEYOND THE RIVER - DAY"),
        ("action", "Light."),
        ("character", "McCoy"),
        ("dialogue", "Go."),
    ]


def test_headings_carry_the_number_of_their_margins_and_cues_their_extensions() -> None:
    elements = read(PAGE).elements
    assert [element.number for element in elements if element.type == "heading"] == ["1", "A2"]
    assert elements[5].extensions == ("O.S.",)


def test_furniture_is_left_out_and_reported() -> None:
    script = read(PAGE)
    assert [(notice.code, notice.message[0]) for notice in script.warnings] == [("page_furniture", "4")]
    assert script.title_page == {"Title": "THE LAST TRAIN", "Credit": "written by", "Author": "Ann Other"}


def test_offsets_name_the_place_in_the_source() -> None:
    for element in read(PAGE).elements:
        first = PAGE[element.start : element.end].split(maxsplit=1)[0]
        assert element.text.startswith(first) or element.number == first
        assert PAGE.count("\n", 0, element.start) + 1 == element.line


@pytest.mark.parametrize("end", ["\r\n", "\r", "\x85"])
def test_line_ends_and_tabs_make_no_difference(end: str) -> None:
    assert kinds(PAGE.replace("\n", end)) == kinds(PAGE)
    assert kinds(PAGE.replace(" " * 8, "\t")) == kinds(PAGE)


def test_left_over_tags_of_a_web_page_are_no_text() -> None:
    marked = "<pre>\n" + PAGE.replace("MARA\n", "<b>MARA</b>\n").replace("late.", "late &amp; cold.") + "</pre>"
    assert ("dialogue", "It is the last. And it is late & cold.") in kinds(marked)
    assert ("character", "MARA") in kinds(marked)


def speeches(*blocks: str) -> str:
    words = "\n\n".join(f"{'':25}ANN\n{'':15}Word number {number}." for number in range(3))
    return "\n\n".join([*blocks, words])


def test_a_double_spaced_page_reads_like_a_single_spaced_one() -> None:
    text = PAGE.replace("\n", "\n\n")
    assert [pair for pair in kinds(text) if pair[0] in ("character", "heading")] == [
        pair for pair in kinds(PAGE) if pair[0] in ("character", "heading")
    ]


def test_capitals_on_a_line_of_their_own_are_headings_where_there_are_no_others() -> None:
    script = read(speeches("THE BRIDGE", "Fog.", "ENGINE ROOM", "A long corridor of pipes and men.", "BANG!"))
    assert [element.text for element in script.elements if element.type == "heading"] == ["THE BRIDGE", "ENGINE ROOM"]
    assert "capitals_as_headings" in [notice.code for notice in script.warnings]


def test_where_the_camera_looks_is_no_scene_and_a_time_of_day_tells_one() -> None:
    shots = ("ANGLE ON THE DOOR", "It opens.", "MARY'S POV", "Dark.")
    script = read(speeches("THE BEACH", "Waves.", *shots, "THE TOWN", "Noise."))
    assert [element.text for element in script.elements if element.type == "heading"] == ["THE BEACH", "THE TOWN"]
    script = read(speeches("THE BEACH - NIGHT", "Waves.", "A SCREAM", "Nothing.", "THE TOWN - DAY", "Noise."))
    assert [element.text for element in script.elements if element.type == "heading"] == [
        "THE BEACH - NIGHT",
        "THE TOWN - DAY",
    ]


def test_bold_capitals_are_headings_where_headings_are_bold() -> None:
    text = speeches("INT. HALL - DAY", "A man.", "CELLAR", "BOOM", "A noise.")
    bold = frozenset(
        number for number, row in enumerate(text.split("\n"), start=1) if row in ("INT. HALL - DAY", "CELLAR")
    )
    script = layout.read(text, bold=bold)
    assert script is not None
    assert [element.text for element in script.elements if element.type == "heading"] == ["INT. HALL - DAY", "CELLAR"]


def test_centred_names_are_cues_however_long_they_are() -> None:
    names = ["BO", "THE VERY OLD MAN", "ANN", "CAPTAIN MARLOWE", "BO", "ANN"]
    text = "\n\n".join(
        f"{name:^60}".rstrip() + f"\n{'':15}I am {name.title()}.\n{'':20}(soft)\n{'':15}Yes." for name in names
    )
    assert [words for kind, words in kinds(f"INT. A - DAY\n\n{text}") if kind == "character"] == names


@pytest.mark.parametrize(
    "heading",
    [
        "INTERIOR - NOSTROMO", "EXTERIOR. HOUSE - DAY", "SCENE 12 - INT. HOUSE", "12A. EXT. ROAD", "I/E. CAR - NIGHT",
        "INNEN. KÜCHE - TAG", "ИНТ. КУХНЯ - ДЕНЬ", "WNĘTRZE. DOM - DZIEŃ", "INTÉRIEUR. MAISON - JOUR",
        "INT. CASA - DÍA",
    ],
)  # fmt: skip
def test_headings_of_many_kinds_are_headings(heading: str) -> None:
    assert [kind for kind, _ in kinds(speeches(heading, "A man."))][:2] == ["heading", "action"]


def test_one_page_with_header_and_number_on_every_page_has_only_its_story() -> None:
    pages = [speeches(f"     THE FILM - Final 5/2/02{'':30}{page}.", "INT. A - DAY") for page in range(2, 6)]
    texts = [text for _, text in kinds("\n\f".join(pages))]
    assert not [text for text in texts if "Final" in text]


def test_fountain_is_not_taken_for_a_layout_nor_a_layout_for_fountain() -> None:
    fountain = "Title: X\n\nINT. A - DAY\n\n" + "            MARY\n        Hi there.\n\n" * 9
    assert reading.read(fountain.encode(), "x").format == "fountain"
    assert reading.read(PAGE.encode(), "x").format == "text"
    assert layout.read("INT. A - DAY\n\nMARY\nHi.\n") is None


def test_telling_a_layout_from_fountain_takes_linear_time() -> None:
    begin = time.process_time()
    reading.read(("       x\n" * 200 + "=" * 100_000 + " " * 100_000 + "x").encode(), "x")
    assert time.process_time() - begin < 2


ROWS = st.sampled_from(
    [
        "MARY",
        "(low)",
        "INT. A - DAY",
        "Hi there.",
        "CUT TO:",
        "12",
        "2.",
        "(MORE)",
        "CONTINUED:",
        "1  EXT. B  1",
        "-",
        "é",
    ]
)
LINES = st.tuples(st.sampled_from([0, 5, 15, 20, 25, 60]), ROWS, st.sampled_from(["\n", "\n\n", "\n\f", "\r\n"]))


@given(st.lists(LINES, max_size=50), st.booleans())
def test_every_word_of_any_page_is_in_an_element_or_reported(lines: list[tuple[int, str, str]], bold: bool) -> None:
    text = "".join(" " * indent + row + end for indent, row, end in lines)
    script = layout.read(text, bold=frozenset(range(1, 9)) if bold else frozenset(), sure=True)
    assert script is not None
    last = 0
    for element in script.elements:
        assert last <= element.start < element.end <= len(text)
        last = element.end
    covered = sum(len(text[element.start : element.end].split()) for element in script.elements)
    titled = sum(len(value.split()) for value in script.title_page.values())
    if not script.warnings:
        assert covered + titled == len(text.split())


@pytest.mark.parametrize(
    "text",
    [
        " " * 500_000 + "x", "1  " * 150_000, ("     " + "MARY\n") * 50_000, ("x" * 40 + "-\n") * 12_000,
        "     (\n" * 70_000, "<b " * 150_000, "   \n" * 120_000, ("1  A" + " " * 90 + "1\n") * 5_000,
        ("INT. A\n" + " " * 20 + "A\n" + " " * 9 + "b\n") * 12_000,
    ],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_hostile_pages_take_linear_time(text: str) -> None:
    begin = time.process_time()
    layout.read(text, sure=True)
    assert time.process_time() - begin < 3


@pytest.mark.parametrize(
    ("slugs", "others"),
    [
        (("4   THE BRIDGE", "5   ENGINE ROOM", "7   THE BRIDGE"), ("A SCREAM", "THE LAMP")),
        (("SCENE 1", "SCENE 2", "SCENE 3"), ("A SCREAM", "THE LAMP")),
        (("THE BRIDGE", "ENGINE ROOM", "THE QUAY"), ("WIDER", "THE SHIP BREAKS IN TWO.")),
        (("INT. HALL", "FLASHBACK - EXT. QUAY - DAY", "lNT. HALL"), ("A SCREAM", "THE LAMP")),
        (("INT. HALL", "THE QUAY - DAY", "ENGINE ROOM - NIGHT"), ("A SCREAM", "THE LAMP")),
    ],
)
def test_headings_are_told_from_other_capitals_by_the_surest_sign(
    slugs: tuple[str, ...], others: tuple[str, ...]
) -> None:
    blocks = [line for slug in slugs for line in (slug, "A man.", *others)]
    headings = [text for kind, text in kinds(speeches(*blocks)) if kind == "heading"]
    assert [heading.split()[-1] for heading in headings] == [slug.split()[-1] for slug in slugs]


def test_marks_of_revision_are_no_text_wherever_they_stand() -> None:
    marked = "\n".join(f"{line:<76}*" if line.strip() else line for line in PAGE.split("\n"))
    assert kinds(marked) == kinds(PAGE)
    assert kinds(PAGE.replace("     She sits.", f"{'*':>76}\n     She sits.")) == kinds(PAGE)


def test_cues_may_end_in_a_colon_or_be_written_in_small_letters() -> None:
    assert ("character", "MARA") in kinds(PAGE.replace("MARA\n", "MARA:\n"))
    names = ["Ann", "Bo"] * 4
    text = "\n\n".join(f"{'':25}{name}\n{'':15}I am {name}." for name in names)
    assert [words for kind, words in kinds(f"INT. A - DAY\n\n{text}") if kind == "character"] == names


def test_a_hyphen_before_a_conjunction_stays_apart() -> None:
    text = speeches("INT. A - DAY", "     Open on every Sun-\n     and holiday, by candle-\n     light.")
    assert ("action", "Open on every Sun- and holiday, by candle-light.") in kinds(text)


def test_a_centred_name_longer_than_the_speech_below_it_is_a_cue_too() -> None:
    names = ["BO", "ANN", "THE COMMANDER OF THE OLD GUARD", "BO", "ANN"]
    text = "\n\n".join(f"{name:^60}".rstrip() + f"\n{'':16}I am {name.title()}." for name in names)
    assert [words for kind, words in kinds(f"INT. A - DAY\n\n{text}") if kind == "character"] == names


def test_numbers_in_both_margins_make_no_scene_of_a_shot_or_of_one_left_out() -> None:
    numbered = [
        f"{at:<5}{slug:<50}{at}" for at, slug in enumerate(["INT. A", "CLOSE ON ANN", "OMITTED", "THE QUAY"], 7)
    ]
    text = speeches(*(line for slug in numbered for line in (slug, "     A man.")))
    assert [words for kind, words in kinds(text) if kind == "heading"] == ["INT. A", "THE QUAY"]


@given(st.integers(0, 12), st.sampled_from([0.4, 0.7, 1.0, 1.3]), st.booleans())
def test_pages_may_stand_anywhere_and_be_set_narrow_wide_or_double_spaced(left: int, wide: float, double: bool) -> None:
    lines = [(len(line) - len(line.lstrip()), line.lstrip()) for line in PAGE.split("\n")]
    moved = [" " * (left + round(indent * wide)) + words if words else "" for indent, words in lines]
    assert kinds(("\n\n" if double else "\n").join(moved)) == kinds(PAGE)
