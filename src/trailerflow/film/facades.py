"""Facades: single buildings as they are seen from outside: porticos, blocks, steeples, walls, stalls.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

from trailerflow.film import colours
from trailerflow.film.premises import stall
from trailerflow.film.scenery import (
    BACK,
    DEEP,
    FRONT,
    MID,
    NEAR,
    REACH,
    Scenery,
    bare_tree,
    conifer,
    hills,
    leafy_tree,
    side_of,
    sky,
    windows,
)
from trailerflow.film.shapes import curve, limb, line, oval, paint, poly, rect, stroke
from trailerflow.film.streets import lantern, skyline

CROSS = rect(-14, -46, 28, 92) + rect(-46, -14, 92, 28)
STAR = poly([(0, -48), (12, -15), (46, -15), (19, 6), (29, 40), (0, 19), (-29, 40), (-19, 6), (-46, -15), (-12, -15)])
CLOCK = oval(0, 0, 46) + rect(-5, -34, 10, 39) + rect(5, -5, 20, 10)
FLASK = poly([(-12, -46), (12, -46), (12, -10), (42, 42), (-42, 42), (-12, -10)])


def portico(scene: Scenery) -> None:
    """Build a public building: steps, columns, a gable, flags, lamps, an open square."""
    sky(scene)
    light = scene.light
    skyline(scene, BACK, 230, 0.2, lit=0.3)
    scene.mist(BACK, -160, 40, 0.7)
    scene.floor(far=0.5)
    scene.add(MID, paint(rect(-620, -330, 1240, 360), scene.fall(MID, -330, 30, depth=0.5)))
    panes = "".join(rect(x - 28, y, 56, tall) for x in (-550, -450, 450, 550) for y, tall in ((-270, 110), (-120, 110)))
    scene.add(MID, paint(panes, light.lamp if light.dark else light.tone(0.75), opacity=0.8 if light.dark else 0.6))
    scene.add(
        MID,
        paint(rect(-380, -300, 760, 320), light.tone(0.82)),
        paint(rect(-62, -210, 124, 220), light.lamp if light.dark else light.ink, opacity=0.7),
    )
    pale = colours.mix(light.tone(0.3), light.sun, 0.35)
    shafts = "".join(
        rect(x - 24, -300, 48, 300) + rect(x - 36, -312, 72, 18) + rect(x - 36, -14, 72, 18)
        for x in (-350, -210, -70, 70, 210, 350)
    )
    gable = poly([(-430, -352), (430, -352), (0, -500)]) + rect(-420, -352, 840, 44)
    scene.add(
        MID,
        paint(shafts + gable, pale),
        paint(poly([(-330, -366), (330, -366), (0, -476)]), light.tone(0.55)),
        paint(oval(0, -404, 30), pale),
    )
    for step in range(6):
        scene.add(
            MID,
            paint(
                rect(-420 - 34 * step, 6 + 15 * step, 840 + 68 * step, 16),
                colours.mix(pale, light.tone(0.8), 0.15 + 0.14 * step),
            ),
        )
    for way in (-1, 1):
        scene.cut(MID, rect(way * 520 - 60, 10, 120, 100), 0.66)
        lantern(scene, NEAR, way * 760, 190, 460)
    scene.add(FRONT, paint(bare_tree(scene.random, -1120, 420, 1400, lean=10), light.ink))


def block(scene: Scenery, sign: str, colour: str) -> None:
    """Build a long house of many windows with a sign over its door, a drive before it: what the sign says, it is."""
    sky(scene)
    chance, light, side = scene.random, scene.light, side_of(scene)
    skyline(scene, BACK, 200, 0.2, lit=0.25)
    scene.mist(BACK, -150, 40, 0.6)
    scene.floor(far=0.5)
    scene.add(
        MID, paint(rect(-760, -400, 1520, 440) + rect(-780, -416, 1560, 20), scene.fall(MID, -400, 40, depth=0.6))
    )
    scene.add(MID, paint(rect(-170, -520, 340, 560) + rect(-186, -536, 372, 20), scene.fall(MID, -520, 40, depth=0.68)))
    for left in (-740, 190):
        panes = windows(chance, (left, -384, 550, 380), (7, 4), 0.55 if light.dark else 1.0)
        scene.add(
            MID, paint(panes, light.lamp if light.dark else light.tone(0.82), opacity=0.85 if light.dark else 0.6)
        )
    glow = colours.mix(colour, light.lamp, 0.15)
    scene.add(
        MID,
        scene.brush.glow(0, -400, 260, glow, 0.6 if light.dark else 0.25),
        paint(oval(0, -400, 88), colours.mix(light.tone(0.15), light.low, 0.6)),
    )
    scene.add(MID, f'<g transform="translate(0 -400) scale(1.3)">{paint(sign, glow)}</g>')
    scene.add(
        MID,
        paint(rect(-110, -150, 220, 190), light.lamp if light.dark else light.tone(0.9), opacity=0.85),
        stroke(rect(-110, -150, 220, 190) + line([(0, -150), (0, 40)]), light.ink, 9),
    )
    scene.cut(
        MID,
        poly([(-220, -190), (220, -190), (250, -160), (-250, -160)])
        + rect(-230, -165, 16, 205)
        + rect(214, -165, 16, 205),
        0.85,
    )
    hedge = "".join(
        oval(x, 50, chance.uniform(50, 84), chance.uniform(30, 46)) for x in range(-2200, 2200, 96) if abs(x) > 330
    )
    scene.cut(MID, hedge, 0.78)
    for way in (-1, 1):
        lantern(scene, NEAR, way * 640, 190, 420)
    scene.add(NEAR, paint(leafy_tree(chance, side * 860, 190, 560), scene.fall(NEAR, -400, 200, depth=0.9)))


def steeple(scene: Scenery) -> None:
    """Build a church among its trees: nave, tower, spire, a path between stones."""
    sky(scene)
    chance, light = scene.random, scene.light
    hills(scene, BACK, 120, depth=0.15, steps=24, rough=0.4)
    trees = [conifer(chance, chance.uniform(-REACH, REACH), 20, chance.uniform(120, 260)) for _ in range(34)]
    scene.add(BACK, paint("".join(trees), scene.fall(BACK, -260, 30, depth=0.4)))
    scene.mist(BACK, -140, 40, 0.7)
    scene.floor(far=0.5)
    x, way = chance.uniform(-100, 100), side_of(scene)
    nave = poly(
        [(x, 50), (x, -200), (x + way * 60, -330), (x + way * 430, -330), (x + way * 490, -200), (x + way * 490, 50)]
    )
    tower = (
        rect(x - 85, -430, 170, 480)
        + poly([(x - 104, -426), (x, -760), (x + 104, -426)])
        + rect(x - 4, -830, 8, 80)
        + rect(x - 24, -806, 48, 8)
    )
    scene.add(
        MID, paint(nave, scene.fall(MID, -330, 60, depth=0.64)), paint(tower, scene.fall(MID, -700, 60, depth=0.74))
    )
    panes = "".join(
        curve([(px - w, y + h), (px - w, y), (px, y - w), (px + w, y), (px + w, y + h)], tension=0.4)
        for px, y, w, h in (*((x + way * dx, -150, 22, 120) for dx in (150, 260, 370)), (x, -370, 20, 70))
    )
    scene.add(
        MID, paint(panes, light.lamp if light.dark else colours.mix(light.low, light.tone(0.3), 0.5), opacity=0.9)
    )
    scene.add(
        MID,
        paint(
            curve([(x - 40, 50), (x - 40, -90), (x, -130), (x + 40, -90), (x + 40, 50)], tension=0.4),
            light.ink,
            opacity=0.8,
        ),
    )
    path = poly([(x - 34, 50), (x + 34, 50), (x + 280, 520), (x - 220, 520)])
    scene.add(MID, paint(path, colours.mix(light.tone(0.6), light.low, 0.35), opacity=0.5))
    headstones(scene, NEAR, 150, 0.7)
    scene.add(FRONT, paint(bare_tree(chance, -way * 1050, 430, 1500, lean=way * 12), light.ink))


def headstones(scene: Scenery, plane: float, foot: float, size: float) -> None:
    """Set rows of stones and crosses on a plane."""
    chance = scene.random
    marks = ""
    for step in range(-11, 12):
        x, lean = step * 210 * size + chance.uniform(-40, 40), chance.uniform(-6, 6)
        wide, tall = 74 * size * chance.uniform(0.8, 1.2), 120 * size * chance.uniform(0.75, 1.25)
        if abs(x) < 120:
            continue
        if chance.random() < 0.3:
            marks += limb((x, foot), (x + lean, foot - tall * 1.4), 9 * size, 9 * size) + limb(
                (x - wide * 0.5, foot - tall), (x + wide * 0.5 + lean, foot - tall), 8 * size, 8 * size
            )
        else:
            marks += curve(
                [
                    (x - wide / 2, foot),
                    (x - wide / 2 + lean, foot - tall * 0.8),
                    (x + lean, foot - tall),
                    (x + wide / 2 + lean, foot - tall * 0.8),
                    (x + wide / 2, foot),
                ],
                tension=0.5,
            )
    scene.cut(plane, marks, 0.62 + 0.3 * plane)


def prison(scene: Scenery) -> None:
    """Build a prison's wall: wire, watch-towers with their beams, the gate, rows of small windows behind."""
    sky(scene)
    light, chance = scene.light, scene.random
    scene.add(BACK, paint(rect(-700, -420, 1400, 440), scene.fall(BACK, -420, 20, depth=0.4)))
    cells = windows(chance, (-690, -410, 1380, 250), (26, 5), 1.0)
    scene.add(BACK, paint(cells, light.lamp if light.dark else light.tone(0.75), opacity=0.6))
    scene.mist(BACK, -200, 40, 0.6)
    scene.floor(far=0.5)
    scene.add(MID, paint(rect(-REACH, -210, 2 * REACH, 270), scene.fall(MID, -210, 60, depth=0.72)))
    coil = "".join(oval(x, -232, 30, 24) for x in range(-2200, 2200, 44))
    scene.add(MID, stroke(coil, light.tone(0.9), 3.5))
    scene.cut(MID, rect(-150, -260, 300, 320), 0.85)
    scene.add(
        MID,
        paint(rect(-110, -200, 220, 260), light.ink),
        stroke("".join(line([(x, -200), (x, 60)]) for x in range(-100, 111, 25)), light.tone(0.6), 7),
    )
    for x in (-560, 620):
        tower = (
            poly([(x - 54, 60), (x - 42, -330), (x + 42, -330), (x + 54, 60)])
            + rect(x - 90, -440, 180, 116)
            + poly([(x - 110, -436), (x, -500), (x + 110, -436)])
        )
        scene.cut(MID, tower, 0.82)
        scene.add(MID, paint(rect(x - 78, -420, 156, 54), light.lamp if light.dark else light.tone(0.4), opacity=0.9))
        beam = scene.brush.linear(
            (x, -390), (x * 0.1, 240), (0, light.lamp, 0.5 if light.dark else 0.1), (1, light.lamp, 0)
        )
        scene.add(MID, paint(poly([(x, -396), (x, -380), (x * 0.1 + 210, 250), (x * 0.1 - 210, 250)]), beam))
    fence = "".join(
        line([(x, 170), (x + 60, 20), (x + 120, 170)]) + line([(x, 20), (x + 60, 170), (x + 120, 20)])
        for x in range(-2280, 2280, 120)
    )
    scene.add(NEAR, stroke(fence, light.tone(0.92), 2.4, opacity=0.6))
    scene.cut(NEAR, "".join(rect(x, -30, 12, 220) for x in range(-2280, 2280, 480)), 0.94)


def bazaar(scene: Scenery) -> None:
    """Build a market in the open: stalls under striped awnings, bunting, a wheel behind the roofs."""
    sky(scene)
    light, side = scene.light, side_of(scene)
    skyline(scene, BACK, 170, 0.25, lit=0.3)
    x = side * 380
    wheel = (
        oval(x, -330, 270)
        + oval(x, -330, 240)
        + "".join(
            line([(x, -330), (x + 270 * dx, -330 + 270 * dy)])
            for dx, dy in ((1, 0), (0.7, 0.7), (0, 1), (-0.7, 0.7), (-1, 0), (-0.7, -0.7), (0, -1), (0.7, -0.7))
        )
        + line([(x - 130, 20), (x, -330), (x + 130, 20)])
    )
    scene.add(BACK, stroke(wheel, light.tone(0.5), 8))
    scene.mist(BACK, -120, 40, 0.6)
    scene.floor(far=0.5)
    for px in (-1250, -820, -400, 400, 820, 1250):
        stall(scene, MID, px, 60, 0.95)
    flags = ""
    for step in range(-24, 25):
        px = step * 62
        y = -470 + 60 * ((px % 620) / 310 - 1) ** 2
        flags += poly([(px, y), (px + 34, y), (px + 17, y + 46)])
    scene.add(
        NEAR,
        paint(flags, colours.mix(light.tone(0.5), "#d8703a", 0.6)),
        stroke(line([(-REACH, -430), (REACH, -430)]), light.tone(0.9), 3, opacity=0.4),
    )
    lamps = "".join(oval(px, -400 + 26 * (abs(px) % 300) / 300, 11) for px in range(-1500, 1501, 100))
    scene.add(
        NEAR,
        paint(lamps, light.lamp, opacity=1.0 if light.dark else 0.5),
        scene.brush.glow(0, -380, 700, light.lamp, 0.5 if light.dark else 0.1, squash=0.4),
    )
    scene.add(
        FRONT, paint(rect(-1150, -1400, 60, 2600), light.ink), paint(rect(-REACH, 900, 2 * REACH, DEEP), light.ink)
    )
