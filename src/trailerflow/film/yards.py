"""Yards: paved places: alleys, car parks, filling stations, stadiums.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

from trailerflow.film import colours
from trailerflow.film.depots import car
from trailerflow.film.scenery import BACK, DEEP, MID, NEAR, REACH, Scenery, hills, side_of, sky
from trailerflow.film.shapes import curve, line, oval, paint, poly, rect, stroke
from trailerflow.film.streets import lantern, skyline


def alley(scene: Scenery) -> None:
    """Build an alley: walls close by on both sides, fire escapes, bins, steam, one door lamp, the street far off."""
    sky(scene)
    light, side = scene.light, side_of(scene)
    scene.sun = (0, -200)
    skyline(scene, BACK, 520, 0.2, lit=0.4)
    scene.floor(near=1.0, far=0.5)
    scene.add(BACK, scene.brush.glow(0, -120, 520, light.lamp if light.dark else light.sun, 0.6))
    for far, plane, depth in ((3.2, BACK, 0.45), (2.0, MID, 0.62), (1.25, MID, 0.78)):
        for way in (-1, 1):
            x = way * 520 / far
            wall = poly(
                [(x, 260 / far), (x, -2400 / far), (way * 2600, -2600), (way * 2600, 900), (x * 1.2, 300 / far)]
            )
            scene.cut(plane, wall, depth)
            rows = "".join(line([(x, y / far), (way * 2000, y * 1.9 / far)]) for y in range(-1500, 260, 150))
            scene.add(plane, stroke(rows, light.tone(depth + 0.14), 3, opacity=0.6))
    for level in range(4):
        y = -250 - 210 * level
        scene.cut(
            MID,
            rect(side * 300 - 130, y, 260, 12)
            + "".join(rect(side * 300 - 128 + step * 28, y - 66, 5, 66) for step in range(10))
            + rect(side * 300 - 130, y - 70, 260, 7),
            0.95,
        )
        scene.add(
            MID,
            stroke(
                line([(side * 300 - 100, y), (side * 300 + 100, y - 210)])
                + line([(side * 300 - 70, y), (side * 300 + 130, y - 210)]),
                light.tone(0.93),
                7,
            ),
        )
    _corner(scene, side)


def _corner(scene: Scenery, side: int) -> None:
    """Light the door, stand the bins, let the steam rise."""
    light = scene.light
    lamp = (-side * 400, -330)
    scene.cut(MID, rect(lamp[0] - 70, -260, 140, 340) + rect(lamp[0] - 50, -352, 100, 20), 0.97)
    cone = scene.brush.linear((0, -330), (0, 220), (0, light.lamp, 0.42), (1, light.lamp, 0))
    scene.add(
        MID,
        paint(poly([(lamp[0] - 40, -330), (lamp[0] + 40, -330), (lamp[0] + 230, 220), (lamp[0] - 230, 220)]), cone),
        scene.brush.glow(*lamp, 330, light.lamp, 0.9),
    )
    x = side * 560
    bins = (
        poly([(x - 190, 60), (x + 190, 60), (x + 170, 210), (x - 170, 210)])
        + poly([(x - 200, 56), (x - 150, 10), (x + 170, 10), (x + 200, 56)])
        + oval(x - 130, 214, 16)
        + oval(x + 130, 214, 16)
    )
    sacks = "".join(
        curve([(sx - 60, 210), (sx - 50, 140), (sx - 10, 118), (sx + 10, 118), (sx + 50, 150), (sx + 60, 210)])
        for sx in (x - side * 270, x - side * 360)
    )
    scene.cut(NEAR, bins + sacks, 0.94)
    for puff in range(6):
        scene.add(NEAR, scene.brush.glow(-side * 150 + puff * 16, 190 - puff * 70, 130 + puff * 26, light.low, 0.3))
    scene.add(
        NEAR,
        paint(oval(60, 210, 300, 18) + oval(-160, 150, 140, 9), light.lamp if light.dark else light.low, opacity=0.22),
    )


def lot(scene: Scenery) -> None:
    """Build a car park in the open: rows of cars, painted bays, tall lamps, a sign."""
    sky(scene)
    light, side = scene.light, side_of(scene)
    skyline(scene, BACK, 220, 0.25, lit=0.35)
    scene.mist(BACK, -120, 40, 0.6)
    scene.floor(far=0.5)
    for foot, size, plane, depth in ((40, 0.42, MID, 0.62), (84, 0.62, MID, 0.74), (170, 0.95, NEAR, 0.9)):
        for step in range(-9, 10):
            x = step * 420 * size + side * 60
            if plane == MID or abs(x) > 330:
                car(scene, plane, (x, foot), size, depth)
    bays = "".join(line([(x * 0.45, 90), (x, 330)]) for x in range(-2200, 2201, 300))
    scene.add(MID, stroke(bays, light.lamp, 6, opacity=0.5))
    for x in (-560, 600):
        lantern(scene, MID, x, 110, 620)
    x = side * 620
    scene.cut(NEAR, rect(x - 12, -330, 24, 520), 0.95)
    scene.add(
        NEAR,
        paint(rect(x - 84, -430, 168, 168), "#2f62b0"),
        stroke(
            line([(x - 30, -290), (x - 30, -402), (x + 16, -402), (x + 40, -376), (x + 16, -350), (x - 30, -350)]),
            "#f4f6fa",
            20,
        ),
    )


def pumps(scene: Scenery) -> None:
    """Build a filling station at the road: the lit roof, pumps, the kiosk, the price on its pole."""
    sky(scene)
    light, side = scene.light, side_of(scene)
    hills(scene, BACK, 110, depth=0.2, steps=22, rough=0.4)
    scene.mist(BACK, -120, 40, 0.6)
    scene.floor(far=0.5)
    red = colours.mix(light.tone(0.5), "#c23a2c", 0.6)
    scene.add(
        MID,
        paint(rect(-side * 480 - 240, -220, 480, 270), scene.fall(MID, -220, 50, depth=0.66)),
        paint(rect(-side * 480 - 210, -150, 330, 150), light.lamp, opacity=0.95 if light.dark else 0.5),
    )
    scene.add(
        MID,
        stroke(
            "".join(
                line([(-side * 480 - 210 + step * 66, -150), (-side * 480 - 210 + step * 66, 0)]) for step in range(6)
            ),
            light.tone(0.8),
            6,
        ),
        paint(rect(-side * 480 - 250, -250, 500, 44), red),
    )
    roof = poly([(-620, -430), (700, -430), (680, -350), (-600, -350)])
    scene.add(
        MID,
        paint(roof, colours.mix(light.tone(0.2), light.low, 0.6)),
        paint(rect(-620, -400, 1310, 20), red),
        paint(rect(-580, -352, 1240, 12), light.lamp),
    )
    scene.add(MID, scene.brush.glow(40, -250, 720, light.lamp, 0.75 if light.dark else 0.2, squash=0.6))
    scene.cut(MID, "".join(rect(x - 18, -350, 36, 420) for x in (-430, 500)), 0.8)
    for x in (-330, 210, 420):
        pump = rect(x - 46, -170, 92, 250) + rect(x - 54, -190, 108, 26)
        scene.add(
            MID,
            paint(pump, red),
            paint(rect(x - 34, -146, 68, 54), light.lamp, opacity=0.9),
            stroke(curve([(x + 48, -120), (x + 84, -80), (x + 74, 10), (x + 50, 30)], closed=False), light.ink, 9),
        )
    scene.cut(MID, rect(-470, 70, 1060, 26), 0.88)
    _price(scene, side, red)


def _price(scene: Scenery, side: int, red: str) -> None:
    """Stand the price on its pole, and a car that waits."""
    light = scene.light
    x = side * 760
    scene.cut(NEAR, rect(x - 60, -500, 16, 700) + rect(x + 44, -500, 16, 700), 0.95)
    scene.add(
        NEAR,
        paint(rect(x - 100, -600, 200, 320), light.ink),
        paint(rect(x - 84, -584, 168, 100), red),
        scene.brush.glow(x, -440, 330, light.lamp, 0.4 if light.dark else 0.1),
    )
    scene.add(
        NEAR,
        paint(
            "".join(rect(x - 70 + step * 38, y, 24, 44) for y in (-460, -396, -332) for step in range(4)),
            light.lamp,
            opacity=0.9,
        ),
    )
    car(scene, NEAR, (-side * 560, 195), 1.05, 0.94)


def stadium(scene: Scenery) -> None:
    """Build a stadium from the grass: stands full of people, masts of floodlights, a goal, lines."""
    sky(scene)
    light, chance = scene.light, scene.random
    stand = [(-REACH, -150), (-900, -330), (0, -230), (900, -330), (REACH, -150)]
    scene.add(BACK, paint(poly([*stand, (REACH, 20), (-REACH, 20)]), scene.fall(BACK, -330, 20, depth=0.45)))
    for tint, count in ((light.tone(0.25), 420), (light.tone(0.75), 420), (light.lamp, 160)):
        heads = ""
        for _ in range(count):
            x = chance.uniform(-1700, 1700)
            top = -232 - 0.11 * min(abs(x), 900)
            heads += oval(x, chance.uniform(top + 16, -30), 7)
        scene.add(BACK, paint(heads, tint, opacity=0.75))
    scene.cut(
        BACK,
        poly(
            [
                (-REACH, -230),
                (-900, -410),
                (0, -300),
                (900, -410),
                (REACH, -230),
                (REACH, -170),
                (900, -350),
                (0, -250),
                (-900, -350),
                (-REACH, -170),
            ]
        ),
        0.65,
    )
    for x in (-640, 640, -1300, 1300):
        scene.cut(
            BACK, poly([(x - 14, 0), (x - 8, -640), (x + 8, -640), (x + 14, 0)]) + rect(x - 110, -740, 220, 116), 0.75
        )
        lamps = "".join(oval(x - 86 + 43 * column, -718 + 36 * row, 14) for row in range(3) for column in range(5))
        scene.add(BACK, paint(lamps, "#fdfbe8"), scene.brush.glow(x, -680, 560, "#f4f6ff", 0.75))
    _pitch(scene)


def _pitch(scene: Scenery) -> None:
    """Lay the grass in stripes, with lines and a goal."""
    light = scene.light
    scene.floor(far=0.5)
    turf = colours.mix(light.tone(0.5), "#4f8a45", 0.5)
    scene.add(MID, paint(rect(-REACH, 6, 2 * REACH, DEEP), turf))
    stripes = "".join(
        poly([(x * 0.3, 6), ((x + 250) * 0.3, 6), (x + 250, 480), (x, 480)]) for x in range(-4000, 4000, 500)
    )
    scene.add(MID, paint(stripes, colours.shade(turf, light=0.86)))
    scene.add(
        MID,
        stroke(
            line([(-REACH, 40), (REACH, 40)]) + oval(0, 150, 420, 70) + line([(0, 40), (0, 420)]),
            "#eef2e8",
            7,
            opacity=0.7,
        ),
    )
    x = side_of(scene) * 520
    net = "".join(line([(x - 170 + step * 34, -150), (x - 170 + step * 34, 60)]) for step in range(11)) + "".join(
        line([(x - 170, y), (x + 170, y)]) for y in range(-120, 61, 32)
    )
    scene.add(
        MID,
        stroke(net, "#eef2e8", 2, opacity=0.5),
        stroke(line([(x - 170, 64), (x - 170, -150), (x + 170, -150), (x + 170, 64)]), "#f6f8f2", 12),
    )
