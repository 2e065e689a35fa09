"""Chance that repeats: numbers from names, the same on every machine and in every process.

Called wherever a choice needs variety. Python's own `hash` differs from process to process and is never used.
"""

from collections.abc import Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")


def number(*parts: object) -> int:
    """Return a number of 31 bits that depends on `parts` only."""
    text = "\x1f".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=4).digest(), "big") >> 1


def share(*parts: object) -> float:
    """Return a number in 0..1 (1 excluded) that depends on `parts` only."""
    return number(*parts) / 2**31


def pick(options: Sequence[T], *parts: object) -> T:
    """Return one of `options`, always the same for the same `parts`."""
    return options[number(*parts) % len(options)]
