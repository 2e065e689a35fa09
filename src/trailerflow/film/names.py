"""Names: which cues mean the same character, and who is named in a text.

Called by `analysis` and `storyboard`. `MARY'S VOICE` is MARY, and `HENRY` is Henry; two people are never made one on
a guess.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from trailerflow.film import vocabulary
from trailerflow.film.screenplay import Element, Screenplay

POSSESSIVE = re.compile(r"['’]S\s+(?:VOICE|VOICEOVER|GHOST|RECORDING|SHADOW)$")  # noqa: RUF001 (both apostrophes occur)
NOISE = frozenset({"THE", "DER", "DIE", "DAS", "EL", "LA", "LE", "ALL", "BOTH", "ALLE"})
INTRODUCED = re.compile(r"([^\W\d_]+(?:[ ][^\W\d_]+){0,2})(?=,|[ ]\()")
GLOSS = re.compile(r"([^\[\]]+?)\s*\[([^\[\]]+)\]$")
SHORT = 3


def canonical(screenplay: Screenplay) -> dict[str, str]:
    """Return for each cue's name (upper case) the name of the character it means."""
    known = {speaker.name: speaker.cues for speaker in screenplay.characters}
    glossed: dict[str, str] = {}
    for name in known:
        if gloss := GLOSS.match(name):
            glossed.setdefault(gloss.group(2), name)
            glossed.setdefault(gloss.group(1), name)
    return {name: _target(name, known, glossed) for name in known}


def _target(name: str, known: Mapping[str, int], glossed: Mapping[str, str]) -> str:
    """Follow a voice to its owner, and `WOYZECK` to the `LOUIS [WOYZECK]` an editor made of him."""
    bare = POSSESSIVE.sub("", name).strip()
    if bare != name and bare in known:
        return bare
    if name in glossed:
        return glossed[name]
    words = name.split()
    if len(words) == 2 and words[0] in NOISE and words[1] in known:
        return words[1]
    return name


def speaker(element: Element, aliases: Mapping[str, str]) -> str:
    """Return the character a cue element belongs to."""
    name = element.text.upper()
    return aliases.get(name, name)


def silent(screenplay: Screenplay) -> list[str]:
    """Return who is introduced in capitals in a script in which hardly anybody speaks (`MARA, 30`)."""
    if len(screenplay.characters) > 1:
        return []
    told = "\n".join(element.text for element in screenplay.elements if element.type == "action")
    mentions = Counter(vocabulary.words(told))
    found = [_capitals(words) for words in INTRODUCED.findall(told)]
    return [name for name in dict.fromkeys(found) if len(name) >= SHORT and mentions[vocabulary.words(name)[-1]] > 1]


def _capitals(words: str) -> str:
    """Return the words in capitals at the end of a few words: `An OLD DOG` introduces OLD DOG."""
    kept: list[str] = []
    for word in reversed(words.split()):
        if not word.isupper() or len(word) < 2:
            break
        kept.insert(0, word)
    return " ".join(kept)


class Roll:
    """Finds characters named in running text; a name of several words is also known by its first or last."""

    def __init__(self, characters: Iterable[str]) -> None:
        split = {name: vocabulary.words(name) for name in characters}
        owners = Counter(part for parts in split.values() for part in set(parts))
        self._of: dict[str, str] = {}
        for name, parts in split.items():
            for part in parts if len(parts) > 1 else ():
                if len(part) > SHORT and part.upper() not in NOISE and owners[part] == 1:
                    self._of[part] = name
        self._of.update({parts[0]: name for name, parts in split.items() if len(parts) == 1})

    def named(self, text: str) -> list[str]:
        """Return who is named in `text`, in the order of first mention. A common word needs a capital letter."""
        found: dict[str, None] = {}
        for word in vocabulary.WORD.findall(text):
            folded = word.casefold()
            name = self._of.get(folded) or self._of.get(folded.removesuffix("'s").removesuffix("’s"))  # noqa: RUF001 (both apostrophes)
            if name and not word.islower():
                found.setdefault(name)
        return list(found)
