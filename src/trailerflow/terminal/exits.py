"""The exit codes of the command line, once: what a script can tell from them. Called by `cli.py` and the viewer.

They are documented in the README and in `trailerflow --help`; a code must never change its meaning.
"""

from typing import Any, Final

from trailerflow.errors import (
    BadScript,
    Conflict,
    Invalid,
    Misconfigured,
    NotFound,
    Refused,
    TooLarge,
    TrailerflowError,
)

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
REFUSED: Final = 4
CANCELLED: Final = 5
PAUSED: Final = 6
DETACHED: Final = 130

WORDS: Final = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage, setting or screenplay, 3 no service answers, 4 refused (no such "
    "project, or not in this state), 5 cancelled, 6 paused (--until-paused), 130 detached by Ctrl-C (the run goes on)."
)
_OF_STATUS: Final = {"completed": DONE, "failed": FAILED, "cancelled": CANCELLED, "paused": PAUSED}
_USAGE_ERRORS: Final = (Misconfigured, Invalid, BadScript, TooLarge)
_REFUSALS: Final = (NotFound, Conflict, Refused)


def of_run(final: dict[str, Any]) -> int:
    """Return the code for how a run was left."""
    return _OF_STATUS.get(str(final["status"]), FAILED)


def of_error(error: TrailerflowError) -> int:
    """Return the code for an error."""
    if error.code == "unreachable":
        return UNREACHABLE
    if isinstance(error, _REFUSALS):
        return REFUSED
    return USAGE if isinstance(error, _USAGE_ERRORS) else FAILED
