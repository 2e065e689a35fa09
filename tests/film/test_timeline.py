"""An editing program finds the trailer again to the frame: clips, dissolves, stems, lines and titles."""

import json
import xml.etree.ElementTree as ET
from fractions import Fraction
from itertools import accumulate
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import scripts
from film.desk import FolderDesk
from film.story import plan_of, shot
from trailerflow.film import timeline
from trailerflow.film.crew import Clip, Score, TrailerOrder, Voices
from trailerflow.film.placement import PlacedLine, place_lines
from trailerflow.film.plan import FPS, Frame, Plan
from trailerflow.film.record import File

FRAME = Frame(width=128, height=72)
NAMES = {"otio_json": "trailer.otio", "fcp_xml": "trailer.xml", "cmx_3600": "trailer.edl"}


@pytest.fixture(scope="module")
def plan() -> Plan:
    """Return the plan of a real script, with dissolves in it."""
    found = scripts.planned(scripts.example(), seconds=60)
    assert any(cut.dissolve for cut in found.cuts[1:])
    return found


def order_of(plan: Plan, desk: FolderDesk) -> TrailerOrder:
    path = desk.folder / "clip.mp4"
    clips = []
    for position, cut in enumerate(plan.cuts):
        path.write_text(f"the clip of {cut.id}", encoding="utf-8")
        frames = cut.frames + plan.tail_of(position)
        clips.append(Clip(video=desk.keep(path, f"clip-{cut.id}.mp4", "video/mp4"), frames=frames))
    nothing = Score(audio=File(name="score.wav", sha256="0" * 64, media_type="audio/wav", bytes=1))
    return TrailerOrder(
        plan=plan,
        frame=FRAME,
        clips=tuple(clips),
        voices=Voices(recordings=(), warnings=()),
        score=nothing,
        foley=nothing,
        loudness_lufs=-14.0,
    )


def written(plan: Plan, root: Path) -> dict[str, Path]:
    """Write the time-line of a plan; return the files by name."""
    desk = FolderDesk(root)
    files = timeline.hand_in(order_of(plan, desk), place_lines(plan, {}), desk)
    return {file.name: desk.open(file) for file in files}


def opened(path: Path, adapter: str) -> Any:
    return otio.adapters.read_from_file(str(path), adapter_name=adapter)


@pytest.mark.parametrize("adapter", NAMES)
def test_every_format_holds_every_cut_at_its_frame(plan: Plan, tmp_path: Path, adapter: str) -> None:
    found = opened(written(plan, tmp_path)[NAMES[adapter]], adapter)
    pictures = found.video_tracks()[0]
    clips = list(pictures.find_clips())
    assert found.duration() == otio.opentime.RationalTime(plan.frames, FPS)
    assert sum(clip.source_range.duration.to_frames() for clip in clips) == plan.frames
    places = [clip.range_in_parent() for clip in clips]
    assert [(place.start_time.to_frames(), place.duration.to_frames()) for place in places] == [
        (cut.start, cut.frames) for cut in plan.cuts
    ]
    dissolves = [
        (item.in_offset + item.out_offset).to_frames() for item in pictures if isinstance(item, otio.schema.Transition)
    ]
    assert dissolves == [cut.dissolve for cut in plan.cuts[1:] if cut.dissolve]


def test_clips_are_linked_by_name_to_files_of_the_pack_that_are_long_enough(plan: Plan, tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    order = order_of(plan, desk)
    names = {file.name for file in timeline.hand_in_clips(order, desk)}
    assert names == {f"clip-{shot.id}.mp4" for shot in plan.shots}
    cards = {f"card-{card.id}.mp4" for card in plan.cards}
    found = opened(written(plan, tmp_path)["trailer.otio"], "otio_json")
    for clip, made in zip(found.video_tracks()[0].find_clips(), order.clips, strict=True):
        media = clip.media_reference
        assert media.target_url in names | cards
        assert media.available_range.duration.to_frames() == made.frames
        used = clip.trimmed_range()
        assert media.available_range.contains(used, 0)
    for track, stem in zip(found.audio_tracks(), timeline.STEMS, strict=True):
        assert track[0].media_reference.target_url == f"{stem}.wav"
        assert track.duration() == found.duration()


@pytest.mark.parametrize("adapter", ["otio_json", "fcp_xml"])
def test_lines_and_titles_are_marked_where_they_are(plan: Plan, tmp_path: Path, adapter: str) -> None:
    found = opened(written(plan, tmp_path)[NAMES[adapter]], adapter)
    marked = {(m.name, m.marked_range.start_time.to_frames()) for m in found.tracks.markers}
    lines = {(f"{p.line.character}: {p.line.text}", round(p.start * FPS)) for p in place_lines(plan, {})}
    texts = {card.id: card.text for card in plan.cards}
    assert lines
    assert marked == lines | {(texts[cut.id], cut.start) for cut in plan.cuts if cut.kind == "card"}


def test_no_two_clips_share_a_reel_and_nothing_but_names_stands_in_the_files(plan: Plan, tmp_path: Path) -> None:
    files = written(plan, tmp_path)
    events = [line.split() for line in files["trailer.edl"].read_text().splitlines() if line[:3].isdigit()]
    assert len({words[1] for words in events}) == len(plan.cuts)
    for url in ET.fromstring(files["trailer.xml"].read_text(encoding="utf-8")).iter("pathurl"):  # noqa: S314 - our own
        assert url.text == Path(url.text or "/").name
    assert json.loads(files["trailer.otio"].read_text(encoding="utf-8"))["OTIO_SCHEMA"].startswith("Timeline")
    assert str(tmp_path) not in "".join(path.read_text(encoding="utf-8") for path in files.values())
    assert {name: path.read_bytes() for name, path in written(plan, tmp_path / "again").items()} == {
        name: path.read_bytes() for name, path in files.items()
    }


@settings(max_examples=30, deadline=None)
@given(
    text=st.text(min_size=1, max_size=40),
    lengths=st.lists(st.tuples(st.integers(6, 90), st.integers(0, 12)), min_size=1, max_size=9),
)
def test_any_words_and_any_lengths_come_back(
    tmp_path_factory: pytest.TempPathFactory, text: str, lengths: list[tuple[int, int]]
) -> None:
    shots = tuple((shot(f"s{number}", text=text), frames) for number, (frames, _) in enumerate(lengths))
    dissolves = {number: min(dissolve, lengths[number][0]) for number, (_, dissolve) in enumerate(lengths) if number}
    short = plan_of(shots, dissolves=dissolves).model_copy(update={"title": text})
    files = written(short, tmp_path_factory.mktemp("pack"))
    for adapter, name in NAMES.items():
        found = opened(files[name], adapter)
        starts = [clip.range_in_parent().start_time.to_frames() for clip in found.video_tracks()[0].find_clips()]
        assert starts == [0, *accumulate(frames for frames, _ in lengths[:-1])]
        assert Fraction(found.duration().to_seconds()).limit_denominator(FPS) == Fraction(short.frames, FPS)


def test_a_line_that_is_over_at_once_is_still_marked() -> None:
    one = shot("s0", text="Now!")
    assert one.line is not None
    placed = (PlacedLine(line=one.line, start=0.5, end=0.5, speed=1.0, spoken=True),)
    built = timeline.build(plan_of(((one, 48),)), placed, FRAME)
    (marker,) = built.tracks.markers
    assert marker.marked_range.duration.to_frames() == 1
