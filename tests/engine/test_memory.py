import ctypes

import psutil
import pytest

from trailerflow.engine import memory


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library has no malloc_trim")
def test_what_was_freed_goes_back_to_the_system() -> None:
    process = psutil.Process()
    pieces = [bytes(50_000) for _ in range(2000)]  # 100 MB in pieces small enough to stay on the heap
    del pieces[1::2]
    held = process.memory_info().rss
    del pieces[:-1]
    memory.give_back()
    assert process.memory_info().rss < held - 20_000_000
