"""Vessels: rooms that move: cabins, carriages, cars, spaceships, and the space outside.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours, shapes
from trailerflow.film.interiors import hanging_lamp, shell
from trailerflow.film.scenery import (
    BACK,
    DEEP,
    FAR,
    FRONT,
    MID,
    NEAR,
    REACH,
    Scenery,
    side_of,
)


def cabin(scene: Scenery) -> None:
    """Build a ship's cabin: portholes, beams, a swinging lantern, charts."""
    shell(scene, ceiling=-620)
    light, brush = scene.light, scene.brush
    for x in (-560, -190, 190, 560):
        outside = brush.linear(
            (0, -420),
            (0, -270),
            (0, light.middle, 1),
            (0.55, light.low, 1),
            (0.56, light.tone(0.35), 1),
            (1, light.tone(0.5), 1),
        )
        scene.add(
            FAR,
            brush.glow(x, -345, 260, light.low, 0.5),
            shapes.paint(shapes.oval(x, -345, 92), light.tone(0.85)),
            shapes.paint(shapes.oval(x, -345, 74), outside),
        )
        beam = brush.linear((x, -345), (x + 160, 240), (0, light.sun, 0.24), (1, light.sun, 0))
        scene.shafts.append(
            shapes.paint(shapes.poly([(x - 60, -400), (x + 60, -300), (x + 330, 260), (x + 120, 260)]), beam)
        )
    planks = "".join(shapes.line([(-REACH, y), (REACH, y)]) for y in range(-600, 0, 62))
    scene.add(FAR, shapes.stroke(planks, light.tone(0.8), 2.5, opacity=0.5))
    ribs = "".join(
        shapes.poly([(x - 22, -640), (x + 22, -640), (x + 16, 30), (x - 16, 30)])
        for x in (-1120, -750, -375, 0, 375, 750, 1120)
    )
    scene.add(BACK, shapes.paint(ribs, light.tone(0.72)))
    scene.add(MID, shapes.paint("".join(shapes.rect(-REACH, y, 2 * REACH, 44) for y in (-760, -660)), light.tone(0.88)))
    hanging_lamp(scene, 60, -400, wide=36)
    _cargo(scene, side_of(scene))


def _cargo(scene: Scenery, side: int) -> None:
    """Stand the chart table and a barrel close by."""
    chart = (
        shapes.rect(side * 520 - 230, 20, 460, 20)
        + shapes.rect(side * 520 - 200, 30, 18, 180)
        + shapes.rect(side * 520 + 182, 30, 18, 180)
        + shapes.poly([(side * 520 - 120, 20), (side * 520 - 60, 2), (side * 520 + 150, 4), (side * 520 + 170, 20)])
    )
    barrel = shapes.curve(
        [
            (-side * 700 - 80, 210),
            (-side * 700 - 104, 110),
            (-side * 700 - 80, 10),
            (-side * 700 + 80, 10),
            (-side * 700 + 104, 110),
            (-side * 700 + 80, 210),
        ],
        tension=0.6,
    )
    scene.add(NEAR, shapes.paint(chart + barrel, scene.light.tone(0.95)))


def carriage(scene: Scenery) -> None:
    """Build a railway carriage: windows with the land going by, seats, racks."""
    shell(scene, ceiling=-560)
    light, brush = scene.light, scene.brush
    scene.sun = (0, -330)
    for x in range(-1500, 1501, 500):
        outside = brush.linear(
            (0, -480),
            (0, -180),
            (0, light.top, 1),
            (0.5, light.middle, 1),
            (0.74, light.low, 1),
            (0.75, light.tone(0.3), 1),
            (1, light.tone(0.5), 1),
        )
        scene.add(
            FAR, brush.glow(x, -330, 420, light.low, 0.4), shapes.paint(shapes.rect(x - 200, -480, 400, 300), outside)
        )
        land = shapes.ridge(scene.random, (x - 200, x + 200), 50, steps=12, rough=0.5)
        scene.add(
            FAR,
            shapes.paint(
                shapes.poly([*((px, py - 232) for px, py in land), (x + 200, -180), (x - 200, -180)]), light.tone(0.35)
            ),
        )
        beam = brush.linear((x, -480), (x + 120, 260), (0, light.sun, 0.22), (1, light.sun, 0))
        scene.shafts.append(
            shapes.paint(shapes.poly([(x - 190, -470), (x + 190, -470), (x + 330, 260), (x - 40, 260)]), beam)
        )
    scene.add(
        BACK,
        shapes.paint(
            "".join(shapes.rect(x + 200, -620, 100, 640) for x in range(-2000, 2001, 500))
            + shapes.rect(-REACH, -180, 2 * REACH, 200)
            + shapes.rect(-REACH, -560, 2 * REACH, 84),
            light.tone(0.72),
        ),
    )
    scene.add(
        BACK,
        shapes.paint(
            "".join(shapes.rect(x - 90, -540, 180, 10) for x in range(-1250, 1251, 500)), light.lamp, opacity=0.9
        ),
    )
    _benches(scene)
    bars = shapes.rect(-1020, -1500, 34, 3000) + shapes.rect(980, -1500, 34, 3000)
    scene.add(NEAR, shapes.paint(bars, light.tone(0.97)))


def _benches(scene: Scenery) -> None:
    """Set the seats of a carriage, back to back."""
    seats = ""
    for x in range(-1500, 1501, 500):
        for way in (-1, 1):
            rear = x + way * 205
            seats += shapes.curve(
                [
                    (rear, 130),
                    (rear + way * 22, -90),
                    (rear + way * 8, -236),
                    (rear - way * 40, -240),
                    (rear - way * 52, -70),
                    (rear - way * 130, -48),
                    (rear - way * 132, 130),
                ],
                tension=0.6,
            )
    scene.add(MID, shapes.paint(seats, scene.fall(MID, -240, 130, depth=0.85)))


def cockpit(scene: Scenery) -> None:
    """Build inside a car: the road's lights through the glass, wheel and mirror."""
    light, brush, chance = scene.light, scene.brush, scene.random
    fill = brush.linear((0, -640), (0, 60), (0, light.top, 1), (0.55, light.middle, 1), (1, light.low, 1))
    scene.sun = (chance.uniform(-200, 200), -240)
    scene.add(
        FAR,
        shapes.paint(shapes.rect(-REACH - 900, -3200, 2 * REACH + 1800, 3200 + DEEP), fill),
        brush.glow(scene.sun[0], -200, 700, light.sun, 0.6),
    )
    blocks = "".join(
        shapes.rect(x, -tall, wide, tall + 40)
        for x, wide, tall in (
            (step * 120 - 1500, chance.uniform(70, 118), chance.uniform(60, 300)) for step in range(26)
        )
    )
    scene.add(FAR, shapes.paint(blocks, light.tone(0.35), opacity=0.85))
    for _ in range(38):
        x, y, size = chance.uniform(-1400, 1400), chance.uniform(-330, 20), chance.uniform(8, 32)
        scene.add(
            FAR,
            shapes.paint(
                shapes.oval(x, y, size),
                chance.choice((light.lamp, "#ff7a5c", light.sun, "#9fd8ff")),
                opacity=chance.uniform(0.15, 0.5) * (1.2 if light.dark else 0.4),
            ),
        )
    _windscreen(scene)
    _dashboard(scene)


def _windscreen(scene: Scenery) -> None:
    """Frame the road with the car's roof, pillars and mirror."""
    light = scene.light
    hole = "M-3200 -3200H3200V3200H-3200Z" + shapes.curve(
        [
            (-760, -40),
            (-640, -520),
            (-400, -610),
            (0, -630),
            (400, -610),
            (640, -520),
            (760, -40),
            (300, -8),
            (-300, -8),
        ],
        tension=0.55,
    )
    scene.add(MID, shapes.paint(hole, light.tone(0.93), extra=' fill-rule="evenodd"'))
    scene.add(
        MID,
        shapes.stroke(
            shapes.curve(
                [(-760, -40), (-640, -520), (-400, -610), (0, -630), (400, -610), (640, -520), (760, -40)],
                closed=False,
                tension=0.55,
            ),
            colours.mix(light.tone(0.7), light.key, 0.4),
            5,
            opacity=0.6,
        ),
    )
    scene.add(
        MID,
        shapes.paint(shapes.rect(-110, -600, 220, 62), light.ink),
        shapes.paint(shapes.rect(-100, -592, 200, 46), light.middle, opacity=0.5),
    )


def _dashboard(scene: Scenery) -> None:
    """Set dashboard, wheel and seats before the glass."""
    light, brush = scene.light, scene.brush
    dash = shapes.curve(
        [(-1100, 60), (-500, -30), (0, -14), (500, -30), (1100, 60), (1200, 500), (-1200, 500)], tension=0.5
    )
    scene.add(NEAR, shapes.paint(dash, light.tone(1.0)))
    wheel = -430
    scene.add(
        NEAR,
        shapes.stroke(shapes.oval(wheel, 130, 190, 170), light.ink, 26),
        brush.glow(wheel, -10, 200, light.lamp, 0.35),
    )
    seats = "".join(
        shapes.curve(
            [
                (x - 120, 500),
                (x - 110, 120),
                (x - 60, 40),
                (x - 40, -70),
                (x + 40, -70),
                (x + 60, 40),
                (x + 110, 120),
                (x + 120, 500),
            ],
            tension=0.7,
        )
        for x in (-900, 900)
    )
    scene.add(FRONT, shapes.paint(seats, light.ink))
