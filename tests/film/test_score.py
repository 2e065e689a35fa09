"""The score is music of exactly the trailer's length, arranged to its cuts."""

from pathlib import Path

import numpy as np
import pytest

from film.desk import FolderDesk
from film.story import plan_of, shot
from trailerflow.film.crew import ScoreOrder
from trailerflow.film.effects import ambience_of, thing_of
from trailerflow.film.harmony import STYLES, style_of
from trailerflow.film.loudness import integrated_loudness
from trailerflow.film.plan import FPS, Act, Plan
from trailerflow.film.score import compose, sections_of
from trailerflow.film.sound import RATE, Sound, read_wav

ACTS: tuple[Act, ...] = ("cold_open", "introduction", "escalation", "montage")


def intensity_of(plan: Plan) -> dict[str, float]:
    return {shot.id: shot.intensity for shot in plan.shots}


def order_of(genre: str = "thriller", seed: int = 1, frames: int = 72) -> ScoreOrder:
    plan = plan_of(tuple((shot(f"s{number}", act), frames) for number, act in enumerate(ACTS)), title_frames=96)
    return ScoreOrder(cuts=plan.cuts, intensity=intensity_of(plan), genre=genre, frames=plan.frames, seed=seed)


def compose_sound(order: ScoreOrder, root: Path) -> Sound:
    desk = FolderDesk(root)
    return read_wav(desk.open(compose(order, desk).audio))


def level(sound: Sound, begin: float, end: float) -> float:
    part = sound[:, round(begin * RATE) : round(end * RATE)]
    return float(np.sqrt(np.mean(part**2)))


@pytest.mark.parametrize("genre", [*STYLES, "a genre nobody heard of"])
def test_every_genre_fills_the_trailer_to_the_sample(tmp_path: Path, genre: str) -> None:
    order = order_of(genre)
    sound = compose_sound(order, tmp_path)
    assert sound.shape == (2, order.frames * 2000)
    assert np.abs(sound).max() <= 0.8
    assert -24 < integrated_loudness(sound) < -8


def test_the_same_order_gives_the_same_bytes_and_another_seed_other_music(tmp_path: Path) -> None:
    one, same, other = (
        compose(order_of(seed=seed), FolderDesk(tmp_path / name)) for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.audio.sha256 == same.audio.sha256 != other.audio.sha256


def test_the_music_grows_holds_its_breath_before_the_title_and_strikes_on_it(tmp_path: Path) -> None:
    order = order_of()
    sound = compose_sound(order, tmp_path)
    title = order.cuts[-1].start / FPS
    assert level(sound, 9.5, 11) > 1.5 * level(sound, 1, 2.9)
    assert level(sound, title - 0.5, title - 0.05) < 0.15 * level(sound, title, title + 0.5)


def test_nothing_is_silent_for_long(tmp_path: Path) -> None:
    sound = compose_sound(order_of("romance"), tmp_path)
    quiet = [level(sound, at, at + 0.5) < 0.001 for at in np.arange(0, sound.shape[1] / RATE - 0.5, 0.5)]
    assert not any(quiet[:-2])


def test_sections_fill_their_acts_with_whole_beats_near_the_tempo() -> None:
    order = order_of()
    for section in sections_of(order, style_of("thriller")):
        assert section.beats * section.beat == pytest.approx(section.length)
        assert 0.75 < 60 * RATE / section.beat / style_of("thriller").tempo < 1.35


def test_one_short_cut_is_enough_for_a_score(tmp_path: Path) -> None:
    plan = plan_of(((shot("s0"), 5),))
    order = ScoreOrder(cuts=plan.cuts, intensity=intensity_of(plan), genre="drama", frames=5, seed=0)
    assert compose_sound(order, tmp_path).shape == (2, 10_000)


def test_what_is_heard_follows_from_what_is_seen() -> None:
    storm = shot("s0")
    assert ambience_of(storm) == "rain"
    assert ambience_of(storm.model_copy(update={"interior": True})) == "rain_inside"
    assert ambience_of(storm.model_copy(update={"weather": "clear"})) == "sea"
    assert thing_of(storm) == "door"
    assert thing_of(storm.model_copy(update={"action": "He shoots through the door."})) == "gunshot"
    assert thing_of(storm.model_copy(update={"action": "He waits."})) is None
