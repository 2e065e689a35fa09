"""Waterfronts: docks and dams, and what lies under the water.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

from itertools import pairwise

from trailerflow.film import colours
from trailerflow.film.scenery import BACK, DEEP, FAR, MID, NEAR, REACH, Scenery, side_of, sky
from trailerflow.film.shapes import curve, ground, line, oval, paint, poly, rect, ridge, stroke
from trailerflow.film.shores import headland, water
from trailerflow.film.streets import lantern


def dock(scene: Scenery) -> None:
    """Build a harbour: cranes, a ship alongside, boxes in stacks, bollards, the light on the basin."""
    sky(scene)
    headland(scene)
    water(scene)
    light, side = scene.light, side_of(scene)
    x = -side * 260
    hull = (
        poly([(x - 620, -70), (x + 560, -70), (x + 500, 60), (x - 540, 60)])
        + rect(x - 500, -230, 230, 170)
        + rect(x - 470, -290, 150, 70)
        + rect(x - 410, -370, 50, 90)
        + "".join(
            rect(x - 220 + step * 118, -70 - tall, 112, tall) for step, tall in enumerate((90, 140, 140, 90, 140))
        )
    )
    scene.add(MID, paint(hull, scene.fall(MID, -370, 60, depth=0.62)))
    scene.add(
        MID,
        paint(
            "".join(oval(x - 480 + step * 44, -150, 9) for step in range(5)),
            light.lamp,
            opacity=0.9 if light.dark else 0.4,
        ),
    )
    for px, size, depth in ((side * 330, 1.0, 0.74), (side * 860, 1.2, 0.84), (-side * 900, 0.8, 0.6)):
        legs = (
            line([(px - 90 * size, 60), (px - 60 * size, -400 * size)])
            + line([(px + 90 * size, 60), (px + 60 * size, -400 * size)])
            + line([(px - 78 * size, -130 * size), (px + 66 * size, -320 * size)])
            + line([(px + 78 * size, -130 * size), (px - 66 * size, -320 * size)])
        )
        arm = (
            line([(px + side * 230 * size, -400 * size), (px - side * 420 * size, -430 * size)])
            + line([(px, -400 * size), (px, -560 * size), (px - side * 400 * size, -432 * size)])
            + line([(px, -560 * size), (px + side * 220 * size, -402 * size)])
            + line([(px - side * 330 * size, -428 * size), (px - side * 330 * size, -240 * size)])
        )
        scene.add(
            MID,
            stroke(legs + arm, light.tone(depth), 15 * size),
            paint(rect(px - side * 330 * size - 50, -240 * size, 100, 56), light.tone(depth)),
        )
    _quay(scene, side)


def _quay(scene: Scenery, side: int) -> None:
    """Lay the quay, stack boxes on it, set bollards."""
    light, chance = scene.light, scene.random
    walk = scene.brush.linear((0, 90), (0, 460), (0, light.tone(0.78), 1), (1, light.tone(1), 1))
    scene.add(
        NEAR,
        paint(rect(-REACH, 90, 2 * REACH, DEEP), walk),
        paint(rect(-REACH, 84, 2 * REACH, 12), colours.mix(light.tone(0.6), light.sun, 0.3)),
    )
    for base in (side * 560, -side * 780):
        for dx, dy in ((0, 0), (0, 120), (230, 0), (-230, 0)):
            tint = colours.mix(light.tone(0.82), chance.choice(("#9c4a2f", "#2f6f7a", "#7a7a3a")), 0.4)
            scene.add(
                NEAR,
                paint(rect(base + dx - 112, 40 - dy, 224, 116), tint),
                stroke(
                    "".join(
                        line([(base + dx - 100 + step * 22, 46 - dy), (base + dx - 100 + step * 22, 150 - dy)])
                        for step in range(10)
                    ),
                    light.tone(0.95),
                    4,
                    opacity=0.6,
                ),
            )
    scene.cut(NEAR, "".join(rect(px - 20, 70, 40, 60) + oval(px, 70, 32, 13) for px in (-side * 330, side * 210)), 0.98)


def dam(scene: Scenery) -> None:
    """Build a dam: its wall curving away between rock and water, the way along its crest."""
    sky(scene)
    light, chance, side = scene.light, scene.random, side_of(scene)
    for tall, depth in ((420, 0.1), (260, 0.28)):
        slopes = ridge(chance, (-REACH, REACH), tall, steps=30, rough=0.5)
        scene.add(
            BACK,
            paint(ground([(x, y - abs(x) * 0.13) for x, y in slopes], DEEP), scene.fall(BACK, -tall, 60, depth=depth)),
        )
        scene.mist(BACK, -tall * 0.5, 60, 0.6)
    lake = scene.brush.linear((0, -30), (0, 220), (0, colours.mix(light.low, light.sun, 0.3), 1), (1, light.middle, 1))
    left = [(side * 620, -60), (side * 330, -40), (side * 70, 0), (-side * 70, 70), (-side * 150, 200)]
    right = [(side * 620, -44), (side * 380, -14), (side * 170, 50), (side * 120, 130), (side * 170, 260)]
    scene.add(MID, paint(rect(-REACH, -46, 2 * REACH, DEEP), lake))
    ripples = "".join(
        line([(-side * chance.uniform(60, 1500), y), (-side * chance.uniform(60, 1500), y)])
        for y in range(-36, 150, 13)
    )
    scene.add(MID, stroke(ripples, light.sun, 2.6, opacity=0.3))
    gorge = poly([*right, (side * 260, 700), (side * 2300, 700), (side * 2300, -60), (side * 620, -50)])
    scene.add(MID, paint(gorge, scene.fall(MID, -50, 330, depth=0.8)))
    face = curve(
        [*right, (side * 330, 620), (side * 620, 620), (side * 520, 240), (side * 560, 90), (side * 700, -20)],
        tension=0.6,
    )
    scene.add(MID, paint(face, scene.fall(MID, -50, 420, depth=0.55)))
    ribs = "".join(line([(x, y), (x + side * (150 + y * 0.5), y + 330)]) for x, y in right) + "".join(
        line([((x + u) / 2, (y + v) / 2), ((x + u) / 2 + side * 170, (y + v) / 2 + 330)])
        for (x, y), (u, v) in pairwise(right)
    )
    scene.add(MID, stroke(ribs, light.tone(0.85), 7, opacity=0.5))
    scene.add(
        MID,
        paint(poly([*left, *reversed(right)]), colours.mix(light.tone(0.4), light.low, 0.35)),
        stroke(line(right), light.tone(0.85), 10),
        stroke(line(left), light.tone(0.7), 8),
    )
    _crest(scene, side)


def _crest(scene: Scenery, side: int) -> None:
    """Stand the gate towers and the way along the crest."""
    light = scene.light
    for x, size in ((side * 560, 0.8), (side * 330, 1.0)):
        scene.cut(
            MID,
            rect(x - 50 * size, -30 - 170 * size, 100 * size, 170 * size)
            + rect(x - 62 * size, -44 - 170 * size, 124 * size, 18),
            0.74,
        )
        scene.add(
            MID,
            paint(
                rect(x - 22 * size, -30 - 120 * size, 44 * size, 44 * size),
                light.lamp,
                opacity=0.9 if light.dark else 0.4,
            ),
        )
    walk = scene.brush.linear(
        (0, 180), (0, 460), (0, colours.mix(light.tone(0.6), light.low, 0.25), 1), (1, light.tone(0.95), 1)
    )
    scene.add(NEAR, paint(rect(-REACH, 184, 2 * REACH, DEEP), walk))
    rail = (
        rect(-REACH, 92, 2 * REACH, 12)
        + rect(-REACH, 134, 2 * REACH, 7)
        + "".join(rect(x, 92, 12, 100) for x in range(-2280, 2280, 118))
    )
    scene.cut(NEAR, rail + rect(-REACH, 176, 2 * REACH, 14), 0.9)
    lantern(scene, NEAR, -side * 560, 200, 480)
    lantern(scene, NEAR, side * 700, 200, 480)


def below(scene: Scenery) -> None:
    """Build the deep: shafts of light from above, rock, weed, fish, bubbles, drifting dust."""
    light, chance = scene.light, scene.random
    deep = colours.mix(light.ink, "#0d3a4a", 0.5)
    fill = scene.brush.linear(
        (0, -800),
        (0, 300),
        (0, colours.mix(light.low, "#7fd0d0", 0.5), 1),
        (0.45, colours.mix(light.middle, "#2f7f92", 0.55), 1),
        (1, deep, 1),
    )
    scene.add(
        FAR,
        paint(rect(-REACH - 900, -3200, 2 * REACH + 1800, 3200 + DEEP), fill),
        scene.brush.glow(0, -760, 900, light.sun, 0.7),
    )
    scene.sun = (0, -760)
    for step in range(7):
        x = -620 + 210 * step + chance.uniform(-50, 50)
        beam = scene.brush.linear((0, -900), (0, 160), (0, light.sun, 0.3), (1, light.sun, 0))
        scene.shafts.append(
            paint(poly([(x * 0.4, -1000), (x * 0.4 + 70, -1000), (x * 1.7 + 190, 220), (x * 1.7 - 60, 220)]), beam)
        )
    for tall, plane, depth in ((330, BACK, 0.55), (190, MID, 0.75), (110, NEAR, 0.92)):
        rocks = ridge(chance, (-REACH, REACH), tall, steps=36, rough=0.62)
        scene.add(
            plane,
            paint(ground([(x, y + 130 * plane) for x, y in rocks], DEEP), colours.mix(light.tone(depth), deep, 0.55)),
        )
    weed = "".join(
        curve(
            [
                (x, 200),
                (x + 26, 90),
                (x - 22, -20),
                (x + 24, -chance.uniform(90, 260)),
                (x + 4, -10),
                (x + 46, 90),
                (x + 26, 200),
            ],
            tension=0.9,
        )
        for x in (chance.uniform(-1300, 1300) for _ in range(30))
        if abs(x) > 150
    )
    scene.add(NEAR, paint(weed, colours.mix(light.tone(0.9), "#1f4f3f", 0.5)))
    fish = "".join(
        oval(x, y, 24, 9) + poly([(x - 20, y), (x - 40, y - 11), (x - 40, y + 11)])
        for x, y in ((chance.uniform(-900, 900), chance.uniform(-480, -120)) for _ in range(16))
    )
    scene.add(MID, paint(fish, deep, opacity=0.8))
    bubbles = "".join(
        oval(chance.uniform(-1000, 1000), chance.uniform(-700, 160), chance.uniform(3, 12)) for _ in range(60)
    )
    scene.add(NEAR, stroke(bubbles, light.low, 2.5, opacity=0.6))
