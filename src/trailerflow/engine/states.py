"""The states of a run and every legal move between them, once; drawn in the README. Called by `service`, `claims`."""

from typing import Final, Literal

from trailerflow.engine.tables import Run
from trailerflow.errors import Conflict

State = Literal["idle", "queued", "running", "pausing", "paused", "cancelling", "cancelled", "failed", "completed"]
Move = Literal[
    "start", "claim", "pause", "resume", "cancel", "retry", "skip", "regenerate",
    "complete", "fail", "hold", "stop",
]  # fmt: skip
"""The first eight are asked for (claim: by a worker), the last four happen: the film is done, a step failed for good,
nothing is in flight any more after a pause, or after a cancel."""

ACTIVE: Final[frozenset[State]] = frozenset({"queued", "running", "pausing", "paused", "cancelling"})
RUNNING: Final[frozenset[State]] = frozenset({"running", "pausing", "cancelling"})

MOVES: Final[dict[tuple[State, Move], State]] = {
    ("idle", "start"): "queued",
    ("completed", "start"): "queued",
    ("cancelled", "start"): "queued",
    ("failed", "start"): "queued",
    ("queued", "claim"): "running",
    ("queued", "pause"): "paused",
    ("queued", "cancel"): "cancelled",
    ("running", "pause"): "pausing",
    ("running", "cancel"): "cancelling",
    ("running", "complete"): "completed",
    ("running", "fail"): "failed",
    ("running", "hold"): "paused",
    ("pausing", "hold"): "paused",
    ("pausing", "complete"): "completed",
    ("pausing", "fail"): "failed",
    ("pausing", "resume"): "running",
    ("pausing", "cancel"): "cancelling",
    ("paused", "resume"): "queued",
    ("paused", "cancel"): "cancelled",
    ("paused", "skip"): "paused",
    ("paused", "regenerate"): "paused",
    ("failed", "retry"): "queued",
    ("failed", "skip"): "failed",
    ("failed", "cancel"): "cancelled",
    ("cancelling", "stop"): "cancelled",
}

SETTLED: Final[frozenset[tuple[State, Move]]] = frozenset(
    {
        ("pausing", "pause"),
        ("paused", "pause"),
        ("queued", "resume"),
        ("running", "resume"),
        ("cancelling", "cancel"),
        ("cancelled", "cancel"),
        ("queued", "retry"),
    }
)
"""Asked for again while its effect already holds: accepted, and nothing is written."""


def allowed_from(move: Move) -> list[State]:
    """Return the states in which a move is allowed, for the answer to one that is not."""
    return sorted({state for state, name in MOVES if name == move} | {state for state, name in SETTLED if name == move})


def make_move(run: Run | None, move: Move) -> bool:
    """Make a move on a run; False when its effect holds already. Raises `Conflict` naming what is allowed.

    A start moves nothing: it makes a new run, which is allowed or not by the state of the latest one.
    """
    state: State = "idle" if run is None else run.status  # type: ignore[assignment] # the column holds a State
    if (state, move) in SETTLED:
        return False
    target = MOVES.get((state, move))
    if target is None:
        raise _conflict(run, state, move)
    if run is not None and move != "start":
        run.status = target
    return True


def _conflict(run: Run | None, state: State, move: Move) -> Conflict:
    if move == "start" and run is not None:
        return Conflict(
            "run_active",
            f"run {run.id} of project {run.project_id} is {state}",
            remedy="wait for it, resume it, or cancel it",
            extra={"run_id": run.id, "state": state},
        )
    states = allowed_from(move)
    return Conflict(
        "not_allowed",
        f"{move} is not possible while the run is {state}",
        remedy=f"{move} is possible while it is {', '.join(states)}",
        extra={"state": state, "allowed_states": states},
    )
