from film import scripts
from trailerflow.film import quotes


def test_quotes_are_whole_sentences_word_for_word() -> None:
    screenplay = scripts.example()
    for quote in quotes.of(screenplay, ["IDA"]):
        assert quote.text in " ".join(screenplay.elements[quote.element].text.split())
        assert len(quote.text) <= quotes.LONGEST
        assert screenplay.elements[quote.element].type == "dialogue"


def test_who_names_the_film_or_asks_a_question_is_worth_more_than_small_talk() -> None:
    scores = {quote.text: quote.score for quote in quotes.of(scripts.example(), ["IDA", "REKE", "ANSELM"])}
    assert scores["You can't drown a bell."] > scores["It rained."]
    assert scores["How many people were in the church?"] > scores["And one?"]


def test_words_cut_off_are_weak() -> None:
    found = quotes.of(
        scripts.read("INT. A - DAY\n\nMARY\nWe must find him before --\n\nMARY\nWe must find him now."), []
    )
    scores = {quote.text: quote.score for quote in found}
    assert scores["We must find him before --"] + 0.2 < scores["We must find him now."]


def test_words_said_twice_are_one_quote() -> None:
    found = quotes.of(scripts.read("INT. A - DAY\n\nMARY\nRun for it!\n\nTOM\nRun for it!"), [])
    assert [(quote.character, quote.text) for quote in found] == [("MARY", "Run for it!")]


def test_ideographs_take_longer_to_say_than_letters() -> None:
    assert quotes.seconds("何も起こりません") > quotes.seconds("eight ch")
