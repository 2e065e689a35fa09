"""Pieces: stretches of scenes, fine enough that even a script of one scene offers a trailer a choice.

Called by `selection` and `storyboard`. A long feature's pieces are its scenes; a short script's scenes are halved until
there are enough.
"""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

from trailerflow.film import sentences, vocabulary
from trailerflow.film.analysis import Analysis, SceneAnalysis
from trailerflow.film.quotes import Quote
from trailerflow.film.screenplay import Element, Scene, Screenplay

TOLD = ("action", "dialogue", "lyric")
SHOWN = ("action", "synopsis")
ENOUGH_WORDS = 4


class Told(NamedTuple):
    """Something the action tells: the words as they stand and the element they stand in."""

    element: int
    text: str


class Piece(NamedTuple):
    """Part of a scene: a half-open range of elements, its place in the story (0..1) and what it offers."""

    scene: int
    first: int
    last: int
    position: float
    whole: bool
    intensity: float
    told: tuple[Told, ...]
    quotes: tuple[Quote, ...]
    asides: tuple[Told, ...] = ()
    """How the lines are said: what stands in brackets right before the element."""

    @property
    def best(self) -> float:
        """The score of its best quote."""
        return max((quote.score for quote in self.quotes), default=0.0)


def cut(screenplay: Screenplay, analysis: Analysis, quotes: Sequence[Quote], wanted: int) -> list[Piece]:
    """Return at least `wanted` pieces where the script has that much to tell, in order of the script."""
    heap = [_ranked(screenplay, scene.index, scene.first, scene.last) for scene in screenplay.scenes]
    heap = [entry for entry in heap if entry[0]] or heap
    heapq.heapify(heap)
    while len(heap) < wanted and -heap[0][0] >= 2:
        _, scene, first, last = heapq.heappop(heap)
        middle = _middle(screenplay.elements, first, last)
        heapq.heappush(heap, _ranked(screenplay, scene, first, middle))
        heapq.heappush(heap, _ranked(screenplay, scene, middle, last))
    ordered = sorted((scene, first, last) for size, scene, first, last in heap)
    return _pieces(screenplay, analysis, quotes, ordered)


def _ranked(screenplay: Screenplay, scene: int, first: int, last: int) -> tuple[int, int, int, int]:
    told = sum(1 for element in screenplay.elements[first:last] if element.type in TOLD)
    return -told, scene, first, last


def _middle(elements: Sequence[Element], first: int, last: int) -> int:
    """Return about the middle of what is told, where a thought begins: not between a cue and its speech."""
    told = [place for place in range(first, last) if elements[place].type in TOLD]
    place = told[len(told) // 2]
    while place > first + 1 and elements[place].type in ("dialogue", "lyric", "parenthetical", "note"):
        place -= 1
    if any(elements[before].type in TOLD for before in range(first, place)):
        return place
    return told[len(told) // 2]


def _pieces(
    screenplay: Screenplay, analysis: Analysis, quotes: Sequence[Quote], ordered: Sequence[tuple[int, int, int]]
) -> list[Piece]:
    by_element: dict[int, list[Quote]] = {}
    for quote in quotes:
        by_element.setdefault(quote.element, []).append(quote)
    total = max(1, len(screenplay.scenes))
    function_words = vocabulary.common(screenplay)
    found = []
    for scene, first, last in ordered:
        bounds = screenplay.scenes[scene]
        elements = screenplay.elements[first:last]
        inside = (first - bounds.first) / max(1, bounds.last - bounds.first)
        said = tuple(quote for element in range(first, last) for quote in by_element.get(element, ()))
        whole = (first, last) == (bounds.first, bounds.last)
        found.append(
            Piece(
                scene=scene,
                first=first,
                last=last,
                position=(scene + inside) / total,
                whole=whole,
                intensity=analysis.scenes[scene].intensity
                if whole
                else _intensity(elements, analysis.scenes[scene], function_words),
                told=_told(elements, first, bounds.heading) or _nearest(screenplay, bounds, first),
                quotes=said,
                asides=_asides(elements, first),
            )
        )
    return found


def _nearest(screenplay: Screenplay, scene: Scene, first: int) -> tuple[Told, ...]:
    """Return what the scene told last before a stretch of pure talk, else first after it."""
    told = _told(screenplay.elements_of(scene), scene.first, scene.heading)
    before = [entry for entry in told if entry.element < first]
    return tuple(before[-2:] or told[:1])


def _told(elements: Sequence[Element], first: int, heading: str) -> tuple[Told, ...]:
    """Return what is told by sentences; a very short one stays with the next (`Storm. The wall groans.`)."""
    found: list[Told] = []
    for place, element in enumerate(elements, start=first):
        if element.type not in SHOWN or _aside(element.text.strip(), heading):
            continue
        short = ""
        for sentence in sentences.split(element.text):
            joined = f"{short} {sentence}".strip()
            short = joined if vocabulary.count(joined) < ENOUGH_WORDS else ""
            if not short:
                found.append(Told(place, joined))
        if short:
            found.append(Told(place, short))
    return tuple(found)


def _asides(elements: Sequence[Element], first: int) -> tuple[Told, ...]:
    """Return what is told in brackets, each with the speech it stands before."""
    return tuple(
        Told(place + 1, element.text)
        for place, element in enumerate(elements, start=first)
        if element.type == "parenthetical"
    )


def _aside(text: str, heading: str) -> bool:
    """Say whether a text shows nothing: a made-up heading, or a remark such as `(pause)`."""
    return text == heading or (text.startswith("(") and text.endswith(")"))


def _intensity(elements: Sequence[Element], scene: SceneAnalysis, function_words: frozenset[str]) -> float:
    """Return the scene's intensity, moved by what this part of it says."""
    words = vocabulary.words("\n".join(element.text for element in elements if element.type in TOLD))
    strong = (
        len(vocabulary.meaning("intense").found(vocabulary.telling(words, function_words))) / max(len(words), 15) / 0.08
    )
    return round(0.5 * scene.intensity + 0.5 * min(1.0, strong), 4)
