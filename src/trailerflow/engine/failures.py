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
    """Return the same, saying also whether another try may help, and after how many seconds at the earliest.

    What nobody foresaw may pass (a full disk, too little memory), so it is tried again like what is known to pass.
    """
    delay = error.delay_seconds if isinstance(error, TemporaryError) else 0.0
    return {**failure_of(error, what), "temporary": not is_permanent(error), "delay_seconds": delay}


def is_permanent(error: Exception) -> bool:
    """Say whether trying again is useless."""
    return isinstance(error, TrailerflowError) and not isinstance(error, TemporaryError)


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


def submit_unknown(what: str, provider: str) -> Json:
    """Return the failure of what was sent to a provider that never answered and cannot be asked."""
    return {
        "code": "submit_unknown",
        "message": f"{what} was sent to {provider} and no answer came back: it may have been bought, or not",
        "remedy": f"look at your account at {provider}; then retry, which buys it (perhaps again), or skip it",
    }


def provider_missing(what: str, provider: str) -> Json:
    """Return the failure of an item whose maker is not set up any more."""
    return {
        "code": "provider_missing",
        "message": f"{what} is made by {provider}, as its first take was, and {provider} is not set up",
        "remedy": "set TRAILERFLOW_PROVIDER_URL and TRAILERFLOW_PROVIDER_KEY again and retry, or skip it",
    }


def job_timed_out(what: str, provider: str, seconds: float) -> Json:
    """Return the failure of a job that a provider did not finish in time."""
    return {
        "code": "provider_timeout",
        "message": f"{provider} did not finish {what} within {seconds:.0f} seconds",
        "remedy": "retry goes on waiting for the same job; skip lets a stand-in take its place",
    }
