import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from film import scripts
from trailerflow.errors import BadScript, TrailerflowError
from trailerflow.film import importer, reading

FOLDER = os.environ.get("SCREENPLAYS_DIR", "")
# Headings, cues and speakers of the shared scripts, counted by hand or by other parsers (SOURCES.md).
COUNTS = {
    "library-freak-out": (3, 51, 9),
    "pulpit-fire": (1, 9, 1),
    "boolkid-s1e1-es": (2, 16, 3),
    "boolkid-s1e1-en": (2, 16, 2),
    "dantons-tod-de": (32, 665, 80),
    "woyzeck-h1-de": (22, 129, 18),
    "complete-nonsense": (2, 49, 4),
    "aw-test": (11, 11, 8),
    "sp-utf8-bom": (1, 3, 2),
    "aw-cyrillic": (2, 1, 1),
    "aw-jp": (1, 1, 1),
    "aw-sc": (1, 1, 1),
}


@pytest.mark.skipif(not FOLDER, reason="SCREENPLAYS_DIR is not set: the shared screenplays are not here")
@pytest.mark.parametrize("name", COUNTS)
def test_shared_screenplays_have_their_known_counts(name: str) -> None:
    screenplay = importer.read(Path(FOLDER, f"{name}.fountain").read_bytes(), name)
    headings = sum(element.type == "heading" for element in screenplay.elements)
    cues = sum(element.type == "character" for element in screenplay.elements)
    assert (headings, cues, len(screenplay.characters)) == COUNTS[name]


@pytest.mark.skipif(not FOLDER, reason="SCREENPLAYS_DIR is not set: the shared screenplays are not here")
@pytest.mark.parametrize(
    ("variant", "original"),
    [
        ("boolkid-es.cp1252-crlf", "boolkid-s1e1-es"),
        ("boolkid-es.utf16le-bom", "boolkid-s1e1-es"),
        ("library.cr-only", "library-freak-out"),
        ("aw-cyrillic.cp1251", "aw-cyrillic"),
    ],
)
def test_other_encodings_and_line_ends_read_as_the_same_script(variant: str, original: str) -> None:
    one = importer.read(Path(FOLDER, "variants", f"{variant}.fountain").read_bytes(), variant)
    other = importer.read(Path(FOLDER, f"{original}.fountain").read_bytes(), original)
    assert [(element.type, element.text) for element in one.elements] == [
        (element.type, element.text) for element in other.elements
    ]


def test_our_example_has_its_scenes_and_people() -> None:
    screenplay = scripts.example()
    assert len(screenplay.scenes) == 20
    assert {speaker.name for speaker in screenplay.characters} == {"IDA", "ANSELM", "REKE", "HALLORAN", "WREN"}
    assert screenplay.warnings == ()
    assert importer.title_of(screenplay, "x.fountain") == "The Drowned Bell"


def test_scenes_cover_their_elements_without_gap() -> None:
    screenplay = scripts.example()
    assert [scene.first for scene in screenplay.scenes[1:]] == [scene.last for scene in screenplay.scenes[:-1]]
    assert all(screenplay.elements_of(scene)[0].type == "heading" for scene in screenplay.scenes)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"   \n\n  ", "empty"),
        (b"Title: X\n\nINT. A - DAY\n", "empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "damaged"),
        (b'<?xml version="1.0"?>\n<FinalDraft DocumentType="Script">', "damaged"),
        ("<FinalDraft><Content/></FinalDraft>".encode("utf-16"), "empty"),
        (b'<!DOCTYPE a [<!ENTITY a "a">]><FinalDraft>', "hostile_xml"),
        (b"{\\rtf1 Hello}", "unsupported_format"),
        (b"PK\x03\x04 and so on", "unsupported_format"),
        (bytes(range(256)), "not_text"),
    ],
)
def test_what_cannot_be_read_says_why_and_what_to_do(data: bytes, code: str) -> None:
    with pytest.raises(BadScript) as raised:
        importer.read(data, "script.txt")
    assert raised.value.code == code
    assert raised.value.remedy


@pytest.mark.parametrize(
    ("text", "scenes"),
    [
        ("# One\n\nA.\n\n# Two\n\nB.", ["One", "Two"]),
        ("SCENE ONE\n\nMARY\nHi.\n\nSCENE TWO\n\nMARY\nBye.", ["SCENE ONE", "SCENE TWO"]),
        ("A man.\n\n===\n\nA dog.\n\n===\n\nA cat.", ["SCENE 1", "SCENE 2", "SCENE 3"]),
        ("Only this.", ["SCENE 1"]),
        ("\n\n".join(f"MARY\nLine {number}." for number in range(30)), ["SCENE 1", "SCENE 2", "SCENE 3"]),
    ],
)
def test_a_script_without_headings_gets_scenes_and_a_warning(text: str, scenes: list[str]) -> None:
    screenplay = scripts.read(text)
    assert [scene.heading for scene in screenplay.scenes] == scenes
    assert [notice.code for notice in screenplay.warnings] == ["no_headings"]


@pytest.mark.parametrize(
    ("filename", "title"),
    [("my_first-script.fountain", "My First Script"), ("C:\\a\\JAWS.txt", "JAWS"), ("", "Untitled")],
)
def test_without_a_title_page_the_file_names_the_film(filename: str, title: str) -> None:
    assert importer.title_of(scripts.read("INT. A - DAY\n\nHi."), filename) == title


def test_what_takes_too_long_or_too_much_memory_is_given_up() -> None:
    heavy = b"INT. A - DAY\n\n" + b"MARY\nHi.\n\n" * 100_000
    for limits in ({"seconds": 0.05}, {"memory_bytes": 60 << 20}):
        with pytest.raises(BadScript) as raised:
            importer.read(heavy, "heavy.fountain", **limits)
        assert raised.value.code == "too_costly"


def test_a_killed_reader_is_started_again() -> None:
    scripts.read("INT. A - DAY\n\nHi.")
    (process,) = [child for child in psutil.Process().children() if "trailerflow.film.reader" in child.cmdline()]
    process.kill()
    process.wait(20)
    assert scripts.read("INT. A - DAY\n\nHi.").scenes


def test_the_reader_ends_with_the_process_it_reads_for() -> None:
    code = "from trailerflow.film import importer, reader; importer.read(b'Told.', 'x'); print(importer.reader_pid())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert not psutil.pid_exists(int(said))


def test_many_files_are_read_side_by_side() -> None:
    data = (scripts.EXAMPLES / "the-drowned-bell.fountain").read_bytes()
    with ThreadPoolExecutor(8) as pool:
        counts = [len(one.scenes) for one in pool.map(importer.read, [data] * 16, [""] * 16)]
    assert counts == [20] * 16


@given(
    st.sampled_from([b"", b"", b"%PDF-1.7\n1 0 obj\n", b"<FinalDraft><Content><Paragraph><Text>"]),
    st.one_of(st.binary(max_size=400), st.text(max_size=300).map(lambda text: text.encode("utf-8", "surrogatepass"))),
)
def test_any_bytes_are_read_or_refused_in_words(head: bytes, data: bytes) -> None:
    try:
        scenes = reading.read(head + data, "any").scenes
    except TrailerflowError:
        return
    assert scenes
    assert all(scene.first < scene.last for scene in scenes)


def test_an_empty_file_is_called_empty_however_quick_the_answer_is() -> None:
    for _ in range(30):
        with pytest.raises(BadScript) as refused:
            importer.read(b"", "nothing.fountain")
        assert refused.value.code == "empty"
