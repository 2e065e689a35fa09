"""Venues: rooms for many: theatres, sports halls, terminals, galleries.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours
from trailerflow.film.halls import columns
from trailerflow.film.interiors import Box, pane, shell
from trailerflow.film.scenery import BACK, MID, NEAR, REACH, Scenery, side_of
from trailerflow.film.shapes import curve, line, oval, paint, poly, rect, stroke


def theatre(scene: Scenery) -> None:
    """Build a theatre from the stalls: the stage in its light, curtains, boxes, rows of seats."""
    light, brush = scene.light, scene.brush
    shell(scene, ceiling=-1200)
    scene.sun = (0, -420)
    velvet = colours.mix(light.tone(0.7), "#9c2330", 0.6)
    scene.add(
        BACK,
        paint(rect(-520, -640, 1040, 640), colours.mix(light.tone(0.4), light.lamp, 0.25)),
        brush.glow(0, -200, 560, light.lamp, 0.7),
    )
    scene.cut(BACK, rect(-560, -60, 1120, 110), 0.9)
    footlights = "".join(oval(x, -62, 13, 9) for x in range(-500, 501, 84))
    scene.add(BACK, paint(footlights, light.lamp))
    for side in (-1, 1):
        folds = [(side * (300 + 30 * step), -640 if step % 2 else -600) for step in range(10)]
        scene.add(
            BACK,
            paint(
                poly([(side * 330, -60), (side * 260, -330), (side * 420, -640), *folds[4:], (side * 580, -60)]), velvet
            ),
        )
        lines = "".join(line([(side * (400 + 34 * step), -630), (side * (360 + 42 * step), -70)]) for step in range(5))
        scene.add(BACK, stroke(lines, colours.shade(velvet, light=0.6), 6))
        scene.cut(MID, rect(side * 560 - (120 if side < 0 else 0), -900, 120, 980), 0.78)
        for y in (-420, -150):
            scene.cut(
                MID,
                curve(
                    [
                        (side * 640, y),
                        (side * 760, y + 34),
                        (side * 1150, y + 60),
                        (side * 1150, y + 130),
                        (side * 660, y + 96),
                    ],
                    tension=0.5,
                ),
                0.86,
            )
            scene.add(MID, brush.glow(side * 860, y - 20, 150, light.lamp, 0.55))
    _stalls(scene, velvet)


def _stalls(scene: Scenery, velvet: str) -> None:
    """Hang the upper curtain, light the stage, set rows of seats before it."""
    light, brush = scene.light, scene.brush
    scallops = "".join(oval(x, -620, 62, 74) for x in range(-500, 501, 100))
    scene.add(BACK, paint(scallops + rect(-560, -740, 1120, 120), velvet))
    cone = brush.linear((0, -900), (0, 60), (0, light.lamp, 0.32), (1, light.lamp, 0.05))
    scene.shafts.append(paint(poly([(-50, -1100), (30, -1100), (250, -20), (-250, -20)]), cone))
    for foot, size, plane, depth in ((60, 0.6, MID, 0.84), (140, 0.85, NEAR, 0.93), (240, 1.15, NEAR, 1.0)):
        backs = "".join(
            curve(
                [
                    (x, foot),
                    (x + 4, foot - 84 * size),
                    (x + 38 * size, foot - 104 * size),
                    (x + 72 * size, foot - 84 * size),
                    (x + 76 * size, foot),
                ],
                tension=0.5,
            )
            for x in (step * 88 * size - 2200 for step in range(int(4400 / (88 * size))))
        )
        scene.add(
            plane, paint(backs + rect(-REACH, foot - 30, 2 * REACH, 50), colours.mix(light.tone(depth), velvet, 0.16))
        )


def gym(scene: Scenery) -> None:
    """Build a sports hall: high windows, wall bars, a basket, lines on the floor."""
    side, light = side_of(scene), scene.light
    shell(scene, ceiling=-900)
    for x in (-900, -300, 300, 900):
        pane(scene, (x - 210, -720, 420, 170), bars=(4, 2))
    scene.cut(BACK, rect(-REACH, -300, 2 * REACH, 280), 0.5)
    for x in (-1150, -830, side * 330 - 130, 800):
        bars = (
            "".join(rect(x, y, 260, 7) for y in range(-440, 0, 34))
            + rect(x - 6, -450, 12, 450)
            + rect(x + 254, -450, 12, 450)
            + rect(x + 124, -450, 10, 450)
        )
        scene.cut(BACK, bars, 0.78)
    x = -side * 330
    board = rect(x - 105, -560, 210, 145)
    scene.add(
        MID,
        paint(board, colours.mix(light.tone(0.2), light.low, 0.6)),
        stroke(rect(x - 34, -490, 68, 52) + board, light.tone(0.85), 6),
    )
    net = "".join(line([(x + dx, -418), (x + dx * 0.6, -352)]) for dx in (-36, -18, 0, 18, 36)) + oval(x, -418, 38, 8)
    scene.add(MID, stroke(net, "#d8632f", 5), paint(rect(x - 8, -1200, 16, 640), light.tone(0.8)))
    lines = line([(-900, 200), (-520, 30), (520, 30), (900, 200)]) + oval(0, 130, 330, 60)
    scene.add(BACK, stroke(lines, light.lamp, 7, opacity=0.6))
    horse = poly(
        [(side * 640 - 120, 110), (side * 640 - 90, -40), (side * 640 + 90, -40), (side * 640 + 120, 110)]
    ) + rect(side * 640 - 100, -70, 200, 40)
    scene.cut(NEAR, horse, 0.93)


def airport(scene: Scenery) -> None:
    """Build a terminal: an aeroplane beyond the glass, the board of flights, rows of seats."""
    light, side = scene.light, side_of(scene)
    box: Box = (-1250, -600, 2500, 560)
    shell(scene, ceiling=-760, window=box)
    pane(scene, box, bars=(9, 2))
    x = side * 330
    body = curve(
        [
            (x - side * 560, -160),
            (x - side * 500, -215),
            (x + side * 250, -215),
            (x + side * 400, -190),
            (x + side * 250, -125),
            (x - side * 380, -125),
        ],
        tension=0.6,
    )
    tail = poly([(x - side * 540, -190), (x - side * 600, -410), (x - side * 500, -410), (x - side * 360, -200)])
    wing = poly([(x - side * 60, -150), (x - side * 330, -70), (x - side * 250, -70), (x + side * 120, -150)])
    scene.cut(BACK, body + tail, 0.6)
    scene.cut(BACK, wing + oval(x - side * 90, -100, 52, 24) + rect(x + side * 230, -130, 10, 80), 0.72)
    scene.add(BACK, paint("".join(oval(x + step * 34, -182, 7, 9) for step in range(-10, 7)), light.lamp, opacity=0.7))
    scene.cut(BACK, rect(-1250, -52, 2500, 40), 0.5)
    _waiting(scene, side)


def _waiting(scene: Scenery, side: int) -> None:
    """Hang the board of flights and set the seats of those who wait."""
    board = -side * 420
    scene.cut(
        MID,
        rect(board - 250, -560, 500, 210) + rect(board - 190, -900, 10, 350) + rect(board + 180, -900, 10, 350),
        0.95,
    )
    rows = "".join(
        rect(board - 230, y, wide, 10) + rect(board + 60, y, 110, 10) + rect(board + 190, y, 36, 10)
        for y, wide in zip(range(-535, -370, 30), (190, 230, 160, 210, 240, 180), strict=False)
    )
    scene.add(MID, paint(rows, "#ffc45a", opacity=0.9), scene.brush.glow(board, -450, 330, "#ffc45a", 0.3))
    for foot, size, plane, depth in ((60, 0.8, MID, 0.84), (200, 1.2, NEAR, 0.96)):
        seats = "".join(
            curve(
                [
                    (px, foot - 150 * size),
                    (px + 70 * size, foot - 150 * size),
                    (px + 74 * size, foot - 62 * size),
                    (px - 4, foot - 62 * size),
                ],
                tension=0.4,
            )
            for px in (step * 84 * size for step in range(-26, 27))
            if abs(px) > 260
        )
        scene.cut(
            plane,
            seats
            + "".join(rect(px, foot - 62 * size, 9, 62 * size) for px in range(-2200, 2201, 260) if abs(px) > 260)
            + rect(-REACH, foot - 66 * size, REACH - 260, 10)
            + rect(260, foot - 66 * size, REACH, 10),
            depth,
        )


def museum(scene: Scenery) -> None:
    """Build a gallery: pictures in heavy frames, each in its light, a bust, a bench."""
    light, side, chance = scene.light, side_of(scene), scene.random
    shell(scene, ceiling=-900)
    scene.sun = (0, -700)
    for x, wide, tall in (
        (-1180, 240, 300),
        (-800, 320, 230),
        (-380, 250, 330),
        (20, 330, 250),
        (430, 230, 320),
        (800, 330, 240),
        (1200, 240, 310),
    ):
        y = -430 - tall / 2
        scene.add(BACK, scene.brush.glow(x, y, tall * 1.1, light.lamp, 0.5))
        scene.cut(BACK, rect(x - wide / 2 - 18, y - 18, wide + 36, tall + 36), 0.85)
        scene.add(BACK, paint(rect(x - wide / 2, y, wide, tall), colours.mix(light.tone(0.3), light.lamp, 0.3)))
        scene.cut(
            BACK,
            curve(
                [
                    (x - wide / 2, y + tall * 0.8),
                    (x - wide * 0.2, y + tall * chance.uniform(0.4, 0.7)),
                    (x + wide * 0.15, y + tall * 0.72),
                    (x + wide / 2, y + tall * chance.uniform(0.5, 0.7)),
                    (x + wide / 2, y + tall),
                    (x - wide / 2, y + tall),
                ],
                tension=0.5,
            ),
            0.6,
        )
        scene.cut(BACK, rect(x - 60, y - 46, 120, 12), 0.95)
    _pieces(scene, side)


def _pieces(scene: Scenery, side: int) -> None:
    """Stand a bust and a bench in a gallery, between its columns."""
    light = scene.light
    scene.cut(BACK, rect(-REACH, -120, 2 * REACH, 98), 0.55)
    x = -side * 560
    bust = curve(
        [
            (x - 66, -170),
            (x - 60, -214),
            (x - 22, -236),
            (x - 34, -290),
            (x, -326),
            (x + 34, -290),
            (x + 22, -236),
            (x + 60, -214),
            (x + 66, -170),
        ],
        tension=0.7,
    )
    scene.cut(MID, rect(x - 58, -170, 116, 240) + rect(x - 76, 60, 152, 20) + rect(x - 74, -184, 148, 18), 0.7)
    scene.add(
        MID,
        paint(bust, colours.mix(light.tone(0.35), light.low, 0.4)),
        scene.brush.glow(x, -260, 230, light.lamp, 0.35),
    )
    scene.cut(
        NEAR,
        rect(side * 620 - 230, 90, 460, 30) + rect(side * 620 - 200, 110, 34, 90) + rect(side * 620 + 166, 110, 34, 90),
        0.94,
    )
    columns(scene, MID, (-1000, 1000), 90, 0.72)
