"""A project whose log the relay reads on: how far its rings have it, and which steps are in work. Used by `relay`."""

from trailerflow.engine.ledger import LoggedEvent
from trailerflow.engine.projects import Position

RUN_IS_OVER = ("run.completed", "run.failed", "run.cancelled", "run.queued")


class Followed:
    """The last id in the rings, and the steps `(run, step)` in work as of that id: ticks of others are too late."""

    __slots__ = ("head", "in_work", "user_id")

    def __init__(self, position: Position, head: int) -> None:
        self.user_id = position.user_id
        self.head = head
        self.in_work = set(position.in_work)

    def over_with(self, row: LoggedEvent) -> set[tuple[int, str]]:
        """Take note of an event; return the steps whose ticks are over with it."""
        self.head = row.id
        over: set[tuple[int, str]] = set()
        if row.type == "step.started" and row.run_id is not None:
            self.in_work.add((row.run_id, row.data["step"]))
        elif row.type.startswith("step.") and row.run_id is not None:
            over = {(row.run_id, row.data["step"])}
        elif row.type in RUN_IS_OVER:
            over = set(self.in_work)
        self.in_work -= over
        return over
