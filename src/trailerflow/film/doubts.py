"""Doubts: why a scene or a line is not in the trailer, in words for a person.

Called by whoever answers a person's question about a plan. Makes the plan's choice once more and looks at what was
left out; changes nothing.
"""

from collections.abc import Sequence

from trailerflow.film import pieces, quotes, rhythm, selection
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.pieces import Piece
from trailerflow.film.plan import Act, Edits, Plan
from trailerflow.film.quotes import Quote
from trailerflow.film.record import Record
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.selection import Desk

ACTS: dict[Act, str] = {
    "cold_open": "cold open",
    "introduction": "introduction",
    "escalation": "escalation",
    "montage": "montage",
    "button": "button",
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
EVEN = "they are about even, and chance decided"


class Doubt(Record):
    """A scene that is not in the trailer, and why not."""

    scene: int
    heading: str
    reason: str


class Unspoken(Record):
    """Words that are not in the trailer, and why not; `element` indexes the screenplay's elements."""

    scene: int
    element: int
    text: str
    reason: str


def scenes(
    screenplay: Screenplay, analysis: Analysis, cast: Cast, plan: Plan, edits: Edits, *, spoilers: bool = False
) -> tuple[Doubt, ...]:
    """Return every scene the plan leaves out, in order, with the reason."""
    measure = rhythm.divide(plan.seconds, tags=sum(card.kind == "tag" for card in plan.cards))
    available = pieces.cut(screenplay, analysis, _quotes(screenplay, cast), selection.wanted(measure))
    desk = selection.arrange(available, analysis, cast, measure, seed=plan.seed, edits=edits, spoilers=spoilers)
    chosen = {pick.piece.scene for pick in desk.picks()}
    shown = {shot.scene for shot in plan.shots}
    found = []
    for scene in screenplay.scenes:
        if scene.index not in shown:
            own = [piece for piece in available if piece.scene == scene.index]
            if scene.index in edits.ban:
                reason = "banned by you"
            elif scene.index in chosen:
                reason = "chosen, but no time was left for it"
            else:
                reason = _against(own, desk, analysis)
            found.append(Doubt(scene=scene.index, heading=scene.heading, reason=reason))
    return tuple(found)


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


def _against(own: Sequence[Piece], desk: Desk, analysis: Analysis) -> str:
    """Say what keeps a scene out: nothing to show, the end it would give away, or what stands in its place."""
    if not own:
        return "it has neither action nor speech to show"
    rivals = [rival for piece in own if (rival := desk.rival(piece))]
    if not rivals:
        return "it lies where the story ends, and would give the end away"
    rival = min(rivals, key=lambda one: sum(one.lacks.values()))
    lacking = sorted(rival.lacks, key=lambda name: -rival.lacks[name])
    most = [
        name for name in lacking[:2] if rival.lacks[name] >= 0.5 * rival.lacks[lacking[0]] and rival.lacks[name] > 0
    ]
    because = " and ".join(LACKS[name] for name in most) or EVEN
    other = rival.piece.scene
    return f"in the {ACTS[rival.act]}, scene {other} ({analysis.scenes[other].heading}) serves better: {because}"


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
