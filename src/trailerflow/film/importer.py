"""The importer: the bytes of an uploaded file become a screenplay, detected by content, not by name.

Called by the service on upload and by the command line. Raises `BadScript` or `TooLarge` and nothing else; never
drops text without a warning.
"""

import re
from pathlib import PurePath

from trailerflow.errors import BadScript, TooLarge
from trailerflow.film import decoding, fallback, fountain
from trailerflow.film.screenplay import Element, Notice, Scene, Screenplay, Speaker

MAX_LINES = 400_000
FINAL_DRAFT = re.compile(r"<FinalDraft\b", re.IGNORECASE)
UNTITLED = "Untitled"


def read(data: bytes, filename: str) -> Screenplay:
    """Return the screenplay in `data`; `filename` only serves the messages. Offsets count decoded characters."""
    _refuse_formats(data[:1024].lstrip(), filename)
    decoded = decoding.decode(data)
    if FINAL_DRAFT.search(decoded.text[:4096]):
        _unsupported(filename, "a Final Draft document", "File > Export, format Fountain")
    script = fountain.read(decoded.text)
    if script.total > MAX_LINES:
        raise TooLarge("too_large", f"{filename} has {script.total:,} lines, more than the {MAX_LINES:,} allowed.")
    _refuse_empty(script, filename)
    scenes, notices = _scenes(script, decoded.text)
    return Screenplay(
        format="fountain",
        encoding=decoded.encoding,
        title_page=script.title_page,
        elements=script.elements,
        scenes=scenes,
        characters=_speakers(script.elements),
        warnings=tuple(sorted([*decoded.warnings, *script.warnings, *notices], key=lambda notice: notice.line)),
        lines=script.total,
    )


def title_of(screenplay: Screenplay, filename: str) -> str:
    """Return the film's title: from the title page, else from the file's name."""
    for key, value in screenplay.title_page.items():
        if key.casefold().split()[:1] and key.casefold() in (
            "title",
            "titel",
            "titre",
            "título",
            "titolo",
            "название",
            "标题",
        ):
            title = " ".join(value.split())
            if title:
                return title
    stem = re.sub(r"[\s_\-]+", " ", PurePath(filename.replace("\\", "/")).stem).strip()
    return (stem.title() if stem.islower() else stem) or UNTITLED


def _refuse_formats(head: bytes, filename: str) -> None:
    if head.startswith(b"%PDF-"):
        _unsupported(filename, "a PDF", "your editor's Export, format Fountain or plain text")
    if head.startswith(b"{\\rtf"):
        _unsupported(filename, "a rich text document", "Save as plain text")


def _unsupported(filename: str, what: str, how: str) -> None:
    raise BadScript(
        "unsupported_format",
        f"{filename} is {what}, which this version does not read.",
        remedy=f"Export the screenplay as Fountain ({how}) and upload that; further formats come in a later version.",
    )


def _refuse_empty(script: fountain.Script, filename: str) -> None:
    if any(element.type in ("action", "dialogue", "lyric") and element.text.strip() for element in script.elements):
        return
    raise BadScript(
        "empty",
        f"{filename} has neither action nor dialogue in its {script.total} line(s).",
        remedy="Upload a screenplay with at least one line of action or dialogue.",
        extra={"lines": script.total},
    )


def _scenes(script: fountain.Script, text: str) -> tuple[tuple[Scene, ...], list[Notice]]:
    firsts = [position for position, element in enumerate(script.elements) if element.type == "heading"]
    if not firsts:
        return fallback.scenes(script.elements, len(text))
    names = [(script.elements[first].text, script.elements[first].number) for first in firsts]
    scenes = fallback.between(script.elements, firsts, names, len(text))
    return scenes, _preamble(script.elements[: firsts[0]])


def _preamble(elements: tuple[Element, ...]) -> list[Notice]:
    spoken = [element for element in elements if element.type == "dialogue"]
    if not spoken:
        return []
    message = f"{len(spoken)} speech(es) stand before the first scene heading and belong to no scene."
    return [Notice(line=spoken[0].line, code="before_first_heading", message=message)]


def _speakers(elements: tuple[Element, ...]) -> tuple[Speaker, ...]:
    cues: dict[str, int] = {}
    for element in elements:
        if element.type == "character":
            name = element.text.upper()
            cues[name] = cues.get(name, 0) + 1
    return tuple(Speaker(name=name, cues=count) for name, count in sorted(cues.items(), key=lambda pair: -pair[1]))
