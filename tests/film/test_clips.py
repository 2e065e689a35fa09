"""The moving clips: real H.264 files, looked at frame by frame."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import get_args

import av
import cv2
import numpy as np
import pytest

from film import stills
from film.desk import FolderDesk
from trailerflow.film import clips, motion, panels, prints
from trailerflow.film.crew import Clip, ClipOrder, Panel
from trailerflow.film.plan import Aspect, Figure, Frame, Move, frame_of

STREET = stills.setting()
STILL = motion.Pose(0.0, 0.0, 1.0, 0.0)


class Called(Exception):
    pass


def moved(
    desk: FolderDesk, *, frame: Frame = stills.SMALL, frames: int = 24, drawn: bool = True, **changes: object
) -> tuple[ClipOrder, Clip]:
    fades = {name: changes.pop(name, 0) for name in ("fade_in", "fade_out")}
    keyframes = changes.pop("keyframes", ())
    order = stills.order(STREET, frame, **changes)
    panel = panels.draw(order, desk)
    if not drawn:
        panel = Panel(image=panel.image, drawing=None)
    asked = ClipOrder.model_validate(
        {"shot": order.shot, "panel": panel, "frame": frame, "frames": frames, "keyframes": keyframes, **fades}
    )
    return asked, clips.animate(asked, desk)


def watched(desk: FolderDesk, clip: Clip) -> list[np.ndarray]:
    with av.open(str(desk.open(clip.video))) as video:
        return [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]


def test_a_clip_has_exactly_its_frames_and_keyframes_where_asked(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    _, clip = moved(desk, frames=31, keyframes=(7, 19))
    with av.open(str(desk.open(clip.video))) as video:
        keys = [frame.key_frame for frame in video.decode(video=0)]
    assert clip.frames == len(keys) == 31
    assert {0, 7, 19} <= {place for place, key in enumerate(keys) if key}


@pytest.mark.parametrize("aspect", get_args(Aspect))
def test_a_clip_has_the_size_of_its_frame(aspect: Aspect, tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    frame = frame_of(aspect, 144)
    _, clip = moved(desk, frame=frame, frames=3)
    assert watched(desk, clip)[0].shape == (frame.height, frame.width, 3)


@pytest.mark.parametrize("drawn", [True, False])
@pytest.mark.parametrize("move", get_args(Move))
def test_no_picture_stands_still_and_no_edge_shows(move: Move, drawn: bool, tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    _, clip = moved(desk, move=move, drawn=drawn, frames=25, time_of_day="day", intensity=1.0)
    pictures = watched(desk, clip)
    steps = [
        np.abs(one.astype(int) - two.astype(int)).mean() for one, two in zip(pictures, pictures[12:], strict=False)
    ]
    assert min(steps) > 0.2
    for picture in (pictures[0], pictures[-1]):
        edges = (picture[:, :2], picture[:, -2:], picture[:2], picture[-2:])
        assert min(float(edge.max()) for edge in edges) > 12


@pytest.mark.parametrize("drawn", [True, False])
def test_the_middle_frame_is_the_panel(drawn: bool, tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    order, clip = moved(desk, frames=25, move="drift", drawn=drawn)
    panel, middle = stills.read(desk.open(order.panel.image)), watched(desk, clip)[12]
    small = [cv2.resize(picture, (64, 36), interpolation=cv2.INTER_AREA).astype(float) for picture in (panel, middle)]
    assert np.corrcoef(small[0].ravel(), small[1].ravel())[0, 1] > (0.93 if drawn else 0.8)


@pytest.mark.parametrize("move", ["pan_left", "tilt_down", "pull", "handheld"])
@pytest.mark.parametrize(("kind", "interior"), [("room", True), ("bar", True), ("sea", False), ("mountain", False)])
def test_a_frame_owes_nothing_to_the_frames_before_it(kind: str, interior: bool, move: str) -> None:
    order = stills.order(stills.setting(kind, interior=interior), move=move, intensity=1.0)
    path = motion.path_of(order.shot, 96)
    alone, after = (clips.Stage.of_drawing(panels.compose(order), stills.SMALL) for _ in range(2))
    for frame in (95, 48, 0):
        shown = after.shoot(path.at(frame), frame, path.share(frame)).copy()
    assert np.array_equal(shown, alone.shoot(path.at(0), 0, path.share(0)))


def test_who_walks_moves_the_legs_and_not_only_the_place() -> None:
    walker = (Figure(character="JONAS", pose="walk", x=0.5, facing="right"),)
    made = panels.compose(stills.order(STREET, figures=walker, time_of_day="day"))
    shins = tuple(layer for layer in made.layers if layer.bones and layer.bones[-1][0].endswith("_shin"))
    stage = clips.Stage.of_drawing(replace(made, layers=shins), stills.SMALL, 2.0)
    strides, middles = [], []
    for frame in range(0, 48, 3):
        stage.shoot(STILL, 0, 0.0)[:] = 0
        places = np.nonzero(stage.shoot(STILL, frame, motion.glide(frame / 47)).any(axis=(0, 2)))[0]
        strides.append(int(places.max() - places.min()))
        middles.append((places.max() + places.min()) / 2)
    assert max(strides) > 2 * min(strides)
    assert middles[-1] - middles[0] > 30


def test_the_focus_goes_from_the_listener_to_the_speaker() -> None:
    two = (*stills.MARA_ALONE, Figure(character="JONAS", pose="stand", x=0.69, facing="left"))
    order = stills.order(STREET, size="medium", angle="over_shoulder", figures=two, seed=3)
    stage = clips.Stage.of_drawing(panels.compose(order), stills.SMALL)
    sharp = [
        [cv2.Laplacian(half, cv2.CV_64F).std() for half in np.split(stage.shoot(STILL, frame, share).copy(), 2, axis=1)]
        for frame, share in ((0, -1.0), (40, 0.8))
    ]
    assert sharp[1][0] > sharp[0][0]
    assert sharp[0][1] > sharp[1][1]


@pytest.mark.parametrize(("size", "interior"), [("wide", True), ("medium", False), ("close", True)])
def test_planes_moved_in_patches_and_with_larger_pixels_look_like_the_panel(size: str, interior: bool) -> None:
    order = stills.order(stills.setting("bar", interior=interior), frame_of("16:9", 720), size=size, figures=())
    drawn = panels.compose(order)
    shown = clips.Stage.of_drawing(drawn, order.frame).shoot(STILL, 0, 0.0)
    assert np.abs(shown.astype(int) - prints.flat(drawn, order.frame).astype(int)).mean() < 1.5


def test_a_runner_crosses_the_frame_the_way_he_faces(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    runner = (Figure(character="MARA", pose="run", x=0.5, facing="right"),)
    _, clip = moved(desk, frames=24, figures=runner, move="still", frame=Frame(width=480, height=270))
    places = []
    for picture in (watched(desk, clip)[0], watched(desk, clip)[-1]):
        blue, green, red = (picture[:, :, channel].astype(int) for channel in range(3))
        places.append(np.nonzero((red > 140) & (green < 100) & (blue < 100))[1].mean())
    assert places[1] - places[0] > 30


def test_fades_begin_and_end_in_black(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    _, clip = moved(desk, frames=24, fade_in=8, fade_out=8)
    light = [picture.mean() for picture in watched(desk, clip)]
    assert light[0] < 0.2 * light[12]
    assert light[-1] < 3
    assert all(one <= two + 1 for one, two in pairwise(light[:9]))


@pytest.mark.parametrize("weather", ["rain", "snow", "fog", "storm"])
def test_weather_moves_even_when_the_camera_hardly_does(weather: str, tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    _, clip = moved(desk, frames=4, move="still", weather=weather, figures=())
    pictures = watched(desk, clip)
    assert np.abs(pictures[0].astype(int) - pictures[3].astype(int)).mean() > 0.1


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    made = [moved(FolderDesk(tmp_path / name), frames=10, weather="rain")[1] for name in ("one", "two")]
    assert made[0] == made[1]


def test_every_layer_gives_a_sign_and_every_frame_is_reported(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    moved(desk, frames=10)
    assert desk.ticks[-10:] == [pytest.approx(place / 10) for place in range(1, 11)]
    assert len(desk.ticks) > 12
    assert set(desk.ticks[:-10]) == {0.0}


def test_a_tick_that_raises_ends_the_work_and_leaves_no_file(tmp_path: Path) -> None:
    def called(done: float) -> None:
        if done > 0.5:
            raise Called

    desk = FolderDesk(tmp_path, on_tick=called)
    with pytest.raises(Called):
        moved(desk, frames=10)
    assert not list(desk.folder.glob("*.mp4"))
    assert desk.ticks[-1] == pytest.approx(0.6)
