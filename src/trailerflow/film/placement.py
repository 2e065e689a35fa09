"""When each line is heard: beside its shot, never over another line, all of it before the end.

Called by `assembly`; `mixing` and `captions` follow what it says. Must never drop a line.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from trailerflow.film.plan import FPS, Cut, Line, Plan, Shot

LEAD_SECONDS = 0.2  # a picture is seen before it speaks
EARLY_SECONDS = 0.5  # a J-cut: heard over the shot before, where that shows the same scene and nobody speaks in it
GAP_SECONDS = 0.15
END_SECONDS = 0.25  # nothing is said in the last moment of the trailer
FASTEST = 1.15
_READING = 15.0  # characters a second, for a line that is read, not heard
_SHORTEST_READING = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLine:
    """A line on the time-line, in seconds. `speed`: how many times faster it is spoken; if not `spoken`, it is read."""

    line: Line
    start: float
    end: float
    speed: float
    spoken: bool


@dataclass(frozen=True, slots=True)
class _Wish:
    line: Line
    start: float
    early: float
    seconds: float
    spoken: bool


def place_lines(plan: Plan, seconds_of: Mapping[str, float]) -> tuple[PlacedLine, ...]:
    """Place every line of the plan, given the length in seconds of those that were spoken, by line id.

    A line starts 0.2 s into its shot, or before its shot where the one before is silent and of the same scene, but not
    before the last line is over. One that would run into the next is spoken up to 1.15 times faster. What would then
    end too late pulls itself and the lines before it forward.
    """
    wishes = _wishes(plan, seconds_of)
    limit = max(plan.frames / FPS - END_SECONDS, 0.1)
    placed: list[PlacedLine] = []
    free = 0.0
    for number, wish in enumerate(wishes):
        start = max(wish.early, free)
        until = max(wishes[number + 1].start - GAP_SECONDS if number + 1 < len(wishes) else limit, start + 1e-3)
        speed = min(max(wish.seconds / (until - start), 1.0), FASTEST)
        end = start + wish.seconds / speed
        placed.append(PlacedLine(line=wish.line, start=start, end=end, speed=speed, spoken=wish.spoken))
        free = end + GAP_SECONDS
    return _before(limit, tuple(placed))


def _wishes(plan: Plan, seconds_of: Mapping[str, float]) -> list[_Wish]:
    shots = {shot.id: shot for shot in plan.shots}
    wishes: list[_Wish] = []
    before: Shot | None = None
    for cut in plan.cuts:
        shot = shots.get(cut.id) if cut.kind == "shot" else None
        if shot is not None and shot.line is not None:
            line, start = shot.line, cut.start / FPS + LEAD_SECONDS
            early = cut.start / FPS - EARLY_SECONDS if _leads_in(before, shot, cut) else start
            seconds = seconds_of.get(line.id, max(len(line.text) / _READING, _SHORTEST_READING))
            wishes.append(_Wish(line, start, early, seconds, line.id in seconds_of))
        before = shot
    return wishes


def _leads_in(before: Shot | None, shot: Shot, cut: Cut) -> bool:
    """Tell whether a line may be heard before the shot it belongs to."""
    silent = before is not None and before.line is None and before.scene == shot.scene
    return silent and not cut.dissolve and shot.act != "montage"


def _before(limit: float, placed: tuple[PlacedLine, ...]) -> tuple[PlacedLine, ...]:
    """Pull lines forward until the last one ends at the limit; hurry all of them only if even that is not enough."""
    pulled: list[PlacedLine] = []
    for line in reversed(placed):
        seconds = line.end - line.start
        end = min(line.end, limit)
        pulled.append(_moved(line, end - seconds, end))
        limit = end - seconds - GAP_SECONDS
    pulled.reverse()
    if not pulled or pulled[0].start >= 0:
        return tuple(pulled)
    return _squeezed(tuple(pulled))


def _squeezed(placed: tuple[PlacedLine, ...]) -> tuple[PlacedLine, ...]:
    """Fit more speech than there is time for, every line and gap faster by the same factor."""
    end = placed[-1].end
    factor = (end - placed[0].start) / end
    moved = []
    for line in placed:
        start, stop = (end - (end - moment) / factor for moment in (line.start, line.end))
        moved.append(
            PlacedLine(line=line.line, start=max(start, 0.0), end=stop, speed=line.speed * factor, spoken=line.spoken)
        )
    return tuple(moved)


def _moved(line: PlacedLine, start: float, end: float) -> PlacedLine:
    return PlacedLine(line=line.line, start=start, end=end, speed=line.speed, spoken=line.spoken)
