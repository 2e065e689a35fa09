import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from film import exports
from trailerflow.film import flush, reading
from trailerflow.film.screenplay import Screenplay

PAGE = """\
1. INT. STATION - NIGHT

Rain on the roof. A woman, MARA (30), waits by the only lamp
that still works.

MARA
Is this the last one? I was told it
was a long wait.

GUARD (O.S.)
(not looking)
It is the last.
(MORE)

2.

GUARD (CONT'D)
And it is late.

CONTINUED:

BOOM!

ANGLE ON THE LAMP

3.

It goes out while she
looks for a

4.

match in the dark.

MARA
Go.

2. EXT. TRACKS

Light.

GUARD
Gone.
"""
EXPECTED = [
    ("heading", "INT. STATION - NIGHT"),
    ("action", "Rain on the roof. A woman, MARA (30), waits by the only lamp that still works."),
    ("character", "MARA"),
    ("dialogue", "Is this the last one? I was told it was a long wait."),
    ("character", "GUARD"),
    ("parenthetical", "(not looking)"),
    ("dialogue", "It is the last. And it is late."),
    ("action", "BOOM!"),
    ("action", "ANGLE ON THE LAMP"),
    ("action", "It goes out while she looks for a match in the dark."),
    ("character", "MARA"),
    ("dialogue", "Go."),
    ("heading", "EXT. TRACKS"),
    ("action", "Light."),
    ("character", "GUARD"),
    ("dialogue", "Gone."),
]
CUES = ("MARA", "GUARD (O.S.)", "GUARD (CONT'D)", "GUARD")


def read(text: str) -> Screenplay:
    return reading.read(text.encode(), "x.txt")


def kinds(text: str) -> list[tuple[str, str]]:
    return [(element.type, element.text) for element in read(text).elements]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["", "     "])
def test_pages_without_columns_are_read_without_their_numbers(indent: str, end: str) -> None:
    text = "".join(f"{indent}{line}{end}" if line else end for line in PAGE.split("\n"))
    assert kinds(text) == EXPECTED
    assert read(text).format == "text"
    assert [notice.code for notice in read(text).warnings] == ["page_furniture"]


def test_cues_may_stand_to_the_right_of_words_that_stand_where_action_does() -> None:
    assert kinds("\n".join(" " * 20 + line if line in CUES else line for line in PAGE.split("\n"))) == EXPECTED


def test_a_printed_page_without_columns_is_read_too() -> None:
    page = [(108.0, 72.0 + 12 * at, line) for at, line in enumerate(PAGE.split("\n")) if line]
    screenplay = reading.read(exports.printed(page), "x.pdf")
    assert [(element.type, element.text) for element in screenplay.elements] == EXPECTED


def test_double_spaced_pages_read_like_single_spaced_ones() -> None:
    assert kinds(PAGE.replace("\n", "\n\n")) == EXPECTED


def test_a_blank_line_too_many_or_too_few_hides_nobody_who_speaks_again() -> None:
    text = PAGE.replace("MARA\nGo.", "MARA\n\nGo.").replace("Light.\n\nGUARD", "Light.\nGUARD")
    assert kinds(text + "\nMARA\nNo.\n") == [*EXPECTED, ("character", "MARA"), ("dialogue", "No.")]


def test_speeches_may_stand_apart_from_their_cues() -> None:
    paragraphs = [
        "INT. A - DAY",
        "She waits.",
        *["MARA", "Is it late?", "TOM", "(low)", "It is.", "He goes."] * 3,
        "END",
    ]
    text = "\n\n".join(paragraphs)
    assert [kind for kind, _ in kinds(text)][2:8] == [
        "character", "dialogue", "character", "parenthetical", "dialogue", "action",
    ]  # fmt: skip
    assert [speaker.cues for speaker in read(text).characters] == [3, 3]


def test_fountain_stays_fountain() -> None:
    text = "INT. A - DAY\n\nMARA\nIs it late?\n\nBOOM!\n\n" * 9
    assert read(text).format == "fountain"


@given(
    st.lists(st.sampled_from(["MARA", "(low)", "Go on.", "2.", "", "INT. A", "(MORE)", "*", "CUT TO:"]), max_size=60)
)
def test_every_word_of_any_page_is_in_an_element_or_reported(lines: list[str]) -> None:
    text = "\n".join(lines)
    script = flush.read(text)
    if script is None:
        return
    covered = sum(len(text[element.start : element.end].split()) for element in script.elements)
    titled = sum(len(value.split()) for value in script.title_page.values())
    assert script.warnings or covered + titled == len(text.split())


def test_a_hostile_page_takes_linear_time() -> None:
    begin = time.process_time()
    read("MARA\n\n(\n\n12\n\n" * 3_000)
    assert time.process_time() - begin < 2
