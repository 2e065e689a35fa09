"""What makes one process fit for thousands of streams: rare garbage collections, enough open files. Called by `app`."""

import gc
import logging
import resource

from trailerflow.web.room import MOST_STREAMS_OF_USER

SHARE_FOR_STREAMS = 0.9

log = logging.getLogger(__name__)


def tune_collector() -> None:
    """Have Python's cyclic collector pass over what start-up made, and run seldom: it is our latency's tail."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1000)


def raise_open_files() -> int:
    """Let this process open as many files as it may; return how many streams it can hold."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        except (OSError, ValueError) as error:  # macOS allows less than it says
            log.warning("the limit of open files stays at %d: %s", soft, error)
        else:
            log.info("the limit of open files is raised from %d to %d", soft, hard)
            soft = hard
    streams = int(soft * SHARE_FOR_STREAMS)
    if streams < MOST_STREAMS_OF_USER:
        log.warning("with %d open files there is room for %d streams only; raise `ulimit -n`", soft, streams)
    return streams
