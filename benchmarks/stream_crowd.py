"""A crowd of viewers on raw sockets in one process, for `stream`: counts, ages and the order of what arrives.

An event's payload holds `~NUMBER~`, and nothing else that is sent holds a tilde, so that counting needs no parsing
while the time is taken; afterwards `check` reads everything that arrived, of every viewer.
"""

import contextlib
import re
import select
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MARK = b"~"
NUMBER = re.compile(rb"~(\d+)~")
AT_ONCE = 256
READ_BYTES = 1 << 18


@dataclass(slots=True)
class Seen:
    """What one viewer got."""

    connection: socket.socket
    marks: int = 0
    content: list[bytes] = field(default_factory=list)
    at: list[float] = field(default_factory=list)


class Crowd:
    """`reached[k]` is how many viewers have the first k events, which are numbered from `first`."""

    def __init__(self, port: int, path: str, *, first: int = 0) -> None:
        self._port = port
        self._path = path
        self._epoll = select.epoll()
        self._answered = 0
        self.first = first
        self.seen: dict[int, Seen] = {}
        self.reached: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self.seen)

    def connect(self, count: int, *, query: str = "", seconds: float = 60.0) -> None:
        """Open so many streams; return when each has been answered."""
        request = f"GET {self._path}{query} HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\n\r\n".encode()
        deadline = time.monotonic() + seconds
        while len(self) < count or self._answered < count:
            if len(self) < count and len(self) - self._answered < AT_ONCE:
                connection = socket.create_connection(("127.0.0.1", self._port), timeout=10)
                connection.setblocking(False)
                connection.sendall(request)
                self.seen[connection.fileno()] = Seen(connection)
                self._epoll.register(connection, select.EPOLLIN)
            else:
                self.read(0.05)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._answered} of {count} streams were opened in {seconds} s")

    def read(self, seconds: float) -> None:
        """Take what has arrived, waiting at most so long for something."""
        for descriptor, _ in self._epoll.poll(seconds):
            one = self.seen[descriptor]
            with contextlib.suppress(BlockingIOError):
                content = one.connection.recv(READ_BYTES)
                if not content:
                    raise ConnectionError("a stream has ended")
                self._take(one, content)

    def _take(self, one: Seen, content: bytes) -> None:
        self._answered += not one.content
        one.content.append(content)
        before = one.marks // 2
        one.marks += content.count(MARK)
        if one.marks // 2 != before:
            now = time.perf_counter()
            for number in range(before + 1, one.marks // 2 + 1):
                one.at.append(now)
                self.reached[number] = self.reached.get(number, 0) + 1

    def until(self, events: int, *, seconds: float = 60.0) -> None:
        """Read until every viewer has so many events."""
        deadline = time.monotonic() + seconds
        while self.reached.get(events, 0) < len(self):
            self.read(0.05)
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self.reached.get(events, 0)} of {len(self)} viewers have event {events}")

    def check(self, events: int) -> None:
        """Raise unless every viewer got every event, once and in order."""
        wanted = list(range(self.first, self.first + events))
        for one in self.seen.values():
            got = [int(number) for number in NUMBER.findall(b"".join(one.content))]
            if got != wanted:
                raise AssertionError(f"a viewer got {len(got)} of {events} events, or not in order")

    def ages(self, times: Sequence[float], *, skip: int) -> list[float]:
        """Return each event's age at each viewer, in milliseconds; `times` are when they were due."""
        return [(at - due) * 1000 for one in self.seen.values() for at, due in zip(one.at[skip:], times, strict=True)]

    def close(self) -> None:
        """Hang up."""
        for one in self.seen.values():
            one.connection.close()
        self._epoll.close()


@contextlib.contextmanager
def gathered(port: int, path: str, count: int, *, query: str = "", first: int = 0) -> Iterator[Crowd]:
    """Give a crowd that hangs up at the end."""
    crowd = Crowd(port, path, first=first)
    try:
        crowd.connect(count, query=query)
        yield crowd
    finally:
        crowd.close()
