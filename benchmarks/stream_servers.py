"""What `stream` measures, as processes on a core of their own: our web process and its peers.

Ours is published to as a worker does it: an event is committed to the log, then the bell is rung.
"""

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import httpx
import psutil
from benchmarks import parts
from benchmarks.harness import ROOT
from redis import Redis

from trailerflow.bootstrap import migrate
from trailerflow.engine.bell import CHANNEL
from trailerflow.running import tether
from trailerflow.settings import PREFIX, Settings

SERVER_CORE, CROWD_CORE = 0, 1
EVENT_BYTES = 200
SCRIPT = "INT. HALL - DAY\n\nA door opens.\n\nANNA\nWho is there?\n"


class Source(Protocol):
    """Whatever publishes events and serves them."""

    process: psutil.Process
    port: int
    path: str

    def publish(self, number: int) -> None:
        """Publish the event of this number."""

    def query(self) -> str:
        """Return what a viewer asks for who wants nothing but what is published from now on."""

    def hears(self, viewers: int) -> bool:
        """Say whether all who have been answered hear already."""


def padded(number: int, extra: int) -> str:
    """Return a payload with the number in it, filled up so that the whole event has 200 bytes."""
    mark = f"~{number}~"
    return mark + "." * max(0, EVENT_BYTES - extra - len(mark))


class Ours:
    """The web process, and a project in its database."""

    def __init__(self, process: psutil.Process, port: int, settings: Settings, project_id: int) -> None:
        self.process, self.port = process, port
        self.path = f"/api/workflow/{project_id}/events"
        self._project_id = project_id
        self._redis = Redis.from_url(settings.redis_url)
        self._database = sqlite3.connect(settings.database.removeprefix("sqlite:///"), isolation_level=None)
        self._database.execute("PRAGMA synchronous=OFF")
        self.last_event_id = 0

    def record(self, first: int, count: int) -> None:
        """Add events to the log, in one transaction."""
        execute = self._database.execute
        execute("BEGIN IMMEDIATE")
        for number in range(first, first + count):
            self.last_event_id += 1
            data = json.dumps({"progress": 50, "step": "image/s000-1", "kind": "image", "note": padded(number, 160)})
            execute(
                "INSERT INTO event (project_id, id, run_id, type, at, data) VALUES (?, ?, NULL, ?, ?, ?)",
                (self._project_id, self.last_event_id, "step.finished", time.time(), data),
            )
        execute("UPDATE project SET last_event_id = ? WHERE id = ?", (self.last_event_id, self._project_id))
        execute("COMMIT")

    def publish(self, number: int) -> None:
        """Commit an event, then ring."""
        self.record(number, 1)
        self._redis.publish(CHANNEL, json.dumps({"project": self._project_id, "last_event_id": self.last_event_id}))

    def query(self) -> str:
        """Ask for what comes after the last event."""
        return f"?last_event_id={self.last_event_id}"

    def hears(self, viewers: int) -> bool:
        """Say yes: who is answered hears."""
        return viewers >= 0

    def close(self) -> None:
        """Let go of Redis and the database."""
        self._redis.close()
        self._database.close()


class Peer:
    """A program of `stream_peers`."""

    path = "/"

    def __init__(self, process: psutil.Process, port: int, kind: str, redis_url: str) -> None:
        self.process, self.port, self._kind = process, port, kind
        self._redis = Redis.from_url(redis_url)

    def publish(self, number: int) -> None:
        """Publish a frame."""
        head = f"id: {number}\nevent: event\ndata: "
        self._redis.publish(self._kind, f"{head}{padded(number, len(head) + 2)}\n\n")

    def query(self) -> str:
        """Ask for nothing in particular."""
        return ""

    def hears(self, viewers: int) -> bool:
        """Say whether the tutorial's way has made its subscriptions."""
        counts: Any = self._redis.pubsub_numsub(self._kind)
        return self._kind == "floor" or counts[0][1] >= viewers

    def close(self) -> None:
        """Let go of Redis."""
        self._redis.close()


@contextlib.contextmanager
def started(command: list[str], port: int, environment: dict[str, str]) -> Iterator[psutil.Process]:
    """Run a server on its core, and wait until it accepts."""
    os.sched_setaffinity(0, {SERVER_CORE})
    process = subprocess.Popen([*tether.command(), *command], env={**os.environ, **environment}, cwd=ROOT)
    os.sched_setaffinity(0, {CROWD_CORE})
    try:
        deadline = time.monotonic() + parts.PATIENCE_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            time.sleep(parts.LOOK_SECONDS)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """Return a port that is free."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def ours(redis_url: str) -> Iterator[Ours]:
    """Run the web process as `trailerflow up` does."""
    with tempfile.TemporaryDirectory(prefix="trailerflow-") as folder:
        settings = Settings(data=Path(folder), redis_url=redis_url)
        migrate(settings)
        port = free_port()
        command = [sys.executable, "-P", "-m", "uvicorn", "--factory", "trailerflow.web.app:create_app"]
        command += ["--http", "trailerflow.web.connection:Connection", "--backlog", "4096"]
        command += ["--port", str(port), "--log-level", "warning", "--timeout-graceful-shutdown", "5"]
        told = {PREFIX + "DATA": folder, PREFIX + "REDIS_URL": redis_url}
        with started(command, port, told) as process:
            url = f"http://127.0.0.1:{port}/api/projects"
            made = httpx.post(url, files={"script": ("a.fountain", SCRIPT)}, trust_env=False)
            source = Ours(process, port, settings, made.raise_for_status().json()["id"])
            try:
                yield source
            finally:
                source.close()


@contextlib.contextmanager
def peer(kind: str, redis_url: str) -> Iterator[Peer]:
    """Run a peer."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.stream_peers", kind, str(port)]
    with started(command, port, {"PEERS_REDIS_URL": redis_url}) as process:
        source = Peer(process, port, kind, redis_url)
        try:
            yield source
        finally:
            source.close()
