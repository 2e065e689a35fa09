"""Figures: a character as a cut-out, from the look, the pose and the light; the same outline and colour at every size.

Called by `panels`. Body units as in `poses`: 100 high, feet at 0, facing right.
"""

from dataclasses import dataclass

from trailerflow.film import colours, garments, heads, poses, shapes
from trailerflow.film.casting import Look
from trailerflow.film.light import Light
from trailerflow.film.plan import Pose
from trailerflow.film.poses import Joints
from trailerflow.film.shapes import Brush

HEAD_SCALE = {"child": 1.36, "slight": 1.04, "tall": 0.96}


@dataclass(frozen=True, slots=True)
class Sitting:
    """How one figure is to be drawn: pose, side of the light (+1: from where he looks), how near the lens."""

    pose: Pose
    lit: float
    detail: float
    dim: float = 0.0


def draw(look: Look, sitting: Sitting, light: Light, brush: Brush) -> str:
    """Return the marks of one figure."""
    body = poses.joints(sitting.pose)
    turned = sitting.pose == "turn_away"
    ink = colours.mix(colours.mix(light.ink, colours.at(look.colour, 0.2), 0.22), light.low, sitting.dim)
    rim = colours.mix(light.key, look.colour, 0.25)
    cloth = brush.linear(
        (0, -100), (0, 6), (0, ink, 1), (0.6, ink, 1), (1, colours.mix(ink, light.low, 0.22 + 0.3 * light.haze), 1)
    )
    head = _lit(brush, _head(look, turned=turned), (ink, ink, rim), sitting, 6.5)
    marks = [
        _lit(brush, _outline(look, body), (ink, cloth, rim), sitting, 15),
        _headed(look, body, head),
        _dressed(look, body, sitting, light),
    ]
    if not turned and sitting.detail > 0.3:
        marks.append(_face(look, body, sitting, (light, ink), brush))
    marks.append(_accents(look, body, brush))
    return "".join(marks)


def head_height(look: Look, pose: Pose) -> float:
    """Return how high the middle of the head is, in body units."""
    return -poses.joints(pose).head[1] * look.height


def head_place(pose: Pose) -> float:
    """Return how far before the feet the head is, in body units."""
    return poses.joints(pose).head[0]


def _outline(look: Look, body: Joints) -> str:
    """Everything below the chin, as marks without a colour of their own."""
    wide = garments.width(look)
    leg, arm = 4.0 * wide**0.6, 2.5 * wide**0.7
    limbs = [
        shapes.limb(body.hip, body.far_knee, leg * 1.12, leg * 0.72)
        + shapes.limb(body.far_knee, body.far_foot, leg * 0.72, leg * 0.46),
        shapes.limb(body.hip, body.near_knee, leg * 1.15, leg * 0.75)
        + shapes.limb(body.near_knee, body.near_foot, leg * 0.75, leg * 0.48),
        _shoe(body.far_foot, body.far_knee) + _shoe(body.near_foot, body.near_knee),
        _arm(body, body.far_elbow, body.far_hand, arm * 0.95),
        garments.torso(look, body),
        garments.coat(look, body),
        _arm(body, body.near_elbow, body.near_hand, arm),
        shapes.limb((body.chest[0], body.chest[1] + 1), (body.head[0] - 1.6, body.head[1] + 1.2), 3.0 * wide**0.5, 2.7),
    ]
    return "".join(f'<path d="{path}"/>' for path in limbs if path)


def _arm(body: Joints, elbow: tuple[float, float], hand: tuple[float, float], thick: float) -> str:
    shoulder = (body.chest[0], body.chest[1] + 3.4)
    reach = (hand[0] + (hand[0] - elbow[0]) * 0.2, hand[1] + (hand[1] - elbow[1]) * 0.2)
    return (
        shapes.limb(shoulder, elbow, thick * 1.3, thick)
        + shapes.limb(elbow, hand, thick, thick * 0.66)
        + shapes.limb(hand, reach, thick * 0.74, thick * 0.4)
    )


def _shoe(foot: tuple[float, float], knee: tuple[float, float]) -> str:
    lift = max(-0.9, min(0.9, (foot[0] - knee[0]) / 30))
    x, y = foot
    return shapes.curve(
        [
            (x - 2.3, y - 1.6),
            (x - 2.6, y + 2),
            (x + 3.2, y + 2.2 - 5 * max(-lift, 0) * 0),
            (x + 6.4, y + 1.8 - 2.5 * max(lift, 0)),
            (x + 4.6, y - 0.2 - 2 * max(lift, 0)),
            (x + 1.8, y - 2.4),
        ]
    )


def _head(look: Look, *, turned: bool) -> str:
    face = heads.back(look) if turned else heads.profile(look)
    return "".join(
        f'<path d="{path}"/>' for path in (face, heads.hair(look, turned=turned), heads.hat(look)[0]) if path
    )


def _headed(look: Look, body: Joints, marks: str) -> str:
    """Set marks made in head units on the neck."""
    size = HEAD_SCALE.get(look.build, 1.0) * 0.98
    place = f"translate({body.head[0]:.2f} {body.head[1]:.2f}) rotate({body.tilt:.1f}) scale({size:.3f})"
    return f'<g transform="{place}">{marks}</g>'


def _lit(brush: Brush, outline: str, tones: tuple[str, str, str], sitting: Sitting, reach: float) -> str:
    """Return a cut-out: rim where the light strikes, ink everywhere else."""
    ink, body, rim = tones
    cut, inside = brush.keep(outline), brush.clip(outline)
    thick = 0.62 - 0.34 * sitting.detail
    lit = sitting.lit
    side = brush.linear(
        (-reach * lit, 0), (reach * lit, 0), (0, ink, 1), (0.4, colours.mix(ink, rim, 0.2), 1), (1, rim, 1)
    )
    shift = f"translate({-lit * thick:.2f} {thick * 0.7:.2f})"
    core = f'<g {inside}><use xlink:href="{cut}" fill="{body}" transform="{shift}"/></g>'
    return f'<use xlink:href="{cut}" fill="{side}"/>{core}'


def _dressed(look: Look, body: Joints, sitting: Sitting, light: Light) -> str:
    """Folds and a soft sheen on the lit side, for figures near enough to see them."""
    if sitting.detail < 0.12:
        return ""
    sheen = colours.mix(light.ink, light.key, 0.3)
    return shapes.stroke(garments.folds(look, body), sheen, 0.35, opacity=0.55)


def _accents(look: Look, body: Joints, brush: Brush) -> str:
    """Return the signature colour: scarf and tails, band of the hat."""
    wrap, tails = garments.scarf(look, body)
    deep = colours.shade(look.colour, light=0.72)
    shaded = brush.linear((-6, 0), (5, 0), (0, deep, 1), (0.35, look.colour, 1), (1, look.colour, 1))
    marks = (
        shapes.paint(tails, look.colour)
        + shapes.paint(wrap, shaded)
        + shapes.stroke(garments.creases(look, body), deep, 0.38, opacity=0.75)
    )
    band = heads.hat(look)[1]
    return marks + (_headed(look, body, shapes.paint(band, look.colour)) if band else "")


def _face(look: Look, body: Joints, sitting: Sitting, tones: tuple[Light, str], brush: Brush) -> str:
    """Return the planes of a face near the lens: light on brow, nose and cheek, the eye, the mouth."""
    light, ink = tones
    skin = colours.mix(colours.mix(light.ink, light.key, 0.42), light.low, 0.2)
    strength = 0.85 if sitting.lit > 0 else 0.45
    inside = brush.clip(f'<path d="{heads.profile(look)}"/>')
    fall = brush.linear(
        (6.6, 0), (-0.5, 1.5), (0, skin, strength), (0.4, skin, strength * 0.6), (1, skin, strength * 0.12)
    )
    socket = brush.radial((3.5, -1.3), 2.2, (0, light.ink, 0.85), (0.6, light.ink, 0.55), (1, light.ink, 0))
    white, iris, lid = heads.eye()
    marks = [
        shapes.paint(shapes.rect(-8, -9, 16, 18), fall),
        shapes.paint(shapes.oval(3.5, -1.3, 2.2, 1.5), socket),
        shapes.paint(shapes.curve([(2.2, 1.6), (0.4, 3.6), (2.6, 6.4), (3.4, 4)]), light.ink, opacity=0.16),
        shapes.paint(white, colours.mix(light.key, light.ink, 0.25)),
        shapes.paint(iris, colours.shade(look.colour, light=0.6)),
        shapes.paint(shapes.oval(4.02, -1.18, 0.13, 0.2), light.ink),
        shapes.paint(shapes.oval(4.08, -1.32, 0.1), "#ffffff", opacity=0.9),
        shapes.stroke(lid, light.ink, 0.34),
        shapes.stroke(shapes.curve([(4.9, -2.75), (3.7, -3.3), (2.1, -2.6)], closed=False), light.ink, 0.6),
        shapes.stroke(shapes.curve([(5.4, 3.66), (4.4, 3.75), (3.7, 3.95)], closed=False), light.ink, 0.28),
    ]
    hair = heads.hair(look)
    over = shapes.paint(hair + heads.hat(look)[0], ink) if hair or look.hat != "none" else ""
    return _headed(look, body, f"<g {inside}>{''.join(marks)}</g><g {inside}>{over}</g>")
