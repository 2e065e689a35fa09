"""Loudness and true peak measured and made right: ITU-R BS.1770 and EBU R 128.

Called by `mixing` (to bring the mix to its level) and `delivery` (to measure what was delivered). Sound is stereo,
(2, samples) at 48 kHz. Must never trust a gain it has not measured afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from trailerflow.film.sound import RATE, Sound, amplitude, decibels
from trailerflow.film.synthesis import reverberate

TARGET_LUFS = -14.0
CEILING_DBTP = -1.0

_STEP = RATE // 10  # gating blocks of 400 ms overlap by 75 %
_TAPS = 24
_LOOKAHEAD_SECONDS = 0.02
_ROUNDS = 8
_PIECE = 100 * _STEP  # long sound is worked on in pieces of 10 s
_HOPELESS_DB = 60.0
# ITU-R BS.1770-5, tables 1 and 2: the head's shelf and the RLB high-pass at 48 kHz, (b, a) each.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_RLB = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


@dataclass(frozen=True, slots=True)
class Level:
    """Integrated loudness in LUFS and true peak in dBTP."""

    loudness_lufs: float
    true_peak_dbtp: float


def measure(sound: Sound) -> Level:
    """Measure stereo sound."""
    return Level(integrated_loudness(sound), true_peak(sound))


def integrated_loudness(sound: Sound) -> float:
    """Return the gated loudness in LUFS (BS.1770-5, equations 3 to 7); silence is -120."""
    powers = _block_powers(sound)
    loud = powers[powers > _power_of(-70.0)]
    if not loud.size:
        return -120.0
    gated = loud[loud > _power_of(_loudness_of(float(loud.mean())) - 10.0)]
    return _loudness_of(float(gated.mean()))


def true_peak(sound: Sound) -> float:
    """Return the peak of the four times oversampled signal in dBTP (BS.1770-5, annex 2)."""
    return decibels(max((float(piece.max()) for piece in _envelope(sound)), default=0.0))


def normalised(sound: Sound, *, target_lufs: float = TARGET_LUFS, ceiling_dbtp: float = CEILING_DBTP) -> Sound:
    """Return the sound at the target loudness (within 0.1 LU where the limiter allows) below the true-peak ceiling."""
    gain_db = target_lufs - integrated_loudness(sound)
    if gain_db > _HOPELESS_DB:  # nothing to be heard: amplifying it would only make noise
        return sound
    envelope = np.concatenate([np.zeros(0, np.float32), *_envelope(sound)])
    result = np.empty_like(sound)
    for _ in range(_ROUNDS):
        limit(sound, envelope, amplitude(gain_db), ceiling_dbtp - 0.1, result)
        missing = target_lufs - integrated_loudness(result)
        if abs(missing) < 0.1:
            break
        gain_db += missing
    return result


def limit(sound: Sound, envelope: Sound, gain: float, ceiling_dbtp: float, result: Sound) -> None:
    """Write the sound times `gain`, no true peak above the ceiling, into `result`; `envelope` is one value a sample.

    The gain falls before each peak and recovers after it: the smallest one needed within 20 ms, averaged over the
    same 20 ms, so it never exceeds what any sample needs and never jumps.
    """
    ceiling = np.float32(amplitude(ceiling_dbtp) / gain)
    width = 2 * int(_LOOKAHEAD_SECONDS * RATE / 2) + 1
    window = np.hanning(width + 2)[1:-1]
    for begin in range(0, sound.shape[1], _PIECE):
        lead, end = min(begin, width), min(begin + _PIECE, sound.shape[1])
        needed = np.minimum(ceiling / np.maximum(envelope[begin - lead : end + width], 1e-9), 1).astype(np.float32)
        held = cv2.erode(needed[None], np.ones((1, width), np.uint8), borderType=cv2.BORDER_REPLICATE)[0]
        curve = _smoothed(held, (window / window.sum()).astype(np.float32))[lead : lead + end - begin]
        np.multiply(sound[:, begin:end], curve * np.float32(gain), out=result[:, begin:end])


def _envelope(sound: Sound) -> Iterator[Sound]:
    """Yield, piece by piece, the largest magnitude of both channels near each sample, at four times the rate."""
    for begin in range(0, sound.shape[1], _PIECE):
        before, after = min(begin, _TAPS), _TAPS
        piece = np.ascontiguousarray(sound[:, begin - before : begin + _PIECE + after])
        highest = np.abs(piece)
        for phase in (1, 2, 3):
            between = cv2.filter2D(piece, -1, _interpolator(phase / 4)[None], borderType=cv2.BORDER_CONSTANT)
            np.maximum(highest, np.abs(between), out=highest)
        yield highest.max(axis=0)[before : before + _PIECE]


def _interpolator(shift: float) -> NDArray[np.float32]:
    """Return the windowed sinc, 24 taps, that reads a signal `shift` samples later."""
    place = np.arange(_TAPS) - _TAPS // 2 - shift
    window = 0.5 + 0.5 * np.cos(np.pi * place / (_TAPS / 2 + 1))
    return np.asarray(np.sinc(place) * window, np.float32)


def _smoothed(gain: Sound, window: NDArray[np.float32]) -> Sound:
    """Average a gain curve over a symmetric window; its ends are held."""
    half = window.size // 2
    padded = np.pad(gain, half, mode="edge")
    size = 1 << (padded.size - 1).bit_length()
    averaged = np.fft.irfft(np.fft.rfft(padded, size) * np.fft.rfft(window, size), size)
    return np.asarray(np.minimum(averaged[2 * half : 2 * half + gain.size], 1.0), np.float32)


def _block_powers(sound: Sound) -> NDArray[np.float64]:
    """Return the K-weighted power of each 400 ms block, both channels added."""
    response = _k_weighting()
    powers: list[NDArray[np.float64]] = []
    for begin in range(0, sound.shape[1] - _STEP + 1, _PIECE):
        lead = min(begin, response.shape[1])  # what was heard before still rings in the filter
        piece = sound[:, begin - lead : begin + _PIECE]
        weighted = np.zeros_like(piece)
        reverberate(weighted, piece, response, 1.0)
        steps = (piece.shape[1] - lead) // _STEP
        squares = np.square(weighted[:, lead : lead + steps * _STEP]).reshape(2, steps, _STEP)
        powers.append(squares.mean(axis=2, dtype=np.float64).sum(axis=0))
    power = np.concatenate(powers) if powers else np.zeros(0)
    return np.convolve(power, np.full(4, 0.25), "valid") if power.size >= 4 else power[:0]


def _k_weighting() -> Sound:
    """Return the impulse response of both filters in a row, cut where it has died away (0.34 s), for two channels."""
    count = 1 << 14
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(count))
    response = np.ones(count // 2 + 1, np.complex128)
    for over, under in (_SHELF, _RLB):
        response *= np.polyval(over[::-1], turn) / np.polyval(under[::-1], turn)
    return np.tile(np.fft.irfft(response, count).astype(np.float32), (2, 1))


def _loudness_of(power: float) -> float:
    return float(-0.691 + 10 * np.log10(power))


def _power_of(lufs: float) -> float:
    return float(10 ** ((lufs + 0.691) / 10))
