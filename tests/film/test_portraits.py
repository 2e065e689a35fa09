from film import scripts
from trailerflow.film.portraits import Portrait, Relation


def portraits(text: str) -> dict[str, Portrait]:
    _, cast, _ = scripts.prepared(scripts.read(text))
    return {portrait.name: portrait for portrait in cast.portraits}


def test_what_the_script_states_is_kept_and_nothing_else() -> None:
    found = portraits(
        "INT. A - DAY\n\nMARY (34), a tall woman in a red coat and boots, sits.\n\nMARY\nHi.\n\nTOM\nHo.\n\n"
        "INT. B - DAY\n\nTOM\nMary?\n\nMARY\nTom.\n\nINT. C - DAY\n\nTOM\nAlone."
    )
    mary, tom = found["MARY"], found["TOM"]
    assert (mary.age, mary.gender, mary.looks, mary.clothing) == (34, "female", ("tall",), ("red coat", "boots"))
    assert (tom.age, tom.gender, tom.looks, tom.clothing) == (None, None, (), ())
    assert tom.relations == (Relation(name="MARY", scenes=2),)


def test_a_decade_is_an_age_and_a_house_number_is_not() -> None:
    found = portraits("INT. A - DAY\n\nMARY, 50s, enters. TOM lives at 17.\n\nMARY\nHi.\n\nTOM\nHo.")
    assert (found["MARY"].age, found["TOM"].age) == (50, None)


def test_the_cast_knows_who_else_a_character_is_called() -> None:
    text = "INT. A - DAY\n\nMARY SMITH, a woman, waits.\n\n" + "\n\n".join(
        f"@{cue}\nHi." for cue in ("MARY SMITH", "MARY", "MRS. SMITH")
    )
    assert portraits(text)["MARY SMITH"].aliases == ("MARY", "MRS. SMITH")
