"""The books of a run on a stage: what was recorded here and at its provider; and what they must say at its end.

`Stage.books` writes them, the tests read them.
"""

from collections import Counter
from dataclasses import dataclass

from trailerflow.engine.ledger import LoggedEvent
from trailerflow.engine.status import WorkflowStatus
from trailerflow.engine.tables import Run, Task

ITEMS = 4
NAMES = [f"image/s{n}" for n in range(ITEMS)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What is recorded: `jobs` counts those of each item at the provider, `submissions` the orders under each key."""

    status: WorkflowStatus
    run: Run
    events: list[LoggedEvent]
    tasks: list[Task]
    results: Counter[str]
    lost_files: list[str]
    jobs: Counter[str]
    submissions: Counter[str]

    def told(self, *types: str) -> Counter[str]:
        """Count the events of these types by their step."""
        return Counter(event.data.get("step", "") for event in self.events if event.type in types)


def check_recorded_once(books: Books, *, skipped: frozenset[str] = frozenset()) -> None:
    """Check that a run is complete and every step of it done once, recorded once and told of once, in order."""
    assert (books.status.status, books.status.progress) == ("completed", 100)
    assert books.told("step.finished") == Counter({"short", *NAMES} - skipped)
    assert set(books.told("step.skipped")) == skipped
    assert not books.told("step.reused")
    assert books.results == Counter(["screenplay", "short", *NAMES])
    assert books.lost_files == []
    assert [event.id for event in books.events] == list(range(1, len(books.events) + 1))
    kinds = Counter(event.type for event in books.events)
    assert (kinds["run.queued"], kinds["run.completed"]) == (1, 1)
    assert kinds["run.started"] == 1 + kinds["run.retried"]  # a crash changes no state
    assert books.events[-1].type == "run.completed"
    done = [task for task in books.tasks if task.name not in skipped]
    assert [(task.status, task.owner, task.attempts) for task in done] == [("done", None, 1)] * len(done)
    assert (books.run.owner, books.status.retry_count) == (None, 0)
