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


def test_a_roll_finds_people_by_any_name_that_is_theirs_alone() -> None:
    roll = names.Roll(["MARY SMITH", "JOHN SMITH", "THE KEEPER", "IDA"])
    assert roll.named("Ida's lamp. Mary waits for the Keeper.") == ["IDA", "MARY SMITH", "THE KEEPER"]
    assert roll.named("A Smith at work; the keeper of bees.") == []


def test_many_people_with_the_same_name_cost_little() -> None:
    assert names.Roll([f"GUARD {number}" for number in range(5_000)]).named("The guard sleeps.") == []
