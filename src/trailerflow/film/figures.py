"""Figures: a character as a jointed cut-out, from the look, the pose and the light; the same at every size.

Called by `panels`. A figure is a puppet of the shadow theatre: trunk, head and limbs are parts of their own, which turn
about joints, far ones first. Body units as in `poses`: 100 high, feet at 0, facing right.
"""

from trailerflow.film import colours, cutouts, faces, garments, hands, objects, shapes, signatures
from trailerflow.film.casting import Look
from trailerflow.film.cutouts import Bones, Part, Sitting, Tones
from trailerflow.film.light import Light
from trailerflow.film.poses import Angles, Joints, joints
from trailerflow.film.shapes import Brush, Point

DRESSED = 0.12
HAND_SCALE = {
    "sword": 0.4,
    "map": 0.24,
    "bag": 0.26,
    "lamp": 0.22,
    "gun": 0.18,
    "rope": 0.22,
    "radio": 0.14,
    "book": 0.2,
}


def draw(look: Look, sitting: Sitting, light: Light, brush: Brush) -> tuple[Part, ...]:
    """Return the parts of one figure, far to near."""
    body = joints(sitting.angles)
    tones = cutouts.tones_of(look, sitting, light)
    given = (sitting, tones, light)
    hip: Bones = (("spine", body.hip),)
    parts = [
        *_arm(look, body, "far", given, brush),
        *_leg(look, body, "far", (sitting, tones), brush),
        *_leg(look, body, "near", (sitting, tones), brush),
        _skirt(look, body, given, brush),
        _trunk(look, body, given, brush),
        *faces.parts(look, body, given, brush),
        *_arm(look, body, "near", given, brush),
        _throat(look, body, hip, brush),
    ]
    return tuple(part for part in parts if part.marks)


def head_height(look: Look, angles: Angles) -> float:
    """Return how high the middle of the head is, in body units."""
    return -joints(angles).head[1] * look.height


def head_place(angles: Angles) -> float:
    """Return how far before the feet the head is, in body units."""
    return joints(angles).head[0]


def _leg(look: Look, body: Joints, side: str, given: tuple[Sitting, Tones], brush: Brush) -> list[Part]:
    """Return shin and thigh of one side, the shin first."""
    sitting, tones = given
    near = side == "near"
    knee, foot = (body.near_knee, body.near_foot) if near else (body.far_knee, body.far_foot)
    thick = 4.0 * garments.width(look) ** 0.6 * (1.0 if near else 0.97)
    tone = tones.legs if near else colours.mix(tones.legs, tones.ink, 0.45)
    upper: Bones = ((f"{side}_leg", body.hip),)
    shin = cutouts.limb(brush, (knee, foot), (thick * 0.74, thick * 0.46), (tone, tones.rim), sitting)
    shoe = cutouts.lit(brush, cutouts.mark(_shoe(foot, knee)), (tone, tone, tones.rim), sitting, 9)
    thigh = cutouts.limb(brush, (body.hip, knee), (thick * 1.14, thick * 0.74), (tone, tones.rim), sitting)
    return [
        Part(shoe + shin, (*upper, (f"{side}_shin", knee)), cutouts.span([knee, foot], 8)),
        Part(thigh, upper, cutouts.span([body.hip, knee], 7)),
    ]


def _arm(look: Look, body: Joints, side: str, given: tuple[Sitting, Tones, Light], brush: Brush) -> list[Part]:
    """Return forearm with hand, and upper arm of one side; the near hand holds what is held."""
    sitting, tones, light = given
    near = side == "near"
    elbow, hand = (body.near_elbow, body.near_hand) if near else (body.far_elbow, body.far_hand)
    thick = 2.9 * garments.width(look) ** 0.7 * (1.0 if near else 0.94)
    tone = colours.mix(tones.coat, tones.rim, 0.05) if near else colours.mix(tones.coat, tones.ink, 0.5)
    skin = tones.skin if near else tones.shade
    fist = bool(sitting.held) and near
    palm = shapes.paint(hands.hand(elbow, hand, point=sitting.points and near, fist=fist), skin)
    thing = ""
    if fist:
        marks = objects.in_hand(sitting.held, tones.rim, tones.ink, light, brush)
        thing = shapes.shifted(*hands.grip(elbow, hand), marks, scale=HAND_SCALE.get(sitting.held, 0.16))
    sleeve = cutouts.limb(brush, (elbow, hand), (thick, thick * 0.72), (tone, tones.rim), sitting)
    upper = cutouts.limb(brush, (body.shoulder, elbow), (thick * 1.32, thick), (tone, tones.rim), sitting)
    bones: Bones = (("spine", body.hip), (f"{side}_arm", body.shoulder))
    reach = cutouts.span([elbow, hand], 44 if thing else 13)
    return [
        Part(thing + palm + sleeve, (*bones, (f"{side}_hand", elbow)), reach),
        Part(upper, bones, cutouts.span([body.shoulder, elbow], 6)),
    ]


def _trunk(look: Look, body: Joints, given: tuple[Sitting, Tones, Light], brush: Brush) -> Part:
    """Return the trunk, with folds where somebody is near enough to see them."""
    sitting, tones, light = given
    neck = shapes.limb(
        (body.chest[0], body.chest[1] + 1),
        (body.head[0] - 1.6, body.head[1] + 1.2),
        3.0 * garments.width(look) ** 0.5,
        2.7,
    )
    outline = "".join(cutouts.mark(path) for path in (garments.torso(look, body), garments.cape(look, body)) if path)
    cloth = (_cloth(tones, light, brush), tones.coat, tones.rim)
    marks = shapes.paint(neck, tones.shade) + cutouts.lit(brush, outline, cloth, sitting, 15)
    if sitting.detail >= DRESSED:
        marks += shapes.stroke(garments.folds(look, body), _sheen(tones, light), 0.35, opacity=0.6)
    front = "" if sitting.turned else signatures.of(look, body).front
    if front:
        deep, side = colours.shade(look.colour, light=0.66), body.chest[0]
        lit = brush.linear((side - 2, 0), (side + 6, 0), (0, deep, 1), (0.6, look.colour, 1), (1, look.colour, 1))
        marks += shapes.paint(front, lit)
    sash = garments.sash(look, body)
    marks += shapes.paint(sash, look.colour) if sash else ""
    low = body.hip[1] + (26 if look.coat == "cape" else 8)
    box = cutouts.span([(body.hip[0] - 24, low), (body.hip[0] + 24, body.head[1])], 9)
    return Part(marks, (("spine", body.hip),), box)


def _skirt(look: Look, body: Joints, given: tuple[Sitting, Tones, Light], brush: Brush) -> Part:
    """Return what of coat or dress hangs below the waist and swings, or an empty part."""
    sitting, tones, light = given
    path = garments.skirt(look, body)
    cloth = (_cloth(tones, light, brush), tones.coat, tones.rim)
    marks = cutouts.lit(brush, cutouts.mark(path), cloth, sitting, 15) if path else ""
    pleats = garments.pleats(look, body)
    if pleats and sitting.detail >= DRESSED:
        marks += shapes.stroke(pleats, _sheen(tones, light), 0.35, opacity=0.6)
    low = max(body.hip[1] + 44, body.near_knee[1] + 12, body.far_knee[1] + 12)
    box = cutouts.span([(body.hip[0] - 24, low), (body.hip[0] + 24, body.chest[1]), body.near_knee, body.far_knee], 9)
    return Part(marks, (("hem", body.hip),), box)


def _cloth(tones: Tones, light: Light, brush: Brush) -> str:
    """Return the fill of what is worn, paler in the haze below."""
    return brush.linear(
        (0, -92),
        (0, 4),
        (0, colours.mix(tones.coat, tones.rim, 0.05), 1),
        (0.55, tones.coat, 1),
        (1, colours.mix(tones.coat, light.low, 0.16 + 0.26 * light.haze), 1),
    )


def _sheen(tones: Tones, light: Light) -> str:
    return colours.mix(tones.coat, light.key, 0.34)


def _throat(look: Look, body: Joints, bones: Bones, brush: Brush) -> Part:
    """Return what is worn round the throat in the signature colour."""
    worn = signatures.of(look, body)
    deep = colours.shade(look.colour, light=0.72)
    x = body.neck[0]
    shaded = brush.linear((x - 6, 0), (x + 5, 0), (0, deep, 1), (0.35, look.colour, 1), (1, look.colour, 1))
    marks = shapes.paint(worn.throat, shaded) + shapes.stroke(worn.creases, deep, 0.38, opacity=0.75)
    return Part(marks, bones, cutouts.span([body.neck, body.chest], max(9.0, 1.45 * worn.low)))


def _shoe(foot: Point, knee: Point) -> str:
    lift = max(-0.9, min(0.9, (foot[0] - knee[0]) / 30))
    x, y = foot
    return shapes.curve(
        [
            (x - 2.3, y - 1.6),
            (x - 2.6, y + 2),
            (x + 3.2, y + 2.2),
            (x + 6.4, y + 1.8 - 2.5 * max(lift, 0)),
            (x + 4.6, y - 0.2 - 2 * max(lift, 0)),
            (x + 1.8, y - 2.4),
        ]
    )
