"""Fonts: which files are needed to draw a text, whatever its script.

Called by `lettering`. The fonts come from packages, so that a bare machine draws the same letters; the large one of
East
Asia is opened only for a text that needs it. Never looks at the system's fonts.
"""

import unicodedata
from pathlib import Path

import fontpkg_oswald
import manimgx_fonts
import manimgx_fonts_cjk

FAMILY = "Oswald, 'Noto Sans'"
NOTO = Path(manimgx_fonts.__file__).parent
OSWALD = Path(fontpkg_oswald.__file__).parent / "files" / "Oswald[wght].ttf"
CJK = Path(manimgx_fonts_cjk.__file__).parent / "NotoSansCJK-VF.otf.ttc"
EAST = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "FULLWIDTH", "IDEOGRAPHIC", "HALFWIDTH")
SPACED = (*EAST, "LATIN", "CYRILLIC", "GREEK", "GEORGIAN", "ARMENIAN", "HEBREW")
NOTO_SCRIPTS = (
    "Arabic", "Armenian", "Bengali", "Devanagari", "Ethiopic", "Georgian", "Gujarati", "Gurmukhi", "Hebrew", "Kannada",
    "Khmer", "Lao", "Malayalam", "Myanmar", "Oriya", "Sinhala", "Tamil", "Telugu", "Thai",
)  # fmt: skip


def scripts(text: str) -> frozenset[str]:
    """Return the scripts of a text's letters, as Unicode names them (`LATIN`, `ARABIC`, `CJK` …)."""
    names = (unicodedata.name(letter, "") for letter in text if not letter.isspace())
    return frozenset(name.split(" ")[0].split("-")[0] for name in names if name)


def files(text: str) -> tuple[str, ...]:
    """Return the font files that hold every letter of a text, the title face first."""
    used = scripts(text)
    found = [OSWALD, NOTO / "NotoSans[wght].ttf", NOTO / "NotoSansSymbols[wght].ttf"]
    found += [NOTO / f"NotoSans{script}[wght].ttf" for script in NOTO_SCRIPTS if script.upper() in used]
    if used & set(EAST):
        found.append(CJK)
    return tuple(str(path) for path in found)


def may_be_spaced(text: str) -> bool:
    """Say whether the letters can be set apart; those of joined scripts would fall to pieces."""
    return scripts("".join(letter for letter in text if letter.isalpha())) <= set(SPACED)


def is_east_asian(text: str) -> bool:
    """Say whether a text is set without spaces between words."""
    return bool(scripts(text) & set(EAST))
