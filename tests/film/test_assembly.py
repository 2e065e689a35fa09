"""The trailer is joined to the frame, heard in full, measured, and refused when it is not fit to be shown."""

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Stream
from numpy.typing import NDArray

from film.desk import FolderDesk
from film.story import plan_of, shot
from trailerflow.errors import PermanentError
from trailerflow.film import foley, orders
from trailerflow.film.assembly import assemble
from trailerflow.film.crew import Clip, FoleyOrder, Recording, Score, Trailer, TrailerOrder, Voices
from trailerflow.film.delivery import strange_words
from trailerflow.film.encoding import Picture, VideoWriter
from trailerflow.film.footage import Footage
from trailerflow.film.loudness import TARGET_LUFS, measure
from trailerflow.film.plan import Frame, Plan
from trailerflow.film.score import compose
from trailerflow.film.sound import RATE, decibels, read_wav, write_wav
from trailerflow.film.soundtrack import decode

FRAME = Frame(width=128, height=72)
Draw = Callable[[int, int], Picture]
Made = tuple[TrailerOrder, Trailer, FolderDesk]
PLAN = plan_of(
    (
        (shot("s0", "cold_open", text="We have to go."), 40),
        (shot("s1", "introduction"), 74),
        (shot("s2", "montage", text="Now!", character="TOM"), 30),
    ),
    dissolves={1: 8},
    title_frames=48,
)


def moving(position: int, number: int) -> Picture:
    """Draw a bright bar on the clip's own grey; where it stands is the frame's number."""
    picture = np.full((72, 128, 3), 60 + 40 * position, np.uint8)
    picture[20:50, (number * 2) % 120 : (number * 2) % 120 + 6] = 255
    return picture


def make_clip(desk: FolderDesk, plan: Plan, position: int, draw: Draw = moving, *, missing: int = 0) -> Clip:
    cut = plan.cuts[position]
    frames = cut.frames + plan.tail_of(position) - missing
    keyframes = [number for number in (cut.dissolve, cut.frames if plan.tail_of(position) else 0) if number]
    path = desk.folder / f"clip{position}.mp4"
    with VideoWriter(path, FRAME, keyframes) as video:
        for number in range(frames):
            video.write(draw(position, number))
    return Clip(video=desk.keep(path, f"clip-{cut.id}.mp4", "video/mp4"), frames=frames)


def make_voices(desk: FolderDesk, plan: Plan) -> Voices:
    recordings = []
    for line in (one.line for one in plan.shots if one.line):
        path = desk.folder / "voice.wav"
        write_wav(path, (0.1 * np.sin(np.arange(RATE) * 0.03)).astype(np.float32))
        recordings.append(Recording(id=line.id, audio=desk.keep(path, "voice.wav", "audio/wav"), seconds=1.0))
    return Voices(recordings=tuple(recordings), warnings=("something to know",))


def make_foley(desk: FolderDesk, plan: Plan) -> Score:
    return foley.perform(FoleyOrder(cuts=plan.cuts, shots=plan.shots, frames=plan.frames, seed=plan.seed), desk)


def make_score(desk: FolderDesk, plan: Plan) -> Score:
    order = orders.score(plan)
    return compose(order, desk)


def order_of(desk: FolderDesk, plan: Plan = PLAN) -> TrailerOrder:
    clips = tuple(make_clip(desk, plan, position) for position in range(len(plan.cuts)))
    return TrailerOrder(
        plan=plan,
        frame=FRAME,
        clips=clips,
        voices=make_voices(desk, plan),
        score=make_score(desk, plan),
        foley=make_foley(desk, plan),
        loudness_lufs=TARGET_LUFS,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    desk = FolderDesk(tmp_path_factory.mktemp("assembly"))
    order = order_of(desk)
    return order, assemble(order, desk), desk


def lumas(path: Path) -> list[NDArray[np.int64]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray()[:72].astype(int) for frame in container.decode(video=0)]


def seconds_of(stream: Stream) -> float:
    return float((stream.duration or 0) * (stream.time_base or 0))


def with_clip(order: TrailerOrder, position: int, clip: Clip) -> TrailerOrder:
    clips = (*order.clips[:position], clip, *order.clips[position + 1 :])
    return order.model_copy(update={"clips": clips})


def test_picture_and_sound_have_exactly_the_length_of_the_plan(made: Made) -> None:
    _, trailer, desk = made
    with av.open(str(desk.open(trailer.video))) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.frames == PLAN.frames == 192
        assert seconds_of(video) == pytest.approx(8.0)
        assert seconds_of(audio) == pytest.approx(8.0, abs=0.022)
        assert (video.codec_context.name, audio.codec_context.name, audio.rate, audio.channels) == (
            "h264", "aac", 48_000, 2,
        )  # fmt: skip
        times = [(packet.pts, packet.dts) for packet in container.demux(video) if packet.size]
    assert times == [(number * 512, number * 512) for number in range(192)]
    assert trailer.seconds == 8.0


def test_every_frame_stands_where_the_plan_puts_it(made: Made) -> None:
    _, trailer, desk = made
    shown = lumas(desk.open(trailer.video))
    for position, cut in enumerate(PLAN.cuts):
        for number in (cut.dissolve, cut.frames // 2, cut.frames - 1):
            bar = (number * 2) % 120
            picture = shown[cut.start + number]
            assert picture[25:45, bar + 1 : bar + 5].min() > 200, (position, number)
            assert abs(np.median(picture) - (16 + (60 + 40 * position) * 219 / 255)) < 4, (position, number)


def test_a_dissolve_goes_over_smoothly_and_everything_else_is_copied(made: Made) -> None:
    order, trailer, desk = made
    shown = lumas(desk.open(trailer.video))
    greys = [float(np.median(shown[number])) for number in range(39, 50)]
    assert greys == sorted(greys)
    assert max(np.diff(greys)) < 10
    with Footage(desk.open(trailer.video)) as whole, Footage(desk.open(order.clips[1].video)) as clip:
        copied = [bytes(packet) for packet in whole.packets[48:114]]
        assert copied == [bytes(packet) for packet in clip.packets[8:74]]


def test_the_index_comes_first_and_no_date_is_inside(made: Made) -> None:
    _, trailer, desk = made
    content = desk.open(trailer.video).read_bytes()
    assert 0 < content.find(b"moov") < content.find(b"mdat")
    movie = content.find(b"mvhd")
    assert content[movie + 8 : movie + 16] == bytes(8)
    assert b"avc1" in content


def test_the_same_order_gives_the_same_bytes(made: Made) -> None:
    order, trailer, desk = made
    again = FolderDesk(desk.folder.parent)
    assert assemble(order, again) == trailer


def test_the_report_says_what_was_measured_and_the_captions_what_was_said(made: Made) -> None:
    _, trailer, desk = made
    report = json.loads(desk.open(trailer.report).read_text())
    assert report["frames"] == 192
    assert report["loudness_lufs"] == pytest.approx(-14, abs=0.5)
    assert report["true_peak_dbtp"] <= -1
    assert [line["text"] for line in report["lines"]] == ["We have to go.", "Now!"]
    assert [clip["id"] for clip in report["clips"]] == ["s0", "s1", "s2", "title"]
    assert report["warnings"] == ["something to know"]
    captions = desk.open(trailer.captions_vtt).read_text()
    assert "ANNA: We have to go." in captions
    assert "TOM: Now!" in desk.open(trailer.captions_srt).read_text()
    assert sorted(desk.ticks[-5:]) == desk.ticks[-5:]
    assert desk.ticks[-1] == 1


def test_the_stems_are_the_mix_before_it_was_brought_to_its_loudness(made: Made) -> None:
    _, trailer, desk = made
    assert [stem.name for stem in trailer.stems] == ["dialogue.wav", "music.wav", "effects.wav"]
    parts = [read_wav(desk.open(stem)) for stem in trailer.stems]
    assert {part.shape for part in parts} == {(2, 192 * 2000)}
    whole, heard = np.sum(parts, axis=0), decode(desk.open(trailer.video))[:, : 192 * 2000]
    gain = float(np.sum(whole * heard) / np.sum(whole**2))
    assert decibels(gain) == pytest.approx(-14 - measure(whole).loudness_lufs, abs=1)
    rest = heard - np.float32(gain) * whole  # what the limiter and the encoder have done
    assert decibels(float(np.std(rest) / np.std(heard))) < -15
    assert all(np.abs(part).max() > 0.01 for part in parts)


def test_another_loudness_is_met_when_it_is_asked_for(made: Made) -> None:
    order, _, desk = made
    trailer = assemble(order.model_copy(update={"loudness_lufs": -23.0}), desk)
    assert trailer.loudness_lufs == pytest.approx(-23, abs=0.5)
    assert measure(decode(desk.open(trailer.video))).loudness_lufs == pytest.approx(-23, abs=0.5)


def test_a_clip_made_elsewhere_is_encoded_anew_to_fit(made: Made, tmp_path: Path) -> None:
    order, _, desk = made
    path = tmp_path / "foreign.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"bf": "3", "g": "250"})
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(74):
            picture = np.repeat(np.repeat(moving(1, number), 2, 0), 2, 1)[:90, :160]
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")))
        container.mux(stream.encode(None))
    foreign = Clip(video=desk.keep(path, "foreign.mp4", "video/mp4"), frames=74)
    trailer = assemble(with_clip(order, 1, foreign), desk)
    with av.open(str(desk.open(trailer.video))) as container:
        assert sum(1 for _ in container.decode(video=0)) == 192


@pytest.mark.parametrize(
    ("fault", "draw"),
    [
        ("black", lambda _, number: np.full((72, 128, 3), number % 7, np.uint8)),
        ("frozen", lambda position, _: moving(position, 0)),
    ],
)
def test_a_black_or_frozen_shot_is_refused_by_name(made: Made, fault: str, draw: Draw) -> None:
    order, _, desk = made
    with pytest.raises(PermanentError, match=rf"shot s1 is {fault} for 2\.8 s from 2\.0 s") as refused:
        assemble(with_clip(order, 1, make_clip(desk, PLAN, 1, draw)), desk)
    assert refused.value.code == "delivery_check"
    assert "regenerate_scene" in refused.value.remedy


def test_words_that_are_not_in_the_script_are_refused_by_shot() -> None:
    said = PLAN.model_copy(update={"sources": {"line-s0": "Hurry.\n We have\n to go. Now.", "line-s2": "Not now!"}})
    assert list(strange_words(PLAN)) == []  # a plan made before sources were kept
    assert list(strange_words(said)) == ["the line of shot s2, “Now!”, is not in the script word for word"]


def test_a_silent_stretch_is_refused(made: Made) -> None:
    order, _, desk = made
    path = desk.folder / "score.wav"
    sound = np.random.default_rng(1).standard_normal((2, 192 * 2000)).astype(np.float32) * 0.1
    sound[:, 3 * RATE :] = 0
    write_wav(path, sound)
    score = Score(audio=desk.keep(path, "score.wav", "audio/wav"))
    write_wav(path, np.zeros_like(sound))
    silent = order.model_copy(
        update={
            "score": score,
            "foley": Score(audio=desk.keep(path, "foley.wav", "audio/wav")),
            "voices": Voices(recordings=(), warnings=()),
        }
    )
    with pytest.raises(PermanentError, match=r"silent for 5\.0 s"):
        assemble(silent, desk)


def test_a_clip_that_is_too_short_is_refused_by_name(made: Made) -> None:
    order, _, desk = made
    with pytest.raises(PermanentError, match="clip of shot s2 has 29 frames, 30 are needed"):
        assemble(with_clip(order, 2, make_clip(desk, PLAN, 2, missing=1)), desk)


def test_a_missing_clip_is_refused(made: Made) -> None:
    order, _, desk = made
    with pytest.raises(PermanentError, match="3 clips were handed in for 4 cuts"):
        assemble(order.model_copy(update={"clips": order.clips[:3]}), desk)


def test_it_stops_when_the_office_says_so(made: Made) -> None:
    order, _, desk = made

    def stop(done: float) -> None:
        if done > 0.4:
            raise InterruptedError

    stopped = FolderDesk(desk.folder.parent, on_tick=stop)
    with pytest.raises(InterruptedError):
        assemble(order, stopped)
    assert stopped.kept == []
