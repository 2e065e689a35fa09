"""Captions say what the script says, and can be read."""

import re
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trailerflow.film.captions import GAP_SECONDS, SHORTEST_SECONDS, WIDTH, captions_of, faults, rows_of, srt, vtt
from trailerflow.film.placement import PlacedLine
from trailerflow.film.plan import FPS, Line

SECONDS = 60.0


def placed(text: str, start: float, end: float, character: str = "ANNA") -> PlacedLine:
    line = Line(id="l", character=character, text=text, element=0)
    return PlacedLine(line=line, start=start, end=end, speed=1.0, spoken=True)


@st.composite
def conversations(draw: st.DrawFn) -> list[PlacedLine]:
    lines: list[PlacedLine] = []
    moment = 0.0
    for text in draw(
        st.lists(st.text(alphabet=st.sampled_from("abc dé!, 海\n"), min_size=1, max_size=150), max_size=8)
    ):
        start = moment + draw(st.floats(0.15, 3))
        moment = start + max(len(text) / 20, 0.4)
        lines.append(placed(text, start, moment, draw(st.sampled_from(["ANNA", "TOM"]))))
    return [line for line in lines if line.end <= SECONDS and line.line.text.strip()]


@given(conversations())
def test_captions_keep_the_rules_and_every_word(lines: list[PlacedLine]) -> None:
    captions = captions_of(lines, SECONDS)
    for caption in captions:
        assert 1 <= len(caption.rows) <= 2
        assert all(len(row) <= WIDTH for row in caption.rows)
        assert SHORTEST_SECONDS - 1e-9 <= caption.end - caption.start <= 7 + 1e-9
        assert caption.start >= 0
        assert caption.end <= SECONDS
    for before, after in pairwise(captions):
        assert after.start - before.end >= GAP_SECONDS - 1e-9
    named = len({line.line.character for line in lines}) > 1
    said = "".join(f"{line.line.character}: {line.line.text}" if named else line.line.text for line in lines)
    assert re.sub(r"\s", "", "".join(row for caption in captions for row in caption.rows)) == re.sub(r"\s", "", said)
    assert not list(faults(captions, lines, SECONDS))


def test_captions_with_another_word_or_out_of_their_time_are_found() -> None:
    lines = [placed("Run! Now!", 1, 2), placed("Where?", 5, 6, "TOM")]
    good = captions_of(lines, SECONDS)
    assert list(faults(good[:1], lines, SECONDS)) == ["the line of TOM, “Where?”, is not captioned word for word"]
    assert len(list(faults([replace(good[0], rows=("x" * 43,)), good[1]], lines, SECONDS))) == 2
    hasty = [replace(good[0], end=good[0].start + 0.5), replace(good[1], start=good[1].end - 9)]
    assert list(faults(hasty[:1], lines[:1], SECONDS)) == ["caption 1 is seen for 0.5 s"]
    assert "caption 1 is seen for 9.0 s" in list(faults(hasty[1:], lines[1:], SECONDS))
    close = [good[0], replace(good[1], start=good[0].end + 1 / FPS)]
    assert list(faults(close, lines, SECONDS)) == ["there are less than 2 frames between two captions"]
    assert list(faults(good, lines, 5.5)) == ["the captions overlap or last longer than the trailer"]


def test_a_lone_speaker_is_not_named_and_several_are() -> None:
    one = captions_of([placed("Run!", 1, 2)], SECONDS)
    two = captions_of([placed("Run!", 1, 2), placed("Where?", 5, 6, "TOM")], SECONDS)
    assert one[0].rows == ("Run!",)
    assert two[1].rows == ("TOM: Where?",)


def test_a_long_line_is_cut_where_a_sentence_ends() -> None:
    text = "I found the letter under the floor. You wrote it the night she died, and you hid it from all of us."
    first, second = captions_of([placed(text, 1, 7)], SECONDS)
    assert first.rows == ("I found the letter under the floor. You", "wrote it the night she died, and you hid")
    assert second.rows == ("it from all of us.",)


def test_short_lines_in_quick_succession_share_a_caption() -> None:
    (caption,) = captions_of([placed("Run!", 1, 1.3), placed("Now!", 1.5, 1.8, "TOM")], SECONDS)
    assert caption.rows == ("ANNA: Run!", "TOM: Now!")


def test_rows_are_never_wider_than_allowed_even_without_spaces() -> None:
    assert [len(row) for row in rows_of("x" * 100)] == [42, 42, 16]
    assert [len(row) for row in rows_of("\u6d77" * 50)] == [21, 21, 8]
    assert rows_of("   ") == ()


def test_the_files_are_written_as_players_read_them() -> None:
    captions = captions_of([placed("Tea & <milk>?", 3661.5, 3663)], 4000)
    assert vtt(captions) == "WEBVTT\n\n1\n01:01:01.500 --> 01:01:03.417\nTea &amp; &lt;milk&gt;?\n"
    assert srt(captions) == "1\n01:01:01,500 --> 01:01:03,417\nTea & <milk>?\n"
    assert vtt(()) == "WEBVTT\n"
