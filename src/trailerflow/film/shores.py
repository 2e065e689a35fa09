"""Shores: open water and the sand beside it.

Called by `backdrops` and by `landmarks` for bridges and ships. Builds from far to near on a `Scenery`.
"""

import math

from trailerflow.film import colours, shapes
from trailerflow.film.scenery import (
    BACK,
    DEEP,
    FRONT,
    MID,
    NEAR,
    REACH,
    Scenery,
    grass,
    sky,
)


def sea(scene: Scenery) -> None:
    """Build open water, a headland, the light's path on the waves."""
    sky(scene)
    headland(scene)
    water(scene)
    swell(scene)


def beach(scene: Scenery) -> None:
    """Build sand below the water, posts running out, dune grass close by."""
    sky(scene)
    headland(scene)
    water(scene)
    chance, tone = scene.random, scene.light.tone
    shore = [(x, 70 + y) for x, y in shapes.ridge(chance, (-REACH, REACH), 34, steps=14, rough=0.35)]
    foam = [(x, y - 7) for x, y in shore]
    scene.add(
        NEAR, shapes.paint(shapes.ground(foam, DEEP), colours.mix(scene.light.low, scene.light.sun, 0.5), opacity=0.6)
    )
    sand = scene.brush.linear(
        (0, 60), (0, 460), (0, colours.mix(tone(0.6), scene.light.low, 0.4), 1), (1, tone(0.95), 1)
    )
    scene.add(NEAR, shapes.paint(shapes.ground(shore, DEEP), sand))
    posts = [
        shapes.rect(
            -560 + place * 62,
            92 - place * 9 - 90 / (1 + place * 0.22),
            15 / (1 + place * 0.14),
            90 / (1 + place * 0.22),
        )
        for place in range(9)
    ]
    scene.add(NEAR, shapes.paint("".join(posts), tone(0.85)))
    scene.add(
        FRONT,
        shapes.paint(
            grass(chance, (-REACH, -260), 430, 230, 80) + grass(chance, (420, REACH), 430, 230, 80), scene.light.ink
        ),
    )


def headland(scene: Scenery) -> None:
    """Raise a far coast on one side."""
    side = scene.random.choice((-1, 1))
    coast = [
        (side * (250 + x), y)
        for x, y in ((0, 4), (160, -20), (420, -60), (700, -110), (1000, -90), (1500, -170), (2100, -150))
    ]
    scene.add(BACK, shapes.paint(shapes.poly([*coast, (side * 2600, 4)]), scene.fall(BACK, -150, 10, depth=0.25)))
    scene.mist(BACK, -80, 14, 0.7)


def water(scene: Scenery) -> None:
    """Lay water from the horizon towards us, with the light's path on it."""
    light, chance = scene.light, scene.random
    start = colours.mix(light.tone(0.2), light.low, 0.5)
    fill = scene.brush.linear((0, 0), (0, 400), (0, start, 1), (0.25, light.tone(0.45), 1), (1, light.tone(0.85), 1))
    scene.add(MID, shapes.paint(shapes.rect(-REACH, 0, 2 * REACH, DEEP), fill))
    glints, ripples = [], []
    for _ in range(210):
        y = chance.random() ** 1.7 * 420 + 3
        wide = 8 + y * chance.uniform(0.05, 0.28)
        x = scene.sun[0] * 0.8 + chance.gauss(0, 26 + y * 0.3)
        glints.append(shapes.oval(x, y, wide, 0.9 + y * 0.008))
        ripples.append(shapes.oval(chance.uniform(-REACH, REACH), y, wide * 3, 0.8 + y * 0.007))
    scene.add(MID, shapes.paint("".join(ripples), light.tone(0.3), opacity=0.35))
    scene.add(MID, shapes.paint("".join(glints), light.sun, opacity=0.5))


def swell(scene: Scenery) -> None:
    """Roll three waves towards us."""
    chance = scene.random
    for foot, tall, depth, plane in ((110, 22, 0.6, NEAR), (190, 40, 0.75, NEAR), (330, 70, 1.0, FRONT)):
        crest = []
        for step in range(41):
            phase = step * 0.9 + chance.uniform(-0.25, 0.25)
            crest.append((-REACH + 2 * REACH * step / 40, foot - tall * (0.5 + 0.5 * math.sin(phase))))
        body = shapes.curve(crest, closed=False) + f"L{REACH} {DEEP}L{-REACH} {DEEP}Z"
        scene.add(plane, shapes.paint(body, scene.light.tone(depth) if plane == NEAR else scene.light.ink))
        scene.add(
            plane,
            shapes.stroke(
                shapes.curve(crest, closed=False),
                colours.mix(scene.light.tone(depth), scene.light.sun, 0.45),
                2.5,
                opacity=0.6,
            ),
        )
