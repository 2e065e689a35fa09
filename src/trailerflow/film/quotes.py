"""Quotes: whole sentences of the dialogue that could carry a trailer, word for word, with a score and a reason.

Called by `storyboard`, read by all who choose. A quote is contiguous in its speech and never cut inside a sentence;
only line breaks become blanks.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from trailerflow.film import names, sentences, vocabulary
from trailerflow.film.screenplay import Scene, Screenplay

SECONDS_BEFORE = 0.4
CHARACTERS_PER_SECOND = 14.0
SHORTEST, SWEET, LONGEST = 5, (14, 58), 92
MAX_SENTENCES = 3
WORTH_SPEAKING = 0.3
OPEN_ENDS = ("-", "–", "—", ",", ":", ";")  # noqa: RUF001 (dashes are meant)
LINKS = frozenset(
    {
        "and", "but", "so", "because", "or", "well", "okay", "ok", "yeah", "yes", "no", "und", "aber", "ja",
        "nein", "y", "pero", "sí", "et", "mais", "oui", "anyway", "like",
    }
)  # fmt: skip
SECOND_PERSON = frozenset(
    {
        "you", "your", "du", "dich", "dir", "ihr", "tú", "te", "usted", "tu", "vous", "toi", "ты", "вы", "i",
        "ich", "yo", "je", "я", "we", "wir", "nosotros", "nous", "мы",
    }
)  # fmt: skip
IDEOGRAPHS_COUNT = 2.2
LAST_WORD = 0.09
CLOSING = 0.05
JOINED = 0.03
CONDITIONS = frozenset(("if", "unless", "until", "wenn", "falls", "si", "se", "если"))
TITLE_DROP = 0.16


class Quote(NamedTuple):
    """Words worth hearing: who says them where, how much they carry (0..1) and why."""

    scene: int
    element: int
    character: str
    text: str
    score: float
    why: str

    @property
    def seconds(self) -> float:
        """How long the words take to say, by estimate."""
        return seconds(self.text)


def seconds(text: str) -> float:
    """Return how many seconds a text takes to say, by estimate."""
    ideographs = len(vocabulary.IDEOGRAPH.findall(text))
    return SECONDS_BEFORE + (len(text) + ideographs * IDEOGRAPHS_COUNT) / CHARACTERS_PER_SECOND


def of(screenplay: Screenplay, leads: Sequence[str]) -> list[Quote]:
    """Return every quote of the script in order; leads' words weigh more."""
    ear = _Ear(screenplay, leads)
    found = [quote for scene in screenplay.scenes for quote in ear.hear(scene)]
    seen: dict[str, Quote] = {}
    for quote in found:
        seen.setdefault(quote.text.casefold(), quote)  # words said twice count where they are said first
    return list(seen.values())


class _Ear:
    """Hears what carries: knows who leads, what the title says and which words say nothing."""

    def __init__(self, screenplay: Screenplay, leads: Sequence[str]) -> None:
        self.screenplay = screenplay
        self.aliases = names.canonical(screenplay)
        self.weights = {name: max(0.08, 0.2 - 0.03 * place) for place, name in enumerate(leads)}
        self.function_words = vocabulary.common(screenplay)
        self.title = self._title()

    def hear(self, scene: Scene) -> Iterator[Quote]:
        """Yield the quotes of one scene."""
        elements = self.screenplay.elements
        speeches = [place for place in range(scene.first, scene.last) if elements[place].type == "dialogue"]
        speaker = ""
        for place in range(scene.first, scene.last):
            element = elements[place]
            if element.type == "character":
                speaker = names.speaker(element, self.aliases)
            elif element.type == "dialogue" and speaker:
                bonus = self.weights.get(speaker, 0.0) + LAST_WORD * (place == speeches[-1])
                for text, score, why in self._parts(element.text):
                    yield Quote(scene.index, place, speaker, text, round(score + bonus, 4), why)
            elif element.type not in ("parenthetical", "lyric", "note"):
                speaker = ""

    def _parts(self, speech: str) -> Iterator[tuple[str, float, str]]:
        """Yield each run of up to three whole sentences with its score and reason."""
        spans = sentences.spans(speech)
        for first in range(len(spans)):
            for last in range(first, min(first + MAX_SENTENCES, len(spans))):
                text = " ".join(speech[spans[first][0] : spans[last][1]].split())
                if len(text) > LONGEST:
                    break
                if len(text) >= SHORTEST and any(character.isalnum() for character in text):
                    score, why = self._score(text)
                    yield text, score + CLOSING * (last == len(spans) - 1) - JOINED * (last - first), why

    def _score(self, text: str) -> tuple[float, str]:
        words = vocabulary.words(text)
        telling = vocabulary.telling(words, self.function_words)
        stakes = len(vocabulary.meaning("stakes").found(telling))
        intense = len(vocabulary.meaning("intense").found(telling))
        question = text.rstrip("\"'”’»").endswith(("?", "？"))  # noqa: RUF001 (full-width mark is meant)
        score = 0.2 + min(0.3, 0.13 * stakes) + min(0.12, 0.06 * intense) + 0.15 * question
        score += 0.05 * text.endswith(("!", "！"))  # noqa: RUF001 (full-width mark is meant)
        score += 0.06 * bool(SECOND_PERSON & set(words)) + 0.1 * bool(CONDITIONS & set(words[:1]))
        score += TITLE_DROP * bool(self.title & set(words))
        score -= _weakness(text, words)
        if question:
            return score, "a question that needs an answer"
        if intense and stakes:
            return score, "a threat spoken aloud"
        return score, "says what is at stake" if stakes else "a short, plain statement"

    def _title(self) -> frozenset[str]:
        """Return the title's telling words: who says them speaks of what the film is about."""
        page = self.screenplay.title_page.items()
        title = next((value for key, value in page if key.casefold() in ("title", "titel", "titre", "título")), "")
        telling = vocabulary.telling(vocabulary.words(title), self.function_words)
        return frozenset(word for word in telling if len(word) > 2)


def flaw(text: str) -> str | None:
    """Return what is weakest about words, for a person to read; nothing if they stand well by themselves."""
    weak = _flaws(text, vocabulary.words(text))
    return max(weak, key=lambda name: weak[name]) if weak else None


def _weakness(text: str, words: Sequence[str]) -> float:
    return sum(_flaws(text, words).values())


def _flaws(text: str, words: Sequence[str]) -> dict[str, float]:
    """Return how much words hang in the air: too short, too long, cut off, or leaning on what was said before."""
    size = len(text) + IDEOGRAPHS_COUNT * len(vocabulary.IDEOGRAPH.findall(text))
    cut = text.endswith(OPEN_ENDS) or text[0].islower() or text.startswith(("...", "…", "-", "–"))  # noqa: RUF001 (dashes are meant)
    weak = {
        "too short to stand alone": 0.03 * max(0.0, SWEET[0] - size),
        "long for a trailer": 0.007 * max(0.0, size - SWEET[1]),
        "cut off": 0.3 * cut,
        "leans on what was said before": 0.12 * bool(words and words[0] in LINKS),
        "has marks that cannot be spoken": 0.2 * any(mark in text for mark in "[]<>{}|"),
        "repeats itself": 0.2 * (len(set(words)) < len(words) / 2 or bool(re.search(r"(\w)\1{3}|\*{2}", text))),
    }
    return {name: weight for name, weight in weak.items() if weight}
