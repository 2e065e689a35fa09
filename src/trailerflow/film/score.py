"""The score: music arranged to the cuts.

Called by the local provider on a render worker. Must be a function of its order alone: same order, same bytes, and
exactly `frames` x 2000 samples of stereo.
"""

from itertools import groupby, pairwise

import numpy as np

from trailerflow.film.beats import Stroke, fitted
from trailerflow.film.crew import Desk, Score, ScoreOrder
from trailerflow.film.harmony import Style, style_of
from trailerflow.film.orchestration import Orchestra, Section
from trailerflow.film.plan import Act, Cut
from trailerflow.film.sound import RATE, SAMPLES_PER_FRAME, Sound, amplitude, write_wav
from trailerflow.film.synthesis import hall, reverberate

_STOP_SECONDS = 0.7  # the silence before the title
_BREATHS: dict[Act, float] = {"escalation": 0.2, "montage": 0.28, "title": _STOP_SECONDS}  # before these acts
_HELD = {"title": 0.015}  # what is left of the music while it holds its breath
_PEAK_DB = -2.0
_DRIVE = 1.1
_LAST_FADE_SECONDS = 0.8


def compose(order: ScoreOrder, desk: Desk) -> Score:
    """Compose music for the cuts and hand in one stereo WAV of `order.frames`/24 seconds."""
    style = style_of(order.genre)
    length = order.frames * SAMPLES_PER_FRAME
    sections = sections_of(order, style)
    orchestra = Orchestra(style, order.seed, np.zeros((2, length), np.float32), np.zeros((2, length), np.float32))
    for number, section in enumerate(sections):
        desk.tick(0.5 * number / len(sections))
        orchestra.play(section)
    _mark_acts(sections, orchestra)
    _mark_cards(order, orchestra)
    desk.tick(0.6)
    mix = _in_hall(orchestra)
    mix *= _stops(sections, length)
    desk.tick(0.8)
    path = desk.folder / "score.wav"
    write_wav(path, _finished(mix))
    desk.tick(1.0)
    return Score(audio=desk.keep(path, "score.wav", "audio/wav"))


def sections_of(order: ScoreOrder, style: Style) -> tuple[Section, ...]:
    """Part the time-line where the act changes and bend a pulse near the genre's tempo to the cuts of each part."""
    sections: list[Section] = []
    bar = 0
    for act, run in groupby(order.cuts, key=lambda cut: cut.act):
        cuts = tuple(run)
        start = cuts[0].start * SAMPLES_PER_FRAME
        length = sum(cut.frames for cut in cuts) * SAMPLES_PER_FRAME
        strokes = [Stroke(cut.start * SAMPLES_PER_FRAME - start, _weight(cut, order)) for cut in cuts[1:]]
        pulse = fitted(strokes, length, style.tempo)
        accents = tuple(
            (cut.start * SAMPLES_PER_FRAME, order.intensity.get(cut.id, 0.5))
            for cut in cuts
            if cut.kind == "shot" and not cut.dissolve
        )
        sections.append(Section(act=act, start=start, length=length, pulse=pulse, bar=bar, accents=accents))
        bar += -(-pulse.beats // 4)
    return tuple(sections)


def _weight(cut: Cut, order: ScoreOrder) -> float:
    """Return how much a cut would be missed by the beat: a dissolve not at all, letters most."""
    return 0.0 if cut.dissolve else 0.6 + 0.4 * order.intensity.get(cut.id, 1.0)


def _mark_acts(sections: tuple[Section, ...], orchestra: Orchestra) -> None:
    """Announce each act: a rise before it, a blow on it, brass through the loud ones, and a last blow to end on."""
    for section in sections:
        before = section.start - round(_BREATHS.get(section.act, 0.0) * RATE)
        match section.act:
            case "cold_open":
                orchestra.blow(section.start, 0.45)
            case "introduction":
                orchestra.blow(section.start, 0.55)
            case "escalation":
                orchestra.rise(before, 2.0, 0.6)
                orchestra.blow(section.start, 0.8)
                _roar(section, orchestra, every=4, gain=0.8)
            case "montage":
                orchestra.rise(before, 3.0, 0.9)
                orchestra.blow(section.start, 1.0)
                _roar(section, orchestra, every=2, gain=1.0)
                _rush(section, orchestra)
            case "title":
                orchestra.rise(before, 3.5, 1.1)
                orchestra.roll(before, 2.2, 0.8)
                orchestra.blow(section.start, 1.25)
                orchestra.braam(section.start, section.bar, 1.25)
            case "button":
                last = section.accents[-1][0] if section.accents else section.start
                orchestra.blow(last, 0.5)


def _roar(section: Section, orchestra: Orchestra, *, every: int, gain: float) -> None:
    for bar in range(0, -(-section.beats // 4), every):
        orchestra.braam(section.at(bar * 4), section.bar + bar, gain)


def _rush(section: Section, orchestra: Orchestra) -> None:
    """Sweep into every cut of a section, harder and harder."""
    for at, strength in section.accents[1:]:
        share = (at - section.start) / section.length
        orchestra.rush(at, (0.35 + 0.65 * share) * (0.6 + 0.4 * strength))


def _mark_cards(order: ScoreOrder, orchestra: Orchestra) -> None:
    """Sweep into every card of letters and let it land."""
    for cut in order.cuts:
        if cut.kind == "card" and cut.start:
            at = cut.start * SAMPLES_PER_FRAME
            orchestra.swell(at, 0.5 if cut.act == "title" else 0.9)
            orchestra.blow(at, 0.5)


def _stops(sections: tuple[Section, ...], length: int) -> Sound:
    """Return a gain curve that holds its breath before the loud acts and the title, and fades at the very end."""
    gain = np.ones(length, np.float32)
    for previous, section in pairwise(sections):
        seconds = _BREATHS.get(section.act, 0.0)
        if seconds and previous.length > 4 * seconds * RATE:
            begin = section.start - round(seconds * RATE)
            fall, held = RATE // 20, _HELD.get(section.act, 0.15)
            gain[begin : begin + fall] = np.linspace(1, held, fall)
            gain[begin + fall : section.start] = held
    fade = min(round(_LAST_FADE_SECONDS * RATE), length)
    gain[length - fade :] *= np.linspace(1, 0, fade, dtype=np.float32) ** 1.5
    return gain


def _in_hall(orchestra: Orchestra) -> Sound:
    """Add the hall to the dry bus, in place: long trailers are large in memory."""
    response = hall(orchestra.style.hall, damping=3800, rng=orchestra.generator("hall"))
    reverberate(orchestra.dry, orchestra.wet, response, 0.55)
    orchestra.wet = np.zeros((2, 0), np.float32)
    return orchestra.dry


def _finished(mix: Sound) -> Sound:
    """Bend the loudest moments and bring the peak to -2 dB, in place; the last word on loudness is the mix's."""
    mix *= np.float32(_DRIVE)
    np.tanh(mix, out=mix)
    mix *= np.float32(amplitude(_PEAK_DB) / max(float(mix.max()), -float(mix.min()), 1e-9))
    return mix
