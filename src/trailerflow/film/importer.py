"""The importer: the bytes of an uploaded file become a screenplay, read in a process of its own with hard limits.

Called by the service on upload. Raises `BadScript` or `TooLarge`, whatever the file holds and however long it would
take, and `TemporaryError` where no process can be had; `reader` does the work.
"""

import atexit
import contextlib
import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import PurePath

from trailerflow.errors import BadScript, TemporaryError, TooLarge
from trailerflow.film import decoding, reader
from trailerflow.film.screenplay import Screenplay

UNTITLED = "Untitled"
TITLES = frozenset(("title", "titel", "titre", "título", "titolo", "название", "标题"))
GRACE_SECONDS = 5.0
START_SECONDS = 30.0
ERRORS = {"BadScript": BadScript, "TooLarge": TooLarge}


def read(
    data: bytes,
    filename: str,
    *,
    seconds: float = reader.MAX_SECONDS,
    memory_bytes: int = reader.MAX_MEMORY_BYTES,
) -> Screenplay:
    """Return the screenplay in `data`; `filename` only serves the messages. Offsets count decoded characters."""
    if len(data) > decoding.MAX_BYTES:
        raise decoding.too_large(len(data))
    header = {"filename": filename, "seconds": seconds, "memory": memory_bytes}
    with _READER.connection() as connection:
        try:
            connection.settimeout(seconds * reader.WAITING + GRACE_SECONDS)
            reader.send(connection, json.dumps(header).encode())
            reader.send(connection, data)
            said, answer = json.loads(reader.receive(connection)), reader.receive(connection)
        except (EOFError, OSError) as error:  # the kernel ended the fork
            raise _too_costly(filename, seconds) from error
    kind = said.pop("kind", "")
    if kind in ERRORS:
        raise ERRORS[kind](**said)
    if kind:
        raise _too_costly(filename, seconds) if kind == "TooCostly" else _broken(filename, said["message"])
    return Screenplay.model_validate_json(answer)


def title_of(screenplay: Screenplay, filename: str) -> str:
    """Return the film's title: from the title page, else from the file's name."""
    for key, value in screenplay.title_page.items():
        title = " ".join(value.split())
        if key.casefold() in TITLES and title:
            return title
    stem = re.sub(r"[\s_\-]+", " ", PurePath(filename.replace("\\", "/")).stem).strip()
    return (stem.title() if stem.islower() else stem) or UNTITLED


def reader_pid() -> int | None:
    """Return the id of the process that reads, if there is one."""
    return _READER.pid


def _too_costly(filename: str, seconds: float) -> BadScript:
    return BadScript(
        "too_costly",
        f"{filename} took more than {seconds:g} s or more memory than any screenplay needs, and was given up.",
        remedy="Export the screenplay anew, as Fountain if you can, and upload that file.",
    )


def _broken(filename: str, what: str) -> BadScript:
    return BadScript(
        "damaged",
        f"{filename} cannot be read ({what}).",
        remedy="Export the screenplay anew, as Fountain if you can, and upload that file.",
    )


class _Reader:
    """The reader's process as seen from here: started when first needed, and again should it have ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._door: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """Return the id of the process, if it was started."""
        return self._process.pid if self._process else None

    @contextlib.contextmanager
    def connection(self) -> Iterator[socket.socket]:
        """Give a connection to a fork that reads one file."""
        with self._connected() or self._connected() or self._gone() as connection:
            yield connection

    def _connected(self) -> socket.socket | None:
        """Return a connection once a fork has greeted; nothing if the process was killed before."""
        ours, theirs = socket.socketpair()
        door: socket.socket | None = None
        try:
            with theirs, self._lock:
                door = self._open_door()
                socket.send_fds(door, [b"."], [theirs.fileno()])
            ours.settimeout(START_SECONDS)
            reader.greeted(ours)
        except (OSError, EOFError):
            ours.close()
            with self._lock:
                if self._door is door:  # nobody else has started it again yet
                    self.close()
            return None
        return ours

    def _gone(self) -> socket.socket:
        raise TemporaryError(
            "reader_gone", "The process that reads screenplays does not start.", remedy="Upload the file again."
        )

    def _open_door(self) -> socket.socket:
        if self._door is None:
            self._door, theirs = socket.socketpair()
            with theirs:
                command = [sys.executable, "-P", "-m", reader.__name__]
                self._process = subprocess.Popen(command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)  # noqa: S603 (our own program)
        return self._door

    def close(self) -> None:
        """End the process; its forks have limits of their own."""
        door, process, self._door, self._process = self._door, self._process, None, None
        if door is not None:
            door.close()
        if process is not None:
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


_READER = _Reader()
atexit.register(_READER.close)
