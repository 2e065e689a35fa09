import pytest

from film import scripts
from trailerflow.film import analysis


def test_scores_stay_in_their_bounds_and_name_their_words() -> None:
    for scene in analysis.analyse(scripts.example()).scenes:
        assert 0 <= scene.intensity <= 1
        assert 0 <= scene.salience <= 1
        assert -1 <= scene.valence <= 1
        assert scene.seconds > 0
        assert scene.evidence


def test_a_storm_is_more_intense_than_a_quiet_talk() -> None:
    scenes = analysis.analyse(scripts.example()).scenes
    assert scenes[14].intensity > scenes[4].intensity
    assert (scenes[14].weather, scenes[0].weather, scenes[1].weather) == ("storm", "fog", "rain")


def test_who_is_named_in_the_action_is_present_without_speaking() -> None:
    scenes = analysis.analyse(scripts.example()).scenes
    assert "WREN" in scenes[6].present
    assert "WREN" not in scenes[6].speakers


def test_the_longest_scene_of_a_quiet_script_is_the_most_salient() -> None:
    filler = "A man waits. " * 40
    text = "\n\n".join(f"INT. ROOM {number} - DAY\n\n{filler if number == 6 else 'He waits.'}" for number in range(12))
    scenes = analysis.analyse(scripts.read(text)).scenes
    assert max(scenes, key=lambda scene: scene.salience).index == 6


def test_the_voice_of_somebody_is_that_somebody() -> None:
    scenes = analysis.analyse(scripts.read("INT. A - DAY\n\nMARY\nHi.\n\nMARY'S VOICE\nHo.\n\nMARY (V.O.)\nHa.")).scenes
    assert scenes[0].speakers == ("MARY",)


@pytest.mark.parametrize(
    ("text", "genre"),
    [
        ("The killer hides the gun. Police find a murder. Evidence vanishes. A hostage.", "thriller"),
        ("They kiss. A wedding. Her heart loves him. Love, love.", "romance"),
        ("Qwe rty uio.", "drama"),
    ],
)
def test_the_genre_follows_its_words_and_is_drama_without_any(text: str, genre: str) -> None:
    assert analysis.analyse(scripts.read(f"INT. A - DAY\n\n{text}")).genre == genre


def test_a_german_article_is_no_english_death() -> None:
    text = "INT. ZIMMER - TAG\n\nDie Frau war in der Stube und die Kinder waren nicht da, und sie war auch nicht da."
    assert analysis.analyse(scripts.read(text)).scenes[0].evidence == ()


def test_a_silent_film_still_has_people() -> None:
    text = "EXT. FIELD - DAY\n\nMARA, 30, walks.\n\nMara stops. A GREY WOLF (12) looks at Mara. The Wolf howls."
    assert analysis.analyse(scripts.read(text)).scenes[0].present == ("MARA", "GREY WOLF")
