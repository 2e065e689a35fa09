"""Narration: what a voice tells over the first pictures, in the writer's own words: a log line, or a premise.

Called by `storyboard`; where a script has no such words, nobody narrates. Must never tell what is not in the script,
nor take the time of more than a part of an act.
"""

from collections.abc import Sequence
from typing import NamedTuple

from trailerflow.film import quotes, seeds, sentences
from trailerflow.film.plan import FPS, NARRATOR, Line
from trailerflow.film.screenplay import Screenplay

KEYS = ("logline", "log line", "premise", "synopsis")
PITCH, PACE = -4.0, 0.92
"""Lower and calmer than most who play."""

SHORTEST = 24
MOST_OF_ACT, LONGEST = 0.45, 9.0
SECONDS_A_PICTURE = 3.2
NOWHERE = -1
"""Stands for the element of words from the title page."""


class Premise(NamedTuple):
    """Words for the narrator, the element they are from, and the whole text they were taken from."""

    text: str
    element: int
    source: str

    @property
    def seconds(self) -> float:
        """How long the words take to say, by estimate."""
        return quotes.seconds(self.text) / PACE

    @property
    def pictures(self) -> int:
        """Return how many pictures the words should be heard over."""
        return max(1, round(self.seconds / SECONDS_A_PICTURE))

    @property
    def line(self) -> Line:
        """Return the words as a line of the narrator."""
        identity = f"n{seeds.number(self.text) % 1_000_000:06d}"
        return Line(id=identity, character=NARRATOR, text=self.text, element=self.element)


def of(screenplay: Screenplay, frames: int) -> Premise | None:
    """Return what is told in an act of so many frames: as many whole sentences of the premise as there is time for."""
    if any(speaker.name == NARRATOR for speaker in screenplay.characters):
        return None  # the script has its own, who speaks when the writer says so
    longest = min(frames / FPS * MOST_OF_ACT, LONGEST)
    for source, element in _premises(screenplay):
        parts = sentences.split(source)
        for count in range(len(parts), 0, -1):
            found = Premise(" ".join(parts[:count]), element, source)
            if len(found.text) >= SHORTEST and found.seconds <= longest:
                return found
    return None


def place(premise: Premise, silent: Sequence[bool]) -> int | None:
    """Return over which picture of an act the words begin, given which are silent; they run on over those after it."""
    starts = range(len(silent) - premise.pictures + 1)
    return next((start for start in starts if all(silent[start : start + premise.pictures])), None)


def _premises(screenplay: Screenplay) -> list[tuple[str, int]]:
    """Return what the writer says of the whole story: on the title page, or in a synopsis before the first scene."""
    page = {key.casefold(): value for key, value in screenplay.title_page.items()}
    first = screenplay.scenes[0].first if screenplay.scenes else 0
    before = [
        (element.text, place)
        for place, element in enumerate(screenplay.elements[:first])
        if element.type == "synopsis" and element.text.rstrip().endswith((".", "!", "?", "…"))
    ]
    return [*((page[key], NOWHERE) for key in KEYS if page.get(key, "").strip()), *before]
