"""The raw material of sound: oscillators, noise, envelopes, filters that move, a hall.

Called by `instruments`, `effects`, `score` and `mixing`. numpy only: what needs a loop over samples elsewhere is done
here on spectra. Must never draw randomness from anything but the generator it is handed.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from trailerflow.film.sound import RATE, Sound, add

Curve = Sequence[tuple[float, float]]
"""Break points (seconds, value), joined by straight lines."""

Response = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
"""The gain at frequencies (1, bins) for centre frequencies (frames, 1), both in Hz."""

LOOP = 1 << 18  # samples of a pad before it repeats, 5.5 s: a power of two for the FFT
_WINDOW, _HOP = 2048, 512
_HANN = np.sqrt(np.hanning(_WINDOW + 1)[:-1]).astype(np.float32)  # its square overlaps to 2 at a quarter's hop
_FRAMES_AT_ONCE = 256  # keeps the working memory of a filter under 10 MB
_TABLE = 4096


def samples(seconds: float) -> int:
    """Return how many samples so many seconds are."""
    return round(seconds * RATE)


def clock(seconds: float) -> Sound:
    """Return the time in seconds of each sample, from 0."""
    time: Sound = (np.arange(samples(seconds)) / RATE).astype(np.float32)
    return time


def curve(points: Curve, count: int) -> Sound:
    """Sample break points at 48 kHz, `count` values; the last value is held."""
    times, values = zip(*points, strict=True)
    return np.asarray(np.interp(np.arange(count) / RATE, times, values), np.float32)


def noise(seconds: float, rng: np.random.Generator, channels: int = 1) -> Sound:
    """Return white noise of unit power; stereo channels are independent."""
    count = samples(seconds)
    return rng.standard_normal(count if channels == 1 else (channels, count), dtype=np.float32)


def sine(hertz: Sound | float, seconds: float) -> Sound:
    """Return a sine whose frequency may move (one value a sample)."""
    phase = _phase(hertz, seconds)
    phase -= np.floor(phase)  # small enough for single precision, which is several times as fast
    wave: Sound = np.sin(phase.astype(np.float32) * np.float32(2 * np.pi))
    return wave


def saws(hertz: Sound | float, seconds: float, *, voices: int, cents: float, rng: np.random.Generator) -> Sound:
    """Return `voices` detuned saws within +-`cents`, spread over the stereo field: (2, samples), unit power or so."""
    base = _phase(hertz, seconds)
    highest = float(np.max(hertz)) * 2 ** (cents / 1200)
    table = _saw_table(highest)
    sound = np.zeros((2, base.size), np.float32)
    for voice in range(voices):
        place = voice / max(voices - 1, 1) * 2 - 1
        turned = base * 2 ** (place * cents / 1200) + rng.random()
        tone = table[((turned % 1.0) * _TABLE).astype(np.int32)]
        angle = (place * 0.8 + 1) * np.pi / 4
        sound[0] += np.float32(np.cos(angle)) * tone
        sound[1] += np.float32(np.sin(angle)) * tone
    return sound / np.float32(np.sqrt(voices))


def pad(notes: Sequence[float], *, cutoff: float, width_cents: float, rng: np.random.Generator) -> Sound:
    """Return a chord as a seamless stereo loop of `LOOP` samples, RMS 0.1: every harmonic a narrow band of noise.

    `notes` are in Hz. The method is Paul Nasca's PADsynth (zynaddsubfx.sourceforge.io/doc/PADsynth/PADsynth.htm):
    Gaussian bands with random phases, turned into time by one inverse FFT.
    """
    spectrum = np.zeros(LOOP // 2 + 1, np.float32)
    for note in notes:
        harmonics = np.arange(1, min(int(5 * cutoff / note), 160) + 1)
        for number in harmonics:
            centre = note * number
            width = max((2 ** (width_cents / 1200) - 1) * centre, 0.4)
            strength = 1 / (number * np.sqrt(1 + (centre / cutoff) ** 6)) / np.sqrt(width)
            low, high = (int(edge * LOOP / RATE) for edge in (max(centre - 3 * width, 20), centre + 3 * width + 1))
            bins = np.arange(low, min(high + 1, spectrum.size))
            spectrum[bins] += strength * np.exp(-(((bins * RATE / LOOP - centre) / width) ** 2))
    phases = rng.random((2, spectrum.size), dtype=np.float32) * np.float32(2 * np.pi)
    loop = np.fft.irfft(spectrum * np.exp(1j * phases).astype(np.complex64), LOOP).astype(np.float32)
    return loop * np.float32(0.1 / max(float(np.sqrt(np.mean(loop**2))), 1e-9))


def looped(loop: Sound, count: int, start: int = 0) -> Sound:
    """Repeat a loop to `count` samples, beginning at sample `start` of it."""
    return np.take(loop, np.arange(start, start + count), axis=-1, mode="wrap")


def low_pass(hertz: NDArray[np.float32], cutoff: NDArray[np.float32]) -> NDArray[np.float32]:
    """Respond like a fourth-order low-pass with a little resonance."""
    ratio = hertz / cutoff
    return np.asarray(1 / np.sqrt(1 + ratio**8) + 0.5 * np.exp(-((ratio - 1) ** 2) * 30), np.float32)


def band_pass(hertz: NDArray[np.float32], centre: NDArray[np.float32]) -> NDArray[np.float32]:
    """Respond to about an octave around the centre."""
    return np.asarray(np.exp(-((np.log2((hertz + 1) / centre) / 0.7) ** 2)), np.float32)


def high_pass(hertz: NDArray[np.float32], cutoff: NDArray[np.float32]) -> NDArray[np.float32]:
    """Respond like a fourth-order high-pass."""
    steep = (hertz / cutoff) ** 4
    return np.asarray(steep / np.sqrt(1 + steep**2), np.float32)


def filtered(sound: Sound, points: Curve, response: Response = low_pass) -> Sound:
    """Filter sound while the cutoff or centre moves along break points (seconds, Hz); same shape as given."""
    if sound.ndim == 2:
        return np.stack([filtered(channel, points, response) for channel in sound])
    count = -(-sound.size // _HOP) + _WINDOW // _HOP
    padded = np.zeros(count * _HOP + _WINDOW, np.float32)
    padded[_WINDOW - _HOP : _WINDOW - _HOP + sound.size] = sound
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:count]
    times, values = zip(*points, strict=True)
    centres = np.interp((np.arange(count) - 1.5) * _HOP / RATE, times, values).astype(np.float32)[:, None]
    hertz = np.fft.rfftfreq(_WINDOW, 1 / RATE).astype(np.float32)[None, :]
    result = np.zeros((count + _WINDOW // _HOP, _HOP), np.float32)
    for begin in range(0, count, _FRAMES_AT_ONCE):
        part = slice(begin, min(begin + _FRAMES_AT_ONCE, count))
        spectra = np.fft.rfft(frames[part] * _HANN, axis=1)
        spectra *= response(hertz, centres[part])
        pieces = (np.fft.irfft(spectra, _WINDOW, axis=1) * _HANN).reshape(len(spectra), -1, _HOP)
        for step in range(_WINDOW // _HOP):
            result[part.start + step : part.stop + step] += pieces[:, step]
    flat = result.reshape(-1)[_WINDOW - _HOP : _WINDOW - _HOP + sound.size]
    return np.ascontiguousarray(flat * np.float32(0.5))


def hall(seconds: float, *, damping: float, rng: np.random.Generator) -> Sound:
    """Return the impulse response of a hall, (2, samples), unit energy: noise that decays by 60 dB in `seconds`.

    Above `damping` Hz the decay is three times as fast, as air and curtains would have it.
    """
    time = clock(seconds)
    dull = filtered(noise(seconds, rng, 2), ((0, damping),))
    bright = filtered(noise(seconds, rng, 2), ((0, damping),), high_pass)
    decay = np.exp(-6.9 * time / seconds)
    response = filtered(dull * decay + 0.6 * bright * decay**3, ((0, 140.0),), high_pass)
    response *= np.minimum(time / np.float32(0.012), 1.0)  # the direct sound is not the hall's business
    return response / np.float32(np.sqrt(np.mean(np.sum(response**2, axis=1))))


def reverberate(target: Sound, sound: Sound, response: Sound, gain: float) -> None:
    """Add stereo sound, heard through a stereo response, to `target` of the same length (overlap-add on spectra)."""
    size = 1 << (response.shape[1] * 2 - 1).bit_length()
    block = size - response.shape[1] + 1
    kernel = np.fft.rfft(response * np.float32(gain), size)
    for begin in range(0, sound.shape[1], block):
        piece = np.fft.rfft(sound[:, begin : begin + block], size)
        piece *= kernel
        add(target, np.asarray(np.fft.irfft(piece, size), np.float32), begin)


def saturated(sound: Sound, drive: float) -> Sound:
    """Clip softly: small signals gain a little, loud ones bend towards 1."""
    bent = np.asarray(sound, np.float32) * np.float32(drive)
    np.tanh(bent, out=bent)
    bent /= np.float32(np.tanh(drive))
    return bent


def _phase(hertz: Sound | float, seconds: float) -> NDArray[np.float64]:
    """Return the phase in turns at each sample."""
    if isinstance(hertz, np.ndarray):
        return np.cumsum(hertz, dtype=np.float64) / RATE
    return np.asarray(np.arange(samples(seconds)) * (hertz / RATE), np.float64)


def _saw_table(hertz: float) -> Sound:
    """Return one cycle of a saw without any harmonic above 16 kHz at the given pitch."""
    harmonics = np.arange(1, max(int(16000 / hertz), 1) + 1)
    spectrum = np.zeros(_TABLE // 2 + 1, np.complex64)
    used = harmonics[harmonics < spectrum.size - 1]
    spectrum[used] = -1j / used
    return (np.fft.irfft(spectrum, _TABLE) * _TABLE / np.pi).astype(np.float32)
