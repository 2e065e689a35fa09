"""A speaking voice, shaped: a local voice made higher, lower, larger, smaller, livelier, slower or faster.

Called by `voices` only. The voice model predicts pitch and spectral envelopes apart from each other, so pitch and
formants are changed where they are described, before any waveform exists: no resampling, no vocoder artefacts.
Must never download a voice or use more than one thread.
"""

from dataclasses import replace

import numpy as np
from hibari import SAMPLE_RATE, Hibari, dsp
from numpy.typing import NDArray

from trailerflow.film.chorus import Chorus, predicted
from trailerflow.film.sound import RATE, Sound
from trailerflow.film.timbres import Timbre

SLOWEST, FASTEST = 0.8, 1.25
_PAUSE_SECONDS = 0.12
_EDGE_SECONDS = 0.04
_VOICED_HERTZ = 40.0  # below it the model means that nothing is voiced
_NEPERS = float(np.log(10)) / 20  # of a decibel: the model's envelopes are natural logarithms
_UPSAMPLING = RATE // SAMPLE_RATE

Envelope = NDArray[np.float32]


class Speaker:
    """Opens the voices once; `say` speaks."""

    def __init__(self) -> None:
        self._chorus = Chorus()

    def say(self, text: str, *, timbre: Timbre, pace: float, seed: int) -> Sound:
        """Speak English text and return mono sound at 48 kHz; empty when there is nothing to pronounce.

        `pace` is a factor, kept within natural limits.
        """
        pace = float(np.clip(pace, SLOWEST, FASTEST))
        rng = np.random.default_rng(seed)
        pause = np.zeros(round(_PAUSE_SECONDS * SAMPLE_RATE), np.float32)
        singer = self._chorus.singer(timbre)
        own = replace(timbre, pitch=timbre.pitch - singer.pitch, tract=timbre.tract - singer.tract)
        parts: list[Sound] = []
        for phonemes in singer.model.phonemize(text):
            sentence = _trimmed(_sentence(singer.model, phonemes, own, pace, rng))
            if sentence.size:
                parts += [pause, sentence] if parts else [sentence]
        return _upsampled(np.concatenate(parts)) if parts else np.zeros(0, np.float32)


def _sentence(model: Hibari, phonemes: str, timbre: Timbre, pace: float, rng: np.random.Generator) -> Sound:
    parts = predicted(model, phonemes, pace)
    if not parts:
        return np.zeros(0, np.float32)
    harmonic, turn, noise, rest, phase, frequency = parts
    tract = 2.0 ** (timbre.tract / 12)
    sound: Sound = dsp.synth(
        _warped(harmonic, tract),
        _picked(turn, tract),
        _warped(noise, tract) + np.float32(timbre.breath * _NEPERS),
        _warped(rest, tract),
        _picked(phase, tract),
        _sung(frequency, timbre),
        rng,
    )
    return sound


def _sung(frequency: Envelope, timbre: Timbre) -> Envelope:
    """Move a melody (Hz a frame) to its pitch, and let it swing more or less around its middle."""
    voiced = frequency > _VOICED_HERTZ
    if not voiced.any():
        return frequency
    middle = float(np.exp(np.mean(np.log(frequency[voiced]))))
    moved = frequency.copy()
    sung = middle * (frequency[voiced] / middle) ** timbre.melody * 2.0 ** (timbre.pitch / 12)
    moved[voiced] = np.maximum(sung, _VOICED_HERTZ * 1.2)
    return moved


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
