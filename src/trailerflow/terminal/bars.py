"""Bars on a terminal: one for each run, its pictures, its clips and every step at work; below, time left and cost.

`display.py` chooses them for a terminal that can be drawn over. They must fit any width, and never ask the service
anything.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from trailerflow.terminal import phrases
from trailerflow.terminal.outlet import Outlet, printable

Json = dict[str, Any]
AT_WORK: Final = {"running", "pausing", "cancelling"}
KINDS: Final = {"image": "images", "clip": "clips"}
DONE: Final = {"step.finished": "done", "step.reused": "done", "step.skipped": "skipped"}
MOST_STEPS: Final = 6  # at work that have a bar of their own
NARROW: Final = 60  # columns
COUNT_COLUMNS: Final = 9
GAPS: Final = 4
WIDEST_BAR: Final = 40
PER_SECOND: Final = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One bar; `total` is None when nobody knows how far it is."""

    words: str
    done: float = 0.0
    total: float | None = None
    count: str = ""


@dataclass(slots=True)
class Run:
    """What is known of one run."""

    status: Json
    known_at: float
    steps: dict[str, float | None] = field(default_factory=dict)

    def learn(self, status: Json) -> None:
        """Take in a newer status."""
        self.status, self.known_at = status, time.monotonic()
        if status["status"] not in AT_WORK:
            self.steps.clear()
        elif status["step"]:
            self.steps.setdefault(status["step"], None)

    def follow(self, event: Json, number: int | None) -> None:
        """Take in an event, and count what the status does not count yet."""
        kind, step = event["type"], event.get("step")
        if number is not None and number > self.status["last_event_id"]:
            items = {**self.status["items"], **self._counted(event)}
            progress = max(self.status["progress"], event.get("progress", 0))
            self.status = self.status | {"progress": progress, "items": items, "last_event_id": number}
        if kind == "step.started" and step:
            self.steps[step] = None
        elif kind.startswith("step.") and step:
            self.steps.pop(step, None)

    def _counted(self, event: Json) -> Json:
        """Return the one count of items that an event raises."""
        name, done = KINDS.get(event.get("kind", "")), DONE.get(event["type"])
        if not name or not done:
            return {}
        count = self.status["items"][name]
        return {name: {**count, done: count[done] + 1}}

    def rows(self) -> Iterator[Row]:
        """Yield the bars."""
        status = self.status
        yield Row(self._title(), status["progress"], 100, f"{status['progress']}%")
        for kind, title in phrases.ITEMS.items():
            count = status["items"][kind]
            if count["total"]:
                done = count["done"] + count["skipped"]
                yield Row(f"  {title}", done, count["total"], f"{done}/{count['total']}")
        for step, share in list(self.steps.items())[:MOST_STEPS]:
            known = share is not None
            yield Row(f"    {step}", share or 0.0, 1.0 if known else None, f"{share:.0%}" if known else "")

    def footer(self) -> str:
        """Return time left, cost and how many more steps are at work."""
        eta, more = self.status["eta_seconds"], len(self.steps) - MOST_STEPS
        parts = [phrases.money(self.status["cost"])]
        left = (eta or 0) - (time.monotonic() - self.known_at)
        if left > 0 and self.status["status"] == "running":
            parts.insert(0, phrases.remaining(left))
        if more > 0:
            parts.append(f"{more} more steps at work")
        return " · ".join(part for part in parts if part)

    def _title(self) -> str:
        if self.status["status"] == "running" and self.status["phase"]:
            return phrases.phase(self.status["phase"])
        return str(self.status["status"])


class Bars:
    """Draws the runs below, and prints what deserves a line of its own above them."""

    def __init__(self, out: Outlet, *, several: bool = False) -> None:
        self._out = out
        self._several = several
        self._runs: dict[int, Run] = {}
        self._live = Live(get_renderable=self._picture, console=out, refresh_per_second=PER_SECOND)

    def __enter__(self) -> Self:
        """Take the last lines of the terminal."""
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the bars as they are."""
        self._live.stop()

    def begin(self, status: Json) -> None:
        """Show the run's bars."""
        self._runs[status["project_id"]] = run = Run(status, time.monotonic())
        run.learn(status)

    def status(self, status: Json) -> None:
        """Move the bars."""
        self._runs[status["project_id"]].learn(status)

    def happened(self, event: Json, number: int | None) -> None:
        """Print what deserves a line of its own; the bars tell the rest."""
        self._runs[event["project_id"]].follow(event, number)
        if _deserves_a_line(event):
            whose = f"project {event['project_id']}: " if self._several else ""
            self._out.say(whose + phrases.sentence(event))

    def ticked(self, tick: Json) -> None:
        """Move the bar of a step at work."""
        run = self._runs[tick["project_id"]]
        if run.status["status"] in AT_WORK:
            run.steps[tick["step"]] = tick["done"]

    def tell(self, name: str, data: Json, words: str) -> None:  # noqa: ARG002 - a person has no use for the data
        """Print the words above the bars."""
        if words:
            self._out.say(words)

    def remark(self, words: str) -> None:
        """Print it above the bars."""
        self._out.say(words, style="dim")

    def _picture(self) -> RenderableType:
        parts: list[RenderableType] = []
        for project_id, run in list(self._runs.items()):
            if self._several:
                parts.append(Text(f"project {project_id}", "bold"))
            parts.append(_table(run, self._out.width))
            if footer := run.footer():
                parts.append(Text(f"  {footer}", "dim", no_wrap=True, overflow="ellipsis"))
        return Group(*parts)


def _table(run: Run, columns: int) -> Table:
    words_columns = 16 if columns < NARROW else 24
    bar_columns = max(4, min(WIDEST_BAR, columns - words_columns - COUNT_COLUMNS - GAPS))
    table = Table.grid(padding=(0, 1))
    table.add_column(width=words_columns, no_wrap=True, overflow="ellipsis")
    table.add_column(width=bar_columns)
    table.add_column(width=COUNT_COLUMNS, justify="right", no_wrap=True)
    for row in run.rows():
        bar = ProgressBar(row.total, row.done, width=bar_columns, pulse=row.total is None)
        table.add_row(Text(printable(row.words)), bar, Text(row.count))
    return table


def _deserves_a_line(event: Json) -> bool:
    kind = event["type"]
    return (
        kind.startswith(("run.", "phase.")) or kind.endswith((".failed", ".skipped")) or phrases.is_another_try(event)
    )
