"""The storyboard: the whole plan of the trailer, from the choice of scenes down to the frames of each cut.

Called by the orchestrator's first phase. Deterministic for a seed; knows no pictures, files or providers. What it never
does: change a word of the dialogue, or leave a frame unaccounted for.
"""

import math
from collections.abc import Sequence

from trailerflow.errors import Invalid
from trailerflow.film import cards, cutting, doubts, narration, pieces, quotes, rhythm, selection, staging, timing
from trailerflow.film.analysis import Analysis
from trailerflow.film.casting import Cast
from trailerflow.film.cutting import Letters, Reel
from trailerflow.film.narration import Premise
from trailerflow.film.plan import FPS, Act, Aspect, Card, Choice, Edits, Line, Plan, Shot
from trailerflow.film.quotes import Quote
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.selection import Pick
from trailerflow.film.settings import Settings
from trailerflow.film.speeches import SILENCE, Speeches
from trailerflow.film.staging import Beat

MOST_TAGS = 3
LEAST: dict[Act, int] = {"cold_open": 18, "introduction": 18, "escalation": 16, "montage": 9, "button": 18}
ESTABLISHING = 12
HOLD = 14  # the last picture before the title stands a little longer
LONGEST_WISH = 54
NARRATED: Act = "introduction"


def draft(
    screenplay: Screenplay,
    analysis: Analysis,
    cast: Cast,
    settings: Settings,
    *,
    title: str,
    seconds: int,
    aspect: Aspect,
    seed: int,
    edits: Edits,
) -> Plan:
    """Return the plan of a trailer of exactly `seconds` seconds at 24 frames a second."""
    _check(edits, analysis)
    leads = [character.name for character in cast.characters if character.role == "lead"]
    said = quotes.of(screenplay, leads)
    tags: list[Card] = []
    most = MOST_TAGS
    while True:
        measure = rhythm.divide(seconds, tags=most)
        available = pieces.cut(screenplay, analysis, said, selection.wanted(measure))
        desk = selection.arrange(available, analysis, cast, measure, seed=seed, edits=edits)
        picks = desk.line()
        floor = Floor(analysis, cast, settings, aspect=aspect, seed=seed)
        floor.premise = narration.of(screenplay, measure.shots[NARRATED])
        reels = [floor.shoot(act, [pick for pick in picks if pick.act == act], measure) for act in selection.ACTS]
        spoken = [shot.line.text for reel in reels for shot in reel.shots if shot.line]
        told = [line.text for line in floor.narration.values()]
        tags = cards.tags(screenplay, said, spoken + told, len(measure.tags))
        if len(tags) >= len(measure.tags):
            break
        most = len(tags)  # the script has fewer words for letters than the length allows: give their time to pictures
    letters = Letters(tags, cards.title(title), cards.end(screenplay, title))
    shots = tuple(shot for reel in reels for shot in reel.shots)
    return Plan(
        title=title,
        seconds=seconds,
        frames=seconds * FPS,
        aspect=aspect,
        genre=analysis.genre,
        seed=seed,
        choices=_choices(picks, reels, said),
        shots=shots,
        cards=(*tags, letters.title, letters.end),
        cuts=cutting.assemble(reels, letters, measure, analysis),
        warnings=(*_refusals(edits, analysis, reels), *_shortages(spoken, available, measure)),
        narration=floor.narration,
        sources=_sources(screenplay, shots) | floor.sources,
        left_out=doubts.scenes(analysis, desk, available, shown={shot.scene for shot in shots}),
        obeyed=edits,
    )


class Floor:
    """The studio floor: turns the picks of one act after another into shots with their frames."""

    def __init__(self, analysis: Analysis, cast: Cast, settings: Settings, *, aspect: Aspect, seed: int) -> None:
        self.analysis = analysis
        self.kinds = {setting.name: setting.look.kind for setting in settings.settings}
        self.aspect: Aspect = aspect
        self.names = [character.name for character in cast.characters]
        self.seed = seed
        self.premise: Premise | None = None
        self.narration: dict[str, Line] = {}
        self.speeches = Speeches()
        self.stages: dict[int, staging.Stage] = {}
        self.established: set[str] = set()
        self.before: Shot | None = None

    @property
    def sources(self) -> dict[str, str]:
        """Return the words of the script that the narrator's are taken from."""
        return {line.id: self.premise.source for line in self.narration.values()} if self.premise else {}

    def shoot(self, act: Act, picks: Sequence[Pick], measure: rhythm.Measure) -> Reel:
        """Return an act's shots; their frames are exactly those the measure gives it."""
        frames = measure.shots[act]
        if not frames or not picks:
            return Reel(act, (), ())
        premise = self.premise if act == NARRATED else None
        plan = self._beats(act, picks, frames, told=math.ceil(premise.seconds * FPS) if premise else 0)
        while (given := timing.fit(_wishes(act, plan, premise), frames)) is None:
            plan = _lighter(plan)
        shots = []
        for pick, beat in plan:
            intensity = min(1.0, pick.piece.intensity + (0.25 if act == "montage" else 0.0))
            self.before = self._stage(pick.piece.scene).shoot(beat, act, intensity, self.before)
            shots.append(self.before)
        over = _narrated(plan, premise)
        if premise and over is not None:
            self.narration[shots[over].id] = premise.line
        return Reel(act, tuple(shots), tuple(given))

    def _stage(self, scene: int) -> staging.Stage:
        if scene not in self.stages:
            told = self.analysis.scenes[scene]
            kind = self.kinds[told.setting]
            self.stages[scene] = staging.Stage(told, kind, self.names, aspect=self.aspect, seed=self.seed)
        return self.stages[scene]

    def _beats(self, act: Act, picks: Sequence[Pick], frames: int, *, told: int) -> list[tuple[Pick, Beat]]:
        spoken = self.speeches.choose(act, picks, frames - told)
        counts = _shared(rhythm.shots(act, frames), picks, [len(said) for said in spoken])
        plan: list[tuple[Pick, Beat]] = []
        for pick, said, count in zip(picks, spoken, counts, strict=True):
            scene = self.analysis.scenes[pick.piece.scene]
            new = scene.setting not in self.established and act in ("cold_open", "introduction", "escalation")
            others = len(scene.present) > 1
            beats = staging.beats(pick.piece, said, count, establish=new and count > 1, others=others)
            if new and count > 1:
                self.established.add(scene.setting)
            plan.extend((pick, beat) for beat in beats)
        return plan


def _sources(screenplay: Screenplay, shots: Sequence[Shot]) -> dict[str, str]:
    """Return the speech of each line as it stands in the script."""
    return {shot.line.id: screenplay.elements[shot.line.element].text for shot in shots if shot.line}


def _shared(shots: int, picks: Sequence[Pick], lines: Sequence[int]) -> list[int]:
    """Share an act's shots over its picks: one each, then to who has most to say and show."""
    counts = [1] * len(picks)
    worth = [
        1.0 + said + pick.piece.intensity + 0.15 * min(6, len(pick.piece.told))
        for pick, said in zip(picks, lines, strict=True)
    ]
    while sum(counts) < shots:
        place = max(range(len(picks)), key=lambda place: (worth[place] / counts[place], -place))
        counts[place] += 1
    return counts


def _narrated(plan: Sequence[tuple[Pick, Beat]], premise: Premise | None) -> int | None:
    """Return over which picture the narrator begins, where enough of them are silent."""
    silent = [not beat.quote and not beat.hears for _, beat in plan]
    return narration.place(premise, silent) if premise else None


def _wishes(act: Act, plan: Sequence[tuple[Pick, Beat]], premise: Premise | None) -> list[timing.Wish]:
    wishes = []
    over = _narrated(plan, premise)
    for place, (_, beat) in enumerate(plan):
        wanted = rhythm.wish(act, place / max(1, len(plan) - 1))
        line = 0
        if beat.quote:
            line = math.ceil((beat.quote.seconds + SILENCE) * FPS)
            wanted = max(wanted, min(line, LONGEST_WISH))
        elif beat.task == "establish":
            wanted += ESTABLISHING
        if premise and place == over:
            line = math.ceil((premise.seconds + SILENCE) * FPS)
        if act == "montage" and place == len(plan) - 1:
            wanted += HOLD
        wishes.append(timing.Wish(wanted, LEAST[act], line))
    return wishes


def _lighter(plan: Sequence[tuple[Pick, Beat]]) -> list[tuple[Pick, Beat]]:
    """Leave out what is missed least: a picture without words, else the weakest words, else the last picture."""
    silent = [place for place, (_, beat) in enumerate(plan) if not beat.quote]
    if len(silent) > len(plan) // 3 and len(plan) > 1:
        place = min(silent, key=lambda place: (_weight(plan, place), -place))
        return [*plan[:place], *plan[place + 1 :]]
    said = [(beat.quote.score, -place) for place, (_, beat) in enumerate(plan) if beat.quote]
    if said:
        place = -min(said)[1]
        pick, beat = plan[place]
        return [*plan[:place], (pick, beat._replace(task="action", quote=None)), *plan[place + 1 :]]
    return list(plan[:-1])


def _weight(plan: Sequence[tuple[Pick, Beat]], place: int) -> int:
    """Return how much a picture would be missed; a pick's only one weighs most."""
    pick, beat = plan[place]
    alone = sum(1 for other, _ in plan if other is pick) == 1
    return 4 * alone + {"establish": 2, "action": 1}.get(beat.task, 0)


def _choices(picks: Sequence[Pick], reels: Sequence[Reel], said: Sequence[Quote]) -> tuple[Choice, ...]:
    """Name each chosen scene once an act, in the order of the time-line, if a shot of it was kept."""
    why = {quote.text: quote.why for quote in said}
    shown: dict[tuple[Act, int], list[Shot]] = {}
    for reel in reels:
        for shot in reel.shots:
            shown.setdefault((reel.act, shot.scene), []).append(shot)
    found: dict[tuple[Act, int], Choice] = {}
    for pick in picks:
        key = (pick.act, pick.piece.scene)
        if key in shown and key not in found:
            lines = [
                f"{why.get(text, 'a line')}: “{text}”" for text in (shot.line.text for shot in shown[key] if shot.line)
            ]
            reason = "; ".join([pick.reason, *lines])
            found[key] = Choice(scene=pick.piece.scene, heading=shown[key][0].heading, act=pick.act, reason=reason)
    return tuple(found.values())


def _check(edits: Edits, analysis: Analysis) -> None:
    if len(set(edits.ban) & {scene.index for scene in analysis.scenes}) == len(analysis.scenes):
        raise Invalid("invalid", "Every scene is banned; a trailer needs one.", remedy="Take a scene off `ban`.")
    both = sorted(set(edits.ban) & set(edits.lock))
    if both:
        raise Invalid("invalid", f"Scenes {both} are both locked and banned.", remedy="Take them off `lock` or `ban`.")


def _refusals(edits: Edits, analysis: Analysis, reels: Sequence[Reel]) -> list[str]:
    """Say which of a person's wishes could not be met."""
    found = []
    unknown = sorted({*edits.lock, *edits.ban, *edits.order} - {scene.index for scene in analysis.scenes})
    if unknown:
        found.append(f"There are no scenes {unknown}; they were ignored.")
    missing = sorted(set(edits.lock) - set(unknown) - {shot.scene for reel in reels for shot in reel.shots})
    if missing:
        found.append(f"The locked scenes {missing} found no room in this length.")
    return found


def _shortages(spoken: Sequence[str], available: Sequence[pieces.Piece], measure: rhythm.Measure) -> list[str]:
    """Say what the script has too little of."""
    found = []
    if not spoken:
        found.append("No line of dialogue fits a trailer; it speaks in pictures, music and letters.")
    asked = sum(rhythm.picks(act, measure.shots[act]) for act in selection.ACTS)
    if len(available) < asked:
        found.append(f"The script offers {len(available)} moments where this length asks for {asked}; some come again.")
    return found
