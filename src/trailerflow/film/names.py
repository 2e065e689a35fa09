"""Names: which cues mean the same character, and who is named in a text.

Called by `analysis`, `casting` and `storyboard`. `MARY'S VOICE` is MARY, and `HENRY` is Henry; two people are
never made one on a guess.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from trailerflow.film import vocabulary
from trailerflow.film.screenplay import Element, Screenplay

# What is no part of a name, where a writer forgot the brackets: `MARY V.O.`, `MARY - CONT'D`.
UNBRACKETED = re.compile(
    r"(?<![\s,\-–—])[\s,\-–—]++(?:V\.\s?O\.?|O\.\s?[SC]\.?|VO|OS|OC|CONT['’]?D\.?|CONTINUED|CONTINUING)$"  # noqa: RUF001 (dashes, both apostrophes)
)
TITLED = re.compile(
    r"(?:MRS?|MS|MISS|DR|DOCTOR|PROF|PROFESSOR|CAPTAIN|CAPT|SIR|LADY|FRAU|HERR|SEÑORA?|MADAME|MONSIEUR)\.?\s+"
)
FULL_NAME = re.compile(r"[^\W\d_]+[ ][^\W\d_]+")
POSSESSIVE = re.compile(r"['’]S\s+(?:VOICE|VOICEOVER|GHOST|RECORDING|SHADOW)$")  # noqa: RUF001 (both apostrophes occur)
NOISE = frozenset({"THE", "DER", "DIE", "DAS", "EL", "LA", "LE", "ALL", "BOTH", "ALLE"})
INTRODUCED = re.compile(r"(?<![^\W\d_])([^\W\d_]++(?:[ ][^\W\d_]++){0,2})(?=,|[ ]\()")
GLOSS = re.compile(r"([^\[\]]+?)\s*\[([^\[\]]+)\]$")
SHORT = 3
# How far after a name its owner is told of.
TELLING = 160


def canonical(screenplay: Screenplay) -> dict[str, str]:
    """Return for each cue's name (upper case) the name of the character it means."""
    known = {speaker.name: speaker.cues for speaker in screenplay.characters}
    glossed: dict[str, str] = {}
    for name in known:
        if gloss := GLOSS.match(name):
            glossed.setdefault(gloss.group(2), name)
            glossed.setdefault(gloss.group(1), name)
    targets = {name: _target(name, known, glossed) for name in known}
    full = _full_names(screenplay, dict.fromkeys(targets.values()))
    return {name: full.get(target, target) for name, target in targets.items()}


def others(aliases: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return for each character the other names the cues use."""
    found: dict[str, tuple[str, ...]] = {}
    for name, target in aliases.items():
        if name != target:
            found[target] = (*found.get(target, ()), name)
    return found


def _full_names(screenplay: Screenplay, known: Iterable[str]) -> dict[str, str]:
    """Lead `MARY` and `MRS. SMITH` to the MARY SMITH of another cue whom the action tells of, if there is one only."""
    bare = {name: TITLED.sub("", name) for name in known}
    owners = Counter(word for short in bare.values() for word in short.split())
    alone: dict[str, list[str]] = {}
    for name, short in bare.items():
        if owners[short] == 2:
            alone.setdefault(short, []).append(name)
    told = ""
    found: dict[str, str] = {}
    for name in bare:
        first, _, last = name.partition(" ")
        others = [other for short in {first, last} for other in alone.get(short, ()) if other != name]
        if not others or not FULL_NAME.fullmatch(name) or first in NOISE:
            continue
        told = told or "\n".join(element.text for element in screenplay.elements if element.type == "action").upper()
        place = told.find(name)
        for other in others if place >= 0 else ():
            titled = bare[other] == last and other != last and _fits(other, told[place : place + TELLING])
            if other == first or titled:
                found[other] = name
    return found


def _fits(title: str, told: str) -> bool:
    """Say whether what is told of a person suits a title: a Mrs. is a woman, a doctor is anybody."""
    words, titles = vocabulary.words(told.partition(".")[0]), vocabulary.words(title)
    women, men = vocabulary.meaning("woman"), vocabulary.meaning("man")
    if not women.found(titles) and not men.found(titles):
        return True
    more = len(women.found(words)) - len(men.found(words))
    return more > 0 if women.found(titles) else more < 0


def _target(name: str, known: Mapping[str, int], glossed: Mapping[str, str]) -> str:
    """Follow a voice to its owner, and `WOYZECK` to the `LOUIS [WOYZECK]` an editor made of him."""
    bare = POSSESSIVE.sub("", UNBRACKETED.sub("", name)).strip()
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
