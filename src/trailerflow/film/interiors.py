"""Interiors: what every room is made of: wall and floor, window, lamps, shelves, tables and chairs.

Called by all who furnish rooms (`homes`, `workplaces`, `halls` …). The foot of the back wall is the stage's horizon;
furniture stands on the floor before it.
"""

from trailerflow.film import colours, shapes
from trailerflow.film.scenery import (
    BACK,
    DEEP,
    FAR,
    MID,
    REACH,
    Scenery,
)

Box = tuple[float, float, float, float]


def shell(scene: Scenery, *, ceiling: float = -760, window: Box | None = None, tiles: bool = False) -> None:
    """Raise wall, floor and ceiling, lit from the window or the lamp."""
    light, brush = scene.light, scene.brush
    x = window[0] + window[2] / 2 if window else 0.0
    y = window[1] + window[3] / 2 if window else -330.0
    scene.sun = (x, y)
    wall, shade = light.tone(0.3), light.tone(0.85)
    warm = colours.mix(wall, light.key, 0.3)
    fill = brush.radial(
        (x, y), 1500, (0, warm, 1), (0.3, colours.mix(wall, warm, 0.35), 1), (0.65, light.tone(0.6), 1), (1, shade, 1)
    )
    scene.add(FAR, shapes.paint(shapes.rect(-REACH - 900, -3200, 2 * REACH + 1800, 3200 + DEEP), fill))
    scene.add(FAR, shapes.paint(shapes.rect(-REACH, ceiling - 2400, 2 * REACH, 2400), light.tone(0.9)))
    scene.add(FAR, shapes.paint(shapes.rect(-REACH, ceiling, 2 * REACH, 12), light.tone(0.72), opacity=0.8))
    ground = brush.linear((0, 0), (0, 480), (0, light.tone(0.6), 1), (1, light.tone(1.0), 1))
    scene.add(BACK, shapes.paint(shapes.rect(-REACH, 0, 2 * REACH, DEEP), ground))
    scene.add(BACK, shapes.paint(shapes.rect(-REACH, -22, 2 * REACH, 22), light.tone(0.68)))
    lines = [shapes.line([(px, 0), (px * 2.6, 620)]) for px in range(-2100, 2101, 84 if tiles else 120)]
    lines += [shapes.line([(-REACH, py), (REACH, py)]) for py in (34, 84, 158, 262)] if tiles else []
    scene.add(BACK, shapes.stroke("".join(lines), light.tone(0.95), 1.6, opacity=0.4))


def pane(scene: Scenery, box: Box, *, bars: tuple[int, int] = (2, 3), view: str = "sky") -> None:
    """Cut a window into the wall: the hour outside, its bars, the light that falls in."""
    light, brush = scene.light, scene.brush
    x, y, width, height = box
    outside = brush.linear((0, y), (0, y + height), (0, light.top, 1), (0.55, light.middle, 1), (1, light.low, 1))
    scene.add(FAR, brush.glow(x + width / 2, y + height / 2, max(width, height) * 1.5, light.low, 0.5))
    scene.add(BACK, shapes.paint(shapes.rect(x, y, width, height), outside))
    if view == "town":
        towers = "".join(
            shapes.rect(x + width * step / 9, y + height * (1 - share), width / 10, height * share)
            for step, share in enumerate((0.3, 0.45, 0.2, 0.52, 0.36, 0.6, 0.28, 0.42, 0.34))
        )
        scene.add(BACK, shapes.paint(towers, light.tone(0.35), opacity=0.8))
    if light.time_of_day == "night" and view == "sky":
        scene.add(
            BACK, shapes.paint(shapes.oval(x + width * 0.68, y + height * 0.25, min(width, height) * 0.07), light.sun)
        )
    columns, rows = bars
    mullions = "".join(shapes.rect(x + width * step / columns - 3.5, y, 7, height) for step in range(1, columns))
    mullions += "".join(shapes.rect(x, y + height * step / rows - 3, width, 6) for step in range(1, rows))
    edge = (
        shapes.rect(x - 12, y - 12, width + 24, 12)
        + shapes.rect(x - 18, y + height, width + 36, 14)
        + shapes.rect(x - 12, y, 12, height)
        + shapes.rect(x + width, y, 12, height)
    )
    scene.add(BACK, shapes.paint(mullions + edge, light.tone(0.85)))
    _fall(scene, box)


def _fall(scene: Scenery, box: Box) -> None:
    """Let the window's light fall through the air and on the floor."""
    light, brush = scene.light, scene.brush
    x, y, width, height = box
    strength = {"day": 0.3, "dawn": 0.34, "dusk": 0.34, "night": 0.2}[light.time_of_day]
    lean = 260 if x + width / 2 < 0 else -260
    fill = brush.linear((x, y), (x + lean, y + height + 420), (0, light.sun, strength), (1, light.sun, 0.0))
    beam = [(x, y), (x + width, y), (x + width + lean, y + height + 560), (x + lean * 0.8 - 60, y + height + 560)]
    scene.shafts.append(shapes.paint(shapes.poly(beam), fill))
    patch = [(x + lean * 0.55, 40), (x + width + lean * 0.6, 40), (x + width + lean * 0.95, 210), (x + lean * 0.8, 210)]
    scene.add(BACK, shapes.paint(shapes.poly(patch), light.sun, opacity=strength * 0.9))


def hanging_lamp(scene: Scenery, x: float, y: float, *, plane: float = MID, wide: float = 60) -> None:
    """Hang a lamp from the ceiling; it is lit when it is dark."""
    light = scene.light
    shade = shapes.poly(
        [(x - wide * 0.25, y - wide * 0.7), (x + wide * 0.25, y - wide * 0.7), (x + wide, y), (x - wide, y)]
    )
    scene.add(plane, shapes.stroke(shapes.line([(x, y - wide * 0.7), (x, -1500)]), light.tone(0.9), 3))
    strength = 0.9 if light.dark else 0.35
    scene.add(plane, scene.brush.glow(x, y + 10, wide * 5.5, light.lamp, strength))
    cone = scene.brush.linear((0, y), (0, 260), (0, light.lamp, 0.3 * strength), (1, light.lamp, 0))
    scene.lights[plane].append(
        shapes.paint(shapes.poly([(x - wide, y), (x + wide, y), (x + wide * 5, 260), (x - wide * 5, 260)]), cone)
    )
    scene.add(
        plane,
        shapes.paint(shade, light.tone(0.95)),
        shapes.paint(shapes.oval(x, y, wide * 0.9, wide * 0.12), light.lamp, opacity=0.95 if light.dark else 0.5),
    )


def standing_lamp(scene: Scenery, x: float) -> None:
    """Stand a lamp on the floor."""
    light = scene.light
    scene.add(MID, scene.brush.glow(x, -250, 420, light.lamp, 0.8 if light.dark else 0.25))
    stem = shapes.rect(x - 3, -230, 6, 290) + shapes.oval(x, 60, 40, 8)
    scene.add(MID, shapes.paint(stem, light.tone(0.92)))
    scene.add(
        MID,
        shapes.paint(
            shapes.poly([(x - 32, -300), (x + 32, -300), (x + 56, -210), (x - 56, -210)]),
            colours.mix(light.tone(0.6), light.lamp, 0.75 if light.dark else 0.25),
        ),
    )


def shelves(scene: Scenery, x: float, width: float, *, top: float = -520, rows: int = 5) -> str:
    """Return a bookcase with uneven books."""
    chance = scene.random
    tall = -top / rows
    marks = shapes.rect(x, top, 10, -top + 20) + shapes.rect(x + width - 10, top, 10, -top + 20)
    for row in range(rows + 1):
        marks += shapes.rect(x, top + row * tall, width, 9)
    for row in range(1, rows + 1):
        place = x + 14
        while place < x + width - 30:
            wide, high = chance.uniform(9, 20), tall * chance.uniform(0.5, 0.82)
            if chance.random() < 0.82:
                marks += shapes.rect(place, top + row * tall - high, wide - 2, high)
            place += wide
    return marks


def table(x: float, top: float, width: float, foot: float) -> str:
    """Return a table."""
    return (
        shapes.rect(x - width / 2, top, width, 14)
        + shapes.rect(x - width * 0.44, top, 11, foot - top)
        + shapes.rect(x + width * 0.42, top, 11, foot - top)
    )


def chair(x: float, foot: float, size: float = 1.0, *, turned: bool = False) -> str:
    """Return a chair from the side."""
    back = -1 if turned else 1
    left = x - 38 * size
    rear = left if back > 0 else x + 30 * size
    legs = shapes.rect(left, foot - 105 * size, 8 * size, 105 * size) + shapes.rect(
        x + 30 * size, foot - 105 * size, 8 * size, 105 * size
    )
    return (
        legs
        + shapes.rect(left, foot - 112 * size, 76 * size, 10 * size)
        + shapes.rect(rear, foot - 235 * size, 8 * size, 130 * size)
    )
