"""Servers that a crash test kills and starts again: a Redis, which forgets everything, a PostgreSQL, which must not.

`conftest` and `stage` run them with `with`. A PostgreSQL keeps each commit through its own crash, as it would on a real
disk; this machine's crash is nobody's subject here, so nothing is flushed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psycopg
import redis

import postgres
from patience import block_until
from trailerflow.running import redis_server, tether

SECURE = ("fsync=off", "full_page_writes=off", "synchronous_commit=on", "max_connections=400", "listen_addresses=")


class RedisServer:
    """A Redis on a socket of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._socket = self._stack.enter_context(redis_server.socket(self._folder))
        self.url = redis_server.url(self._socket)
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._stack.close()

    def start(self) -> None:
        """Start it, empty."""
        child = redis_server.child(self._socket, dict(os.environ))
        self._process = subprocess.Popen([*tether.command(), *child.command], stdout=subprocess.DEVNULL)
        block_until(self._answers)

    def kill(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait(10)

    def flush(self) -> None:
        """Have it forget everything while it runs."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


class PostgreSQL:
    """A PostgreSQL in a folder of its own; it refuses root, so an ordinary user runs it then."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs

    def __enter__(self) -> Self:
        # Not in pytest's folders: they are for their owner alone.
        self.folder = Path(tempfile.mkdtemp(prefix="trailerflow-pg-"))
        self.folder.chmod(0o777)
        self._user = next(filter(postgres._exists, ("postgres", "nobody")), None) if os.geteuid() == 0 else None
        if self._user and postgres.WHEEL in self._programs.parts:  # a checkout may lie where only its owner can go
            self._programs = postgres._copied(self._programs, self.folder)
        initdb = [self._programs / "initdb", "--pgdata", self.folder / "data", "--auth", "trust", "--no-sync"]
        self._run([*initdb, "--username", "postgres"]).wait()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.crash()
        shutil.rmtree(self.folder)

    def url(self, database: str = "postgres") -> str:
        """Return the URL of a database."""
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Execute a statement of an administrator."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement)

    def start(self) -> None:
        """Start it and wait until it has recovered."""
        options = [f"-c{option}" for option in (*SECURE, f"unix_socket_directories={self.folder}")]
        self._server = self._run([self._programs / "postgres", "-D", self.folder / "data", *options])
        block_until(lambda: postgres._answers(self.url()))

    def crash(self) -> None:
        """End it at once, in the middle of everything: it has to recover when it starts again."""
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(10)

    def _run(self, command: list[Any]) -> "subprocess.Popen[bytes]":
        with (self.folder / "postgres.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, user=self._user, cwd=self.folder)
