import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailerflow.film import sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Dr. Who lives at St. James.", ["Dr. Who lives at St. James."]),
        ("J. R. said so. Yes.", ["J. R. said so.", "Yes."]),
        ("Wait... what?! No.", ["Wait...", "what?!", "No."]),
        ("“Stop.” He did.", ["“Stop.”", "He did."]),
        ("ここは？夜。", ["ここは？", "夜。"]),  # noqa: RUF001 (full-width marks are meant)
        ("no end", ["no end"]),
        ("wrapped\nline. Next", ["wrapped line.", "Next"]),
    ],
)
def test_sentences_end_where_a_reader_would_stop(text: str, expected: list[str]) -> None:
    assert sentences.split(text) == expected


@given(st.text(max_size=200))
def test_spans_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    last = 0
    for start, end in sentences.spans(text):
        assert last <= start < end <= len(text)
        last = end
