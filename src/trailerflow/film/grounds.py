"""Grounds: open places people have made: parks, graveyards, camps, temples on their terraces.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

from trailerflow.film import colours
from trailerflow.film.facades import headstones
from trailerflow.film.scenery import (
    BACK,
    FRONT,
    MID,
    NEAR,
    REACH,
    Scenery,
    bare_tree,
    conifer,
    grass,
    hills,
    leafy_tree,
    side_of,
    sky,
)
from trailerflow.film.shapes import curve, limb, oval, paint, poly, rect
from trailerflow.film.streets import lantern, skyline


def park(scene: Scenery) -> None:
    """Build a park: lawns, a path that winds, a bench under a lamp, a pond, the town behind the trees."""
    sky(scene)
    light, chance, side = scene.light, scene.random, side_of(scene)
    skyline(scene, BACK, 260, 0.12, lit=0.3)
    trees = "".join(leafy_tree(chance, chance.uniform(-REACH, REACH), 20, chance.uniform(160, 300)) for _ in range(26))
    scene.add(BACK, paint(trees, scene.fall(BACK, -300, 30, depth=0.38)))
    scene.mist(BACK, -150, 50, 0.6)
    scene.floor(far=0.45)
    scene.add(
        MID,
        paint(oval(side * 480, 66, 360, 26), colours.mix(light.middle, light.low, 0.6)),
        paint(oval(side * 480, 60, 250, 9), light.sun, opacity=0.35),
    )
    way = curve(
        [
            (-side * 20, 12),
            (side * 40, 40),
            (-side * 150, 90),
            (-side * 60, 190),
            (-side * 260, 420),
            (side * 260, 420),
            (side * 140, 190),
            (-side * 10, 96),
            (side * 90, 44),
            (side * 10, 12),
        ],
        tension=0.8,
    )
    scene.add(MID, paint(way, colours.mix(light.tone(0.4), light.low, 0.45), opacity=0.75))
    for x, foot, tall in ((-side * 560, 80, 470), (side * 760, 90, 520)):
        scene.add(MID, paint(leafy_tree(chance, x, foot, tall), scene.fall(MID, -400, 90, depth=0.68)))
    lantern(scene, MID, -side * 330, 150, 430)
    x = -side * 560
    bench = (
        "".join(rect(x - 190, y, 380, 15) for y in (10, 36, 62))
        + rect(x - 200, 96, 400, 18)
        + "".join(rect(x + dx, 0, 16, 200) for dx in (-170, 154))
    )
    scene.cut(NEAR, bench, 0.93)
    scene.cut(NEAR, grass(chance, (-REACH, -260), 210, 46, 120) + grass(chance, (260, REACH), 210, 46, 120), 0.88)
    scene.add(FRONT, paint(bare_tree(chance, side * 1050, 430, 1500, lean=-side * 10), light.ink))


def cemetery(scene: Scenery) -> None:
    """Build a graveyard: stones and crosses in rows, a winged figure, bare trees, railings, mist."""
    sky(scene)
    light, chance, side = scene.light, scene.random, side_of(scene)
    hills(scene, BACK, 110, depth=0.15, steps=24, rough=0.4)
    scene.add(
        BACK,
        paint(
            "".join(bare_tree(chance, x, 30, chance.uniform(330, 520)) for x in (-980, -640, 520, 900)),
            light.tone(0.45),
        ),
    )
    rail = "".join(
        poly([(x, 30), (x, -76), (x + 4, -92), (x + 8, -76), (x + 8, 30)]) for x in range(-2280, 2280, 32)
    ) + rect(-REACH, -60, 2 * REACH, 6)
    scene.cut(BACK, rail, 0.55)
    scene.mist(BACK, -150, 60, 0.9)
    scene.floor(far=0.5)
    headstones(scene, MID, 50, 0.55)
    headstones(scene, MID, 110, 0.85)
    scene.mist(MID, -40, 140, 0.7)
    x = side * 420
    gown = curve(
        [(x - 60, -80), (x - 40, -210), (x - 26, -290), (x, -304), (x + 26, -290), (x + 40, -210), (x + 60, -80)],
        tension=0.7,
    )
    wings = "".join(
        curve(
            [
                (x + way * 14, -286),
                (x + way * 70, -380),
                (x + way * 126, -392),
                (x + way * 140, -290),
                (x + way * 104, -180),
                (x + way * 62, -110),
                (x + way * 30, -200),
            ],
            tension=0.7,
        )
        for way in (-1, 1)
    )
    stone = scene.fall(MID, -390, 100, depth=0.75)
    scene.add(MID, paint(wings, stone), paint(gown, stone), paint(oval(x + 6, -330, 27, 32), stone))
    scene.add(MID, paint(rect(x - 80, -92, 160, 190) + rect(x - 100, 80, 200, 24), stone))
    headstones(scene, NEAR, 205, 1.25)
    scene.cut(NEAR, grass(chance, (-REACH, REACH), 212, 40, 240), 0.95)
    scene.add(FRONT, paint(bare_tree(chance, -side * 1060, 430, 1600, lean=side * 12), light.ink))


def camp(scene: Scenery) -> None:
    """Build a camp: tents among trees, a fire with logs round it, sparks."""
    sky(scene)
    light, chance, side = scene.light, scene.random, side_of(scene)
    hills(scene, BACK, 180, depth=0.12, steps=30, rough=0.5)
    firs = "".join(conifer(chance, chance.uniform(-REACH, REACH), 24, chance.uniform(200, 380)) for _ in range(44))
    scene.add(BACK, paint(firs, scene.fall(BACK, -360, 30, depth=0.4)))
    scene.mist(BACK, -150, 50, 0.7)
    scene.floor(far=0.5)
    for x, size, plane in (
        (-side * 420, 0.8, MID),
        (side * 480, 0.9, MID),
        (side * 980, 1.2, MID),
        (-side * 930, 1.15, MID),
    ):
        foot, cloth = (
            60 + 30 * size,
            colours.mix(light.tone(0.55), chance.choice(("#b08a4a", "#6f7f4a", "#a3583a")), 0.45),
        )
        scene.add(
            plane,
            paint(
                poly(
                    [
                        (x - 260 * size, foot),
                        (x - 30 * size, foot - 310 * size),
                        (x + 60 * size, foot - 310 * size),
                        (x + 260 * size, foot),
                    ]
                ),
                colours.mix(cloth, light.ink, 0.35),
            ),
        )
        scene.add(
            plane,
            paint(poly([(x - 260 * size, foot), (x - 30 * size, foot - 310 * size), (x + 140 * size, foot)]), cloth),
            paint(
                poly([(x - 110 * size, foot), (x - 30 * size, foot - 270 * size), (x + 20 * size, foot)]),
                light.lamp if light.dark else light.ink,
                opacity=0.8,
            ),
        )
        if light.dark:
            scene.add(plane, scene.brush.glow(x - 40 * size, foot - 80, 230, light.lamp, 0.5))
    _fireside(scene)


def _fireside(scene: Scenery) -> None:
    """Light the fire, with sparks above and logs round it."""
    light, chance = scene.light, scene.random
    flames = "".join(
        curve([(dx - 26, 100), (dx - 18, 50), (dx + 4, 100 - tall), (dx + 18, 56), (dx + 26, 100)])
        for dx, tall in ((-34, 80), (0, 150), (36, 100))
    )
    scene.cut(MID, limb((-90, 108), (80, 84), 13, 13) + limb((-76, 84), (90, 110), 13, 13), 0.95)
    scene.add(
        MID,
        paint(flames, colours.mix(light.lamp, "#ff7a2e", 0.5)),
        scene.brush.glow(0, 40, 560, "#ff9a4a", 0.7 if light.dark else 0.3),
    )
    scene.add(
        MID,
        paint("".join(oval(chance.uniform(-120, 120), -chance.uniform(40, 420), 3.5) for _ in range(26)), "#ffb35a"),
    )
    scene.cut(NEAR, limb((-620, 180), (-340, 196), 34, 34) + limb((360, 196), (640, 176), 34, 34), 0.96)
    scene.add(FRONT, paint(grass(chance, (-REACH, REACH), 440, 120, 90), light.ink))


def shrine(scene: Scenery) -> None:
    """Build a temple on its terraces: roofs that curve up, steps, lamps of stone, a gate before it."""
    sky(scene)
    light = scene.light
    for tall, depth in ((380, 0.1), (210, 0.25)):
        hills(scene, BACK, tall, depth=depth, steps=30, rough=0.55)
        scene.mist(BACK, -tall * 0.6, 50, 0.6)
    scene.floor(far=0.5)
    for level, (wide, foot) in enumerate(((430, 20), (330, -150), (230, -300))):
        roof = curve(
            [
                (-wide - 70, foot - 130),
                (-wide, foot - 120),
                (-wide * 0.6, foot - 168),
                (0, foot - 190),
                (wide * 0.6, foot - 168),
                (wide, foot - 120),
                (wide + 70, foot - 130),
                (wide, foot - 92),
                (-wide, foot - 92),
            ],
            tension=0.7,
        )
        scene.add(
            MID,
            paint(
                rect(-wide * 0.72, foot - 110, wide * 1.44, 120),
                colours.mix(light.tone(0.6), light.lamp, 0.4 if light.dark else 0.15),
            ),
        )
        scene.cut(
            MID,
            roof
            + "".join(
                rect(x - 12, foot - 110, 24, 130) for x in (-wide * 0.72, -wide * 0.36, wide * 0.36, wide * 0.72)
            ),
            0.76 - 0.04 * level,
        )
    scene.cut(MID, rect(-8, -640, 16, 160) + oval(0, -560, 26, 10), 0.7)
    for step in range(7):
        scene.cut(MID, rect(-200 - 40 * step, 18 + 17 * step, 400 + 80 * step, 18), 0.56 + 0.05 * step)
    _gate(scene)


def _gate(scene: Scenery) -> None:
    """Stand the gate with a stone lamp at each side."""
    light, chance = scene.light, scene.random
    red = colours.mix(light.tone(0.8), "#a8352a", 0.5)
    gate = (
        rect(-560, -430, 46, 640)
        + rect(514, -430, 46, 640)
        + rect(-600, -380, 1200, 34)
        + curve([(-680, -500), (0, -458), (680, -500), (700, -446), (0, -412), (-700, -446)], tension=0.5)
    )
    scene.add(NEAR, paint(gate, red))
    for x in (-760, 760):
        scene.cut(
            NEAR,
            rect(x - 18, -40, 36, 220)
            + rect(x - 50, 160, 100, 30)
            + rect(x - 44, -110, 88, 74)
            + poly([(x - 76, -106), (x, -170), (x + 76, -106)]),
            0.9,
        )
        scene.add(
            NEAR,
            paint(rect(x - 24, -98, 48, 50), light.lamp, opacity=0.95 if light.dark else 0.5),
            scene.brush.glow(x, -74, 180, light.lamp, 0.6 if light.dark else 0.15),
        )
    scene.add(FRONT, paint(bare_tree(chance, -1100, 430, 1500, lean=12), light.ink))
