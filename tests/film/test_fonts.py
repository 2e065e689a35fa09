"""Which font files a text needs."""

from pathlib import Path

import pytest

from trailerflow.film import fonts


def test_a_latin_text_is_set_in_oswald_without_the_large_font() -> None:
    files = fonts.files("The last light")
    assert Path(files[0]).name == "Oswald[wght].ttf"
    assert not any("CJK" in file for file in files)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("光", "NotoSansCJK-VF.otf.ttc"),
        ("빛", "NotoSansCJK-VF.otf.ttc"),
        ("نور", "NotoSansArabic[wght].ttf"),
        ("ใจ", "NotoSansThai[wght].ttf"),
    ],
)
def test_other_scripts_bring_their_own_font(text: str, name: str) -> None:
    assert name in {Path(file).name for file in fonts.files(text)}


def test_every_file_named_is_there() -> None:
    for text in ("Ab", "光", "نور", "प्र", "ქარ", "אור", "ቃል", "ខ្មែរ"):
        assert all(Path(file).is_file() for file in fonts.files(text))


def test_letters_of_joined_scripts_are_not_set_apart() -> None:
    assert fonts.may_be_spaced("Harrow Point 7: ЖУК & 光")
    assert not fonts.may_be_spaced("نور")
    assert not fonts.may_be_spaced("प्रकाश")
