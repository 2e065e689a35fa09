from hypothesis import given, settings
from hypothesis import strategies as st

from film import scripts
from trailerflow.film import analysis, reading
from trailerflow.film.analysis import SceneAnalysis

NAMES = {"action", "spectacle", "stakes", "questions", "reversals", "humour", "secrets", "intensity", "mood"}


def scene(body: str) -> SceneAnalysis:
    return analysis.analyse(scripts.read(f"INT. A - DAY\n\n{body}")).scenes[0]


def test_every_score_names_the_words_behind_it() -> None:
    told = scene(
        "A crowd flees the flood.\n\nMARY\nI swear you will regret it. He confessed! Who knew? Suddenly I laugh."
    )
    assert set(told.scores) == NAMES
    expected = {
        "spectacle": "crowd",
        "stakes": "swear",
        "secrets": "confessed",
        "reversals": "suddenly",
        "humour": "laugh",
    }
    for name, word in expected.items():
        assert word in told.words[name]
        assert told.scores[name] > 0
    assert told.words["questions"] == ("Who knew?",)


def test_all_talk_is_no_action_and_dark_words_are_a_dark_mood() -> None:
    told = scene("MARY\nDeath, grief, a grave and blood.")
    assert told.scores["action"] == 0
    assert told.scores["mood"] < 0.5
    assert scene("They laugh, dance and kiss in the sun.").scores["mood"] > 0.5


def test_a_typed_page_has_eight_eighths() -> None:
    assert scene("Rain.").eighths == 1
    assert (
        7
        <= scene("\n\n".join(["He walks to the window and looks out at the rain that falls on it."] * 18)).eighths
        <= 9
    )


def test_who_is_introduced_in_capitals_is_no_spectacle_and_a_noise_is() -> None:
    told = scene("MARY SMITH, 30, comes in with TOM. A loud BANG!\n\nMARY\nHi.\n\nTOM\nHo.")
    assert told.words["spectacle"] == ("BANG",)


@given(st.text(st.characters(categories=("L", "M", "N", "P", "S", "Z"), exclude_characters="<"), max_size=200))
@settings(deadline=None, max_examples=50)
def test_whatever_is_said_scores_stay_between_0_and_1(text: str) -> None:
    body = " ".join(text.split()) or "x"
    assert all(0 <= value <= 1 for value in scene_of(body).scores.values())


def scene_of(text: str) -> SceneAnalysis:
    from_words = reading.read(f"INT. A - DAY\n\nRain.\n\nMARY\nSo: {text}".encode("utf-8", "replace"), "a.fountain")
    return analysis.analyse(from_words).scenes[0]
