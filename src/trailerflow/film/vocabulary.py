"""The words the rules listen for, by meaning; kept in `vocabulary.toml`, in several languages at once.

Called by all that reads a script's words. Pure look-up: a text becomes a list of folded words, a meaning a set of words
and beginnings of words.
"""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from trailerflow.film.screenplay import Screenplay

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")  # noqa: RUF001 (both apostrophes occur)
IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
FILE = Path(__file__).with_suffix(".toml")
IDEOGRAPHS_PER_WORD = 2
ENOUGH_TO_TELL = 20_000


@dataclass(frozen=True, slots=True, eq=False)
class Meaning:
    """A set of whole words and a set of beginnings, all case-folded; equal only to itself."""

    whole: frozenset[str]
    starts: frozenset[str]
    shortest: int
    longest: int

    def __contains__(self, word: str) -> bool:
        """Say whether a folded word carries this meaning."""
        return word in self.whole or (bool(self.starts) and _begins(self, word))

    def found(self, text_words: Iterable[str]) -> list[str]:
        """Return the words that carry this meaning, in order, repetitions kept."""
        return [word for word in text_words if word in self]


def words(text: str) -> list[str]:
    """Return the case-folded words of a text; ideographs are words of their own."""
    folded = text.casefold()
    found = WORD.findall(folded)
    return [*found, *IDEOGRAPH.findall(folded)] if IDEOGRAPH.search(folded) else found


def count(text: str) -> int:
    """Return how many words a text has, two ideographs counting as one word."""
    ideographs = len(IDEOGRAPH.findall(text))
    return len(WORD.findall(IDEOGRAPH.sub(" ", text))) + (ideographs + 1) // IDEOGRAPHS_PER_WORD


def common(screenplay: Screenplay) -> frozenset[str]:
    """Return the function words of the language a script is written in (none: unknown)."""
    heard: list[str] = []
    for element in screenplay.elements:
        if element.type in ("action", "dialogue"):
            heard.extend(words(element.text))
        if len(heard) > ENOUGH_TO_TELL:
            break
    tongue = best("common", heard)
    return meaning("common", tongue).whole if tongue else frozenset()


def telling(text_words: Sequence[str], function_words: frozenset[str]) -> list[str]:
    """Return the words that mean something: `die` and `war` do in English and do not in German."""
    return [word for word in text_words if word not in function_words]


@cache
def meaning(table: str, name: str = "words") -> Meaning:
    """Return one list of the file as a meaning."""
    return _meaning(_tables()[table][name].split())


def entries(table: str, name: str) -> tuple[str, ...]:
    """Return one list of the file as it is written."""
    return tuple(_tables()[table][name].split())


@cache
def meanings(table: str) -> dict[str, Meaning]:
    """Return all lists of one table, in the order of the file."""
    return {name: meaning(table, name) for name in _tables()[table]}


def best(table: str, text_words: Sequence[str]) -> str | None:
    """Return the name of the meaning found most often in a table (ties: first in the file), or nothing."""
    scores = {name: len(entry.found(text_words)) for name, entry in meanings(table).items()}
    name = max(scores, key=lambda key: scores[key])
    return name if scores[name] else None


@lru_cache(maxsize=65_536)
def _begins(entry: Meaning, word: str) -> bool:
    last = min(len(word), entry.longest)
    return any(word[:length] in entry.starts for length in range(entry.shortest, last + 1))


@cache
def _tables() -> dict[str, dict[str, str]]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def _meaning(entries: Sequence[str]) -> Meaning:
    folded = [entry.casefold() for entry in entries]
    starts = frozenset(entry[:-1] for entry in folded if entry.endswith("*"))
    lengths = [len(start) for start in starts] or [1]
    return Meaning(frozenset(entry for entry in folded if not entry.endswith("*")), starts, min(lengths), max(lengths))
