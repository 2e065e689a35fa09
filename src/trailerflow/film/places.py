"""Places and times: what each scene's heading says, the same place under different headings made one.

Called by `analysis`. Inside and outside of one place are two settings, because they are drawn differently. A play's
heading that only says who is there names no place, and gets none invented but one for each who stands first in it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from trailerflow.film import headings, vocabulary

TimeOfDay = Literal["day", "dusk", "night", "dawn"]
ARTICLES = frozenset(
    {
        "the", "a", "an", "der", "die", "das", "dem", "den", "ein", "eine", "einem", "einer", "el", "la", "los",
        "las", "un", "una", "le", "les", "une", "l", "o", "os", "i", "il", "same", "mismo", "misma", "selbe",
        "derselbe", "même",
    }
)  # fmt: skip
NAME_LENGTH, LONGEST = 48, 1_000
NAMELESS = "SOMEWHERE"
REMARK = re.compile(r"\s*[(\[][^)\]]*[)\]]")
OPEN_KINDS = frozenset(
    (
        "street", "city", "alley", "market", "park", "cemetery", "farm", "dock", "dam", "stadium", "underwater",
        "rooftop", "forest", "field", "mountain", "sea", "beach", "desert", "garden", "bridge", "space", "barracks",
    )
)  # fmt: skip
NEXT_TO = frozenset(
    {
        "of", "in", "on", "at", "behind", "near", "by", "outside", "above", "over", "beside", "overlooking", "under",
        "de", "du", "des", "del", "di", "della", "hinter", "vor", "neben", "am", "im", "derrière", "devant", "sur",
        "dans", "detrás", "junto", "sobre", "en",
    }
)  # fmt: skip
ENDINGS: tuple[tuple[str, str], ...] = (
    ("lighthouse", "castle"), ("warehouse", "factory"), ("wirtshaus", "bar"), ("wirthshaus", "bar"),
    ("krankenhaus", "hospital"), ("lagerhaus", "factory"), ("schlafzimmer", "bedroom"), ("kneipe", "bar"),
    ("bahnhof", "station"), ("bibliothek", "library"), ("büro", "office"), ("laden", "shop"), ("küche", "kitchen"),
    ("zimmer", "room"), ("room", "room"), ("haus", "house"), ("house", "house"), ("straße", "street"),
    ("strasse", "street"), ("gasse", "street"), ("platz", "city"), ("friedhof", "cemetery"), ("hof", "garden"),
    ("keller", "cellar"), ("turm", "castle"), ("wald", "forest"), ("berg", "mountain"), ("saal", "hall"),
    ("kirche", "church"), ("schiff", "ship"), ("boat", "ship"), ("thür", "house"), ("tür", "house"), ("bude", "tent"),
    ("field", "field"),
)  # fmt: skip


class Place(NamedTuple):
    """Where and when a scene plays; `setting` is the canonical name."""

    setting: str
    interior: bool
    time_of_day: TimeOfDay


def of(scene_headings: Sequence[str], people: Iterable[str] = ()) -> list[Place]:
    """Return the place of every scene, in order; `people` are the characters, who are no places."""
    parsed = [headings.parse(text) for text in scene_headings]
    known: dict[str, str] = {}
    for person in people:
        for word in vocabulary.words(person):
            if len(word) > 1 and word not in ARTICLES:
                known.setdefault(word, person)
    names = _whole([_stage(heading, _name(heading), known) for heading in parsed])
    inside = [_interior(heading, name) for heading, name in zip(parsed, names, strict=True)]
    canonical = _merge(names, inside)
    times = _times(parsed)
    return [Place(*place) for place in zip(canonical, inside, times, strict=True)]


def kinds(name: str) -> list[tuple[str, str]]:
    """Return the kinds of place a name speaks of, each with its word, what it most likely is first.

    That is the last word of its last part; but before `of`, `in` or `behind` stands what it is, after it where.
    """
    found: list[tuple[str, str]] = []
    for part in reversed(name.split(" - ")):
        places: list[tuple[int, int, str, str]] = []
        words, at = vocabulary.words(part), 0
        turns = [sum(word in NEXT_TO for word in words[: place + 1]) for place in range(len(words))]
        while at < len(words):
            pair = "-".join(words[at : at + 2])
            together = _spoken_of(pair) if pair != words[at] else None
            word = pair if together else words[at]
            if kind := together or _spoken_of(word) or _ending(word):
                places.append((turns[at], -at, kind, word))
            at += 2 if together else 1
        found += [(kind, word) for _, _, kind, word in sorted(places)]
    return found


@lru_cache(maxsize=4096)
def _spoken_of(word: str) -> str | None:
    return vocabulary.best("kind", [word])


def _ending(word: str) -> str | None:
    """Compounds end in what they are: `Wirtshaus`, `lighthouse`, `Schlafzimmer`, `warehouse`."""
    return next((kind for ending, kind in ENDINGS if word.endswith(ending)), None)


def _time_of(text: str) -> str | None:
    return vocabulary.best("time", vocabulary.words(text))


def _name(heading: headings.Heading) -> str:
    """Return the place without the time of day; of a long stage direction the clause that names a kind of place."""
    parts = list(heading.parts)
    while len(parts) > 1 and _time_of(parts[-1]):
        parts.pop()
    whole = " - ".join(parts)[:LONGEST]
    name = (REMARK.sub("", whole) or whole).upper()
    if len(name) > NAME_LENGTH:
        clauses = [clause.strip() for clause in name.replace(".", ",").split(",") if clause.strip()]
        kinds = [clause for clause in clauses if vocabulary.best("kind", vocabulary.words(clause))]
        name = (kinds or clauses or [name])[0]
        if len(name) > NAME_LENGTH:
            name = name[:NAME_LENGTH].rsplit(" ", 1)[0]
    return name.strip(" .-") or NAMELESS


def _stage(heading: headings.Heading, name: str, people: Mapping[str, str]) -> str:
    """Return a play's place: the clause that names one, else that nobody says where, and who stands there first."""
    words = vocabulary.words(name)
    if heading.interior is not None or not any(word in people for word in words):
        return name
    clauses = [
        clause.strip() for part in heading.parts for clause in re.split(r"[.,;]", part.upper()) if clause.strip()
    ]
    for clause in clauses:
        told = vocabulary.words(clause)
        if vocabulary.best("kind", told) and not any(word in people for word in told):
            return clause[:NAME_LENGTH].strip(" .-")
    return f"{NAMELESS} ({people[words[0]]})" if words[0] in people else name


def _whole(names: Sequence[str]) -> list[str]:
    """Lead `KITCHEN` to the one `VOSS HOUSE - KITCHEN` there is, if that was named before and nothing else ends so."""
    result: list[str] = []
    wholes: dict[str, str] = {}
    named: set[str] = set()
    ends: dict[str, set[str]] = {}
    for name in dict.fromkeys(names):
        if " - " in name:
            ends.setdefault(name.rpartition(" - ")[2], set()).add(name)
    for name in names:
        whole = wholes.get(name, name)
        if " - " in name and len(ends[end := name.rpartition(" - ")[2]]) == 1 and end not in named:
            wholes.setdefault(end, name)
        result.append(whole)
        named.add(whole)
    return result


def _interior(heading: headings.Heading, name: str) -> bool:
    if heading.interior is not None:
        return heading.interior
    return not any(kind in OPEN_KINDS for kind, _ in kinds(name)[:1])


def _merge(names: Sequence[str], inside: Sequence[bool]) -> list[str]:
    """Give one spelling, the commonest, to each set of words, and mark the rarer side of a place as such."""
    keys = [frozenset(vocabulary.words(name)) - ARTICLES or frozenset([name]) for name in names]
    spellings = Counter(zip(keys, names, strict=True))
    sides = Counter(zip(keys, inside, strict=True))
    chosen: dict[frozenset[str], str] = {}
    for (key, name), _ in spellings.most_common():
        chosen.setdefault(key, name)
    result = []
    for key, side in zip(keys, inside, strict=True):
        other = sides[key, not side]
        # The commoner side keeps the plain name; where both are equal, the inside does.
        rarer = other > sides[key, side] or (other == sides[key, side] and not side)
        result.append(chosen[key] + (" (INT.)" if side else " (EXT.)") if other and rarer else chosen[key])
    return result


def _times(parsed: Sequence[headings.Heading]) -> list[TimeOfDay]:
    times: list[TimeOfDay] = []
    for heading in parsed:
        found = next((time for part in reversed(heading.parts[1:] or heading.parts) if (time := _time_of(part))), None)
        if found is None:
            found = "day"
        elif found == "same":
            found = times[-1] if times else "day"
        times.append(cast("TimeOfDay", found))
    return times
