from trailerflow.film import vocabulary


def test_a_word_with_a_star_matches_any_ending_and_others_only_themselves() -> None:
    entry = vocabulary.meaning("intense")
    assert "screaming" in entry
    assert "runs" in entry
    assert "runway" not in entry


def test_two_ideographs_count_as_one_word() -> None:
    assert vocabulary.count("two words") == 2
    assert vocabulary.count("静止画像") == 2


def test_ties_go_to_the_first_meaning_of_the_file() -> None:
    assert vocabulary.best("time", ["early", "morning"]) == "dawn"
    assert vocabulary.best("time", ["nothing"]) is None
