"""Character cues: which line names a speaker, by Unicode case, `@`, or recurrence where a script has no case.

Called by `fountain` and by those who need a speaker's name. `MARY (V.O.) ^` is the name MARY with the extension V.O.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from trailerflow.film.lines import Block

EXTENSION = re.compile(r"[(（]([^()（）]*)[)）]")  # noqa: RUF001 (full-width brackets are meant)
BARE_EXTENSION = re.compile(r"\s+(V\.?O\.?|O\.?S\.?|O\.?C\.?|CONT['’]D\.?)$")  # noqa: RUF001 (both apostrophes occur)
SENTENCE_MARKS = frozenset('。、，！？!?…：:；;「」『』“”"《》,')  # noqa: RUF001 (full-width marks are meant)
CASELESS = re.compile("[\u0590-\u109f\u1100-\u13ff\u1780-\u18af\u3040-\ud7ff]")
MAX_LENGTH = 120
MAX_CASELESS = 12


class Cue(NamedTuple):
    """A speaker's name as written, the extensions without brackets, and whether it is the second of a dual dialogue."""

    name: str
    extensions: tuple[str, ...]
    dual: bool


def read(text: str, *, forced: bool = False, known: frozenset[str] = frozenset()) -> Cue | None:
    """Return the cue a stripped line is, or nothing. `known` are recurring speakers of a script without case."""
    if len(text) > MAX_LENGTH:
        return None
    dual = text.endswith("^")
    bare = text.rstrip("^").rstrip()
    bracket = min((bare.find(mark) for mark in "(（" if mark in bare), default=len(bare))  # noqa: RUF001 (full-width)
    name, rest = bare[:bracket].rstrip(), bare[bracket:]
    extensions = tuple(part.strip() for part in EXTENSION.findall(rest) if part.strip())
    if EXTENSION.sub("", rest).strip() or not name:
        return None
    if not (forced or name.isupper() or name in known):
        return None
    if match := BARE_EXTENSION.search(name):
        name, extensions = name[: match.start()].rstrip(), (match.group(1), *extensions)
    return Cue(name, extensions, dual) if name else None


def caseless(blocks: Iterable[Block]) -> frozenset[str]:
    """Return the names that stand like cues in a script whose letters have no case (Japanese, Chinese, Arabic …)."""
    seen: Counter[str] = Counter()
    for block in blocks:
        text = block.lines[0].text
        if len(block.lines) == 1 or text.isascii() or len(text) > MAX_CASELESS:
            continue
        if text.lower() != text.upper() or not text[0].isalpha() or SENTENCE_MARKS & set(text):
            continue
        name = EXTENSION.sub("", text).strip()
        # A bracket right below is what a parenthetical looks like: one such place is enough.
        seen[name] += 2 if block.lines[1].text[0] in "(（" else 1  # noqa: RUF001 (full-width bracket is meant)
    return frozenset(name for name, times in seen.items() if times > 1)
