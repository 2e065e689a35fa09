"""A frame becomes video the same way every time."""

from pathlib import Path

import av
import numpy as np
import pytest

from trailerflow.film.encoding import GOP_FRAMES, Colours, Picture, VideoWriter
from trailerflow.film.footage import Footage
from trailerflow.film.plan import Frame

FRAME = Frame(width=64, height=48)


def picture(number: int = 0) -> Picture:
    ramp = np.add.outer(np.arange(48) * 3, np.arange(64) * 2 + number * 4) % 256
    return np.stack([ramp, 255 - ramp, ramp // 2], axis=2).astype(np.uint8)


def write(path: Path, count: int, keyframes: tuple[int, ...] = ()) -> Path:
    with VideoWriter(path, FRAME, keyframes) as video:
        for number in range(count):
            video.write(picture(number))
    return path


@pytest.mark.parametrize("count", [1, 2, 30, 100])
def test_a_clip_has_exactly_the_frames_that_were_written(tmp_path: Path, count: int) -> None:
    with av.open(str(write(tmp_path / "clip.mp4", count))) as container:
        stream = container.streams.video[0]
        assert stream.frames == count
        assert stream.duration is not None
        assert stream.time_base is not None
        assert stream.duration * stream.time_base * 24 == count
        assert sum(1 for _ in container.decode(stream)) == count


def test_a_closed_group_begins_at_every_number_asked_for_and_nothing_is_reordered(tmp_path: Path) -> None:
    with Footage(write(tmp_path / "clip.mp4", 70, (7, 50))) as footage:
        keys = [number for number, packet in enumerate(footage.packets) if packet.is_keyframe]
        assert {0, 7, 50} <= set(keys)
        assert max(np.diff([*keys, 70])) <= GOP_FRAMES
        assert [packet.pts for packet in footage.packets] == [packet.dts for packet in footage.packets]


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one.mp4", 40, (9,)), write(tmp_path / "other.mp4", 40, (9,))
    assert one.read_bytes() == other.read_bytes()


def test_all_clips_of_a_size_carry_the_same_parameters(tmp_path: Path) -> None:
    with Footage(write(tmp_path / "a.mp4", 1)) as a, Footage(write(tmp_path / "b.mp4", 90, (3, 80))) as b:
        assert a.parameters == b.parameters != b""


def test_a_clip_is_tagged_and_coloured_in_bt709(tmp_path: Path) -> None:
    colours = [(0, 0, 255), (0, 255, 0), (255, 0, 0), (30, 90, 200), (255, 255, 255), (0, 0, 0)]
    for colour in colours:
        flat = np.full((48, 64, 3), colour, np.uint8)
        path = tmp_path / "flat.mp4"
        with VideoWriter(path, FRAME) as video:
            video.write(flat)
        with av.open(str(path)) as container:
            context = container.streams.video[0].codec_context
            assert (context.colorspace, context.color_range, context.color_primaries, context.color_trc) == (1, 1, 1, 1)
            seen = next(container.decode(video=0)).to_ndarray(format="bgr24")
        assert np.abs(seen.astype(int) - colour).max() <= 4


def test_planes_follow_the_standard_for_white_black_and_red() -> None:
    def first(colour: tuple[int, int, int]) -> tuple[int, int, int]:
        planes = Colours(4, 4).i420_of(np.full((4, 4, 3), colour, np.uint8))
        return int(planes[0, 0]), int(planes[4].flat[0]), int(planes[5].flat[0])

    assert first((255, 255, 255)) == (235, 128, 128)
    assert first((0, 0, 0)) == (16, 128, 128)
    assert first((0, 0, 255)) == (63, 102, 240)


def test_nothing_is_left_behind_when_drawing_fails(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"

    def fail() -> None:
        with VideoWriter(path, FRAME) as video:
            video.write(picture())
            raise RuntimeError("the pencil broke")

    with pytest.raises(RuntimeError, match="pencil"):
        fail()
    assert not path.exists()


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="expected"), VideoWriter(tmp_path / "clip.mp4", FRAME) as video:
        video.write(np.zeros((10, 10, 3), np.uint8))
