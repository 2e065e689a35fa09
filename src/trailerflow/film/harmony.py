"""What a genre sounds like: tempo, root, chords, and how much of each instrument. Read by `score`.

Must hold numbers only: how they are played stands in `orchestration`.
"""

from dataclasses import dataclass

import numpy as np

Chord = tuple[int, ...]
"""Semitones above the root of the piece, the bass note first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """A genre's music. `root` is a MIDI note in the octave of the braams; gains are factors around 1.

    `tempo` is in beats a minute, `hall` the reverberation in seconds, `brightness` where the bright pads end, in Hz.
    """

    tempo: float
    root: int
    chords: tuple[Chord, ...]
    braam: float
    drums: float
    key: float
    clock: float
    heart: float
    hall: float
    brightness: float


STYLES: dict[str, Style] = {
    "drama": Style(
        tempo=76, root=38, chords=((0, 7, 12, 15), (-4, 8, 12, 15), (3, 10, 15, 19), (-2, 10, 14, 17)),
        braam=0.5, drums=0.75, key=1.0, clock=0.0, heart=0.0, hall=3.0, brightness=2600,
    ),
    "thriller": Style(
        tempo=94, root=37, chords=((0, 7, 12, 15), (0, 8, 12, 15), (-4, 8, 12, 15), (-5, 7, 11, 14)),
        braam=1.0, drums=1.0, key=0.6, clock=1.0, heart=0.4, hall=2.4, brightness=2900,
    ),
    "horror": Style(
        tempo=66, root=36, chords=((0, 6, 12, 13), (1, 8, 13, 16), (0, 7, 13, 15), (-1, 6, 11, 17)),
        braam=0.9, drums=0.8, key=0.7, clock=0.25, heart=1.0, hall=3.4, brightness=2200,
    ),
    "comedy": Style(
        tempo=112, root=36, chords=((0, 7, 12, 16), (-3, 9, 12, 16), (5, 9, 12, 17), (-5, 7, 11, 14)),
        braam=0.2, drums=0.6, key=1.1, clock=0.2, heart=0.0, hall=1.8, brightness=3600,
    ),
    "adventure": Style(
        tempo=104, root=38, chords=((0, 7, 12, 15), (-2, 10, 14, 17), (-4, 8, 12, 15), (-2, 10, 14, 19)),
        braam=0.8, drums=1.15, key=0.5, clock=0.0, heart=0.0, hall=2.6, brightness=3400,
    ),
    "romance": Style(
        tempo=72, root=41, chords=((0, 7, 12, 16), (-5, 7, 11, 14), (-3, 9, 12, 16), (-7, 9, 12, 17)),
        braam=0.2, drums=0.5, key=1.2, clock=0.0, heart=0.0, hall=3.0, brightness=3000,
    ),
}  # fmt: skip


def style_of(genre: str) -> Style:
    """Return the style of a genre; one unheard of is played as drama."""
    return STYLES.get(genre, STYLES["drama"])


def hertz(note: float) -> float:
    """Return the frequency of a MIDI note, A4 (69) at 440 Hz."""
    return float(440 * 2 ** ((note - 69) / 12))


def chord_hertz(style: Style, chord: Chord, octave: int = 0) -> list[float]:
    """Return the frequencies of a chord in a style, raised by octaves."""
    return [hertz(note) for note in np.asarray(chord) + style.root + 12 * octave]
