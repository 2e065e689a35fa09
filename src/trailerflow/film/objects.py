"""Objects: the things the action names, as cut-outs on a table in the light: the insert shots of a trailer.

Called by `panels` for shots without figures that name a thing, for what stands about in a wide shot, and by `people`
for what is held. Object units: about 100 wide, standing on y = 0, up negative.
"""

from trailerflow.film import colours, shapes
from trailerflow.film.drawing import Layer
from trailerflow.film.framing import Framing
from trailerflow.film.light import Light
from trailerflow.film.plan import Shot
from trailerflow.film.shapes import Brush, curve, limb, oval, poly, rect

NEAR = ("medium", "close", "extreme_close")

OUTLINES: dict[str, str] = {
    "gun": poly(
        [
            (-46, -38),
            (40, -38),
            (46, -34),
            (46, -26),
            (2, -24),
            (-2, -14),
            (-14, -14),
            (-20, 0),
            (-42, 0),
            (-34, -24),
            (-46, -28),
        ]
    ),
    "knife": curve([(-52, -6), (-50, -12), (-12, -12), (-10, -5), (-14, -2)], tension=0.4)
    + poly([(-12, -13), (-8, -13), (-8, 0), (-12, 0)])
    + curve([(-8, -11), (30, -14), (54, -6), (20, -2), (-8, -2)], tension=0.5),
    "sword": poly([(-70, -9), (-48, -9), (-48, -4), (-70, -4)])
    + poly([(-48, -20), (-43, -20), (-43, 6), (-48, 6)])
    + poly([(-43, -10), (60, -9), (72, -6.5), (60, -4), (-43, -3)]),
    "letter": poly([(-50, 0), (-44, -58), (46, -62), (50, -3)]),
    "book": poly([(0, -4), (-56, -12), (-54, -22), (-2, -14), (2, -14), (54, -22), (56, -12)])
    + curve([(-52, -22), (-28, -32), (-2, -16), (-2, -14)], tension=0.6)
    + curve([(52, -22), (28, -32), (2, -16), (2, -14)], tension=0.6),
    "phone": curve([(-17, -82), (0, -84), (17, -82), (18, -4), (0, -1), (-18, -4)], tension=0.35),
    "radio": rect(-48, -52, 96, 52) + limb((34, -50), (62, -104), 1.4, 0.9) + rect(-12, -58, 24, 8),
    "lamp": poly([(-20, 0), (20, 0), (17, -8), (-17, -8)])
    + rect(-15, -58, 3, 52)
    + rect(12, -58, 3, 52)
    + poly([(-19, -56), (19, -56), (9, -74), (-9, -74)])
    + curve(
        [(-10, -72), (-10, -88), (0, -96), (10, -88), (10, -72), (8, -72), (7, -86), (0, -92), (-7, -86), (-8, -72)],
        tension=0.6,
    ),
    "candle": rect(-9, -62, 18, 58) + oval(0, -3, 26, 5) + rect(-0.8, -70, 1.6, 10),
    "key": oval(-36, -10, 14, 12) + rect(-24, -12, 72, 5) + rect(34, -10, 5, 14) + rect(43, -10, 5, 11),
    "door": rect(-34, -130, 6, 130)
    + rect(28, -130, 6, 130)
    + rect(-34, -136, 68, 7)
    + poly([(-28, -129), (10, -120), (10, 6), (-28, 0)]),
    "car": curve(
        [(66, -6), (62, -25), (38, -30), (18, -46), (-28, -46), (-46, -30), (-68, -24), (-66, -6)], tension=0.6
    )
    + oval(-40, -5, 12)
    + oval(40, -5, 12),
    "cup": curve([(-14, 0), (-14, -44), (-6, -60), (-6, -82), (6, -82), (6, -60), (14, -44), (14, 0)], tension=0.4),
    "photo": poly([(-34, 0), (-40, -70), (30, -76), (36, -6)]),
    "fire": curve([(-34, 0), (-40, -28), (-26, -56), (-18, -38), (-4, -92), (10, -58), (18, -72), (36, -30), (32, 0)]),
    "flower": limb((0, 0), (3, -56), 1.4, 1.2)
    + "".join(oval(3 + x, -62 + y, 9) for x, y in ((0, 0), (9, -6), (-9, -6), (6, 6), (-6, 6), (0, -12)))
    + curve([(1, -24), (16, -38), (22, -30), (10, -22)]),
    "bag": rect(-52, -62, 104, 62)
    + curve([(-14, -62), (-14, -74), (14, -74), (14, -62), (10, -62), (10, -70), (-10, -70), (-10, -62)], tension=0.4),
    "map": poly([(-60, 0), (-56, -44), (-20, -50), (18, -42), (56, -50), (60, -6), (20, 2), (-20, -6)]),
    "rope": "".join(oval(0, -6 - 9 * place, 40 - 2 * place, 8) for place in range(4)),
    "clock": oval(0, -46, 44) + rect(-30, -6, 8, 8) + rect(22, -6, 8, 8),
    "boat": curve([(70, -26), (-70, -26), (-50, 0), (48, 0)], tension=0.4)
    + rect(-2, -104, 3, 80)
    + poly([(4, -100), (50, -34), (4, -34)])
    + poly([(-5, -92), (-5, -34), (-38, -34)]),
    "mirror": oval(0, -72, 34, 44) + limb((0, -28), (0, -4), 5, 6),
    "bell": curve([(-36, -8), (-24, -24), (-20, -58), (0, -70), (20, -58), (24, -24), (36, -8)], tension=0.7)
    + oval(0, -6, 8)
    + rect(-4, -80, 8, 12),
    "coat": curve(
        [
            (-12, -110),
            (-34, -98),
            (-44, -40),
            (-36, -36),
            (-28, -70),
            (-34, 0),
            (34, 0),
            (28, -70),
            (36, -36),
            (44, -40),
            (34, -98),
            (12, -110),
            (0, -100),
        ],
        tension=0.5,
    ),
    "chair": rect(-24, -100, 5, 100) + rect(19, -46, 5, 46) + rect(-24, -50, 48, 6) + rect(-24, -96, 8, 5),
    "window": rect(-40, -110, 80, 6)
    + rect(-40, -6, 80, 6)
    + rect(-40, -110, 6, 110)
    + rect(34, -110, 6, 110)
    + rect(-3, -110, 6, 110)
    + rect(-40, -58, 80, 5),
    "table": rect(-64, -52, 128, 7) + rect(-56, -46, 6, 46) + rect(50, -46, 6, 46),
    "bed": rect(-66, -58, 6, 58)
    + rect(60, -38, 6, 38)
    + rect(-64, -26, 128, 10)
    + curve([(-58, -26), (-46, -40), (-24, -34), (20, -36), (58, -30), (60, -24)], tension=0.6),
}
GLOWING = {"lamp": (0, -36), "candle": (0, -76), "fire": (0, -34), "phone": (0, -44), "radio": (-20, -30)}
DETAILS: dict[str, str] = {
    "letter": poly([(-44, -57), (0, -26), (46, -61), (0, -32)]),
    "phone": rect(-14, -76, 28, 66),
    "radio": oval(-24, -24, 15) + rect(4, -42, 34, 8) + rect(4, -26, 34, 3) + rect(4, -18, 34, 3),
    "lamp": curve([(0, -14), (-7, -26), (0, -44), (7, -26)]),
    "candle": curve([(0, -66), (-4.5, -74), (0, -90), (4.5, -74)]),
    "key": oval(-36, -10, 8, 6.5),
    "fire": curve([(-16, 0), (-20, -18), (-6, -46), (2, -26), (10, -34), (18, -14), (14, 0)]),
    "photo": poly([(-29, -8), (-34, -64), (25, -69), (30, -13)]),
    "clock": oval(0, -46, 36) + rect(-1.5, -74, 3, 30) + poly([(-1, -48), (20, -36), (18, -33), (-2, -45)]),
    "mirror": oval(0, -72, 28, 38),
    "gun": rect(-40, -34, 74, 1.6),
    "knife": curve([(-6, -4), (26, -5), (50, -6.5), (24, -3), (-6, -2.6)], tension=0.5),
    "door": oval(4, -58, 2.4),
}

GRIPS: dict[str, tuple[float, float]] = {
    "gun": (-30, -14), "knife": (-32, -6), "sword": (-58, -6), "letter": (-42, -6), "book": (-40, -12),
    "phone": (0, -36), "radio": (-40, -26), "lamp": (0, -92), "candle": (0, -26), "key": (-44, -10), "cup": (0, -26),
    "photo": (-30, -6), "flower": (0, -18), "map": (-56, -8), "rope": (-36, -20), "bag": (0, -70), "bell": (0, -84),
}  # fmt: skip
"""Where a hand takes hold of what can be held."""
LARGE: dict[str, tuple[float, tuple[str, ...]]] = {
    # How tall it is beside a person of 100, and the places that have one anyway.
    "door": (118, ("corridor", "car", "space")),
    "table": (
        46,
        ("kitchen", "bar", "office", "court", "school", "car", "library", "restaurant", "police", "laboratory"),
    ),
    "chair": (56, ("court", "school", "car", "train", "library", "restaurant", "theatre", "plane", "bus", "airport")),
    "bed": (44, ("bedroom", "hospital", "prison", "car", "barracks", "tent", "motel")),
    "car": (78, ("car", "train", "ship", "space", "parking", "garage", "gas", "motel", "plane", "bus")),
    "boat": (120, ("ship", "car")),
    "fire": (46, ("car",)),
    "mirror": (96, ("car",)),
}


def in_hand(name: str, rim: str, ink: str, light: Light, brush: Brush) -> str:
    """Return a thing as it is carried, the place where a hand takes hold of it at 0,0."""
    x, y = GRIPS[name]
    outline = f'<path d="{OUTLINES[name]}"/>'
    marks = f'<g fill="{rim}">{outline}</g><g fill="{ink}" transform="translate(1 1.6)">{outline}</g>'
    if name in GLOWING:
        at = GLOWING[name]
        marks += shapes.paint(DETAILS[name], light.lamp) + brush.glow(at[0], at[1], 150, light.lamp, 0.55)
    elif name in DETAILS:
        marks += shapes.paint(DETAILS[name], rim, opacity=0.7)
    return f'<g transform="translate({-x} {-y})">{marks}</g>'


def furniture(shot: Shot, kind: str, camera: Framing, light: Light, brush: Brush) -> list[Layer]:
    """Return the large thing a wide shot's action names, standing beside the figures."""
    if shot.size not in ("wide", "extreme_wide") or not camera.feet:
        return []
    name = next((prop for prop in shot.props if prop in LARGE and kind not in LARGE[prop][1]), None)
    if name is None:
        return []
    scale = camera.person * LARGE[name][0] / 100 / _height(name)
    middle = sum(figure.x for figure in shot.figures) / len(shot.figures) if shot.figures else 0.2
    x = camera.width * (0.74 if middle < 0.5 else 0.26)
    return [Layer(0.95, "camera", _thing(name, (x, camera.feet - 0.03 * camera.person), scale, light, brush))]


def layers(shot: Shot, camera: Framing, light: Light, brush: Brush) -> list[Layer]:
    """Return the layers of the shot's first thing that can be drawn, when it is the subject."""
    name = next((prop for prop in shot.props if prop in OUTLINES), None)
    if name is None or shot.figures or shot.size not in NEAR:
        return []
    scale = min(6.4, camera.width / 210) * (0.72 if "-13" in OUTLINES[name] else 1.0)
    x, foot = camera.width * 0.5, 790.0
    scale = min(scale, 620 / _height(name))
    return [
        Layer(0.8, "camera", _surface(camera, light, brush, foot)),
        Layer(1.0, "camera", _thing(name, (x, foot), scale, light, brush)),
    ]


def _height(name: str) -> float:
    tall = {
        "door": 136,
        "window": 112,
        "radio": 104,
        "chair": 100,
        "lamp": 96,
        "fire": 92,
        "boat": 104,
        "mirror": 116,
        "coat": 112,
        "bed": 58,
        "table": 52,
        "car": 46,
    }
    return float(tall.get(name, 84))


def _surface(camera: Framing, light: Light, brush: Brush, foot: float) -> str:
    """Return the table top it lies on, with the light's pool."""
    edge = colours.mix(light.tone(0.7), light.key, 0.25)
    fill = brush.linear((0, foot - 50), (0, 1100), (0, edge, 1), (0.25, light.tone(0.85), 1), (1, light.ink, 1))
    top = shapes.paint(rect(-camera.width, foot - 50, camera.width * 3, 600), fill)
    return (
        brush.glow(camera.width / 2, foot - 230, camera.width * 0.42, light.key, 0.5)
        + top
        + brush.glow(camera.width / 2, foot, camera.width * 0.36, light.key, 0.42, squash=0.24)
    )


def _thing(name: str, place: tuple[float, float], scale: float, light: Light, brush: Brush) -> str:
    """Return the cut-out with its shadow, rim and the one detail that tells what it is."""
    x, foot = place
    rim, ink = colours.mix(light.key, "#ffffff", 0.15), colours.mix(light.ink, light.tone(0.8), 0.25)
    if name == "fire":
        ink = colours.mix(light.lamp, "#ff5a1e", 0.6)
    outline = f'<path d="{OUTLINES[name]}"/>'
    cut, inside = brush.keep(outline), brush.clip(outline)
    shadow = shapes.paint(oval(6, 2, 66, 7), brush.radial((0, 0), 70, (0, light.ink, 0.75), (1, light.ink, 0)))
    core = f'<g {inside}><use xlink:href="{cut}" fill="{ink}" transform="translate(-0.7 1)"/></g>'
    marks = shadow + f'<use xlink:href="{cut}" fill="{rim}"/>{core}'
    if name in DETAILS:
        lit = name in GLOWING
        marks += shapes.paint(
            DETAILS[name], light.lamp if lit else colours.mix(ink, light.key, 0.45), opacity=1.0 if lit else 0.8
        )
    glow = ""
    if name in GLOWING:
        at = GLOWING[name]
        glow = brush.glow(x + at[0] * scale, foot + at[1] * scale, 90 * scale, light.lamp, 0.7)
    return shapes.shifted(x, foot, marks, scale=scale) + glow
