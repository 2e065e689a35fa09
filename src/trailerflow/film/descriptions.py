"""Descriptions: the sentences in which the action tells what a character is like.

Called by `casting`. Quotes the script, adds nothing.
"""

from collections.abc import Iterable

from trailerflow.film import names, sentences, vocabulary
from trailerflow.film.screenplay import Screenplay

MAX_SENTENCES = 6


def of(screenplay: Screenplay, characters: Iterable[str]) -> dict[str, str]:
    """Return for each character the first sentences that name them and nobody else before them."""
    roll = names.Roll(characters)
    told: dict[str, list[str]] = {}
    for element in screenplay.elements:
        if element.type != "action":
            continue
        for sentence in sentences.split(element.text):
            for name, clause in _clauses(sentence, roll.named(sentence)):
                said = told.setdefault(name, [])
                if len(said) < MAX_SENTENCES:
                    said.append(clause)
    return {name: "\n".join(said) for name, said in told.items()}


def _clauses(sentence: str, named: list[str]) -> list[tuple[str, str]]:
    """Give each person named in a sentence the words from their name to the next name."""
    if len(named) < 2:
        return [(name, sentence) for name in named]
    folded = sentence.casefold()
    places = []
    for name in named:
        found = [place for word in vocabulary.words(name) if (place := folded.find(word)) >= 0]
        places.append((min(found, default=0), name))
    places.sort()
    ends = [place for place, _ in places[1:]] + [len(sentence)]
    return [(name, sentence[start:end]) for (start, name), end in zip(places, ends, strict=True)]
