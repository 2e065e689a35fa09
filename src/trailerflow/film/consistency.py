"""Consistency: how far each panel is from the reference sheets of its people and its place, measured in its pixels.

Called when the storyboard is printed. A character is told by the signature colour, found where the plan puts
them, and by the outline of the head, from the drawing; a place by its colours at that hour and in that weather. It
never looks at how a picture was made, so a model's panels are measured by the same rule, as far as they have a drawing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from trailerflow.film import figures, light, panels, people, poses, prints
from trailerflow.film.casting import Look
from trailerflow.film.crew import PanelOrder
from trailerflow.film.cutouts import Sitting
from trailerflow.film.drawing import HEIGHT, Drawing, Layer, Pixels
from trailerflow.film.plan import Frame, Shot
from trailerflow.film.record import Record
from trailerflow.film.settings import Setting
from trailerflow.film.shapes import Brush

SHEET = Frame(width=320, height=180)
HEAD = (128, 128)
NEAREST = {"extreme_wide": 4, "wide": 12}
"""So many pixels of the sheet's size (else 24), those nearest to a signature colour, are what is seen of it."""
LIGHT_WEIGHT = 0.5
STEPS = (0.1, 0.3, 0.5, 0.7, 0.9)
BESIDE, LEAST_FREE, HALF = 0.16, 0.1, 127
GREY, SAME = 15.0, 14.0
"""A signature colour weaker than this is found on any wall, and is nobody's rival."""

Mask = NDArray[np.uint8]


class Resemblance(Record):
    """How far a character in a panel is from their sheet: `colour` in units of Lab, `outline` of the head from 0.

    `likest` is whose signature colour, of the cast's, most of the pixels around show; `outline` is absent without a
    drawing.
    """

    character: str
    colour: float
    outline: float | None
    likest: str


class Likeness(Record):
    """How far a panel is from its sheets; `place` in units of Lab."""

    shot: str
    setting: str
    place: float
    characters: tuple[Resemblance, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A panel as it is: what was ordered, its pixels (BGR), and its drawing if it has one."""

    order: PanelOrder
    picture: Pixels
    drawing: Drawing | None


def measure(seen: Seen, cast: dict[str, Look]) -> Likeness:
    """Measure a panel against the sheets of its people and its place; `cast` are all who might be mistaken."""
    shot = seen.order.shot
    size = (round(SHEET.height * seen.order.frame.width / seen.order.frame.height), SHEET.height)
    pixels = _lab(cv2.resize(seen.picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False))
    looks = {character.name: character.look for character in seen.order.looks}
    heads = heads_of(seen)
    found = []
    for figure in shot.figures:
        if figure.character in looks:
            region = _around(pixels, figure.x, [other.x for other in shot.figures])
            rivals = {name: look.colour for name, look in cast.items() if _strength(look.colour) > GREY}
            rivals[figure.character] = looks[figure.character].colour
            gaps = {name: _gaps(region, colour) for name, colour in rivals.items()}
            nearest = np.sort(gaps[figure.character])[: NEAREST.get(shot.size, 24)]
            head = heads.get(figure.character)
            found.append(
                Resemblance(
                    character=figure.character,
                    colour=round(float(nearest.mean()), 2),
                    outline=None if head is None else round(unlike(head, looks[figure.character]), 4),
                    likest=max(gaps, key=lambda name: int((gaps[name] < SAME).sum())),
                )
            )
    mood = _mood(pixels, [figure.x for figure in shot.figures])
    place = float(np.abs(mood - sheet_of_place(seen.order.setting, shot, seen.order.genre)).mean())
    return Likeness(shot=shot.id, setting=shot.setting, place=round(place, 2), characters=tuple(found))


def sheet_of_place(setting: Setting, shot: Shot, genre: str) -> NDArray[np.float64]:
    """Return the colours of a place's reference sheet: empty, seen as near as the shot, at its hour and weather."""
    plain = shot.model_copy(
        update={
            "id": "", "scene": 0, "heading": "", "action": "", "figures": (), "props": (), "line": None, "angle": "eye",
            "intensity": 0.0, "seed": setting.look.seed,
        }
    )  # fmt: skip
    order = PanelOrder(shot=plain, looks=(), setting=setting, frame=SHEET, genre=genre)
    return _mood_of_place(order.model_dump_json())


@lru_cache(maxsize=64)
def _mood_of_place(order: str) -> NDArray[np.float64]:
    made = PanelOrder.model_validate_json(order)
    return _mood(_lab(prints.flat(panels.compose(made), SHEET)), [])


def unlike(head: Mask, look: Look) -> float:
    """Return how far a head's outline is from the nearest of a look's sheet, from the side and from behind."""
    return min(_shapes_apart(head, sheet) for sheet in sheet_of_head(look))


@lru_cache(maxsize=64)
def sheet_of_head(look: Look) -> tuple[Mask, Mask]:
    """Return the outlines of a look's head, from the side and from behind."""
    found = []
    for turned in (False, True):
        brush = Brush()
        sitting = Sitting(poses.stance("turn_away", 0), 1.0, 0.5, turned=turned)
        part = next(part for part in figures.draw(look, sitting, light.PLAIN, brush) if _is_head(part.bones))
        marks = Layer(1.0, "figure", part.marks, box=part.box)
        found.append(_mask(Drawing(width=HEIGHT, defs="".join(brush.defs), layers=()), marks))
    return found[0], found[1]


def heads_of(seen: Seen) -> dict[str, Mask]:
    """Return the outlines of the heads in a drawing, by character."""
    if seen.drawing is None:
        return {}
    listener = people.listener(seen.order.shot)
    known = {character.name for character in seen.order.looks}
    names = [
        figure.character for figure in seen.order.shot.figures if figure is not listener and figure.character in known
    ]
    layers = [layer for layer in seen.drawing.layers if not layer.cue and _is_head(layer.bones)]
    return {name: _mask(seen.drawing, layer) for name, layer in zip(names, layers, strict=False)}


def _is_head(bones: Sequence[tuple[object, ...]]) -> bool:
    return bool(bones) and bones[-1][0] == "head"


def _mask(source: Drawing, layer: Layer) -> Mask:
    """Return a layer's outline at the size of a sheet, whatever its size in the panel."""
    assert layer.box is not None
    x, y, width, height = layer.box
    whole = Drawing(width=HEIGHT * width / height, defs=source.defs, layers=())
    moved = f'<g transform="scale({HEIGHT / height:.5f}) translate({-x:.3f} {-y:.3f})">{layer.body}</g>'
    raster = whole.raster(Layer(1.0, "figure", moved), HEAD, 0.0)
    return (cv2.extractChannel(raster.pixels, 3) > HALF).astype(np.uint8)


def _shapes_apart(one: Mask, other: Mask) -> float:
    return float(cv2.matchShapes(_contour(one), _contour(other), cv2.CONTOURS_MATCH_I1, 0.0))


def _contour(mask: Mask) -> NDArray[np.int32]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(max(contours, key=cv2.contourArea), np.int32)


def _around(pixels: NDArray[np.float32], x: float, people_at: Sequence[float]) -> NDArray[np.float32]:
    """Return the part of a picture that is nearer to a person than to any other, at most a half of it."""
    width = pixels.shape[1]
    left = max([0.0, x - 0.25, *((x + other) / 2 for other in people_at if other < x)])
    right = min([1.0, x + 0.25, *((x + other) / 2 for other in people_at if other > x)])
    return pixels[:, round(left * width) : max(round(right * width), round(left * width) + 8)]


def _strength(colour: str) -> float:
    """Return how far a colour is from grey."""
    _, a, b = _lab_of(colour)
    return float(np.hypot(a, b))


def _lab_of(colour: str) -> NDArray[np.float32]:
    parts = [int(colour[place : place + 2], 16) for place in (5, 3, 1)]
    return _lab(np.array([[parts]], np.uint8)).reshape(3)


def _gaps(region: NDArray[np.float32], colour: str) -> NDArray[np.float64]:
    """Return how far every pixel is from a colour."""
    apart = (region - _lab_of(colour)) * np.array((LIGHT_WEIGHT, 1.0, 1.0))
    return np.asarray(np.sqrt((apart**2).sum(axis=2)), np.float64).ravel()


def _mood(pixels: NDArray[np.float32], people_at: Sequence[float]) -> NDArray[np.float64]:
    """Return what colours a picture has beside its people: the steps of its light and of its two opponents."""
    width = pixels.shape[1]
    columns = np.arange(width) / width
    free = np.all([np.abs(columns - x) > BESIDE for x in people_at] or [np.ones(width, bool)], axis=0)
    rest = pixels[:, free] if free.mean() > LEAST_FREE else pixels
    return np.asarray(np.quantile(rest.reshape(-1, 3), STEPS, axis=0) * (LIGHT_WEIGHT, 1.0, 1.0), np.float64)


def _lab(picture: Pixels) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float32)
