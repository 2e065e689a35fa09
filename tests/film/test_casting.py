import itertools

import pytest

from film import scripts
from trailerflow.errors import Invalid
from trailerflow.film import analysis, casting
from trailerflow.film.casting import Cast, Look


def cast_of(text: str, **looks: dict[str, object]) -> Cast:
    screenplay = scripts.read(text)
    return casting.cast(screenplay, analysis.analyse(screenplay), looks)


def looks_of(cast: Cast) -> dict[str, Look]:
    return {character.name: character.look for character in cast.characters}


def test_leads_come_first_and_no_two_share_a_colour_or_an_outline() -> None:
    _, cast, _ = scripts.prepared(scripts.example())
    leads = [character for character in cast.characters if character.role == "lead"]
    assert [character.name for character in leads] == ["IDA", "REKE", "ANSELM"]
    assert list(cast.characters[: len(leads)]) == leads
    for one, other in itertools.combinations([character.look for character in leads], 2):
        assert one.colour != other.colour
        assert (one.build, one.hair, one.hat, one.coat) != (other.build, other.hair, other.hat, other.coat)


def test_the_script_decides_where_it_says_what_somebody_looks_like() -> None:
    _, cast, _ = scripts.prepared(scripts.example())
    looks = looks_of(cast)
    assert (looks["IDA"].build, looks["IDA"].hair, looks["IDA"].colour) == ("slight", "ponytail", "#f2c14e")
    assert (looks["ANSELM"].hat, looks["ANSELM"].coat, looks["ANSELM"].build) == ("brim", "long", "tall")
    assert (looks["REKE"].hair, looks["REKE"].coat, looks["REKE"].build) == ("bald", "jacket", "broad")
    assert (looks["WREN"].build, looks["WREN"].hat) == ("child", "hood")
    assert (looks["HALLORAN"].hair, looks["HALLORAN"].coat) == ("bun", "dress")
    assert looks["WREN"].pitch > looks["IDA"].pitch > looks["ANSELM"].pitch


def test_the_same_script_is_cast_alike_twice() -> None:
    assert scripts.prepared(scripts.example())[1] == scripts.prepared(scripts.example())[1]


def test_a_persons_change_goes_before_everything() -> None:
    look = looks_of(cast_of("INT. A - DAY\n\nMARY\nHi.", mary={"hat": "top", "colour": "#00ff00"}))["MARY"]
    assert (look.hat, look.colour) == ("top", "#00ff00")


@pytest.mark.parametrize(
    "change", [{"hatt": "top"}, {"hat": "sombrero"}, {"colour": "green"}, {"height": 9}, {"pitch": "x"}]
)
def test_a_change_that_makes_no_sense_is_invalid(change: dict[str, object]) -> None:
    with pytest.raises(Invalid) as raised:
        cast_of("INT. A - DAY\n\nMARY\nHi.", MARY=change)
    assert raised.value.code == "invalid"
    assert raised.value.remedy


def test_nobody_is_a_cast_too() -> None:
    assert cast_of("EXT. SEA - DAY\n\nWaves.").characters == ()
