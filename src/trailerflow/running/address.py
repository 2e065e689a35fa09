"""The loopback address of the web process: checked, chosen and kept.

`up.py` keeps it for as long as the service runs, `doctor.py` tries it. It must never let an address through that other
machines can reach: there are no users and passwords yet.
"""

import contextlib
import errno
import ipaddress
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from trailerflow.errors import Misconfigured

TAKEN_SECONDS = 2.0  # the processes of a service that was just killed may take a moment to let go
TAKEN_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Address:
    """Where the web process listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """Return the address as clients write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@contextlib.contextmanager
def reserved(host: str, port: int) -> Iterator[Address]:
    """Keep this port (0: any free one) ours, also while the web process is down.

    Raises `Misconfigured` when the host is not loopback or the port is taken.
    """
    loopback = _loopback(host)
    family = socket.AF_INET6 if ":" in loopback else socket.AF_INET
    with socket.socket(family) as keeper:
        # It never listens: Linux then lets the web process bind beside it, and gives the port to nobody else.
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _bind(keeper, loopback, port)
        address = Address(loopback, keeper.getsockname()[1])
        if sys.platform != "linux":
            keeper.close()
        yield address


def _loopback(host: str) -> str:
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError as error:
        message = f"{host} is not an IP address"
        raise Misconfigured("misconfigured", message, remedy="use 127.0.0.1, ::1 or localhost") from error
    if not address.is_loopback:
        raise Misconfigured(
            "misconfigured",
            f"{host} can be reached by other machines, and there are no users and passwords to protect it",
            remedy="listen on 127.0.0.1 and put a proxy that asks who is there before it",
        )
    return str(address)


def _bind(keeper: socket.socket, host: str, port: int) -> None:
    deadline = time.monotonic() + TAKEN_SECONDS
    while True:
        try:
            keeper.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(TAKEN_POLL_SECONDS)
                continue
            message = f"port {port} of {host} cannot be listened on: {error.strerror}"
            remedy = "end the program that has the port, or choose another with --port (0: any free one)"
            raise Misconfigured("misconfigured", message, remedy=remedy) from error
        return
