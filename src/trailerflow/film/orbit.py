"""Orbit: deep space from the surface of a moon and from the bridge of a ship.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

from trailerflow.film import colours, shapes
from trailerflow.film.scenery import BACK, DEEP, FAR, MID, NEAR, REACH, Scenery


def _stars(scene: Scenery, count: int) -> list[str]:
    chance = scene.random
    marks = []
    for _ in range(count):
        x, y = chance.uniform(-1900, 1900), chance.uniform(-1400, 700)
        marks.append(
            shapes.paint(
                shapes.oval(x, y, chance.choice((0.9, 1.2, 1.6, 2.4))), "#eaf2ff", opacity=chance.uniform(0.25, 0.95)
            )
        )
    return marks


def _heavens(scene: Scenery) -> None:
    """Build deep space: a nebula, stars, a planet lit from one side."""
    light, brush, chance = scene.light, scene.brush, scene.random
    deep = colours.at(light.planes[2], 0.14)
    scene.add(FAR, shapes.paint(shapes.rect(-REACH - 900, -3200, 2 * REACH + 1800, 3200 + DEEP), deep))
    for _ in range(7):
        tint = colours.at(chance.choice((light.planes[1], light.lamp, light.middle, "#7a4fb0")), 0.5)
        scene.add(
            FAR,
            brush.glow(
                chance.uniform(-1000, 1000), chance.uniform(-700, 100), chance.uniform(300, 700), tint, 0.4, squash=0.6
            ),
        )
    scene.add(FAR, *_stars(scene, 220))
    side = chance.choice((-1, 1))
    x, y, size = side * chance.uniform(300, 460), -330.0, chance.uniform(190, 300)
    scene.sun = (x - side * size, y)
    ball = brush.radial(
        (x - side * size * 0.5, y - size * 0.35),
        size * 1.6,
        (0, colours.mix(light.lamp, light.planes[0], 0.4), 1),
        (0.45, light.planes[1], 1),
        (0.8, colours.at(light.planes[2], 0.2), 1),
        (1, deep, 1),
    )
    scene.add(
        FAR, brush.glow(x - side * 20, y, size * 1.7, light.lamp, 0.4), shapes.paint(shapes.oval(x, y, size), ball)
    )
    ring = shapes.oval(0, 0, size * 1.75, size * 0.3) + shapes.oval(0, 0, size * 1.35, size * 0.2)
    scene.add(
        FAR, shapes.shifted(x, y, shapes.paint(ring, light.lamp, opacity=0.35, extra=' fill-rule="evenodd"'), turn=-16)
    )


def space(scene: Scenery) -> None:
    """Build the surface of a moon under stars, a ship landed far off."""
    _heavens(scene)
    light, chance = scene.light, scene.random
    for plane, height, depth, lift in ((BACK, 90, 0.35, 0), (MID, 60, 0.6, -60), (NEAR, 40, 0.8, -130)):
        skyline = [(x, y - lift) for x, y in shapes.ridge(chance, (-REACH, REACH), height, steps=60, rough=0.55)]
        scene.add(
            plane,
            shapes.paint(shapes.ground(skyline, DEEP), scene.fall(plane, -height - lift, 160 - lift, depth=depth)),
        )
        scene.add(
            plane, shapes.stroke(shapes.line(skyline), colours.mix(light.tone(depth), light.lamp, 0.5), 2, opacity=0.7)
        )
    scene.add(MID, scene.brush.glow(0, 30, 500, light.lamp, 0.3, squash=0.3))


def bridge_deck(scene: Scenery) -> None:
    """Build the bridge of a spaceship: a wide port on the stars, consoles alight."""
    _heavens(scene)
    light, chance = scene.light, scene.random
    hole = "M-3200 -3200H3200V3200H-3200Z" + shapes.poly(
        [(-780, -60), (-900, -330), (-620, -640), (620, -640), (900, -330), (780, -60)]
    )
    scene.add(MID, shapes.paint(hole, light.tone(0.85), extra=' fill-rule="evenodd"'))
    struts = "".join(
        shapes.poly([(x - 14, -60), (x * 0.86 - 10, -640), (x * 0.86 + 10, -640), (x + 14, -60)]) for x in (-420, 420)
    )
    scene.add(MID, shapes.paint(struts, light.tone(0.9)))
    edge = shapes.line([(-780, -60), (-900, -330), (-620, -640), (620, -640), (900, -330), (780, -60), (-780, -60)])
    scene.add(MID, shapes.stroke(edge, light.lamp, 4, opacity=0.55))
    floor = scene.brush.linear((0, 0), (0, 460), (0, light.tone(0.75), 1), (1, light.tone(1), 1))
    scene.add(
        MID,
        shapes.paint(shapes.rect(-REACH, 30, 2 * REACH, DEEP), floor),
        scene.brush.glow(0, 110, 760, light.lamp, 0.3, squash=0.25),
    )
    for x in (-980, -600, 600, 980):
        desk = shapes.poly([(x - 180, 120), (x - 150, -40), (x + 150, -40), (x + 180, 120)])
        scene.add(NEAR, shapes.paint(desk, light.tone(0.95)))
        for _ in range(16):
            dot = shapes.rect(x + chance.uniform(-140, 130), chance.uniform(-32, 60), chance.choice((8, 8, 26)), 6)
            scene.add(NEAR, shapes.paint(dot, chance.choice((light.lamp, "#ff6a4a", "#7dffd0")), opacity=0.85))
        scene.add(NEAR, scene.brush.glow(x, -30, 210, light.lamp, 0.35))
