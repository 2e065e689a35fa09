"""Depots: where things and vehicles are kept and made: works, garages, car parks, platforms.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours
from trailerflow.film.interiors import hanging_lamp, pane, shell, table
from trailerflow.film.scenery import BACK, FAR, FRONT, MID, NEAR, REACH, Scenery, side_of
from trailerflow.film.shapes import Point, curve, limb, line, oval, paint, poly, rect, stroke


def factory(scene: Scenery) -> None:
    """Build a works hall: girders, high windows, crates in stacks, a crane's hook."""
    side, light, chance = side_of(scene), scene.light, scene.random
    shell(scene, ceiling=-1100)
    for x in (-1050, -350, 350, 1050):
        pane(scene, (x - 270, -760, 540, 260), bars=(6, 3))
    truss = rect(-REACH, -860, 2 * REACH, 22) + rect(-REACH, -960, 2 * REACH, 22)
    cross = "".join(line([(x, -850), (x + 75, -950), (x + 150, -850)]) for x in range(-2250, 2250, 150))
    scene.cut(MID, truss, 0.85)
    scene.add(MID, stroke(cross, light.tone(0.85), 10))
    posts = "".join(rect(x - 24, -900, 48, 960) + rect(x - 44, 40, 88, 24) for x in (-700, 0, 700))
    scene.cut(BACK, posts, 0.7)
    for base, width in ((-1000, 5), (-560, 3), (540, 3), (1000, 5)):
        for row in range(width):
            for column in range(3):
                left, y = base + (column - 1) * 132 + chance.uniform(-8, 8) - 62, 60 - (row + 1) * 112
                if row < width - abs(column - 1):
                    scene.cut(MID, rect(left, y, 124, 110), 0.8)
                    scene.add(
                        MID,
                        stroke(
                            line([(left + 4, y + 6), (left + 120, y + 104)]) + rect(left + 6, y + 6, 112, 98),
                            light.tone(0.62),
                            5,
                        ),
                    )
    hook = curve(
        [(-side * 210, -430), (-side * 210, -370), (-side * 250, -330), (-side * 210, -300), (-side * 172, -326)],
        closed=False,
    )
    scene.add(
        MID,
        stroke(line([(-side * 210, -900), (-side * 210, -440)]), light.tone(0.95), 6),
        stroke(hook, light.tone(0.95), 16),
    )
    for x in (-480, 480):
        hanging_lamp(scene, x, -600, wide=70)
    scene.cut(
        FRONT,
        rect(side * 1000 - 40, -1500, 140, 3000),
        1.0,
    )


def garage(scene: Scenery) -> None:
    """Build a workshop: a car on the ramp, tools on the wall, tyres, a roller door."""
    side, light = side_of(scene), scene.light
    shell(scene)
    door = -side * 420
    slats = "".join(rect(door - 330, y, 660, 22) for y in range(-520, 0, 30))
    scene.add(
        BACK,
        paint(rect(door - 350, -540, 700, 540), light.tone(0.7)),
        paint(slats, colours.mix(light.tone(0.35), light.low, 0.3)),
    )
    wall = side * 560
    scene.add(BACK, paint(rect(wall - 260, -560, 520, 250), colours.mix(light.tone(0.5), "#b5793f", 0.3)))
    tools = "".join(
        limb((wall - 220 + step * 62, -520), (wall - 214 + step * 62, -400), 5, 8)
        + oval(wall - 220 + step * 62, -530, 15)
        for step in range(8)
    )
    saw = (
        poly([(wall + 80, -370), (wall + 220, -390), (wall + 220, -340)])
        + rect(wall - 230, -370, 160, 14)
        + rect(wall - 90, -384, 30, 40)
    )
    scene.cut(BACK, tools + saw, 0.9)
    scene.cut(BACK, table(wall, -150, 560, 10) + rect(wall - 200, -200, 90, 52) + rect(wall + 60, -190, 150, 42), 0.82)
    x = -side * 420
    posts = rect(x - 300, -420, 30, 500) + rect(x + 270, -420, 30, 500) + rect(x - 280, -168, 560, 16)
    car = curve(
        [
            (x - 330, -180),
            (x - 330, -240),
            (x - 230, -268),
            (x - 140, -352),
            (x + 90, -356),
            (x + 190, -268),
            (x + 320, -246),
            (x + 334, -180),
        ],
        tension=0.5,
    )
    scene.cut(MID, posts + oval(x - 200, -168, 56) + oval(x + 206, -168, 56), 0.95)
    scene.cut(MID, car, 0.86)
    glass = poly([(x - 124, -338), (x - 30, -340), (x - 30, -274), (x - 190, -272)]) + poly(
        [(x - 10, -340), (x + 80, -340), (x + 146, -274), (x - 10, -274)]
    )
    scene.add(MID, paint(glass, colours.mix(light.low, light.tone(0.3), 0.4), opacity=0.7))
    tyres = "".join(oval(side * 330, 60 - step * 34, 76, 22) for step in range(5))
    scene.cut(NEAR, tyres + rect(side * 700 - 90, -90, 180, 260), 0.92)
    scene.add(NEAR, stroke("".join(rect(side * 700 - 78, y, 156, 40) for y in (-76, -24, 28, 80)), light.tone(0.7), 4))
    hanging_lamp(scene, side * 200, -480, wide=52)


def parking(scene: Scenery) -> None:
    """Build an underground car park: a low ceiling, pillars with numbers, cars, strips of light."""
    light, side = scene.light, side_of(scene)
    shell(scene, ceiling=-430)
    scene.add(FAR, scene.brush.glow(0, -200, 700, light.lamp, 0.5))
    for far, plane, depth in ((3.4, BACK, 0.5), (2.0, BACK, 0.64), (1.15, MID, 0.82)):
        beams = rect(-REACH, -620 / far - 130, 2 * REACH, 80 / far)
        scene.cut(plane, beams, depth)
        for x in (-1600, -800, 800, 1600):
            scene.cut(plane, rect(x / far - 60 / far, -1400, 120 / far, 1400 + 190 / far), depth)
            scene.add(plane, paint(rect(x / far - 60 / far, -90 / far, 120 / far, 150 / far), "#d9a431", opacity=0.55))
        strips = "".join(
            rect(x / far - 150 / far, -560 / far - 60, 300 / far, 14 / far) for x in (-1200, -400, 400, 1200)
        )
        scene.add(plane, paint(strips, light.lamp, opacity=0.95))
        for x in (-1200, -470, 470, 1200):
            car(scene, plane, (x / far, 170 / far), 1 / far, depth + 0.12)
    lanes = "".join(line([(x * 0.3, 10), (x, 420)]) for x in (-1500, -900, -420, 420, 900, 1500))
    scene.add(BACK, stroke(lanes, light.lamp, 5, opacity=0.4))
    scene.cut(FRONT, rect(side * 1060 - 80, -1500, 200, 3000), 1.0)


def car(scene: Scenery, plane: float, spot: Point, size: float, depth: float) -> None:
    """Park a car on a plane, seen from its front."""
    x, foot = spot
    body = [(-170, -4), (-176, -92), (-150, -128), (-112, -214), (112, -214), (150, -128), (176, -92), (170, -4)]
    glass = [(-128, -132), (-98, -196), (98, -196), (128, -132)]
    wheels = rect(x - 160 * size, foot - 12 * size, 50 * size, 30 * size) + rect(
        x + 110 * size, foot - 12 * size, 50 * size, 30 * size
    )
    light = scene.light
    scene.cut(plane, curve([(x + px * size, foot + py * size) for px, py in body], tension=0.4) + wheels, depth)
    scene.add(
        plane,
        paint(
            poly([(x + px * size, foot + py * size) for px, py in glass]),
            colours.mix(light.low, light.tone(0.3), 0.5),
            opacity=0.55,
        ),
    )
    lamps = oval(x - 126 * size, foot - 78 * size, 24 * size, 15 * size) + oval(
        x + 126 * size, foot - 78 * size, 24 * size, 15 * size
    )
    scene.add(plane, paint(lamps, colours.mix(light.tone(0.2), light.lamp, 0.6)))


def station(scene: Scenery) -> None:
    """Build a railway platform under its roof: a train waiting, a clock, a bench, the far end in the light."""
    light, side = scene.light, side_of(scene)
    shell(scene, ceiling=-1100)
    scene.sun = (0, -260)
    scene.add(FAR, scene.brush.glow(0, -240, 900, light.low, 0.9))
    for far in (4.2, 2.7, 1.8, 1.2):
        arc = curve(
            [(-900 / far, 0), (-860 / far, -560 / far), (0, -980 / far), (860 / far, -560 / far), (900 / far, 0)],
            closed=False,
            tension=0.9,
        )
        scene.add(BACK if far > 2 else MID, stroke(arc, light.tone(0.9 - 0.1 * far), 46 / far))
    wall = [
        (side * 60, -150),
        (side * 620, -560),
        (side * 2300, -900),
        (side * 2300, 300),
        (side * 620, 150),
        (side * 60, 14),
    ]
    scene.add(MID, paint(poly(wall), scene.fall(MID, -560, 160, depth=0.78)))
    for near in (0.12, 0.24, 0.4, 0.6, 0.86, 1.2):
        x, wide = side * (60 + 760 * near), 70 + 190 * near * near
        left = x if side > 0 else x - wide * near
        scene.add(
            MID,
            paint(
                rect(left, -150 - 330 * near, wide * near, 130 * near + 24),
                light.lamp,
                opacity=0.85 if light.dark else 0.5,
            ),
        )
    scene.cut(
        MID, poly([(side * 40, 16), (side * 560, 190), (side * 2300, 560), (side * 2300, 700), (side * 300, 190)]), 1.0
    )
    scene.add(MID, stroke(line([(side * 20, 22), (side * 330, 330)]), "#e8c24a", 9, opacity=0.7))
    x = -side * 330
    scene.cut(NEAR, rect(x - 5, -1100, 10, 600) + oval(x, -450, 84), 0.95)
    scene.add(
        NEAR,
        paint(oval(x, -450, 70), colours.mix(light.lamp, "#ffffff", 0.3)),
        stroke(line([(x, -500), (x, -450), (x + 38, -428)]), light.ink, 8),
    )
    scene.add(NEAR, scene.brush.glow(x, -450, 240, light.lamp, 0.5))
    x = -side * 690
    scene.cut(
        NEAR,
        rect(x - 200, 70, 400, 20)
        + rect(x - 200, -30, 400, 60)
        + rect(x - 180, 80, 16, 110)
        + rect(x + 164, 80, 16, 110),
        0.95,
    )
