"""The wardrobe: gives out looks, told apart by colour first and by outline second.

Called by `casting`, once for each character, the weightiest first. Deterministic: names decide, never chance.
Linear in the number of characters.
"""

from bisect import bisect_left, insort
from collections import Counter
from itertools import chain
from typing import Any

from trailerflow.film import seeds, vocabulary

LEAD_COLOURS = {
    "red": "#e0483e", "blue": "#3f9be0", "yellow": "#f2c14e", "green": "#6fbf73", "violet": "#a678de",
    "orange": "#ef8a3c", "pink": "#ee8fb5", "white": "#ece4d0",
}  # fmt: skip
COLOURS = {
    "red": "#b5524a", "blue": "#5a7fa8", "yellow": "#c9a850", "green": "#6d9070", "violet": "#8670a5",
    "orange": "#bf7a4a", "pink": "#bd8398", "white": "#cfc9bb", "grey": "#8d949c", "black": "#4a4f57",
}  # fmt: skip
INVENTED = ("red", "blue", "yellow", "green", "violet", "orange")
BUILDS = ("average", "slight", "broad", "tall")
HAIRS = ("short", "long", "bun", "curly", "ponytail", "bald")
HATS = ("none", "none", "none", "brim", "cap", "hood")
COATS = ("jacket", "long", "none", "dress", "cape")
SIGNATURES = {
    "woman": ("shawl", "scarf", "rollneck", "kerchief", "waistcoat"),
    "man": ("tie", "scarf", "waistcoat", "rollneck", "kerchief", "cowl"),
    "child": ("cowl", "scarf", "kerchief", "rollneck"),
}
HEIGHTS = {"slight": 0.95, "average": 1.0, "broad": 1.03, "tall": 1.1, "child": 0.72}
TRIES = 60
CLEARLY = 2
OTHER_VOICE = 0.5
Outline = tuple[str, str, str, str]


class Wardrobe:
    """Remembers what was given out, so that no two people look alike while there is a choice."""

    def __init__(self) -> None:
        self._lead_colours: set[str] = set()
        self._muted_given: Counter[str] = Counter()
        self._given: Counter[str] = Counter()
        self._outlines: set[Outline] = set()
        self._pitches: list[float] = []  # sorted

    def dress(self, name: str, told: str, *, lead: bool) -> dict[str, Any]:
        """Return the fields of a `Look` for a character of whom the action tells `told`."""
        words = vocabulary.words(f"{name} {told}")
        woman, child, old = _is_woman(name, words), _is("child", words), _is("old", words)
        build, hair, hat, coat = self._outline(name, words, woman=woman, child=child and not old, lead=lead)
        kin = "child" if child and not old else "woman" if woman else "man"
        return {
            "signature": self._signature(name, words, kin, hatted=hat != "none"),
            "colour": self._colour(name, told, lead=lead),
            "build": build,
            "hair": hair,
            "hat": hat,
            "coat": coat,
            "height": round(HEIGHTS[build] * (0.97 + 0.06 * seeds.share(name, "height")) - (0.03 if woman else 0.0), 3),
            "pitch": self._pitch(name, woman=woman, child=child and not old, old=old),
            "pace": round((0.92 if old else 0.97) + 0.1 * seeds.share(name, "pace"), 3),
        }

    def _colour(self, name: str, told: str, *, lead: bool) -> str:
        stated = vocabulary.best("colour", vocabulary.words(told))
        if not lead:
            return COLOURS[self._muted(name, stated)]
        free = [colour for colour in INVENTED if colour not in self._lead_colours] or list(LEAD_COLOURS)
        chosen = stated if stated in LEAD_COLOURS and stated not in self._lead_colours else free[0]
        self._lead_colours.add(chosen)
        return LEAD_COLOURS[chosen]

    def _muted(self, name: str, stated: str | None) -> str:
        """Return the colour of one of many: no lead's, and one that few others have."""
        free = [colour for colour in COLOURS if colour not in self._lead_colours]
        rare = [colour for colour in free if self._muted_given[colour] == min(self._muted_given[one] for one in free)]
        chosen = stated if stated in free else seeds.pick(rare, name, "colour")
        self._muted_given[chosen] += 1
        return chosen

    def _signature(self, name: str, words: list[str], kin: str, *, hatted: bool) -> str:
        """Return what the signature colour is worn as: what is stated or goes with who it is, else the rarest."""
        fitting = SIGNATURES[kin]
        start = seeds.number(name, "signature") % len(fitting)
        turned = [*fitting[start:], *fitting[:start]]
        stated = vocabulary.best("signature", words)
        if stated and not self._given[stated] and not (hatted and stated == "headscarf"):
            turned = [stated]
        chosen = min(turned, key=lambda garment: self._given[garment])
        self._given[chosen] += 1
        return chosen

    def _outline(self, name: str, words: list[str], *, woman: bool, child: bool, lead: bool) -> Outline:
        """Try outlines that fit what is stated until one differs from all given out before."""
        stated = {table: vocabulary.best(table, words) for table in ("build", "hair", "hat", "coat")}
        tries = (_invent(name, attempt, stated, woman=woman, child=child) for attempt in range(TRIES))
        best, best_apart = next(tries), -1
        for outline in chain([best], tries):
            apart = self._apart(outline, clearly=lead)
            if apart > best_apart:
                best, best_apart = outline, apart
            if apart >= (CLEARLY if lead else 1):
                break
        self._outlines.add(_seen(best))
        return best

    def _apart(self, outline: Outline, *, clearly: bool) -> int:
        """Return how far an outline is from the nearest given out; whether at all, if not how `clearly` is asked."""
        seen = _seen(outline)
        if not clearly or seen in self._outlines:
            return int(seen not in self._outlines)
        return min((_difference(seen, other) for other in self._outlines), default=len(outline))

    def _pitch(self, name: str, *, woman: bool, child: bool, old: bool) -> float:
        """Semitones; moved away from voices given out before."""
        base = 5.0 if child else 2.5 if woman else -2.5
        wanted = base - (1.0 if old else 0.0) + 1.6 * (seeds.share(name, "pitch") - 0.5)
        for step in (0.0, 0.8, -0.8, 1.6, -1.6):
            if self._is_free(wanted + step):
                wanted += step
                break
        insort(self._pitches, wanted)
        return round(wanted, 2)

    def _is_free(self, pitch: float) -> bool:
        place = bisect_left(self._pitches, pitch)
        return all(abs(pitch - other) > OTHER_VOICE for other in self._pitches[max(0, place - 1) : place + 1])


def _is(table: str, words: list[str]) -> bool:
    return bool(vocabulary.meaning(table).found(words)) if table == "woman" else _stated(table, words)


def _stated(table: str, words: list[str]) -> bool:
    entry = vocabulary.meaning(table)
    return any(word in entry for word in words[:40])


def _is_woman(name: str, words: list[str]) -> bool:
    women, men = len(vocabulary.meaning("woman").found(words)), len(vocabulary.meaning("man").found(words))
    if women == men:
        last = vocabulary.words(name)[:1]
        # Nothing is told: names on a are more often women's than not.
        return bool(last) and last[0][-1] == "a"
    return women > men


def _invent(name: str, attempt: int, stated: dict[str, str | None], *, woman: bool, child: bool) -> Outline:
    hairs = ("long", "bun", "ponytail", "curly") if woman else ("short", "short", "curly", "bald")
    coats = ("dress", "long", "jacket", "none") if woman else ("jacket", "long", "none")
    hats = ("none",) if woman and attempt < 4 else HATS
    return (
        "child" if child else stated["build"] or seeds.pick(BUILDS, name, "build", attempt),
        stated["hair"] or seeds.pick(hairs if attempt < TRIES // 2 else HAIRS, name, "hair", attempt),
        stated["hat"] or seeds.pick(hats, name, "hat", attempt),
        stated["coat"] or seeds.pick(coats if attempt < TRIES // 2 else COATS, name, "coat", attempt),
    )


def _seen(outline: Outline) -> Outline:
    """Return what of an outline shows: hair under a hat does not."""
    build, hair, hat, coat = outline
    return (build, hair if hat == "none" else "", hat, coat)


def _difference(one: Outline, other: Outline) -> int:
    """How clearly two outlines differ; hair shows less than build, hat and coat."""
    build, hair, hat, coat = (a != b for a, b in zip(one, other, strict=True))
    return build + hat + coat + (hair and not hat)
