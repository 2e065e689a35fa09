"""How many streams each user has open, and whether there is room for one more. Kept by `relay`, asked by `stream`."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

MOST_STREAMS_OF_USER = 2500


class Room:
    """The streams of one process, which can hold so many open."""

    def __init__(self, most_streams: int) -> None:
        self._most_streams = most_streams
        self._streams: Counter[int] = Counter()

    def has_place_for(self, user_id: int) -> bool:
        """Say whether a user may open one more stream."""
        return self._streams[user_id] < MOST_STREAMS_OF_USER and self._streams.total() < self._most_streams

    @contextmanager
    def place_of(self, user_id: int) -> Iterator[None]:
        """Count a stream of a user while it lasts."""
        self._streams[user_id] += 1
        try:
            yield
        finally:
            self._streams[user_id] -= 1
