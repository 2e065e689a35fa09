"""Panels: one shot drawn as a layered shadow theatre, and its picture.

Called by the local illustrator. Everything is decided by the order: the place's seed fixes its shapes, the look a
character's outline and colour, the shot's seed the camera. Never uses chance of its own or the clock.
"""

from dataclasses import replace

from trailerflow.film import backdrops, colours, figures, framing, light, objects, prints, shapes
from trailerflow.film.casting import Character
from trailerflow.film.crew import Desk, Panel, PanelOrder
from trailerflow.film.drawing import Drawing, Layer
from trailerflow.film.figures import Sitting
from trailerflow.film.framing import Framing
from trailerflow.film.light import Light
from trailerflow.film.plan import Figure, Shot
from trailerflow.film.scenery import BACK, FAR, FRONT, MID, NEAR, Scenery
from trailerflow.film.shapes import Brush

HATTED = 1.12
WIDE = ("extreme_wide", "wide")
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
    layers = _place(scene, shot, camera)
    cast = {character.name: character for character in order.looks}
    layers += _halo(shot, camera, lamp, brush)
    layers += objects.layers(shot, camera, lamp, brush)
    layers += _people(shot, cast, camera, scene, brush)
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
    return [
        Layer(
            planes[-1] if planes[0] else FAR,
            "camera",
            "".join(_framed(scene.planes[plane], plane, camera) for plane in planes),
            blur=_softness(shot, planes[0]),
            light="".join(_framed(_lights(scene, plane), plane, camera) for plane in planes if _lights(scene, plane)),
        )
        for planes in groups
        if any(scene.planes[plane] or _lights(scene, plane) for plane in planes)
    ]


def _lights(scene: Scenery, plane: float) -> list[str]:
    """Return the light on a plane; beams begin at the windows of the back wall."""
    return scene.lights[plane] + (scene.shafts if plane == BACK else [])


def _softness(shot: Shot, plane: float) -> float:
    """How soft a plane is; a sky or a wall needs no more than half the pixels."""
    sky = 1.0 if plane == FAR else 0.0
    return max(sky, SOFTNESS[shot.size] * (1.15 - plane * 0.5))


def _framed(marks: list[str], plane: float, camera: Framing) -> str:
    return f'<g transform="{camera.plane(plane)}">{"".join(marks)}</g>'


def _halo(shot: Shot, camera: Framing, lamp: Light, brush: Brush) -> list[Layer]:
    """Air that glows behind the figures, so that they stand out from what is dark."""
    if not shot.figures:
        return []
    spots = [
        brush.glow(
            camera.width * figure.x,
            _eyes(camera) + camera.person * 0.12,
            camera.person * 0.62,
            lamp.low,
            0.42,
            squash=1.15,
        )
        for figure in shot.figures
    ]
    return [Layer(0.9, "haze", "".join(spots), blur=9.0)]


def _eyes(camera: Framing) -> float:
    return camera.eyes or camera.feet - camera.person * 0.86


def _people(shot: Shot, cast: dict[str, Character], camera: Framing, scene: Scenery, brush: Brush) -> list[Layer]:
    """Return the figures, and over the shoulder the one who listens."""
    listener = _listener(shot)
    people = [figure for figure in shot.figures if figure.character in cast and figure is not listener]
    sun = camera.across(scene.sun[0], BACK)
    layers = [_person((figure, cast[figure.character]), shot, camera, (scene.light, sun), brush) for figure in people]
    if listener is not None and listener.character in cast:
        layers.append(_shoulder(listener, cast[listener.character], camera, scene.light, brush))
    return layers


def _listener(shot: Shot) -> Figure | None:
    if shot.angle != "over_shoulder" or len(shot.figures) < 2:
        return None
    speaker = shot.line.character if shot.line else shot.figures[0].character
    return next((figure for figure in reversed(shot.figures) if figure.character != speaker), None)


def _person(
    who: tuple[Figure, Character], shot: Shot, camera: Framing, sun: tuple[Light, float], brush: Brush
) -> Layer:
    figure, look = who[0], who[1].look
    scale = camera.person * look.height / 100
    x = camera.width * figure.x
    ahead = 1 if figure.facing == "right" else -1
    feet = camera.feet or camera.eyes + figures.head_height(look, figure.pose) / look.height * scale
    if shot.size == "medium" and figure.pose in ("sit", "fall"):
        feet -= scale * 14
    if camera.near:
        x -= ahead * figures.head_place(figure.pose) * scale * 0.8
    side = ahead * (1 if sun[1] >= x else -1)
    detail = {"extreme_wide": 0.0, "wide": 0.2, "medium": 0.5, "close": 0.8, "extreme_close": 1.0}[shot.size]
    dim = 0.16 if shot.size == "extreme_wide" else 0.04 if shot.size == "wide" else 0.0
    marks = figures.draw(look, Sitting(figure.pose, float(side), detail, dim), sun[0], brush)
    ground = ""
    if shot.size in WIDE:
        shadow = brush.radial((0, 0), 26, (0, sun[0].ink, 0.6), (1, sun[0].ink, 0))
        ground = shapes.shifted(
            x, feet, f'<g transform="scale(1 .13)">{shapes.paint(shapes.oval(0, 0, 26), shadow)}</g>', scale=scale
        )
    if figure.pose == "sit":
        ground += shapes.shifted(x, feet, shapes.paint(_seat(), sun[0].ink), scale=scale, mirrored=ahead < 0)
    body = ground + shapes.shifted(x, feet, marks, scale=scale, mirrored=ahead < 0)
    moved = f"{figure.pose}_{figure.facing}" if figure.pose in ("run", "walk") else "figure"
    return Layer(1.0, moved, body, anchor=(x, feet), box=_box(x, feet, scale))


def _box(x: float, feet: float, scale: float) -> tuple[float, float, float, float]:
    """Return what a figure of any pose may cover."""
    return (x - 72 * scale, feet - 122 * scale, 144 * scale, 130 * scale)


def _seat() -> str:
    legs = shapes.rect(-22, -24, 2, 24) + shapes.rect(-4, -24, 2, 24)
    return shapes.rect(-23, -26, 22, 3) + shapes.rect(-24, -54, 2.4, 30) + legs


def _shoulder(figure: Figure, who: Character, camera: Framing, lamp: Light, brush: Brush) -> Layer:
    """Someone close to the lens, seen from behind, at the edge of the frame."""
    scale = camera.person * 1.75 * who.look.height / 100
    left = figure.x < 0.5
    x = camera.width * (0.06 if left else 0.94)
    feet = camera.eyes + 110 + figures.head_height(who.look, "turn_away") / who.look.height * scale
    marks = figures.draw(who.look, Sitting("turn_away", 1.0, 0.6), lamp, brush)
    box = _box(x, feet, scale)
    return Layer(
        1.25,
        "figure",
        shapes.shifted(x, feet, marks, scale=scale, mirrored=not left),
        blur=6.0,
        anchor=(x, feet),
        box=box,
    )


def _vignette(camera: Framing, lamp: Light, brush: Brush) -> str:
    dark = colours.shade(lamp.ink, light=0.5)
    fill = brush.radial((0, 0), 1, *((place / 10, dark, 0.58 * (place / 10) ** 3.4) for place in range(11)))
    reach = camera.width * 0.66
    disc = shapes.paint("M-1 -1H1V1H-1Z", fill)
    return f'<g transform="translate({camera.width / 2:.1f} 480) scale({reach:.1f} 720)">{disc}</g>'
