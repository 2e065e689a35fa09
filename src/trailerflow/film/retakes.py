"""Retakes: the same moment of the story seen another way, because a person asked for a new take of a shot.

Called by the orchestrator on a finished plan. Changes what a director would change: how near, from which angle, where
in their half of the frame people stand, what lies behind them, how the camera moves. Never changes who is there, what
happens or is said, how long it lasts, or the side a character keeps through a scene (the 180° rule).
"""

from collections.abc import Mapping

from trailerflow.film import seeds, staging
from trailerflow.film.plan import Figure, Plan, Shot, Size
from trailerflow.film.staging import Angle

SIZES: tuple[Size, ...] = ("extreme_wide", "wide", "medium", "close", "extreme_close")
PLACE: tuple[Size, ...] = ("extreme_wide", "wide")
THING: tuple[Size, ...] = ("medium", "close", "extreme_close")
SPEECH: tuple[Size, ...] = ("wide", "medium", "close", "extreme_close")
ANGLES: tuple[Angle, ...] = ("low", "high", "eye")
EDGE = 0.08
SPREADS = (1.18, 0.8, 1.3, 0.9)
"""How far from the middle people stand, against where they stood; a retake takes the next."""


def vary(plan: Plan, variations: Mapping[str, int]) -> Plan:
    """Return the plan with each named shot varied; 0, and a name the plan does not have, change nothing."""
    shots = tuple(varied(shot, variations.get(shot.id, 0)) for shot in plan.shots)
    return plan.model_copy(update={"shots": shots})


def varied(shot: Shot, number: int) -> Shot:
    """Return one shot seen another way; variations count from 1, and 0 is the shot itself."""
    if number < 1:
        return shot
    views = _views(shot)
    size, angle = views[(number - 1) % len(views)]
    moves = [move for move in dict.fromkeys(staging.MOVES[size]) if move != shot.move]
    return shot.model_copy(
        update={
            "size": size,
            "angle": angle,
            "move": moves[(shot.seed + number) % len(moves)],
            "figures": _spread(shot.figures, SPREADS[(number - 1) % len(SPREADS)]),
            "props": _turned(shot.props, number),
            "seed": seeds.number(shot.seed, "variation", number),
        }
    )


def _views(shot: Shot) -> list[tuple[Size, Angle]]:
    """Return every other size and angle that suits a shot: the sizes in turn, its own size and angle late."""
    views = []
    sizes = _sizes(shot)
    for size in sizes:
        angles = [angle for angle in _angles(shot, size) if (size, angle) != (shot.size, shot.angle)]
        angles.sort(key=lambda angle: (angle == shot.angle, seeds.number(shot.seed, angle)))
        own = size == shot.size
        views += [((turn + (own and len(sizes) > 2), own), size, angle) for turn, angle in enumerate(angles)]
    return [(size, angle) for _, size, angle in sorted(views, key=lambda view: view[0])]


def _sizes(shot: Shot) -> list[Size]:
    """Return the shot's size, and those one step from it in which everybody has room."""
    able = SPEECH if shot.line else SIZES
    if not shot.figures:
        able = PLACE if shot.size in PLACE else THING
    at = SIZES.index(shot.size)
    room = [size for size in able if staging.MOST_FIGURES[size] >= len(shot.figures)]
    return [size for size in SIZES[max(0, at - 1) : at + 2] if size in room or size == shot.size]


def _angles(shot: Shot, size: Size) -> tuple[Angle, ...]:
    """Return the angles at a size; only a medium shot is drawn over a shoulder."""
    return (*ANGLES, "over_shoulder") if (shot.angle, size) == ("over_shoulder", "medium") else ANGLES


def _spread(figures: tuple[Figure, ...], wide: float) -> tuple[Figure, ...]:
    """Move people to or from the middle; each stays in their own half, in the same order."""
    reach = max((abs(figure.x - 0.5) for figure in figures), default=0.0)
    factor = min(wide, (0.5 - EDGE) / reach) if reach else 1.0
    return tuple(figure.model_copy(update={"x": round(0.5 + (figure.x - 0.5) * factor, 3)}) for figure in figures)


def _turned(props: tuple[str, ...], number: int) -> tuple[str, ...]:
    """Look at the next of the things at hand first."""
    return props[number % len(props) :] + props[: number % len(props)] if props else props
