"""The drawn panels: real files, small frames."""

import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest

from film import stills
from film.desk import FolderDesk
from trailerflow.film import backdrops, colours, drawing, panels, prints
from trailerflow.film.casting import Garment
from trailerflow.film.crew import Panel, PanelOrder
from trailerflow.film.drawing import Layer
from trailerflow.film.plan import Aspect, Figure, Frame, Pose, Size, frame_of
from trailerflow.film.settings import Kind

STREET = stills.setting()
TINY = Frame(width=160, height=90)
TWO = (*stills.MARA_ALONE, Figure(character="JONAS", pose="stand", x=0.69, facing="left"))


def drawn(order: PanelOrder, folder: Path) -> Panel:
    return panels.draw(order, FolderDesk(folder))


def pixels(order: PanelOrder, folder: Path) -> np.ndarray:
    desk = FolderDesk(folder)
    return stills.read(desk.open(panels.draw(order, desk).image))


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    order = stills.order(STREET)
    assert drawn(order, tmp_path / "one") == drawn(order, tmp_path / "two")


@pytest.mark.parametrize("aspect", get_args(Aspect))
def test_a_panel_has_exactly_the_size_of_its_frame(aspect: Aspect, tmp_path: Path) -> None:
    frame = frame_of(aspect, 180)
    assert pixels(stills.order(STREET, frame), tmp_path).shape == (frame.height, frame.width, 3)


@pytest.mark.parametrize("size", get_args(Size))
@pytest.mark.parametrize("name", ["MARA", "JONAS", "ODA"])
def test_the_signature_colour_is_found_at_every_size_and_no_other(name: str, size: Size, tmp_path: Path) -> None:
    figure = (Figure(character=name, pose="stand", x=0.45, facing="right"),)
    picture = pixels(stills.order(STREET, Frame(width=640, height=360), size=size, figures=figure), tmp_path)
    found = {look.colour: stills.near(picture, look.colour) for look in stills.LOOKS.values()}
    own = stills.LOOKS[name].colour
    assert found[own] >= 8
    assert max(found, key=lambda colour: found[colour]) == own


@pytest.mark.parametrize("garment", get_args(Garment))
def test_every_garment_shows_the_signature_colour_below_a_face_that_fills_the_frame(garment: Garment) -> None:
    look = stills.MARA.model_copy(update={"signature": garment})
    order = stills.order(STREET, size="extreme_close")
    worn = tuple(person.model_copy(update={"look": look}) for person in order.looks)
    picture = prints.flat(panels.compose(order.model_copy(update={"looks": worn})), order.frame)
    assert stills.near(picture, look.colour) >= 8


def test_every_builder_of_places_builds_one_with_light_and_dark_in_it() -> None:
    ways = [(kind, interior) for kind in get_args(Kind) for interior in (False, True)]
    builders = {backdrops.builder(kind, interior=interior): (kind, interior) for kind, interior in ways}
    assert len(builders) > 80
    for kind, interior in builders.values():
        order = stills.order(stills.setting(kind, interior=interior), TINY, time_of_day="night")
        luma = cv2.cvtColor(prints.flat(panels.compose(order), TINY), cv2.COLOR_BGR2GRAY)
        assert float((luma > 25).mean()) > 0.1, (kind, interior)
        assert luma.std() > 6, (kind, interior)


@pytest.mark.parametrize("pose", get_args(Pose))
def test_every_pose_stands_on_the_ground_inside_the_frame(pose: Pose) -> None:
    figure = (Figure(character="MARA", pose=pose, x=0.5, facing="left"),)
    made = panels.compose(stills.order(stills.setting("void"), figures=figure))
    whole = "".join(layer.body for layer in made.layers if layer.bones)
    raster = made.raster(Layer(1.0, "figure", whole), (320, 180), 0.0)
    _, top, _, height = cv2.boundingRect(cv2.extractChannel(raster.pixels, 3))
    assert top > 0
    assert 150 < top + height < 178


@pytest.mark.parametrize("pose", get_args(Pose))
def test_every_part_of_a_figure_lies_inside_its_box(pose: Pose) -> None:
    figure = (Figure(character="ODA", pose=pose, x=0.5, facing="left"),)
    made = panels.compose(stills.order(stills.setting("void"), figures=figure, props=("lamp",)))
    for layer in made.layers:
        if layer.bones:
            painted = [
                int(made.raster(part, (160, 90), 0.2).pixels[:, :, 3].astype(int).sum())
                for part in (layer, replace(layer, box=None))
            ]
            assert painted[0] == pytest.approx(painted[1], rel=0.02, abs=300)


def test_one_place_has_the_same_shapes_in_every_panel_and_another_has_others() -> None:
    def shapes_of(seed: int, shot: int) -> str:
        return (
            panels.compose(stills.order(stills.setting(seed=seed), seed=shot, figures=()))
            .layers[1]
            .body.split(">", 1)[1]
        )

    assert shapes_of(11, 3) == shapes_of(11, 4)
    assert shapes_of(11, 3) != shapes_of(12, 3)


def test_hours_and_weathers_have_colours_of_their_own(tmp_path: Path) -> None:
    means = [
        pixels(
            stills.order(STREET, time_of_day=hour, weather=weather, figures=()), tmp_path / f"{hour}-{weather}"
        ).mean(axis=(0, 1))
        for hour in ("day", "dusk", "night", "dawn")
        for weather in ("clear", "fog")
    ]
    gaps = [np.abs(one - two).max() for place, one in enumerate(means) for two in means[:place]]
    assert min(gaps) > 4


def test_the_drawing_holds_its_layers_from_far_to_near_and_reads_back(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    order = stills.order(STREET)
    panel = panels.draw(order, desk)
    assert panel.drawing is not None
    text = desk.open(panel.drawing).read_text(encoding="utf-8")
    names = re.findall(r'<g id="(layer-\d+)"', text)
    assert names == [f"layer-{place}" for place in range(len(names))]
    read, made = drawing.read(text), panels.compose(order)
    assert [layer.motion for layer in read.layers] == [layer.motion for layer in made.layers]
    assert np.array_equal(
        read.raster(read.layers[3], (320, 180), 0.0).pixels, made.raster(made.layers[3], (320, 180), 0.0).pixels
    )


def test_over_the_shoulder_the_listener_is_nearer_than_the_speaker() -> None:
    layers = panels.compose(stills.order(STREET, size="medium", angle="over_shoulder", figures=TWO)).layers
    depths = [layer.depth for layer in layers if layer.depth >= 1.0]
    assert set(depths[:-1]) == {1.0}
    assert depths[-1] == 1.25


@pytest.mark.parametrize(("prop", "size"), [("gun", "medium"), ("lamp", "wide"), ("car", "wide")])
def test_what_the_action_names_is_in_the_hand_or_stands_by(prop: str, size: Size, tmp_path: Path) -> None:
    figure = (Figure(character="MARA", pose="reach", x=0.4, facing="right"),)
    without, with_it = (
        pixels(stills.order(STREET, size=size, figures=figure, props=props), tmp_path / name)
        for name, props in (("without", ()), ("with", (prop,)))
    )
    assert (np.abs(without.astype(int) - with_it).max(axis=2) > 12).mean() > 0.001


def test_the_acts_have_a_colour_script(tmp_path: Path) -> None:
    means = {
        act: pixels(stills.order(STREET, TINY, act=act, figures=()), tmp_path / act).mean(axis=(0, 1))
        for act in ("cold_open", "introduction", "montage", "button")
    }
    warmth = {act: mean[2] - mean[0] for act, mean in means.items()}
    assert warmth["montage"] > warmth["introduction"] > warmth["button"] > warmth["cold_open"]


def test_a_detail_shows_the_thing_the_action_names(tmp_path: Path) -> None:
    plain = pixels(stills.order(STREET, size="extreme_close", figures=()), tmp_path / "plain")
    lamp = pixels(stills.order(STREET, size="extreme_close", figures=(), props=("lamp",)), tmp_path / "lamp")
    assert np.abs(plain.astype(int) - lamp.astype(int)).mean() > 10


def test_mixing_colours_goes_from_one_to_the_other() -> None:
    assert colours.mix("#102030", "#f0e0d0", 0.0) == "#102030"
    assert colours.mix("#102030", "#f0e0d0", 1.0) == "#f0e0d0"
    assert (
        colours.lightness("#102030")
        < colours.lightness(colours.mix("#102030", "#f0e0d0", 0.5))
        < colours.lightness("#f0e0d0")
    )
