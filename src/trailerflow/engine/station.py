"""Where a task is worked on: its scratch folder, the storage, and the tick between two frames. Called by `farm`.

Work gets one and knows nothing else of the engine. It is used in the thread that works.
"""

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Self

from trailerflow.engine.products import NewFile
from trailerflow.engine.storage import Storage

TICK_SECONDS = 0.25

Ticked = Callable[[float], None]


class GiveUp(BaseException):
    """The worker must let go of its task now. Not an `Exception`, so that no skill swallows it."""


class Station:
    """Where a task is worked on: a scratch folder, the storage, and the tick that may end the work.

    `received` are the files a provider handed in for it. The folder is gone at the end of a `with` block.
    """

    def __init__(
        self,
        *,
        storage: Storage,
        stop: threading.Event,
        ticked: Ticked,
        received: tuple[NewFile, ...] = (),
    ) -> None:
        self.received = received
        self.files: list[NewFile] = []
        self._storage = storage
        self._stop = stop
        self._ticked = ticked
        self._last_tick = 0.0
        self._scratch: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        """Begin to work here."""
        return self

    def __exit__(self, *error: object) -> None:
        """Leave nothing behind."""
        if self._scratch is not None:
            self._scratch.cleanup()

    @property
    def folder(self) -> Path:
        """Return the scratch folder, made when it is first asked for."""
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="trailerflow-")
        return Path(self._scratch.name)

    def path(self, sha256: str) -> Path:
        """Return a readable path of a stored file."""
        return self._storage.path(sha256)

    def store(self, path: Path, name: str, media_type: str) -> NewFile:
        """Store a finished file; it belongs to the task's product."""
        stored = self._storage.put(path)
        file = NewFile(name, stored.sha256, media_type, stored.bytes)
        self.files.append(file)
        return file

    def tick(self, done: float) -> None:
        """Report the share done (0..1), at most four times a second. Raises `GiveUp` when the work must end."""
        if self._stop.is_set():
            raise GiveUp
        if time.monotonic() - self._last_tick >= TICK_SECONDS:
            self._last_tick = time.monotonic()
            self._ticked(done)
