"""Where words leave the program: standard output and standard error. Called by `cli.py` and the displays.

What came from outside (a title, an error's message) must never reach a terminal as a control sequence, nor be read as
markup. A reader who has gone away counts as one who pressed Ctrl-C.
"""

import os
import re
from typing import IO, NoReturn

from rich.console import Console

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


class Outlet(Console):
    """A console that says sentences as they are, one a line, flushed."""

    def say(self, words: str, *, style: str | None = None) -> None:
        """Print one line, never folded."""
        self.print(printable(words), style=style, highlight=False, markup=False, emoji=False, soft_wrap=True)

    @property
    def is_live(self) -> bool:
        """Say whether lines already printed can be drawn over: FORCE_COLOR on a pipe does not make it a terminal."""
        return not self.is_dumb_terminal and self.file.isatty()

    def on_broken_pipe(self) -> NoReturn:
        """Raise `BrokenPipeError`, and say nothing more to who has gone."""
        self.quiet = True
        silence(self.file)
        raise BrokenPipeError


def silence(file: IO[str]) -> None:
    """Let what is still to be written go nowhere: Python itself writes it when it ends, and would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file.fileno())
    os.close(nowhere)


def printable(words: str) -> str:
    """Return words without control characters."""
    return CONTROL.sub(" ", words)
