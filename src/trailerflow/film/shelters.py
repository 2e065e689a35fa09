"""Shelters of the great, the holy and those in the field: palaces, temples, tents, bunk rooms.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours
from trailerflow.film.halls import columns
from trailerflow.film.interiors import hanging_lamp, shell
from trailerflow.film.scenery import BACK, FAR, MID, NEAR, REACH, Scenery, side_of
from trailerflow.film.shapes import curve, limb, line, oval, paint, poly, rect, stroke


def palace(scene: Scenery) -> None:
    """Build a state room: a throne under its canopy, tall windows with drapes, chandeliers, a chequered floor."""
    light, brush = scene.light, scene.brush
    shell(scene, ceiling=-1300)
    scene.sun = (0, -420)
    gold, velvet = colours.mix(light.tone(0.4), "#e0b04a", 0.55), colours.mix(light.tone(0.6), "#8f2436", 0.6)
    for x in (-960, -480, 480, 960):
        pane_ = rect(x - 110, -640, 220, 560)
        fill = brush.linear((0, -640), (0, -80), (0, light.top, 1), (0.5, light.middle, 1), (1, light.low, 1))
        scene.add(BACK, brush.glow(x, -360, 420, light.low, 0.5), paint(pane_, fill))
        scene.add(
            BACK,
            stroke(
                pane_
                + "".join(line([(x - 110, y), (x + 110, y)]) for y in (-520, -400, -280, -160))
                + line([(x, -640), (x, -80)]),
                gold,
                7,
            ),
        )
        for edge in (-1, 1):
            scene.add(
                BACK,
                paint(
                    curve(
                        [
                            (x + edge * 40, -680),
                            (x + edge * 170, -690),
                            (x + edge * 150, -380),
                            (x + edge * 170, -20),
                            (x + edge * 110, -20),
                            (x + edge * 116, -360),
                        ],
                        tension=0.5,
                    ),
                    velvet,
                ),
            )
    scene.add(
        BACK,
        paint(poly([(-190, -700), (190, -700), (230, -60), (-230, -60)]), velvet),
        stroke(line([(-190, -700), (190, -700)]), gold, 22),
    )
    seat = curve([(-86, -60), (-92, -330), (-40, -390), (0, -440), (40, -390), (92, -330), (86, -60)], tension=0.4)
    scene.add(
        MID,
        paint(seat, gold),
        paint(rect(-60, -330, 120, 200), velvet),
        paint(rect(-110, -150, 30, 150) + rect(80, -150, 30, 150) + oval(-95, -160, 24) + oval(95, -160, 24), gold),
    )
    for step in range(3):
        scene.cut(MID, rect(-260 - 90 * step, -50 + 34 * step, 520 + 180 * step, 36), 0.62 + 0.07 * step)
    _state(scene, gold)


def _state(scene: Scenery, gold: str) -> None:
    """Lay the floor, hang the chandeliers, raise the columns."""
    light, brush = scene.light, scene.brush
    squares = "".join(
        poly([(x, 60), (x + 70, 60), (1.5 * (x + 70), 150), (1.5 * x, 150)]) for x in range(-1400, 1400, 140)
    ) + "".join(
        poly([(1.5 * x, 150), (1.5 * (x + 70), 150), (2.2 * (x + 70), 280), (2.2 * x, 280)])
        for x in range(-1330, 1400, 140)
    )
    scene.add(BACK, paint(squares, light.tone(0.98), opacity=0.55))
    for x in (-470, 470):
        arms = "".join(
            curve([(x, -560), (x + dx * 0.6, -520), (x + dx, -580)], closed=False) for dx in (-150, -90, 90, 150)
        )
        scene.add(MID, stroke(line([(x, -1300), (x, -560)]) + arms, gold, 7))
        flames = "".join(oval(x + dx, -600, 7, 14) for dx in (-150, -90, 0, 90, 150))
        scene.add(MID, paint(flames, light.lamp), brush.glow(x, -580, 330, light.lamp, 0.75))
    columns(scene, MID, (-730, 730, -1250, 1250), 80, 0.74)


def temple(scene: Scenery) -> None:
    """Build a temple: a seated figure in its glow, heavy pillars, steps, bowls of fire, smoke."""
    light, brush = scene.light, scene.brush
    shell(scene, ceiling=-1300)
    scene.sun = (0, -330)
    scene.add(BACK, brush.glow(0, -330, 720, light.lamp, 0.9))
    idol = curve(
        [
            (-210, -70),
            (-196, -140),
            (-110, -170),
            (-128, -330),
            (-70, -390),
            (-44, -404),
            (-62, -470),
            (-44, -530),
            (0, -570),
            (44, -530),
            (62, -470),
            (44, -404),
            (70, -390),
            (128, -330),
            (110, -170),
            (196, -140),
            (210, -70),
        ],
        tension=0.75,
    )
    scene.add(
        BACK,
        stroke(oval(0, -470, 150), light.lamp, 14, opacity=0.8),
        paint(idol, scene.fall(BACK, -570, -40, depth=0.72)),
    )
    for step in range(4):
        scene.cut(BACK, rect(-300 - 110 * step, -74 + 30 * step, 600 + 220 * step, 34), 0.6 + 0.06 * step)
    _pillars(scene)


def _pillars(scene: Scenery) -> None:
    """Raise heavy pillars and set bowls of fire between them."""
    light, brush = scene.light, scene.brush
    for plane, places, wide, depth in ((BACK, (-620, 620), 130, 0.7), (MID, (-760, 760, -1300, 1300), 190, 0.84)):
        marks = "".join(
            poly([(x - wide * 0.5, 60), (x - wide * 0.4, -700), (x + wide * 0.4, -700), (x + wide * 0.5, 60)])
            + rect(x - wide * 0.75, -760, wide * 1.5, 80)
            + rect(x - wide * 0.65, 40, wide * 1.3, 50)
            for x in places
        )
        scene.add(plane, paint(marks, scene.fall(plane, -700, 80, depth=depth)))
        scene.cut(
            plane,
            "".join(rect(x - wide * 0.46, y, wide * 0.92, 18) for x in places for y in (-620, -560, -90, -40)),
            depth - 0.22,
        )
    scene.cut(MID, rect(-REACH, -980, 2 * REACH, 220), 0.86)
    for x in (-400, 400):
        bowl = (
            curve([(x - 70, -130), (x + 70, -130), (x + 34, -80), (x - 34, -80)], tension=0.5)
            + limb((x, -90), (x - 50, 100), 8, 8)
            + limb((x, -90), (x + 50, 100), 8, 8)
        )
        fire = curve([(x - 48, -130), (x - 40, -180), (x - 8, -250), (x + 12, -200), (x + 30, -216), (x + 48, -130)])
        scene.cut(MID, bowl, 0.95)
        scene.add(MID, paint(fire, colours.mix(light.lamp, "#ff7a2e", 0.45)), brush.glow(x, -170, 360, "#ff9a4a", 0.6))


def tent(scene: Scenery) -> None:
    """Build a tent from inside: canvas down both sides, poles, a lantern, camp beds, the flap open to the hour."""
    side, light = side_of(scene), scene.light
    shell(scene, ceiling=-1400)
    cloth = colours.mix(light.tone(0.4), light.lamp, 0.3)
    scene.sun = (0, -360)
    scene.add(FAR, scene.brush.glow(0, -330, 1000, light.lamp, 0.5))
    scene.add(BACK, paint(poly([(0, -820), (900, 20), (-900, 20)]), cloth))
    seams = "".join(line([(0, -820), (x, 20)]) for x in range(-900, 901, 225))
    scene.add(BACK, stroke(seams, light.tone(0.7), 5, opacity=0.6))
    outside = scene.brush.linear((0, -520), (0, 20), (0, light.top, 1), (0.5, light.middle, 1), (1, light.low, 1))
    gap = side * 30
    scene.add(
        BACK,
        paint(
            curve([(gap, -560), (gap + 90, -250), (gap + 150, 20), (gap - 150, 20), (gap - 90, -250)], tension=0.4),
            outside,
        ),
    )
    scene.add(
        BACK,
        paint(
            poly([(gap + side * 10, -560), (gap + side * 150, 20), (gap + side * 290, -10), (gap + side * 170, -260)]),
            colours.mix(cloth, light.ink, 0.3),
        ),
    )
    for plane, peak, reach, depth in ((MID, -900, 900, 0.72), (NEAR, -1080, 980, 0.9)):
        for way in (-1, 1):
            scene.cut(
                plane,
                poly([(0, peak), (way * reach, 80), (way * 2300, 80), (way * 2300, peak - 900), (0, peak - 900)]),
                depth,
            )
    scene.cut(MID, limb((-side * 260, -760), (-side * 260, 90), 12, 14), 0.92)
    for x, foot in ((-side * 520, 110), (side * 560, 120)):
        bed = (
            rect(x - 230, foot - 90, 460, 20)
            + limb((x - 190, foot - 80), (x - 130, foot), 6, 6)
            + limb((x - 130, foot - 80), (x - 190, foot), 6, 6)
            + limb((x + 190, foot - 80), (x + 130, foot), 6, 6)
            + limb((x + 130, foot - 80), (x + 190, foot), 6, 6)
        )
        roll = curve(
            [(x - 220, foot - 92), (x - 190, foot - 130), (x + 60, foot - 112), (x + 220, foot - 92)], tension=0.6
        )
        scene.cut(MID, bed, 0.9)
        scene.add(
            MID, paint(roll + oval(x - side * 180, foot - 112, 50, 24), colours.mix(light.tone(0.6), "#7a6a45", 0.4))
        )
    scene.cut(NEAR, rect(side * 300 - 80, 60, 160, 110), 0.94)
    hanging_lamp(scene, -side * 60, -520, wide=38)


def bunks(scene: Scenery) -> None:
    """Build a bunk room: beds in two tiers down both sides, lockers, boots in a row."""
    light, side = scene.light, side_of(scene)
    shell(scene, ceiling=-760)
    for x in (-300, 300):
        scene.add(
            BACK,
            scene.brush.glow(x, -520, 300, light.low, 0.5),
            paint(rect(x - 90, -620, 180, 190), light.low),
            stroke(
                rect(x - 90, -620, 180, 190) + line([(x, -620), (x, -430)]) + line([(x - 90, -525), (x + 90, -525)]),
                light.tone(0.8),
                10,
            ),
        )
    scene.cut(BACK, "".join(rect(x - 52, -400, 100, 390) for x in range(-260, 280, 106)), 0.66)
    scene.add(
        BACK,
        stroke(
            "".join(
                line([(x - 30, -372 + dy), (x + 26, -372 + dy)]) for x in range(-260, 280, 106) for dy in (0, 14, 28)
            ),
            light.tone(0.85),
            4,
        ),
    )
    for x, size, foot in ((-500, 0.85, 50), (500, 0.85, 50), (-930, 1.15, 120), (930, 1.15, 120)):
        wide = 190 * size
        frame = (
            rect(x - wide, foot - 430 * size, 14, 430 * size)
            + rect(x + wide - 14, foot - 430 * size, 14, 430 * size)
            + "".join(rect(x - wide, foot - y * size, 2 * wide, 16 * size) for y in (110, 340))
        )
        cover = "".join(
            curve(
                [
                    (x - wide + 14, foot - y * size),
                    (x - wide + 30, foot - (y + 44) * size),
                    (x + wide - 30, foot - (y + 36) * size),
                    (x + wide - 14, foot - y * size),
                ],
                tension=0.4,
            )
            for y in (108, 338)
        )
        scene.add(MID, paint(cover, colours.mix(light.tone(0.5), "#6f7a52", 0.4)))
        scene.add(
            MID,
            paint(
                "".join(oval(x + side * wide * 0.62, foot - (y + 42) * size, 46 * size, 18 * size) for y in (108, 338)),
                colours.mix(light.tone(0.15), light.low, 0.6),
            ),
        )
        scene.cut(MID, frame, 0.9)
    hanging_lamp(scene, 0, -560, wide=54)
