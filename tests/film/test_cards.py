from film import scripts
from trailerflow.film import cards, quotes

SCRIPT = "INT. A - DAY\n\nMARY\nNobody leaves this island alive. We must never open the door!"


def test_the_slogan_is_dealt_out_so_that_its_end_comes_last() -> None:
    texts = [[card.text for card in cards.tags(scripts.example(), [], [], count)] for count in (1, 2, 3)]
    assert texts == [
        ["They drowned a village. It kept its bell. Tonight it rings."],
        ["They drowned a village. It kept its bell.", "Tonight it rings."],
        ["They drowned a village.", "It kept its bell.", "Tonight it rings."],
    ]


def test_without_a_slogan_words_nobody_speaks_are_shown() -> None:
    screenplay = scripts.read(SCRIPT)
    said = quotes.of(screenplay, ["MARY"])
    (card,) = cards.tags(screenplay, said, ["We must never open the door!"], 1)
    assert card.text == "Nobody leaves this island alive."


def test_a_script_without_words_has_no_tags_and_ends_on_its_title() -> None:
    screenplay = scripts.read("EXT. SEA - DAY\n\nWaves.")
    assert cards.tags(screenplay, [], [], 3) == []
    assert cards.end(screenplay, "The Sea").text == "The Sea"
