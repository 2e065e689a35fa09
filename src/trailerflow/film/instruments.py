"""The instruments of a trailer: one function a sound, each stereo, (2, samples), its peak at 1.

Called by `score` (and `effects` for the blows). Frequencies are in Hz, lengths in seconds. Must never depend on where
in the trailer the sound will stand.
"""

import numpy as np

from trailerflow.film.sound import Sound
from trailerflow.film.synthesis import (
    band_pass,
    clock,
    curve,
    filtered,
    high_pass,
    noise,
    samples,
    saturated,
    saws,
    sine,
)


def boom(rng: np.random.Generator, seconds: float = 3.0) -> Sound:
    """Strike a deep blow whose pitch falls to 32 Hz: felt more than heard."""
    time = clock(seconds)
    body = sine(np.asarray(32 + 75 * np.exp(-time * 11), np.float32), seconds) * np.exp(-time * 1.7)
    skin = filtered(noise(seconds, rng), ((0, 900), (0.12, 140))) * np.exp(-time * 16)
    return _peaked(_wide(saturated(1.4 * body + 0.5 * skin, 1.6)))


def drum(rng: np.random.Generator, pitch: float = 72.0, seconds: float = 0.9) -> Sound:
    """Beat a large drum, near a taiko."""
    time = clock(seconds)
    body = sine(np.asarray(pitch * (1 + 0.9 * np.exp(-time * 28)), np.float32), seconds) * np.exp(-time * 6.5)
    second = 0.35 * sine(pitch * 1.59, seconds) * np.exp(-time * 11)
    stick = filtered(noise(seconds, rng), ((0, 2600), (0.05, 500))) * np.exp(-time * 38)
    return _peaked(_wide(saturated(body + second + 0.55 * stick, 1.8)))


def rim(rng: np.random.Generator) -> Sound:
    """Click dryly, for the clock that runs out."""
    time = clock(0.09)
    click = filtered(noise(0.09, rng), ((0, 3400),), band_pass) * np.exp(-time * 90)
    return _peaked(_wide(click + 0.4 * sine(2100.0, 0.09) * np.exp(-time * 110)))


def crash(rng: np.random.Generator, seconds: float = 2.6) -> Sound:
    """Metal and air above a hit."""
    time = clock(seconds)
    air = filtered(noise(seconds, rng, 2), ((0, 1800),), high_pass)
    metal = sum(sine(hertz, seconds) for hertz in (2217.0, 3141.0, 4273.0, 5531.0)) * np.exp(-time * 4)
    return _peaked((air + 0.2 * metal) * np.exp(-time * 2.4) * np.minimum(time / 0.004, 1))


def hit(rng: np.random.Generator) -> Sound:
    """Strike the blow of an act change: boom, drum and crash at once."""
    sound = boom(rng)
    for part, gain in ((drum(rng, 58.0, 1.2), 0.8), (crash(rng), 0.22)):
        sound[:, : part.shape[1]] += gain * part
    return _peaked(saturated(sound, 1.3))


def braam(root: float, rng: np.random.Generator, seconds: float = 3.6) -> Sound:
    """Blow the brass chord of doom: octaves and fifth of detuned saws, opening and closing, driven hard."""
    time = clock(seconds)
    bend = (1 + 0.02 * np.exp(-time * 9) - 0.006 * time / seconds).astype(np.float32)
    layers = ((0.5, 0.9, 3), (1.0, 1.0, 7), (1.5, 0.35, 5), (2.0, 0.45, 5))
    brass = np.zeros((2, time.size), np.float32)
    for ratio, gain, voices in layers:
        brass += gain * saws(root * ratio * bend, seconds, voices=voices, cents=17, rng=rng)
    opening = ((0, 180), (0.14, 2600), (0.5, 1500), (seconds * 0.6, 700), (seconds, 160))
    shaped = filtered(saturated(brass, 0.9), opening)
    shaped += 0.45 * filtered(shaped, ((0, 900), (0.3, 1250), (seconds, 700)), band_pass)
    growl = 1 + 0.12 * np.sin(2 * np.pi * 23 * time) * np.exp(-time * 1.5)
    level = curve(((0, 0), (0.05, 0.75), (0.18, 1), (seconds * 0.45, 0.7), (seconds, 0)), time.size)
    return _peaked(saturated(shaped * growl * level, 1.7))


def riser(root: float, rng: np.random.Generator, seconds: float) -> Sound:
    """Rise into a cut: air climbing five octaves, strings climbing one, shaking faster and faster."""
    time = clock(seconds)
    share = time / seconds
    air = filtered(noise(seconds, rng, 2), ((0, 260), (seconds * 0.7, 2400), (seconds, 8500)), band_pass)
    climb = (root * 4 * 2 ** (share**1.6)).astype(np.float32)
    strings = filtered(saws(climb, seconds, voices=6, cents=28, rng=rng), ((0, 500), (seconds, 6000)))
    shake = 0.72 + 0.28 * np.sin(2 * np.pi * np.cumsum(4 + 12 * share) / 48000)
    level = share**2.2 * np.minimum((seconds - time) / 0.015, 1)
    return _peaked((1.3 * air + 0.5 * strings * shake) * level)


def swell(rng: np.random.Generator, seconds: float = 1.4) -> Sound:
    """Play a cymbal backwards, into a cut."""
    time = clock(seconds)
    air = filtered(noise(seconds, rng, 2), ((0, 900), (seconds, 5200)), band_pass)
    return _peaked(air * np.exp((time - seconds) * 4.2) * np.minimum((seconds - time) / 0.01, 1))


def stroke(hertz: float, rng: np.random.Generator, seconds: float = 0.5) -> Sound:
    """Stroke low strings once: the notes of the ostinato."""
    time = clock(seconds)
    strings = saws(hertz, seconds, voices=5, cents=11, rng=rng)
    bow = filtered(noise(seconds, rng, 2), ((0, 2800),), band_pass) * np.exp(-time * 60) * 0.25
    level = np.minimum(time / 0.006, 1) * np.exp(-time * 8.5)
    return _peaked((filtered(strings, ((0, 3200), (0.1, 1300), (seconds, 350))) + bow) * level)


def bass(hertz: float, rng: np.random.Generator, seconds: float = 0.55) -> Sound:
    """Pulse low: a soft saw over its own sub-octave sine."""
    time = clock(seconds)
    tone = filtered(saws(hertz, seconds, voices=3, cents=7, rng=rng), ((0, 420), (0.12, 160)))
    level = np.minimum(time / 0.008, 1) * np.exp(-time * 6) * np.minimum((seconds - time) / 0.03, 1)
    return _peaked(saturated((tone + 0.9 * _wide(sine(hertz, seconds))) * level, 1.2))


def key(hertz: float, rng: np.random.Generator, seconds: float = 4.0) -> Sound:
    """Strike a felted piano string: stretched partials (B = 0.0004), the upper ones gone first."""
    time = clock(seconds)
    sound = np.zeros((2, time.size), np.float32)
    for number in range(1, 11):
        partial = hertz * number * np.sqrt(1 + 0.0004 * number**2)
        if partial > 7000:
            break
        gain = np.exp(-0.42 * (number - 1)) * (0.75 if number % 2 == 0 else 1)
        fade = np.exp(-time * (0.8 + 0.55 * number))
        for channel in (0, 1):
            tuned = partial * 2 ** (rng.uniform(-1.2, 1.2) / 1200)
            sound[channel] += np.float32(gain) * sine(tuned, seconds) * fade
    hammer = filtered(noise(seconds, rng), ((0, 700),)) * np.exp(-time * 55) * 0.12
    return _peaked((sound + hammer) * np.minimum(time / 0.004, 1) * np.minimum((seconds - time) / 0.2, 1))


def heart(rng: np.random.Generator) -> Sound:
    """Beat a heart once: two soft blows."""
    sound = np.zeros((2, samples(0.75)), np.float32)
    for at, gain in ((0.0, 1.0), (0.26, 0.7)):
        beat = filtered(drum(rng, 46.0, 0.45), ((0, 190),))
        begin = samples(at)
        sound[:, begin : begin + beat.shape[1]] += gain * beat
    return _peaked(sound)


def _wide(sound: Sound) -> Sound:
    """Put a mono sound on both channels."""
    return np.stack([sound, sound]).astype(np.float32)


def _peaked(sound: Sound) -> Sound:
    return np.asarray(sound / max(float(np.abs(sound).max()), 1e-9), np.float32)
