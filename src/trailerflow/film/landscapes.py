"""Landscapes: places in the open: woods, fields, mountains, sand, caves.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

import math

from trailerflow.film import colours, shapes
from trailerflow.film.scenery import (
    BACK,
    DEEP,
    FAR,
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
    sky,
)


def forest(scene: Scenery) -> None:
    """Build three depths of trees, trunks close by, light falling through."""
    sky(scene)
    chance = scene.random
    for plane, depth, count, tall, foot in (
        (BACK, 0.15, 46, 420, 20),
        (BACK, 0.38, 34, 560, 40),
        (MID, 0.6, 22, 760, 80),
    ):
        fill = scene.fall(plane, -tall, foot, depth=depth)
        trees = [
            conifer(chance, chance.uniform(-REACH, REACH), foot, tall * chance.uniform(0.6, 1.1)) for _ in range(count)
        ]
        scene.add(plane, shapes.paint("".join(trees), fill))
        if plane == BACK:
            scene.mist(BACK, -260, 120, 0.6)
    scene.floor(near=0.95, far=0.55)
    scene.mist(MID, -160, 180, 0.5)
    trunks = []
    for place in range(-8, 9):
        x, thick = place * 270 + chance.uniform(-100, 100), chance.uniform(16, 38)
        if abs(x) > 130:
            lean = chance.uniform(-30, 30)
            trunks.append(
                shapes.poly(
                    [
                        (x - thick * 1.5, 170),
                        (x - thick * 0.8, 40),
                        (x - thick * 0.7 + lean, -1500),
                        (x + thick * 0.7 + lean, -1500),
                        (x + thick * 0.8, 40),
                        (x + thick * 1.7, 170),
                    ]
                )
            )
    scene.add(NEAR, shapes.paint("".join(trunks), scene.fall(NEAR, -600, 300, depth=0.86)))
    scene.add(NEAR, shapes.paint(grass(chance, (-REACH, REACH), 190, 60, 240), scene.light.tone(0.9)))
    _shafts(scene)
    _sprigs(scene)


def field(scene: Scenery) -> None:
    """Build rolling hills, a lone tree, a fence, grass close by."""
    sky(scene)
    chance = scene.random
    hills(scene, BACK, 120, depth=0.1, steps=24, rough=0.4)
    scene.mist(BACK, -120, 60, 0.6)
    hills(scene, BACK, 60, depth=0.35, steps=16, rough=0.35)
    tree_x = chance.choice((-1, 1)) * chance.uniform(240, 420)
    scene.floor(far=0.4)
    scene.add(MID, shapes.paint(leafy_tree(chance, tree_x, 36, 330), scene.fall(MID, -330, 60, depth=0.7)))
    posts = "".join(shapes.rect(x, 6, 7, 56) for x in range(-2200, 2200, 110))
    rails = shapes.rect(-REACH, 18, 2 * REACH, 4) + shapes.rect(-REACH, 38, 2 * REACH, 4)
    scene.add(MID, shapes.paint(posts + rails, scene.light.tone(0.72)))
    for foot, tall, tone in ((120, 60, 0.75), (210, 90, 0.88)):
        scene.add(NEAR, shapes.paint(grass(chance, (-REACH, REACH), foot, tall, 260), scene.light.tone(tone)))
    scene.add(FRONT, shapes.paint(grass(chance, (-REACH, REACH), 420, 190, 130), scene.light.ink))


def mountain(scene: Scenery) -> None:
    """Raise peaks behind peaks, snow where they are highest, firs close by."""
    sky(scene)
    chance, light = scene.random, scene.light
    for depth, tall, plane in ((0.06, 560, BACK), (0.26, 400, BACK), (0.5, 230, MID)):
        skyline = _peaks(scene, tall)
        scene.add(plane, shapes.paint(shapes.ground(skyline, DEEP), scene.fall(plane, -tall, 60, depth=depth)))
        if plane == BACK:
            pale = colours.mix(light.tone(depth), light.sun, 0.55)
            caps = [_cap(skyline, place) for place in range(2, len(skyline) - 2) if skyline[place][1] < -tall * 0.6]
            scene.add(plane, shapes.paint("".join(caps), pale, opacity=0.75))
        scene.mist(plane, -tall * 0.5, 80, 0.7)
    scene.floor(far=0.55)
    firs = "".join(
        conifer(chance, chance.uniform(-REACH, REACH), 60 + chance.uniform(0, 30), chance.uniform(90, 230))
        for _ in range(46)
    )
    scene.add(NEAR, shapes.paint(firs, scene.fall(NEAR, -200, 100, depth=0.8)))
    rocks = [(x, y + 430) for x, y in shapes.ridge(chance, (-REACH, REACH), 90, steps=50, rough=0.6)]
    scene.add(FRONT, shapes.paint(shapes.ground(rocks, DEEP), light.ink))


def _peaks(scene: Scenery, tall: float) -> list[tuple[float, float]]:
    """Return a skyline of summits and saddles, broken a little on the way."""
    chance = scene.random
    points, x = [(-REACH, -tall * 0.3)], -REACH
    while x < REACH:
        half = tall * chance.uniform(0.55, 0.95)
        summit, saddle = -tall * chance.uniform(0.55, 1.0), -tall * chance.uniform(0.15, 0.4)
        points += [
            (x + half * 0.45, summit * 0.52 - chance.uniform(0, 30)),
            (x + half * 0.6, summit * 0.58),
            (x + half, summit),
        ]
        points += [(x + half * 1.35, summit * 0.62), (x + half * 1.5, summit * 0.58), (x + half * 1.9, saddle)]
        x += half * 1.9
    return points


def _cap(skyline: list[tuple[float, float]], place: int) -> str:
    """Return the snow on a summit: its lit side full, the other ragged."""
    (x0, y0), (x, y), (x1, y1) = skyline[place - 1 : place + 2]
    if not (y < y0 and y < y1):
        return ""
    low, high = 0.62, 0.8
    left = (x + (x0 - x) * high, y + (y0 - y) * high)
    right = (x + (x1 - x) * low, y + (y1 - y) * low)
    teeth = [
        (right[0] - (right[0] - left[0]) * share, y + (y0 - y) * drop)
        for share, drop in ((0.25, 0.3), (0.45, 0.72), (0.62, 0.4), (0.82, 0.85))
    ]
    return shapes.poly([left, (x, y), right, *teeth])


def desert(scene: Scenery) -> None:
    """Build mesas far off and dunes with a lit and a shaded side."""
    sky(scene)
    chance, light = scene.random, scene.light
    for _ in range(5):
        x, wide, tall = chance.uniform(-1500, 1500), chance.uniform(120, 330), chance.uniform(70, 190)
        mesa = shapes.poly(
            [
                (x - wide, 10),
                (x - wide * 0.75, -tall * 0.4),
                (x - wide * 0.7, -tall),
                (x + wide * 0.62, -tall),
                (x + wide * 0.7, -tall * 0.45),
                (x + wide, 10),
            ]
        )
        scene.add(BACK, shapes.paint(mesa, scene.fall(BACK, -tall, 20, depth=0.18)))
    scene.mist(BACK, -120, 40, 0.6)
    scene.floor(far=0.35)
    for foot, depth, plane in ((26, 0.3, MID), (100, 0.5, MID), (190, 0.75, NEAR)):
        for x in (chance.uniform(-1700, -900), chance.uniform(-300, 300), chance.uniform(900, 1700)):
            _dune(scene, plane, (x, foot), depth)
        scene.add(
            plane,
            shapes.paint(
                shapes.rect(-REACH, foot + 20, 2 * REACH, DEEP),
                scene.brush.linear(
                    (0, foot + 20),
                    (0, foot + 260),
                    (0, light.tone(depth), 0),
                    (0.4, light.tone(depth + 0.1), 1),
                    (1, light.tone(depth + 0.25), 1),
                ),
            ),
        )


def _dune(scene: Scenery, plane: float, place: tuple[float, float], depth: float) -> None:
    """Raise one dune: a lit side, a shaded side, a sharp crest between."""
    chance, light = scene.random, scene.light
    x, foot = place
    wide, tall = chance.uniform(600, 1000), foot * chance.uniform(0.7, 1.1)
    top = (x, foot - tall)
    edge = _arc([(x + wide * 0.25, foot + 90), (x - 40, foot - tall * 0.2), top])
    crest = _arc([(x - wide, foot), (x - wide * 0.4, foot - tall * 0.5), top])
    lit = shapes.poly([*crest, *reversed(edge), (x - wide, foot + 90)])
    lee = shapes.poly(
        [*_arc([top, (x + wide * 0.35, foot - tall * 0.4), (x + wide, foot)]), (x + wide, foot + 90), *edge]
    )
    scene.add(plane, shapes.paint(lit, colours.mix(light.tone(depth), light.sun, 0.3)))
    scene.add(plane, shapes.paint(lee, light.tone(depth + 0.12)))


def cave(scene: Scenery) -> None:
    """Build rock around a mouth of light."""
    sky(scene)
    chance = scene.random
    scene.add(FAR, scene.brush.glow(0, -120, 900, scene.light.key if scene.light.dark else scene.light.sun, 0.6))
    scene.floor(near=1.0, far=0.6)
    for plane, gap, depth in ((BACK, 620, 0.45), (MID, 780, 0.65), (NEAR, 980, 0.85), (FRONT, 1180, 1.0)):
        rim = []
        for step in range(40):
            angle = 6.2832 * step / 40
            rough = chance.uniform(0.82, 1.12) * (1.25 if step % 5 == 0 else 1)
            rim.append((gap * 0.62 / rough * math.cos(angle), -130 + gap * 0.47 / rough * math.sin(angle)))
        hole = shapes.rect(-REACH - 400, -DEEP, 2 * REACH + 800, 2 * DEEP) + shapes.poly(rim)
        scene.add(plane, shapes.paint(hole, scene.fall(plane, -700, 200, depth=depth), extra=' fill-rule="evenodd"'))
        scene.mist(plane, -300, 200, 0.25)


def garden(scene: Scenery) -> None:
    """Build a house behind trees, clipped hedges, an arch of leaves."""
    sky(scene)
    chance, tone = scene.random, scene.light.tone
    trees = [leafy_tree(chance, chance.uniform(-REACH, REACH), 20, chance.uniform(240, 420)) for _ in range(20)]
    scene.add(BACK, shapes.paint("".join(trees), scene.fall(BACK, -400, 40, depth=0.3)))
    scene.mist(BACK, -150, 60, 0.5)
    scene.floor(far=0.5)
    hedge = [
        shapes.rect(x, -50, 200, 110) + shapes.oval(x + 100, -66, 42)
        for x in range(-2200, 2200, 290)
        if abs(x + 100) > 150
    ]
    scene.add(MID, shapes.paint("".join(hedge), scene.fall(MID, -110, 80, depth=0.62)))
    bushes = [
        shapes.oval(chance.uniform(-REACH, REACH), 150, chance.uniform(40, 110), chance.uniform(30, 70))
        for _ in range(26)
    ]
    scene.add(NEAR, shapes.paint("".join(bushes), tone(0.85)))
    blooms = "".join(
        shapes.oval(chance.uniform(-REACH, REACH), chance.uniform(90, 150), chance.uniform(3, 7)) for _ in range(120)
    )
    scene.add(NEAR, shapes.paint(blooms, colours.mix(scene.light.lamp, tone(0.4), 0.25), opacity=0.8))
    _sprigs(scene)


def void(scene: Scenery) -> None:
    """Build nothing but a cone of light on a floor without end."""
    light, brush = scene.light, scene.brush
    fill = brush.radial(
        (0, -160),
        1500,
        (0, colours.mix(light.tone(0.3), light.middle, 0.5), 1),
        (0.5, light.tone(0.6), 1),
        (1, light.ink, 1),
    )
    scene.add(FAR, shapes.paint(shapes.rect(-REACH - 900, -3200, 2 * REACH + 1800, 3200 + DEEP), fill))
    cone = brush.linear((0, -1300), (0, 260), (0, light.lamp, 0.34), (1, light.lamp, 0.04))
    scene.add(MID, shapes.paint(shapes.poly([(-60, -1500), (60, -1500), (560, 250), (-560, 250)]), cone))
    scene.add(MID, brush.glow(0, 240, 640, light.lamp, 0.5, squash=0.22))
    scene.sun = (0, -700)


def _shafts(scene: Scenery) -> None:
    """Let beams of light fall through from the sun's side."""
    x = scene.sun[0]
    for place in range(5):
        start = x - 260 + place * 150
        lean = -x * 1.1
        fill = scene.brush.linear((0, -760), (0, 200), (0, scene.light.sun, 0.26), (1, scene.light.sun, 0))
        scene.shafts.append(
            shapes.paint(
                shapes.poly([(start, -900), (start + 60, -900), (start + lean + 170, 240), (start + lean - 20, 240)]),
                fill,
            )
        )


def _sprigs(scene: Scenery) -> None:
    """Frame the picture with branches close to the lens."""
    chance = scene.random
    for side in (-1, 1):
        marks = bare_tree(chance, side * 900, -620, 900, lean=-side * chance.uniform(95, 120))
        scene.add(FRONT, shapes.paint(marks, scene.light.ink))


def _arc(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Bend three points into a soft line of nine."""
    (x0, y0), (x1, y1), (x2, y2) = points
    return [
        (x0 * (1 - t) ** 2 + 2 * x1 * t * (1 - t) + x2 * t * t, y0 * (1 - t) ** 2 + 2 * y1 * t * (1 - t) + y2 * t * t)
        for t in (step / 8 for step in range(9))
    ]
