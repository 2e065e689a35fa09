"""Reading: the bytes of a screenplay become a screenplay, their format told by content, never by name.

Called by `reader` in a process of its own, and by the command line. Raises `BadScript` or `TooLarge` and nothing else;
never drops text without a warning.
"""

import contextlib
import gc
import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from trailerflow.errors import BadScript, TooLarge
from trailerflow.film import decoding, fallback, fdx, flush, fountain, layout, pdf
from trailerflow.film.decoding import Decoded
from trailerflow.film.screenplay import Element, Notice, Scene, Screenplay, Script, Speaker

MAX_LINES = 1_000_000
MAX_ELEMENTS_A_SCENE = 20_000
Format = Literal["fountain", "fdx", "pdf", "text"]
FINAL_DRAFT = re.compile(r"<FinalDraft\b")
PDF_MARK = b"%PDF-"
HEAD = 1024
# What other programs write, by how the file begins.
FOREIGN = (
    (b"{\\rtf", "a rich text document"),
    (b"PK\x03\x04", "a packed document (Word, Pages, Fade In or Celtx)"),
    (b"\xd0\xcf\x11\xe0", "an old Word document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"<!DOCTYPE html", "a web page"),
)
FOUNTAIN_MARK = re.compile(
    r"\[\[|/\*|^[ \t]*+(?:={3,}+[ \t]*+$|(?:[@.~]|#{1,6}[ \t]*|>[ \t]*|=[ \t]+)[^\W\d])", re.MULTILINE
)
FOUNTAIN_TITLE = re.compile(r"\s*title[ \t]*:", re.IGNORECASE)
MOST_MARKS, LINES_A_MARK = 2, 1_000
INDENTED_SHARE = 0.04
PAGE_NUMBER = re.compile(r"\n[ \t\f]*+(?:Page )?-?[ ]?\d{1,3}[ ]?[.\-]?[ \t]*+\r?\n")
LEAST_FURNITURE, LEAST_PAGES = 3, 5
MOST_DUMB = 0.05
LEAST_SHOUTS, SHOUTS_A_CUE = 4, 3


def read(data: bytes, filename: str, *, bare: bool = False) -> Screenplay:
    """Return the screenplay in `data`; `filename` only serves the messages.

    A script that tells nothing is refused, unless it is read only to be looked at, `bare` as it is. Lines and offsets
    count in the decoded text, or in the text drawn out of a PDF or Final Draft document.
    """
    with _undisturbed():
        return _read(data, filename, bare=bare)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the collector from looking through all elements again and again; none of them refers to another."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _read(data: bytes, filename: str, *, bare: bool) -> Screenplay:
    kind, encoding, script = _script(data, filename)
    if script.total > MAX_LINES:
        raise TooLarge("too_large", f"{filename} has {script.total:,} lines, more than the {MAX_LINES:,} allowed.")
    if not (bare and script.elements):
        _refuse_empty(script, filename)
    scenes, notices = _scenes(script)
    _refuse_endless(scenes, filename)
    return Screenplay(
        format=kind,
        encoding=encoding,
        title_page=script.title_page,
        elements=script.elements,
        scenes=scenes,
        characters=_speakers(script.elements),
        warnings=tuple(sorted([*script.warnings, *notices], key=lambda notice: notice.line)),
        lines=script.total,
        text=script.text if kind in ("pdf", "fdx") else None,
    )


def _script(data: bytes, filename: str) -> tuple[Format, str, Script]:
    head = data[:HEAD].lstrip()
    if PDF_MARK in head:
        page = pdf.read(data)
        script = layout.read(page.text, bold=page.bold, sides=page.sides, sure=True)
        assert script is not None  # a PDF is always read as it is laid out
        if not any(element.type == "character" for element in script.elements):
            script = flush.read(page.text) or script
        return "pdf", "binary", script._replace(warnings=(*page.warnings, *script.warnings))
    for mark, what in FOREIGN:
        if head[: len(mark)].lower() == mark.lower():
            raise _unsupported(filename, what)
    decoded = decoding.decode(data)
    kind, script = _text(decoded)
    return kind, decoded.encoding, script._replace(warnings=(*decoded.warnings, *script.warnings))


def _text(decoded: Decoded) -> tuple[Format, Script]:
    if FINAL_DRAFT.search(decoded.text[:4096]):
        return "fdx", fdx.read(decoded.text)
    text = decoded.text
    script = layout.read(text) if _is_indented(text) and not _is_marked(text) else None
    if script is None and _is_paged(text) and not _is_marked(text):
        script = flush.read(text)
    if script is not None:
        return "text", script
    script = fountain.read(text)
    if _is_dumb(script) and not _is_marked(text) and (spoken := flush.read(text)):
        return "text", spoken
    return "fountain", script


def _is_indented(text: str) -> bool:
    """Say whether enough lines begin far from the left for columns to be looked for."""
    indented = text.count("\n      ") + text.count("\n\t") + text.count("\r      ") + text.count("\r\t")
    return indented > INDENTED_SHARE * max(text.count("\n"), text.count("\r"))


def _is_paged(text: str) -> bool:
    """Say whether pages left their numbers behind, or (MORE) and CONTINUED."""
    said = text.count("(MORE)") + text.count("CONTINUED:") + text.count("(CONTINUED)")
    pages = sum(1 for _ in zip(PAGE_NUMBER.finditer(text), range(LEAST_PAGES), strict=False))
    return pages == LEAST_PAGES or (said > 0 and said + pages >= LEAST_FURNITURE)


def _is_dumb(script: Script) -> bool:
    """Say whether lines in capitals come again and again as if somebody spoke, and hardly anybody does."""
    cues = sum(element.type == "character" for element in script.elements)
    if cues > MOST_DUMB * len(script.elements):
        return False
    shouts = Counter(element.text for element in script.elements if element.type == "action" and element.text.isupper())
    return sum(count for count in shouts.values() if count > 1) > max(LEAST_SHOUTS, SHOUTS_A_CUE * cues)


def _is_marked(text: str) -> bool:
    """Say whether the marks of Fountain stand in a text, more than by chance."""
    most = MOST_MARKS + text.count("\n") // LINES_A_MARK
    return bool(FOUNTAIN_TITLE.match(text)) or len(FOUNTAIN_MARK.findall(text)) > most


def _unsupported(filename: str, what: str) -> BadScript:
    return BadScript(
        "unsupported_format",
        f"{filename} is {what}, which cannot be read as a screenplay.",
        remedy="Export the screenplay as Fountain, Final Draft (.fdx), PDF or plain text and upload that.",
    )


def _refuse_empty(script: Script, filename: str) -> None:
    if any(element.type in ("action", "dialogue", "lyric") and element.text.strip() for element in script.elements):
        return
    raise BadScript(
        "empty",
        f"{filename} has neither action nor dialogue in its {script.total} line(s).",
        remedy="Upload a screenplay with at least one line of action or dialogue.",
        extra={"lines": script.total},
    )


def _refuse_endless(scenes: tuple[Scene, ...], filename: str) -> None:
    for scene in scenes:
        if scene.last - scene.first > MAX_ELEMENTS_A_SCENE:
            raise TooLarge(
                "too_large",
                f"The scene at line {scene.line} of {filename} has {scene.last - scene.first:,} elements, more than "
                f"the {MAX_ELEMENTS_A_SCENE:,} allowed.",
                remedy="Upload one screenplay, with scene headings.",
                extra={"line": scene.line},
            )


def _scenes(script: Script) -> tuple[tuple[Scene, ...], list[Notice]]:
    firsts = [position for position, element in enumerate(script.elements) if element.type == "heading"]
    if not firsts:
        return fallback.scenes(script.elements, len(script.text))
    names = [(script.elements[first].text, script.elements[first].number) for first in firsts]
    scenes = fallback.between(script.elements, firsts, names, len(script.text))
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
