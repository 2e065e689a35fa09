"""Coaches: what carries many: the insides of buses and aeroplanes.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours
from trailerflow.film.interiors import shell
from trailerflow.film.scenery import BACK, FAR, FRONT, MID, NEAR, REACH, Scenery
from trailerflow.film.shapes import curve, line, oval, paint, poly, rect, stroke


def bus(scene: Scenery) -> None:
    """Build inside a bus: the town going by, seats, poles and straps."""
    shell(scene, ceiling=-600)
    light, brush, chance = scene.light, scene.brush, scene.random
    scene.sun = (0, -330)
    outside = brush.linear((0, -520), (0, -170), (0, light.top, 1), (0.6, light.middle, 1), (1, light.low, 1))
    for x in range(-1680, 1681, 420):
        scene.add(FAR, brush.glow(x, -330, 400, light.low, 0.4), paint(rect(x - 190, -520, 380, 350), outside))
        houses = "".join(
            rect(x - 190 + step * 76, -170 - tall, 72, tall)
            for step, tall in enumerate(chance.uniform(60, 250) for _ in range(5))
        )
        scene.add(FAR, paint(houses, light.tone(0.35)))
        spots = "".join(
            rect(x - 180 + chance.uniform(0, 350), -190 - chance.uniform(10, 130), 12, 15) for _ in range(11)
        )
        scene.add(FAR, paint(spots, light.lamp, opacity=0.9 if light.dark else 0.2))
    scene.cut(
        BACK,
        "".join(rect(x + 190, -660, 40, 680) for x in range(-2100, 2101, 420))
        + rect(-REACH, -170, 2 * REACH, 190)
        + rect(-REACH, -640, 2 * REACH, 120),
        0.72,
    )
    scene.add(
        BACK,
        paint(rect(-REACH, -632, 2 * REACH, 12), light.lamp, opacity=0.85),
        stroke(line([(-REACH, -500), (REACH, -500)]), colours.mix(light.tone(0.4), "#e8b23c", 0.6), 10),
    )
    straps = "".join(
        line([(x, -500), (x, -440)]) + poly([(x - 15, -400), (x + 15, -400), (x, -440)])
        for x in range(-1500, 1501, 150)
    )
    scene.add(BACK, stroke(straps, light.tone(0.95), 6))
    seats = "".join(
        curve(
            [(x, 110), (x - 12, -150), (x + 10, -226), (x + 64, -226), (x + 78, -60), (x + 190, -46), (x + 196, 110)],
            tension=0.4,
        )
        for x in range(-1600, 1601, 290)
        if abs(x + 90) > 200
    )
    scene.add(MID, paint(seats, scene.fall(MID, -226, 110, depth=0.85)))
    poles = "".join(rect(x - 8, -1500, 16, 3000) for x in (-640, -200, 260, 700))
    scene.add(NEAR, paint(poles, colours.mix(light.tone(0.6), "#e8b23c", 0.55)))


def aeroplane(scene: Scenery) -> None:
    """Build a cabin in the air: oval windows over the clouds, lockers, rows of seats."""
    shell(scene, ceiling=-560)
    light, brush = scene.light, scene.brush
    scene.sun = (0, -300)
    wall = colours.mix(light.tone(0.2), light.low, 0.45)
    scene.add(FAR, paint(rect(-REACH, -520, 2 * REACH, 540), wall))
    outside = brush.linear((0, -400), (0, -200), (0, light.top, 1), (0.5, light.middle, 1), (1, light.low, 1))
    for x in range(-1650, 1651, 220):
        frame = curve(
            [
                (x - 62, -300),
                (x - 56, -390),
                (x, -420),
                (x + 56, -390),
                (x + 62, -300),
                (x + 56, -210),
                (x, -180),
                (x - 56, -210),
            ],
            tension=0.9,
        )
        pane_ = curve(
            [
                (x - 46, -300),
                (x - 42, -376),
                (x, -400),
                (x + 42, -376),
                (x + 46, -300),
                (x + 42, -224),
                (x, -200),
                (x - 42, -224),
            ],
            tension=0.9,
        )
        scene.add(FAR, brush.glow(x, -300, 240, light.low, 0.5), paint(frame, light.tone(0.55)), paint(pane_, outside))
        scene.add(
            FAR,
            paint(
                oval(x - 14, -222, 30, 12) + oval(x + 18, -214, 26, 10),
                colours.mix(light.low, "#ffffff", 0.4),
                opacity=0.8,
            ),
        )
    lockers = curve([(-REACH, -640), (REACH, -640), (REACH, -500), (-REACH, -500)], tension=0.1)
    scene.cut(BACK, lockers, 0.66)
    scene.add(
        BACK,
        stroke("".join(line([(x, -636), (x, -504)]) for x in range(-2200, 2201, 330)), light.tone(0.85), 6),
        paint(rect(-REACH, -496, 2 * REACH, 10), light.lamp, opacity=0.9),
    )
    scene.add(BACK, paint("".join(rect(x - 18, -470, 36, 14) for x in range(-2035, 2201, 330)), "#ffb04a", opacity=0.9))
    _rows(scene)


def _rows(scene: Scenery) -> None:
    """Set two rows of seats."""
    light = scene.light
    for foot, size, plane, depth, shift in ((70, 0.95, MID, 0.8, 0), (230, 1.4, NEAR, 0.96, 130)):
        seats = "".join(
            curve(
                [
                    (x, foot),
                    (x - 20 * size, foot - 190 * size),
                    (x - 8 * size, foot - 282 * size),
                    (x + 52 * size, foot - 286 * size),
                    (x + 66 * size, foot - 120 * size),
                    (x + 150 * size, foot - 100 * size),
                    (x + 156 * size, foot),
                ],
                tension=0.5,
            )
            for x in (shift + step * 262 * size for step in range(-8, 8))
            if plane == MID or abs(x + 60) > 360
        )
        scene.add(plane, paint(seats, scene.fall(plane, foot - 280 * size, foot, depth=depth)))
        rests = "".join(
            rect(x - 6 * size, foot - 276 * size, 54 * size, 50 * size)
            for x in (shift + step * 262 * size for step in range(-8, 8))
            if plane == MID or abs(x + 60) > 360
        )
        scene.add(plane, paint(rests, colours.mix(light.tone(depth - 0.3), light.low, 0.3), opacity=0.7))
    scene.cut(FRONT, rect(-1400, -1500, 160, 3000), 1.0)
