"""What should be the case: a run as states, works and results, without clock or database. Used by `test_stateful`."""

from collections import Counter
from typing import Any, Final

from trailerflow.engine.tables import Task
from trailerflow.engine.task_claims import TaskClaim

ITEMS: Final = 3
Key = tuple[int, str, int]
"""A picture, who makes it (`local`, or the run it is stood in for), and its variation."""


class Model:
    """What should be the case: the run's state, what is in work, made and recorded, and who knows of it."""

    def __init__(self) -> None:
        self.state, self.run_id, self.policy = "idle", 0, "fail_fast"
        self.live = self.deaf = self.planned = False
        self.work: dict[Key, TaskClaim] = {}
        self.made: set[Key] = set()
        self.results: set[Key] = set()
        self.owned: dict[Key, int] = {}
        self.tries: Counter[Key] = Counter()
        self.failing: set[int] = set()
        self.halted: set[int] = set()
        self.skips: set[int] = set()
        self.retakes: dict[int, int] = {}
        self.chosen: dict[int, int] = {}
        self.keys: dict[str, tuple[Any, int]] = {}

    def wanted(self, n: int) -> Key:
        """Return what the run wants for its n-th picture."""
        variation = self.retakes.get(n, self.chosen.get(n, 0))
        return (n, f"run {self.run_id}" if n in self.skips else "local", variation)

    def next_variation(self, n: int) -> int:
        """Return the variation of the next take made on demand: stand-ins count as the first."""
        return max((v if maker == "local" else 0 for m, maker, v in self.results if m == n), default=-1) + 1

    def has(self, scene: int | None) -> bool:
        """Say whether a scene (None: none is asked for) can be made anew."""
        return scene is None or (scene < ITEMS and self.planned)

    def pending(self) -> list[int]:
        """Return the pictures the run still needs."""
        return [n for n in range(ITEMS) if self.wanted(n) not in self.results and n not in self.failing]

    def start(self, run_id: int, policy: str, retakes: dict[int, int]) -> None:
        """Have a new run begin."""
        self.run_id, self.state, self.policy = run_id, "queued", policy
        self.skips, self.failing, self.retakes = set(), set(), retakes
        self.begin()

    def fail(self, key: Key) -> None:
        """Have a picture fail for good: the run's turn hears of it only if there is one that wants it."""
        if not self.live or self.wanted(key[0]) != key:
            return
        if self.policy == "skip_and_continue" and key[0] not in self.skips:
            self.skips.add(key[0])
        else:
            self.failing.add(key[0])

    def withdraw(self) -> list[TaskClaim]:
        """Take all work of the run back; return the claims that do not stand any more."""
        return [self.work.pop(key) for key in list(self.work) if self.owned.get(key) == self.run_id]

    def begin(self) -> None:
        """Have a turn begin, if the run wants one and somebody hears."""
        if self.live or self.deaf:
            return
        if self.state == "cancelling":
            self.state = "cancelled"
        elif self.state in ("queued", "running", "pausing"):
            self.state = "running" if self.state == "queued" else self.state
            self.live, self.failing, self.halted = True, set(), set()

    def go_on(self) -> None:
        """Bring the run as far as its turn brings it with what is there."""
        if not self.live:
            return
        if self.state == "cancelling":
            self.state, self.live = "cancelled", False
            return
        self.planned = self.planned or self.state == "running"
        for n in range(ITEMS):
            self._collect(n)
        pending = self.pending()
        if self.state == "pausing" or self.failing:
            self.halted |= {n for n in pending if self.wanted(n) not in self.work}
        if set(pending) - self.halted:
            return
        # What a pause has held back is ordered again once all else has ended, also after a resume.
        self.halted = set()
        if self.failing:
            self.state = "failed"
        elif not pending:
            self.state = "completed"
        elif self.state == "pausing":
            self.state = "paused"
        self.live = self.state in ("running", "pausing")

    def _collect(self, n: int) -> None:
        """Order the n-th picture, and record it if it has been made."""
        key = self.wanted(n)
        if key not in self.results and self.owned.get(key) != self.run_id:
            self.owned[key], self.tries[key] = self.run_id, 0
        if key in self.made:
            self.results.add(key)
        if key in self.results and n in self.retakes and n not in self.skips:
            self.chosen[n] = key[2]

    def on_queue(self) -> set[Key]:
        """Return what must wait for a render worker now."""
        if not self.live or self.state != "running" or self.failing:
            return set()
        return {self.wanted(n) for n in self.pending() if n not in self.halted} - self.work.keys()


def key_of(task: Task | TaskClaim) -> Key:
    """Return what a task makes."""
    maker = "local" if task.provider == "local" else f"run {task.run_id}"
    return (task.order["n"], maker, task.order.get("variation", 0))
