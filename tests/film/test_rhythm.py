import pytest

from trailerflow.film import rhythm
from trailerflow.film.plan import FPS


@pytest.mark.parametrize("seconds", range(15, 151))
@pytest.mark.parametrize("tags", range(4))
def test_acts_and_cards_are_the_whole_trailer(seconds: int, tags: int) -> None:
    measure = rhythm.divide(seconds, tags)
    cards = len(measure.tags) * measure.tag + measure.title + measure.end
    assert sum(measure.shots.values()) + cards == seconds * FPS
    assert all(frames >= 0 for frames in measure.shots.values())
    assert len(measure.tags) <= tags


def test_shots_get_shorter_towards_the_montage() -> None:
    wishes = [rhythm.wish(act, place) for act in ("introduction", "escalation", "montage") for place in (0.0, 1.0)]
    assert wishes == sorted(wishes, reverse=True)
