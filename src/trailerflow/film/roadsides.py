"""Roadsides: shop fronts, works, farms and motels, as they are passed.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

from trailerflow.film import colours
from trailerflow.film.depots import car
from trailerflow.film.scenery import BACK, FRONT, MID, NEAR, REACH, Scenery, hills, side_of, sky
from trailerflow.film.shapes import curve, limb, line, oval, paint, poly, rect, stroke
from trailerflow.film.streets import lantern, skyline


def shop_front(scene: Scenery) -> None:
    """Build a row of shop windows under striped awnings, boards hanging over the pavement."""
    sky(scene)
    light, chance = scene.light, scene.random
    skyline(scene, BACK, 330, 0.25, lit=0.3)
    scene.floor(far=0.5)
    for place, x in enumerate((-1320, -660, 0, 660, 1320)):
        scene.add(MID, paint(rect(x - 330, -640, 656, 700), scene.fall(MID, -640, 60, depth=0.58 + 0.06 * (place % 3))))
        upper = "".join(rect(x - 240 + step * 180, -590, 110, 150) for step in range(3))
        scene.add(MID, paint(upper, light.lamp if light.dark and place % 2 else light.tone(0.8), opacity=0.6))
        pane_ = rect(x - 280, -230, 380, 250)
        scene.add(
            MID,
            scene.brush.glow(x - 90, -110, 380, light.lamp, 0.6 if light.dark else 0.2),
            paint(pane_, colours.mix(light.lamp, light.tone(0.4), 0.15 if light.dark else 0.6)),
        )
        wares = "".join(
            rect(x - 266 + step * 38, 10 - tall, 28, tall)
            for step, tall in enumerate(chance.uniform(24, 120) for _ in range(9))
        )
        scene.cut(MID, wares, 0.8)
        scene.add(
            MID,
            paint(rect(x + 140, -210, 130, 260), light.tone(0.85)),
            paint(rect(x + 160, -190, 90, 130), light.lamp, opacity=0.8 if light.dark else 0.35),
        )
        scene.add(
            MID,
            paint(
                rect(x - 300, -400, 590, 66),
                colours.mix(light.tone(0.75), chance.choice(("#7f2f2a", "#2f5f5a", "#3c4f7f", "#8a6a2a")), 0.5),
            ),
        )
        scene.add(
            MID,
            paint(
                "".join(rect(x - 220 + step * 46, -384, 30, 34) for step in range(chance.randrange(6, 10))),
                colours.mix(light.lamp, "#ffffff", 0.2),
                opacity=0.9,
            ),
        )
        cloth = colours.mix(light.tone(0.5), chance.choice(("#b5412f", "#3d7f78", "#c99035")), 0.55)
        for step in range(10):
            left = x - 300 + step * 59
            scene.add(
                MID,
                paint(
                    poly([(left + 12, -330), (left + 71, -330), (left + 59, -230), (left + 30, -218), (left, -230)]),
                    cloth if step % 2 else colours.mix(light.tone(0.2), light.low, 0.55),
                ),
            )
    scene.cut(NEAR, rect(-REACH, 70, 2 * REACH, 16), 0.8)
    for x in (-860, 860):
        lantern(scene, NEAR, x, 200, 560)


def works(scene: Scenery) -> None:
    """Build a works from outside: saw-tooth roofs, chimneys with their smoke, gates, crates in the yard."""
    sky(scene)
    light = scene.light
    hills(scene, BACK, 70, depth=0.15, steps=20, rough=0.4)
    scene.mist(BACK, -120, 40, 0.7)
    for x, tall in ((-420, 620), (-300, 520), (560, 700)):
        scene.add(
            BACK,
            paint(
                poly([(x - 34, 20), (x - 22, -tall), (x + 22, -tall), (x + 34, 20)]),
                scene.fall(BACK, -tall, 20, depth=0.5),
            ),
        )
        for puff in range(7):
            scene.add(
                BACK,
                paint(
                    oval(x + 30 + puff * 62, -tall - 24 - puff * 26, 34 + puff * 14, 24 + puff * 9),
                    colours.mix(light.low, light.tone(0.3), 0.4),
                    opacity=0.5 - 0.06 * puff,
                ),
            )
    scene.floor(far=0.5)
    teeth = [(-880, 50), (-880, -230)]
    for step in range(8):
        teeth += [(-880 + step * 220, -360), (-660 + step * 220, -230)]
    scene.add(MID, paint(poly([*teeth, (880, 50)]), scene.fall(MID, -360, 50, depth=0.7)))
    _yard(scene)


def _yard(scene: Scenery) -> None:
    """Light the windows, close the gate, stack crates and barrels."""
    light, chance = scene.light, scene.random
    panes = "".join(rect(-850 + step * 110, -160, 78, 84) for step in range(16))
    scene.add(MID, paint(panes, light.lamp if light.dark else light.tone(0.45), opacity=0.75))
    scene.add(
        MID,
        stroke(
            "".join(line([(-850 + step * 110, -118), (-772 + step * 110, -118)]) for step in range(16)),
            light.tone(0.8),
            5,
        ),
    )
    scene.add(
        MID,
        paint(rect(-170, -200, 340, 250), light.tone(0.85)),
        stroke("".join(line([(-160, y), (160, y)]) for y in range(-190, 50, 22)), light.tone(0.65), 4),
    )
    for base in (-760, 640):
        crates = "".join(
            rect(base + dx, 150 - dy, 126, 106) for dx, dy in ((0, 106), (132, 106), (66, 214), (264, 106))
        )
        scene.cut(NEAR, crates, 0.88)
        scene.add(
            NEAR,
            stroke(
                "".join(
                    line([(base + dx, 150 - dy), (base + dx + 126, 256 - dy)])
                    for dx, dy in ((0, 106), (132, 106), (66, 214), (264, 106))
                ),
                light.tone(0.7),
                4,
            ),
        )
    barrels = "".join(rect(x, 96, 60, 90) + oval(x + 30, 96, 30, 8) for x in (chance.uniform(-420, -330), 420, 490))
    scene.cut(NEAR, barrels, 0.92)


def farm(scene: Scenery) -> None:
    """Build a farm: a barn with its cross-braced door, a silo, a wind pump, rows of a field."""
    sky(scene)
    light, side = scene.light, side_of(scene)
    hills(scene, BACK, 90, depth=0.12, steps=20, rough=0.4)
    scene.mist(BACK, -120, 50, 0.6)
    scene.floor(far=0.4)
    x, silo = side * 160, side * 600
    red = colours.mix(light.tone(0.6), "#8f3527", 0.5)
    barn = poly(
        [(x - 260, 60), (x - 260, -170), (x - 190, -290), (x, -380), (x + 190, -290), (x + 260, -170), (x + 260, 60)]
    )
    scene.add(
        MID,
        paint(
            curve(
                [
                    (silo - 70, 60),
                    (silo - 70, -410),
                    (silo - 50, -462),
                    (silo, -480),
                    (silo + 50, -462),
                    (silo + 70, -410),
                    (silo + 70, 60),
                ],
                tension=0.35,
            ),
            scene.fall(MID, -460, 60, depth=0.62),
        ),
        paint(barn, red),
    )
    pale = colours.mix(light.tone(0.2), light.low, 0.6)
    scene.add(
        MID,
        stroke(
            rect(x - 95, -130, 190, 190)
            + line([(x - 95, -130), (x + 95, 60)])
            + line([(x + 95, -130), (x - 95, 60)])
            + rect(x - 38, -280, 76, 76)
            + line([(x - 260, -170), (x - 190, -290), (x, -380), (x + 190, -290), (x + 260, -170)]),
            pale,
            10,
        ),
    )
    if light.dark:
        scene.add(
            MID,
            paint(rect(x - 34, -276, 68, 68), light.lamp, opacity=0.9),
            scene.brush.glow(x, -240, 180, light.lamp, 0.5),
        )
    _acre(scene, side)


def _acre(scene: Scenery, side: int) -> None:
    """Stand the wind pump, draw the furrows, lay bales, fence it."""
    light, chance = scene.light, scene.random
    pump = -side * 470
    scene.add(
        MID,
        stroke(
            line([(pump - 60, 60), (pump, -370), (pump + 60, 60)])
            + "".join(line([(pump - w, y), (pump + w, y)]) for y, w in ((-260, 15), (-140, 32), (-20, 49))),
            light.tone(0.8),
            8,
        ),
    )
    sails = "".join(
        limb((pump, -370), (pump + dx, -370 + dy), 4, 18)
        for dx, dy in ((0, -96), (68, -68), (96, 0), (68, 68), (0, 96), (-68, 68), (-96, 0), (-68, -68))
    )
    scene.cut(MID, sails + poly([(pump, -376), (pump + 150, -410), (pump + 150, -330), (pump, -364)]), 0.78)
    furrows = "".join(line([(px * 0.25, 80), (px, 520)]) for px in range(-3000, 3001, 170))
    scene.add(MID, stroke(furrows, light.tone(0.85), 12, opacity=0.45))
    bales = "".join(oval(px, 130, 62, 56) for px in (chance.uniform(-820, -640), chance.uniform(600, 760)))
    scene.add(NEAR, paint(bales, colours.mix(light.tone(0.6), "#c9a04a", 0.5)))
    scene.cut(
        FRONT, "".join(rect(px, 260, 22, 300) for px in range(-2200, 2200, 420)) + rect(-REACH, 300, 2 * REACH, 22), 1.0
    )


def motel(scene: Scenery) -> None:
    """Build a motel: a row of numbered doors under a gallery, cars, the sign on its pole."""
    sky(scene)
    light, side = scene.light, side_of(scene)
    hills(scene, BACK, 130, depth=0.2, steps=20, rough=0.45)
    scene.floor(far=0.5)
    for level, depth in ((-190, 0.62), (30, 0.7)):
        scene.add(MID, paint(rect(-1400, level - 190, 2800, 220), scene.fall(MID, level - 190, level, depth=depth)))
        for x in range(-1300, 1301, 290):
            lit = light.dark and (x // 290) % 3 != 0
            scene.add(
                MID,
                paint(rect(x, level - 150, 78, 176), colours.mix(light.tone(0.8), "#b5523c", 0.35)),
                paint(rect(x + 100, level - 140, 120, 90), light.lamp if lit else light.tone(0.85), opacity=0.85),
            )
            if light.dark:
                scene.add(
                    MID,
                    paint(oval(x + 90, level - 160, 9), light.lamp),
                    scene.brush.glow(x + 90, level - 150, 120, light.lamp, 0.5),
                )
    rail = "".join(rect(x, -230, 5, 70) for x in range(-1400, 1400, 28))
    scene.cut(
        MID,
        rect(-1420, -400, 2840, 26)
        + rect(-1420, -166, 2840, 16)
        + rect(-1400, -236, 2800, 8)
        + rail
        + "".join(rect(x, -400, 14, 450) for x in range(-1400, 1401, 400)),
        0.86,
    )
    x = side * 480
    scene.cut(NEAR, rect(x - 14, -420, 28, 620), 0.95)
    scene.add(
        NEAR, paint(rect(x - 150, -520, 300, 150), light.ink), stroke(rect(x - 140, -510, 280, 130), "#ff5a6a", 9)
    )
    letters = (
        line([(x - 116, -410), (x - 116, -476), (x - 94, -440), (x - 72, -476), (x - 72, -410)])
        + oval(x - 36, -443, 22, 32)
        + line([(x - 8, -476), (x + 40, -476)])
        + line([(x + 16, -476), (x + 16, -410)])
        + line([(x + 92, -476), (x + 54, -476), (x + 54, -410), (x + 92, -410)])
        + line([(x + 54, -443), (x + 84, -443)])
        + line([(x + 110, -476), (x + 110, -410), (x + 132, -410)])
    )
    scene.add(
        NEAR, stroke(letters, "#ffe08a", 9), scene.brush.glow(x, -440, 330, "#ff7a7a", 0.6 if light.dark else 0.2)
    )
    for px in (-side * 420, -side * 860):
        car(scene, NEAR, (px, 190), 1.0, 0.93)
