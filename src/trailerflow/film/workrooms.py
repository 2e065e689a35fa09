"""Workrooms: where things are watched, found out and recorded: police, laboratory, control room, studio.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours
from trailerflow.film.interiors import chair, shell, table
from trailerflow.film.scenery import BACK, FAR, MID, NEAR, REACH, Scenery, side_of
from trailerflow.film.shapes import curve, limb, line, oval, paint, poly, rect, stroke

SCREEN = "#9fe0ff"


def police(scene: Scenery) -> None:
    """Build a police station: the board with photographs and thread, a barred door, a desk under a lamp."""
    side, light, chance = side_of(scene), scene.light, scene.random
    shell(scene)
    x = -side * 330
    scene.add(BACK, scene.brush.glow(x, -360, 520, light.lamp, 0.5))
    scene.add(BACK, paint(rect(x - 300, -560, 600, 350), colours.mix(light.tone(0.45), "#b98a55", 0.35)))
    pins = [
        (x - 250 + 92 * column + chance.uniform(-16, 16), -500 + 110 * row + chance.uniform(-12, 12))
        for row in range(3)
        for column in range(6)
    ]
    photos = "".join(rect(px - 27, py - 8, 54, 66) for px, py in pins)
    faces = "".join(
        oval(px, py + 18, 11, 14)
        + curve([(px - 20, py + 54), (px - 12, py + 36), (px + 12, py + 36), (px + 20, py + 54)], tension=0.6)
        for px, py in pins
    )
    scene.add(BACK, paint(photos, colours.mix(light.tone(0.1), light.low, 0.6)), paint(faces, light.tone(0.8)))
    scene.add(BACK, stroke(line([pins[0], pins[8], pins[3], pins[14], pins[17], pins[10], pins[5]]), "#c8352b", 4))
    scene.add(BACK, stroke(rect(x - 300, -560, 600, 350), light.tone(0.85), 12))
    x = side * 520
    scene.add(BACK, paint(rect(x - 190, -520, 380, 520), light.ink))
    bars = (
        "".join(rect(x - 180 + step * 46, -520, 14, 520) for step in range(9))
        + rect(x - 200, -530, 400, 20)
        + rect(x - 190, -270, 380, 18)
    )
    scene.cut(BACK, bars, 0.45)
    for px, foot, size in ((-880, 110, 1.0), (side * 330, 120, 0.95), (900, 110, 1.0)):
        scene.cut(
            MID,
            table(px, foot - 140, 330 * size, foot)
            + rect(px - 140, foot - 128, 110, 120)
            + chair(px + 60, foot + 14, 1.0),
            0.88,
        )
        lamp = line([(px + 90, foot - 140), (px + 70, foot - 210), (px + 30, foot - 230)])
        scene.add(MID, stroke(lamp, light.tone(0.95), 6), scene.brush.glow(px + 30, foot - 190, 200, light.lamp, 0.6))
        scene.cut(
            MID,
            poly([(px + 40, foot - 246), (px + 52, foot - 216), (px - 6, foot - 204)])
            + rect(px - 120, foot - 166, 70, 26),
            0.95,
        )
    scene.cut(BACK, rect(side * 200 - 60, -560, 120, 60), 0.8)


def laboratory(scene: Scenery) -> None:
    """Build a laboratory: shelves of jars, benches with flasks that shine, a microscope, a hood."""
    side, light, chance = side_of(scene), scene.light, scene.random
    shell(scene, tiles=True)
    glows = ("#6fe3b2", "#7fc4ff", "#e9c25c", "#d77fd0")
    for y in (-560, -440, -320):
        scene.cut(BACK, rect(-900, y, 1800, 9), 0.8)
        for step in range(34):
            x, tall = -880 + step * 53, chance.uniform(36, 80)
            jar = rect(x, y - tall, 32, tall) + rect(x + 4, y - tall - 8, 24, 8)
            scene.add(
                BACK,
                paint(jar, colours.mix(light.tone(0.45), chance.choice(glows), 0.3 * chance.random()), opacity=0.9),
            )
    lamps = "".join(rect(px - 150, -700, 300, 12) for px in (-900, -300, 300, 900))
    scene.add(BACK, paint(lamps, light.lamp, opacity=0.95))
    for x, foot, size, plane in ((-640, 90, 1.0, MID), (560, 90, 1.0, MID), (side * 900, 220, 1.25, NEAR)):
        top = foot - 190 * size
        scene.cut(
            plane,
            rect(x - 330 * size, top, 660 * size, foot - top) + rect(x - 345 * size, top - 12, 690 * size, 16),
            0.86,
        )
        for place, dx in enumerate((-250, -130, 20, 150)):
            px, colour = x + dx * size, glows[(place + int(x)) % len(glows)]
            flask = [
                (px - 10 * size, top - 86 * size),
                (px + 10 * size, top - 86 * size),
                (px + 10 * size, top - 56 * size),
                (px + 40 * size, top - 12),
                (px - 40 * size, top - 12),
                (px - 10 * size, top - 56 * size),
            ]
            drink = [
                (px - 22 * size, top - 40 * size),
                (px + 22 * size, top - 40 * size),
                (px + 40 * size, top - 12),
                (px - 40 * size, top - 12),
            ]
            scene.add(
                plane,
                paint(poly(flask), colours.mix(light.tone(0.3), light.low, 0.4), opacity=0.6),
                paint(poly(drink), colour, opacity=0.9),
            )
            scene.add(plane, scene.brush.glow(px, top - 30, 130 * size, colour, 0.45))
        px = x + 260 * size
        scope = (
            limb((px, top - 120 * size), (px + 34 * size, top - 60 * size), 13, 11)
            + rect(px - 34, top - 22, 80, 12)
            + curve([(px + 40, top - 14), (px + 60, top - 70 * size), (px + 20, top - 110 * size)], closed=False)
        )
        scene.cut(plane, scope, 0.98)


def control(scene: Scenery) -> None:
    """Build a control room: a wall of screens and dials, desks full of small lights."""
    light, chance = scene.light, scene.random
    shell(scene)
    scene.sun = (0, -380)
    scene.add(FAR, scene.brush.glow(0, -380, 1000, SCREEN, 0.45))
    scene.cut(BACK, rect(-1250, -660, 2500, 520), 0.85)
    for row in range(2):
        for column in range(-5, 6):
            x, y = column * 215 - 98, -640 + row * 250
            scene.add(BACK, paint(rect(x, y, 196, 224), colours.mix(light.tone(0.7), SCREEN, 0.36)))
            match chance.randrange(3):
                case 0:
                    wave = [(x + 12 + step * 17, y + 112 + chance.uniform(-60, 60)) for step in range(11)]
                    scene.add(BACK, stroke(line(wave), SCREEN, 5))
                case 1:
                    scene.add(
                        BACK,
                        stroke(
                            oval(x + 98, y + 112, 74)
                            + oval(x + 98, y + 112, 40)
                            + line([(x + 98, y + 112), (x + 98 + chance.uniform(-60, 60), y + 60)]),
                            SCREEN,
                            5,
                        ),
                    )
                case _:
                    scene.add(
                        BACK,
                        paint(
                            "".join(
                                rect(x + 18 + step * 28, y + 200 - tall, 18, tall)
                                for step, tall in enumerate(chance.uniform(30, 170) for _ in range(6))
                            ),
                            SCREEN,
                            opacity=0.8,
                        ),
                    )
    _desks(scene)


def _desks(scene: Scenery) -> None:
    """Set desks full of small lights before the screens."""
    chance = scene.random
    for foot, size, plane, depth in ((90, 0.9, MID, 0.86), (240, 1.3, NEAR, 0.97)):
        for middle in (-1092.0, 1092.0) if plane == NEAR else (-700.0, 0.0, 700.0):
            desk = poly(
                [
                    (middle - 320 * size, foot),
                    (middle - 300 * size, foot - 130 * size),
                    (middle + 300 * size, foot - 130 * size),
                    (middle + 320 * size, foot),
                ]
            )
            scene.cut(
                plane,
                desk
                + poly(
                    [
                        (middle - 290 * size, foot - 126 * size),
                        (middle - 260 * size, foot - 176 * size),
                        (middle + 260 * size, foot - 176 * size),
                        (middle + 290 * size, foot - 126 * size),
                    ]
                ),
                depth,
            )
            for colour in ("#ff6a4a", "#ffcf5a", "#6fe39a", SCREEN):
                dots = "".join(
                    oval(middle + chance.uniform(-250, 250) * size, foot - chance.uniform(136, 166) * size, 6 * size)
                    for _ in range(9)
                )
                scene.add(plane, paint(dots, colour, opacity=0.95))
    scene.add(MID, scene.brush.glow(0, -60, 800, SCREEN, 0.25, squash=0.4))


def studio(scene: Scenery) -> None:
    """Build a studio: lamps on a rig, a camera on its stand, a microphone, a lit wall to play before."""
    side, light = side_of(scene), scene.light
    shell(scene, ceiling=-900)
    scene.sun = (0, -500)
    wall = colours.mix(light.tone(0.3), light.lamp, 0.3)
    scene.add(
        BACK, paint(curve([(-560, -560), (560, -560), (620, 0), (760, 190), (-760, 190), (-620, 0)], tension=0.2), wall)
    )
    scene.add(BACK, scene.brush.glow(0, -200, 620, light.lamp, 0.6))
    scene.cut(MID, rect(-REACH, -640, 2 * REACH, 16) + rect(-REACH, -700, 2 * REACH, 10), 0.95)
    for x in (-760, -420, -140, 190, 470, 800):
        lean = -0.12 * x
        scene.cut(
            MID,
            rect(x - 5, -640, 10, 50)
            + poly([(x - 34, -600), (x + 34, -600), (x + 46 + lean * 0.4, -520), (x - 46 + lean * 0.4, -520)]),
            0.98,
        )
        cone = scene.brush.linear((0, -520), (0, 200), (0, light.lamp, 0.26), (1, light.lamp, 0))
        scene.shafts.append(
            paint(
                poly(
                    [
                        (x - 40 + lean * 0.4, -520),
                        (x + 40 + lean * 0.4, -520),
                        (x * 0.5 + 210, 210),
                        (x * 0.5 - 210, 210),
                    ]
                ),
                cone,
            )
        )
        scene.add(MID, paint(oval(x + lean * 0.4, -520, 44, 8), light.lamp))
    x = -side * 560
    legs = "".join(limb((x, -110), (x + dx, 180), 8, 6) for dx in (-110, 0, 110))
    box = (
        rect(x - 100, -250, 210, 130)
        + rect(x - 140 if side < 0 else x + 100, -220, 70, 66)
        + oval(x - 40, -280, 50)
        + oval(x + 60, -280, 50)
    )
    scene.cut(NEAR, legs + box, 0.96)
    scene.add(NEAR, paint(oval(x + 86, -234, 8), "#ff3a2e"), scene.brush.glow(x + 86, -234, 70, "#ff3a2e", 0.7))
    boom = line([(side * 860, 190), (side * 820, -420), (side * 300, -470)])
    scene.add(NEAR, stroke(boom, light.tone(0.97), 10))
    scene.cut(NEAR, limb((side * 330, -468), (side * 230, -440), 20, 16), 1.0)
