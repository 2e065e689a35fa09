"""What the benchmarks share: a stopwatch, the peak of memory by role, and a table of ratios beside a floor.

Each benchmark is one command, such as `.venv/bin/python -m benchmarks.whole_run`, and measures its floor, or a named
peer, in the same run: only the ratio of the two means anything on another machine. What they start is in `parts`.
"""

import contextlib
import math
import os
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from trailerflow.terminal.private_service import PrivateService

ROOT = Path(__file__).parents[1]
SAMPLE_SECONDS = 0.2


@dataclass(slots=True)
class Stopwatch:
    """Adds up the seconds of what is done under `running`."""

    seconds: float = 0.0

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Count this time."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds += time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Row:
    """One measurement, beside its floor or peer when it has one, and with the bar it is held against.

    `bar` is the most it may be, `least` the least; `best` is the best of the repetitions.
    """

    name: str
    value: float
    unit: str
    floor: float | None = None
    bar: float | None = None
    least: float | None = None
    best: float | None = None

    @property
    def ratio(self) -> str:
        """Return how many times the floor it is."""
        return "" if not self.floor else f"{self.value / self.floor:.2f}"

    @property
    def holds(self) -> bool:
        """Return whether the bar is kept."""
        return (self.bar is None or self.value <= self.bar) and (self.least is None or self.value >= self.least)

    @property
    def verdict(self) -> str:
        """Return the bar and whether it is kept."""
        if self.bar is None and self.least is None:
            return ""
        bar = f"≤ {self.bar:.4g}" if self.bar is not None else f"≥ {self.least:.4g}"
        return f"{bar} {'ok' if self.holds else 'MISSED'}"


def report(title: str, rows: Sequence[Row]) -> int:
    """Print the rows; return 0 when every bar is kept, else 1."""
    best = [] if all(row.best is None for row in rows) else ["best"]
    table = Table("", "measured", *best, "floor", "ratio", "bar", title=title, title_justify="left", box=None)
    for row in rows:
        shown = [_quantity(row.best, row.unit)] if best else []
        table.add_row(
            row.name, _quantity(row.value, row.unit), *shown, _quantity(row.floor, row.unit), row.ratio, row.verdict
        )
    Console(width=max(120, Console().width)).print(table)
    return 0 if all(row.holds for row in rows) else 1


def _quantity(value: float | None, unit: str) -> str:
    return "" if value is None else f"{value:.4g} {unit}"


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of all does not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


@dataclass(slots=True)
class PeakMemory:
    """Looks at the service's processes while it lasts; `megabytes` is the highest seen of any one process of a role."""

    service: PrivateService
    megabytes: dict[str, float] = field(default_factory=dict)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Look every fifth of a second."""
        done = threading.Event()

        def watch() -> None:
            while not done.wait(SAMPLE_SECONDS):
                self._look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _look(self) -> None:
        for role, process in self.service.processes():
            self._note(role, process)
            if role != "up":
                for helper in _helpers(process):
                    self._note(f"{role}'s helper", helper)

    def _note(self, role: str, process: psutil.Process) -> None:
        with contextlib.suppress(psutil.Error):  # it may just have ended
            megabytes = process.memory_info().rss / 2**20
            self.megabytes[role] = max(self.megabytes.get(role, 0.0), megabytes)


def _helpers(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def bundled_script() -> Path:
    """Return the screenplay that comes with the checkout."""
    return min((ROOT / "examples").glob("*.fountain"))


def cores() -> int:
    """Return how many cores there are, for the title of a report."""
    return os.cpu_count() or 1


def machine() -> str:
    """Return what was measured on, for the title of a report: a load above the cores makes every span longer."""
    return f"{cores()} cores, load {os.getloadavg()[0]:.1f}"
