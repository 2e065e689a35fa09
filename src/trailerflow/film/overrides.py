"""A person's changes to a look: checked, then laid over what the rules chose.

Called by `casting` and `settings`. An unknown field or a value out of bounds is the error `Invalid`, never ignored.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from trailerflow.errors import Invalid
from trailerflow.film.record import Record

R = TypeVar("R", bound=Record)
COLOUR = re.compile(r"#[0-9a-f]{6}")
COLOURS = ("colour", "light", "palette")
BOUNDS = {"height": (0.5, 1.5), "pitch": (-12.0, 12.0), "pace": (0.5, 2.0)}


def apply(look: R, changes: Mapping[str, Any], owner: str) -> R:
    """Return `look` with `changes` in place; `owner` names the character or place in messages."""
    try:
        changed = type(look).model_validate({**look.model_dump(), **changes})
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise _invalid(owner, field, first["msg"], look) from error
    for field in changes:
        _check(field, getattr(changed, field), owner, look)
    return changed


def _check(field: str, value: Any, owner: str, look: Record) -> None:
    if field in COLOURS:
        for colour in (value,) if isinstance(value, str) else value:
            if not COLOUR.fullmatch(colour):
                raise _invalid(owner, field, f"{colour!r} is not a colour of the form #rrggbb in lower case", look)
    low, high = BOUNDS.get(field, (float("-inf"), float("inf")))
    if field in BOUNDS and not low <= value <= high:
        raise _invalid(owner, field, f"{value} is not between {low:g} and {high:g}", look)


def _invalid(owner: str, field: str, why: str, look: Record) -> Invalid:
    allowed = ", ".join(type(look).model_fields)
    return Invalid(
        "invalid",
        f"The look of {owner} cannot be changed: {field}: {why}.",
        remedy=f"A look has these fields: {allowed}.",
        extra={"field": field},
    )
