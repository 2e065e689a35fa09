import time

import pytest

from trailerflow.film import emphasis


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("*italic* and **bold** and ***both***", "italic and bold and both"),
        ("_underline_ and _*both*_", "underline and both"),
        ("**bold with *italic***", "bold with italic"),
        ("dial *69 and then *23", "dial *69 and then *23"),
        (r"\*stars\* stay", "*stars* stay"),
        ("snake_case_name", "snake_case_name"),
        ("J****e.", "J****e."),
        ("a * b * c", "a * b * c"),
        ("*over\nlines*", "*over\nlines*"),
    ],
)
def test_marks_go_where_they_mark_and_stay_where_they_do_not(marked: str, plain: str) -> None:
    assert emphasis.plain(marked) == plain


@pytest.mark.parametrize("mark", ["*a ", "_a ", "**", "*a* ", "\\"])
def test_a_hundred_thousand_marks_take_linear_time(mark: str) -> None:
    begin = time.process_time()
    emphasis.plain(mark * 100_000)
    assert time.process_time() - begin < 2
