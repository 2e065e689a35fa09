"""Airfields: an aeroplane before its hangars, as those see it who go aboard.

Called by `backdrops`. Builds from far to near on a `Scenery`.
"""

from trailerflow.film import colours
from trailerflow.film.scenery import BACK, MID, NEAR, Scenery, hills, side_of, sky
from trailerflow.film.shapes import curve, oval, paint, poly, rect


def runway(scene: Scenery) -> None:
    """Build an airfield: an aeroplane before its hangars, the tower, lights along the runway."""
    sky(scene)
    light, side = scene.light, side_of(scene)
    hills(scene, BACK, 60, depth=0.15, steps=20, rough=0.4)
    tower = -side * 560
    scene.cut(
        BACK,
        poly([(tower - 40, 20), (tower - 28, -330), (tower + 28, -330), (tower + 40, 20)])
        + poly([(tower - 60, -330), (tower - 86, -420), (tower + 86, -420), (tower + 60, -330)])
        + rect(tower - 96, -440, 192, 24)
        + rect(tower - 3, -520, 6, 84),
        0.5,
    )
    scene.add(
        BACK,
        paint(
            poly([(tower - 62, -344), (tower - 80, -408), (tower + 80, -408), (tower + 62, -344)]),
            light.lamp,
            opacity=0.8 if light.dark else 0.4,
        ),
    )
    scene.cut(
        BACK,
        "".join(
            curve([(x - 200, 20), (x - 190, -100), (x, -170), (x + 190, -100), (x + 200, 20)], tension=0.6)
            for x in (side * 620, side * 1040)
        ),
        0.4,
    )
    scene.mist(BACK, -120, 40, 0.7)
    scene.floor(far=0.5)
    _airliner(scene, side)


def _airliner(scene: Scenery, side: int) -> None:
    """Stand an aeroplane on the tarmac, lights along the runway."""
    light = scene.light
    x, pale = side * 120, colours.mix(light.tone(0.15), light.low, 0.6)
    body = curve(
        [
            (x - side * 620, -150),
            (x - side * 540, -214),
            (x + side * 420, -214),
            (x + side * 560, -170),
            (x + side * 590, -140),
            (x + side * 480, -96),
            (x - side * 360, -96),
        ],
        tension=0.6,
    )
    tail = poly([(x - side * 590, -190), (x - side * 660, -430), (x - side * 540, -430), (x - side * 380, -206)])
    scene.add(MID, paint(tail, colours.mix(light.tone(0.5), light.lamp, 0.4)), paint(body, pale))
    scene.add(
        MID,
        paint(
            "".join(oval(x + side * (400 - 44 * step), -172, 9, 12) for step in range(19)),
            light.lamp if light.dark else light.tone(0.8),
        ),
    )
    wing = poly([(x + side * 60, -120), (x - side * 330, 20), (x - side * 230, 20), (x + side * 220, -116)])
    gear = (
        rect(x + side * 400, -100, 10, 130)
        + oval(x + side * 404, 34, 26)
        + rect(x - side * 40, -100, 12, 140)
        + oval(x - side * 34, 40, 32)
    )
    scene.cut(MID, gear + oval(x - side * 60, -44, 90, 40), 0.8)
    scene.cut(MID, wing, 0.62)
    marks = "".join(
        poly([(px * 0.3, 90), ((px + 40) * 0.3, 90), (px + 40, 440), (px, 440)]) for px in range(-1800, 1800, 300)
    )
    scene.add(MID, paint(marks, light.low, opacity=0.4))
    for px in range(-2100, 2101, 210):
        scene.add(NEAR, paint(oval(px, 150, 9), "#8fd0ff"), scene.brush.glow(px, 148, 70, "#8fd0ff", 0.6))
