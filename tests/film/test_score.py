"""The score is music of exactly the trailer's length, arranged to its cuts."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from film.desk import FolderDesk
from film.story import plan_of, shot
from trailerflow.film.crew import ScoreOrder
from trailerflow.film.harmony import style_of
from trailerflow.film.loudness import integrated_loudness
from trailerflow.film.plan import FPS, Act, Plan
from trailerflow.film.score import compose, sections_of
from trailerflow.film.sound import RATE, SAMPLES_PER_FRAME, Sound, read_wav

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


@pytest.mark.parametrize("genre", ["comedy", "horror", "romance", "a genre nobody heard of"])
def test_every_genre_fills_the_trailer_to_the_sample(tmp_path: Path, genre: str) -> None:
    order = order_of(genre, frames=36)
    sound = compose_sound(order, tmp_path)
    assert sound.shape == (2, order.frames * 2000)
    assert np.abs(sound).max() <= 0.8
    assert -24 < integrated_loudness(sound) < -8


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Sound]:
    """Return a plan of uneven shots and its music."""
    lengths: dict[Act, tuple[int, ...]] = {
        "cold_open": (57, 47),
        "introduction": (44, 36, 43),
        "escalation": (40, 31, 29, 36),
        "montage": (22, 20, 17, 15, 30),
    }
    shots = [(act, frames) for act, row in lengths.items() for frames in row]
    plan = plan_of(tuple((shot(f"s{n}", act), frames) for n, (act, frames) in enumerate(shots)), title_frames=109)
    order = ScoreOrder(cuts=plan.cuts, intensity=intensity_of(plan), genre="thriller", frames=plan.frames, seed=1)
    return plan, compose_sound(order, tmp_path_factory.mktemp("score"))


def onsets(sound: Sound) -> Sound:
    """Return how much begins in each 10 ms: the rise of the spectrum over the one before."""
    size, hop = 1024, RATE // 100
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(sound.mean(axis=0), (size // 2, size)), size)[::hop]
    loud = np.log1p(100 * np.abs(np.fft.rfft(frames * np.hanning(size), axis=1)))
    rise = np.maximum(np.diff(loud, axis=0, prepend=loud[:1]), 0)
    return np.asarray(rise.sum(axis=1), np.float32)


def test_something_is_struck_on_every_cut_within_a_frame(composed: tuple[Plan, Sound]) -> None:
    plan, sound = composed
    rise = onsets(sound)
    for cut in plan.cuts[1:]:
        at = round(cut.start / FPS * 100)
        around = rise[max(at - 100, 0) : at + 100]
        assert rise[at - 4 : at + 5].max() > np.percentile(around, 85), cut.id


def test_the_music_grows_to_its_climax_and_is_hardly_heard_before_the_title(composed: tuple[Plan, Sound]) -> None:
    plan, sound = composed
    begin = {cut.act: cut.start * SAMPLES_PER_FRAME for cut in reversed(plan.cuts)}
    acts = [*ACTS, "title"]
    rising = [integrated_loudness(sound[:, begin[act] : begin[after]]) for act, after in pairwise(acts)]
    assert rising == sorted(rising)
    assert rising[-1] > rising[0] + 5
    title = begin["title"] / RATE
    assert level(sound, title - 0.5, title - 0.05) < 0.05 * level(sound, title, title + 0.5)
    struck = [float(np.mean(onsets(sound[:, begin[act] : begin[after]]) > 60)) for act, after in pairwise(acts)]
    assert struck == sorted(struck)


def test_the_same_order_gives_the_same_bytes_and_another_seed_other_music(tmp_path: Path) -> None:
    one, same, other = (
        compose(order_of(seed=seed, frames=12), FolderDesk(tmp_path / name))
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one.audio.sha256 == same.audio.sha256 != other.audio.sha256


def test_nothing_is_silent_for_long(composed: tuple[Plan, Sound]) -> None:
    _, sound = composed
    quiet = [level(sound, at, at + 0.5) < 0.001 for at in np.arange(0, sound.shape[1] / RATE - 0.5, 0.5)]
    assert not any(quiet[:-2])


def test_sections_join_without_a_gap_and_each_is_filled_by_its_pulse() -> None:
    order = order_of()
    sections = sections_of(order, style_of("thriller"))
    assert [section.at(0) for section in sections] == [section.start for section in sections]
    assert [section.at(section.beats) for section in sections] == [
        *(section.start for section in sections[1:]),
        order.frames * SAMPLES_PER_FRAME,
    ]


def test_one_short_cut_is_enough_for_a_score(tmp_path: Path) -> None:
    plan = plan_of(((shot("s0"), 5),))
    order = ScoreOrder(cuts=plan.cuts, intensity=intensity_of(plan), genre="drama", frames=5, seed=0)
    assert compose_sound(order, tmp_path).shape == (2, 10_000)
