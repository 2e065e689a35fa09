"""Quotes: whole sentences of the dialogue that could carry a trailer, word for word, with a score and a reason.

Called by `storyboard`, read by all who choose. A quote is contiguous in its speech and never cut inside a sentence;
only line breaks become blanks.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from trailerflow.film import names, sentences, vocabulary
from trailerflow.film.screenplay import Screenplay

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
    aliases = names.canonical(screenplay)
    weights = {name: max(0.08, 0.2 - 0.03 * place) for place, name in enumerate(leads)}
    title = _title_words(screenplay)
    found: list[Quote] = []
    for scene in screenplay.scenes:
        speaker = ""
        last = max(
            (place for place in range(scene.first, scene.last) if screenplay.elements[place].type == "dialogue"),
            default=0,
        )
        for element in range(scene.first, scene.last):
            entry = screenplay.elements[element]
            if entry.type == "character":
                speaker = names.speaker(entry, aliases)
            elif entry.type == "dialogue" and speaker:
                weight = weights.get(speaker, 0.0) + LAST_WORD * (element == last)
                found.extend(_quotes(scene.index, element, speaker, entry.text, weight=weight, title=title))
            elif entry.type not in ("parenthetical", "lyric", "note"):
                speaker = ""
    return _once(found)


def _quotes(scene: int, element: int, speaker: str, text: str, *, weight: float, title: frozenset[str]) -> list[Quote]:
    spans = sentences.spans(text)
    found = []
    for first in range(len(spans)):
        for last in range(first, min(first + MAX_SENTENCES, len(spans))):
            words = " ".join(text[spans[first][0] : spans[last][1]].split())
            if len(words) > LONGEST:
                break
            if len(words) >= SHORTEST and any(character.isalnum() for character in words):
                score, why = _score(words, last - first + 1, last == len(spans) - 1)
                named = TITLE_DROP * bool(title & set(vocabulary.words(words)))
                found.append(Quote(scene, element, speaker, words, round(score + weight + named, 4), why))
    return found


def _title_words(screenplay: Screenplay) -> frozenset[str]:
    """Return the title's telling words: who says them speaks of what the film is about."""
    title = next(
        (value for key, value in screenplay.title_page.items() if key.casefold() in ("title", "titel", "título")), ""
    )
    return frozenset(word for word in vocabulary.telling(vocabulary.words(title)) if len(word) > 2)


def _score(text: str, count: int, closes: bool) -> tuple[float, str]:
    words = vocabulary.words(text)
    stakes = len(vocabulary.meaning("stakes").found(vocabulary.telling(words)))
    intense = len(vocabulary.meaning("intense").found(vocabulary.telling(words)))
    question = text.rstrip("\"'”’»").endswith(("?", "？"))  # noqa: RUF001 (full-width mark is meant)
    score = 0.2 + min(0.3, 0.13 * stakes) + min(0.12, 0.06 * intense) + 0.05 * closes - 0.03 * (count - 1)
    score += 0.15 * question + 0.05 * text.rstrip().endswith(("!", "！"))  # noqa: RUF001 (full-width mark is meant)
    score += 0.06 * bool(SECOND_PERSON & set(words))
    score -= _weakness(text, words)
    if question:
        return score, "a question that needs an answer"
    if intense and stakes:
        return score, "a threat spoken aloud"
    return score, "says what is at stake" if stakes else "a short, plain statement"


def _weakness(text: str, words: Sequence[str]) -> float:
    """Return how much words hang in the air: too short, too long, cut off, or leaning on what was said before."""
    size = len(text) + IDEOGRAPHS_COUNT * len(vocabulary.IDEOGRAPH.findall(text))
    weak = 0.0
    if size < SWEET[0]:
        weak += 0.03 * (SWEET[0] - size)
    elif size > SWEET[1]:
        weak += 0.007 * (size - SWEET[1])
    if text.endswith(OPEN_ENDS) or text[0].islower() or text.startswith(("...", "…", "-", "–")):  # noqa: RUF001 (dashes are meant)
        weak += 0.3
    if words and words[0] in LINKS:
        weak += 0.12
    if len(set(words)) < len(words) / 2 or re.search(r"(\w)\1{3}|\*{2}", text):
        weak += 0.2
    return weak


def _once(found: list[Quote]) -> list[Quote]:
    """Words said twice in the film count where they are said first."""
    seen: dict[str, Quote] = {}
    for quote in found:
        seen.setdefault(quote.text.casefold(), quote)
    return list(seen.values())
