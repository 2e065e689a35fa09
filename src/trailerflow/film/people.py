"""People: the figures of a shot where they stand in the frame, with what they hold, sit on and throw as a shadow.

Called by `panels`. Each part of a figure becomes a layer of its own, so that a clip can bend its joints; how somebody
stands follows from who it is and the shot, never from chance.
"""

from dataclasses import dataclass, replace

from trailerflow.film import figures, objects, poses, seeds, shapes, vocabulary
from trailerflow.film.casting import Character, Look
from trailerflow.film.cutouts import Part, Sitting
from trailerflow.film.drawing import Bone, Layer
from trailerflow.film.framing import Framing
from trailerflow.film.light import Light
from trailerflow.film.plan import Figure, Shot
from trailerflow.film.scenery import BACK, Scenery
from trailerflow.film.shapes import Brush

WIDE = ("extreme_wide", "wide")
DETAIL = {"extreme_wide": 0.0, "wide": 0.2, "medium": 0.5, "close": 0.8, "extreme_close": 1.0}
DIM = {"extreme_wide": 0.16, "wide": 0.04}
HANDY = ("point", "reach", "fight", "run", "walk")
HOLDING = (12.0, 82.0)
INSISTENT = 0.55
RACKED = 3
"""Of so many shots over a shoulder one begins with the focus on it."""


@dataclass(frozen=True, slots=True)
class Floor:
    """What all figures of a shot share."""

    shot: Shot
    camera: Framing
    light: Light
    sun: float
    brush: Brush


def layers(shot: Shot, cast: dict[str, Character], camera: Framing, scene: Scenery, brush: Brush) -> list[Layer]:
    """Return the figures, and over the shoulder the one who listens."""
    floor = Floor(shot, camera, scene.light, camera.across(scene.sun[0], BACK), brush)
    hearing = listener(shot)
    found: list[Layer] = []
    for figure in shot.figures:
        if figure.character in cast and figure is not hearing:
            found += _person(figure, cast[figure.character].look, floor)
    if hearing is not None and hearing.character in cast:
        found.append(_shoulder(hearing, cast[hearing.character].look, floor))
    return found


def angles(figure: Figure, shot: Shot) -> poses.Angles:
    """Return how a figure of a shot stands, sits, goes or holds something."""
    manner = seeds.number(figure.character, shot.seed, figure.pose)
    insists = shot.intensity > INSISTENT
    stance = poses.stance(figure.pose, manner, speaks=_speaks(figure, shot), insists=insists)
    if figure.pose == "stand" and _holds(figure, shot):
        return replace(stance, near_arm=HOLDING)
    return stance


def listener(shot: Shot) -> Figure | None:
    """Return over whose shoulder a shot is seen, if it is."""
    if shot.angle != "over_shoulder" or len(shot.figures) < 2:
        return None
    speaker = shot.line.character if shot.line else shot.figures[0].character
    return next((figure for figure in reversed(shot.figures) if figure.character != speaker), None)


def _speaks(figure: Figure, shot: Shot) -> bool:
    return shot.line is not None and shot.line.character == figure.character


def _holds(figure: Figure, shot: Shot) -> str:
    """Return the thing in a figure's hand: the first that can be held goes to who is at work, else to who is named."""
    thing = next((prop for prop in shot.props if prop in objects.GRIPS), "")
    if not thing or shot.angle == "over_shoulder":
        return ""
    busy = next((other for other in shot.figures if other.pose in HANDY), None)
    told = set(vocabulary.words(shot.action))
    named = next((other for other in shot.figures if told & set(vocabulary.words(other.character))), None)
    return thing if figure is (busy or named) and figure.pose in (*HANDY, "stand") else ""


def _person(figure: Figure, look: Look, floor: Floor) -> list[Layer]:
    """Return one figure's shadow and seat, then its parts."""
    shot, camera = floor.shot, floor.camera
    stance = angles(figure, shot)
    scale = camera.person * look.height / 100
    x = camera.width * figure.x
    ahead = 1 if figure.facing == "right" else -1
    feet = camera.feet or camera.eyes + figures.head_height(look, stance) / look.height * scale
    if shot.size == "medium" and figure.pose in ("sit", "fall"):
        feet -= scale * 14
        x -= ahead * scale * 4  # knees need room
    if camera.near:
        x -= ahead * figures.head_place(stance) * scale * 0.8
    sitting = Sitting(
        stance,
        lit=float(ahead * (1 if floor.sun >= x else -1)),
        detail=DETAIL[shot.size],
        dim=DIM.get(shot.size, 0.0),
        turned=figure.pose == "turn_away",
        held=_holds(figure, shot),
        points=figure.pose == "point",
        strain=shot.intensity,
    )
    life = f"{_life(figure, shot)}_{figure.facing}"
    spot = Layer(1.0, life, "", anchor=(x, feet), tall=camera.person * look.height)
    parts = figures.draw(look, sitting, floor.light, floor.brush)
    ground = _ground(figure, (x, feet, scale * ahead), floor)
    below = [replace(spot, body=ground, box=_box(x, feet, scale))] if ground else []
    return [*below, *(_placed(part, spot, scale, ahead) for part in parts)]


def _life(figure: Figure, shot: Shot) -> str:
    if figure.pose in ("stand", "sit"):
        return "speak" if _speaks(figure, shot) else figure.pose
    return "turn" if figure.pose == "turn_away" else figure.pose


def _placed(part: Part, spot: Layer, scale: float, ahead: int) -> Layer:
    """Return a part of a figure as a layer: body units become the frame's, facing left is mirrored."""
    x, feet = spot.anchor
    left, top, width, height = part.box
    start = x + (left if ahead > 0 else -left - width) * scale
    bones: tuple[Bone, ...] = tuple(
        (name, x + place[0] * scale * ahead, feet + place[1] * scale) for name, place in part.bones
    )
    return replace(
        spot,
        body=shapes.shifted(x, feet, part.marks, scale=scale, mirrored=ahead < 0),
        box=(start, feet + top * scale, width * scale, height * scale),
        bones=bones,
        cue=part.cue,
    )


def _ground(figure: Figure, place: tuple[float, float, float], floor: Floor) -> str:
    """Return the shadow on the ground, and the chair of who sits."""
    x, feet, scale = place
    marks = ""
    if floor.shot.size in WIDE:
        ink = floor.light.ink
        shadow = floor.brush.radial((0, 0), 26, (0, ink, 0.6), (1, ink, 0))
        disc = f'<g transform="scale(1 .13)">{shapes.paint(shapes.oval(0, 0, 26), shadow)}</g>'
        marks = shapes.shifted(x, feet, disc, scale=abs(scale))
    if figure.pose == "sit":
        seat = shapes.paint(_seat(), floor.light.ink)
        marks += shapes.shifted(x, feet, seat, scale=abs(scale), mirrored=scale < 0)
    return marks


def _box(x: float, feet: float, scale: float) -> tuple[float, float, float, float]:
    """Return what a figure of any pose may cover."""
    return (x - 72 * scale, feet - 122 * scale, 144 * scale, 130 * scale)


def _seat() -> str:
    legs = shapes.rect(-22, -24, 2, 24) + shapes.rect(-4, -24, 2, 24)
    return shapes.rect(-23, -26, 22, 3) + shapes.rect(-24, -54, 2.4, 30) + legs


def _shoulder(figure: Figure, look: Look, floor: Floor) -> Layer:
    """Return someone close to the lens, seen from behind, at the edge of the frame."""
    camera = floor.camera
    scale = camera.person * 1.75 * look.height / 100
    left = figure.x < 0.5
    x = camera.width * (0.06 if left else 0.94)
    stance = poses.stance("turn_away", 0)
    feet = camera.eyes + 110 + figures.head_height(look, stance) / look.height * scale
    parts = figures.draw(look, Sitting(stance, 1.0, 0.6, turned=True), floor.light, floor.brush)
    marks = "".join(part.marks for part in parts)
    return Layer(
        1.25,
        "rack" if floor.shot.seed % RACKED == 0 else "figure",
        shapes.shifted(x, feet, marks, scale=scale, mirrored=not left),
        blur=6.0,
        anchor=(x, feet),
        box=_box(x, feet, scale),
    )
