"""Timbres: what each speaker of a trailer sounds like, so that two people in a dialogue are told apart by ear.

Called by `voices`. A speaker is known by the pitch of the look, the same for every line. Must keep who is higher than
whom, and must never leave the range in which the one local voice stays natural.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

LOWEST, HIGHEST = -11.0, 6.0
"""Semitones from the model's own voice, a woman's of some 190 Hz, within which it stays natural."""

APART = 2.2
"""Semitones between two speakers of one trailer, where the range holds so many."""

# A look's pitch says how high somebody speaks among people: men near -2.5, women near 2.5, children near 5. Between
# men's voices and women's lies half an octave, and hardly anybody.
_PEOPLE = (-12.0, -4.5, -2.5, -0.8, 0.8, 2.5, 5.0, 12.0)
_VOICES = (-11.0, -10.8, -9.6, -8.0, -0.6, 1.0, 4.6, 6.0)
_SPREAD = 13.0  # semitones that all speakers together may be moved to
_TRACT = 0.27  # share of the pitch that the vocal tract follows: men's F0 is -9, their formants -2.5 semitones


@dataclass(frozen=True, slots=True, kw_only=True)
class Timbre:
    """A shape of the voice: `pitch` and `tract` (how far every formant is moved) in semitones.

    `melody` is how far the pitch swings around its middle, 1 being the model's own; `breath` is in dB; `place` counts
    the speakers from the lowest.
    """

    pitch: float
    tract: float
    melody: float = 1.0
    breath: float = 0.0
    place: int = 0


_BODIES = ((-0.7, 1.12, 0.0), (0.7, 0.9, 2.5))
"""Tract, melody and breath that close neighbours in pitch take in turn: a full voice, a light one."""

_CLOSE = 3.4  # semitones


def told_apart(pitches: Iterable[float]) -> dict[float, Timbre]:
    """Return the timbre of each pitch of a look that speaks in one trailer."""
    ordered = sorted(set(pitches))
    gap = min(APART, _SPREAD / max(len(ordered) - 1, 1))
    spread = _spread([voice_pitch(pitch) for pitch in ordered], gap)
    found = {}
    for place, (pitch, heard) in enumerate(zip(ordered, spread, strict=True)):
        close = any(abs(heard - other) < _CLOSE for other in (*spread[:place][-1:], *spread[place + 1 :][:1]))
        tract, melody, breath = _BODIES[place % len(_BODIES)] if close else (0.0, 1.0, 0.0)
        found[pitch] = Timbre(pitch=heard, tract=heard * _TRACT + tract, melody=melody, breath=breath, place=place)
    return found


def voice_pitch(pitch: float) -> float:
    """Return a look's pitch in semitones from the model's own voice."""
    return float(np.interp(pitch, _PEOPLE, _VOICES))


def _spread(rising: list[float], gap: float) -> list[float]:
    """Move rising values as little as possible until neighbours are `gap` apart (pool adjacent violators)."""
    pools: list[tuple[float, int]] = []
    for place, value in enumerate(rising):
        mean, count = value - place * gap, 1
        while pools and pools[-1][0] > mean:
            before, many = pools.pop()
            mean, count = (before * many + mean * count) / (many + count), many + count
        pools.append((mean, count))
    flat = [mean for mean, count in pools for _ in range(count)]
    highest = HIGHEST - gap * (len(rising) - 1)
    return [float(np.clip(mean, LOWEST, highest)) + place * gap for place, mean in enumerate(flat)]
