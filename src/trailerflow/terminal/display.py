"""What is shown of runs: bars on a terminal, plain lines on a pipe, JSON lines for programs.

`cli.py` and the viewer show each status and event of the stream on one of the three. It must never ask the service
anything itself, and never hold a line back: each is flushed as it happens.
"""

import json
from types import TracebackType
from typing import Any, Protocol, Self

from trailerflow.terminal import phrases
from trailerflow.terminal.bars import Bars
from trailerflow.terminal.outlet import Outlet

Json = dict[str, Any]


class Display(Protocol):
    """Shows runs. It is entered before the first status and left after the last."""

    def __enter__(self) -> Self:
        """Take the screen."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the screen back."""

    def begin(self, status: Json) -> None:
        """Show where a run stands before anything happens."""

    def status(self, status: Json) -> None:
        """Show how far a run is."""

    def happened(self, event: Json, number: int | None) -> None:
        """Show one event and its id."""

    def ticked(self, tick: Json) -> None:
        """Show how far a step is."""

    def tell(self, name: str, data: Json, words: str) -> None:
        """Say what the command itself has done: data for a program, words for a person."""

    def remark(self, words: str) -> None:
        """Say something beside the matter."""


def on(out: Outlet, err: Outlet, *, as_json: bool = False, several: bool = False) -> Display:
    """Return the display that suits the outlet."""
    if as_json:
        return JsonLines(out, err)
    return Bars(out, several=several) if out.is_live else Lines(out, err, several=several)


class _Plain:
    """What both displays of lines have in common: nothing to take or give back; remarks go to standard error."""

    def __init__(self, out: Outlet, err: Outlet) -> None:
        self._out = out
        self._err = err

    def __enter__(self) -> Self:
        """Nothing to take."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to give back."""

    def status(self, status: Json) -> None:
        """Say nothing: every change comes as an event too."""

    def ticked(self, tick: Json) -> None:
        """Say nothing: a line for each tick would bury the others."""

    def remark(self, words: str) -> None:
        """Print it where it is in nobody's way."""
        self._err.say(words)


class Lines(_Plain):
    """One line an event."""

    def __init__(self, out: Outlet, err: Outlet, *, several: bool = False) -> None:
        super().__init__(out, err)
        self._several = several

    def begin(self, status: Json) -> None:
        """Print where the run stands."""
        self._say(status, f"run {phrases.standing(status)}")

    def happened(self, event: Json, number: int | None) -> None:  # noqa: ARG002 - a person has no use for the id
        """Print the event."""
        self._say(event, phrases.sentence(event))

    def tell(self, name: str, data: Json, words: str) -> None:  # noqa: ARG002 - a person has no use for the data
        """Print the words."""
        if words:
            self._out.say(words)

    def _say(self, about: Json, words: str) -> None:
        whose = f"project {about['project_id']}: " if self._several else ""
        self._out.say(f"{about.get('progress', 0):3d}%  {whose}{words}")


class JsonLines(_Plain):
    """One JSON object a line, always with the keys `event`, `id` and `data`, named and meant as in the stream."""

    def begin(self, status: Json) -> None:
        """Print the status as the stream would: as a snapshot."""
        self._line("snapshot", status["last_event_id"], status)

    def happened(self, event: Json, number: int | None) -> None:
        """Print the event."""
        self._line("event", number, event)

    def tell(self, name: str, data: Json, words: str) -> None:  # noqa: ARG002 - a program has no use for the words
        """Print the data under this name, which is none of the stream's."""
        self._line(name, None, data)

    def _line(self, event: str, number: int | None, data: Json) -> None:
        self._out.say(json.dumps({"event": event, "id": number, "data": data}))
