"""Orders: what the plan asks of each skill. Written by pure functions; the orchestrator sends them.

An order holds exactly what its product depends on, no more: that is what lets a change redo only what it touches.
"""

from collections.abc import Mapping, Sequence
from itertools import count

from trailerflow.film import narration
from trailerflow.film.casting import Cast
from trailerflow.film.crew import (
    BoardTile,
    CardOrder,
    Cards,
    CardsOrder,
    CharacterSheet,
    Clip,
    ClipOrder,
    FoleyOrder,
    Panel,
    PanelOrder,
    Score,
    ScoreOrder,
    SettingSheet,
    SheetsOrder,
    SpokenLine,
    StoryboardOrder,
    TrailerOrder,
    View,
    Voices,
    VoicesOrder,
)
from trailerflow.film.plan import NARRATOR, Cut, Frame, Plan, Shot
from trailerflow.film.settings import Settings

MOST_CHARACTERS, MOST_SETTINGS, MOST_VIEWS = 12, 16, 3
"""How many are on the reference sheets, and how often one place."""


def sheets(plan: Plan, cast: Cast, settings: Settings) -> SheetsOrder:
    """Ask for the reference sheets: those who carry the story, and the places of the plan as it sees them."""
    views: dict[str, dict[View, None]] = {}
    for shot in plan.shots:
        view = View(interior=shot.interior, time_of_day=shot.time_of_day, weather=shot.weather)
        views.setdefault(shot.setting, {})[view] = None
    bearing = [character for character in cast.characters if character.role != "minor"]
    used = [setting for setting in settings.settings if setting.name in views]
    return SheetsOrder(
        title=plan.title,
        aspect=plan.aspect,
        genre=plan.genre,
        characters=tuple(
            CharacterSheet(name=character.name, role=character.role, look=character.look)
            for character in bearing[:MOST_CHARACTERS]
        ),
        settings=tuple(
            SettingSheet(name=setting.name, look=setting.look, views=tuple(views[setting.name])[:MOST_VIEWS])
            for setting in used[:MOST_SETTINGS]
        ),
    )


def panel(plan: Plan, shot: Shot, cast: Cast, settings: Settings, frame: Frame) -> PanelOrder:
    """Ask for the picture of a shot."""
    characters = {character.name: character for character in cast.characters}
    return PanelOrder(
        shot=shot,
        looks=tuple(characters[figure.character] for figure in shot.figures),
        setting=next(setting for setting in settings.settings if setting.name == shot.setting),
        frame=frame,
        genre=plan.genre,
    )


def storyboard(
    plan: Plan, cast: Cast, settings: Settings, panels: Mapping[str, Panel], frame: Frame
) -> StoryboardOrder:
    """Ask for the storyboard on paper; a shot without a panel gets an empty frame."""
    shots = {shot.id: shot for shot in plan.voiced().shots}
    seen = {figure.character for shot in plan.shots for figure in shot.figures}
    places = {shot.setting for shot in plan.shots}
    letters = {card.id: card.text for card in plan.cards}
    reasons = {(choice.act, choice.scene): choice.reason for choice in plan.choices}

    def tile(number: int, cut: Cut) -> BoardTile:
        shot = shots[cut.id] if cut.kind == "shot" else None
        drawn = panels.get(cut.id) if shot else None
        return BoardTile(
            number=number,
            shot=shot,
            letters="" if shot else letters[cut.id],
            picture=drawn.image if drawn else None,
            drawing=drawn.drawing if drawn else None,
            start=cut.start,
            frames=cut.frames,
            reason=reasons.get((shot.act, shot.scene), "") if shot else "",
        )

    return StoryboardOrder(
        title=plan.title,
        genre=plan.genre,
        aspect=plan.aspect,
        frame=frame,
        frames=plan.frames,
        tiles=tuple(tile(number, cut) for number, cut in enumerate(plan.cuts, 1)),
        cast=tuple(character for character in cast.characters if character.name in seen),
        settings=tuple(setting for setting in settings.settings if setting.name in places),
    )


def clips(plan: Plan, panels: Mapping[str, Panel], frame: Frame) -> list[ClipOrder]:
    """Ask for the clip of every shot, in the order of the cuts; `panels` are found by the shot's id."""
    shots = {shot.id: shot for shot in plan.shots}
    return [
        ClipOrder(
            shot=shots[cut.id],
            panel=panels[cut.id],
            frame=frame,
            frames=cut.frames + plan.tail_of(position),
            keyframes=_keyframes(plan, position),
            fade_in=cut.fade_in,
            fade_out=cut.fade_out,
        )
        for position, cut in enumerate(plan.cuts)
        if cut.kind == "shot"
    ]


def cards(plan: Plan, frame: Frame) -> CardsOrder:
    """Ask for all cards, in the order of the cuts."""
    lettered = {card.id: card for card in plan.cards}

    def card(position: int, cut: Cut) -> CardOrder:
        return CardOrder(
            card=lettered[cut.id],
            genre=plan.genre,
            frame=frame,
            frames=cut.frames + plan.tail_of(position),
            keyframes=_keyframes(plan, position),
            fade_in=cut.fade_in,
            fade_out=cut.fade_out,
        )

    return CardsOrder(cards=tuple(card(at, cut) for at, cut in enumerate(plan.cuts) if cut.kind == "card"))


def voices(plan: Plan, cast: Cast) -> VoicesOrder:
    """Ask for every line, each in its speaker's voice; the narrator's is like nobody else's."""
    shapes = {character.name: (character.look.pitch, character.look.pace) for character in cast.characters}
    if plan.narration:
        taken = {pitch for pitch, _ in shapes.values()}
        pitch = next(pitch for step in count() if (pitch := narration.PITCH - step / 8) not in taken)
        shapes[NARRATOR] = pitch, narration.PACE
    lines = [shot.line for shot in plan.voiced().shots if shot.line is not None]
    return VoicesOrder(
        lines=tuple(
            SpokenLine(id=line.id, text=line.text, pitch=pitch, pace=pace)
            for line, (pitch, pace) in ((line, shapes[line.character]) for line in lines)
        )
    )


def score(plan: Plan) -> ScoreOrder:
    """Ask for the music; of the shots it hears how intense they are, their sounds are a track of their own."""
    intensity = {shot.id: shot.intensity for shot in plan.shots}
    return ScoreOrder(cuts=plan.cuts, intensity=intensity, genre=plan.genre, frames=plan.frames, seed=plan.seed)


def foley(plan: Plan) -> FoleyOrder:
    """Ask for the sounds of places and things."""
    return FoleyOrder(cuts=plan.cuts, shots=plan.shots, frames=plan.frames, seed=plan.seed)


def trailer(
    plan: Plan,
    frame: Frame,
    moved: Sequence[Clip],
    *,
    lettered: Cards,
    spoken: Voices,
    composed: Score,
    sounded: Score,
    loudness_lufs: float,
) -> TrailerOrder:
    """Ask for the edit; `moved` are the shots' clips in the order of the cuts."""
    of_kind = {"shot": iter(moved), "card": iter(lettered.clips)}
    joined = tuple(next(of_kind[cut.kind]) for cut in plan.cuts)
    return TrailerOrder(
        plan=plan.without_doubts(),
        frame=frame,
        clips=joined,
        voices=spoken,
        score=composed,
        foley=sounded,
        loudness_lufs=loudness_lufs,
    )


def _keyframes(plan: Plan, position: int) -> tuple[int, ...]:
    """Return where the editor cuts into a clip: after its head's dissolve and before its tail's."""
    cut = plan.cuts[position]
    return tuple(sorted({cut.dissolve, cut.frames if plan.tail_of(position) else 0} - {0}))
