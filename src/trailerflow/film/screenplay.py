"""A screenplay as it was read: elements with their places in the source, scenes, speakers, warnings.

Built by the readers (`fountain`, `columns`, `fdx`), read by everything after them. Holds no parsing code.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import ConfigDict, Field

from trailerflow.film.record import Record

ElementType = Literal[
    "heading",
    "action",
    "character",
    "dialogue",
    "parenthetical",
    "lyric",
    "transition",
    "centered",
    "section",
    "synopsis",
    "note",
    "page_break",
]


@dataclass(slots=True)
class Element:
    """One element; `start`/`end` are character offsets into the decoded source, `line` counts from 1.

    `text` is without markup. `number` is a heading's scene number, `extensions` and `dual` belong to a character cue
    (`(V.O.)` is the extension `V.O.`), `level` to a section. No `Record`, and not frozen although nobody changes one: a
    script has thousands of them, which so take a third of the memory and of the time. They are stored and checked in
    the same way.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    type: ElementType
    text: str
    line: int
    start: int
    end: int
    number: str | None = None
    extensions: tuple[str, ...] = ()
    dual: bool = False
    level: int | None = None


class Scene(Record):
    """A scene: its 0-based index, its heading and the half-open range of its elements.

    `first`/`last` index `Screenplay.elements` (heading included, `last` exclusive). A fallback scene of a
    script without headings has a made-up heading such as `SCENE 1`.
    """

    index: int
    heading: str
    number: str | None
    line: int
    start: int
    end: int
    first: int
    last: int


class Speaker(Record):
    """A speaking character by the name of the cue (upper case, extensions removed)."""

    name: str
    cues: int


class Notice(Record):
    """Something read differently from what was written, or left out; `line` counts from 1."""

    line: int
    code: str
    message: str


class Screenplay(Record):
    """A whole screenplay. `lines` counts the source's lines; title page values join lines by a line feed.

    `text` is what was drawn out of a source that is no text itself; lines and offsets count in it.
    """

    format: Literal["fountain", "fdx", "pdf", "text"]
    encoding: str
    title_page: dict[str, str]
    elements: tuple[Element, ...]
    scenes: tuple[Scene, ...]
    characters: tuple[Speaker, ...]
    warnings: tuple[Notice, ...]
    lines: int
    text: str | None = Field(None, exclude_if=lambda text: text is None)

    def elements_of(self, scene: Scene) -> tuple[Element, ...]:
        """Return the elements of one scene, heading first."""
        return self.elements[scene.first : scene.last]


class Script(NamedTuple):
    """What a reader finds in a source; `total` is its number of lines, `text` what they count in."""

    title_page: dict[str, str]
    elements: tuple[Element, ...]
    warnings: tuple[Notice, ...]
    total: int
    text: str


def reading_inputs(script_sha256: str, filename: str) -> dict[str, str]:
    """Return what the first step, `screenplay`, depends on; an upload records its result at once."""
    return {"script": script_sha256, "filename": filename}
