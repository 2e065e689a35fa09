"""Doubts: why a scene or a line is not in the trailer, in words for a person.

Called by `storyboard` for the scenes, while the choice still lies on the desk, and by the web for the lines of one
scene. Looks at what was left out; changes nothing.
"""

from collections.abc import Collection, Mapping, Sequence

from trailerflow.film import quotes
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.pieces import Piece
from trailerflow.film.plan import Act, Doubt, Plan
from trailerflow.film.quotes import Quote
from trailerflow.film.record import Record
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.selection import Desk, Rival

# So many scenes are explained: those that matter most to the story. A feature has some two hundred.
MOST_SCENES = 500
ACTS: dict[Act, str] = {
    "cold_open": "cold open",
    "introduction": "introduction",
    "escalation": "escalation",
    "montage": "montage",
    "button": "last beat",
}
LACKS = {
    "weight in the story": "it weighs less in the story",
    "strength": "it is less intense",
    "words": "its lines carry less",
    "leads": "fewer of the leads are in it",
    "opening": "it is not the film's first picture",
    "distance": "it lies too far from the part of the story told there",
    "place": "its place is seen there already",
    "scene": "the scene is in already",
    "piece": "the moment is in already",
    "people": "it makes nobody new known",
    "sections": "its part of the story has its share already",
}
LEAST_LACK = 0.01
EVEN = "the two are about even, and chance decided"


class Unspoken(Record):
    """Words that are not in the trailer, and why not; `element` indexes the screenplay's elements."""

    scene: int
    element: int
    text: str
    reason: str


def scenes(analysis: Analysis, desk: Desk, available: Sequence[Piece], *, shown: Collection[int]) -> tuple[Doubt, ...]:
    """Return every scene the trailer does not show, in order, with the reason; of very many, the foremost."""
    order = analysis.preference or range(len(analysis.scenes))
    asked = sorted([scene for scene in order if scene not in shown][:MOST_SCENES])
    chosen = {pick.piece.scene for pick in desk.picks()}
    own: dict[int, list[Piece]] = {scene: [] for scene in asked}
    for piece in available:
        if piece.scene in own:
            own[piece.scene].append(piece)
    rivals = _rivals(desk, own)

    def doubt(scene: int) -> Doubt:
        rival = None
        if scene in desk.edits.ban:
            reason = "left out by you"
        elif scene in chosen:
            reason = "chosen, but no time was left for it"
        elif not own[scene]:
            reason = "it has neither action nor speech to show"
        elif (rival := rivals.get(scene)) is None:
            reason = "it lies where the story ends, and would give the end away"
        else:
            reason = _against(rival, analysis)
        instead = rival.piece.scene if rival else None
        return Doubt(scene=scene, heading=analysis.scenes[scene].heading, reason=reason, instead=instead)

    return tuple(doubt(scene) for scene in asked)


def _rivals(desk: Desk, own: Mapping[int, Sequence[Piece]]) -> dict[int, Rival]:
    """Return what stands where each scene came nearest to, by the best of its pieces."""
    found: dict[int, Rival] = {}
    every = [piece for pieces in own.values() for piece in pieces]
    for piece, rival in zip(every, desk.rivals(every), strict=True):
        if rival and (piece.scene not in found or rival.loss < found[piece.scene].loss):
            found[piece.scene] = rival
    return found


def lines(screenplay: Screenplay, cast: Cast, plan: Plan) -> tuple[Unspoken, ...]:
    """Return every speech the plan leaves out, in order, with the reason."""
    able: dict[int, list[Quote]] = {}
    for quote in _quotes(screenplay, cast):
        able.setdefault(quote.element, []).append(quote)
    spoken = {shot.line.element: shot.line.text for shot in plan.shots if shot.line}
    shown = {shot.scene for shot in plan.shots}
    found = []
    for scene in screenplay.scenes:
        heard = [spoken[place] for place in range(scene.first, scene.last) if place in spoken]
        for place in range(scene.first, scene.last):
            element = screenplay.elements[place]
            if element.type == "dialogue" and place not in spoken:
                reason = _unsaid(able.get(place, []), heard) if scene.index in shown else "its scene is not shown"
                found.append(Unspoken(scene=scene.index, element=place, text=element.text, reason=reason))
    return tuple(found)


def _quotes(screenplay: Screenplay, cast: Cast) -> list[Quote]:
    return quotes.of(screenplay, [character.name for character in cast.characters if character.role == "lead"])


def _against(rival: Rival, analysis: Analysis) -> str:
    """Say what a scene lacks beside the one that stands in its place."""
    lacking = sorted(rival.lacks, key=lambda name: -rival.lacks[name])
    most = [name for name in lacking[:2] if rival.lacks[name] >= max(0.5 * rival.lacks[lacking[0]], LEAST_LACK)]
    because = " and ".join(LACKS[name] for name in most) or EVEN
    return f"{because}; {analysis.scenes[rival.piece.scene].heading} serves the {ACTS[rival.act]} better"


def _unsaid(able: Sequence[Quote], heard: Sequence[str]) -> str:
    if not able:
        return "too long or too short to be heard whole, or said before"
    best = max(able, key=lambda quote: quote.score)
    flaw = quotes.flaw(best.text)
    if best.score < quotes.WORTH_SPEAKING:
        return flaw or "it carries too little of the story"
    if heard:
        return f"“{heard[0]}” was heard from the scene instead" + (f"; {flaw}" if flaw else "")
    return "no time was left for its words"
