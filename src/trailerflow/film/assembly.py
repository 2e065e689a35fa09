"""The assembly: clips, voices, score and sounds become the trailer and all that is delivered with it.

That is captions, time-line, stems and the report of what was measured. Called by the local provider on a render
worker. Must never hand in a trailer that has not passed `delivery.check`.
"""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from trailerflow.errors import PermanentError
from trailerflow.film import captions, delivery, joining, timeline
from trailerflow.film.crew import Desk, Trailer, TrailerOrder
from trailerflow.film.mixing import mix
from trailerflow.film.placement import PlacedLine, place_lines
from trailerflow.film.plan import FPS
from trailerflow.film.sound import read_wav, write_wav
from trailerflow.film.soundtrack import encode_soundtrack

_FRAME_TIME = Fraction(1, FPS)


def assemble(order: TrailerOrder, desk: Desk) -> Trailer:
    """Make the trailer: `trailer.mp4` and all that is delivered with it."""
    _check_clips(order)
    desk.tick(0.0)
    lines = place_lines(order.plan.voiced(), {recording.id: recording.seconds for recording in order.voices.recordings})
    sound = _make_sound(order, lines, desk)
    desk.tick(0.4)
    video = _join(order, sound, desk)
    findings = delivery.inspect(video, order.plan, lambda share: desk.tick(0.6 + 0.4 * share))
    seconds = findings.frames / FPS
    shown = captions.captions_of(lines, seconds)
    wrong = captions.faults(shown, lines, seconds)
    delivery.check(findings, order.plan, target_lufs=order.loudness_lufs, captions=wrong)
    report = json.dumps(_report(order, lines, findings), ensure_ascii=False, indent=2, sort_keys=True)
    product = Trailer(
        video=desk.keep(video, "trailer.mp4", "video/mp4"),
        captions_vtt=desk.keep(_text(desk, "captions.vtt", captions.vtt(shown)), "captions.vtt", "text/vtt"),
        captions_srt=desk.keep(
            _text(desk, "captions.srt", captions.srt(shown)), "captions.srt", "application/x-subrip"
        ),
        report=desk.keep(_text(desk, "report.json", report), "report.json", "application/json"),
        timelines=timeline.hand_in(order, lines, desk),
        clips=timeline.hand_in_clips(order, desk),
        stems=tuple(desk.keep(_stem(desk, name), f"{name}.wav", "audio/wav") for name in timeline.STEMS),
        seconds=seconds,
        loudness_lufs=round(findings.level.loudness_lufs, 2),
        true_peak_dbtp=round(findings.level.true_peak_dbtp, 2),
    )
    desk.tick(1.0)
    return product


def _check_clips(order: TrailerOrder) -> None:
    if len(order.clips) != len(order.plan.cuts):
        raise PermanentError(
            "delivery_check",
            f"{len(order.clips)} clips were handed in for {len(order.plan.cuts)} cuts",
            remedy="make every shot and card of the plan",
        )


def _make_sound(order: TrailerOrder, lines: tuple[PlacedLine, ...], desk: Desk) -> Path:
    recordings = {recording.id: read_wav(desk.open(recording.audio)) for recording in order.voices.recordings}
    music, effects = (read_wav(desk.open(audio)) for audio in (order.score.audio, order.foley.audio))
    stems = mix(music, effects, lines, recordings)
    desk.tick(0.15)
    for name in timeline.STEMS:
        write_wav(_stem(desk, name), getattr(stems, name))
    whole = stems.mixed()
    del stems, music, effects  # long trailers are large in memory
    path = desk.folder / "sound.mp4"
    encode_soundtrack(whole, path, target_lufs=order.loudness_lufs)
    return path


def _stem(desk: Desk, name: str) -> Path:
    return desk.folder / f"{name}.wav"


def _join(order: TrailerOrder, sound: Path, desk: Desk) -> Path:
    """Write picture and sound into one MP4 whose index comes first, so that it plays while it loads."""
    path = desk.folder / "trailer.mp4"
    reference = joining.reference_clip(desk.folder / "reference.mp4", order.frame)
    joiner = joining.Joiner(order=order, desk=desk, reference=reference)
    options = {"movflags": "+faststart", "fflags": "+bitexact"}
    with (
        av.open(str(path), "w", format="mp4", options=options) as container,
        av.open(str(reference)) as template,
        av.open(str(sound)) as heard,
    ):
        video = container.add_stream_from_template(template.streams.video[0])
        audio = container.add_stream_from_template(heard.streams.audio[0])
        sounds = _sounds(heard, audio)
        waiting = next(sounds, None)
        for number, packet in enumerate(joiner.packets()):
            while waiting is not None and _begins(waiting) <= number * _FRAME_TIME:
                container.mux(waiting)
                waiting = next(sounds, None)
            packet.stream = video
            packet.time_base = _FRAME_TIME
            packet.pts = packet.dts = number
            packet.duration = 1
            container.mux(packet)
            if number % FPS == 0:
                desk.tick(0.4 + 0.2 * number / order.plan.frames)
        while waiting is not None:
            container.mux(waiting)
            waiting = next(sounds, None)
    return path


def _sounds(heard: InputContainer, stream: AudioStream) -> Iterator["Packet[AudioStream]"]:
    for packet in heard.demux(heard.streams.audio[0]):
        if packet.size:
            packet.stream = stream
            yield packet


def _begins(packet: "Packet[AudioStream]") -> Fraction:
    """Return the second at which a packet is heard; the encoder's priming lies before 0."""
    return Fraction(packet.pts or 0) * packet.time_base


def _text(desk: Desk, name: str, text: str) -> Path:
    path = desk.folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _report(order: TrailerOrder, lines: tuple[PlacedLine, ...], findings: delivery.Findings) -> dict[str, Any]:
    return {
        "title": order.plan.title,
        "seconds": findings.frames / FPS,
        "frames": findings.frames,
        "frame": order.frame.model_dump(),
        "target_lufs": order.loudness_lufs,
        "loudness_lufs": round(findings.level.loudness_lufs, 2),
        "true_peak_dbtp": round(findings.level.true_peak_dbtp, 2),
        "spans": [{"kind": span.kind, "start": span.start / FPS, "end": span.end / FPS} for span in findings.spans],
        "lines": [
            {
                "id": line.line.id,
                "character": line.line.character,
                "text": line.line.text,
                "start": round(line.start, 3),
                "end": round(line.end, 3),
                "speed": round(line.speed, 3),
                "spoken": line.spoken,
            }
            for line in lines
        ],
        "clips": [
            {
                "kind": cut.kind,
                "id": cut.id,
                "act": cut.act,
                "start": cut.start,
                "frames": cut.frames,
                "dissolve": cut.dissolve,
            }
            for cut in order.plan.cuts
        ],
        "warnings": [*order.plan.warnings, *order.voices.warnings],
    }
