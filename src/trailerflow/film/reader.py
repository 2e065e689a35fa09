"""The reader: a process that reads uploaded files, each in a fork of its own with hard limits of time and memory.

Started by `importer`, which hands it a connection for every file; ends when its own does. A file that takes too much
ends its fork, never the service. It must never write a file, open a network connection or hold state between files.
"""

import array
import contextlib
import gc
import json
import logging
import os
import resource
import signal
import socket
import sys
import traceback
from typing import Any

from trailerflow.errors import TrailerflowError
from trailerflow.film import reading

GREETING = b"!"
LENGTH_BYTES = 8
MAX_MEMORY_BYTES = 1 << 30
MAX_SECONDS = 30.0  # of processor time
WAITING = 3  # times as long it may take on a busy machine
CHUNK = 1 << 20


def main() -> None:
    """Serve the connections that arrive over standard input, until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, whose end closes the connection
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the forks are not waited for
    logging.disable()
    with socket.socket(fileno=os.dup(sys.stdin.fileno())) as door:
        while connection := _next(door):
            if not os.fork():
                door.close()
                with contextlib.suppress(EOFError, OSError):  # who asked is gone
                    _serve(connection)
                os._exit(0)
            connection.close()


def _next(door: socket.socket) -> socket.socket | None:
    """Return the next connection, or nothing when the service is gone."""
    handles = array.array("i")
    said, ancillary, _, _ = door.recvmsg(1, socket.CMSG_SPACE(handles.itemsize))
    for _, _, data in ancillary:
        handles.frombytes(data[: handles.itemsize])
    return socket.socket(fileno=handles[0]) if said and handles else None


def _serve(connection: socket.socket) -> None:
    """Read one file and answer; the kernel ends this process when it takes too much."""
    gc.disable()  # it would look through every element again and again, and this process ends in a moment
    for ending in (signal.SIGALRM, signal.SIGPROF):
        signal.signal(ending, signal.SIG_DFL)
    connection.sendall(GREETING)
    header = json.loads(receive(connection))
    data = receive(connection)
    signal.setitimer(signal.ITIMER_PROF, header["seconds"])
    signal.setitimer(signal.ITIMER_REAL, header["seconds"] * WAITING)
    for what, most in ((resource.RLIMIT_AS, header["memory"]), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        _, hard = resource.getrlimit(what)
        limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (limit, limit))
    said, answer = _answer(data, header["filename"])
    send(connection, said)
    send(connection, answer)


def _answer(data: bytes, filename: str) -> tuple[bytes, bytes]:
    """Return what went wrong, if anything, and the screenplay."""
    try:
        return b"{}", reading.read(data, filename).model_dump_json().encode()
    except TrailerflowError as error:
        return _said(kind=type(error).__name__, code=error.code, message=error.message, remedy=error.remedy,
                     extra=error.extra), b""  # fmt: skip
    except (MemoryError, RecursionError) as error:
        return _said(kind="TooCostly", message=type(error).__name__), b""
    except Exception as error:  # noqa: BLE001 (a fault of ours must not look like a fault of the service)
        traceback.print_exc()  # into the service's log
        return _said(kind="Broken", message=type(error).__name__), b""


def _said(**what: Any) -> bytes:
    return json.dumps(what).encode()


def send(connection: socket.socket, data: bytes) -> None:
    """Send data, its length first."""
    connection.sendall(len(data).to_bytes(LENGTH_BYTES, "big"))
    if data:  # who has heard that nothing follows may have answered and gone
        connection.sendall(data)


def greeted(connection: socket.socket) -> None:
    """Wait until a fork is there. Raises `EOFError` when there will be none."""
    _exactly(connection, len(GREETING))


def receive(connection: socket.socket) -> bytes:
    """Receive what `send` sent. Raises `EOFError` when the other side is gone."""
    return _exactly(connection, int.from_bytes(_exactly(connection, LENGTH_BYTES), "big"))


def _exactly(connection: socket.socket, length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        received = connection.recv(min(CHUNK, length - len(data)))
        if not received:
            raise EOFError
        data += received
    return bytes(data)


if __name__ == "__main__":
    main()
