"""Scenery: the stage a place is built on, and what stands in many places: skies, hills, trees, lit windows.

Called by all builders of places (see `backdrops`). Stage units: 0,0 is the middle of the horizon, up is negative, a
person in a wide shot is 480 tall and stands 240 below the horizon. Shapes come from the place's own seed alone, so they
are the same in every panel; the camera decides what of them is seen.
"""

import math
from random import Random

from trailerflow.film import colours, shapes
from trailerflow.film.light import Light
from trailerflow.film.shapes import Brush, Point

FAR, BACK, MID, NEAR, FRONT = 0.0, 0.3, 0.55, 0.85, 1.4
PLANES = (FAR, BACK, MID, NEAR, FRONT)
REACH = 2300.0
DEEP = 2600.0


class Scenery:
    """Marks by plane, from far to near."""

    def __init__(self, *, brush: Brush, light: Light, seed: int, weather: str) -> None:
        self.brush = brush
        self.light = light
        self.weather = weather
        self.random = Random(seed)
        self.planes: dict[float, list[str]] = {plane: [] for plane in PLANES}
        side = self.random.choice((-1, 1))
        self.sun: Point = (side * self.random.uniform(160, 420), self.random.uniform(-330, -200))
        self.lights: dict[float, list[str]] = {plane: [] for plane in PLANES}
        self.shafts: list[str] = []

    def add(self, plane: float, *marks: str) -> None:
        """Put marks on a plane, over what is there; light lies over all solid marks of its plane."""
        for mark in marks:
            (self.lights if mark.startswith(shapes.SOFT) else self.planes)[plane].append(mark)

    def cut(self, plane: float, path: str, depth: float) -> None:
        """Put a cut-out on a plane, in the tone of a depth."""
        self.add(plane, shapes.paint(path, self.light.tone(depth)))

    def fall(self, plane: float, top: float, bottom: float, *, depth: float | None = None) -> str:
        """Return the fill of a plane: its tone above, drowned in haze below."""
        tone = self.light.tone(plane if depth is None else depth)
        haze = min(0.9, self.light.haze * (1.25 - plane))
        foot = colours.mix(tone, self.light.low, haze)
        return self.brush.linear(
            (0, top), (0, bottom), (0, tone, 1), (0.45, colours.mix(tone, foot, 0.35), 1), (1, foot, 1)
        )

    def mist(self, plane: float, top: float, bottom: float, strength: float) -> None:
        """Lay a bank of haze over a plane, thickest in its middle."""
        colour = colours.mix(self.light.low, self.light.middle, 0.25)
        power = strength * self.light.haze
        fill = self.brush.linear((0, top), (0, bottom), (0, colour, 0), (0.55, colour, power), (1, colour, 0))
        self.lights[plane].append(shapes.paint(shapes.rect(-REACH, top, 2 * REACH, bottom - top), fill))

    def floor(self, *, near: float = 1.0, far: float = 0.3) -> None:
        """Lay open ground from the horizon towards us."""
        tone, haze = self.light.tone, self.light.haze
        start = colours.mix(tone(far), self.light.low, 0.35 + 0.4 * haze)
        fill = self.brush.linear((0, 0), (0, 420), (0, start, 1), (0.3, tone((far + near) / 2), 1), (1, tone(near), 1))
        self.add(MID, shapes.paint(shapes.rect(-REACH, 0, 2 * REACH, DEEP), fill))


def side_of(scene: Scenery) -> int:
    """Return the side of the stage a place leans to: -1 left, 1 right."""
    return scene.random.choice((-1, 1))


def sky(scene: Scenery) -> None:
    """Paint the sky with its sun or moon, clouds and stars."""
    light, brush = scene.light, scene.brush
    x, y = scene.sun
    deep = colours.mix(light.low, light.tone(0.3), 0.5)
    fill = brush.linear(
        (0, -760), (0, 120), (0, light.top, 1), (0.5, light.middle, 1), (0.93, light.low, 1), (1, deep, 1)
    )
    scene.add(FAR, shapes.paint(shapes.rect(-REACH - 900, -3200, 2 * REACH + 1800, 3200 + DEEP), fill))
    clear = {"clear": 1.0, "snow": 0.4, "rain": 0.25, "fog": 0.3, "storm": 0.12}[scene.weather]
    if light.time_of_day == "night":
        scene.add(FAR, *(_stars(scene) if scene.weather == "clear" else ()))
        scene.add(FAR, brush.glow(x, y, 620, light.sun, 0.42 * (0.3 + 0.7 * clear)))
        scene.add(FAR, shapes.paint(shapes.oval(x, y, 46), light.sun, opacity=0.25 + 0.7 * clear))
    else:
        low = y if light.time_of_day == "day" else y * 0.35
        scene.sun = (x, low)
        radius = 780 if light.time_of_day == "day" else 980
        scene.add(FAR, brush.glow(x, low, radius, light.sun, 0.75 * (0.45 + 0.55 * clear)))
        scene.add(FAR, shapes.paint(shapes.oval(x, low, 62), light.sun, opacity=0.15 + 0.8 * clear))
    scene.add(FAR, *_clouds(scene))


def _stars(scene: Scenery) -> list[str]:
    chance = scene.random
    marks = []
    for _ in range(170):
        x, y = chance.uniform(-1500, 1500), -(chance.random() ** 0.7) * 820 - 60
        marks.append(
            shapes.paint(
                shapes.oval(x, y, chance.choice((0.9, 1.2, 1.2, 2.0))), "#eaf2ff", opacity=chance.uniform(0.25, 0.9)
            )
        )
    return marks


def _clouds(scene: Scenery) -> list[str]:
    chance, light = scene.random, scene.light
    marks = []
    for place in range(9):
        x, y = chance.uniform(-1500, 1500), -90 - 70 * place + chance.uniform(-30, 30)
        length, thick = chance.uniform(260, 700), chance.uniform(9, 24)
        top = [
            (x - length + 2 * length * step / 8, y - thick * chance.uniform(0.2, 1.4) * (1 - abs(step - 4) / 4.2))
            for step in range(9)
        ]
        under = [(x + length * 0.92, y + 5), (x, y + thick * 0.35), (x - length * 0.92, y + 5)]
        near_sun = max(0.0, 1 - abs(y - scene.sun[1]) / 400)
        colour = colours.mix(colours.mix(light.middle, light.low, 0.6), light.sun, 0.45 * near_sun)
        marks.append(shapes.paint(shapes.curve([*top, *under]), colour, opacity=chance.uniform(0.22, 0.5)))
    return marks


def hills(
    scene: Scenery, plane: float, height: float, *, depth: float, rough: float = 0.5, steps: int = 40, lift: float = 0.0
) -> list[Point]:
    """Raise a line of hills; returns its skyline."""
    skyline = [(x, y - lift) for x, y in shapes.ridge(scene.random, (-REACH, REACH), height, steps=steps, rough=rough)]
    fill = scene.fall(plane, -height - lift, 60, depth=depth)
    scene.add(plane, shapes.paint(shapes.ground(skyline, DEEP), fill))
    return skyline


def conifer(random: Random, x: float, foot: float, height: float) -> str:
    """Return the outline of a fir."""
    tiers = 7
    left: list[Point] = []
    right: list[Point] = []
    for tier in range(tiers):
        share = (tier + 1) / tiers
        y = foot - height * (1 - 0.86 * share)
        reach = height * 0.2 * share * random.uniform(0.8, 1.15)
        left += [(x - reach, y + height * 0.03), (x - reach * 0.45, y - height * 0.005)]
        right += [(x + reach * random.uniform(0.85, 1.1), y + height * 0.03), (x + reach * 0.45, y - height * 0.005)]
    trunk = [(x + height * 0.02, foot), (x - height * 0.02, foot)]
    return shapes.poly([(x, foot - height), *right[:-1], *trunk, *reversed(left[:-1])])


def bare_tree(random: Random, x: float, foot: float, height: float, *, lean: float = 0.0) -> str:
    """Return the limbs of a leafless tree."""
    marks: list[str] = []

    def grow(start: Point, angle: float, length: float, thick: float, order: int) -> None:
        bend = Random(f"{start[0]:.3f}{angle:.4f}")
        end = (start[0] + length * _sine(angle), start[1] - length * _cosine(angle))
        marks.append(shapes.limb(start, end, thick, thick * 0.66))
        if order < 5:
            for side in (-1, 1):
                turn = angle + side * bend.uniform(14, 40)
                grow(end, turn, length * bend.uniform(0.62, 0.82), thick * 0.62, order + 1)

    grow((x, foot), lean + random.uniform(-4, 4), height * 0.3, height * 0.028, 0)
    return "".join(marks)


def leafy_tree(random: Random, x: float, foot: float, height: float) -> str:
    """Return the outline of a tree in leaf: a trunk and a crown of lobes."""
    marks = [
        shapes.limb(
            (x, foot), (x + random.uniform(-0.04, 0.04) * height, foot - height * 0.5), height * 0.045, height * 0.028
        )
    ]
    for lobe in range(11):
        angle, reach = lobe * 137.5, height * 0.27 * ((lobe + 0.5) / 11) ** 0.5
        spot = (x + 1.15 * reach * _cosine(angle), foot - height * 0.68 + reach * 0.9 * _sine(angle))
        marks.append(shapes.oval(*spot, height * random.uniform(0.1, 0.17)))
    return "".join(marks)


def grass(random: Random, span: tuple[float, float], foot: float, height: float, count: int) -> str:
    """Return blades of grass leaning with the wind."""
    blades = []
    for _ in range(count):
        x, tall, lean = random.uniform(*span), height * random.uniform(0.4, 1), random.uniform(-0.1, 0.55)
        tip = (x + tall * lean, foot - tall)
        bend = (x + tall * lean * 0.25, foot - tall * 0.6)
        blades.append(
            f"M{shapes.points_of([(x - tall * 0.035, foot)])}Q{shapes.points_of([bend, tip])}"
            f"Q{shapes.points_of([(bend[0] + tall * 0.05, bend[1]), (x + tall * 0.035, foot)])}Z"
        )
    return "".join(blades)


def windows(random: Random, box: tuple[float, float, float, float], grid: tuple[int, int], chance: float) -> str:
    """Return lit windows in a wall: `box` is x, y, width, height; `grid` columns and rows."""
    x, y, width, height = box
    columns, rows = grid
    wide, high = width / columns, height / rows
    return "".join(
        shapes.rect(x + wide * (column + 0.25), y + high * (row + 0.2), wide * 0.5, high * 0.6)
        for row in range(rows)
        for column in range(columns)
        if random.random() < chance
    )


def _sine(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _cosine(degrees: float) -> float:
    return math.cos(math.radians(degrees))
