"""Bytes to text: byte order mark, then strict UTF-8, then a guess, then Windows-1252 with a warning.

Called by `reading`. Offsets of everything read later count characters of the text returned here, so nothing is
folded: a character is at most replaced by one other, and what was replaced is reported. Never parses.
"""

import re
from dataclasses import dataclass

import charset_normalizer

from trailerflow.errors import BadScript, TooLarge
from trailerflow.film.screenplay import Notice

MAX_BYTES = 10_000_000
MAX_CONTROL_SHARE = 0.02
SAMPLE_BYTES = 24_000
BLOCK_BYTES = 4_096
MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
CONTROLS = bytes([*range(9), 11, *range(14, 27), *range(28, 32), 127])
CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f]")
UNREADABLE = re.compile("[\x00\ud800-\udfff]")
REPLACEMENT = "\ufffd"
LINE_END = re.compile("\r\n|[\n\r\x85]")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a file without its byte order mark, the name of its encoding and what was replaced."""

    text: str
    encoding: str
    warnings: tuple[Notice, ...]


def decode(data: bytes) -> Decoded:
    """Return the text of `data`; raises `BadScript` (`not_text`) or `TooLarge`."""
    if len(data) > MAX_BYTES:
        raise too_large(len(data))
    text, encoding, notices = _marked(data) or _unmarked(data)
    _refuse_binary(text)
    clean, replaced = UNREADABLE.subn(REPLACEMENT, text)
    if replaced:
        first = UNREADABLE.search(text)
        line = line_of(text, first.start()) if first else 1
        notices.append(
            Notice(
                line=line,
                code="replaced",
                message=f"{replaced} unreadable character(s) were replaced by {REPLACEMENT}.",
            )
        )
    return Decoded(clean, encoding, tuple(notices))


def too_large(length: int) -> TooLarge:
    """Return the error of a file of `length` bytes."""
    return TooLarge(
        "too_large",
        f"The file has {length:,} bytes, more than the {MAX_BYTES:,} allowed.",
        remedy="Upload the screenplay alone, without pictures or attachments.",
    )


def line_of(text: str, offset: int) -> int:
    """Return the line, counted from 1, that holds the character at `offset`."""
    return 1 + sum(1 for _ in LINE_END.finditer(text, 0, offset))


def _marked(data: bytes) -> tuple[str, str, list[Notice]] | None:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _lenient(data[len(mark) :], encoding)
    return None


def _lenient(data: bytes, encoding: str) -> tuple[str, str, list[Notice]]:
    """Decode and report what could not be decoded."""
    text = data.decode(encoding, "replace")
    bad = text.count(REPLACEMENT)
    if not bad:
        return text, encoding, []
    line = line_of(text, text.find(REPLACEMENT))
    return text, encoding, [Notice(line=line, code="encoding", message=f"{bad} place(s) are not valid {encoding}.")]


def _unmarked(data: bytes) -> tuple[str, str, list[Notice]]:
    sixteen = _utf16_without_mark(data)
    if sixteen:
        return _lenient(data, sixteen)
    if len(data) - len(data.translate(None, CONTROLS)) > MAX_CONTROL_SHARE * len(data):
        _not_text()
    try:
        return data.decode("utf-8"), "utf-8", []
    except UnicodeDecodeError:
        return _nearly_utf8(data) or _guessed(data)


def _utf16_without_mark(data: bytes) -> str | None:
    """Every second byte of Western UTF-16 is zero."""
    pairs = len(data) // 2
    if pairs < 4:
        return None
    even, odd = data[0::2].count(0), data[1::2].count(0)
    if odd > 0.6 * pairs and even < 0.02 * pairs:
        return "utf-16-le"
    if even > 0.6 * pairs and odd < 0.02 * pairs:
        return "utf-16-be"
    return None


def _nearly_utf8(data: bytes) -> tuple[str, str, list[Notice]] | None:
    """Read a text that is UTF-8 everywhere but in a few damaged places."""
    text, encoding, notices = _lenient(data, "utf-8")
    bad = text.count(REPLACEMENT)
    good = sum(1 for character in text if character > "\x7f") - bad
    return (text, encoding, notices) if good > 20 * bad else None


def _guessed(data: bytes) -> tuple[str, str, list[Notice]]:
    best = charset_normalizer.from_bytes(_sample(data)).best()
    if best is not None:
        try:
            return data.decode(best.encoding), best.encoding, []
        except (UnicodeDecodeError, LookupError):
            pass  # the sample misled the guess: the fallback below says so in a warning
    notice = Notice(line=1, code="encoding", message="The encoding is unknown; it was read as Windows-1252.")
    return data.decode("cp1252", "replace"), "cp1252", [notice]


def _sample(data: bytes) -> bytes:
    """Return the blocks that tell encodings apart, those with bytes above 127, in their order."""
    blocks = (data[start : start + BLOCK_BYTES] for start in range(0, len(data), BLOCK_BYTES))
    sample = b""
    for block in blocks:
        if not block.isascii():
            sample += block
        if len(sample) >= SAMPLE_BYTES:
            break
    return sample


def _refuse_binary(text: str) -> None:
    # 2 % must not condemn a single stray character in a very short text.
    if len(CONTROL.findall(text)) > max(MAX_CONTROL_SHARE * len(text), 1 if len(text) > 8 else 0):
        _not_text()


def _not_text() -> None:
    raise BadScript(
        "not_text",
        "The file is not text: more than 2 % of it are control characters.",
        remedy="Export the screenplay as Fountain or plain text (UTF-8) and upload that file.",
    )
