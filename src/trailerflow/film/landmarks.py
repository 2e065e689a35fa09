"""Landmarks: single buildings and machines in the open: house, bridge, castle, ship, train, road.

Called by `backdrops`. Each function builds one kind of place on a `Scenery`, from far to near.
"""

from trailerflow.film import colours, shapes
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
    grass,
    hills,
    leafy_tree,
    sky,
    windows,
)
from trailerflow.film.shores import headland, swell, water
from trailerflow.film.streets import skyline


def house(scene: Scenery) -> None:
    """Build a house alone among trees, light in its windows, a fence before it."""
    sky(scene)
    chance, light = scene.random, scene.light
    hills(scene, BACK, 150, depth=0.15, steps=24, rough=0.4)
    woods = [conifer(chance, chance.uniform(-REACH, REACH), 20, chance.uniform(150, 330)) for _ in range(40)]
    scene.add(BACK, shapes.paint("".join(woods), scene.fall(BACK, -300, 30, depth=0.4)))
    scene.mist(BACK, -140, 40, 0.7)
    scene.floor(far=0.5)
    x = chance.uniform(-120, 120)
    walls = shapes.rect(x - 210, -190, 420, 250) + shapes.poly(
        [(x - 250, -180), (x - 150, -330), (x + 150, -330), (x + 250, -180)]
    )
    wing = shapes.rect(x + 200, -110, 190, 170) + shapes.poly([(x + 190, -104), (x + 300, -200), (x + 410, -104)])
    chimney = shapes.rect(x - 130, -400, 44, 120) + shapes.rect(x - 136, -408, 56, 14)
    scene.add(MID, shapes.paint(walls + wing + chimney, scene.fall(MID, -400, 80, depth=0.72)))
    panes = "".join(shapes.rect(x + dx, dy, 46, 66) for dx, dy in ((-160, -140), (-60, -140), (110, -140), (270, -70)))
    door = shapes.rect(x + 16, -60, 54, 120)
    glow = light.lamp if light.dark else colours.mix(light.low, light.tone(0.3), 0.4)
    scene.add(
        MID, shapes.paint(panes, glow, opacity=0.95 if light.dark else 0.5), shapes.paint(door, light.ink, opacity=0.5)
    )
    if light.dark:
        scene.add(
            MID,
            *(
                scene.brush.glow(x + dx + 23, dy + 33, 150, light.lamp, 0.5)
                for dx, dy in ((-160, -140), (-60, -140), (110, -140), (270, -70))
            ),
        )
    path = shapes.poly([(x + 20, 60), (x + 66, 60), (x + 240, 520), (x - 120, 520)])
    scene.add(MID, shapes.paint(path, colours.mix(light.tone(0.6), light.low, 0.35), opacity=0.5))
    fence = "".join(
        shapes.poly([(px, 150), (px, 84), (px + 8, 74), (px + 16, 84), (px + 16, 150)])
        for px in range(-2300, 2300, 34)
        if abs(px - x) > 90
    )
    scene.add(
        NEAR,
        shapes.paint(
            fence + shapes.rect(-REACH, 98, REACH + x - 80, 7) + shapes.rect(x + 100, 98, REACH, 7), light.tone(0.85)
        ),
    )
    tree = -1 if x > 0 else 1
    scene.add(NEAR, shapes.paint(leafy_tree(chance, tree * 700, 190, 720), scene.fall(NEAR, -700, 200, depth=0.88)))
    scene.add(FRONT, shapes.paint(grass(chance, (-REACH, REACH), 440, 150, 110), light.ink))


def bridge(scene: Scenery) -> None:
    """Build towers and cables over water, the rail close by."""
    sky(scene)
    headland(scene)
    skyline(scene, BACK, 120, 0.25, lit=0.3, foot=6)
    water(scene)
    light = scene.light
    for far, plane, depth in ((2.2, BACK, 0.5), (1.0, MID, 0.75)):
        towers = (-620 / far, 620 / far)
        deck = 30 / far
        marks = "".join(
            shapes.rect(x - 26 / far, -600 / far, 16 / far, 640 / far)
            + shapes.rect(x + 10 / far, -600 / far, 16 / far, 640 / far)
            + "".join(shapes.rect(x - 26 / far, y / far, 52 / far, 14 / far) for y in (-600, -420, -230))
            for x in towers
        )
        scene.add(
            plane,
            shapes.paint(
                marks + shapes.rect(-REACH, deck - 26 / far, 2 * REACH, 22 / far),
                scene.fall(plane, -600 / far, 60, depth=depth),
            ),
        )
        cables = [shapes.curve([(towers[0], -590 / far), (0, -40 / far), (towers[1], -590 / far)], closed=False)]
        cables += [shapes.line([(side * 620 / far, -590 / far), (side * 2200, 0)]) for side in (-1, 1)]
        for step in range(-14, 15):
            x = step * 44 / far
            cables.append(shapes.line([(x, deck - 20 / far), (x, (-40 - 550 * (step / 14.1) ** 2) / far)]))
        scene.add(plane, shapes.stroke("".join(cables), light.tone(depth), 3.2 / far))
    scene.mist(MID, -60, 90, 0.6)
    walk = scene.brush.linear((0, 110), (0, 460), (0, light.tone(0.8), 1), (1, light.tone(1), 1))
    rail = "".join(shapes.rect(x, 20, 6, 100) for x in range(-2300, 2300, 58)) + shapes.rect(-REACH, 14, 2 * REACH, 9)
    scene.add(NEAR, shapes.paint(shapes.rect(-REACH, 112, 2 * REACH, DEEP), walk), shapes.paint(rail, light.tone(0.9)))


def castle(scene: Scenery) -> None:
    """Build towers on a rock above the land, a window lit."""
    sky(scene)
    chance, light = scene.random, scene.light
    hills(scene, BACK, 240, depth=0.12, steps=40, rough=0.52)
    scene.mist(BACK, -160, 40, 0.7)
    x = chance.choice((-1, 1)) * chance.uniform(60, 200)
    rock = [
        (x - 620, 60),
        (x - 430, -50),
        (x - 300, -70),
        (x - 250, -130),
        (x + 240, -140),
        (x + 330, -80),
        (x + 520, -40),
        (x + 760, 60),
    ]
    marks, panes = shapes.poly(rock), ""
    for dx, wide, tall in ((-220, 64, 240), (-110, 110, 170), (20, 84, 390), (130, 96, 200), (220, 58, 290)):
        left, top = x + dx - wide / 2, -120 - tall
        marks += shapes.rect(left, top, wide, tall + 60)
        if tall > 220:
            marks += shapes.rect(left - 8, top, wide + 16, 22) + shapes.poly(
                [(left - 12, top + 2), (x + dx, top - wide * 1.5), (left + wide + 12, top + 2)]
            )
        else:
            marks += "".join(shapes.rect(left + step * wide / 4.4, top - 14, wide / 8, 18) for step in range(5))
        panes += shapes.oval(x + dx, top + 60, 6, 12) + shapes.oval(x + dx, top + 130, 5, 10)
    scene.add(MID, shapes.paint(marks, scene.fall(MID, -560, 60, depth=0.62)))
    scene.add(MID, shapes.paint(panes, light.lamp if light.dark else light.tone(0.35), opacity=0.9))
    if light.dark:
        scene.add(MID, scene.brush.glow(x + 20, -450, 130, light.lamp, 0.6))
    scene.mist(MID, -90, 90, 0.9)
    hills(scene, NEAR, 70, depth=0.78, steps=30, rough=0.5, lift=-90)
    scene.add(
        NEAR,
        shapes.paint(
            shapes.rect(-REACH, 90, 2 * REACH, DEEP),
            scene.brush.linear((0, 90), (0, 420), (0, light.tone(0.8), 1), (1, light.tone(1), 1)),
        ),
    )
    scene.add(
        FRONT,
        shapes.paint(bare_tree(chance, 1000 if x < 0 else -1000, 430, 1500, lean=-12 if x < 0 else 12), light.ink),
    )


def ship(scene: Scenery) -> None:
    """Build a deck at sea: mast, rigging, rail and swell."""
    sky(scene)
    headland(scene)
    water(scene)
    swell(scene)
    scene.planes[FRONT].clear()
    light, chance = scene.light, scene.random
    x = chance.choice((-1, 1)) * chance.uniform(330, 470)
    lines = [shapes.line([(x, -1300), (x + side * reach, 150)]) for side in (-1, 1) for reach in (150, 190, 230, 900)]
    rungs = [
        shapes.line(
            [
                (x + side * (150 + share * 1.1) * (1 - share / 150), 130 - share * 8.6),
                (x + side * 230 * (1 - share / 150), 130 - share * 8.6),
            ]
        )
        for side in (-1, 1)
        for share in range(6, 120, 9)
    ]
    scene.add(NEAR, shapes.stroke("".join(lines + rungs), light.tone(0.88), 2.6))
    mast = shapes.limb((x, 200), (x, -1400), 15, 10) + shapes.limb((x - 420, -520), (x + 420, -560), 8, 8)
    sail = shapes.curve([(x - 400, -520), (x, -500), (x + 400, -555), (x + 330, -490), (x, -440), (x - 350, -460)])
    scene.add(NEAR, shapes.paint(sail, light.tone(0.86)), shapes.paint(mast, light.tone(0.9)))
    deck = scene.brush.linear(
        (0, 130), (0, 440), (0, colours.mix(light.tone(0.8), light.low, 0.25), 1), (1, light.tone(1), 1)
    )
    planks = "".join(shapes.line([(px * 0.7, 132), (px * 1.9, 520)]) for px in range(-2200, 2200, 70))
    rail = "".join(shapes.limb((px, 135), (px, 50), 6, 4) for px in range(-2280, 2300, 84)) + shapes.rect(
        -REACH, 38, 2 * REACH, 13
    )
    scene.add(
        NEAR,
        shapes.paint(shapes.rect(-REACH, 130, 2 * REACH, DEEP), deck),
        shapes.stroke(planks, light.tone(1), 1.6, opacity=0.5),
        shapes.paint(rail, light.tone(0.93)),
    )


def train(scene: Scenery) -> None:
    """Build rails running to the horizon, signal and poles, a train waiting."""
    sky(scene)
    light = scene.light
    hills(scene, BACK, 130, depth=0.2, steps=24, rough=0.45)
    scene.mist(BACK, -120, 40, 0.7)
    scene.floor(far=0.5)
    x = scene.random.choice((-1, 1))
    sleepers = "".join(
        shapes.poly(
            [(-50 * k - 8, 4 + 38 * k), (50 * k + 8, 4 + 38 * k), (54 * k + 8, 8 + 42 * k), (-54 * k - 8, 8 + 42 * k)]
        )
        for k in (0.2, 0.5, 1, 1.7, 2.7, 4.2, 6.4, 9.5, 13)
    )
    scene.add(MID, shapes.paint(sleepers, light.tone(0.85)))
    rails = "".join(
        shapes.poly([(side * 4, 2), (side * 5.5, 2), (side * 560, 520), (side * 540, 520)]) for side in (-1, 1)
    )
    scene.add(MID, shapes.paint(rails, colours.mix(light.tone(0.5), light.sun, 0.55)))
    cars = [(x * (60 / far), -150 / far, x * 760 / far, 270 / far) for far in (5, 3.3, 2.2, 1.4)]
    for place, (inner, top, outer, tall) in enumerate(cars):
        left, right = sorted((inner * 2.2 + x * 40, outer + x * 120))
        scene.add(
            MID,
            shapes.paint(
                shapes.rect(left, top - 40, right - left, tall),
                scene.fall(MID, top, top + tall, depth=0.5 + place * 0.12),
            ),
        )
        panes = windows(scene.random, (left, top - 10, right - left, tall * 0.34), (5, 1), 1.0)
        scene.add(MID, shapes.paint(panes, light.lamp, opacity=0.85 if light.dark else 0.4))
    poles = "".join(
        shapes.rect(-x * 330 / k - 5 / k, -520 / k, 10 / k, 640 / k)
        + shapes.rect(-x * 330 / k - 70 / k, -500 / k, 140 / k, 8 / k)
        for k in (1.0, 1.7, 2.8, 4.6)
    )
    scene.add(NEAR, shapes.paint(poles, light.tone(0.88)))
    scene.sun = (0, -80)


def road(scene: Scenery) -> None:
    """Build a road to the horizon with a car on it, its lamps on."""
    field_edge = 60
    sky(scene)
    chance, light = scene.random, scene.light
    hills(scene, BACK, 200, depth=0.15, steps=30, rough=0.5)
    hills(scene, BACK, 90, depth=0.38, steps=24, rough=0.45)
    scene.mist(BACK, -140, 50, 0.7)
    scene.floor(far=0.55)
    way = scene.brush.linear(
        (0, 0), (0, 420), (0, colours.mix(light.tone(0.5), light.low, 0.4), 1), (1, light.tone(0.8), 1)
    )
    scene.add(MID, shapes.paint(shapes.poly([(-8, 0), (8, 0), (760, 560), (-760, 560)]), way))
    dashes = "".join(
        shapes.poly([(-0.6 * k, 6 + 22 * k), (0.6 * k, 6 + 22 * k), (0.9 * k, 6 + 30 * k), (-0.9 * k, 6 + 30 * k)])
        for k in (0.5, 1.2, 2.4, 4.2, 7, 11, 16)
    )
    scene.add(MID, shapes.paint(dashes, light.sun, opacity=0.6))
    poles = "".join(
        shapes.rect(side * 300 / k - 4 / k, -360 / k, 8 / k, 460 / k)
        + shapes.rect(side * 300 / k - 50 / k, -345 / k, 100 / k, 6 / k)
        for k in (0.8, 1.4, 2.3, 4)
        for side in (-1,)
    )
    scene.add(NEAR, shapes.paint(poles, light.tone(0.85)))
    x = chance.choice((-1, 1)) * 300
    car = shapes.curve(
        [
            (x - 170, 130),
            (x - 176, 84),
            (x - 120, 66),
            (x - 70, 22),
            (x + 40, 20),
            (x + 96, 66),
            (x + 170, 82),
            (x + 178, 130),
        ],
        tension=0.6,
    )
    wheels = shapes.oval(x - 104, 134, 31) + shapes.oval(x + 106, 134, 31)
    scene.add(NEAR, shapes.paint(car + wheels, light.ink))
    glass = shapes.poly([(x - 62, 32), (x + 34, 30), (x + 78, 64), (x - 104, 66)])
    scene.add(NEAR, shapes.paint(glass, colours.mix(light.low, light.tone(0.3), 0.4), opacity=0.6))
    if light.dark:
        scene.add(
            NEAR, scene.brush.glow(x + 176, 96, 260, light.lamp, 0.9), scene.brush.glow(x - 176, 96, 70, "#ff4a30", 0.8)
        )
    scene.add(FRONT, shapes.paint(grass(chance, (-REACH, -300 - field_edge), 440, 190, 80), light.ink))
