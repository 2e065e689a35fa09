"""Faces: the head of a figure with hair, hat and face, and what of it comes and goes: the lid, the open mouth.

Called by `figures`. Head units as in `heads`.
"""

from trailerflow.film import colours, cutouts, heads, shapes, signatures
from trailerflow.film.casting import Look
from trailerflow.film.cutouts import HEAD_SCALE, Bones, Part, Sitting, Tones
from trailerflow.film.light import Light
from trailerflow.film.poses import Joints
from trailerflow.film.shapes import Brush

FACED = 0.3


def parts(look: Look, body: Joints, given: tuple[Sitting, Tones, Light], brush: Brush) -> list[Part]:
    """Return what flies in the wind behind the neck, then the head with its face, lid and mouth."""
    sitting, tones, light = given
    bones: Bones = (("spine", body.hip), ("head", body.neck))
    box = cutouts.span([body.head], 24 * HEAD_SCALE.get(look.build, 1.0))
    worn = signatures.of(look, body)
    found = [
        Part(
            shapes.paint(worn.tail, look.colour) if worn.tail else "",
            (("spine", body.hip), ("tail", worn.root)),
            cutouts.span([worn.root], 36 + 1.4 * abs(body.spine)),
        ),
    ]
    skull = cutouts.mark(heads.back(look) if sitting.turned else heads.profile(look))
    dark = brush.linear(
        (7, 0), (-3, 2), (0, tones.skin, 1), (0.42, colours.mix(tones.skin, tones.shade, 0.5), 1), (1, tones.shade, 1)
    )
    face = "" if sitting.turned else cutouts.lit(brush, skull, (dark, tones.skin, tones.rim), sitting, 6.5)
    if not sitting.turned and sitting.detail > FACED:
        face += _face(look, sitting, (light, tones), brush)
    veil, folds = signatures.veil(look, turned=sitting.turned)
    locks = "" if veil else heads.hair(look, turned=sitting.turned)
    over = "".join(cutouts.mark(path) for path in (locks, heads.hat(look)[0]) if path) + (
        skull if sitting.turned else ""
    )
    tone = tones.shade if sitting.turned and look.hair == "bald" else tones.hair
    hair = cutouts.lit(brush, over, (tone, tone, tones.rim), sitting, 6.5) if over else ""
    band = heads.hat(look)[1]
    strands = shapes.stroke(heads.strands(look), colours.mix(tones.hair, tones.rim, 0.3), 0.22, opacity=0.34)
    marks = face + hair + (strands if sitting.detail > FACED and not sitting.turned and not veil else "")
    if veil:
        deep = colours.shade(look.colour, light=0.72)
        cloth = brush.linear((-7, 0), (4, -4), (0, deep, 1), (0.5, look.colour, 1), (1, look.colour, 1))
        marks += shapes.paint(veil, cloth) + shapes.stroke(folds, deep, 0.4, opacity=0.7)
    marks += shapes.paint(band, look.colour) if band else ""
    found.append(Part(_headed(look, body, marks), bones, box))
    if not sitting.turned and sitting.detail > FACED:
        lid = shapes.paint(heads.lid(), tones.skin) + shapes.stroke(heads.lashes(), light.ink, 0.3)
        mouth = shapes.paint(heads.mouth(look), colours.shade(tones.ink, light=0.7))
        near = cutouts.span([body.head], 10)
        found += [
            Part(_headed(look, body, lid), bones, near, "blinks"),
            Part(_headed(look, body, mouth), bones, near, "voices"),
        ]
    return found


def _headed(look: Look, body: Joints, marks: str) -> str:
    """Set marks made in head units on the neck."""
    size = HEAD_SCALE.get(look.build, 1.0) * 0.98
    place = f"translate({body.head[0]:.2f} {body.head[1]:.2f}) rotate({body.tilt:.1f}) scale({size:.3f})"
    return f'<g transform="{place}">{marks}</g>'


def _face(look: Look, sitting: Sitting, tones: tuple[Light, Tones], brush: Brush) -> str:
    """Return the planes of a face near the lens: light on brow, nose and cheek, the eye, the mouth."""
    light, own = tones
    glow = colours.mix(own.skin, light.key, 0.5)
    strength = 0.62 if sitting.lit > 0 else 0.2
    inside = brush.clip(cutouts.mark(heads.profile(look)))
    fall = brush.linear((6.6, 0), (0.5, 1.2), (0, glow, strength), (0.45, glow, strength * 0.4), (1, glow, 0))
    socket = brush.radial((3.5, -1.3), 2.2, (0, own.shade, 0.9), (0.6, own.shade, 0.5), (1, own.shade, 0))
    cheek = brush.radial((1.4, 3.8), 2.8, (0, own.ink, 0.26), (0.5, own.ink, 0.14), (1, own.ink, 0))
    white, iris, lid = heads.eye()
    knit = 0.55 * (sitting.strain - 0.35)
    brow = [(4.9, -2.75 + knit), (3.7, -3.3 + 0.3 * knit), (2.1, -2.6 - 0.5 * knit)]
    marks = [
        shapes.paint(shapes.rect(-8, -9, 16, 18), fall),
        shapes.paint(shapes.oval(3.5, -1.3, 2.2, 1.5), socket),
        shapes.paint(shapes.oval(1.6, 3.6, 2.6, 2.9), cheek),
        shapes.paint(white, colours.mix(light.key, own.ink, 0.25)),
        shapes.paint(iris, colours.mix(colours.shade(look.colour, light=0.6), "#33241b", 0.6)),
        shapes.paint(shapes.oval(4.02, -1.18, 0.13, 0.2), light.ink),
        shapes.paint(shapes.oval(4.08, -1.32, 0.1), "#ffffff", opacity=0.9),
        shapes.stroke(lid, light.ink, 0.34),
        shapes.stroke(shapes.curve(brow, closed=False), own.hair, 0.62),
        shapes.stroke(shapes.curve([(5.4, 3.66), (4.4, 3.75), (3.7, 3.95)], closed=False), own.ink, 0.28),
        shapes.stroke(heads.ear(), own.ink, 0.3, opacity=0.5) if look.hair in ("short", "bald", "bun") else "",
    ]
    return f"<g {inside}>{''.join(marks)}</g>"
