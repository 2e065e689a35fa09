"""The consistency report, on panels drawn for it: who is who is told from the pixels."""

import json
from pathlib import Path
from typing import get_args

import cv2
import numpy as np
import pytest

from film import stills, story
from film.desk import FolderDesk
from trailerflow.film import boards, consistency, orders, palettes, panels, prints
from trailerflow.film.casting import Cast
from trailerflow.film.consistency import Likeness, Seen
from trailerflow.film.crew import PanelOrder
from trailerflow.film.plan import Figure, Frame, Size
from trailerflow.film.settings import Setting, Settings

FRAME = Frame(width=320, height=180)


def place_of(kind: str, *, interior: bool) -> Setting:
    """Return a place in its own colours."""
    colours, lamp = palettes.mix(kind, 0.0, 5)
    plain = stills.setting(kind, interior=interior)
    return plain.model_copy(update={"look": plain.look.model_copy(update={"palette": colours, "light": lamp})})


PLACES = [place_of("street", interior=False), place_of("desert", interior=False), place_of("bar", interior=True)]
TOLD = 14.0
"""A signature colour is there, in units of Lab."""
MOOD = 4.0
"""A place has its colours, in units of Lab."""


def seen(order: PanelOrder) -> Seen:
    drawing = panels.compose(order)
    return Seen(order, prints.flat(drawing, order.frame), drawing)


def measured(order: PanelOrder) -> Likeness:
    return consistency.measure(seen(order), stills.LOOKS)


@pytest.mark.parametrize("size", get_args(Size))
def test_everybody_is_recognised_by_colour_and_outline_at_every_size(size: Size) -> None:
    for name, pose in zip(stills.LOOKS, ("reach", "stand", "fall"), strict=True):
        figure = (Figure.model_validate({"character": name, "pose": pose, "x": 0.45, "facing": "left"}),)
        panel = seen(stills.order(PLACES[0], FRAME, size=size, figures=figure))
        found = consistency.measure(panel, stills.LOOKS).characters[0]
        assert found.likest == name
        assert found.colour < TOLD
        head = consistency.heads_of(panel)[name]
        apart = {other: consistency.unlike(head, look) for other, look in stills.LOOKS.items()}
        assert min(apart, key=lambda other: apart[other]) == name


def test_a_figure_in_another_colour_is_far_from_its_sheet() -> None:
    order = stills.order(PLACES[0], FRAME, size="medium")
    wrong = stills.order(PLACES[0], FRAME, size="medium", figures=(stills.MARA_ALONE[0],))
    looks = tuple(person.model_copy(update={"look": stills.JONAS}) for person in wrong.looks)
    picture = prints.flat(panels.compose(wrong.model_copy(update={"looks": looks})), FRAME)
    found = consistency.measure(Seen(order, picture, None), stills.LOOKS).characters[0]
    assert found.likest == "JONAS"
    assert found.colour > 2 * TOLD
    assert found.outline is None


@pytest.mark.parametrize("size", ["wide", "medium"])
def test_a_place_is_nearer_to_its_own_sheet_than_to_any_other(size: Size) -> None:
    for place in PLACES:
        order = stills.order(place, FRAME, size=size, seed=8)
        mood = seen(order)
        apart = [
            consistency.measure(Seen(order.model_copy(update={"setting": other}), mood.picture, None), {}).place
            for other in PLACES
        ]
        assert PLACES[int(np.argmin(apart))] is place
        assert min(apart) < MOOD


def test_the_storyboard_comes_with_a_report_of_every_panel(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    two = (*stills.MARA_ALONE, Figure(character="JONAS", pose="stand", x=0.69, facing="left"))
    ordered = [stills.order(PLACES[0], FRAME, id=f"s000-{size}", size=size, figures=two) for size in ("wide", "medium")]
    handed = {order.shot.id: panels.draw(order, desk) for order in ordered}
    plan = story.plan_of(tuple((order.shot, 24) for order in ordered), title_frames=24)
    cast = Cast(characters=ordered[0].looks)
    bound = boards.bind(orders.storyboard(plan, cast, Settings(settings=(PLACES[0],)), handed, FRAME), desk)
    found = [Likeness.model_validate(one) for one in json.loads(desk.open(bound.consistency).read_bytes())]
    assert [likeness.shot for likeness in found] == ["s000-wide", "s000-medium"]
    for likeness in found:
        assert [person.likest for person in likeness.characters] == ["MARA", "JONAS"]
        assert all(person.outline is not None and person.outline < 0.1 for person in likeness.characters)


def test_a_model_s_picture_of_any_size_is_measured_too() -> None:
    order = stills.order(PLACES[0], FRAME)
    large = cv2.resize(seen(order).picture, (1280, 720))
    assert consistency.measure(Seen(order, large.astype(np.uint8), None), stills.LOOKS).characters[0].likest == "MARA"
