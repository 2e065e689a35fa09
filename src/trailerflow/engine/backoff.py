"""When to try again: exponential backoff with full jitter, by tenacity. Called by `tasks`, `steps`, `farm`, `courier`.

A step's tries are rows, not loops: what is computed here is only how long the next one waits.
"""

import logging
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    Retrying,
    before_sleep_log,
    retry_if_exception_type,
    stop_after_delay,
    wait_random_exponential,
)

log = logging.getLogger(__name__)

MOST_TRIES: Final = 4
"""So often is a step tried before its failure is for a person to look at."""
LONGEST_SECONDS: Final = 60.0
OUTAGE_SECONDS: Final = 600.0

OUTAGES: Final = (OperationalError, InterfaceError)
"""What the database's drivers raise while it is away."""

_JITTER = wait_random_exponential(multiplier=1.0, max=LONGEST_SECONDS)
_NOTHING = Retrying()


def wait_seconds(tries: int, at_least: float = 0.0) -> float:
    """Return the seconds to wait after so many failed tries: at random up to 1, 2, 4 …, never less than asked for."""
    state = RetryCallState(_NOTHING, None, (), {})
    state.attempt_number = tries
    return max(at_least, _JITTER(state))


def outlasting() -> AsyncRetrying:
    """Return what repeats a write until the database is back: what was made or paid for is not thrown away."""
    return AsyncRetrying(
        retry=retry_if_exception_type(OUTAGES),
        wait=wait_random_exponential(multiplier=0.1, max=2.0),
        stop=stop_after_delay(OUTAGE_SECONDS),
        before_sleep=before_sleep_log(log, logging.WARNING),
        reraise=True,
    )
