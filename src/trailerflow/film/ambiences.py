"""The sound of places: rain, wind, sea, a street, a room, each a loop without a seam.

Called by `effects`. Which one is heard follows from a shot's setting and weather alone. Must stay under the music:
places are felt, not noticed.
"""

import re
from collections.abc import Callable

import numpy as np

from trailerflow.film.plan import Shot
from trailerflow.film.sound import Sound, add
from trailerflow.film.synthesis import band_pass, clock, curve, filtered, high_pass, noise, samples, sine

_LOOP_SECONDS = 8.0
_SEAM_SECONDS = 1.0

_PLACES: tuple[tuple[str, str], ...] = (
    ("hospital", r"hospital|clinic|ward\b|morgue|operating"),
    ("motor", r"\bcar\b|\bcab\b|taxi|truck|\bvan\b|\bbus\b|limousine|cockpit|plane|helicopter"),
    ("train", r"train|subway|metro|railway|carriage"),
    ("river", r"river|lake|stream|pond|reservoir|\bdam\b|waterfall|canal|underwater|pool|flood"),
    ("sea", r"\bsea\b|ocean|beach|shore|boat|harbou?r|\bpier\b|coast|lighthouse|cliff|\bship\b|\bdeck\b|dock|island"),
    ("city", r"street|city|alley|road|rooftop|downtown|square|traffic|bridge|town|parking|garage"),
    ("night_air", r"forest|wood|field|garden|\bpark\b|meadow|farm|swamp|jungle|yard|barn|camp"),
    ("stone", r"church|chapel|cathedral|crypt|cave|tunnel|cellar|basement|tomb|temple|dungeon|monastery|belfry|tower"),
    ("wind", r"mountain|desert|hill|castle|ruin|plain|moor|cemetery|graveyard|valley|prairie|roof"),
    ("hum", r"space|station|\blab|office|corridor|server|factory|prison|\bcell\b|bunker|plant|control|engine room"),
    ("murmur", r"\bbar\b|pub\b|restaurant|diner|caf[eé]|party|hall\b|court|theat|school|market|casino|club|ballroom"),
)


def of(shot: Shot) -> str:
    """Return which ambience a shot has; weather outdoors goes before the place."""
    if shot.weather in ("rain", "storm"):
        return "rain_inside" if shot.interior else "rain"
    if shot.weather == "snow" and not shot.interior:
        return "wind"
    words = f"{shot.setting} {shot.heading}".lower()
    for kind, pattern in _PLACES:
        if re.search(pattern, words):
            return kind
    return "room" if shot.interior else "wind"


def loop(kind: str, rng: np.random.Generator) -> Sound:
    """Return the sound of a kind of place, (2, samples), that can be repeated."""
    sound = _AMBIENCES[kind](rng)
    seam = samples(_SEAM_SECONDS)
    share = np.sqrt(np.linspace(0, 1, seam, dtype=np.float32))
    body = sound[:, :-seam].copy()
    body[:, :seam] = body[:, :seam] * share + sound[:, -seam:] * share[::-1]
    return body


def _level(sound: Sound, rms: float) -> Sound:
    return np.asarray(sound * (rms / max(float(np.sqrt(np.mean(sound**2))), 1e-9)), np.float32)


def slow(rng: np.random.Generator, seconds: float, every: float, low: float, high: float) -> Sound:
    """Return a random curve with a new goal every so many seconds."""
    goals = [(at, float(rng.uniform(low, high))) for at in np.arange(0, seconds + every, every)]
    return curve(goals, samples(seconds))


def _rain(rng: np.random.Generator) -> Sound:
    hiss = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 1400),), high_pass)
    hiss *= 0.85 + 0.15 * slow(rng, _LOOP_SECONDS, 0.7, 0, 1)
    drops = np.zeros_like(hiss)
    for _ in range(420):
        seconds = rng.uniform(0.008, 0.025)
        time = clock(seconds)
        drop = sine(float(rng.uniform(1200, 5200)), seconds) * np.exp(-time * 5 / seconds)
        channel = int(rng.integers(2))
        add(drops[channel], drop, int(rng.integers(drops.shape[1])), float(rng.uniform(0.5, 3)))
    return _level(hiss + drops, 0.05)


def _rain_inside(rng: np.random.Generator) -> Sound:
    return _level(filtered(_rain(rng), ((0, 750),)), 0.035)


def _wind(rng: np.random.Generator) -> Sound:
    points = tuple((float(at), float(rng.uniform(180, 620))) for at in np.arange(0, _LOOP_SECONDS + 1, 0.9))
    air = filtered(noise(_LOOP_SECONDS, rng, 2), points, band_pass)
    return _level(air * slow(rng, _LOOP_SECONDS, 1.1, 0.35, 1), 0.045)


def _sea(rng: np.random.Generator) -> Sound:
    time = clock(_LOOP_SECONDS)
    wash = (0.5 - 0.5 * np.cos(2 * np.pi * time / 4)) ** 1.8
    surf = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 2400),)) * (0.15 + wash)
    deep = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 180),)) * 1.6
    return _level(surf + deep, 0.05)


def _city(rng: np.random.Generator) -> Sound:
    rumble = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 170),)) * 3
    passing = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 700),), band_pass) * slow(rng, _LOOP_SECONDS, 1.3, 0, 1) ** 2
    return _level(rumble + passing, 0.045)


def _train(rng: np.random.Generator) -> Sound:
    sound = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 240),)) * 1.5
    knock = filtered(noise(0.12, rng, 2), ((0, 420),)) * np.exp(-clock(0.12) * 40) * 4
    for bogie in np.arange(0.1, _LOOP_SECONDS - 1, 0.88):
        for offset in (0.0, 0.17):
            add(sound, knock, samples(bogie + offset))
    return _level(sound, 0.045)


def _night_air(rng: np.random.Generator) -> Sound:
    time = clock(_LOOP_SECONDS)
    chirp = (np.sin(2 * np.pi * 21 * time) > 0.2) * (np.sin(2 * np.pi * 0.9 * time) > -0.1)
    crickets = filtered((sine(4300.0, _LOOP_SECONDS) * chirp).astype(np.float32), ((0, 5200),)) * 0.12
    return _level(_wind(rng) * 6 + np.stack([crickets, np.roll(crickets, 9000)]), 0.028)


def _hum(rng: np.random.Generator) -> Sound:
    tones = sum(
        sine(hertz, _LOOP_SECONDS) * gain for hertz, gain in ((50.0, 1.0), (100.0, 0.7), (150.25, 0.3), (299.5, 0.1))
    )
    return _level(tones + 2.5 * filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 420),)), 0.03)


def _murmur(rng: np.random.Generator) -> Sound:
    sound = np.zeros((2, samples(_LOOP_SECONDS)), np.float32)
    for _ in range(7):
        points = tuple((float(at), float(rng.uniform(250, 900))) for at in np.arange(0, _LOOP_SECONDS + 1, 0.23))
        voice = filtered(noise(_LOOP_SECONDS, rng), points, band_pass) * slow(rng, _LOOP_SECONDS, 0.19, -0.4, 1).clip(0)
        balance = rng.uniform(0.2, 0.8)
        sound += np.stack([voice * balance, voice * (1 - balance)])
    return _level(sound, 0.035)


def _room(rng: np.random.Generator) -> Sound:
    return _level(filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 260),)), 0.018)


def _hospital(rng: np.random.Generator) -> Sound:
    beep = sine(988.0, 0.11) * np.minimum(np.minimum(clock(0.11), clock(0.11)[::-1]) / 0.01, 1)
    sound = _hum(rng) * 0.7
    for at in np.arange(0.4, _LOOP_SECONDS - 1.0, 1.0):
        add(sound, np.stack([beep, beep]), samples(float(at)), 0.022)
    return sound


def _motor(rng: np.random.Generator) -> Sound:
    turning = (31.0 * (1 + 0.03 * slow(rng, _LOOP_SECONDS, 1.7, -1, 1))).astype(np.float32)
    engine = sum(sine(turning * order, _LOOP_SECONDS) / order for order in (1, 2, 3, 4, 6))
    tyres = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 480),)) * 1.4
    return _level(engine + tyres, 0.045)


def _river(rng: np.random.Generator) -> Sound:
    points = tuple((float(at), float(rng.uniform(700, 1500))) for at in np.arange(0, _LOOP_SECONDS + 1, 0.21))
    run = filtered(noise(_LOOP_SECONDS, rng, 2), points, band_pass) * slow(rng, _LOOP_SECONDS, 0.4, 0.6, 1)
    return _level(run + 0.8 * filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 300),)), 0.04)


def _stone(rng: np.random.Generator) -> Sound:
    sound = 2.0 * filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 150),)) * slow(rng, _LOOP_SECONDS, 1.5, 0.6, 1)
    for _ in range(9):
        hertz, begin, time = float(rng.uniform(900, 2400)), float(rng.uniform(0, _LOOP_SECONDS - 2)), clock(0.5)
        for echo in range(4):
            drop = sine(hertz, 0.5) * np.exp(-time * (40 - 7 * echo))
            add(sound[echo % 2], drop, samples(begin + 0.19 * echo), 0.5**echo)
    return _level(sound, 0.024)


_AMBIENCES: dict[str, Callable[[np.random.Generator], Sound]] = {
    "rain": _rain, "rain_inside": _rain_inside, "wind": _wind, "sea": _sea, "city": _city, "train": _train,
    "night_air": _night_air, "hum": _hum, "murmur": _murmur, "room": _room, "hospital": _hospital, "motor": _motor,
    "river": _river, "stone": _stone,
}  # fmt: skip
KINDS = tuple(_AMBIENCES)
