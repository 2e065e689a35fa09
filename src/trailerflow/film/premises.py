"""Premises: rooms that sell and serve: libraries, shops, restaurants, markets, lobbies.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours
from trailerflow.film.interiors import Box, chair, hanging_lamp, pane, shell, table
from trailerflow.film.scenery import BACK, FAR, FRONT, MID, NEAR, REACH, Scenery, side_of
from trailerflow.film.shapes import curve, line, oval, paint, poly, rect, stroke


def goods(scene: Scenery, plane: float, box: Box, rows: int, *, depth: float, wide: tuple[float, float]) -> None:
    """Stand a case full of things on a plane, each lit a little differently: books, if they are narrow."""
    chance, light = scene.random, scene.light
    x, top, width, height = box
    tall = height / rows
    fronts = ["", "", ""]
    for row in range(rows):
        foot, place = top + (row + 1) * tall - 5, x + 8
        while (size := chance.uniform(*wide)) + place < x + width - 6:
            high = tall * chance.uniform(0.5, 0.82)
            if chance.random() < 0.93:
                fronts[chance.randrange(3)] += rect(place, foot - high, size - 2, high)
            place += size
    scene.cut(plane, rect(x, top - 10, width, height + 20), depth)
    tones = (
        colours.mix(light.tone(depth - 0.35), light.lamp, 0.22),
        colours.mix(light.tone(depth - 0.22), "#9a3b2c", 0.34),
        colours.mix(light.tone(depth - 0.25), light.planes[1], 0.4),
    )
    scene.add(plane, *(paint(path, tone) for path, tone in zip(fronts, tones, strict=True)))
    boards = "".join(rect(x, top + row * tall - 5, width, 7) for row in range(rows + 1))
    scene.cut(
        plane, boards + rect(x - 6, top - 16, 12, height + 26) + rect(x + width - 6, top - 16, 12, height + 26), 0.9
    )


def library(scene: Scenery) -> None:
    """Build a reading room: books up to the ceiling, a gallery, a ladder, tables with green lamps."""
    side, light = side_of(scene), scene.light
    box: Box = (side * 80 - 75, -640, 150, 470)
    shell(scene, ceiling=-820, window=box)
    pane(scene, box, bars=(2, 5))
    left, right = sorted((side * 80 - 100, side * 80 + 100))
    for x, width in (
        (left - 330, 330),
        (left - 680, 330),
        (left - 1030, 330),
        (right, 330),
        (right + 350, 330),
        (right + 700, 330),
    ):
        goods(scene, BACK, (x, -660, width, 660), 8, depth=0.62, wide=(9, 20))
    rail = "".join(rect(x, -400, 5, 66) for x in range(-1500, 1500, 34))
    scene.cut(BACK, rail + rect(-REACH, -406, 2 * REACH, 9) + rect(-REACH, -336, 2 * REACH, 14), 0.82)
    x = -side * 350
    ladder = "".join(line([(x + 3 + step * 7, -step * 52), (x + 52 + step * 7, -step * 52)]) for step in range(1, 11))
    scene.add(
        MID,
        stroke(ladder + line([(x, 40), (x + 82, -580)]) + line([(x + 50, 40), (x + 128, -580)]), light.tone(0.92), 7),
    )
    for px, foot, size, plane in ((-760, 120, 430, MID), (790, 120, 430, MID), (side * 470, 210, 360, NEAR)):
        scene.cut(plane, table(px, foot - 130, size, foot) + chair(px - size * 0.3, foot + 10, 0.95), 0.9)
        shade = poly([(px - 44, foot - 196), (px + 44, foot - 196), (px + 30, foot - 222), (px - 30, foot - 222)])
        scene.cut(plane, rect(px - 3, foot - 200, 6, 70) + oval(px, foot - 132, 26, 5), 0.95)
        scene.add(
            plane,
            paint(shade, colours.mix("#3f9a68", light.lamp, 0.25)),
            scene.brush.glow(px, foot - 180, 190, light.lamp, 0.5),
        )


def shop(scene: Scenery) -> None:
    """Build a shop: shelves of goods, a chilled case that glows, a counter with a till."""
    side, light = side_of(scene), scene.light
    shell(scene, tiles=True)
    for x in (-1180, -800, -420, -40, 340, 720, 1100):
        goods(scene, BACK, (x, -500, 340, 480), 4, depth=0.6, wide=(34, 78))
    scene.cut(BACK, rect(-REACH, -640, 2 * REACH, 70), 0.55)
    signs = "".join(rect(x, -622, 190, 34) for x in range(-1180, 1300, 380))
    scene.add(BACK, paint(signs, colours.mix(light.lamp, light.planes[1], 0.35), opacity=0.8))
    x = -side * 560
    scene.add(
        MID,
        paint(rect(x - 150, -400, 300, 460), light.tone(0.85)),
        paint(rect(x - 134, -384, 268, 380), "#cfeaf2", opacity=0.75),
    )
    cans = "".join(rect(x - 126 + step * 30, y, 22, 50) for y in (-320, -235, -150, -65) for step in range(9))
    scene.cut(
        MID, cans + "".join(rect(x - 134, y, 268, 6) for y in (-270, -185, -100, -15)) + rect(x - 4, -384, 8, 380), 0.6
    )
    scene.add(MID, scene.brush.glow(x, -190, 420, "#cfeaf2", 0.45))
    x = side * 560
    till = poly([(x - 60, -100), (x + 60, -100), (x + 48, -150), (x - 40, -150)]) + rect(x - 30, -196, 70, 40)
    scene.cut(MID, rect(x - 300, -60, 620, 190) + rect(x - 320, -74, 660, 20) + rect(x - 40, -100, 80, 30) + till, 0.9)
    lamps = "".join(rect(px - 150, -720, 300, 12) for px in (-900, -300, 300, 900))
    scene.add(BACK, paint(lamps, light.lamp, opacity=0.95))


def restaurant(scene: Scenery) -> None:
    """Build a dining room: a window to the street, laid tables with candles, lamps on the wall."""
    side, light = side_of(scene), scene.light
    box: Box = (side * 260 - 260, -520, 520, 390)
    shell(scene, window=box)
    pane(scene, box, bars=(3, 1), view="town")
    middle = side * 260
    for edge in (-1, 1):
        edges = [(middle + edge * 180, -570), (middle + edge * 330, -570), (middle + edge * 300, -300)]
        drape = [*edges, (middle + edge * 330, -190), (middle + edge * 240, -190), (middle + edge * 262, -330)]
        scene.cut(BACK, curve(drape, tension=0.5), 0.66)
    scene.cut(BACK, rect(-REACH, -180, 2 * REACH, 180) + rect(-REACH, -196, 2 * REACH, 14), 0.62)
    for x in (-side * 220, -side * 560, -side * 900, side * 760):
        scene.cut(BACK, poly([(x - 26, -440), (x + 26, -440), (x + 40, -380), (x - 40, -380)]), 0.5)
        scene.add(BACK, scene.brush.glow(x, -410, 230, light.lamp, 0.75))
    _laid(scene, side)


def _laid(scene: Scenery, side: int) -> None:
    """Set tables with cloths, glasses and candles about a room."""
    light = scene.light
    cloth = colours.mix(light.tone(0.2), light.low, 0.55)
    for x, foot, size, plane in (
        (-640, 60, 0.75, MID),
        (620, 60, 0.75, MID),
        (-210, 50, 0.68, MID),
        (-860, 190, 1.1, NEAR),
        (850, 200, 1.1, NEAR),
    ):
        top = foot - 140 * size
        scene.cut(
            plane,
            chair(x - 150 * size, foot + 6, size * 1.05) + chair(x + 150 * size, foot + 6, size * 1.05, turned=True),
            0.9,
        )
        scene.add(
            plane,
            paint(
                poly(
                    [
                        (x - 105 * size, top),
                        (x + 105 * size, top),
                        (x + 118 * size, foot - 8),
                        (x - 118 * size, foot - 8),
                    ]
                ),
                cloth,
                opacity=0.9,
            ),
        )
        glasses = "".join(
            line([(x + dx * size, top), (x + dx * size, top - 24 * size)])
            + oval(x + dx * size, top - 36 * size, 9 * size, 15 * size)
            for dx in (-60, 58)
        )
        scene.add(
            plane,
            paint(rect(x - 3, top - 30 * size, 6, 30 * size), light.tone(0.3)),
            stroke(glasses, light.tone(0.5), 2.5),
        )
        scene.add(
            plane,
            paint(oval(x, top - 36 * size, 4, 8), light.lamp),
            scene.brush.glow(x, top - 36 * size, 150 * size, light.lamp, 0.8),
        )
    hanging_lamp(scene, -side * 390, -520, wide=44)


def market(scene: Scenery) -> None:
    """Furnish a covered market: stalls under awnings below a glass roof."""
    shell(scene, ceiling=-980)
    light = scene.light
    ribs = "".join(line([(x, -980), (x * 0.4, -620)]) for x in range(-2000, 2001, 200)) + line(
        [(-1400, -620), (1400, -620)]
    )
    scene.add(FAR, scene.brush.glow(0, -760, 900, light.low, 0.5))
    scene.add(BACK, stroke(ribs, light.tone(0.75), 9))
    for x in (-1100, -660, -220, 220, 660, 1100):
        stall(scene, BACK if abs(x) < 300 else MID, x, 40, 1.0)
    scene.cut(FRONT, rect(-1180, -1500, 120, 3000), 1.0)


def stall(scene: Scenery, plane: float, x: float, foot: float, size: float) -> None:
    """Stand a market stall on the ground: posts, a striped awning, heaps of goods."""
    light, chance = scene.light, scene.random
    colour = colours.mix(light.tone(0.5), chance.choice(("#b5412f", "#3d7f78", "#c99035", "#5d6f9c")), 0.55)
    scene.cut(
        plane,
        rect(x - 180 * size, foot - 330 * size, 9, 330 * size)
        + rect(x + 172 * size, foot - 330 * size, 9, 330 * size)
        + rect(x - 190 * size, foot - 120 * size, 380 * size, 120 * size),
        0.84,
    )
    for step in range(6):
        left = x + (step - 3) * 70 * size
        roof = [
            (left * 0.96 + x * 0.04, foot - 400 * size),
            (left * 0.96 + x * 0.04 + 66 * size, foot - 400 * size),
            (left + 70 * size, foot - 310 * size),
            (left + 35 * size, foot - 290 * size),
            (left, foot - 310 * size),
        ]
        scene.add(plane, paint(poly(roof), colour if step % 2 else colours.mix(light.tone(0.25), light.low, 0.5)))
    heaps = "".join(
        oval(x + chance.uniform(-160, 160) * size, foot - chance.uniform(120, 150) * size, 17 * size) for _ in range(34)
    )
    scene.add(plane, paint(heaps, colours.mix(colour, light.lamp, 0.35)))


def lobby(scene: Scenery) -> None:
    """Build a lobby: the desk with its pigeon-holes, a revolving door, palms, a great lamp."""
    side, light, brush = side_of(scene), scene.light, scene.brush
    shell(scene, ceiling=-900)
    scene.sun = (0, -480)
    x = side * 280
    goods(scene, BACK, (x - 300, -520, 600, 300), 4, depth=0.66, wide=(30, 50))
    scene.cut(BACK, rect(x - 340, -580, 680, 44), 0.8)
    scene.cut(MID, rect(x - 380, -160, 760, 210) + rect(x - 410, -180, 820, 28), 0.84)
    panels = "".join(rect(x - 350 + step * 146, -120, 116, 140) for step in range(5))
    scene.add(MID, stroke(panels, colours.mix(light.tone(0.5), light.lamp, 0.4), 6))
    scene.add(
        MID,
        paint(
            rect(x - 250, -240, 10, 60) + poly([(x - 280, -230), (x - 210, -230), (x - 226, -276), (x - 264, -276)]),
            light.lamp,
        ),
        brush.glow(x - 245, -240, 200, light.lamp, 0.6),
    )
    door = -side * 430
    scene.add(
        BACK,
        brush.glow(door, -260, 420, light.low, 0.6),
        paint(rect(door - 190, -470, 380, 470), colours.mix(light.low, light.middle, 0.4)),
    )
    scene.add(
        BACK,
        stroke(
            rect(door - 190, -470, 380, 470)
            + line([(door - 70, -470), (door - 70, 0)])
            + line([(door + 70, -470), (door + 70, 0)]),
            light.tone(0.85),
            14,
        ),
    )
    scene.cut(BACK, rect(door - 220, -530, 440, 60), 0.85)
    _finery(scene, side)


def _finery(scene: Scenery, side: int) -> None:
    """Stand palms about a lobby, hang its great lamp, lay its carpet."""
    light, brush = scene.light, scene.brush
    for px in (-side * 760, side * 800, -side * 120):
        leaves = "".join(
            curve(
                [
                    (px, -150),
                    (px + dx * 0.5, -320 + abs(dx) * 0.2),
                    (px + dx, -230 + abs(dx) * 0.5),
                    (px + dx * 0.45, -280 + abs(dx) * 0.2),
                ],
                tension=0.8,
            )
            for dx in (-190, -120, -50, 60, 130, 190)
        )
        scene.cut(
            MID,
            leaves + poly([(px - 50, -60), (px + 50, -60), (px + 36, 70), (px - 36, 70)]) + rect(px - 6, -180, 12, 130),
            0.9,
        )
    for dy, reach in ((-600, 250), (-660, 170)):
        bulbs = "".join(oval(step * reach / 4, dy + 12, 13, 19) for step in range(-4, 5))
        scene.add(
            MID,
            stroke(curve([(-reach, dy), (0, dy + 26), (reach, dy)], closed=False), light.tone(0.9), 9),
            paint(bulbs, light.lamp),
        )
    scene.add(MID, stroke(line([(0, -1200), (0, -600)]), light.tone(0.9), 9), brush.glow(0, -600, 620, light.lamp, 0.7))
    scene.add(
        NEAR,
        paint(
            poly([(-420, 190), (420, 190), (760, 300), (-760, 300)]),
            colours.mix(light.tone(0.8), "#8f2f2f", 0.5),
            opacity=0.6,
        ),
    )
