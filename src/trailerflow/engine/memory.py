"""Memory given back: what a task has freed goes to the system, so that a worker stays as small as its largest task.

Called by `farm` after each task that took its time, and by every worker once. Without it the C library keeps about
100 MB of a speech model that is long closed.
"""

import ctypes
import gc

# glibc has it, others do not: there nothing is kept back, or nothing can be done.
_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
_option = getattr(ctypes.CDLL(None), "mallopt", None)
_MMAP_THRESHOLD = -3
_LARGE_BYTES = 12 * 1024 * 1024
"""More than a picture: what is larger gets pages of its own, which go back to the system the moment it is freed."""


def settle() -> None:
    """Leave what was loaded at the start, most of the objects there are, out of all later collections of garbage.

    And have large blocks live apart: by itself glibc learns to keep ever larger ones on a heap full of holes.
    """
    gc.collect()
    gc.freeze()
    if _option is not None:
        _option(_MMAP_THRESHOLD, _LARGE_BYTES)


def give_back() -> None:
    """Collect garbage and return free pages to the system. Takes some milliseconds."""
    gc.collect()
    if _trim is not None:
        _trim(0)
