"""What happens in each scene, by rules alone: who, where, when, how long, how strong, and what turns the story.

Called by the orchestrator's first phase, by selection and by the command line. Pure: the same screenplay gives the
same analysis. Nothing here depends on one language: where no word is known, length, speech, place in the story and
punctuation decide.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from pydantic import Field

from trailerflow.film import breakdown, importance, places, scores, turning_points, vocabulary
from trailerflow.film.breakdown import Breakdown, Weather
from trailerflow.film.record import Record
from trailerflow.film.scores import Scores
from trailerflow.film.screenplay import Screenplay
from trailerflow.film.turning_points import TurningPoint

TimeOfDay = places.TimeOfDay
Genre = Literal["drama", "thriller", "comedy", "horror", "adventure", "romance"]

GENRE_WORDS_PER_THOUSAND = 2.0
# How much a place where stories turn adds to a scene's own weight.
TURNING_SHARE = 0.5


class SceneAnalysis(Record):
    """One scene's reading. Scores lie between 0 and 1; `valence` between -1 (dark) and 1 (bright).

    `setting` is the canonical place (`KITCHEN`), `present` everyone who speaks or is named in the action,
    `evidence` the words that tell most. `eighths` is the length in eighths of a page; `scores` and `words` hold every
    score by name and the words behind it.
    """

    index: int
    heading: str
    setting: str
    interior: bool
    time_of_day: TimeOfDay
    weather: Weather
    speakers: tuple[str, ...]
    present: tuple[str, ...]
    seconds: float
    dialogue_words: int
    action_words: int
    intensity: float
    valence: float
    salience: float
    evidence: tuple[str, ...]
    eighths: int = 1
    scores: dict[str, float] = Field(default_factory=dict)
    words: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class Analysis(Record):
    """Every scene in order, the genre words the score and the letters follow, and what turns the story.

    `turning_points` are always the five; `preference` holds all scenes, those that matter most to the story first.
    """

    scenes: tuple[SceneAnalysis, ...]
    genre: Genre
    turning_points: tuple[TurningPoint, ...] = ()
    preference: tuple[int, ...] = ()


def analyse(screenplay: Screenplay) -> Analysis:
    """Return what happens in each scene. Durations are in seconds, scores in 0..1, valence in -1..1."""
    reader = breakdown.Reader(screenplay)
    where = places.of([scene.heading for scene in screenplay.scenes], reader.people)
    read = [reader.read(scene, place) for scene, place in zip(screenplay.scenes, where, strict=True)]
    scored = [scores.of(scene) for scene in read]
    cues = importance.cues(read, scored)
    strength = importance.strength(cues)
    likely = turning_points.chances(strength, {**cues, **moods(scored)})
    return Analysis(
        scenes=tuple(_scene(*scene) for scene in zip(read, scored, salience(strength, likely), strict=True)),
        genre=_genre(read),
        turning_points=turning_points.locate(likely),
        preference=turning_points.preference(likely),
    )


def moods(scored: Sequence[Scores]) -> Mapping[str, list[float]]:
    """Return the two cues of the late points: how dark and how strong a scene is, ranked."""
    return {
        "darkness": importance.ranks([-score.valence for score in scored]),
        "intensity": importance.ranks([score.intensity for score in scored]),
    }


def salience(strength: Sequence[float], likely: Sequence[Sequence[float]]) -> list[float]:
    """Return how much each scene matters, as a rank: by its own weight and by the chance that the story turns in it."""
    near = turning_points.nearness(likely)
    return importance.ranks(
        [(1 - TURNING_SHARE) * own + TURNING_SHARE * turns for own, turns in zip(strength, near, strict=True)]
    )


def _scene(read: Breakdown, scored: Scores, weight: float) -> SceneAnalysis:
    return SceneAnalysis(
        index=read.scene.index,
        heading=read.scene.heading,
        setting=read.place.setting,
        interior=read.place.interior,
        time_of_day=read.place.time_of_day,
        weather=read.weather,
        speakers=read.speakers,
        present=read.present,
        seconds=read.seconds,
        dialogue_words=read.dialogue_words,
        action_words=read.action_words,
        intensity=scored.intensity,
        valence=scored.valence,
        salience=round(weight, 4),
        evidence=scores.evidence(scored),
        eighths=read.eighths,
        scores=scored.values,
        words=scored.words,
    )


def _genre(scenes: Sequence[Breakdown]) -> Genre:
    everything = [word for scene in scenes for word in (*scene.action, *scene.spoken)]
    counts = {name: len(entry.found(everything)) for name, entry in vocabulary.meanings("genre").items()}
    name = max(counts, key=lambda key: counts[key])
    enough = counts[name] >= max(3.0, GENRE_WORDS_PER_THOUSAND * sum(scene.words for scene in scenes) / 1000)
    return cast("Genre", name if enough else "drama")
