"""Weather: what falls or floats before the lens: rain, snow, motes of dust; and light that is not steady.

Called by `clips`. A field of marks is painted once and slid over the frames by whole pixels at a constant pace, which
is smooth and costs next to nothing.
"""

import math
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np

from trailerflow.film.drawing import Pixels
from trailerflow.film.plan import FPS, Frame, Shot

LAMPLIT = ("dusk", "night")


@dataclass(frozen=True, slots=True)
class Field:
    """Marks that repeat every frame width and height, painted twice over; `pace` in pixels a frame."""

    marks: Pixels
    pace: tuple[int, int]

    def add(self, picture: Pixels, frame: int) -> None:
        """Lay the field over a picture as light, in place."""
        height, width = picture.shape[:2]
        x, y = -self.pace[0] * frame % width, -self.pace[1] * frame % height
        cv2.add(picture, self.marks[y : y + height, x : x + width], dst=picture)


def fields(shot: Shot, frame: Frame) -> list[Field]:
    """Return what falls in a shot, far before near."""
    unit = frame.height / 720
    if shot.interior:
        return [motes(frame, shot.seed)]
    match shot.weather:
        case "rain" | "storm":
            slant = 0.34 if shot.weather == "storm" else 0.14
            fall = (44 * unit, 68 * unit)
            return [
                _field(
                    frame,
                    shot.seed + place,
                    _streak(slant, length * unit),
                    count=count,
                    light=(light, light, light - 3),
                    pace=(_pace(pace * slant), _pace(pace)),
                )
                for place, (count, length, light, pace) in enumerate(((420, 46, 22, fall[0]), (150, 100, 36, fall[1])))
            ]
        case "snow":
            return [
                _field(
                    frame,
                    shot.seed + place,
                    _flake(size * unit),
                    count=count,
                    light=(light, light, light),
                    pace=(_pace(side * unit), _pace(pace * unit)),
                )
                for place, (count, size, light, side, pace) in enumerate(
                    ((420, 1.1, 70, 1, 2), (160, 2.0, 110, 1, 4), (34, 5.0, 60, 2, 8))
                )
            ]
        case _:
            return [motes(frame, shot.seed)]


def motes(frame: Frame, seed: int) -> Field:
    """Return specks of dust adrift in the light."""
    return _field(frame, seed, _mote(frame.height / 720), count=60, light=(22, 26, 28), pace=(1, -1))


def flicker(shot: Shot, frame: int) -> float:
    """Return the gain of the light at a frame: lamps waver, lightning strikes in a storm."""
    seconds = frame / FPS
    phase = Random(shot.seed).uniform(0, math.tau)
    gain = 1.0
    if shot.time_of_day in LAMPLIT:
        depth = 0.014 if shot.interior else 0.007
        gain += depth * (
            math.sin(math.tau * 2.1 * seconds + phase) + 0.6 * math.sin(math.tau * 5.3 * seconds + 2 * phase)
        )
    if shot.weather == "storm" and not shot.interior:
        since = (seconds + Random(shot.seed + 1).uniform(0, 1.5)) % 2.6
        gain += 0.75 * math.exp(-since * 9) + 0.4 * math.exp(-abs(since - 0.2) * 26)
    return gain


def _pace(pixels: float) -> int:
    return max(1, round(pixels))


def _field(
    frame: Frame, seed: int, stamp: "Stamp", *, count: int, light: tuple[int, int, int], pace: tuple[int, int]
) -> Field:
    chance = Random(seed)
    single = np.zeros((frame.height, frame.width), np.uint8)
    for _ in range(count):
        x, y = chance.uniform(0, frame.width), chance.uniform(0, frame.height)
        share = chance.uniform(0.35, 1.0)
        for side in (-frame.width, 0, frame.width):
            for over in (-frame.height, 0, frame.height):
                stamp(single, x + side, y + over, share)
    colour = cv2.merge([cv2.convertScaleAbs(single, alpha=part / 255) for part in light])
    return Field(np.tile(colour, (2, 2, 1)), pace)


class Stamp:
    """Sets one mark into a field."""

    def __init__(self, *, size: float, slant: float | None = None, soft: bool = False) -> None:
        self._size = size
        self._slant = slant
        self._soft = soft

    def __call__(self, picture: Pixels, x: float, y: float, share: float) -> None:
        """Paint the mark around a point, `share` of full light; outside the picture nothing happens."""
        height, width = picture.shape
        reach = self._size * 2 + 4
        if not (-reach < x < width + reach and -reach < y < height + reach):
            return
        light = round(255 * share)
        start = (round(x * 16), round(y * 16))
        if self._slant is not None:
            end = (round((x - self._size * self._slant) * 16), round((y - self._size) * 16))
            cv2.line(picture, start, end, light, 1, cv2.LINE_AA, 4)
            return
        radius = self._size * (0.5 + share)
        steps = (2.4, 1.7, 1.0) if self._soft else (1.0,)
        for place, step in enumerate(steps):
            cv2.circle(
                picture, start, round(radius * step * 16), round(light * (place + 1) / len(steps)), -1, cv2.LINE_AA, 4
            )


def _streak(slant: float, length: float) -> Stamp:
    return Stamp(size=length, slant=slant)


def _flake(size: float) -> Stamp:
    return Stamp(size=size, soft=size > 1.5)


def _mote(unit: float) -> Stamp:
    return Stamp(size=max(0.45, 1.2 * unit), soft=True)
