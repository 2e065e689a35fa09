import pytest

from trailerflow.errors import BadScript, TooLarge
from trailerflow.film import decoding

SPANISH = "EXT. UN PARQUE - DÍA\r\n\r\n¿De veras quieres que diga eso, señor? ¡Qué canción más rápida!\r\n" * 5


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("cp1252", b""),
    ],
)
def test_the_text_comes_back_whatever_its_encoding(encoding: str, mark: bytes) -> None:
    decoded = decoding.decode(mark + SPANISH.encode(encoding))
    assert decoded.text == SPANISH
    assert decoded.warnings == ()


def test_utf16_without_a_mark_is_recognised_by_its_zeros() -> None:
    assert decoding.decode("INT. ROOM - DAY\n\nHello.".encode("utf-16-le")).text.startswith("INT. ROOM")


def test_line_ends_keep_their_characters_so_that_offsets_hold() -> None:
    assert decoding.decode(b"a\r\nb\rc\n").text == "a\r\nb\rc\n"


def test_a_zero_is_replaced_by_one_character_and_reported_with_its_line() -> None:
    decoded = decoding.decode(b"one line\nand an\x00other line of text that is long enough\n")
    assert decoded.text.index("\ufffd") == len("one line\nand an")
    assert [(notice.line, notice.code) for notice in decoded.warnings] == [(2, "replaced")]


def test_a_few_damaged_places_do_not_make_a_utf8_text_another_encoding() -> None:
    decoded = decoding.decode("Wörter über Wörter, schöne Grüße, ".encode() * 20 + b"\xc3 end")
    assert decoded.encoding == "utf-8"
    assert [notice.code for notice in decoded.warnings] == ["encoding"]


@pytest.mark.parametrize("data", [bytes(range(256)) * 40, b"\x89PNG\r\n\x1a\n" + bytes(500), b"\x00" * 64, b"\x01"])
def test_binary_data_is_not_text(data: bytes) -> None:
    with pytest.raises(BadScript) as raised:
        decoding.decode(data)
    assert raised.value.code == "not_text"
    assert raised.value.remedy


def test_more_than_ten_megabytes_are_refused() -> None:
    with pytest.raises(TooLarge) as raised:
        decoding.decode(b"a" * (decoding.MAX_BYTES + 1))
    assert raised.value.code == "too_large"
