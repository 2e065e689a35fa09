"""What a person sees of a run: bars on a terminal, plain lines on a pipe.

`cli.py` shows each status and event of the stream on one of the two. It must never ask the service anything itself.
"""

from types import TracebackType
from typing import Any, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

Json = dict[str, Any]
PHASES = {
    "script_to_trailer": "Script to trailer",
    "trailer_to_storyboard": "Trailer to storyboard",
    "storyboard_to_movie": "Storyboard to movie",
}
ITEMS = {"images": "pictures", "clips": "clips"}


class Display(Protocol):
    """Shows a run. It is entered before the first status and left after the last."""

    def __enter__(self) -> Self:
        """Take the screen."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give the screen back."""

    def status(self, status: Json) -> None:
        """Show how far the run is."""

    def happened(self, event: Json) -> None:
        """Show one event."""


def on(console: Console) -> Display:
    """Return the display that suits the console."""
    return Bars(console) if console.is_terminal else Lines(console)


class Lines:
    """One line an event."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> Self:
        """Nothing to take."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to give back."""

    def status(self, status: Json) -> None:
        """Say nothing: every change comes as an event too."""

    def happened(self, event: Json) -> None:
        """Print the event."""
        self._console.print(
            f"{event.get('progress', 0):3d}%  {sentence(event)}", highlight=False, markup=False, soft_wrap=True
        )


class Bars:
    """A bar for the run, one for the pictures, one for the clips, and the phase and step at work."""

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            TextColumn("{task.description:<24}"),
            BarColumn(),
            TextColumn("{task.fields[count]:>9}"),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._bars: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Take the last lines of the terminal."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bars as they are."""
        self._progress.stop()

    def status(self, status: Json) -> None:
        """Move the bars."""
        phase = PHASES.get(status["phase"] or "") or str(status["status"])
        self._bar("run", phase, status["progress"], 100, f"{status['progress']}%")
        for kind, words in ITEMS.items():
            counts = status["items"][kind]
            if counts["total"]:
                self._bar(kind, f"  {words}", counts["done"] + counts["skipped"], counts["total"])

    def happened(self, event: Json) -> None:
        """Print what deserves a line of its own; the bars tell the rest."""
        if _deserves_a_line(event):
            self._progress.print(sentence(event), highlight=False, markup=False)
        if "progress" in event and "run" in self._bars:
            self._progress.update(self._bars["run"], completed=event["progress"], count=f"{event['progress']}%")

    def _bar(self, name: str, words: str, done: int, total: int, count: str = "") -> None:
        count = count or f"{done}/{total}"
        if name not in self._bars:
            self._bars[name] = self._progress.add_task(words, total=total, count=count)
        self._progress.update(self._bars[name], description=words, completed=done, total=total, count=count)


def _deserves_a_line(event: Json) -> bool:
    kind = event["type"]
    return kind.startswith(("run.", "phase.")) or kind.endswith((".failed", ".skipped")) or _is_another_try(event)


def _is_another_try(event: Json) -> bool:
    return bool(event["type"] == "step.started" and event.get("attempt", 1) > 1)


def sentence(event: Json) -> str:
    """Return an event as a person would say it."""
    subject, _, happening = str(event["type"]).partition(".")
    if subject == "phase":
        return f"{PHASES.get(event.get('phase', ''), event.get('phase', ''))}: {happening}"
    if event["type"] == "step.skipped":
        place = "has taken" if event.get("artifact") else "takes"
        return f"{event['step']} skipped: a stand-in {place} its place"
    if _is_another_try(event):
        happening = f"tried again ({event['attempt']})"
    words = f"{event.get('step') or subject} {happening}"
    error = event.get("error") or {}
    reason = f": {error['message']}" if error.get("message") else ""
    return words + reason
