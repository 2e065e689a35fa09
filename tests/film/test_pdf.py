import io
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import exports, scripts
from trailerflow.errors import BadScript, TooLarge, TrailerflowError
from trailerflow.film import layout, pdf, reading
from trailerflow.film.screenplay import Screenplay

FOLDER = os.environ.get("SCREENPLAYS_DIR", "")
COMPARED = ("heading", "character", "dialogue", "parenthetical")


def words(screenplay: Screenplay, kind: str) -> list[str]:
    return [" ".join(element.text.upper().split()) for element in screenplay.elements if element.type == kind]


@pytest.fixture(scope="module")
def printed() -> bytes:
    return exports.pdf(scripts.example(), ["THE DROWNED BELL", "written by", "Somebody"])


def test_one_script_in_every_format_has_the_same_scenes_people_and_words() -> None:
    original = scripts.example()
    texts = [exports.plain_text(original, breaks=breaks).encode() for breaks in (True, False)]
    for data, kind in (
        (exports.final_draft(original), "fdx"),
        (exports.pdf(original), "pdf"),
        *((t, "text") for t in texts),
    ):
        other = reading.read(data, "x")
        assert other.format == kind
        assert other.characters == original.characters
        assert {kind: words(other, kind) for kind in COMPARED} == {kind: words(original, kind) for kind in COMPARED}
        assert [scene.heading for scene in other.scenes] == [scene.heading for scene in original.scenes]


def test_the_example_in_three_formats_is_one_script() -> None:
    read = [
        reading.read((scripts.EXAMPLES / f"two-chairs.{ending}").read_bytes(), "x")
        for ending in ("fountain", "fdx", "pdf")
    ]
    assert [other.format for other in read] == ["fountain", "fdx", "pdf"]
    told = [
        (
            other.title_page,
            other.characters,
            [scene.heading for scene in other.scenes],
            [(element.type, element.text) for element in other.elements],
        )
        for other in read
    ]
    assert told[1] == told[0]
    assert told[2] == told[0]


def test_a_pdf_has_its_title_page_and_its_places_in_the_text_drawn_out(printed: bytes) -> None:
    screenplay = reading.read(printed, "x.pdf")
    assert screenplay.title_page == {"Title": "THE DROWNED BELL", "Credit": "written by", "Author": "Somebody"}
    assert screenplay.text is not None
    rows = screenplay.text.split("\n")
    assert screenplay.lines == len(rows)
    for element in screenplay.elements:
        assert element.text.split()[0] in rows[element.line - 1]
        assert screenplay.text[element.start : element.end].split()[0] in rows[element.line - 1]
    assert [notice.code for notice in screenplay.warnings] == ["page_furniture"]


def test_two_columns_are_dual_dialogue() -> None:
    data = exports.printed([
        (108, 72, "INT. HALL - DAY"), (108, 96, "They shout at once."),
        (150, 120, "ANN"), (390, 120, "BEN (O.S.)"), (120, 132, "You never told"), (350, 132, "I did tell"),
        (120, 144, "me anything."), (350, 144, "you."), (350, 156, "Twice."), (108, 180, "Silence."),
    ])  # fmt: skip
    page = pdf.read(data)
    script = layout.read(page.text, bold=page.bold, sides=page.sides, sure=True)
    assert script is not None
    assert [(element.type, element.text, element.dual) for element in script.elements[2:]] == [
        ("character", "ANN", False),
        ("dialogue", "You never told me anything.", False),
        ("character", "BEN", True),
        ("dialogue", "I did tell you. Twice.", False),
        ("action", "Silence.", False),
    ]


def test_a_pdf_without_text_or_with_a_password_says_so() -> None:
    for data, code in (
        (exports.printed([]), "no_text"),
        (exports.pdf(scripts.example("two-chairs"), password="secret"), "encrypted"),  # noqa: S106
        (b"%PDF-1.7\n%\xe2\xe3", "damaged"),
        (b"%PDF-1.4\n" + b"1 0 obj << /Pages 1 0 R >> endobj trailer << /Root 1 0 R >>", "damaged"),
    ):
        with pytest.raises(BadScript) as raised:
            pdf.read(data)
        assert raised.value.code == code
        assert raised.value.remedy


def test_too_many_pages_are_refused() -> None:
    with pytest.raises(TooLarge) as raised:
        pdf.read(exports.printed(*[[]] * (pdf.MAX_PAGES + 1)))
    assert raised.value.code == "too_many_pages"


@settings(max_examples=40)
@given(st.data())
def test_a_damaged_pdf_is_read_in_part_or_refused_in_words(printed: bytes, data: st.DataObject) -> None:
    damaged = io.BytesIO(printed[: data.draw(st.integers(2000, len(printed)))])
    for _ in range(data.draw(st.integers(0, 8))):
        damaged.seek(data.draw(st.integers(9, 9000)))
        damaged.write(data.draw(st.binary(min_size=1, max_size=6)))
    try:
        page = pdf.read(damaged.getvalue()[:12_000])
    except TrailerflowError:
        return
    assert page.text


@pytest.mark.skipif(not FOLDER, reason="SCREENPLAYS_DIR is not set: the shared screenplays are not here")
@pytest.mark.parametrize("name", ["dantons-tod-de", "complete-nonsense", "aw-cyrillic"])
def test_printed_screenplays_read_like_their_fountain(name: str) -> None:
    original = reading.read(Path(FOLDER, f"{name}.fountain").read_bytes(), name)
    for ending in ("pdf", "fdx"):
        path = Path(FOLDER, f"{name}.{ending}")
        if not path.exists():
            continue
        other = reading.read(path.read_bytes(), name)
        assert other.characters == original.characters
        for kind in ("heading", "character", "parenthetical"):
            assert words(other, kind) == words(original, kind)


@pytest.mark.skipif(not FOLDER, reason="SCREENPLAYS_DIR is not set: the shared screenplays are not here")
def test_numbers_in_both_margins_are_scene_numbers() -> None:
    screenplay = reading.read(Path(FOLDER, "sp-scene-numbers.pdf").read_bytes(), "x")
    assert [scene.number for scene in screenplay.scenes] == ["1", "2", None, None, "2-B"]
