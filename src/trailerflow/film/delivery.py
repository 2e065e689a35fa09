"""The delivery check: the finished trailer decoded once, measured and judged.

Called by `assembly` on the file it is about to hand in. Must never pass a trailer that is silent for more than two
seconds, of the wrong length or the wrong level. A picture that is black or frozen for so long is named in the report:
it may be meant, and paid for, so that whoever looks decides.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from trailerflow.errors import PermanentError
from trailerflow.film.joining import name_of
from trailerflow.film.loudness import CEILING_DBTP, TARGET_LUFS, Level, measure
from trailerflow.film.plan import FPS, Cut, Plan
from trailerflow.film.sound import RATE, SAMPLES_PER_FRAME, Sound, amplitude
from trailerflow.film.soundtrack import decode

LONGEST_FRAMES = 2 * FPS
LOUDNESS_TOLERANCE_LU = 0.5

_DARK_LUMA = 16 + 0.1 * 219  # 10 % of the limited range
_BLACK_SHARE = {"shot": 0.98, "card": 0.9985}  # letters on black light few pixels, but some
_EVERY = 4  # of each row and column, every fourth pixel is looked at
_STILL_LEVELS, _STILL_SHARE = 2, 0.001
_SILENCE = amplitude(-60.0)
_SILENCE_BLOCK = RATE // 10


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of frames, the end not included, that is `black`, `frozen` or `silent`."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Findings:
    """What was measured: frames shown, samples heard, level, and stretches longer than two seconds."""

    frames: int
    samples: int
    level: Level
    spans: tuple[Span, ...]


def inspect(path: Path, plan: Plan, tick: Callable[[float], None]) -> Findings:
    """Decode a trailer and measure it; `tick` is told the share done, 0..1."""
    black: list[bool] = []
    still: list[bool] = []
    limits = [_BLACK_SHARE[cut.kind] for cut in plan.cuts for _ in range(cut.frames)]
    anchor: NDArray[np.int16] | None = None
    for number, luma in enumerate(_lumas(path)):
        limit = limits[min(number, len(limits) - 1)]
        black.append(float(np.mean(luma < _DARK_LUMA)) >= limit)
        still.append(anchor is not None and float(np.mean(np.abs(luma - anchor) >= _STILL_LEVELS)) < _STILL_SHARE)
        if not still[-1]:
            anchor = luma
        if number % FPS == 0:
            tick(min(0.8 * number / plan.frames, 0.8))
    sound = decode(path)
    spans = (*_spans("black", black), *_spans("frozen", still, lead=1), *_spans("silent", _silences(sound)))
    return Findings(len(black), sound.shape[1], measure(sound), spans)


def check(findings: Findings, plan: Plan, *, target_lufs: float = TARGET_LUFS, captions: Iterable[str] = ()) -> None:
    """Raise `PermanentError` with code `delivery_check` when a trailer must not be delivered.

    `captions` is what was found wrong with them.
    """
    faults = (*_faults(findings, plan, target_lufs), *captions)
    if faults:
        raise PermanentError(
            "delivery_check",
            f"the trailer failed its delivery check: {'; '.join(faults)}",
            remedy="make the named shot or card again, or change the plan",
            extra={"faults": list(faults)},
        )


def cut_at(plan: Plan, number: int) -> Cut:
    """Return the cut that shows frame `number`; beyond the end, the last one."""
    return next((cut for cut in plan.cuts if number < cut.start + cut.frames), plan.cuts[-1])


def blemishes(findings: Findings, plan: Plan) -> Iterator[str]:
    """Yield in words where the picture is black or frozen for long."""
    yield from (_said(span, plan) for span in findings.spans if span.kind != "silent")


def _said(span: Span, plan: Plan) -> str:
    # The middle lies in the cut that fills most of the stretch.
    cut = cut_at(plan, (span.start + span.end) // 2)
    seconds = (span.end - span.start) / FPS
    return f"{name_of(cut)} is {span.kind} for {seconds:.1f} s from {span.start / FPS:.1f} s"


def _faults(findings: Findings, plan: Plan, target_lufs: float) -> Iterator[str]:
    yield from (_said(span, plan) for span in findings.spans if span.kind == "silent")
    if findings.frames != plan.frames:
        yield f"{findings.frames} frames instead of {plan.frames}"
    if abs(findings.samples - plan.frames * SAMPLES_PER_FRAME) > SAMPLES_PER_FRAME // 2:
        yield f"sound of {findings.samples / RATE:.3f} s beside {plan.frames / FPS:.3f} s of picture"
    level = findings.level
    if abs(level.loudness_lufs - target_lufs) > LOUDNESS_TOLERANCE_LU:
        yield f"loudness is {level.loudness_lufs:.1f} LUFS instead of {target_lufs:.1f}"
    if level.true_peak_dbtp > CEILING_DBTP:
        yield f"true peak is {level.true_peak_dbtp:.2f} dBTP, above {CEILING_DBTP:.1f}"


def _lumas(path: Path) -> Iterator[NDArray[np.int16]]:
    """Decode every frame and yield a sixteenth of its luma."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        stream.codec_context.options = {"skip_loop_filter": "all"}  # a third of the time; nobody sees these pictures
        for frame in container.decode(stream):
            plane = frame.planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            yield rows[: frame.height : _EVERY, : frame.width : _EVERY].astype(np.int16)


def _silences(sound: Sound) -> list[bool]:
    """Tell for each frame whether the tenth of a second it lies in is below -60 dB."""
    blocks = sound.shape[1] // _SILENCE_BLOCK
    power = np.square(sound[:, : blocks * _SILENCE_BLOCK]).reshape(2, blocks, _SILENCE_BLOCK).mean(axis=(0, 2))
    frames = sound.shape[1] // SAMPLES_PER_FRAME
    places = np.minimum(np.arange(frames) * SAMPLES_PER_FRAME // _SILENCE_BLOCK, max(blocks - 1, 0))
    return [bool(quiet) for quiet in (power < _SILENCE**2)[places]] if blocks else []


def _spans(kind: str, marks: list[bool], lead: int = 0) -> Iterator[Span]:
    """Yield stretches of marked frames longer than two seconds; `lead` frames before the first mark belong to one."""
    begin: int | None = None
    for number, mark in enumerate((*marks, False)):
        if mark and begin is None:
            begin = number - lead
        elif not mark and begin is not None:
            if number - begin > LONGEST_FRAMES:
                yield Span(kind, begin, number)
            begin = None
