from film import scripts
from trailerflow.film import names


def test_aliases_lead_to_one_character() -> None:
    text = "INT. A - DAY\n\n" + "\n\n".join(
        f"@{cue}\nHi."
        for cue in ("MARY", "MARY'S VOICE", "Henry", "HENRY (O.S.)", "LOUIS [WOYZECK]", "WOYZECK", "DIE DAME", "DAME")
    )
    assert names.canonical(scripts.read(text)) == {
        "MARY": "MARY",
        "MARY'S VOICE": "MARY",
        "HENRY": "HENRY",
        "LOUIS [WOYZECK]": "LOUIS [WOYZECK]",
        "WOYZECK": "LOUIS [WOYZECK]",
        "DIE DAME": "DAME",
        "DAME": "DAME",
    }


def test_a_full_name_takes_in_the_short_ones_that_can_only_be_its_own() -> None:
    told = "MARY SMITH, a woman of 30, waits. JOHN BLACK, a man, sits in her car."
    cues = ("MARY", "MARY SMITH", "MRS. SMITH", "JOHN", "JOHN BLACK", "MRS. BLACK", "MAN", "OLD MAN", "TOM V.O.", "TOM")
    text = f"INT. A - DAY\n\n{told}\n\n" + "\n\n".join(f"@{cue}\nHi." for cue in cues)
    merged = {name: target for name, target in names.canonical(scripts.read(text)).items() if name != target}
    assert merged == {"MARY": "MARY SMITH", "MRS. SMITH": "MARY SMITH", "JOHN": "JOHN BLACK"}


def test_two_of_one_name_are_never_made_one() -> None:
    text = "INT. A - DAY\n\nMARY SMITH, a woman, waits.\n\n" + "\n\n".join(
        f"@{cue}\nHi." for cue in ("MARY SMITH", "MARY JONES", "MARY", "MR. SMITH", "MRS. SMITH")
    )
    assert all(name == target for name, target in names.canonical(scripts.read(text)).items())


def test_a_roll_finds_people_by_any_name_that_is_theirs_alone() -> None:
    roll = names.Roll(["MARY SMITH", "JOHN SMITH", "THE KEEPER", "IDA"])
    assert roll.named("Ida's lamp. Mary waits for the Keeper.") == ["IDA", "MARY SMITH", "THE KEEPER"]
    assert roll.named("A Smith at work; the keeper of bees.") == []


def test_many_people_with_the_same_name_cost_little() -> None:
    assert names.Roll([f"GUARD {number}" for number in range(5_000)]).named("The guard sleeps.") == []


def test_endless_words_and_dashes_cost_little() -> None:
    assert names.silent(scripts.read(f"INT. A - DAY\n\n{'x' * 200_000}")) == []
    cue = f"MARY {'-' * 200_000}X"
    assert names.UNBRACKETED.sub("", cue) == cue
