"""The lines are spoken as written, in different voices, by the bundled voice alone."""

import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hibari import voices
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from film.desk import FolderDesk
from trailerflow.film.crew import SpokenLine, VoicesOrder
from trailerflow.film.sound import RATE, Sound, read_wav
from trailerflow.film.timbres import APART, HIGHEST, LOWEST, told_apart
from trailerflow.film.voices import SPEECH_DB, speak, spoken_text


def line(text: str, *, pitch: float = 0.0, pace: float = 1.0, number: int = 0) -> SpokenLine:
    return SpokenLine(id=f"l{number}", text=text, pitch=pitch, pace=pace)


def pitches_of(sound: Sound) -> NDArray[np.float64]:
    """Return the pitch in Hz every 25 ms, by autocorrelation; 0 where there is none."""
    size = 2400
    window = np.hanning(size)
    found = np.zeros(200)
    for place, begin in enumerate(range(0, min(sound.size - size, 200 * 1200), size // 2)):
        part = sound[begin : begin + size] * window
        match = np.fft.irfft(np.abs(np.fft.rfft(part, 2 * size)) ** 2)[:size]
        lag = 110 + int(np.argmax(match[110:800]))
        if np.abs(part).max() > 0.05 and match[lag] > 0.5 * match[0]:
            found[place] = RATE / lag
    return found


def body(sound: Sound) -> NDArray[np.float64]:
    """Return the spectrum envelope in dB at every quarter of a semitone from 500 to 5000 Hz"""
    power = np.abs(np.fft.rfft(sound)) ** 2
    step = np.log2(np.fft.rfftfreq(sound.size, 1 / RATE)[1:] / 500) * 48
    places = np.arange(160)
    near = np.exp(-0.5 * ((step[None, :] - places[:, None]) / 8) ** 2)
    envelope = 10 * np.log10((near @ power[1:]) / near.sum(axis=1))
    return np.asarray(envelope - np.polyval(np.polyfit(places, envelope, 2), places))


def smaller(one: Sound, other: Sound) -> float:
    """Return by how many semitones the formants of another voice lie higher, saying the same words."""
    low, high = body(one), body(other)
    shifts = range(-24, 25)
    match = [
        np.corrcoef(low[max(-by, 0) : 160 - max(by, 0)], high[max(by, 0) : 160 - max(-by, 0)])[0, 1] for by in shifts
    ]
    return shifts[int(np.argmax(match))] / 4


def semitones(low: Sound, high: Sound) -> float:
    """Return how much higher one voice says the same words than another."""
    one, other = pitches_of(low), pitches_of(high)
    both = (one > 0) & (other > 0)
    return float(12 * np.median(np.log2(other[both] / one[both])))


def test_a_line_becomes_mono_sound_of_the_length_it_says(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    voices = speak(VoicesOrder(lines=(line("You think the sea forgives? It only waits."),)), desk)
    sound = read_wav(desk.open(voices.recordings[0].audio))
    assert sound.ndim == 1
    assert sound.size / RATE == pytest.approx(voices.recordings[0].seconds)
    assert 1.5 < voices.recordings[0].seconds < 4
    loud = np.abs(sound) > 0.01
    assert 20 * np.log10(np.sqrt(np.mean(sound[loud] ** 2))) == pytest.approx(SPEECH_DB, abs=3)
    assert np.abs(sound).max() < 0.9


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    order = VoicesOrder(lines=(line("Run! The bridge is falling.", pitch=-6, pace=1.1),))
    assert speak(order, FolderDesk(tmp_path / "a")) == speak(order, FolderDesk(tmp_path / "b"))


def test_a_lower_voice_is_lower_and_a_faster_one_is_shorter(tmp_path: Path) -> None:
    text = "We were always meant to meet here, you and I."
    desk = FolderDesk(tmp_path)
    order = VoicesOrder(
        lines=(
            line(text),
            line(text, pitch=-8, number=1),
            line(text, pitch=4, number=2),
            line(text, pace=1.25, number=3),
        )
    )
    plain, low, high, fast = speak(order, desk).recordings
    sounds = [read_wav(desk.open(recording.audio)) for recording in (plain, low, high)]
    assert semitones(sounds[1], sounds[0]) > 4
    assert semitones(sounds[0], sounds[2]) > 4
    assert fast.seconds < 0.97 * plain.seconds


def test_two_people_whose_looks_sound_alike_are_told_apart_by_pitch_and_by_body(tmp_path: Path) -> None:
    text = "They moved the graves before the flood."
    desk = FolderDesk(tmp_path)
    order = VoicesOrder(lines=(line(text, pitch=1.95), line(text, pitch=2.2, number=1)))
    one, other = (read_wav(desk.open(recording.audio)) for recording in speak(order, desk).recordings)
    assert semitones(one, other) > 1.8
    assert smaller(one, other) > 0.7


def test_a_man_a_woman_and_a_child_are_as_far_apart_as_people_are_with_the_bundled_voice_and_with_a_mans(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = FolderDesk(tmp_path)
    text = "They moved the graves before the flood."
    order = VoicesOrder(lines=tuple(line(text, pitch=p, number=n) for n, p in enumerate((-2.5, 2.5, 5.0))))
    man, woman, child = (read_wav(desk.open(recording.audio)) for recording in speak(order, desk).recordings)
    assert semitones(man, woman) > 7
    assert semitones(woman, child) > 2.5
    assert smaller(man, woman) > 1.5
    assert smaller(woman, child) > 0
    # The bundled voice in the place of a man's: its pitch is found out and brought to his, its formants are left.
    shutil.copy(voices.voice_path(voices.DEFAULT), tmp_path / voices.VOICES["fenrir"]["file"])
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    alone = order.model_copy(update={"lines": order.lines[:1]})
    other = read_wav(desk.open(speak(alone, desk).recordings[0].audio))
    assert abs(semitones(man, other)) < 0.5
    assert smaller(man, other) > 1.5


@given(st.lists(st.floats(-12, 12), min_size=1, max_size=12, unique=True))
def test_any_cast_keeps_its_order_and_its_distance_within_natural_bounds(pitches: list[float]) -> None:
    timbres = told_apart(pitches)
    heard = [timbres[pitch] for pitch in sorted(pitches)]
    assert all(LOWEST <= timbre.pitch <= HIGHEST + 1e-9 for timbre in heard)
    gap = min(APART, 13 / max(len(pitches) - 1, 1))
    for low, high in pairwise(heard):
        assert high.pitch - low.pitch >= gap - 1e-9
        assert high.pitch - low.pitch > 3 or high.tract - low.tract > 0.5 or high.melody != low.melody


def test_a_line_in_other_letters_is_left_out_with_a_warning(tmp_path: Path) -> None:
    order = VoicesOrder(lines=(line("これは日本語です"), line("Where have you been?", number=1)))
    voices = speak(order, FolderDesk(tmp_path))
    assert [recording.id for recording in voices.recordings] == ["l1"]
    assert "l0" in voices.warnings[0]


def test_a_script_in_another_language_is_not_spoken_at_all(tmp_path: Path) -> None:
    german = ("Wo bist du gewesen, mein Freund?", "Ich habe die ganze Nacht auf dich gewartet.", "Das Messer ist weg.")
    order = VoicesOrder(lines=tuple(line(text, number=number) for number, text in enumerate(german)))
    voices = speak(order, FolderDesk(tmp_path))
    assert voices.recordings == ()
    assert "English" in voices.warnings[-1]


def test_a_line_without_a_word_is_left_out_with_a_warning(tmp_path: Path) -> None:
    voices = speak(VoicesOrder(lines=(line("..."), line("Stop!", number=1))), FolderDesk(tmp_path))
    assert [recording.id for recording in voices.recordings] == ["l1"]
    assert len(voices.warnings) == 1


def test_no_lines_are_no_voices(tmp_path: Path) -> None:
    assert speak(VoicesOrder(lines=()), FolderDesk(tmp_path)).recordings == ()


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("I *never* said _that_.", "I never said that."),
        ("I will HAUNT you!!", "I will Haunt you!"),
        ("Wait -- don't --", "Wait \u2014 don't\u2026"),
        ("The FBI.....  knows", "The FBI\u2026 knows"),
        ("It\u2019s \\*here\\*", "It's here"),
    ],
)
def test_only_marks_that_are_not_spoken_are_smoothed(written: str, spoken: str) -> None:
    assert spoken_text(written) == spoken
