"""Homes: rooms people live and drink in.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours, shapes
from trailerflow.film.interiors import Box, chair, hanging_lamp, pane, shell, shelves, standing_lamp, table
from trailerflow.film.scenery import (
    BACK,
    FAR,
    FRONT,
    MID,
    NEAR,
    Scenery,
    side_of,
)


def room(scene: Scenery) -> None:
    """Build a room people live in; a place keeps its arrangement, another has its own."""
    scene.random.choice((_sitting, _dining, _hearth))(scene)


def _sitting(scene: Scenery) -> None:
    """Build a sitting room: tall window, curtains, armchair, lamp, pictures."""
    side = side_of(scene)
    box: Box = (side * 250 - 130, -560, 260, 400)
    shell(scene, window=box)
    pane(scene, box)
    light, x = scene.light, side * 250
    for edge in (-1, 1):
        drape = [
            (x + edge * 120, -610),
            (x + edge * 250, -610),
            (x + edge * 215, -300),
            (x + edge * 240, 10),
            (x + edge * 160, 10),
            (x + edge * 170, -330),
        ]
        scene.add(BACK, shapes.paint(shapes.curve(drape, tension=0.5), light.tone(0.72)))
    frames = "".join(
        shapes.rect(-side * px, py, wide, tall)
        for px, py, wide, tall in (
            (330, -470, 120, 90),
            (520, -520, 90, 150),
            (700, -440, 130, 100),
            (960, -500, 110, 120),
        )
    )
    scene.add(BACK, shapes.paint(frames, light.tone(0.62)))
    case = -side * 1080
    scene.add(MID, shapes.paint(shelves(scene, case - 130, 260), scene.fall(MID, -520, 40, depth=0.75)))
    _sofa(scene, -side * 480)
    standing_lamp(scene, -side * 790)
    vase = shapes.curve([(side * 560 + x, y) for x, y in shapes.points("-18,50 -26,20 -8,-4 8,-4 26,20 18,50")])
    scene.add(NEAR, shapes.paint(table(side * 560, 50, 260, 190) + vase, light.tone(0.94)))
    scene.add(FRONT, shapes.paint(shapes.rect(side * 1000 - 60, -1500, 150, 3000), light.ink))


def _dining(scene: Scenery) -> None:
    """Build a room with two narrow windows, a dresser between them, a long table with chairs under a lamp."""
    side, light = side_of(scene), scene.light
    boxes: tuple[Box, Box] = ((side * 330 - 85, -600, 170, 430), (-side * 330 - 85, -600, 170, 430))
    shell(scene, window=boxes[0])
    for box, view in zip(boxes, ("sky", "town"), strict=True):  # one moon is enough
        pane(scene, box, bars=(2, 4), view=view)
        scene.add(BACK, shapes.paint(shapes.rect(box[0] - 26, box[1] - 30, box[2] + 52, 18), light.tone(0.74)))
    scene.add(MID, shapes.paint(shelves(scene, -130, 260, top=-430, rows=4), scene.fall(MID, -430, 40, depth=0.72)))
    scene.add(MID, shapes.paint(shapes.rect(-160, -120, 320, 160), light.tone(0.8)))
    seats = "".join(chair(px, 90, 1.1, turned=px > 0) for px in (-620, -380, 380, 620))
    scene.add(MID, shapes.paint(seats, light.tone(0.86)))
    scene.add(NEAR, shapes.paint(table(-side * 60, 40, 760, 200), light.tone(0.92)))
    hanging_lamp(scene, -side * 60, -330, wide=84)
    scene.add(BACK, shapes.paint("".join(shapes.oval(px, -400, 42, 56) for px in (-760, 760)), light.tone(0.62)))
    scene.add(FRONT, shapes.paint(shapes.rect(side * 1020 - 60, -1500, 150, 3000), light.ink))


def _hearth(scene: Scenery) -> None:
    """Build a low room round a fireplace: beams, a small window, two chairs, a clock."""
    side, light = side_of(scene), scene.light
    box: Box = (side * 430 - 110, -450, 220, 210)
    shell(scene, ceiling=-640, window=box)
    pane(scene, box, bars=(2, 2))
    beams = "".join(shapes.rect(px - 26, -660, 52, 60) for px in range(-1350, 1351, 300))
    scene.add(BACK, shapes.paint(shapes.rect(-2300, -640, 4600, 34) + beams, light.tone(0.86)))
    x = -side * 240
    stone = shapes.poly(
        [(x - 190, 40), (x - 170, -260), (x - 90, -640), (x + 90, -640), (x + 170, -260), (x + 190, 40)]
    )
    mouth = shapes.curve([(x - 105, 40), (x - 105, -110), (x, -170), (x + 105, -110), (x + 105, 40)], tension=0.6)
    scene.add(MID, shapes.paint(stone, scene.fall(MID, -640, 40, depth=0.66)))
    scene.add(MID, shapes.paint(shapes.rect(x - 215, -275, 430, 26), light.tone(0.84)), shapes.paint(mouth, light.ink))
    flames = "".join(
        shapes.curve([(x + px - 30, 30), (x + px - 22, -30), (x + px, -tall), (x + px + 24, -26), (x + px + 30, 30)])
        for px, tall in ((-46, 70), (4, 112), (50, 62))
    )
    scene.add(MID, shapes.paint(flames, colours.mix(light.lamp, "#ff7a2e", 0.45), opacity=0.92))
    scene.add(MID, scene.brush.glow(x, -40, 430, colours.mix(light.lamp, "#ff8a3e", 0.4), 0.6))
    clock = shapes.oval(x + 60, -312, 30) + shapes.rect(x + 34, -288, 52, 12)
    scene.add(MID, shapes.paint(clock, light.tone(0.9)))
    scene.add(NEAR, shapes.paint(chair(x - 330, 120, 1.35) + chair(x + 330, 120, 1.35, turned=True), light.tone(0.93)))
    scene.add(FRONT, shapes.paint(shapes.rect(side * 1000 - 60, -1500, 150, 3000), light.ink))


def _sofa(scene: Scenery, x: float) -> None:
    """Stand a sofa on the floor."""
    sofa = (
        shapes.rect(x - 210, -60, 420, 120)
        + shapes.oval(x - 205, -30, 34, 60)
        + shapes.oval(x + 205, -30, 34, 60)
        + shapes.curve(
            [
                (x - 190, -50),
                (x - 180, -140),
                (x, -152),
                (x + 180, -140),
                (x + 190, -50),
            ],
            tension=0.5,
        )
    )
    scene.add(MID, shapes.paint(sofa, scene.light.tone(0.82)))


def kitchen(scene: Scenery) -> None:
    """Build a kitchen: window over the sink, shelves of pots, a table under a lamp."""
    side = side_of(scene)
    box: Box = (side * 200 - 160, -500, 320, 250)
    shell(scene, window=box, tiles=True)
    pane(scene, box, bars=(2, 2))
    light = scene.light
    scene.add(
        MID,
        shapes.paint(
            shapes.rect(-640, -170, 1280, 200) + shapes.rect(-660, -184, 1320, 18), scene.fall(MID, -180, 30, depth=0.7)
        ),
    )
    doors = "".join(shapes.rect(px, -150, 118, 160) for px in range(-620, 600, 132))
    scene.add(MID, shapes.paint(doors, light.tone(0.85), opacity=0.55))
    tap = shapes.curve(
        [(side * 200, -184), (side * 200, -240), (side * 200 + 24, -258), (side * 200 + 46, -236)], closed=False
    )
    scene.add(MID, shapes.stroke(tap, light.tone(0.9), 8))
    for row, start in ((-420, -side * 520), (-540, -side * 520)):
        scene.add(BACK, shapes.paint(shapes.rect(start - 190, row, 380, 10), light.tone(0.8)))
        pots = "".join(
            shapes.rect(start - 170 + step * 62, row - tall, 40, tall)
            + shapes.oval(start - 150 + step * 62, row - tall, 22, 7)
            for step, tall in enumerate((46, 70, 34, 58, 40, 64))
        )
        scene.add(BACK, shapes.paint(pots, light.tone(0.78)))
    fridge = shapes.rect(-side * 900 - 90, -440, 190, 490)
    scene.add(
        MID,
        shapes.paint(fridge, light.tone(0.8)),
        shapes.stroke(shapes.line([(-side * 900 - 90, -260), (-side * 900 + 100, -260)]), light.tone(1), 4),
    )
    hanging_lamp(scene, -side * 60, -430)
    scene.add(
        NEAR,
        shapes.paint(
            table(-side * 330, 40, 420, 210)
            + chair(-side * 330 - 290, 214)
            + chair(-side * 330 + 290, 214, turned=True),
            light.tone(0.93),
        ),
    )


def bedroom(scene: Scenery) -> None:
    """Build a bedroom: bed, window with moon or morning, a lamp on the night table."""
    side = side_of(scene)
    box: Box = (side * 300 - 120, -540, 240, 340)
    shell(scene, window=box)
    pane(scene, box, bars=(2, 2))
    light, x = scene.light, -side * 330
    for edge in (-1, 1):
        drape = [
            (side * 300 + edge * 110, -590),
            (side * 300 + edge * 210, -590),
            (side * 300 + edge * 190, -200),
            (side * 300 + edge * 205, 8),
            (side * 300 + edge * 130, 8),
            (side * 300 + edge * 150, -260),
        ]
        scene.add(
            BACK,
            shapes.paint(shapes.curve(drape, tension=0.5), colours.mix(light.tone(0.5), light.low, 0.18), opacity=0.85),
        )
    head = shapes.curve([(x - 230, 30), (x - 240, -210), (x, -262), (x + 240, -210), (x + 230, 30)], tension=0.55)
    scene.add(MID, shapes.paint(head, light.tone(0.85)))
    cover = [(x - 220, -60), (x - 120, -96), (x, -80), (x + 130, -98), (x + 220, -60), (x + 250, 90), (x - 250, 90)]
    scene.add(MID, shapes.paint(shapes.curve(cover, tension=0.6), scene.fall(MID, -100, 90, depth=0.6)))
    pillows = shapes.oval(x - 110, -92, 88, 34) + shapes.oval(x + 110, -92, 88, 34)
    scene.add(MID, shapes.paint(pillows, colours.mix(light.tone(0.4), light.low, 0.3)))
    stand = x + side * 330
    scene.add(MID, shapes.paint(shapes.rect(stand - 50, -50, 100, 120), light.tone(0.88)))
    scene.add(MID, scene.brush.glow(stand, -120, 330, light.lamp, 0.8 if light.dark else 0.2))
    scene.add(
        MID,
        shapes.paint(
            shapes.poly([(stand - 22, -150), (stand + 22, -150), (stand + 36, -92), (stand - 36, -92)])
            + shapes.rect(stand - 3, -92, 6, 44),
            colours.mix(light.tone(0.6), light.lamp, 0.7 if light.dark else 0.2),
        ),
    )
    scene.add(
        NEAR,
        shapes.paint(
            shapes.rect(x - 262, 70, 524, 60) + shapes.rect(x - 262, 120, 22, 60) + shapes.rect(x + 240, 120, 22, 60),
            light.tone(0.92),
        ),
    )


def bar(scene: Scenery) -> None:
    """Build a bar: bottles against a lit back wall, stools, hanging lamps."""
    shell(scene)
    light, chance = scene.light, scene.random
    scene.add(FAR, scene.brush.glow(0, -330, 900, light.lamp, 0.65, squash=0.6))
    for row in (-260, -370, -480):
        scene.add(BACK, shapes.paint(shapes.rect(-640, row, 1280, 9), light.tone(0.85)))
        for step in range(46):
            x, tall, wide = -625 + step * 27.5, chance.uniform(44, 84), chance.uniform(8, 12)
            if chance.random() < 0.86:
                bottle = shapes.curve(
                    [
                        (x - wide, row),
                        (x - wide, row - tall * 0.6),
                        (x - 3, row - tall * 0.76),
                        (x - 3, row - tall),
                        (x + 3, row - tall),
                        (x + 3, row - tall * 0.76),
                        (x + wide, row - tall * 0.6),
                        (x + wide, row),
                    ],
                    tension=0.4,
                )
                tone = colours.mix(
                    light.tone(0.62),
                    chance.choice((light.lamp, light.planes[1], "#6fae8a", "#b8533a")),
                    chance.uniform(0.1, 0.5),
                )
                scene.add(BACK, shapes.paint(bottle, tone, opacity=0.9))
    posts = "".join(shapes.rect(x, -620, 26, 640) for x in (-670, 644, -1250, 1230))
    scene.add(BACK, shapes.paint(posts, light.tone(0.85)))
    counter = shapes.rect(-980, -120, 1960, 180) + shapes.rect(-1000, -140, 2000, 24)
    scene.add(
        MID,
        shapes.paint(counter, scene.fall(MID, -140, 60, depth=0.85)),
        shapes.paint(shapes.rect(-1000, -142, 2000, 4), light.lamp, opacity=0.7),
    )
    for x in (-620, -210, 210, 620):
        hanging_lamp(scene, x, -470, wide=44)
    stools = "".join(
        shapes.oval(x, -20, 46, 12) + shapes.rect(x - 5, -20, 10, 170) + shapes.oval(x, 150, 40, 8)
        for x in (-760, -520, 480, 720)
    )
    scene.add(NEAR, shapes.paint(stools, light.tone(0.96)))
