"""Lines are heard in full, in front of the music, and the whole is as loud as it must be."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from film.story import plan_of, shot
from trailerflow.film.loudness import integrated_loudness, measure, normalised, true_peak
from trailerflow.film.mixing import ducking, faster, mix
from trailerflow.film.placement import EARLY_SECONDS, FASTEST, GAP_SECONDS, PlacedLine, place_lines
from trailerflow.film.plan import FPS
from trailerflow.film.sound import RATE, Sound


def tone(hertz: float, seconds: float, amplitude: float) -> Sound:
    wave = amplitude * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)
    return np.stack([wave, wave]).astype(np.float32)


def speakers(*lengths: tuple[int, float]) -> tuple[PlacedLine, ...]:
    """Place one line a shot, given each shot's frames and line's seconds (0: nobody speaks)."""
    shots = tuple((shot(f"s{n}", text="Some words." if s else ""), f) for n, (f, s) in enumerate(lengths))
    seconds = {f"line-s{n}": s for n, (_, s) in enumerate(lengths) if s}
    return place_lines(plan_of(shots), seconds)


def test_a_line_is_heard_over_the_silent_shot_before_it_unless_that_is_another_scene() -> None:
    (line,) = speakers((48, 0.0), (72, 2.0))
    assert line.start == pytest.approx(2.0 - EARLY_SECONDS)
    here, there = shot("s0"), shot("s1", text="Some words.").model_copy(update={"scene": 1})
    (elsewhere,) = place_lines(plan_of(((here, 48), (there, 72))), {"line-s1": 2.0})
    assert elsewhere.start == pytest.approx(2.2)


def test_a_line_starts_just_after_its_shot() -> None:
    _, second = speakers((48, 1.0), (72, 2.0), (24, 0.0))
    assert second.start == pytest.approx(2.2)
    assert second.end == pytest.approx(4.2)


def test_a_long_line_is_hurried_a_little_before_the_next_one_is_pushed() -> None:
    first, second, _ = speakers((24, 1.5), (72, 2.0), (96, 0.5))
    assert first.speed == FASTEST
    assert second.start == pytest.approx(first.end + GAP_SECONDS)


def test_a_line_that_would_outlast_the_trailer_starts_earlier() -> None:
    (last,) = speakers((48, 0.0), (48, 2.5))
    assert last.end <= 4.0
    assert last.start < 2.2


@given(st.lists(st.tuples(st.integers(6, 120), st.floats(0.2, 4)), min_size=1, max_size=12))
def test_lines_never_overlap_and_all_of_them_fit(lengths: list[tuple[int, float]]) -> None:
    placed = speakers(*lengths)
    assert len(placed) == len(lengths)
    assert placed[0].start >= 0
    assert placed[-1].end <= sum(frames for frames, _ in lengths) / FPS
    for before, after in pairwise(placed):
        assert before.end <= after.start
    for line, (_, seconds) in zip(placed, lengths, strict=True):
        assert (line.end - line.start) * line.speed == pytest.approx(seconds, rel=1e-3)


def test_a_line_nobody_could_speak_still_has_its_place() -> None:
    plan = plan_of(((shot("s0", text="Ты помнишь море?"), 72),))
    (line,) = place_lines(plan, {})
    assert not line.spoken
    assert 1 < line.end - line.start < 2


def test_the_music_makes_way_for_speech() -> None:
    lines = speakers((48, 0.0), (72, 2.0), (96, 0.0))
    gain = ducking(lines, 9 * RATE)
    assert gain[RATE] == 1
    assert gain[3 * RATE] == pytest.approx(10 ** (-9 / 20), rel=1e-3)
    assert gain[-1] == 1
    assert np.abs(np.diff(gain)).max() < 0.001


def test_speech_stands_well_above_the_music() -> None:
    lines = speakers((48, 0.0), (72, 2.0), (96, 0.0))
    voice = {"line-s1": 0.14 * np.sign(tone(150, 2.0, 1.0)[0])}
    quiet = np.zeros((2, 9 * RATE), np.float32)
    with_voice = mix(tone(1000, 9, 0.1), quiet.copy(), lines, voice).mixed()
    without = mix(tone(1000, 9, 0.1), quiet.copy(), (), {}).mixed()
    speaking, before = slice(2 * RATE, round(3.4 * RATE)), slice(0, RATE)
    assert integrated_loudness(with_voice[:, speaking]) > integrated_loudness(without[:, before]) + 2
    assert with_voice.shape == (2, 9 * RATE)


@pytest.mark.parametrize("level", [0.002, 0.1, 0.9])
def test_music_sounds_and_voices_stay_apart_and_nothing_is_clipped(level: float) -> None:
    lines = speakers((48, 0.0), (72, 2.0), (96, 0.0))
    music, effects = tone(1000, 9, level), tone(3000, 9, level / 2)
    music[:, RATE] = 1.0  # a peak that the mix's own level would push beyond full scale
    stems = mix(music, effects, lines, {"line-s1": 0.9 * np.sign(tone(150, 2.0, 1.0)[0])})
    for part in (stems.dialogue, stems.music, stems.effects, stems.mixed()):
        assert part.shape == (2, 9 * RATE)
        assert np.abs(part).max() <= 0.981
    speaking, before = slice(2 * RATE, round(3.4 * RATE)), slice(2 * RATE // 48, RATE // 2)
    assert np.abs(stems.dialogue[:, before]).max() == 0
    for part in (stems.music, stems.effects):
        assert np.abs(part[:, speaking]).max() / np.abs(part[:, before]).max() == pytest.approx(
            10 ** (-9 / 20), rel=0.02
        )
    assert np.abs(stems.music[:, before]).max() / np.abs(stems.effects[:, before]).max() == pytest.approx(2, rel=0.02)


def test_a_faster_line_is_shorter_at_the_same_pitch() -> None:
    sound = tone(220, 2.0, 0.3)[0]
    short = faster(sound, 1.15)
    assert short.size == pytest.approx(sound.size / 1.15, rel=0.03)
    spectrum = np.abs(np.fft.rfft(short))
    assert np.argmax(spectrum) * RATE / short.size == pytest.approx(220, abs=3)


def test_loudness_is_measured_as_the_standard_says() -> None:
    # EBU Tech 3341: a stereo sine of 1 kHz at -23 dBFS measures -23 LUFS; so does one at -33 with gating silence.
    assert integrated_loudness(tone(1000, 20, 10 ** (-23 / 20))) == pytest.approx(-23.0, abs=0.1)
    gated = np.concatenate([tone(1000, 10, 10 ** (-23 / 20)), tone(1000, 10, 10 ** (-36 / 20))], axis=1)
    assert integrated_loudness(gated) == pytest.approx(-23.0, abs=0.3)
    assert integrated_loudness(np.zeros((2, RATE), np.float32)) == -120


def test_true_peak_sees_what_lies_between_the_samples() -> None:
    # EBU Tech 3341, case 16: a quarter of the rate, sampled at 45 degrees, peaks 3 dB above its samples.
    count = np.arange(RATE)
    wave = (0.5 * np.sin(np.pi / 2 * count + np.pi / 4)).astype(np.float32)
    assert true_peak(np.stack([wave, wave])) == pytest.approx(-6.0, abs=0.3)


@pytest.mark.parametrize("gain", [0.02, 0.3, 1.0])
def test_any_mix_is_brought_to_its_loudness_below_its_ceiling(gain: float) -> None:
    rng = np.random.default_rng(5)
    sound = (rng.standard_normal((2, 12 * RATE)) * 0.1).astype(np.float32)
    sound[:, ::RATE] += 0.9  # sparse peaks that a gain alone would push over the ceiling
    level = measure(normalised(sound * np.float32(gain)))
    assert level.loudness_lufs == pytest.approx(-14, abs=0.5)
    assert level.true_peak_dbtp <= -1.0
