"""Sound in memory and in WAV files: 48 kHz, float32, full scale at 1.

Called by everything that makes, mixes or measures sound. Must never resample or change a level silently.
"""

import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trailerflow.film.plan import FPS

RATE = 48_000
SAMPLES_PER_FRAME = RATE // FPS

Sound = NDArray[np.float32]
"""Mono of shape (samples,) or stereo of shape (2, samples)."""


def amplitude(decibels: float) -> float:
    """Return the factor that changes a level by so many dB."""
    return float(10 ** (decibels / 20))


def decibels(factor: float) -> float:
    """Return the level of an amplitude in dB relative to 1; silence is -200."""
    return float(20 * np.log10(max(factor, 1e-10)))


def write_wav(path: Path, sound: Sound) -> None:
    """Write mono or stereo sound as 16-bit PCM; samples beyond full scale are clipped."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1 if sound.ndim == 1 else sound.shape[0])
        file.setsampwidth(2)
        file.setframerate(RATE)
        for begin in range(0, sound.shape[-1], RATE):
            piece = np.clip(sound[..., begin : begin + RATE], -1.0, 1.0)
            file.writeframes(np.rint(piece * 32767.0).astype("<i2").T.tobytes())


def read_wav(path: Path) -> Sound:
    """Read a 16-bit WAV of 48 kHz: (samples,) when mono, (channels, samples) otherwise."""
    with wave.open(str(path), "rb") as file:
        if file.getframerate() != RATE or file.getsampwidth() != 2:
            raise ValueError(f"{path.name} is not 16-bit sound at {RATE} Hz")
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels())
    sound = np.ascontiguousarray(pcm.T, dtype=np.float32)
    sound /= np.float32(32767.0)
    return sound[0] if len(sound) == 1 else sound


def add(target: Sound, sound: Sound, at: int, gain: float = 1.0) -> None:
    """Add `sound` to `target` (same number of channels) from sample `at`; what lies outside is cut off."""
    begin, end = max(at, 0), min(at + sound.shape[-1], target.shape[-1])
    if begin < end:
        target[..., begin:end] += np.float32(gain) * sound[..., begin - at : end - at]
