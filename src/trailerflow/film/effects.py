"""The sound of places and things: rain, wind, sea, a street; a door, a shot, a telephone.

Called by `foley`. What is heard follows from a shot's setting, weather, props and action alone. Must stay under the
music: places are felt, only things are noticed.
"""

import re
from collections.abc import Callable
from itertools import groupby

import numpy as np

from trailerflow.film import instruments
from trailerflow.film.crew import FoleyOrder
from trailerflow.film.plan import Act, Cut, Shot
from trailerflow.film.sound import RATE, SAMPLES_PER_FRAME, Sound, add
from trailerflow.film.synthesis import (
    band_pass,
    clock,
    curve,
    filtered,
    high_pass,
    looped,
    noise,
    samples,
    sine,
)

Generator = Callable[[str], np.random.Generator]

_LOOP_SECONDS = 8.0
_SEAM_SECONDS = 1.0
_FADE_SECONDS = 0.25
_LEVELS: dict[Act, float] = {
    "cold_open": 1.0, "introduction": 0.8, "escalation": 0.5, "montage": 0.35, "title": 0.3, "button": 1.0,
}  # fmt: skip

_PLACES: tuple[tuple[str, str], ...] = (
    ("sea", r"sea|ocean|beach|shore|boat|harbou?r|pier|coast|lighthouse|cliff|ship"),
    ("city", r"street|city|alley|road|rooftop|downtown|square|traffic|bridge|car\b|cab|taxi"),
    ("train", r"train|subway|metro|railway|carriage"),
    ("night_air", r"forest|wood|field|garden|park|meadow|farm|swamp|jungle|yard"),
    ("wind", r"mountain|desert|hill|cave|castle|tower|ruin|plain|moor|cemetery|graveyard"),
    ("hum", r"ship|space|station|lab|hospital|office|corridor|server|factory|prison|cell"),
    ("murmur", r"bar\b|pub|restaurant|diner|caf[eé]|party|hall|court|theat|school|market|casino|club"),
)
_THINGS: tuple[tuple[str, str], ...] = (
    ("gunshot", r"\b(gunshot|shoots|fires|shot rings)"),
    ("thunder", r"\b(thunder|lightning)"),
    ("blast", r"\b(explo\w+|blast|crash\w*|collides)"),
    ("glass", r"\b(shatter\w*|smash\w*|broken glass|breaks the)"),
    ("knock", r"\b(knock\w*|pounds on|bangs on)"),
    ("door", r"\b(slam\w*|door|gate)\b"),
    ("phone", r"\b(phone|telephone|rings|ringing)\b"),
    ("steps", r"\b(runs?|running|footsteps|sprints|chases?)\b"),
)
_THING_GAIN = {
    "gunshot": 0.8,
    "thunder": 0.7,
    "blast": 0.8,
    "glass": 0.35,
    "knock": 0.5,
    "door": 0.4,
    "phone": 0.16,
    "steps": 0.25,
}


def place_sounds(order: FoleyOrder, generator: Generator, sound: Sound) -> None:
    """Add ambience and effects for the whole time-line to `sound`, (2, frames x 2000)."""
    shots = {shot.id: shot for shot in order.shots}
    heard = [(cut, shots[cut.id]) for cut in order.cuts if cut.kind == "shot" and cut.id in shots]
    loops: dict[str, Sound] = {}
    for (kind, act), run in groupby(heard, key=lambda pair: (ambience_of(pair[1]), pair[0].act)):
        cuts = [cut for cut, _ in run]
        if kind not in loops:
            loops[kind] = _seamless(_AMBIENCES[kind](generator(kind)))
        _lay(sound, loops[kind], cuts, _LEVELS[act])
    for cut, shot in heard:
        thing = thing_of(shot)
        if thing:
            _strike(sound, thing, cut, generator)


def ambience_of(shot: Shot) -> str:
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


def thing_of(shot: Shot) -> str | None:
    """Return the one thing a shot makes heard, the loudest first."""
    words = f"{shot.action} {' '.join(shot.props)}".lower()
    return next((thing for thing, pattern in _THINGS if re.search(pattern, words)), None)


def _lay(sound: Sound, loop: Sound, cuts: list[Cut], level: float) -> None:
    fade = samples(_FADE_SECONDS)
    begin = cuts[0].start * SAMPLES_PER_FRAME
    count = (cuts[-1].start + cuts[-1].frames) * SAMPLES_PER_FRAME - begin
    envelope = np.minimum(np.arange(count + fade) / fade, 1).astype(np.float32)
    add(sound, looped(loop, envelope.size, begin) * envelope * envelope[::-1], begin, level)


def _strike(sound: Sound, thing: str, cut: Cut, generator: Generator) -> None:
    """Let a thing be heard a third into its shot, so that it is seen first."""
    at = (cut.start + cut.frames // 3) * SAMPLES_PER_FRAME
    add(sound, _EFFECTS[thing](generator(f"{thing} {cut.id}")), at, _THING_GAIN[thing])


def _seamless(sound: Sound) -> Sound:
    """Fold the end of a sound over its beginning, so that it can repeat."""
    seam = samples(_SEAM_SECONDS)
    share = np.sqrt(np.linspace(0, 1, seam, dtype=np.float32))
    body = sound[:, :-seam].copy()
    body[:, :seam] = body[:, :seam] * share + sound[:, -seam:] * share[::-1]
    return body


def _level(sound: Sound, rms: float) -> Sound:
    return np.asarray(sound * (rms / max(float(np.sqrt(np.mean(sound**2))), 1e-9)), np.float32)


def _slow(rng: np.random.Generator, seconds: float, every: float, low: float, high: float) -> Sound:
    """Return a random curve with a new goal every so many seconds."""
    goals = [(at, float(rng.uniform(low, high))) for at in np.arange(0, seconds + every, every)]
    return curve(goals, samples(seconds))


def _rain(rng: np.random.Generator) -> Sound:
    hiss = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 1400),), high_pass)
    hiss *= 0.85 + 0.15 * _slow(rng, _LOOP_SECONDS, 0.7, 0, 1)
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
    return _level(air * _slow(rng, _LOOP_SECONDS, 1.1, 0.35, 1), 0.045)


def _sea(rng: np.random.Generator) -> Sound:
    time = clock(_LOOP_SECONDS)
    wash = (0.5 - 0.5 * np.cos(2 * np.pi * time / 4)) ** 1.8
    surf = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 2400),)) * (0.15 + wash)
    deep = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 180),)) * 1.6
    return _level(surf + deep, 0.05)


def _city(rng: np.random.Generator) -> Sound:
    rumble = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 170),)) * 3
    passing = filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 700),), band_pass) * _slow(rng, _LOOP_SECONDS, 1.3, 0, 1) ** 2
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
        voice = filtered(noise(_LOOP_SECONDS, rng), points, band_pass) * _slow(rng, _LOOP_SECONDS, 0.19, -0.4, 1).clip(
            0
        )
        balance = rng.uniform(0.2, 0.8)
        sound += np.stack([voice * balance, voice * (1 - balance)])
    return _level(sound, 0.035)


def _room(rng: np.random.Generator) -> Sound:
    return _level(filtered(noise(_LOOP_SECONDS, rng, 2), ((0, 260),)), 0.018)


def _gunshot(rng: np.random.Generator) -> Sound:
    time = clock(1.6)
    crack = filtered(noise(1.6, rng, 2), ((0, 9000), (0.15, 1500), (1.6, 300))) * (
        np.exp(-time * 30) + 0.12 * np.exp(-time * 3.5)
    )
    return _with_boom(crack / float(np.abs(crack).max()), rng, 0.7)


def _thunder(rng: np.random.Generator) -> Sound:
    time = clock(4.0)
    roll = (
        filtered(noise(4.0, rng, 2), ((0, 900), (0.5, 240), (4, 70)))
        * _slow(rng, 4.0, 0.16, 0.2, 1)
        * np.exp(-time * 0.9)
    )
    return _with_boom(roll / float(np.abs(roll).max()), rng, 0.4)


def _blast(rng: np.random.Generator) -> Sound:
    time = clock(3.0)
    fire = filtered(noise(3.0, rng, 2), ((0, 6000), (0.4, 700), (3, 120))) * np.exp(-time * 1.9)
    return _with_boom(fire / float(np.abs(fire).max()), rng, 0.9)


def _glass(rng: np.random.Generator) -> Sound:
    sound = np.zeros((2, samples(1.2)), np.float32)
    for _ in range(46):
        shard = sine(float(rng.uniform(2400, 9500)), 0.25) * np.exp(-clock(0.25) * rng.uniform(18, 70))
        add(sound[int(rng.integers(2))], shard, samples(float(rng.exponential(0.16))), float(rng.uniform(0.2, 1)))
    return sound / float(np.abs(sound).max())


def _knock(rng: np.random.Generator) -> Sound:
    sound = np.zeros((2, samples(1.0)), np.float32)
    for number in range(3):
        add(sound, filtered(instruments.drum(rng, 150.0, 0.2), ((0, 1300),)), samples(0.24 * number))
    return sound


def _door(rng: np.random.Generator) -> Sound:
    latch = filtered(noise(0.05, rng, 2), ((0, 2200),), band_pass) * np.exp(-clock(0.05) * 90)
    sound = filtered(instruments.drum(rng, 85.0, 0.7), ((0, 900),))
    add(sound, latch, samples(0.06), 0.8)
    return sound


def _phone(rng: np.random.Generator) -> Sound:
    del rng
    time = clock(1.6)
    bell = (sine(1180.0, 1.6) + sine(1475.0, 1.6) + 0.3 * sine(2950.0, 1.6)) * (
        0.6 + 0.4 * np.sign(np.sin(2 * np.pi * 19 * time))
    )
    ringing = np.where((time % 0.8) < 0.42, 1.0, np.exp(-((time % 0.8) - 0.42) * 14))
    return np.stack([bell * ringing] * 2).astype(np.float32) / 2.3


def _steps(rng: np.random.Generator) -> Sound:
    sound = np.zeros((2, samples(1.7)), np.float32)
    for number in range(6):
        step = filtered(noise(0.12, rng, 2), ((0, 1100), (0.05, 300))) * np.exp(-clock(0.12) * 45)
        add(sound, step, samples(0.27 * number + float(rng.uniform(0, 0.02))), float(rng.uniform(0.7, 1)))
    return sound / float(np.abs(sound).max())


def _with_boom(sound: Sound, rng: np.random.Generator, gain: float) -> Sound:
    low = instruments.boom(rng, sound.shape[1] / RATE)
    low[:, -RATE // 5 :] *= np.linspace(1, 0, RATE // 5, dtype=np.float32)
    return np.asarray(0.7 * sound + gain * low, np.float32)


_AMBIENCES: dict[str, Callable[[np.random.Generator], Sound]] = {
    "rain": _rain, "rain_inside": _rain_inside, "wind": _wind, "sea": _sea, "city": _city, "train": _train,
    "night_air": _night_air, "hum": _hum, "murmur": _murmur, "room": _room,
}  # fmt: skip
_EFFECTS: dict[str, Callable[[np.random.Generator], Sound]] = {
    "gunshot": _gunshot, "thunder": _thunder, "blast": _blast, "glass": _glass, "knock": _knock, "door": _door,
    "phone": _phone, "steps": _steps,
}  # fmt: skip
