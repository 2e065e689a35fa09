import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from film import exports, scripts
from trailerflow.errors import BadScript, TooLarge, TrailerflowError
from trailerflow.film import fdx, reading
from trailerflow.film.screenplay import Script

FOLDER = os.environ.get("SCREENPLAYS_DIR", "")
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<FinalDraft DocumentType="Script" Version="5">'


def document(body: str, *, title: str = "") -> str:
    return f"{HEAD}<Content>{body}</Content><TitlePage><Content>{title}</Content></TitlePage></FinalDraft>"


def paragraph(kind: str, *runs: str, more: str = "") -> str:
    return f'<Paragraph Type="{kind}">{more}{"".join(f"<Text>{run}</Text>" for run in runs)}</Paragraph>'


def kinds(script: Script) -> list[tuple[str, str]]:
    return [(element.type, element.text) for element in script.elements]


def test_paragraphs_become_what_their_type_names_and_runs_are_joined() -> None:
    script = fdx.read(
        document(
            '<Paragraph Type="Scene Heading" Number="12A"><Text>Ext. Mast house - nIGHT</Text></Paragraph>'
            + paragraph("Action", "Enter ", "the", " king.")
            + paragraph("Action")
            + paragraph("Character", "Uncle ", "Bob (v.o.)")
            + paragraph("Parenthetical", "(low)")
            + paragraph("Dialogue", "First verse")
            + paragraph("Dialogue", "second ", "verse")
            + paragraph("Transition", "Cut to:")
            + paragraph("New Act", "Act Two")
            + paragraph("Cast List", "Bob")
            + paragraph("Something New", "Kept.")
        )
    )
    assert kinds(script) == [
        ("heading", "EXT. MAST HOUSE - NIGHT"),
        ("action", "Enter the king."),
        ("character", "UNCLE BOB"),
        ("parenthetical", "(low)"),
        ("dialogue", "First verse\nsecond verse"),
        ("transition", "CUT TO:"),
        ("section", "Act Two"),
        ("action", "Bob"),
        ("action", "Kept."),
    ]
    assert script.elements[0].number == "12A"
    assert script.elements[2].extensions == ("V.O.",)


def test_lines_and_offsets_name_the_place_in_the_text_drawn_out() -> None:
    script = fdx.read(exports.final_draft(scripts.example()).decode())
    rows = script.text.split("\n")
    for element in script.elements:
        assert script.text[element.start : element.end].startswith(element.text.split("\n")[0])
        assert rows[element.line - 1] == script.text[element.start : element.end].split("\n")[0]
    assert script.total == len(rows)


def test_notes_summaries_and_dual_dialogue_are_told_from_the_text() -> None:
    note = "<ScriptNote><Paragraph><Text>Why?</Text></Paragraph></ScriptNote>"
    summary = "<SceneProperties><Summary><Paragraph><Text>They meet.</Text></Paragraph></Summary></SceneProperties>"
    pair = "".join(paragraph("Character", name) + paragraph("Dialogue", f"I am {name}.") for name in ("ANN", "BEN"))
    script = fdx.read(
        document(
            paragraph("Scene Heading", "INT. A - DAY", more=summary + note)
            + f'<Paragraph Type="General"><DualDialogue>{pair}</DualDialogue></Paragraph>'
        )
    )
    assert [kind for kind, _ in kinds(script)] == [
        "heading", "synopsis", "note", "character", "dialogue", "character", "dialogue",
    ]  # fmt: skip
    assert [element.dual for element in script.elements if element.type == "character"] == [False, True]


def test_the_title_page_is_read_from_its_typed_lines() -> None:
    lines = ["", "The Long Way", "Home", "", "Written by", "", "Ann Other", "", "Draft of 3/4/2026", "", "Tel. 12"]
    script = fdx.read(document(paragraph("Action", "A."), title="".join(paragraph("", line) for line in lines)))
    assert script.title_page == {
        "Title": "The Long Way\nHome",
        "Credit": "Written by",
        "Author": "Ann Other",
        "Draft date": "Draft of 3/4/2026",
        "Notes": "Tel. 12",
    }
    assert script.text.startswith("The Long Way\nHome\nWritten by")


HOSTILE = {
    "bomb": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><FinalDraft><Content>&b;</Content></FinalDraft>',
    "file": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><FinalDraft>&a;</FinalDraft>',
    "parameter": '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1/a">%a;]><FinalDraft></FinalDraft>',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_documents_are_refused(name: str) -> None:
    with pytest.raises(BadScript) as raised:
        fdx.read(HOSTILE[name])
    assert raised.value.code == "hostile_xml"
    assert raised.value.remedy


def test_a_document_nested_too_deep_is_refused_at_once() -> None:
    with pytest.raises(TooLarge) as raised:
        fdx.read(HEAD + "<a>" * 1_000_000)
    assert raised.value.code == "too_deep"


def test_a_truncated_document_is_read_as_far_as_it_goes() -> None:
    whole = document(paragraph("Scene Heading", "INT. A - DAY") + paragraph("Action", "Seen.") + "<cut")
    script = fdx.read(whole[: whole.index("<cut") + 4])
    assert kinds(script) == [("heading", "INT. A - DAY"), ("action", "Seen.")]
    assert [notice.code for notice in script.warnings] == ["damaged"]
    with pytest.raises(BadScript) as raised:
        fdx.read(HEAD + "\n<Content>\n<Paragraph></Content>")
    assert (raised.value.code, raised.value.extra) == ("damaged", {"line": 4})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "latin-1"])
def test_any_encoding_is_read_whatever_the_declaration_says(encoding: str) -> None:
    data = document(paragraph("Action", "Überall Grün, sagt er.")).encode(encoding)
    assert reading.read(data, "x.fdx").elements[0].text == "Überall Grün, sagt er."


def test_a_million_small_paragraphs_take_linear_time() -> None:
    begin = time.process_time()
    fdx.read(document(paragraph("Dialogue", "x") * 40_000))
    assert time.process_time() - begin < 5


TAGS = st.sampled_from(
    [
        "<Paragraph>", "</Paragraph>", "<Text>", "</Text>", "<DualDialogue>", "</DualDialogue>", "<ScriptNote>", "a",
        "</ScriptNote>", '<Paragraph Type="Dialogue">', '<Paragraph Type="Character">', "</Content>", "<Content>",
        "&amp;", "&#9;",
    ]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(TAGS, max_size=40).map("".join)))
def test_any_document_is_read_or_refused_in_words(body: str) -> None:
    try:
        script = fdx.read(f"{HEAD}<Content>{body}")
    except TrailerflowError:
        return
    assert all(0 <= element.start < element.end <= len(script.text) for element in script.elements)


@pytest.mark.skipif(not FOLDER, reason="SCREENPLAYS_DIR is not set: the shared screenplays are not here")
@pytest.mark.parametrize(
    ("name", "counts"), [("final-draft-features", (2, 4)), ("fadein-features", (2, 4)), ("richard-iii-act1", (1, 1))]
)
def test_documents_of_real_programs_are_read_whole(name: str, counts: tuple[int, int]) -> None:
    screenplay = reading.read(Path(FOLDER, f"{name}.fdx").read_bytes(), name)
    cues = sum(element.type == "character" for element in screenplay.elements)
    assert (len(screenplay.scenes), cues) == counts
    assert {"Title", "Credit", "Author"} <= set(screenplay.title_page)
    if name == "richard-iii-act1":
        assert "all the clouds that lour’d upon our house\n" in screenplay.elements[3].text  # noqa: RUF001 (as it is)
