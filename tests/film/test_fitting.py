"""Fitting: real files of every kind a provider may send, whole and broken."""

import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import stills
from film.products import (
    ReceivingDesk,
    clip_order,
    film_file,
    keyframes,
    number_of,
    numbered,
    painting,
    picture_file,
    watched,
)
from film.test_assembly import FRAME, PLAN, order_of, with_clip
from trailerflow.errors import PermanentError
from trailerflow.film import fitting
from trailerflow.film.assembly import assemble
from trailerflow.film.drawing import Pixels
from trailerflow.film.footage import Footage
from trailerflow.film.joining import parameters_of, reference_clip
from trailerflow.film.plan import FPS, Frame

PANEL = stills.order(stills.setting())


def fitted_panel(folder: Path, *contents: bytes, frame: Frame = stills.SMALL) -> Pixels:
    desk = ReceivingDesk(folder, *contents)
    panel = fitting.fit_panel(PANEL.model_copy(update={"frame": frame}), desk)
    assert panel.drawing is None
    assert (panel.image.name, panel.image.media_type) == ("image-s000-1.png", "image/png")
    assert desk.open(panel.image).read_bytes().startswith(fitting.PNG)
    return stills.read(desk.open(panel.image))


def numbers(folder: Path, content: bytes, frames: int) -> list[float]:
    """Return the number of the source's picture seen in each frame of a fitted clip."""
    desk = ReceivingDesk(folder, content)
    clip = fitting.fit_clip(clip_order(frames=frames), desk)
    pictures = watched(desk.open(clip.video))
    assert len(pictures) == clip.frames == frames
    assert {picture.shape for picture in pictures} == {(180, 320, 3)}
    return [number_of(picture) for picture in pictures]


def refused(desk: ReceivingDesk, *, clip: bool = False) -> PermanentError:
    with pytest.raises(PermanentError) as caught:
        fitting.fit_clip(clip_order(), desk) if clip else fitting.fit_panel(PANEL, desk)
    assert caught.value.code == "bad_product"
    assert "stand-in" in caught.value.remedy
    assert desk.kept == []
    assert list(desk.folder.iterdir()) == []
    return caught.value


@pytest.mark.parametrize("extension", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("size", [(320, 180), (1280, 720), (513, 301), (90, 400), (7, 3), (1, 1)])
def test_a_picture_of_any_kind_and_size_fills_the_frame(extension: str, size: tuple[int, int], tmp_path: Path) -> None:
    picture = fitted_panel(tmp_path, picture_file(painting(*size), extension))
    assert picture.shape == (180, 320, 3)


def test_the_middle_of_a_wide_picture_is_kept_undistorted(tmp_path: Path) -> None:
    picture = fitted_panel(tmp_path, picture_file(painting(1920, 360)))
    assert picture[:, :, 1].min() > 200  # only the green third is left
    whole = fitted_panel(tmp_path, picture_file(painting(640, 360)))
    assert [int(whole[90, x].argmax()) for x in (50, 160, 270)] == [2, 1, 0]


def test_the_first_picture_counts_whatever_lies_around_it(tmp_path: Path) -> None:
    first, second = picture_file(np.full((9, 16, 3), 200, np.uint8)), picture_file(np.full((9, 16, 3), 50, np.uint8))
    assert fitted_panel(tmp_path, b'{"id": 1}', first, second).mean() == 200


def test_grey_and_transparent_pictures_are_pictures(tmp_path: Path) -> None:
    assert fitted_panel(tmp_path, picture_file(np.full((9, 16), 120, np.uint8))).mean() == 120
    assert fitted_panel(tmp_path, picture_file(np.full((9, 16, 4), 120, np.uint8))).mean() == 120


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    picture, film = picture_file(painting(500, 300), ".jpg"), film_file(tmp_path, 30, rate=30)
    desks = [ReceivingDesk(tmp_path / name, picture, film) for name in ("one", "two")]
    assert fitting.fit_panel(PANEL, desks[0]) == fitting.fit_panel(PANEL, desks[1])
    assert fitting.fit_clip(clip_order(), desks[0]) == fitting.fit_clip(clip_order(), desks[1])


@pytest.mark.parametrize("extension", [".png", ".jpg", ".webp"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_picture_broken_off_is_refused(extension: str, share: float, tmp_path: Path) -> None:
    content = picture_file(np.random.default_rng(1).integers(0, 255, (99, 99, 3), np.uint8), extension)
    refused(ReceivingDesk(tmp_path, content[: int(len(content) * share)]))


@pytest.mark.parametrize(
    "head",
    [
        fitting.PNG + b"\0\0\0\x0dIHDR" + struct.pack(">II", 8193, 10),
        fitting.PNG + b"\0\0\0\x0dIHDR" + struct.pack(">II", 2**31 - 1, 2**31 - 1),
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc2\x00\x11\x08" + struct.pack(">HH", 10, 65_000),
        b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\xff\xff\xff\x09\0\0",
        b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\xff\xff\xff\xff",
        b"RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\xff\xff\x10\0",
    ],
)
def test_a_picture_too_large_is_refused_before_it_is_decoded(head: bytes, tmp_path: Path) -> None:
    tracemalloc.start()
    error = refused(ReceivingDesk(tmp_path, head + bytes(40)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "8192 a side are allowed" in error.message
    assert peak < 1_000_000


def test_what_came_is_named(tmp_path: Path) -> None:
    error = refused(ReceivingDesk(tmp_path, b"<html>busy</html>"))
    assert "s000-1" in error.message
    assert "0.bin, application/octet-stream, 17 bytes" in error.message
    assert "no PNG, JPEG or WebP picture" in error.message
    assert "(nothing)" in refused(ReceivingDesk(tmp_path)).message


def test_a_received_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path, picture_file(painting(16, 9)))
    desk.open(desk.received[0]).unlink()
    refused(desk)


@given(
    head=st.sampled_from((b"", fitting.PNG, fitting.JPEG, b"RIFF\0\0\0\0WEBPVP8 ", b"RIFF\0\0\0\0WEBPVP8L")),
    rest=st.binary(),
)
@settings(deadline=None, max_examples=200)
def test_any_bytes_are_a_picture_or_refused(head: bytes, rest: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    desk = ReceivingDesk(tmp_path_factory.getbasetemp() / "bytes", head + rest)
    refused(desk)


@given(
    head=st.sampled_from((b"", b"\0\0\0\x18ftypisom", b"\0\0\0\x08free", fitting.EBML)),
    rest=st.binary(),
)
@settings(deadline=None, max_examples=100)
def test_any_bytes_are_a_film_or_refused(head: bytes, rest: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    refused(ReceivingDesk(tmp_path_factory.getbasetemp() / "bytes", head + rest), clip=True)


@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_a_film_with_a_broken_byte_is_fitted_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp() / "broken"
    folder.mkdir(exist_ok=True)
    content = bytearray(film_file(folder, 5))
    for _ in range(3):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    desk = ReceivingDesk(folder, bytes(content))
    with suppress(PermanentError):
        clip = fitting.fit_clip(clip_order(frames=6), desk)
        assert len(watched(desk.open(clip.video))) == 6


def test_a_film_of_the_right_pace_is_shown_picture_by_picture(tmp_path: Path) -> None:
    assert np.allclose(numbers(tmp_path, film_file(tmp_path, 24), 24), range(24), atol=1)


@pytest.mark.parametrize(
    ("wrapping", "codec", "rate"),
    [
        ("mp4", "libx264", 12),
        ("mp4", "libx264", 60),
        ("mov", "mpeg4", 25),
        ("webm", "libvpx-vp9", 30),
        ("matroska", "libx264", 30),
    ],
)
def test_a_film_of_another_pace_and_size_keeps_its_speed(wrapping: str, codec: str, rate: int, tmp_path: Path) -> None:
    content = film_file(tmp_path, rate, rate=rate, size=(200, 130), wrapping=wrapping, codec=codec)
    expected = [(number + 0.5) * rate / 24 - 0.5 for number in range(24)]
    assert np.allclose(numbers(tmp_path, content, 24), expected, atol=2)


def test_a_longer_film_is_used_from_near_its_beginning(tmp_path: Path) -> None:
    content = film_file(tmp_path, 96)
    assert np.allclose(numbers(tmp_path, content, 24), range(6, 30), atol=1)
    assert np.allclose(numbers(tmp_path, content, 90), range(3, 93), atol=1)


def test_a_shorter_film_is_slowed_down_and_then_held(tmp_path: Path) -> None:
    content = film_file(tmp_path, 24)
    assert np.allclose(numbers(tmp_path, content, 30), np.arange(30) * 24 / 30, atol=1.2)
    held = numbers(tmp_path, content, 72)
    assert np.allclose(held[:36], np.arange(36) * 24 / 36, atol=1.2)
    assert np.allclose(held[36:], 23, atol=1.6)


def test_a_single_picture_makes_a_clip_that_is_not_frozen(tmp_path: Path) -> None:
    content = film_file(tmp_path, 1, draw=lambda width, height, _: painting(width, height))
    desk = ReceivingDesk(tmp_path, content)
    pictures = watched(desk.open(fitting.fit_clip(clip_order(frames=72), desk).video))
    assert np.abs(pictures[0].astype(int) - pictures[-1].astype(int)).mean() > 1


BLACK = -1
"""Stands for a picture without anything in it."""


@pytest.mark.parametrize(
    ("pictures", "fade_in", "refused_for"),
    [
        ([BLACK] * 72, 0, "black for 3.0 s from 0.0 s"),
        ([1] * 72, 0, "frozen for 3.0 s from 0.0 s"),
        ([*range(20), *[1] * 52], 0, "frozen for 2.2 s from 0.8 s"),
        ([*range(30), *[1] * 42], 0, ""),
        ([*[BLACK] * 23, *range(49)], 0, ""),
        ([*[BLACK] * 26, *range(46)], 0, "black for 1.1 s from 0.0 s"),  # and its neighbour may be black as long
        ([*[BLACK] * 26, *range(46)], 10, ""),  # of which the plan asks for some
        ([*range(46), *[BLACK] * 26], 0, "black for 1.1 s from 1.9 s"),
    ],
)
def test_a_clip_black_or_frozen_for_long_is_refused_before_it_is_in_a_film(
    pictures: list[int], fade_in: int, refused_for: str, tmp_path: Path
) -> None:
    def draw(width: int, height: int, number: int) -> Pixels:
        dark = np.zeros((height, width, 3), np.uint8)
        return dark if pictures[number] == BLACK else numbered(width, height, pictures[number])

    desk = ReceivingDesk(tmp_path, film_file(tmp_path, 72, draw=draw))
    order = clip_order(frames=72, fade_in=fade_in)
    if refused_for:
        with pytest.raises(PermanentError, match=f"it is {refused_for}") as caught:
            fitting.fit_clip(order, desk)
        assert caught.value.code == "bad_product"
        assert list(desk.folder.iterdir()) == []
    else:
        assert fitting.fit_clip(order, desk).frames == 72


def test_a_black_picture_is_refused(tmp_path: Path) -> None:
    night = np.full((90, 160, 3), 20, np.uint8)
    assert "the picture is black" in refused(ReceivingDesk(tmp_path, picture_file(night))).message
    night[:9, :60] = 120  # a window
    assert fitted_panel(tmp_path, picture_file(night)).max() > 100


@pytest.mark.parametrize(
    ("seconds", "frames"), [(0.01, 1), (1.0, 24), (1.0, 25), (0.5, 90), (8.0, 50), (1e9, 24), (1 / FPS, 1000)]
)
def test_moments_rise_and_stay_inside_a_film_that_is_long_enough(seconds: float, frames: int) -> None:
    chosen = list(fitting.moments(seconds, frames))
    assert len(chosen) == frames
    assert chosen == sorted(chosen)
    assert chosen[0] > 0
    if seconds * fitting.SLOWEST >= frames / FPS:
        assert chosen[-1] < seconds


def test_fades_and_keyframes_are_those_of_the_order(tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path, film_file(tmp_path, 40))
    order = clip_order(frames=31, keyframes=(7, 19), fade_in=6, fade_out=6)
    path = desk.open(fitting.fit_clip(order, desk).video)
    light = [picture.mean() for picture in watched(path)]
    assert {0, 7, 19} <= set(keyframes(path))
    assert light[0] < 0.3 * light[15]
    assert light[-1] < 3


def test_a_film_broken_off_is_refused(tmp_path: Path) -> None:
    content = film_file(tmp_path, 40, draw=_noise, options={"movflags": "faststart"})
    assert "40 frames are there" in refused(ReceivingDesk(tmp_path, content[: len(content) // 2]), clip=True).message
    refused(ReceivingDesk(tmp_path, film_file(tmp_path, 40, draw=_noise)[:-200]), clip=True)


def test_a_film_of_an_unknown_codec_or_without_pictures_is_refused(tmp_path: Path) -> None:
    content = film_file(tmp_path, 4)
    for name in (b"xxxx", b"mp4a"):
        refused(ReceivingDesk(tmp_path, content.replace(b"avc1", name).replace(b"avcC", b"free")), clip=True)
    refused(ReceivingDesk(tmp_path, content.replace(b"vide", b"soun")), clip=True)


def test_a_picture_is_no_film_and_a_play_list_is_not_followed(tmp_path: Path) -> None:
    refused(ReceivingDesk(tmp_path, picture_file(painting(32, 18))), clip=True)
    refused(ReceivingDesk(tmp_path, b"#EXTM3U\n#EXT-X-TARGETDURATION:9\nfile:///etc/hostname\n"), clip=True)
    refused(ReceivingDesk(tmp_path, b"ffconcat version 1.0\nfile made.mp4\n"), clip=True)


def test_every_frame_is_reported_and_a_call_to_stop_leaves_no_file(tmp_path: Path) -> None:
    def stop(done: float) -> None:
        if done > 0.5:
            raise ValueError  # the office's own error, though a broken film raises the same kind

    desk = ReceivingDesk(tmp_path, film_file(tmp_path, 24), on_tick=stop)
    with pytest.raises(ValueError, match=r"^$"):
        fitting.fit_clip(clip_order(frames=10), desk)
    assert desk.ticks == [pytest.approx(place / 10) for place in range(1, 7)]
    assert list(desk.folder.iterdir()) == []


def test_a_fitted_clip_passes_the_delivery_check_and_is_joined_by_copying_its_packets(tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path, film_file(tmp_path, 8, size=(160, 120)))  # held for most of its three seconds
    order = order_of(desk)
    cut = PLAN.cuts[1]
    fitted = fitting.fit_clip(clip_order(FRAME, cut.frames, keyframes=(cut.dissolve,)), desk)
    trailer = assemble(with_clip(order, 1, fitted), desk)
    parameters = parameters_of(reference_clip(tmp_path / "reference.mp4", FRAME))
    with Footage(desk.open(trailer.video)) as whole, Footage(desk.open(fitted.video)) as clip:
        assert clip.can_copy(cut.dissolve, parameters)
        copied = [bytes(packet) for packet in whole.packets[cut.start + cut.dissolve : cut.start + cut.frames]]
        assert copied == [bytes(packet) for packet in clip.packets[cut.dissolve :]]


def _noise(width: int, height: int, number: int) -> Pixels:
    return np.random.default_rng(number).integers(40, 250, (height, width, 3), np.uint8)
