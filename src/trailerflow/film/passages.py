"""Passages and corners: stairs, lifts, baths, cellars, tunnels.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

import math

from trailerflow.film import colours
from trailerflow.film.interiors import Box, hanging_lamp, pane, shell, shelves
from trailerflow.film.scenery import BACK, FAR, MID, NEAR, REACH, Scenery, side_of
from trailerflow.film.shapes import curve, limb, line, oval, paint, poly, rect, stroke

DEEPEST = 2600.0


def stairs(scene: Scenery) -> None:
    """Build a staircase: a flight across the picture, the next above it, banisters, a tall window."""
    side, light = side_of(scene), scene.light
    box: Box = (-side * 420 - 90, -700, 180, 470)
    shell(scene, ceiling=-1300, window=box)
    pane(scene, box, bars=(2, 5))
    for start, foot, way, plane, depth in ((-side * 150, -520, side, BACK, 0.62), (side * 900, -20, -side, MID, 0.8)):
        steps, rail = [(start, foot)], ""
        for step in range(14):
            x, y = start + way * step * 78, foot - step * 44 if plane == BACK else foot + 0 - (13 - step) * 44
            steps += [(x, y), (x + way * 78, y)]
        end = steps[-1]
        low = max(point[1] for point in steps) + 110
        scene.cut(
            plane,
            poly([*steps, (end[0], low), (start, low)])
            if plane == MID
            else poly([*steps, (end[0], end[1] + 120), (start, foot + 120)]),
            depth,
        )
        rail = "".join(rect(x, y - 150, 7, 150) for x, y in steps[1::2])
        scene.cut(plane, rail, depth + 0.12)
        scene.add(plane, stroke(line([(x, y - 152) for x, y in steps[1::2]]), light.tone(depth + 0.15), 15))
    scene.cut(
        NEAR,
        rect(-side * 700 - 26, -150, 52, 340) + oval(-side * 700, -176, 40) + rect(-side * 700 - 46, 170, 92, 30),
        0.95,
    )
    hanging_lamp(scene, side * 140, -560, wide=50)


def lift(scene: Scenery) -> None:
    """Build a lift from inside: steel doors, a rail, the buttons, the number of the floor."""
    side, light = side_of(scene), scene.light
    shell(scene, ceiling=-560)
    scene.add(FAR, scene.brush.glow(0, -420, 900, light.lamp, 0.7))
    sheen = scene.brush.linear(
        (-300, 0),
        (300, 0),
        (0, light.tone(0.5), 1),
        (0.4, colours.mix(light.tone(0.2), light.low, 0.5), 1),
        (0.6, light.tone(0.45), 1),
        (1, light.tone(0.6), 1),
    )
    scene.add(BACK, paint(rect(-300, -500, 600, 500), sheen), paint(rect(-4, -500, 8, 500), light.ink))
    scene.cut(BACK, rect(-350, -540, 50, 540) + rect(300, -540, 50, 540) + rect(-350, -560, 700, 60), 0.82)
    scene.add(
        BACK,
        paint(rect(-70, -548, 140, 36), light.ink),
        paint(
            "".join(rect(-26 + dx, -542, 8, 24) for dx in (0, 34)) + rect(-26, -542, 42, 6) + rect(-26, -520, 42, 6),
            "#ff5a3c",
        ),
    )
    scene.add(BACK, scene.brush.glow(0, -530, 120, "#ff5a3c", 0.5))
    for x in (-860, -560, 560, 860):
        scene.add(BACK, stroke(rect(x - 130, -510, 260, 490), light.tone(0.8), 8))
    scene.add(
        BACK,
        stroke(
            line([(-1600, -190), (-370, -190)]) + line([(370, -190), (1600, -190)]),
            colours.mix(light.tone(0.3), light.lamp, 0.4),
            16,
        ),
    )
    x = side * 460
    scene.cut(MID, rect(x - 44, -400, 88, 250), 0.75)
    buttons = "".join(oval(x - 18 + 36 * column, -370 + 38 * row, 12) for row in range(6) for column in range(2))
    scene.add(
        MID, paint(buttons, colours.mix(light.lamp, light.tone(0.3), 0.3)), paint(oval(x - 18, -294, 12), "#ff9a3c")
    )
    scene.cut(MID, poly([(-700, -1500), (-620, -600), (-640, 300), (-900, 600), (-2300, 600), (-2300, -1500)]), 0.86)
    scene.cut(MID, poly([(700, -1500), (620, -600), (640, 300), (900, 600), (2300, 600), (2300, -1500)]), 0.86)
    lamps = oval(-260, -575, 120, 16) + oval(260, -575, 120, 16)
    scene.add(BACK, paint(lamps, light.lamp))


def bathroom(scene: Scenery) -> None:
    """Build a bathroom: tiles, a tub behind its curtain, a basin under a lit mirror."""
    side, light = side_of(scene), scene.light
    box: Box = (side * 80 - 80, -560, 160, 170)
    shell(scene, window=box, tiles=True)
    grid = "".join(line([(x, -340), (x, 0)]) for x in range(-2200, 2201, 68)) + "".join(
        line([(-REACH, y), (REACH, y)]) for y in range(-340, 0, 68)
    )
    scene.add(
        BACK,
        paint(rect(-REACH, -350, 2 * REACH, 330), colours.mix(light.tone(0.3), light.low, 0.35), opacity=0.8),
        stroke(grid, light.tone(0.55), 3),
        paint(rect(-REACH, -362, 2 * REACH, 14), light.tone(0.65)),
    )
    pane(scene, box, bars=(2, 2))
    x, white = -side * 430, colours.mix(light.tone(0.12), light.low, 0.7)
    tub = curve(
        [(x - 330, -150), (x + 330, -150), (x + 310, 10), (x + 230, 70), (x - 230, 70), (x - 310, 10)], tension=0.5
    )
    scene.add(MID, paint(tub, white), paint(oval(x, -150, 340, 20), light.tone(0.55)))
    scene.cut(MID, limb((x - 220, 60), (x - 240, 110), 20, 12) + limb((x + 220, 60), (x + 240, 110), 20, 12), 0.8)
    folds = [(x - side * (60 + step * 34), -600 if step % 2 else -590) for step in range(10)]
    scene.add(
        MID,
        paint(
            poly([*folds, (x - side * 350, -40), (x - side * 130, -40)]),
            colours.mix(light.tone(0.4), light.lamp, 0.3),
            opacity=0.9,
        ),
    )
    scene.add(
        MID,
        stroke(
            "".join(line([(px, -590), (px * 0.6 + (x - side * 250) * 0.4, -44)]) for px, _ in folds[1::2]),
            light.tone(0.6),
            4,
            opacity=0.6,
        ),
    )
    scene.add(MID, stroke(line([(x - 420, -600), (x + 420, -600)]), light.tone(0.85), 8))
    _basin(scene, side, white)


def _basin(scene: Scenery, side: int, white: str) -> None:
    """Set the basin below its lit mirror, and a towel."""
    light = scene.light
    x = side * 480
    scene.add(BACK, scene.brush.glow(x, -420, 360, light.lamp, 0.75))
    scene.add(
        BACK,
        paint(rect(x - 120, -560, 240, 280), light.tone(0.8)),
        paint(rect(x - 106, -546, 212, 252), colours.mix(light.middle, light.low, 0.6)),
    )
    scene.add(BACK, paint("".join(oval(x + dx, -590, 17) for dx in (-90, -30, 30, 90)), light.lamp))
    scene.add(
        MID,
        paint(
            curve([(x - 150, -180), (x + 150, -180), (x + 110, -96), (x - 110, -96)], tension=0.5)
            + poly([(x - 34, -96), (x + 34, -96), (x + 46, 90), (x - 46, 90)]),
            white,
        ),
    )
    scene.add(
        MID, stroke(curve([(x, -182), (x, -222), (x + 24, -232), (x + 40, -212)], closed=False), light.tone(0.9), 9)
    )
    scene.add(BACK, paint(rect(side * 800 - 60, -300, 120, 190), colours.mix(light.tone(0.4), "#b5573f", 0.4)))


def cellar(scene: Scenery) -> None:
    """Build a basement: joists and pipes, a bare bulb, a boiler, steps up to a line of light."""
    side, light = side_of(scene), scene.light
    box: Box = (-side * 500 - 130, -470, 260, 80)
    shell(scene, ceiling=-500, window=box)
    pane(scene, box, bars=(3, 1))
    bricks = "".join(
        line([(x + (y // 46 % 2) * 60, y), (x + 90 + (y // 46 % 2) * 60, y)])
        for y in range(-460, 0, 46)
        for x in range(-1500, 1500, 240)
    )
    scene.add(FAR, stroke(bricks, light.tone(0.8), 3, opacity=0.5))
    scene.cut(
        MID, "".join(rect(x, -560, 46, 80) for x in range(-1600, 1600, 190)) + rect(-REACH, -500, 2 * REACH, 16), 0.92
    )
    pipes = line([(-1600, -440), (-side * 120, -440), (-side * 120, -360), (1600 * side, -360)]) + line(
        [(-1600, -405), (-side * 260, -405), (-side * 260, 40)]
    )
    scene.add(BACK, stroke(pipes, light.tone(0.72), 22))
    x = side * 420
    boiler = curve(
        [(x - 120, 60), (x - 130, -250), (x - 60, -320), (x + 60, -320), (x + 130, -250), (x + 120, 60)], tension=0.4
    )
    scene.add(MID, paint(boiler + rect(x - 24, -560, 48, 260), scene.fall(MID, -320, 60, depth=0.85)))
    scene.add(
        MID,
        paint(rect(x - 52, -70, 104, 70), colours.mix(light.lamp, "#ff6a2a", 0.6)),
        scene.brush.glow(x, -40, 330, "#ff7a3a", 0.5),
    )
    scene.add(MID, stroke(oval(x, -190, 32) + line([(x, -190), (x + 18, -208)]), light.tone(0.4), 6))
    start = -side * 560
    steps = [(start - side * step * 62, 80 - step * 62) for step in range(11)]
    flight = [point for x, y in steps for point in ((x, y), (x - side * 62, y))]
    scene.cut(MID, poly([*flight, (flight[-1][0], 80)]), 0.84)
    scene.cut(MID, shelves(scene, -side * 330 - 150, 260, top=-300, rows=3), 0.75)
    bulb = side * 60
    scene.add(
        MID,
        stroke(line([(bulb, -560), (bulb, -396)]), light.tone(0.98), 4),
        paint(oval(bulb, -378, 16, 20), colours.mix(light.lamp, "#ffffff", 0.4)),
    )
    scene.add(MID, scene.brush.glow(bulb, -378, 620, light.lamp, 0.8))


def tunnel(scene: Scenery) -> None:
    """Build a vaulted tunnel that bends away: rings, pipes, wet stone, a lamp every few steps."""
    light = scene.light
    shell(scene, ceiling=-1400)
    scene.sun = (0, -170)
    scene.add(FAR, scene.brush.glow(0, -150, 620, light.lamp, 0.7))
    for far, plane, depth in (
        (6.0, BACK, 0.38),
        (4.0, BACK, 0.5),
        (2.7, BACK, 0.6),
        (1.8, MID, 0.72),
        (1.2, MID, 0.84),
        (0.86, NEAR, 0.96),
    ):
        ring = [
            (780 / far * math.cos(angle), 130 / far - 800 / far * math.sin(angle))
            for angle in (math.pi * step / 24 for step in range(25))
        ]
        hole = rect(-REACH - 900, -DEEPEST, 2 * REACH + 1800, DEEPEST + 130 / far) + poly(
            [(780 / far, 130 / far), *ring, (-780 / far, 130 / far)]
        )
        scene.add(plane, paint(hole, light.tone(depth), extra=' fill-rule="evenodd"'))
        scene.add(plane, stroke(line(ring), light.tone(depth - 0.22), 13 / far))
        lamp = (-430 / far, 130 / far - 640 / far)
        scene.add(
            plane,
            paint(oval(*lamp, 30 / far, 20 / far), light.lamp),
            scene.brush.glow(*lamp, 430 / far, light.lamp, 0.6),
        )
        pipe = rect(560 / far, -90 / far, 60 / far, 34 / far) + rect(590 / far, -150 / far, 50 / far, 26 / far)
        scene.cut(plane, pipe, depth + 0.1)
    pools = oval(-120, 130, 210, 16) + oval(210, 60, 120, 9) + oval(60, 220, 260, 22)
    scene.add(NEAR, paint(pools, light.lamp, opacity=0.16))
