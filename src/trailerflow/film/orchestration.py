"""The players: what each instrument plays in one act of the trailer. Called by `score` only.

Must put every note on a section's own pulse, so that music and picture change together.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from trailerflow.film import instruments
from trailerflow.film.beats import Pulse
from trailerflow.film.harmony import Chord, Style, chord_hertz, hertz
from trailerflow.film.plan import Act
from trailerflow.film.sound import RATE, Sound, add
from trailerflow.film.synthesis import looped, pad


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A stretch of one act, in samples; its pulse fills it with whole beats.

    `accents` are cuts inside it: sample and strength 0..1. `bar` is the number of its first bar.
    """

    act: Act
    start: int
    length: int
    pulse: Pulse
    bar: int
    accents: tuple[tuple[int, float], ...]

    @property
    def beats(self) -> int:
        """Return how many beats there are."""
        return self.pulse.beats

    def at(self, beat: float) -> int:
        """Return the sample of a beat of this section."""
        return self.start + self.pulse.at(beat)

    @property
    def end(self) -> int:
        """Return the sample after the last one."""
        return self.start + self.length


@dataclass(frozen=True, slots=True)
class Mood:
    """How loud each group plays in an act; a pair is the level at its beginning and its end."""

    drone: float
    pad: tuple[float, float]
    bright: tuple[float, float]
    pulse: tuple[float, float]
    ostinato: tuple[float, float]
    drums: tuple[float, float]
    theme: tuple[float, float]
    key: float
    division: int  # notes a beat of the ostinato


_STILL = (0.0, 0.0)
MOODS: dict[Act, Mood] = {
    "cold_open": Mood(0.8, (0.25, 0.45), _STILL, _STILL, _STILL, _STILL, _STILL, 0.8, 1),
    "introduction": Mood(0.7, (0.5, 0.7), (0.0, 0.2), (0.25, 0.55), _STILL, _STILL, _STILL, 0.9, 1),
    "escalation": Mood(0.8, (0.7, 0.8), (0.15, 0.55), (0.6, 0.9), (0.22, 0.6), (0.3, 0.6), (0.0, 0.35), 0.0, 2),
    "montage": Mood(0.8, (0.7, 0.9), (0.5, 1.0), (0.8, 1.0), (0.5, 0.9), (0.6, 1.0), (0.45, 0.9), 0.0, 4),
    "title": Mood(0.9, (0.9, 0.6), (0.9, 0.3), _STILL, _STILL, _STILL, (0.5, 0.2), 0.0, 1),
    "button": Mood(0.7, (0.3, 0.4), _STILL, _STILL, _STILL, _STILL, _STILL, 0.7, 1),
}
_OSTINATO = (0, 2, 1, 2, 0, 3, 1, 2)  # indices into the chord
_THEME = ((0.0, 3), (2.0, 2), (3.0, 3))  # beat of the bar, index into the chord
_RUSH_SECONDS = 0.32
_SLOWEST_STROKE, _FASTEST_STROKE = 0.2, 0.055  # seconds between the strokes of a roll
_DRUM_BAR = ((0.0, 1.0), (1.5, 0.45), (2.0, 0.75), (3.0, 0.4), (3.5, 0.6))  # beat of the bar, strength


def generator(seed: int, name: str) -> np.random.Generator:
    """Return the random numbers that belong to one name, whatever else was made before."""
    return np.random.default_rng([seed & 0xFFFFFFFF, zlib.crc32(name.encode())])


@dataclass(slots=True)
class Orchestra:
    """Plays into two buses, dry and to the hall, each (2, samples). Every instrument is rendered once a pitch."""

    style: Style
    seed: int
    dry: Sound
    wet: Sound
    _rendered: dict[str, Sound] = field(default_factory=dict)

    def generator(self, name: str) -> np.random.Generator:
        """Return the random numbers that belong to one name, whatever else was played before."""
        return generator(self.seed, name)

    def sound(self, name: str, make: Callable[[np.random.Generator], Sound]) -> Sound:
        """Render a sound the first time it is asked for."""
        if name not in self._rendered:
            self._rendered[name] = make(self.generator(name))
        return self._rendered[name]

    def put(self, sound: Sound, at: float, gain: float, room: float) -> None:
        """Play at a sample, `room` of it also into the hall."""
        add(self.dry, sound, round(at), gain)
        add(self.wet, sound, round(at), gain * room)

    def play(self, section: Section) -> None:
        """Play all groups through a section."""
        mood = MOODS[section.act]
        self._chords(section, mood)
        self._pulse(section, mood)
        self._ostinato(section, mood)
        self._drums(section, mood)
        self._keys(section, mood)
        self._steps(section)
        self._theme(section, mood)
        self._clock(section)

    def chord(self, bar: int) -> Chord:
        """Return the chord of a bar of the whole piece."""
        return self.style.chords[bar % len(self.style.chords)]

    def blow(self, at: int, gain: float) -> None:
        """Strike everything at once."""
        self.put(self.sound("hit", instruments.hit), at, 0.85 * gain, 0.35)

    def braam(self, at: int, bar: int, gain: float) -> None:
        """Let the brass roar on the bass note of a bar."""
        note = self.chord(bar)[0]
        brass = self.sound(f"braam{note}", partial(instruments.braam, hertz(self.style.root + note)))
        self.put(brass, at, 0.62 * gain * self.style.braam, 0.4)

    def rise(self, until: int, seconds: float, gain: float) -> None:
        """Rise into a cut and stop there."""
        root = hertz(self.style.root)
        sound = self.sound(f"riser{seconds:.2f}", lambda rng: instruments.riser(root, rng, seconds))
        self.put(sound, until - sound.shape[1], 0.5 * gain, 0.3)

    def swell(self, until: int, gain: float) -> None:
        """Sweep into a cut."""
        sound = self.sound("swell", instruments.swell)
        self.put(sound, until - sound.shape[1], 0.4 * gain, 0.3)

    def rush(self, until: int, gain: float) -> None:
        """Sweep into a cut in no time."""
        sound = self.sound("rush", partial(instruments.swell, seconds=_RUSH_SECONDS))
        self.put(sound, until - sound.shape[1], 0.3 * gain, 0.25)

    def roll(self, until: int, seconds: float, gain: float) -> None:
        """Roll the drums faster and louder until a moment."""
        drum = self.sound("drum high", _high_drum)
        left, gap = seconds, _SLOWEST_STROKE
        while left > gap:
            share = 1 - left / seconds
            self.put(drum, until - left * RATE, 0.45 * gain * share**1.5 * self.style.drums, 0.3)
            gap = _SLOWEST_STROKE + (_FASTEST_STROKE - _SLOWEST_STROKE) * share
            left -= gap

    def _chords(self, section: Section, mood: Mood) -> None:
        fade = RATE // 3
        for bar in range(-(-section.beats // 4)):
            begin, end = section.at(bar * 4), min(section.at(bar * 4 + 4), section.end)
            share = bar * 4 / section.beats
            chord = self.chord(section.bar + bar)
            envelope = np.minimum(np.arange(end - begin + fade) / fade, 1).astype(np.float32)
            envelope *= envelope[::-1]
            for octave, cutoff, gain in (
                (0, 420.0, 0.75 * _at(mood.pad, share) + 0.25 * mood.drone),
                (1, self.style.brightness, 0.85 * _at(mood.bright, share)),
            ):
                if gain:
                    notes = chord_hertz(self.style, chord, octave)
                    loop = self.sound(f"pad{chord}{octave}", partial(_strings, notes, cutoff))
                    self.put(looped(loop, envelope.size, begin) * envelope, begin, 1.5 * gain, 0.5)

    def _pulse(self, section: Section, mood: Mood) -> None:
        if not any(mood.pulse):
            return
        for step in range(section.beats * 2):
            accent = 1.0 if step % 2 == 0 else 0.6
            note = self.chord(section.bar + step // 8)[0]
            sound = self.sound(f"bass{note}", partial(instruments.bass, hertz(self.style.root + note)))
            gain = _at(mood.pulse, step / (section.beats * 2)) * accent
            self.put(sound, section.at(step / 2), 0.34 * gain, 0.12)

    def _ostinato(self, section: Section, mood: Mood) -> None:
        if not any(mood.ostinato):
            return
        steps = section.beats * mood.division
        for step in range(steps):
            chord = self.chord(section.bar + step // (4 * mood.division))
            note = chord[_OSTINATO[step % len(_OSTINATO)] % len(chord)] + 12
            sound = self.sound(f"stroke{note}", partial(instruments.stroke, hertz(self.style.root + note)))
            accent = 1.0 if step % mood.division == 0 else 0.62
            gain = _at(mood.ostinato, step / steps) * accent
            self.put(sound, section.at(step / mood.division), 0.26 * gain, 0.35)

    def _drums(self, section: Section, mood: Mood) -> None:
        low = self.sound("drum", instruments.drum)
        high = self.sound("drum high", _high_drum)
        for bar in range(-(-section.beats // 4)):
            gain = _at(mood.drums, bar * 4 / section.beats) * self.style.drums
            for beat, strength in _DRUM_BAR:
                if gain and bar * 4 + beat < section.beats:
                    drum = low if beat in (0.0, 2.0) else high
                    self.put(drum, section.at(bar * 4 + beat), 0.5 * gain * strength, 0.3)
        if section.act in ("escalation", "montage"):
            for at, strength in section.accents:
                self.put(low, at, (0.35 + 0.35 * strength) * self.style.drums, 0.45)

    def _keys(self, section: Section, mood: Mood) -> None:
        gain = mood.key * self.style.key
        for beat in range(0, section.beats, 2):
            chord = self.chord(section.bar + beat // 4)
            note = chord[(3, 2, 1, 3)[beat // 2 % 4] % len(chord)] + (24 if beat % 4 == 0 else 12)
            sound = self.sound(f"key{note}", partial(instruments.key, hertz(self.style.root + note)))
            if gain:
                self.put(sound, section.at(beat), 0.3 * gain * (1.0 if beat % 4 == 0 else 0.6), 0.9)

    def _steps(self, section: Section) -> None:
        """Set a low piano note and a soft blow under each cut of the quiet acts."""
        if section.act not in ("cold_open", "introduction", "button"):
            return
        blow = self.sound("drum", instruments.drum)
        for at, strength in section.accents:
            bar = sum(section.at(4 * bar) <= at for bar in range(1, -(-section.beats // 4)))
            note = self.chord(section.bar + bar)[0] + 12
            low = self.sound(f"key{note}", partial(instruments.key, hertz(self.style.root + note)))
            self.put(low, at, 0.32 + 0.2 * strength, 0.9)
            self.put(blow, at, 0.06 + 0.1 * strength, 0.8)

    def _theme(self, section: Section, mood: Mood) -> None:
        """Sing high strings over the loud acts: three notes a bar, always the same turn."""
        if not any(mood.theme):
            return
        attack, release = RATE // 12, RATE // 3
        for bar in range(-(-section.beats // 4)):
            chord = self.chord(section.bar + bar)
            for (beat, index), until in zip(_THEME, (2.0, 3.0, 4.0), strict=True):
                if bar * 4 + beat >= section.beats:
                    break
                begin, end = section.at(bar * 4 + beat), min(section.at(bar * 4 + until), section.end)
                note = self.style.root + chord[index % len(chord)] + 24
                loop = self.sound(f"theme{note}", partial(_strings, [hertz(note)], 5200.0))
                time = np.arange(end - begin + release, dtype=np.float32)
                level = np.minimum(time / attack, 1) * np.minimum((time[-1] - time) / release, 1)
                gain = _at(mood.theme, (bar * 4 + beat) / section.beats)
                self.put(looped(loop, level.size, begin) * level, begin, 0.9 * gain, 0.7)

    def _clock(self, section: Section) -> None:
        if section.act in ("cold_open", "introduction", "button") and self.style.clock:
            for beat in range(section.beats):
                self.put(
                    self.sound("rim", instruments.rim),
                    section.at(beat),
                    0.16 * self.style.clock,
                    0.6,
                )
        if section.act in ("cold_open", "button") and self.style.heart:
            for beat in range(0, section.beats, 2):
                self.put(
                    self.sound("heart", instruments.heart),
                    section.at(beat),
                    0.5 * self.style.heart,
                    0.2,
                )


def _at(level: tuple[float, float], share: float) -> float:
    return level[0] + (level[1] - level[0]) * share


def _high_drum(rng: np.random.Generator) -> Sound:
    return instruments.drum(rng, 104.0, 0.7)


def _strings(notes: list[float], cutoff: float, rng: np.random.Generator) -> Sound:
    return pad(notes, cutoff=cutoff, width_cents=24, rng=rng)
