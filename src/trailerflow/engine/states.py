"""The states of a run and every legal move between them, once. Called by `service`; drawn in the README."""

from typing import Final, Literal

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
