"""What is heard of a time-line beside the music: places as a bed, things as they happen.

Called by `foley`. What is heard follows from a shot's setting, weather, props and action alone. Must stay under the
music: places are felt, only things are noticed.
"""

import re
from collections.abc import Callable
from itertools import groupby

import numpy as np

from trailerflow.film import ambiences, instruments
from trailerflow.film.crew import FoleyOrder
from trailerflow.film.plan import Act, Cut, Shot
from trailerflow.film.sound import RATE, SAMPLES_PER_FRAME, Sound, add
from trailerflow.film.synthesis import band_pass, clock, filtered, looped, noise, samples, sine

Generator = Callable[[str], np.random.Generator]

_FADE_SECONDS = 0.25
_EARLY_SECONDS = 0.3  # a place is heard before it is seen
_LEVELS: dict[Act, float] = {
    "cold_open": 1.0, "introduction": 0.8, "escalation": 0.5, "montage": 0.35, "title": 0.3, "button": 1.0,
}  # fmt: skip

_THINGS: tuple[tuple[str, str, float], ...] = (
    ("gunshot", r"\b(gunshots?|shoots|fires|opens fire|shots? rings?|gun goes off)\b", 0.8),
    ("blast", r"\b(explo\w+|blasts?|crash\w*|collides?|detonat\w+)\b", 0.8),
    ("thunder", r"\b(thunder\w*|lightning)\b", 0.7),
    ("glass", r"\b(shatter\w*|smash\w*|broken glass|glass breaks|breaks the (glass|window|mirror))\b", 0.35),
    ("siren", r"\b(sirens?|ambulance|police cars?|alarm)\b", 0.14),
    ("bell", r"\b(bells?|tolls?|tolling|chimes?)\b", 0.32),
    ("splash", r"\b(splash\w*|plunges?|dives? in\w*|falls? into the (water|river|lake|sea))\b", 0.45),
    ("knock", r"\b(knock\w*|pounds on|bangs on|hammers on)\b", 0.5),
    ("engine", r"\b(engines?|drives? (off|away|up)|speeds? (off|away|past)|accelerat\w+|tyres|tires)\b", 0.3),
    ("door", r"\b(slam\w*|doors?|gates?)\b", 0.4),
    ("phone", r"\b((tele)?phone (rings|buzzes)|ringing|phones?|telephone)\b", 0.16),
    ("steps", r"\b(runs?|running|footsteps|sprints?|chases?|flees?)\b", 0.25),
    ("heart", r"\b(heartbeats?|heart (pounds|beats|races|hammers))\b", 0.5),
    ("flames", r"\b(fire|flames?|burns?|burning|blaz\w+|torch\w*)\b", 0.3),
)


def place_sounds(order: FoleyOrder, generator: Generator, sound: Sound) -> None:
    """Add ambience and effects for the whole time-line to `sound`, (2, frames x 2000)."""
    shots = {shot.id: shot for shot in order.shots}
    heard = [(cut, shots[cut.id]) for cut in order.cuts if cut.kind == "shot" and cut.id in shots]
    loops: dict[str, Sound] = {}
    for (kind, act), run in groupby(heard, key=lambda pair: (ambiences.of(pair[1]), pair[0].act)):
        cuts = [cut for cut, _ in run]
        if kind not in loops:
            loops[kind] = ambiences.loop(kind, generator(kind))
        _lay(sound, loops[kind], cuts, _LEVELS[act])
    for cut, shot in heard:
        found = thing_of(shot)
        if found:
            thing, gain = found
            _strike(sound, _EFFECTS[thing](generator(f"{thing} {cut.id}")), cut, gain)


def thing_of(shot: Shot) -> tuple[str, float] | None:
    """Return the one thing a shot makes heard, the loudest first, and its gain."""
    words = f"{shot.action} {' '.join(shot.props)}".lower()
    return next(((thing, gain) for thing, pattern, gain in _THINGS if re.search(pattern, words)), None)


def _lay(sound: Sound, loop: Sound, cuts: list[Cut], level: float) -> None:
    """Lay a place under its cuts; but for the montage it is heard a little before it is seen."""
    fade = samples(_FADE_SECONDS)
    early = 0 if cuts[0].act == "montage" else samples(_EARLY_SECONDS)
    begin = max(cuts[0].start * SAMPLES_PER_FRAME - early, 0)
    count = (cuts[-1].start + cuts[-1].frames) * SAMPLES_PER_FRAME - begin
    envelope = np.minimum(np.arange(count + fade) / fade, 1).astype(np.float32)
    add(sound, looped(loop, envelope.size, begin) * envelope * envelope[::-1], begin, level)


def _strike(sound: Sound, effect: Sound, cut: Cut, gain: float) -> None:
    """Let a thing be heard a third into its shot, so that it is seen first."""
    add(sound, effect, (cut.start + cut.frames // 3) * SAMPLES_PER_FRAME, gain)


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
        * ambiences.slow(rng, 4.0, 0.16, 0.2, 1)
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


def _bell(rng: np.random.Generator) -> Sound:
    time, sound = clock(3.5), np.zeros((2, samples(3.5)), np.float32)
    # The partials of a church bell: hum, prime, minor third, fifth, nominal and two above.
    for number, ratio in enumerate((0.5, 1.0, 1.2, 1.5, 2.0, 2.5, 3.01)):
        for channel in (0, 1):
            tuned = 233.0 * ratio * 2 ** (float(rng.uniform(-4, 4)) / 1200)
            sound[channel] += sine(tuned, 3.5) * np.exp(-time * (0.7 + 0.7 * number)) / (1 + 0.3 * number)
    sound *= np.minimum(time / 0.003, 1) * np.minimum((3.5 - time) / 0.3, 1)
    return sound / float(np.abs(sound).max())


def _siren(rng: np.random.Generator) -> Sound:
    time = clock(2.6)
    hertz = (720 + 260 * np.sin(2 * np.pi * 0.42 * time + float(rng.uniform(0, 1)))).astype(np.float32)
    wail = filtered((sine(hertz, 2.6) + 0.4 * sine(2 * hertz, 2.6)).astype(np.float32), ((0, 1500),))
    wail *= np.minimum(np.minimum(time, 2.6 - time) / 0.6, 1)
    return np.stack([wail, np.roll(wail, 400)])


def _splash(rng: np.random.Generator) -> Sound:
    time = clock(1.5)
    spray = filtered(noise(1.5, rng, 2), ((0, 5200), (0.25, 1800), (1.5, 500))) * np.exp(-time * 4)
    return np.asarray(spray / float(np.abs(spray).max()) * np.minimum(time / 0.02, 1), np.float32)


def _engine(rng: np.random.Generator) -> Sound:
    time = clock(2.2)
    hertz = (34 + 40 * np.sin(np.pi * time / 2.2)).astype(np.float32)
    roar = sum(sine(hertz * order, 2.2) / order for order in (1, 2, 3, 5, 8))
    tyres = filtered(noise(2.2, rng, 2), ((0, 900),))
    passing = (roar + 0.8 * tyres) * np.sin(np.pi * time / 2.2) ** 1.5
    return np.asarray(passing / float(np.abs(passing).max()), np.float32)


def _heart(rng: np.random.Generator) -> Sound:
    sound = np.zeros((2, samples(2.4)), np.float32)
    for at in (0.0, 0.8, 1.6):
        add(sound, instruments.heart(rng), samples(at))
    return sound


def _flames(rng: np.random.Generator) -> Sound:
    sound = filtered(noise(2.4, rng, 2), ((0, 420),)) * 0.5
    for _ in range(70):
        crack = filtered(noise(0.02, rng), ((0, 3200),)) * np.exp(-clock(0.02) * 220)
        add(sound[int(rng.integers(2))], crack, int(rng.integers(sound.shape[1])), float(rng.uniform(0.5, 3)))
    time = clock(2.4)
    sound *= np.minimum(np.minimum(time, 2.4 - time) / 0.4, 1)
    return sound / float(np.abs(sound).max())


def _with_boom(sound: Sound, rng: np.random.Generator, gain: float) -> Sound:
    low = instruments.boom(rng, sound.shape[1] / RATE)
    low[:, -RATE // 5 :] *= np.linspace(1, 0, RATE // 5, dtype=np.float32)
    return np.asarray(0.7 * sound + gain * low, np.float32)


_EFFECTS: dict[str, Callable[[np.random.Generator], Sound]] = {
    "gunshot": _gunshot, "thunder": _thunder, "blast": _blast, "glass": _glass, "knock": _knock, "door": _door,
    "phone": _phone, "steps": _steps, "bell": _bell, "siren": _siren, "splash": _splash, "engine": _engine,
    "heart": _heart, "flames": _flames,
}  # fmt: skip
