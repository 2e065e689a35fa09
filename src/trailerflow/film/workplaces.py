"""Workplaces: offices, corridors, wards, classrooms.

Called by `backdrops`. Furnishes the shell of `interiors`.
"""

from trailerflow.film import colours, shapes
from trailerflow.film.interiors import Box, chair, pane, shell, shelves, table
from trailerflow.film.scenery import (
    BACK,
    FAR,
    FRONT,
    MID,
    NEAR,
    Scenery,
    side_of,
)


def office(scene: Scenery) -> None:
    """Build an office high up: blinds, desks, a screen's light."""
    box: Box = (-620, -560, 1240, 380)
    shell(scene, window=box)
    pane(scene, box, bars=(5, 1), view="town")
    light, side = scene.light, side_of(scene)
    slats = "".join(shapes.rect(-620, -556 + step * 17, 1240, 6) for step in range(9))
    scene.add(BACK, shapes.paint(slats, light.tone(0.8), opacity=0.75))
    for x in (-760, 760, -side * 180):
        desk = (
            table(x, -30, 330, 110)
            + shapes.rect(x + side * 60 - 55, -120, 110, 74)
            + shapes.rect(x + side * 60 - 5, -50, 10, 22)
        )
        scene.add(MID, shapes.paint(desk + chair(x - side * 30, 130, 0.95, turned=side > 0), light.tone(0.8)))
        scene.add(MID, scene.brush.glow(x + side * 60, -84, 150, "#bfe3ff", 0.4 if light.dark else 0.12))
    scene.add(MID, shapes.paint(shelves(scene, side * 1100 - 120, 240, top=-470), light.tone(0.78)))
    lamps = "".join(shapes.rect(x - 130, -700, 260, 12) for x in (-900, -300, 300, 900))
    scene.add(BACK, shapes.paint(lamps, light.lamp, opacity=0.85))
    scene.add(FRONT, shapes.paint(shapes.rect(side * 930 - 40, -1500, 110, 3000), light.ink))


def corridor(scene: Scenery) -> None:
    """Build a corridor to a far door, lamps at even steps."""
    light = scene.light
    shell(scene)
    scene.sun = (0, -180)
    scene.add(FAR, scene.brush.glow(0, -150, 480, light.key, 0.7))
    scene.add(BACK, shapes.paint(shapes.rect(-50, -190, 100, 190), colours.mix(light.key, light.tone(0.3), 0.25)))
    for place, far in enumerate((5.2, 3.6, 2.5, 1.7, 1.1)):
        plane, depth = (BACK if far > 3 else MID if far > 1.5 else NEAR), 0.35 + 0.13 * place
        x, top, foot = 520 / far, -780 / far, 240 / far
        for side in (-1, 1):
            wall = shapes.poly(
                [
                    (side * x, top),
                    (side * (x * 1.5), top * 1.45),
                    (side * (x * 1.5 + 2500), top * 1.45),
                    (side * (x * 1.5 + 2500), foot * 1.5),
                    (side * x * 1.5, foot * 1.5),
                    (side * x, foot),
                ]
            )
            scene.add(plane, shapes.paint(wall, light.tone(depth)))
            door = shapes.poly(
                [
                    (side * x * 1.08, top * 0.62),
                    (side * x * 1.34, top * 0.72),
                    (side * x * 1.34, foot * 1.32),
                    (side * x * 1.08, foot * 1.07),
                ]
            )
            scene.add(plane, shapes.paint(door, light.tone(depth + 0.22)))
        lamp = shapes.poly([(-70 / far, top), (70 / far, top), (90 / far, top * 1.12), (-90 / far, top * 1.12)])
        scene.add(
            plane, shapes.paint(lamp, light.lamp, opacity=0.92), scene.brush.glow(0, top, 300 / far, light.lamp, 0.5)
        )
        scene.add(plane, scene.brush.glow(0, foot * 1.2, 260 / far, light.lamp, 0.22, squash=0.3))


def hospital(scene: Scenery) -> None:
    """Build a ward: bed with rails, drip, monitor, a curtain, cold light."""
    side = side_of(scene)
    box: Box = (side * 260 - 190, -540, 380, 300)
    shell(scene, window=box, tiles=True)
    pane(scene, box, bars=(3, 1))
    light, x = scene.light, -side * 300
    folds = [(-side * (700 + step * 46), -620 if step % 2 == 0 else -612) for step in range(9)]
    curtain = shapes.poly([*folds, (-side * 1068, 20), (-side * 700, 20)])
    scene.add(BACK, shapes.paint(curtain, colours.mix(light.tone(0.3), light.low, 0.35), opacity=0.85))
    scene.add(
        BACK,
        shapes.stroke("".join(shapes.line([(px, -612), (px, 20)]) for px, _ in folds), light.tone(0.6), 5, opacity=0.5),
    )
    bed = (
        shapes.rect(x - 230, -60, 460, 44)
        + shapes.rect(x - 240, -190, 12, 300)
        + shapes.rect(x + 230, -120, 12, 230)
        + shapes.rect(x - 160, -16, 12, 120)
        + shapes.rect(x + 150, -16, 12, 120)
    )
    sheet = shapes.curve(
        [(x - 226, -62), (x - 190, -120), (x - 100, -112), (x, -94), (x + 150, -100), (x + 228, -62)], tension=0.6
    )
    scene.add(
        MID, shapes.paint(sheet, colours.mix(light.tone(0.35), light.low, 0.45)), shapes.paint(bed, light.tone(0.85))
    )
    lamps = "".join(shapes.rect(px - 120, -690, 240, 14) for px in (-600, 0, 600))
    scene.add(BACK, shapes.paint(lamps, light.lamp, opacity=0.9))
    _monitors(scene, x)


def _monitors(scene: Scenery, x: float) -> None:
    """Stand the drip and the screen with the heart's beat beside a bed."""
    light = scene.light
    drip = (
        shapes.rect(x - 320, -420, 6, 520)
        + shapes.rect(x - 350, -420, 66, 6)
        + shapes.oval(x - 344, -376, 14, 30)
        + shapes.oval(x - 317, 104, 50, 7)
    )
    scene.add(MID, shapes.paint(drip, light.tone(0.88)))
    screen = x + 330
    scene.add(
        MID,
        shapes.paint(
            shapes.rect(screen - 64, -330, 128, 96)
            + shapes.rect(screen - 4, -234, 8, 330)
            + shapes.oval(screen, 100, 50, 7),
            light.tone(0.9),
        ),
    )
    beat = shapes.line(
        [
            (screen - 52, -280),
            (screen - 22, -280),
            (screen - 14, -306),
            (screen - 4, -256),
            (screen + 6, -280),
            (screen + 52, -280),
        ]
    )
    scene.add(MID, shapes.stroke(beat, "#7dffb0", 4), scene.brush.glow(screen, -282, 150, "#7dffb0", 0.3))


def school(scene: Scenery) -> None:
    """Build a classroom: blackboard, clock, rows of desks."""
    side = side_of(scene)
    box: Box = (side * 760 - 150, -560, 300, 380)
    shell(scene, window=box)
    pane(scene, box, bars=(2, 4))
    light = scene.light
    scene.add(
        BACK,
        shapes.paint(shapes.rect(-470, -470, 900, 300), light.tone(0.72)),
        shapes.paint(shapes.rect(-454, -454, 868, 268), colours.mix(light.tone(0.85), "#1f4a3a", 0.3)),
    )
    chalk = "".join(
        shapes.line([(-400, y), (-400 + wide, y - 4)]) for y, wide in ((-400, 300), (-350, 420), (-300, 240))
    ) + shapes.oval(220, -330, 70)
    scene.add(BACK, shapes.stroke(chalk, "#f4f1e0", 4, opacity=0.5))
    clock = -side * 600
    scene.add(
        BACK,
        shapes.paint(shapes.oval(clock, -500, 46), colours.mix(light.tone(0.2), light.low, 0.6)),
        shapes.stroke(shapes.line([(clock, -534), (clock, -500), (clock + 22, -488)]), light.ink, 5),
    )
    for row, (foot, size, plane, tone) in enumerate(
        ((60, 0.62, MID, 0.7), (140, 0.85, MID, 0.82), (250, 1.15, NEAR, 0.94))
    ):
        marks = "".join(
            table(x, foot - 120 * size, 210 * size, foot) + chair(x - 100 * size, foot + 12, size)
            for x in (step * 390 * size + row * 60 for step in range(-6, 7))
        )
        scene.add(plane, shapes.paint(marks, light.tone(tone)))
