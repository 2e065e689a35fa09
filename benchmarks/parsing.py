"""How fast Fountain is read, and in how much memory, beside screenplain and fountain-py, at 0.1, 1 and 10 MB.

`.venv/bin/python -m benchmarks.parsing`. All read the same bytes one after the other in this process; the best of
several rounds counts, in seconds of processor time. The bar for us is 5 MB/s, and ahead of both. Memory is the peak of
what is allocated while reading.
"""

import gc
import io
import sys
import time
import tracemalloc
from collections.abc import Callable

from benchmarks.harness import Row, bundled_script, machine, report
from fountain import FountainParser
from screenplain.parsers import fountain as screenplain

from trailerflow.film import reading

SIZES = (100_000, 1_000_000, 10_000_000)
ROUNDS = 3
LEAST = 5.0
MOST_MEMORY = 15.0
PEER_BYTES = 1_000_000  # the peers take long: 10 MB once is enough to see that they are linear


def script(size: int) -> bytes:
    """Return a script of about `size` bytes: the bundled one, again and again."""
    whole = bundled_script().read_bytes()
    body = whole.partition(b"\n\n")[2]
    return (whole + body * (size // len(body) + 1))[:size].rsplit(b"\n", 1)[0]


def speed(read: Callable[[bytes], object], data: bytes, rounds: int) -> float:
    """Return the best of several rounds in megabytes a second."""
    best = float("inf")
    for _ in range(rounds):
        gc.collect()
        began = time.process_time()
        read(data)
        best = min(best, time.process_time() - began)
    return len(data) / 1e6 / best


def memory(read: Callable[[bytes], object], data: bytes) -> float:
    """Return the peak of memory allocated while reading, in lengths of the input."""
    gc.collect()
    tracemalloc.start()
    try:
        read(data)
        return tracemalloc.get_traced_memory()[1] / len(data)
    finally:
        tracemalloc.stop()


def ours(data: bytes) -> object:
    """Read with trailerflow: from bytes to scenes."""
    return reading.read(data, "script.fountain")


def theirs(data: bytes) -> object:
    """Read with screenplain."""
    return screenplain.parse(io.StringIO(data.decode()))


def others(data: bytes) -> object:
    """Read with fountain-py."""
    return FountainParser().parse(data.decode())


def main() -> int:
    """Measure and print."""
    rows = []
    for size in SIZES:
        data = script(size)
        rounds = ROUNDS if size <= PEER_BYTES else 1
        peers = {"screenplain": speed(theirs, data, rounds), "fountain-py": speed(others, data, rounds)}
        own = speed(ours, data, ROUNDS)
        for name, value in peers.items():
            rows.append(Row(f"{size / 1e6:g} MB, beside {name}", own, "MB/s", floor=value, least=max(LEAST, value)))
        if size <= PEER_BYTES:
            rows.append(Row(f"{size / 1e6:g} MB, memory", memory(ours, data), "x the input", bar=MOST_MEMORY))
    return report(f"Reading Fountain ({machine()})", rows)


if __name__ == "__main__":
    sys.exit(main())
