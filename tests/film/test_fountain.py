# ruff: noqa: RUF001  (Cyrillic letters and full-width marks are what is tested)
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailerflow.film import fountain
from trailerflow.film.screenplay import Element


def kinds(text: str) -> list[tuple[str, str]]:
    return [(element.type, element.text) for element in fountain.read(text).elements]


def only(text: str) -> Element:
    (element,) = fountain.read(text).elements
    return element


CASES: list[tuple[str, list[tuple[str, str]]]] = [
    ("INT. HOUSE - DAY\n\nA door.", [("heading", "INT. HOUSE - DAY"), ("action", "A door.")]),
    (".SNIPER SCOPE\n\nDark.", [("heading", "SNIPER SCOPE"), ("action", "Dark.")]),
    ("Wait.\n\n...and then", [("action", "Wait."), ("action", "...and then")]),
    ("MARY\nHi.", [("character", "MARY"), ("dialogue", "Hi.")]),
    ("@McCLANE\nHi.", [("character", "McCLANE"), ("dialogue", "Hi.")]),
    ("ÉLODIE\nSalut.", [("character", "ÉLODIE"), ("dialogue", "Salut.")]),
    ("3RD COP\nFreeze!", [("character", "3RD COP"), ("dialogue", "Freeze!")]),
    (
        "MARY\n(softly)\nHi.\nThere.",
        [("character", "MARY"), ("parenthetical", "(softly)"), ("dialogue", "Hi.\nThere.")],
    ),
    ("MARY\n\nAlone.", [("action", "MARY"), ("action", "Alone.")]),
    ("DEALER\nTen.\n  \nHit?", [("character", "DEALER"), ("dialogue", "Ten.\n\nHit?")]),
    ("Then.\n\nCUT TO:\n\nNow.", [("action", "Then."), ("transition", "CUT TO:"), ("action", "Now.")]),
    ("> Burn to White.\n\nX.", [("transition", "Burn to White."), ("action", "X.")]),
    ("FADE IN:\n\nINT. A - DAY", [("transition", "FADE IN:"), ("heading", "INT. A - DAY")]),
    ("> THE END <", [("centered", "THE END")]),
    ("~Happy birthday", [("lyric", "Happy birthday")]),
    ("!BANG\nGone.", [("action", "BANG\nGone.")]),
    ("# Act\n\n= They meet.\n\n===", [("section", "Act"), ("synopsis", "They meet."), ("page_break", "")]),
    ("One\n  two\n\tthree", [("action", "One\n  two\n    three")]),
    ("It is *late*.", [("action", "It is late.")]),
    ("One /* not\n\nthis */ two.", [("action", "One\n two.")]),
    ("One [[a note]] two.", [("action", "One  two."), ("note", "a note")]),
    ("[[a\nlong\nnote]]\n\nTold.", [("note", "a\nlong\nnote"), ("action", "Told.")]),
    (
        "ジョン\n（静かに）\nここは？",
        [("character", "ジョン"), ("parenthetical", "（静かに）"), ("dialogue", "ここは？")],
    ),
    ("MARY\nHi.\n\nINT. A - DAY", [("character", "MARY"), ("dialogue", "Hi."), ("heading", "INT. A - DAY")]),
    ("MARY\nInt. is a word I say.", [("character", "MARY"), ("dialogue", "Int. is a word I say.")]),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:24] for text, _ in CASES])
def test_every_element_is_read_as_what_it_is(text: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(text) == expected


@pytest.mark.parametrize(
    ("text", "attributes"),
    [
        ("MARY (V.O.) (CONT'D)\nHi.", {"text": "MARY", "extensions": ("V.O.", "CONT'D")}),
        ("HANS (on the radio)\nHi.", {"text": "HANS", "extensions": ("on the radio",)}),
        ("MARY ^\nHi.", {"text": "MARY", "dual": True}),
        ("MARY V.O.\nHi.", {"text": "MARY", "extensions": ("V.O.",)}),
    ],
)
def test_a_cue_carries_its_extensions_and_its_dual_mark(text: str, attributes: dict[str, Any]) -> None:
    cue = fountain.read(text).elements[0]
    assert {name: getattr(cue, name) for name in attributes} == attributes


def test_a_heading_carries_its_number_and_a_section_its_level() -> None:
    assert only("INT. A - DAY #1-A#").number == "1-A"
    assert only("### Deep").level == 3


def test_the_title_page_joins_lines_and_reads_indented_keys() -> None:
    script = fountain.read("Title:\n\t_**BRICK**_\n\tand Steel\nAuthor: Stu\n\nFADE IN:\n")
    assert script.title_page == {"Title": "BRICK\nand Steel", "Author": "Stu"}
    assert fountain.read("    Title: Nemesis\n    Author: N\n\n===\n").title_page == {"Title": "Nemesis", "Author": "N"}
    assert fountain.read("Title：映画\n\n夜。").title_page == {"Title": "映画"}
    assert fountain.read("FADE IN:\n\nINT. A - DAY").title_page == {}


def test_offsets_name_the_place_in_the_source() -> None:
    text = "Title: X\r\n\r\n  INT. A - DAY\r\n\r\nMARY\r\nHi *you*.\r\n"
    found = {
        element.type: (element.line, text[element.start : element.end]) for element in fountain.read(text).elements
    }
    assert found == {"heading": (3, "INT. A - DAY"), "character": (5, "MARY"), "dialogue": (6, "Hi *you*.")}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85"])
def test_line_ends_of_every_kind_read_alike(end: str) -> None:
    text = "INT. A - DAY\n\nMARY\n(soft)\nHi.\n\n[[note\nnote]]\nTold /* cut\n\nout */ here.\n"
    assert kinds(text.replace("\n", end)) == kinds(text)


def test_a_line_separator_is_no_line_end() -> None:
    assert len(kinds("MARY\nHi.\u2028There.")) == 2


def test_an_unclosed_boneyard_is_text_with_a_warning() -> None:
    script = fountain.read("INT. A - DAY\n\n/* still here")
    assert [notice.code for notice in script.warnings] == ["unclosed_boneyard"]
    assert script.elements[-1].text == "/* still here"


PIECES = st.sampled_from(
    [
        "INT. A - DAY", "MARY", "(x)", "Hi.", "\n", "\n\n", "[[", "]]", "/*", "*/", "# ", "= ", "===", "> ", "<",
        "~", "@", ".", "!", "*", "_", "\\", " ", "\t", "\r", "\x85", "\u2028", "Title: ", "^", "#1#",
        "ジョン", "é", "\x00", "\ud800", "CUT TO:",
    ]
)  # fmt: skip
BLOCKS = st.sampled_from(
    [
        "INT. A - DAY", "INT. B #2#", ".Cellar", "MARY\nHi there.\n(low)\nYou.", "@Mc\nDouble\n  \ntalk", "~Sung",
        "Told once.\nTold twice.", "!LOUD", "# Act", "= Gist", "===", "[[a note]]", "BOB ^\nNo.", "Title: none",
        "> GO:", "The [[inner\nnote]] end", "ИВАН\nДа.", "A /* cut */ line", "CUT TO:", "> mid <", "x: y",
    ]
)  # fmt: skip


@given(st.lists(BLOCKS, min_size=1, max_size=20), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_line_is_accounted_for_once_and_every_spoken_word_is_kept(blocks: list[str], end: str) -> None:
    text = "\n\n".join(["It begins.", *blocks]).replace("\n", end)
    script = fountain.read(text)
    owners = [0] * (script.total + 1)
    for element in sorted(script.elements, key=lambda one: one.type == "note"):
        lines = text[element.start : element.end].count(end) + 1
        for line in range(element.line, element.line + lines):
            owners[line] += element.type != "note" or not owners[line]
    for owned, written in zip(owners[1:], text.split(end), strict=True):
        assert owned == 1 if written.strip() else owned <= 1
    spoken = " ".join(element.text for element in script.elements if element.type == "dialogue").split()
    assert spoken == " ".join(SPOKEN.get(block.split("\n")[0], "") for block in blocks).split()


SPOKEN = {"MARY": "Hi there. You.", "@Mc": "Double talk", "BOB ^": "No.", "ИВАН": "Да."}
MAY_BE_BARE = ("page_break", "note", "lyric", "synopsis", "section", "centered", "transition")


@given(st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_gives_elements_in_order_inside_the_source(text: str) -> None:
    script = fountain.read(text)
    last = 0
    for element in script.elements:
        assert 0 <= element.start <= element.end <= len(text)
        assert last <= element.start
        assert 1 <= element.line <= script.total
        assert element.text or element.type in MAY_BE_BARE
        last = element.start


@pytest.mark.parametrize(
    "text",
    [
        "[[ " * 100_000, "/* " * 100_000, "(" * 100_000, "x" + " " * 100_000 + "y", "x\n" * 200_000,
        "[[ " * 50_000 + "\n\n]]", "*a " * 100_000, "MARY (" * 50_000, "#" * 200_000, "A: " * 100_000,
        "INT. " + "- " * 100_000, "\n" * 300_000,
    ],
    ids=lambda text: repr(text[:6]),
)  # fmt: skip
def test_hostile_text_takes_linear_time(text: str) -> None:
    begin = time.process_time()
    fountain.read(text)
    assert time.process_time() - begin < 3
