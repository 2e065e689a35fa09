"""A speaking voice, shaped: one local voice made higher, lower, larger, smaller, slower or faster.

Called by `voices` only. The voice model predicts pitch and spectral envelopes apart from each other, so pitch and
formants are changed where they are described, before any waveform exists: no resampling, no vocoder artefacts.
Must never download a voice or use more than one thread.
"""

from typing import Any

import numpy as np
from hibari import SAMPLE_RATE, Hibari, dsp
from numpy.typing import NDArray

from trailerflow.film.sound import RATE, Sound

LOWEST, HIGHEST = -11.0, 6.0  # semitones within which the voice stays natural
SLOWEST, FASTEST = 0.8, 1.25
_TRACT = 0.27  # share of the pitch change that the vocal tract follows: men's F0 is -9, their formants -2.5 semitones
_PAUSE_SECONDS = 0.12
_EDGE_SECONDS = 0.04
_UPSAMPLING = RATE // SAMPLE_RATE

Envelope = NDArray[np.float32]


class Speaker:
    """Loads the bundled voice once; `say` speaks."""

    def __init__(self) -> None:
        self._voice = Hibari(threads=1)

    def say(self, text: str, *, pitch: float, pace: float, seed: int) -> Sound:
        """Speak English text and return mono sound at 48 kHz; empty when there is nothing to pronounce.

        `pitch` is in semitones from the model's own voice, `pace` a factor; both are kept within natural limits.
        """
        pitch = float(np.clip(pitch, LOWEST, HIGHEST))
        pace = float(np.clip(pace, SLOWEST, FASTEST))
        rng = np.random.default_rng(seed)
        pause = np.zeros(round(_PAUSE_SECONDS * SAMPLE_RATE), np.float32)
        parts: list[Sound] = []
        for phonemes in self._voice.phonemize(text):
            sentence = _trimmed(self._sentence(phonemes, pitch, pace, rng))
            if sentence.size:
                parts += [pause, sentence] if parts else [sentence]
        return _upsampled(np.concatenate(parts)) if parts else np.zeros(0, np.float32)

    def _sentence(self, phonemes: str, pitch: float, pace: float, rng: np.random.Generator) -> Sound:
        ids = self._voice.ids(phonemes)
        if len(ids) < 3:
            return np.zeros(0, np.float32)
        feed = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([pace], np.float32)}
        output: list[Any] = [part[0] for part in self._voice.sess.run(None, feed)]
        harmonic, turn, noise, rest, phase, frequency = output
        tract = 2.0 ** (pitch * _TRACT / 12)
        sound: Sound = dsp.synth(
            _warped(harmonic, tract),
            _picked(turn, tract),
            _warped(noise, tract),
            _warped(rest, tract),
            _picked(phase, tract),
            frequency * np.float32(2.0 ** (pitch / 12)),
            rng,
        )
        return sound


def _warped(envelope: Envelope, factor: float) -> Envelope:
    """Move every formant of a log-magnitude envelope (bins, frames) to `factor` times its frequency."""
    position = np.arange(len(envelope)) / factor
    below = np.minimum(position.astype(int), len(envelope) - 1)
    above = np.minimum(below + 1, len(envelope) - 1)
    share = (position - np.floor(position)).astype(np.float32)[:, None]
    moved = envelope[below] * (1 - share) + envelope[above] * share
    # Beyond the last bin of the source there is nothing to hear.
    moved[position > len(envelope) - 1] = envelope.min()
    return np.asarray(moved, np.float32)


def _picked(angle: Envelope, factor: float) -> Envelope:
    """Move phases (bins, frames) to `factor` times their frequency; neighbours must not be averaged."""
    position = np.rint(np.arange(len(angle)) / factor).astype(int)
    return np.ascontiguousarray(angle[np.minimum(position, len(angle) - 1)])


def _trimmed(sound: Sound) -> Sound:
    """Cut silence (below -46 dB of the peak) from both ends, but for a breath of 40 ms."""
    if not sound.size:
        return sound
    loud = np.flatnonzero(np.abs(sound) > 0.005 * np.abs(sound).max())
    if not loud.size:
        return sound[:0]
    edge = round(_EDGE_SECONDS * SAMPLE_RATE)
    begin, end = max(int(loud[0]) - edge, 0), min(int(loud[-1]) + 2 * edge, sound.size)
    return sound[begin:end]


def _upsampled(sound: Sound) -> Sound:
    """Raise the rate from 24 to 48 kHz exactly, by padding the spectrum with zeros."""
    count = sound.size * _UPSAMPLING
    spectrum = np.zeros(count // 2 + 1, np.complex64)
    half = np.fft.rfft(sound)
    spectrum[: half.size] = half
    return np.asarray(np.fft.irfft(spectrum, count) * _UPSAMPLING, np.float32)
