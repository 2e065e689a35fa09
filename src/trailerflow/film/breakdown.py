"""The breakdown of a script: scene by scene who, where, when, how long, and the words that mean something.

Called by `analysis` only. Looks at one scene at a time; compares nothing, judges nothing.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import groupby
from typing import Literal, NamedTuple, cast

from trailerflow.film import names, places, sentences, vocabulary
from trailerflow.film.screenplay import Element, Scene, Screenplay

Weather = Literal["clear", "rain", "snow", "fog", "storm"]

SPOKEN = ("dialogue", "lyric")
DIALOGUE_WORDS_PER_SECOND = 2.6
ACTION_WORDS_PER_SECOND = 2.9
SECONDS_PER_ELEMENT = 0.4
# A page as it is typed: how many letters a row takes, how many rows an element has besides, how many a page.
LETTERS_A_ROW = {"action": 60, "dialogue": 35, "lyric": 35, "parenthetical": 26}
ROWS_BESIDES = {"action": 1, "heading": 2, "character": 2, "transition": 2}
ROWS_A_PAGE = 54
QUESTION_ENDS = ("?", "？")  # noqa: RUF001 (full-width mark is meant)


class Breakdown(NamedTuple):
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
    eighths: int
    exclamations: int
    shouted: tuple[str, ...]
    questions: tuple[str, ...]
    weather: Weather

    @property
    def words(self) -> int:
        """How many words the scene has, said and told."""
        return self.action_words + self.dialogue_words


class Reader:
    """Reads scene after scene; knows the script's people and the words of its language that say nothing."""

    def __init__(self, screenplay: Screenplay) -> None:
        self.screenplay = screenplay
        self.aliases = names.canonical(screenplay)
        self.people = tuple(dict.fromkeys([*self.aliases.values(), *names.silent(screenplay)]))
        self.roll = names.Roll(self.people)
        self._names = frozenset(word for name in self.people for word in vocabulary.words(name))
        self.function_words = vocabulary.common(screenplay)

    def read(self, scene: Scene, place: places.Place) -> Breakdown:
        """Return one scene's words and people."""
        elements = self.screenplay.elements_of(scene)
        speakers = [names.speaker(element, self.aliases) for element in elements if element.type == "character"]
        told = "\n".join(element.text for element in elements if element.type == "action")
        said = "\n".join(element.text for element in elements if element.type in SPOKEN)
        action = vocabulary.telling(vocabulary.words(told), self.function_words)
        told_words, said_words = vocabulary.count(told), vocabulary.count(said)
        seconds = said_words / DIALOGUE_WORDS_PER_SECOND + told_words / ACTION_WORDS_PER_SECOND
        return Breakdown(
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
            eighths=_eighths(elements),
            exclamations=sum(text.count(mark) for text in (told, said) for mark in "!\uff01\u00a1"),
            shouted=_shouted(told, self._names),
            questions=_questions(said),
            weather=_weather(place, vocabulary.words(scene.heading), action),
        )


def _shouted(told: str, people: AbstractSet[str]) -> tuple[str, ...]:
    """Return the words in capitals, but for those by which somebody is introduced: `IDA VOSS, 34` is no shout."""
    found: list[str] = []
    for is_shout, run in groupby(told.split(), str.isupper):
        words = " ".join(run) if is_shout else ""
        if words and people.isdisjoint(vocabulary.words(words)):
            found += [word for word in vocabulary.WORD.findall(words) if len(word) > 2]
    return tuple(found)


def _eighths(elements: Sequence[Element]) -> int:
    """Return the length in eighths of a typed page, one at least."""
    rows = 0
    for element in elements:
        letters = LETTERS_A_ROW.get(element.type)
        rows += ROWS_BESIDES.get(element.type, 0) + (-(-len(element.text) // letters) if letters else 0)
    return max(1, round(8 * rows / ROWS_A_PAGE))


def _questions(said: str) -> tuple[str, ...]:
    if not any(mark in said for mark in QUESTION_ENDS):
        return ()
    return tuple(text for text in sentences.split(said) if text.rstrip("\"'”’»)").endswith(QUESTION_ENDS))  # noqa: RUF001 (quotes are meant)


def _weather(place: places.Place, heading: list[str], action: list[str]) -> Weather:
    """Believe the heading at once, the action only for scenes outside, its first words before the rest."""
    found = vocabulary.best("weather", heading)
    if found is None and not place.interior:
        found = vocabulary.best("weather", action[:40]) or vocabulary.best("weather", action)
    return cast("Weather", found or "clear")
