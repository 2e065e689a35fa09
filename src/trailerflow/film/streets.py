"""Streets: the town from outside: houses in perspective, skylines, roofs.

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
    sky,
    windows,
)


def street(scene: Scenery) -> None:
    """Build houses on both sides running to one point of light, lamps, wires."""
    sky(scene)
    chance, light = scene.random, scene.light
    scene.sun = (chance.uniform(-60, 60), -110)
    skyline(scene, BACK, 260, 0.2, lit=0.3)
    scene.floor(near=0.95, far=0.45)
    wet = light.lamp if light.dark else light.sun
    scene.add(MID, scene.brush.glow(scene.sun[0], -30, 620, wet, 0.5))
    scene.add(MID, scene.brush.glow(scene.sun[0], 130, 300, wet, 0.34, squash=1.2))
    for place, far in enumerate((6.0, 4.4, 3.2, 2.3, 1.6)):
        plane, depth = (MID if far > 2 else NEAR), 0.3 + 0.13 * place
        for side in (-1, 1):
            _front(scene, plane, side, far, depth)
        scene.mist(plane, -420 / far - 60, 260 / far, 0.42)
    for far in (4.6, 3.0, 1.9):
        for side in (-1, 1):
            lantern(scene, MID if far > 2 else NEAR, side * 520 / far, 300 / far, 620 / far)
    wires = [
        shapes.curve([(-1500, -760 + shift), (0, -470 + shift), (1500, -720 + shift * 2)], closed=False)
        for shift in (0, 34)
    ]
    scene.add(NEAR, shapes.stroke("".join(wires), light.tone(0.95), 2.4, opacity=0.8))
    scene.add(FRONT, shapes.paint(shapes.rect(-900, -1400, 90, 2400) + shapes.rect(-925, 300, 140, 900), light.ink))


def _front(scene: Scenery, plane: float, side: int, far: float, depth: float) -> None:
    """One house of a street: its front towards us, the wall along the street catching light."""
    chance, light = scene.random, scene.light
    inner, tall, foot = 640 / far, chance.uniform(900, 1500) / far, 300 / far
    outer = inner + 2300 / far**0.5
    left, right = sorted((side * inner, side * outer))
    roof = chance.choice(("flat", "gable", "step"))
    tone = scene.fall(plane, -tall, foot, depth=depth)
    top = {
        "flat": [],
        "gable": [((left + right) / 2, -tall - 240 / far)],
        "step": [
            ((left + right) / 2 - side * 200 / far, -tall),
            ((left + right) / 2 - side * 200 / far, -tall - 160 / far),
        ],
    }[roof]
    corners = [(left, foot), (left, -tall), *top, (right, -tall - (160 / far if roof == "step" else 0)), (right, foot)]
    scene.add(plane, shapes.paint(shapes.poly(corners), tone))
    edge = colours.mix(light.tone(depth), light.lamp if light.dark else light.sun, 0.28)
    depth_in = side * inner * 0.86
    scene.add(
        plane,
        shapes.paint(
            shapes.poly(
                [(side * inner, -tall), (depth_in, -tall * 0.88), (depth_in, foot * 0.88), (side * inner, foot)]
            ),
            edge,
            opacity=0.55,
        ),
    )
    panes = windows(
        chance,
        (left + 30 / far, -tall + 60 / far, right - left - 60 / far, tall * 0.85),
        (max(3, int((right - left) * far / 190)), 6),
        0.34 if light.dark else 0.7,
    )
    colour, veil = (light.lamp, 0.8) if light.dark else (light.tone(depth - 0.18), 0.45)
    scene.add(plane, shapes.paint(panes, colour, opacity=veil))


def lantern(scene: Scenery, plane: float, x: float, foot: float, tall: float) -> None:
    """Stand a street lamp on a plane; it is lit when it is dark."""
    light, thick = scene.light, tall * 0.012
    reach = -tall * 0.13 if x > 0 else tall * 0.13
    post = shapes.rect(x - thick, foot - tall, 2 * thick, tall) + shapes.limb(
        (x, foot - tall), (x + reach, foot - tall * 1.02), thick, thick
    )
    scene.add(
        plane, shapes.paint(post + shapes.oval(x + reach, foot - tall, tall * 0.035, tall * 0.016), light.tone(0.9))
    )
    if light.dark:
        spot = (x + reach, foot - tall * 0.985)
        cone = scene.brush.linear((0, spot[1]), (0, foot), (0, light.lamp, 0.34), (1, light.lamp, 0.02))
        scene.add(
            plane,
            shapes.paint(
                shapes.poly(
                    [
                        (spot[0] - 4, spot[1]),
                        (spot[0] + 4, spot[1]),
                        (spot[0] + tall * 0.28, foot),
                        (spot[0] - tall * 0.28, foot),
                    ]
                ),
                cone,
            ),
        )
        scene.add(plane, scene.brush.glow(*spot, tall * 0.3, light.lamp, 0.85))


def skyline(scene: Scenery, plane: float, tall: float, depth: float, *, lit: float, foot: float = 30) -> None:
    """Raise a row of towers with windows."""
    chance, light = scene.random, scene.light
    x, outline, panes = -REACH, [(-REACH, foot)], ""
    while x < REACH:
        wide, high = chance.uniform(60, 170), tall * (0.35 + 0.65 * chance.random() ** 1.6)
        outline += [(x, -high), (x + wide, -high)]
        if chance.random() < 0.25:
            middle = x + wide / 2
            outline[-1:] = [(middle - 3, -high), (middle, -high - tall * 0.22), (middle + 3, -high), (x + wide, -high)]
        panes += windows(
            chance,
            (x + 6, -high + 10, wide - 12, high - 10),
            (max(2, int(wide / 22)), max(3, int(high / 26))),
            lit if light.dark else 0.0,
        )
        x += wide + chance.choice((0, 0, 14))
    outline.append((x, foot))
    scene.add(plane, shapes.paint(shapes.poly(outline), scene.fall(plane, -tall, foot, depth=depth)))
    if panes:
        scene.add(plane, shapes.paint(panes, light.lamp, opacity=0.3 + 0.5 * depth))
    scene.mist(plane, -tall * 0.55, foot + 20, 0.8)


def city(scene: Scenery) -> None:
    """Build towers behind towers, an open square before them."""
    sky(scene)
    for tall, depth in ((560, 0.1), (430, 0.3)):
        skyline(scene, BACK, tall, depth, lit=0.35)
    skyline(scene, MID, 300, 0.52, lit=0.3)
    scene.floor(far=0.55)
    rail = "".join(shapes.rect(x, 60, 5, 70) for x in range(-2300, 2300, 46)) + shapes.rect(-REACH, 56, 2 * REACH, 8)
    scene.add(NEAR, shapes.paint(rail, scene.light.tone(0.85)))
    for x in (-760, 760):
        lantern(scene, NEAR, x, 190, 560)
    scene.add(FRONT, shapes.paint(bare_tree(scene.random, -1080, 420, 1500, lean=10), scene.light.ink))


def rooftop(scene: Scenery) -> None:
    """Build a roof above the city: parapet, tank, chimneys, aerials."""
    sky(scene)
    skyline(scene, BACK, 330, 0.15, lit=0.35, foot=150)
    skyline(scene, BACK, 210, 0.4, lit=0.35, foot=160)
    scene.mist(BACK, -60, 170, 0.8)
    light, chance = scene.light, scene.random
    side = chance.choice((-1, 1))
    x = side * chance.uniform(430, 600)
    legs = "".join(shapes.limb((x + dx, 90), (x + dx * 0.8, -140), 5, 5) for dx in (-70, -24, 24, 70))
    tank = shapes.rect(x - 84, -330, 168, 190) + shapes.poly([(x - 96, -328), (x, -420), (x + 96, -328)])
    scene.add(MID, shapes.paint(legs + tank, scene.fall(MID, -420, 90, depth=0.75)))
    aerial = shapes.line([(-x * 0.9, 90), (-x * 0.9, -260)]) + "".join(
        shapes.line([(-x * 0.9 - 60, y), (-x * 0.9 + 60, y - 8)]) for y in (-240, -205, -170)
    )
    scene.add(MID, shapes.stroke(aerial, light.tone(0.75), 5))
    chimneys = "".join(
        shapes.rect(cx, 70 - tall, 54, tall + 30) + shapes.rect(cx - 6, 62 - tall, 66, 14)
        for cx, tall in ((-1300, 170), (-980, 110), (900, 150), (1240, 210), (-x * 0.6, 80))
    )
    scene.add(MID, shapes.paint(chimneys, light.tone(0.72)))
    roof = scene.brush.linear(
        (0, 70), (0, 420), (0, colours.mix(light.tone(0.75), light.low, 0.2), 1), (1, light.tone(1), 1)
    )
    scene.add(NEAR, shapes.paint(shapes.rect(-REACH, 70, 2 * REACH, DEEP), roof))
    scene.add(NEAR, shapes.paint(shapes.rect(-REACH, 64, 2 * REACH, 16), colours.mix(light.tone(0.7), light.sun, 0.2)))
