"""Halls: churches, great halls, courts and cells.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours, shapes
from trailerflow.film.interiors import Box, chair, pane, shell
from trailerflow.film.scenery import (
    BACK,
    FAR,
    FRONT,
    MID,
    NEAR,
    REACH,
    Scenery,
)


def arch(x: float, foot: float, wide: float, tall: float) -> str:
    """Return a pointed arch."""
    half, spring = wide / 2, foot - tall * 0.6
    return (
        f"M{shapes.points_of([(x - half, foot)])}L{shapes.points_of([(x - half, spring)])}"
        f"Q{shapes.points_of([(x - half, foot - tall * 0.88), (x, foot - tall)])}"
        f"Q{shapes.points_of([(x + half, foot - tall * 0.88), (x + half, spring)])}"
        f"L{shapes.points_of([(x + half, foot)])}Z"
    )


def lancet(scene: Scenery, x: float, foot: float, wide: float, tall: float) -> None:
    """Build a lancet window and its beam."""
    light, brush = scene.light, scene.brush
    fill = brush.linear(
        (0, foot - tall),
        (0, foot),
        (0, light.middle, 1),
        (0.6, colours.mix(light.low, light.sun, 0.4), 1),
        (1, light.low, 1),
    )
    scene.add(
        BACK,
        brush.glow(x, foot - tall / 2, tall * 0.8, light.sun, 0.45),
        shapes.paint(arch(x, foot, wide, tall), fill),
    )
    lead = shapes.line([(x, foot), (x, foot - tall)]) + "".join(
        shapes.line([(x - wide / 2, y), (x + wide / 2, y)])
        for y in (foot - tall * 0.2, foot - tall * 0.4, foot - tall * 0.6)
    )
    scene.add(BACK, shapes.stroke(lead, scene.light.tone(0.85), 5))
    beam = brush.linear((x, foot - tall), (x + 240, 260), (0, light.sun, 0.26), (1, light.sun, 0))
    scene.shafts.append(
        shapes.paint(
            shapes.poly(
                [
                    (x - wide / 2, foot - tall * 0.8),
                    (x + wide / 2, foot - tall * 0.8),
                    (x + wide + 330, 280),
                    (x + 140, 280),
                ]
            ),
            beam,
        )
    )


def columns(scene: Scenery, plane: float, places: tuple[float, ...], wide: float, depth: float) -> None:
    """Raise columns on a plane, each with a lit edge."""
    marks = "".join(
        shapes.rect(x - wide / 2, -1600, wide, 1700)
        + shapes.rect(x - wide * 0.8, 60, wide * 1.6, 60)
        + shapes.rect(x - wide * 0.7, 40, wide * 1.4, 24)
        for x in places
    )
    scene.add(plane, shapes.paint(marks, scene.fall(plane, -700, 120, depth=depth)))
    edge = colours.mix(scene.light.tone(depth), scene.light.key, 0.35)
    strips = "".join(
        shapes.rect(x + (-wide / 2 if x > scene.sun[0] else wide / 2 - wide * 0.1), -1600, wide * 0.1, 1640)
        for x in places
    )
    scene.add(plane, shapes.paint(strips, edge, opacity=0.6))


def church(scene: Scenery) -> None:
    """Build a nave: lancets, columns, pews, candles."""
    shell(scene, ceiling=-1500)
    scene.sun = (0, -420)
    for place, tall in ((-420, 470), (-210, 560), (0, 680), (210, 560), (420, 470)):
        lancet(scene, place, -150, 110 if place else 150, tall)
    light = scene.light
    altar = (
        shapes.rect(-150, -90, 300, 110)
        + shapes.rect(-180, -104, 360, 16)
        + shapes.rect(-7, -260, 14, 156)
        + shapes.rect(-44, -220, 88, 13)
    )
    scene.add(BACK, shapes.paint(altar, light.tone(0.7)))
    columns(scene, MID, (-560, 560, -1150, 1150), 92, 0.72)
    for foot, plane, tone in ((90, MID, 0.75), (170, NEAR, 0.86), (280, NEAR, 0.97)):
        high = foot * 0.62 + 30
        pews = "".join(
            shapes.rect(start, foot - high, 1900, high) + shapes.rect(start - 8, foot - high - 10, 1916, 14)
            for start in (-2080, 180)
        )
        scene.add(plane, shapes.paint(pews, light.tone(tone)))
    for x in (-190, -230, 190, 230, -320, 320):
        scene.add(MID, shapes.paint(shapes.rect(x - 4, -190, 8, 120) + shapes.oval(x, -66, 16, 5), light.tone(0.85)))
        scene.add(
            MID, shapes.paint(shapes.oval(x, -202, 5, 11), light.lamp), scene.brush.glow(x, -202, 110, light.lamp, 0.7)
        )


def hall(scene: Scenery) -> None:
    """Build a great hall: arches, banners, a fire."""
    shell(scene, ceiling=-1200)
    light, side = scene.light, scene.random.choice((-1, 1))
    scene.sun = (side * 330, -300)
    for x in (-760, -250, 250, 760):
        if x * side < 0 or abs(x) > 300:
            lancet(scene, x, -230, 130, 420)
    hearth = side * 250
    scene.add(
        BACK,
        shapes.paint(
            shapes.rect(hearth - 190, -330, 380, 350) + shapes.rect(hearth - 230, -360, 460, 36), light.tone(0.75)
        ),
        shapes.paint(arch(hearth, 10, 240, 260), light.ink),
    )
    flames = "".join(
        shapes.curve(
            [
                (hearth + dx - 22, 4),
                (hearth + dx - 14, -tall * 0.5),
                (hearth + dx + 4, -tall),
                (hearth + dx + 14, -tall * 0.45),
                (hearth + dx + 22, 4),
            ]
        )
        for dx, tall in ((-50, 80), (0, 130), (46, 90))
    )
    scene.add(
        BACK,
        shapes.paint(flames, colours.mix(light.lamp, "#ff8a2a", 0.45)),
        scene.brush.glow(hearth, -60, 620, colours.mix(light.lamp, "#ff8a2a", 0.3), 0.75),
    )
    banners = "".join(
        shapes.poly([(x - 44, -780), (x + 44, -780), (x + 44, -430), (x, -390), (x - 44, -430)]) for x in (-505, 0, 505)
    )
    scene.add(BACK, shapes.paint(banners, light.tone(0.6)))
    columns(scene, MID, (-1000, -505, 505, 1000), 74, 0.78)
    scene.add(
        NEAR,
        shapes.paint(
            shapes.rect(-side * 620 - 420, 30, 840, 26)
            + shapes.rect(-side * 620 - 380, 50, 26, 150)
            + shapes.rect(-side * 620 + 350, 50, 26, 150)
            + "".join(chair(-side * 620 + dx, 215, 1.05, turned=dx > 0) for dx in (-500, 500)),
            light.tone(0.95),
        ),
    )


def court(scene: Scenery) -> None:
    """Build a courtroom: the high bench, panels, lamps, the bar."""
    shell(scene)
    light = scene.light
    scene.sun = (0, -420)
    scene.add(FAR, scene.brush.glow(0, -400, 760, light.lamp, 0.6))
    for x in (-520, 520):
        lancet(scene, x, -210, 170, 430)
    panels = "".join(shapes.rect(px, -230, 108, 200) for px in range(-2200, 2200, 128))
    scene.add(
        BACK,
        shapes.paint(shapes.rect(-REACH, -250, 2 * REACH, 250), light.tone(0.6)),
        shapes.paint(panels, light.tone(0.7)),
    )
    seal = shapes.oval(0, -470, 92)
    scene.add(
        BACK, shapes.paint(seal, light.tone(0.65)), shapes.stroke(shapes.oval(0, -470, 70), light.lamp, 5, opacity=0.6)
    )
    bench = (
        shapes.rect(-330, -210, 660, 240)
        + shapes.rect(-356, -226, 712, 22)
        + shapes.rect(-70, -380, 140, 160)
        + shapes.oval(0, -380, 70, 34)
    )
    scene.add(MID, shapes.paint(bench, scene.fall(MID, -400, 40, depth=0.8)))
    for x in (-250, 250):
        scene.add(
            MID,
            shapes.paint(
                shapes.rect(x - 3, -280, 6, 56)
                + shapes.poly([(x - 34, -276), (x + 34, -276), (x + 22, -304), (x - 22, -304)]),
                light.tone(0.95),
            ),
            scene.brush.glow(x, -270, 210, light.lamp, 0.7),
        )
    rail = shapes.rect(-REACH, 30, 2 * REACH, 18) + "".join(
        shapes.limb((px, 40), (px, 170), 9, 12) for px in range(-2280, 2300, 76)
    )
    scene.add(NEAR, shapes.paint(rail + shapes.rect(-REACH, 160, 2 * REACH, 22), light.tone(0.95)))


def prison(scene: Scenery) -> None:
    """Build a cell: a high barred window, a bunk, bars before us."""
    side = scene.random.choice((-1, 1))
    box: Box = (side * 170 - 90, -590, 180, 170)
    shell(scene, window=box)
    pane(scene, box, bars=(5, 1))
    light, chance = scene.light, scene.random
    bricks = "".join(
        shapes.line([(x, y), (x + 70, y)])
        for y in range(-720, 0, 48)
        for x in range(-1500, 1500, 150)
        if chance.random() < 0.45
    )
    scene.add(FAR, shapes.stroke(bricks, light.tone(0.75), 2.4, opacity=0.5))
    x = -side * 420
    bunk = (
        shapes.rect(x - 260, -90, 520, 34)
        + shapes.rect(x - 260, -300, 520, 28)
        + shapes.rect(x - 262, -420, 14, 500)
        + shapes.rect(x + 248, -420, 14, 500)
    )
    cover = shapes.curve([(x - 250, -88), (x - 200, -128), (x, -116), (x + 240, -120), (x + 252, -88)], tension=0.6)
    scene.add(MID, shapes.paint(bunk + cover, scene.fall(MID, -420, 80, depth=0.8)))
    scene.add(
        MID,
        shapes.paint(
            shapes.rect(side * 560 - 60, -60, 120, 20) + shapes.rect(side * 560 - 50, -60, 30, 130), light.tone(0.8)
        ),
    )
    bars = (
        "".join(shapes.rect(px, -1500, 20, 3000) for px in range(-2090, 2100, 220))
        + shapes.rect(-REACH, -420, 2 * REACH, 26)
        + shapes.rect(-REACH, 250, 2 * REACH, 30)
    )
    scene.add(FRONT, shapes.paint(bars, light.ink))
