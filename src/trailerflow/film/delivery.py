"""The delivery check: the finished trailer decoded once, measured and judged.

Called by `assembly` on the file it is about to hand in. Must never pass a trailer that is black, frozen or silent for
more than two seconds where the plan does not ask for it, of the wrong length or level, with captions nobody can read,
or with words that are not in the script.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trailerflow.errors import PermanentError
from trailerflow.film import blemishes
from trailerflow.film.blemishes import Span, Watch
from trailerflow.film.joining import name_of
from trailerflow.film.loudness import CEILING_DBTP, TARGET_LUFS, Level, measure
from trailerflow.film.plan import FPS, Cut, Plan
from trailerflow.film.sound import RATE, SAMPLES_PER_FRAME, Sound, amplitude
from trailerflow.film.soundtrack import decode

LOUDNESS_TOLERANCE_LU = 0.5

_SILENCE = amplitude(-60.0)
_SILENCE_BLOCK = RATE // 10


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured: frames shown, samples heard, level, and stretches longer than two seconds."""

    frames: int
    samples: int
    level: Level
    spans: tuple[Span, ...]


def inspect(path: Path, plan: Plan, tick: Callable[[float], None]) -> Findings:
    """Decode a trailer and measure it; `tick` is told the share done, 0..1."""
    watch = Watch()
    cards = [cut.kind == "card" for cut in plan.cuts for _ in range(cut.frames)]
    for number, luma in enumerate(blemishes.lumas(path)):
        watch.see(luma, is_card=cards[min(number, len(cards) - 1)])
        if number % FPS == 0:
            tick(min(0.8 * number / plan.frames, 0.8))
    sound = decode(path)
    faded = frozenset[int]().union(
        *(blemishes.fades(cut.start, cut.frames, cut.fade_in, cut.fade_out) for cut in plan.cuts)
    )
    spans = (*watch.spans(faded), *blemishes.spans("silent", _silences(sound)))
    return Findings(watch.frames, sound.shape[1], measure(sound), spans)


def check(findings: Findings, plan: Plan, *, target_lufs: float = TARGET_LUFS, captions: Iterable[str] = ()) -> None:
    """Raise `PermanentError` with code `delivery_check` when a trailer must not be delivered.

    `captions` is what was found wrong with them.
    """
    faults = (*_faults(findings, plan, target_lufs), *captions, *strange_words(plan))
    if faults:
        raise PermanentError(
            "delivery_check",
            f"the trailer failed its delivery check: {'; '.join(faults)}",
            remedy="start regenerate_scene for the scene of a named shot, or change the plan",
            extra={"faults": list(faults)},
        )


def cut_at(plan: Plan, number: int) -> Cut:
    """Return the cut that shows frame `number`; beyond the end, the last one."""
    return next((cut for cut in plan.cuts if number < cut.start + cut.frames), plan.cuts[-1])


def strange_words(plan: Plan) -> Iterator[str]:
    """Yield in words which lines are not found word for word in the script; plans of old do not say where to look."""
    for shot in plan.voiced().shots:
        line = shot.line
        if line is None or line.id not in plan.sources:
            continue
        if " ".join(line.text.split()) not in " ".join(plan.sources[line.id].split()):
            yield f"the line of shot {shot.id}, “{line.text}”, is not in the script word for word"


def _faults(findings: Findings, plan: Plan, target_lufs: float) -> Iterator[str]:
    for span in findings.spans:
        # The middle lies in the cut that fills most of the stretch.
        yield f"{name_of(cut_at(plan, (span.start + span.end) // 2))} is {blemishes.said(span)}"
    if findings.frames != plan.frames:
        yield f"{findings.frames} frames instead of {plan.frames}"
    if abs(findings.samples - plan.frames * SAMPLES_PER_FRAME) > SAMPLES_PER_FRAME // 2:
        yield f"sound of {findings.samples / RATE:.3f} s beside {plan.frames / FPS:.3f} s of picture"
    level = findings.level
    if abs(level.loudness_lufs - target_lufs) > LOUDNESS_TOLERANCE_LU:
        yield f"loudness is {level.loudness_lufs:.1f} LUFS instead of {target_lufs:.1f}"
    if level.true_peak_dbtp > CEILING_DBTP:
        yield f"true peak is {level.true_peak_dbtp:.2f} dBTP, above {CEILING_DBTP:.1f}"


def _silences(sound: Sound) -> list[bool]:
    """Tell for each frame whether the tenth of a second it lies in is below -60 dB."""
    blocks = sound.shape[1] // _SILENCE_BLOCK
    power = np.square(sound[:, : blocks * _SILENCE_BLOCK]).reshape(2, blocks, _SILENCE_BLOCK).mean(axis=(0, 2))
    frames = sound.shape[1] // SAMPLES_PER_FRAME
    places = np.minimum(np.arange(frames) * SAMPLES_PER_FRAME // _SILENCE_BLOCK, max(blocks - 1, 0))
    return [bool(quiet) for quiet in (power < _SILENCE**2)[places]] if blocks else []
