"""What happens in each scene, by rules alone: who, where, when, how long, how strong.

Called by the orchestrator's first phase, by selection and by the command line. Pure: the same screenplay gives the
same analysis. Nothing here depends on one language: where no word is known, length, speech, place in the story and
punctuation decide.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple, cast

from trailerflow.film import names, places, vocabulary
from trailerflow.film.record import Record
from trailerflow.film.screenplay import Element, Scene, Screenplay

TimeOfDay = places.TimeOfDay
Weather = Literal["clear", "rain", "snow", "fog", "storm"]
Genre = Literal["drama", "thriller", "comedy", "horror", "adventure", "romance"]

SPOKEN = ("dialogue", "lyric")
DIALOGUE_WORDS_PER_SECOND = 2.6
ACTION_WORDS_PER_SECOND = 2.9
SECONDS_PER_ELEMENT = 0.4
TURNING_POINTS = (0.15, 0.38, 0.63, 0.85)
GENRE_WORDS_PER_THOUSAND = 2.0
EVIDENCE = 8


class SceneAnalysis(Record):
    """One scene's reading. Scores lie between 0 and 1; `valence` between -1 (dark) and 1 (bright).

    `setting` is the canonical place (`KITCHEN`), `present` everyone who speaks or is named in the action,
    `evidence` the words behind the scores.
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


class Analysis(Record):
    """Every scene in order, and the genre words the score and the letters follow."""

    scenes: tuple[SceneAnalysis, ...]
    genre: Genre


class _Reading(NamedTuple):
    """One scene's words and who they belong to, before anything is compared with other scenes."""

    scene: Scene
    place: places.Place
    speakers: tuple[str, ...]
    present: tuple[str, ...]
    cues: int
    action: list[str]
    spoken: list[str]
    action_words: int
    dialogue_words: int
    seconds: float
    exclamations: int
    capitals: int
    weather: Weather


def analyse(screenplay: Screenplay) -> Analysis:
    """Return what happens in each scene. Durations are in seconds, scores in 0..1, valence in -1..1."""
    reader = _Reader(screenplay)
    where = places.of([scene.heading for scene in screenplay.scenes])
    readings = [reader.read(scene, place) for scene, place in zip(screenplay.scenes, where, strict=True)]
    lengths = _ranks([reading.seconds for reading in readings])
    talk = _ranks([float(reading.cues) for reading in readings])
    scenes = tuple(
        _scene(reading, length, cues, len(readings))
        for reading, length, cues in zip(readings, lengths, talk, strict=True)
    )
    return Analysis(scenes=scenes, genre=_genre(readings))


class _Reader:
    """Reads scene after scene; knows the script's people and the words of its language that say nothing."""

    def __init__(self, screenplay: Screenplay) -> None:
        self.screenplay = screenplay
        self.aliases = names.canonical(screenplay)
        self.roll = names.Roll([*self.aliases.values(), *names.silent(screenplay)])
        self.function_words = vocabulary.common(screenplay)

    def read(self, scene: Scene, place: places.Place) -> _Reading:
        """Return one scene's words and people."""
        elements = self.screenplay.elements_of(scene)
        speakers = [names.speaker(element, self.aliases) for element in elements if element.type == "character"]
        told = "\n".join(element.text for element in elements if element.type == "action")
        said = "\n".join(element.text for element in elements if element.type in SPOKEN)
        action = vocabulary.telling(vocabulary.words(told), self.function_words)
        told_words, said_words = vocabulary.count(told), vocabulary.count(said)
        seconds = said_words / DIALOGUE_WORDS_PER_SECOND + told_words / ACTION_WORDS_PER_SECOND
        return _Reading(
            scene=scene,
            place=place,
            speakers=tuple(dict.fromkeys(speakers)),
            present=tuple(dict.fromkeys([*speakers, *self.roll.named(told)])),
            cues=len(speakers),
            action=action,
            spoken=vocabulary.telling(vocabulary.words(said), self.function_words),
            action_words=told_words,
            dialogue_words=said_words,
            seconds=round(seconds + SECONDS_PER_ELEMENT * len(elements), 2),
            exclamations=sum(text.count(mark) for text in (told, said) for mark in "!\uff01\u00a1"),
            capitals=_capitals(elements),
            weather=_weather(place, vocabulary.words(scene.heading), action),
        )


def _capitals(elements: Sequence[Element]) -> int:
    """Count words shouted in the action; names at first sight are among them, sounds and blows too."""
    texts = [element.text for element in elements if element.type == "action"]
    return sum(1 for text in texts for word in text.split() if len(word) > 2 and word.isupper())


def _weather(place: places.Place, heading: list[str], action: list[str]) -> Weather:
    """Believe the heading at once, the action only for scenes outside, its first words before the rest."""
    found = vocabulary.best("weather", heading)
    if found is None and not place.interior:
        found = vocabulary.best("weather", action[:40]) or vocabulary.best("weather", action)
    return cast("Weather", found or "clear")


def _ranks(values: Sequence[float]) -> list[float]:
    """Return the share of values below each, ties halved: a measure that needs no unit."""
    ordered = sorted(values)
    first: dict[float, int] = {}
    last: dict[float, int] = {}
    for position, value in enumerate(ordered):
        first.setdefault(value, position)
        last[value] = position
    span = max(1, len(values) - 1)
    return [(first[value] + last[value]) / 2 / span if len(values) > 1 else 0.5 for value in values]


def _scene(reading: _Reading, length: float, talk: float, count: int) -> SceneAnalysis:
    everything = [*reading.action, *reading.spoken]
    intense = vocabulary.meaning("intense").found(everything)
    bright = vocabulary.meaning("bright").found(everything)
    dark = vocabulary.meaning("dark").found(everything)
    stakes = vocabulary.meaning("stakes").found(reading.spoken)
    intensity = _intensity(reading, len(intense))
    turning = _turning((reading.scene.index + 0.5) / count)
    urgency = _clamp(len(stakes) / max(12.0, 0.12 * reading.dialogue_words))
    salience = 0.46 * length + 0.14 * talk + 0.16 * intensity + 0.1 * urgency + 0.14 * turning
    return SceneAnalysis(
        index=reading.scene.index,
        heading=reading.scene.heading,
        setting=reading.place.setting,
        interior=reading.place.interior,
        time_of_day=reading.place.time_of_day,
        weather=reading.weather,
        speakers=reading.speakers,
        present=reading.present,
        seconds=reading.seconds,
        dialogue_words=reading.dialogue_words,
        action_words=reading.action_words,
        intensity=round(intensity, 4),
        valence=round((len(bright) - len(dark)) / (len(bright) + len(dark) + 2), 4),
        salience=round(_clamp(salience), 4),
        evidence=tuple(dict.fromkeys([*intense, *dark, *bright, *stakes]))[:EVIDENCE],
    )


def _intensity(reading: _Reading, words: int) -> float:
    everything = reading.action_words + reading.dialogue_words
    size = max(everything, 30)
    strong = _clamp(words / size / 0.06)
    loud = _clamp(reading.exclamations / size / 0.04)
    shouted = _clamp(reading.capitals / size / 0.08)
    acted = reading.action_words / max(1, everything)
    return _clamp(0.52 * strong + 0.22 * loud + 0.08 * shouted + 0.18 * acted)


def _turning(position: float) -> float:
    """How near a place in the story is to where turning points lie on average, 0..1."""
    return max(0.0, 1 - min(abs(position - point) for point in TURNING_POINTS) / 0.1)


def _genre(readings: Sequence[_Reading]) -> Genre:
    everything = [word for reading in readings for word in (*reading.action, *reading.spoken)]
    counts = {name: len(entry.found(everything)) for name, entry in vocabulary.meanings("genre").items()}
    name = max(counts, key=lambda key: counts[key])
    enough = counts[name] >= max(
        3.0,
        GENRE_WORDS_PER_THOUSAND * sum(reading.action_words + reading.dialogue_words for reading in readings) / 1000,
    )
    return cast("Genre", name if enough else "drama")


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
