"""Portraits: what the script states of a character (age, gender, looks, clothes), and who they share scenes with.

Called by `casting`. Quotes the script and adds nothing: what is not stated stays empty.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from trailerflow.film import vocabulary
from trailerflow.film.record import Record

Gender = Literal["female", "male"]

MOST_RELATIONS = 6
LOOKS = ("build", "hair", "old", "child")
CLOTHES = ("hat", "coat", "garment")
YEARS = re.compile(r"[(,]\s*(?:early |mid-?|late |about |aged? |around )?(\d{1,2})(?:['’]?s)?\b", re.IGNORECASE)  # noqa: RUF001 (both apostrophes occur)
YEARS_OLD = re.compile(r"\b(\d{1,2})[- ]?(?:years?[- ]old|jahre|años|ans|лет)\b", re.IGNORECASE)
OLDEST = 99
# A name before the first words that tell: only what stands near it is said of its owner.
NEAR = 30


class Relation(Record):
    """Somebody met in scenes, and in how many."""

    name: str
    scenes: int


class Portrait(Record):
    """What the script states of one character; `aliases` are the other names in the cues."""

    name: str
    aliases: tuple[str, ...]
    age: int | None
    gender: Gender | None
    looks: tuple[str, ...]
    clothing: tuple[str, ...]
    relations: tuple[Relation, ...]


def of(name: str, told: str, *, aliases: Sequence[str], relations: Sequence[Relation]) -> Portrait:
    """Return the portrait of a character of whom the action tells `told`."""
    words = vocabulary.words(told)
    return Portrait(
        name=name,
        aliases=tuple(aliases),
        age=_age(told),
        gender=_gender([*vocabulary.words(name), *words[:NEAR]]),
        looks=_stated(LOOKS, words),
        clothing=_worn(words),
        relations=tuple(relations),
    )


def relations(present: Sequence[Sequence[str]]) -> dict[str, tuple[Relation, ...]]:
    """Return for each character those they share most scenes with; `present` names who is in each scene."""
    shared: dict[str, Counter[str]] = {}
    for group in present:
        for name in group:
            shared.setdefault(name, Counter()).update(other for other in group if other != name)
    return {
        name: tuple(Relation(name=other, scenes=count) for other, count in _first(counts))
        for name, counts in shared.items()
    }


def _first(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_RELATIONS]


def _age(told: str) -> int | None:
    found = YEARS.search(told) or YEARS_OLD.search(told)
    age = int(found.group(1)) if found else 0
    return age if 0 < age <= OLDEST else None


def _gender(words: Sequence[str]) -> Gender | None:
    women, men = (len(vocabulary.meaning(table).found(words)) for table in ("woman", "man"))
    if women == men:
        return None
    return "female" if women > men else "male"


def _stated(tables: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    meanings = [meaning for table in tables for meaning in vocabulary.meanings(table).values()]
    return tuple(dict.fromkeys(word for word in words if any(word in meaning for meaning in meanings)))


def _worn(words: Sequence[str]) -> tuple[str, ...]:
    """Return the clothes named, each with the colour that stands right before it."""
    worn = set(_stated(CLOTHES, words))
    colours = {word for meaning in vocabulary.meanings("colour").values() for word in meaning.whole}
    found = [
        f"{before} {word}" if before in colours else word
        for before, word in zip(["", *words], words, strict=False)
        if word in worn
    ]
    return tuple(dict.fromkeys(found))
