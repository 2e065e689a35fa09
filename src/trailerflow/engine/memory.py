"""Memory given back: what a task has freed goes to the system, so that a worker stays as small as its largest task.

Called by `farm` after each task that took its time, and by every worker once. Without it the C library keeps about
100 MB of a speech model that is long closed.
"""

import ctypes
import gc

# glibc has it, others do not: there nothing is kept back, or nothing can be done.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)


def settle() -> None:
    """Leave what was loaded at the start, most of the objects there are, out of all later collections of garbage."""
    gc.collect()
    gc.freeze()


def give_back() -> None:
    """Collect garbage and return free pages to the system. Takes some milliseconds."""
    gc.collect()
    if _trim is not None:
        _trim(0)
