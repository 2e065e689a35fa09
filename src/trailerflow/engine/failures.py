"""A failure as a row stores it: code, message, remedy. Called by whoever records one."""

from typing import Final

from trailerflow.engine.tables import Json
from trailerflow.errors import TemporaryError, TrailerflowError

MOST_DELIVERIES: Final = 20
"""So often may a worker be lost over a run or task that makes no progress, before that is its failure."""


def failure_of(error: Exception, what: str) -> Json:
    """Return an error as it is stored; one that is not ours is a defect, and `what` says where."""
    if isinstance(error, TrailerflowError):
        return {"code": error.code, "message": error.message, "remedy": error.remedy}
    message = f"{what}: {type(error).__name__}: {error}"
    return {"code": "internal", "message": message, "remedy": "this is a defect: see the worker's log, then retry"}


def task_failure_of(error: Exception, what: str) -> Json:
    """Return the same, saying also whether another try may help."""
    return {**failure_of(error, what), "temporary": isinstance(error, TemporaryError)}


def worker_lost(what: str) -> Json:
    """Return the failure of what took worker after worker down with it."""
    return {
        "code": "worker_lost",
        "message": f"{what} lost its worker {MOST_DELIVERIES} times without getting any further",
        "remedy": "see the worker's log for why it dies, then retry",
    }


def files_lost(what: str) -> Json:
    """Return the failure of what was made, made again, and not found in the storage either time."""
    return {
        "code": "files_lost",
        "message": f"the files of {what} were made twice and cannot be found",
        "remedy": "give all workers the same folder for files, then retry",
    }
