"""Panels: one shot drawn as a layered shadow theatre, and its picture.

Called by the local illustrator. Everything is decided by the order: the place's seed fixes its shapes, the look a
character's outline and colour, the shot's seed the camera. Never uses chance of its own or the clock.
"""

from dataclasses import replace
from random import Random

from trailerflow.film import backdrops, colours, framing, light, objects, people, prints, shapes
from trailerflow.film.crew import Desk, Panel, PanelOrder
from trailerflow.film.drawing import Drawing, Layer
from trailerflow.film.framing import Framing
from trailerflow.film.light import Light
from trailerflow.film.people import WIDE
from trailerflow.film.plan import Shot
from trailerflow.film.scenery import BACK, DEEP, FAR, FRONT, MID, NEAR, REACH, Scenery
from trailerflow.film.shapes import Brush

HATTED = 1.12
LIT = frozenset(
    (
        "street", "city", "bar", "car", "train", "bridge", "rooftop", "hospital", "office", "house", "ship", "hall",
        "restaurant", "shop", "market", "lobby", "theatre", "palace", "bus", "station", "airport", "gas", "motel",
        "parking", "alley", "park", "dock", "dam", "control", "studio", "stadium",
    )
)  # fmt: skip
WASHED = f'<path d="{shapes.rect(-REACH - 900, -3200, 2 * REACH + 1800, 3200 + DEEP)}"'
EDGED = 3
"""Of so many medium shots one is seen past something near."""
SOFTNESS = {"extreme_wide": 0.0, "wide": 0.0, "medium": 3.5, "close": 9.0, "extreme_close": 15.0}


def draw(order: PanelOrder, desk: Desk) -> Panel:
    """Draw one shot; returns the picture and its layered drawing."""
    drawing = compose(order)
    source, image = desk.folder / "panel.svg", desk.folder / "panel.png"
    source.write_text(drawing.svg(), encoding="utf-8")
    image.write_bytes(prints.png(drawing, order))
    return Panel(
        image=desk.keep(image, f"image-{order.shot.id}.png", "image/png"),
        drawing=desk.keep(source, f"drawing-{order.shot.id}.svg", "image/svg+xml"),
    )


def compose(order: PanelOrder) -> Drawing:
    """Return the layers of a shot, far to near."""
    shot, look, brush = order.shot, order.setting.look, Brush()
    lamp = light.of(shot, look, order.genre)
    scene = backdrops.build(look, interior=shot.interior, light=lamp, weather=shot.weather, brush=brush)
    camera = _headroom(framing.of(shot, order.frame), order)
    layers = _aired(_place(scene, shot, camera), shot, camera, lamp, brush) + _bokeh(order, camera, lamp)
    cast = {character.name: character for character in order.looks}
    layers += objects.layers(shot, camera, lamp, brush)
    layers += objects.furniture(shot, look.kind, camera, lamp, brush)
    layers += people.layers(shot, cast, camera, scene, brush)
    layers += _edge(shot, camera, lamp)
    if shot.size in WIDE and scene.planes[FRONT]:
        layers.append(Layer(FRONT, "camera", _framed(scene.planes[FRONT], FRONT, camera), blur=4.0))
    layers.append(Layer(0.0, "lens", _vignette(camera, lamp, brush), blur=9.0))
    return Drawing(width=camera.width, defs="".join(brush.defs), layers=tuple(layers))


def _headroom(camera: Framing, order: PanelOrder) -> Framing:
    """Lower the figures of a medium shot until the tallest has air above the hat."""
    if order.shot.size != "medium" or not order.looks:
        return camera
    top = min(
        camera.feet - camera.person * who.look.height * (HATTED if who.look.hat == "top" else 1.03)
        for who in order.looks
    )
    return replace(camera, feet=camera.feet + max(0.0, 70 - top))


def _place(scene: Scenery, shot: Shot, camera: Framing) -> list[Layer]:
    """Return the planes behind the figures; near shots need fewer, and see them softer."""
    groups: tuple[tuple[float, ...], ...] = ((FAR, BACK), (MID, NEAR))
    if shot.size in WIDE:
        groups = ((FAR,), (BACK,), (MID,), (NEAR,))
    wash, scene.planes[FAR] = _washed(scene.planes[FAR])
    return [
        Layer(
            planes[-1] if planes[0] else FAR,
            "camera",
            "".join(_framed(scene.planes[plane], plane, camera) for plane in planes),
            blur=_softness(shot, planes[0]),
            wash=_framed(wash, FAR, camera) if wash and planes[0] == FAR else "",
            light="".join(_framed(_lights(scene, plane), plane, camera) for plane in planes if _lights(scene, plane)),
        )
        for planes in groups
        if any(scene.planes[plane] or _lights(scene, plane) for plane in planes) or (wash and planes[0] == FAR)
    ]


def _washed(marks: list[str]) -> tuple[list[str], list[str]]:
    """Return the sky or wall that fills the far plane, and what lies over it."""
    filled = bool(marks) and marks[0].startswith(WASHED) and 'fill="url(' in marks[0] and "opacity" not in marks[0]
    return (marks[:1], marks[1:]) if filled else ([], marks)


def _lights(scene: Scenery, plane: float) -> list[str]:
    """Return the light on a plane; beams begin at the windows of the back wall."""
    return scene.lights[plane] + (scene.shafts if plane == BACK else [])


def _softness(shot: Shot, plane: float) -> float:
    """How soft a plane is; a sky or a wall needs no more than half the pixels."""
    sky = 1.0 if plane == FAR else 0.0
    return max(sky, SOFTNESS[shot.size] * (1.15 - plane * 0.5))


def _framed(marks: list[str], plane: float, camera: Framing) -> str:
    return f'<g transform="{camera.plane(plane)}">{"".join(marks)}</g>'


def _aired(planes: list[Layer], shot: Shot, camera: Framing, lamp: Light, brush: Brush) -> list[Layer]:
    """Return the planes with air that glows behind the figures, so that they stand out from what is dark."""
    if not shot.figures:
        return planes
    eyes = camera.eyes or camera.feet - camera.person * 0.86
    spots = "".join(
        brush.glow(
            camera.width * figure.x, eyes + camera.person * 0.12, camera.person * 0.62, lamp.low, 0.42, squash=1.15
        )
        for figure in shot.figures
    )
    if shot.size in WIDE or not planes:
        return [*planes, Layer(0.9, "haze", spots, blur=9.0)]
    # Near the lens it fills the frame and would hardly be seen to drift.
    return [replace(planes[0], light=planes[0].light + spots), *planes[1:]]


def _bokeh(order: PanelOrder, camera: Framing, lamp: Light) -> list[Layer]:
    """Return the place's lamps far out of focus behind a near face, where it has any and they are lit."""
    shot, kind = order.shot, order.setting.look.kind
    if shot.size not in ("close", "extreme_close") or not shot.figures or not lamp.dark or kind not in LIT:
        return []
    chance = Random(order.setting.look.seed)
    tints = (lamp.lamp, lamp.lamp, colours.mix(lamp.lamp, "#ff7a4a", 0.5), colours.mix(lamp.lamp, lamp.sun, 0.6))
    discs = []
    for _ in range(17):
        x, y, size = chance.uniform(0, camera.width), chance.uniform(60, 640), chance.uniform(16, 52)
        tint, strength = chance.choice(tints), chance.uniform(0.1, 0.34)
        discs.append(shapes.paint(shapes.oval(x, y, size), tint, opacity=strength))
        discs.append(shapes.stroke(shapes.oval(x, y, size - 1), tint, 2, opacity=strength * 0.7))
    return [Layer(0.35, "camera", "".join(discs), blur=1.5)]


def _edge(shot: Shot, camera: Framing, lamp: Light) -> list[Layer]:
    """Return something out of focus at the edge we look past: a door frame inside, leaves or a wall outside."""
    if shot.size != "medium" or shot.angle == "over_shoulder" or not shot.figures or shot.seed % EDGED:
        return []
    middle = sum(figure.x for figure in shot.figures) / len(shot.figures)
    side = 1 if middle < 0.5 else -1
    chance = Random(shot.seed)
    x = camera.width * (1.02 if side > 0 else -0.02)
    dark = colours.shade(lamp.tone(1.0), light=0.7)
    if shot.interior:
        wide = camera.width * chance.uniform(0.1, 0.16)
        marks = shapes.paint(shapes.rect(x - wide, -200, 2 * wide, 1500), dark)
    else:
        spots = [
            shapes.oval(x + side * chance.uniform(-160, 60), chance.uniform(-80, 1080), chance.uniform(60, 150))
            for _ in range(13)
        ]
        marks = shapes.paint("".join(spots), dark, opacity=0.92)
    return [Layer(1.45, "camera", marks, blur=20.0)]


def _vignette(camera: Framing, lamp: Light, brush: Brush) -> str:
    dark = colours.shade(lamp.ink, light=0.5)
    fill = brush.radial((0, 0), 1, *((place / 10, dark, 0.58 * (place / 10) ** 3.4) for place in range(11)))
    reach = camera.width * 0.66
    disc = shapes.paint("M-1 -1H1V1H-1Z", fill)
    return f'<g transform="translate({camera.width / 2:.1f} 480) scale({reach:.1f} 720)">{disc}</g>'
