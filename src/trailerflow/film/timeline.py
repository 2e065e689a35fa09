"""The time-line for an editing program: every clip, line and title at its frame, the media beside it by its name.

Called by `assembly`. Written by OpenTimelineIO and its adapters: `trailer.otio`, `trailer.xml` (Final Cut Pro 7, read
by Premiere and Resolve) and `trailer.edl` (CMX 3600: one picture track, no sound). Must never differ from the trailer
by a frame, nor name a file by more than its name: the pack may lie in any folder.
"""

from collections.abc import Sequence

from opentimelineio import adapters, schema
from opentimelineio.opentime import RationalTime, TimeRange

from trailerflow.film.crew import Desk, TrailerOrder
from trailerflow.film.placement import PlacedLine
from trailerflow.film.plan import FPS, Cut, Frame, Plan
from trailerflow.film.record import File

STEMS = ("dialogue", "music", "effects")
_FORMATS = (
    ("trailer.otio", "otio_json", "application/vnd.opentimelineio+json"),
    ("trailer.xml", "fcp_xml", "application/xml"),
    ("trailer.edl", "cmx_3600", "text/plain"),
)
_REEL_LETTERS = 8
_TEXT_SAFE = str.maketrans("\r\n\t", "   ")


def hand_in(order: TrailerOrder, lines: Sequence[PlacedLine], desk: Desk) -> tuple[File, ...]:
    """Write the time-line in each format."""
    files: list[File] = []
    for name, adapter, media_type in _FORMATS:
        timeline = build(order.plan, lines, order.frame)  # anew each time: adapters change what they are given
        if adapter == "cmx_3600":
            _leave_picture_only(timeline)
        path = desk.folder / name
        adapters.write_to_file(timeline, str(path), adapter_name=adapter)
        files.append(desk.keep(path, name, media_type))
    return tuple(files)


def hand_in_clips(order: TrailerOrder, desk: Desk) -> tuple[File, ...]:
    """Offer the shots' clips under the names the time-line links to; cards have theirs already."""
    return tuple(
        desk.keep(desk.open(clip.video), media_name(cut), "video/mp4")
        for cut, clip in zip(order.plan.cuts, order.clips, strict=True)
        if cut.kind == "shot"
    )


def media_name(cut: Cut) -> str:
    """Return the name of the clip a cut shows, as it lies in the pack."""
    return f"{'clip' if cut.kind == 'shot' else 'card'}-{cut.id}.mp4"


def build(plan: Plan, lines: Sequence[PlacedLine], frame: Frame) -> schema.Timeline:
    """Return the time-line: one track of pictures, one for each stem, markers for lines and cards."""
    timeline = schema.Timeline(_plain(plan.title))
    size = {"width": str(frame.width), "height": str(frame.height)}
    timeline.metadata["fcp_xml"] = {"media": {"video": {"format": {"samplecharacteristics": size}}}}
    timeline.tracks.append(_pictures(plan))
    for stem in STEMS:
        track = schema.Track(stem, kind=schema.TrackKind.Audio)
        track.append(_clip(stem, f"{stem}.wav", plan.frames, plan.frames))
        timeline.tracks.append(track)
    timeline.tracks.markers.extend(_markers(plan, lines))
    return timeline


def _pictures(plan: Plan) -> schema.Track:
    track = schema.Track("pictures", kind=schema.TrackKind.Video)
    for position, cut in enumerate(plan.cuts):
        dissolve = min(cut.dissolve, cut.frames) if position else 0
        if dissolve:
            track.append(
                schema.Transition("dissolve", schema.TransitionTypes.SMPTE_Dissolve, _time(0), _time(dissolve))
            )
        track.append(_clip(cut.id, media_name(cut), cut.frames, cut.frames + plan.tail_of(position)))
    return track


def _clip(name: str, file: str, frames: int, available: int) -> schema.Clip:
    media = schema.ExternalReference(target_url=file, available_range=_range(0, available))
    media.name = file
    clip = schema.Clip(name, media, _range(0, frames))
    clip.metadata["cmx_3600"] = {"reel": "".join(letter for letter in name if letter.isalnum())[:_REEL_LETTERS]}
    return clip


def _markers(plan: Plan, lines: Sequence[PlacedLine]) -> list[schema.Marker]:
    """Mark each line where it is heard and each card where it is seen, in the order of the time-line."""
    letters = {card.id: card.text for card in plan.cards}
    marked = [
        (cut.start, cut.frames, letters[cut.id], schema.MarkerColor.RED) for cut in plan.cuts if cut.kind == "card"
    ]
    for placed in lines:
        start, end = round(placed.start * FPS), round(placed.end * FPS)
        said = f"{placed.line.character}: {placed.line.text}"
        marked.append((start, max(end - start, 1), said, schema.MarkerColor.GREEN))
    return [
        schema.Marker(_plain(text), marked_range=_range(start, frames), color=colour)
        for start, frames, text, colour in sorted(marked)
    ]


def _leave_picture_only(timeline: schema.Timeline) -> None:
    """Take out what an edit decision list has no words for."""
    del timeline.tracks[1:]
    timeline.tracks.markers.clear()


def _plain(text: str) -> str:
    """Return a text that XML can hold, on one line."""
    return "".join(letter for letter in text.translate(_TEXT_SAFE) if letter.isprintable())


def _time(frames: int) -> RationalTime:
    return RationalTime(frames, FPS)


def _range(start: int, frames: int) -> TimeRange:
    return TimeRange(_time(start), _time(frames))
