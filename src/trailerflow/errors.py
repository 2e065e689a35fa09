"""Every error of trailerflow; the first fork answers the engine's question whether to try again.

TrailerflowError
├── TemporaryError            worth trying again (delay_seconds says when at the earliest)
├── AnswerLost                nobody knows whether a provider took the order
└── PermanentError            trying again is useless
    ├── BadScript             the uploaded screenplay cannot be read
    ├── NotFound              no such project, run, artifact …
    ├── Conflict              the state forbids it
    ├── Invalid               a value outside what is allowed
    ├── TooLarge              more than allowed
    ├── Refused               who asks may not
    └── Misconfigured         a setting or the machine stops us from starting

The web turns this tree into status codes in one table; a message names the thing, `remedy` what to do.
"""

from collections.abc import Mapping
from typing import Any


class TrailerflowError(Exception):
    """Base of all. `code` is stable and machine-readable, `remedy` a sentence for a person."""

    def __init__(self, code: str, message: str, *, remedy: str = "", extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.extra = dict(extra or {})


class TemporaryError(TrailerflowError):
    """Worth trying again, at the earliest after `delay_seconds`."""

    def __init__(self, code: str, message: str, *, remedy: str = "", delay_seconds: float = 0.0) -> None:
        super().__init__(code, message, remedy=remedy)
        self.delay_seconds = delay_seconds


class AnswerLost(TrailerflowError):
    """An order went out and no answer came back (code `answer_lost`): it may have been taken, and will be billed."""


class PermanentError(TrailerflowError):
    """Trying again is useless."""


class BadScript(PermanentError):
    """The uploaded file cannot be read as a screenplay.

    Codes `not_text`, `empty`, `damaged`, `hostile_xml`, `encrypted`, `no_text`, `too_costly`.
    """


class NotFound(PermanentError):
    """There is no such thing (codes `project_not_found`, `run_not_found`, `artifact_not_found`)."""


class Conflict(PermanentError):
    """The state forbids it (codes `run_active`, `not_allowed`, `no_plan`, `no_pictures`)."""


class Invalid(PermanentError):
    """A value outside what is allowed (code `invalid`)."""


class TooLarge(PermanentError):
    """More than allowed: bytes, levels or pages (codes `too_large`, `too_deep`, `too_many_pages`)."""


class Refused(PermanentError):
    """Who asks may not (code `unauthorized`)."""


class Misconfigured(PermanentError):
    """A setting, or the machine, stops a process from starting (code `misconfigured`)."""
