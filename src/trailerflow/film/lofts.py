"""Lofts: rooms under a roof: attics, belfries, barns.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours
from trailerflow.film.interiors import chair, shell
from trailerflow.film.scenery import BACK, FAR, FRONT, MID, NEAR, REACH, Scenery, side_of
from trailerflow.film.shapes import curve, limb, line, oval, paint, poly, rect, stroke


def attic(scene: Scenery) -> None:
    """Build a loft: rafters down to the floor, a round window, trunks, a rocking chair, things under sheets."""
    side, light = side_of(scene), scene.light
    shell(scene, ceiling=-1400)
    scene.sun = (0, -470)
    scene.add(BACK, paint(poly([(0, -900), (1100, 40), (-1100, 40)]), colours.mix(light.tone(0.45), light.key, 0.12)))
    boards = "".join(line([(x, 20), (x, -900 + abs(x) * 0.85)]) for x in range(-1000, 1001, 92))
    scene.add(BACK, stroke(boards, light.tone(0.75), 3, opacity=0.5), scene.brush.glow(0, -470, 560, light.low, 0.8))
    scene.add(BACK, paint(oval(0, -470, 124), light.tone(0.85)), paint(oval(0, -470, 104), light.low))
    scene.add(BACK, stroke(line([(-104, -470), (104, -470)]) + line([(0, -574), (0, -366)]), light.tone(0.85), 11))
    beam = scene.brush.linear((0, -560), (side * 260, 260), (0, light.sun, 0.42), (1, light.sun, 0))
    scene.shafts.append(paint(poly([(-90, -520), (80, -560), (side * 330 + 260, 270), (side * 330 - 200, 270)]), beam))
    for plane, peak, reach, depth in ((BACK, -860, 1050, 0.72), (MID, -940, 1010, 0.86), (NEAR, -1120, 1100, 0.97)):
        rafters = "".join(
            poly(
                [
                    (0, peak - 40),
                    (way * reach, 60),
                    (way * (reach + 2000), 60),
                    (way * 2300, peak - 900),
                    (0, peak - 900),
                ]
            )
            for way in (-1, 1)
        )
        scene.cut(plane, rafters, depth)
    scene.cut(MID, rect(-1000, -620, 2000, 30), 0.84)
    _lumber(scene, side)


def _lumber(scene: Scenery, side: int) -> None:
    """Set trunks, a chair and something under a sheet in a loft."""
    light = scene.light
    for x, wide, tall in ((-side * 430, 190, 130), (-side * 560, 150, 90), (side * 520, 230, 120)):
        scene.cut(
            MID,
            rect(x - wide / 2, 50 - tall, wide, tall)
            + curve(
                [
                    (x - wide / 2, 52 - tall),
                    (x - wide / 2, 18 - tall),
                    (x + wide / 2, 18 - tall),
                    (x + wide / 2, 52 - tall),
                ],
                tension=0.5,
            ),
            0.88,
        )
        scene.add(MID, stroke(line([(x - wide / 2, 52 - tall), (x + wide / 2, 52 - tall)]), light.tone(0.6), 5))
    sheet = curve(
        [
            (side * 330 - 90, 60),
            (side * 330 - 80, -140),
            (side * 330 - 30, -226),
            (side * 330 + 30, -210),
            (side * 330 + 70, -120),
            (side * 330 + 100, 60),
        ],
        tension=0.7,
    )
    scene.add(MID, paint(sheet, colours.mix(light.tone(0.3), light.low, 0.45)))
    scene.cut(
        NEAR,
        chair(-side * 680, 170, 1.2)
        + curve([(-side * 680 - 110, 160), (-side * 680, 196), (-side * 680 + 110, 160), (-side * 680, 178)]),
        0.95,
    )


def belfry(scene: Scenery) -> None:
    """Build a bell chamber: a great bell in its frame, ropes, arches open to the sky."""
    side, light = side_of(scene), scene.light
    shell(scene, ceiling=-1300)
    scene.sun = (0, -330)
    for x in (-620, 0, 620):
        sky = scene.brush.linear((0, -640), (0, -60), (0, light.top, 1), (0.55, light.middle, 1), (1, light.low, 1))
        arch = curve(
            [
                (x - 150, -60),
                (x - 150, -430),
                (x - 110, -570),
                (x, -640),
                (x + 110, -570),
                (x + 150, -430),
                (x + 150, -60),
            ],
            tension=0.4,
        )
        scene.add(
            BACK, scene.brush.glow(x, -330, 420, light.low, 0.5), paint(arch, sky), stroke(arch, light.tone(0.75), 22)
        )
        scene.cut(
            BACK,
            "".join(poly([(x - 150, y), (x + 150, y), (x + 150, y + 15), (x - 150, y + 22)]) for y in (-160, -100)),
            0.7,
        )
        scene.shafts.append(
            paint(
                poly([(x - 130, -560), (x + 130, -560), (x + side * 380 + 190, 270), (x + side * 380 - 190, 270)]),
                scene.brush.linear((0, -560), (0, 270), (0, light.sun, 0.2), (1, light.sun, 0)),
            )
        )
    stones = "".join(
        line([(x + (y // 60 % 2) * 80, y), (x + 110, y)]) for y in range(-900, 0, 60) for x in range(-1500, 1500, 310)
    )
    scene.add(FAR, stroke(stones, light.tone(0.8), 3, opacity=0.5))
    _bell(scene, side)


def _bell(scene: Scenery, side: int) -> None:
    """Hang the bell in its frame, and the rope."""
    light = scene.light
    scene.cut(MID, rect(-REACH, -760, 2 * REACH, 60) + rect(-940, -900, 70, 1000) + rect(870, -900, 70, 1000), 0.88)
    braces = "".join(limb((way * 900, -420), (way * 560, -720), 26, 26) for way in (-1, 1))
    scene.cut(MID, braces, 0.9)
    x = -side * 300
    bell = curve(
        [
            (x - 250, -200),
            (x - 190, -270),
            (x - 150, -470),
            (x - 90, -600),
            (x, -640),
            (x + 90, -600),
            (x + 150, -470),
            (x + 190, -270),
            (x + 250, -200),
            (x, -176),
        ],
        tension=0.75,
    )
    bronze = scene.brush.linear(
        (x - 240, 0),
        (x + 240, 0),
        (0, light.tone(0.95), 1),
        (0.5 - side * 0.2, colours.mix(light.tone(0.6), light.key, 0.45), 1),
        (1, light.tone(0.98), 1),
    )
    scene.add(
        MID,
        paint(rect(x - 60, -730, 120, 110), light.tone(0.95)),
        paint(oval(x, -168, 44), light.tone(0.98)),
        paint(bell, bronze),
    )
    scene.add(
        MID,
        stroke(
            curve([(x - 214, -250), (x, -228), (x + 214, -250)], closed=False)
            + curve([(x - 150, -460), (x, -446), (x + 150, -460)], closed=False),
            light.tone(0.7),
            6,
        ),
    )
    rope = curve([(side * 420, -740), (side * 436, -400), (side * 416, -80), (side * 440, 130)], closed=False)
    scene.add(NEAR, stroke(rope, light.tone(0.95), 12))
    scene.cut(FRONT, rect(side * 1000 - 50, -1500, 150, 3000), 1.0)


def barn(scene: Scenery) -> None:
    """Build a barn: a loft full of hay, stalls, a ladder, the great door ajar."""
    light, side = scene.light, side_of(scene)
    shell(scene, ceiling=-1300)
    scene.sun = (-side * 200, -300)
    boards = "".join(line([(x, -1200), (x, 0)]) for x in range(-1800, 1801, 58))
    scene.add(FAR, stroke(boards, light.tone(0.8), 4, opacity=0.6))
    door, hay = -side * 220, colours.mix(light.tone(0.4), "#d8b04e", 0.55)
    scene.add(
        BACK,
        scene.brush.glow(door, -250, 620, light.low, 0.8),
        paint(rect(door - 150, -470, 300, 480), colours.mix(light.low, light.sun, 0.4)),
    )
    leaf = rect(door - side * 150 - (270 if side > 0 else 0), -480, 270, 490)
    scene.add(
        BACK,
        paint(leaf, light.tone(0.75)),
        stroke(leaf + line([(door - side * 150, -480), (door - side * 420, 10)]), light.tone(0.9), 14),
    )
    scene.shafts.append(
        paint(
            poly(
                [(door - 140, -460), (door + 140, -460), (door + side * 330 + 240, 270), (door + side * 200 - 260, 270)]
            ),
            scene.brush.linear((0, -460), (0, 270), (0, light.sun, 0.34), (1, light.sun, 0)),
        )
    )
    _hay(scene, side, hay)


def _hay(scene: Scenery, side: int, hay: str) -> None:
    """Build the loft with its hay, the ladder, the stall and the bales."""
    light = scene.light
    loft = side * 560
    heap = curve(
        [
            (loft - 420, -400),
            (loft - 330, -520),
            (loft - 180, -600),
            (loft, -560),
            (loft + 150, -640),
            (loft + 330, -540),
            (loft + 420, -400),
        ],
        tension=0.8,
    )
    scene.add(MID, paint(heap, hay))
    scene.cut(
        MID, rect(loft - 460, -410, 920, 34) + rect(loft - 440, -410, 34, 460) + rect(loft + 406, -410, 34, 460), 0.86
    )
    rungs = (
        "".join(line([(loft - 300, y), (loft - 220, y)]) for y in range(-380, 60, 52))
        + line([(loft - 300, -440), (loft - 300, 70)])
        + line([(loft - 220, -440), (loft - 220, 70)])
    )
    scene.add(MID, stroke(rungs, light.tone(0.95), 9))
    scene.cut(
        MID,
        "".join(rect(loft - 160 + step * 150, -180, 14, 240) for step in range(4))
        + rect(loft - 160, -170, 480, 16)
        + rect(loft - 160, -80, 480, 16),
        0.8,
    )
    for way, plane in ((-1, MID), (1, MID)):
        scene.cut(
            plane, limb((way * 200, -1000), (way * 1150, -640), 26, 26) + rect(way * 900 - 26, -760, 52, 830), 0.92
        )
    scene.cut(MID, rect(-1200, -800, 2400, 46), 0.9)
    for x, foot in ((-side * 700, 170), (-side * 560, 190), (-side * 640, 90)):
        scene.add(
            NEAR,
            paint(rect(x - 100, foot - 96, 200, 96), hay),
            stroke(
                line([(x - 40, foot - 96), (x - 40, foot)]) + line([(x + 40, foot - 96), (x + 40, foot)]),
                light.tone(0.8),
                5,
            ),
        )
