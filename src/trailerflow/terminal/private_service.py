"""A whole service of one's own for as long as a `with` block: its own port, data folder, Redis and workers.

`trailerflow make --own`, the tests and the benchmarks use it, and talk to it over HTTP like any client. It must never
leave a process behind, and never touch a process it did not start.
"""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from trailerflow.errors import Misconfigured
from trailerflow.running import tether
from trailerflow.settings import PREFIX

READY = re.compile(r"trailerflow is ready on (http://\S+)\n")
READY_SECONDS = 90.0
END_SECONDS = 45.0
ROLES = {"uvicorn": "web", "WorkerSettings": "worker", "RenderSettings": "render", "redis-server": "redis"}


class PrivateService:
    """`trailerflow up` on a free loopback port. Without a data folder it makes one and removes it at the end."""

    def __init__(
        self,
        *,
        data: Path | None = None,
        environment: Mapping[str, str] | None = None,
        render_workers: int | None = None,
    ) -> None:
        self._own_data = data is None
        self.data = data or Path(tempfile.mkdtemp(prefix="trailerflow-"))
        self._environment = _without_settings() | dict(environment or {})
        self._options = [] if render_workers is None else ["--render-workers", str(render_workers)]
        self.url = ""
        self.pid = 0
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        if self._own_data:
            shutil.rmtree(self.data, ignore_errors=True)

    @property
    def log(self) -> Path:
        """Return the file with what the service and its children say."""
        return self.data / "service.log"

    def start(self) -> None:
        """Start the service and wait until it is ready. Raises `Misconfigured` with its last words if it is not."""
        command = [sys.executable, "-P", "-m", "trailerflow.cli", "up", "--port", "0", "--data", str(self.data)]
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [*tether.command(), *command, *self._options],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                process_group=0,  # Ctrl-C is for the client, which then ends the service
            )
        self.pid = self._process.pid
        try:
            self.url = self._ready_line()
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        """Ask the service to end, wait until it has, and kill it if it does not. Ending twice is fine."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        finally:
            if self._process.stdout:
                self._process.stdout.close()
            self._process = None

    def kill(self) -> None:
        """Kill the service as a power cut would; its children die with it."""
        if self._process is not None:
            self._process.kill()
            self.end()

    def processes(self) -> Iterator[tuple[str, psutil.Process]]:
        """Yield the service's processes with their roles: `up`, `web`, `worker`, `render`, `redis`."""
        supervisor = psutil.Process(self.pid)
        yield "up", supervisor
        for process in supervisor.children():
            try:
                line = " ".join(process.cmdline())
            except psutil.Error:
                continue  # it ended in this very moment
            yield next((role for word, role in ROLES.items() if word in line), "other"), process

    def pids(self, role: str) -> list[int]:
        """Return the pids of one role."""
        return [process.pid for known, process in self.processes() if known == role]

    def last_words(self) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])

    def _ready_line(self) -> str:
        process = self._process
        if process is None or process.stdout is None:
            raise RuntimeError("the service has not been started")
        deadline, said = time.monotonic() + READY_SECONDS, ""
        while time.monotonic() < deadline:
            if not select.select([process.stdout], [], [], 0.2)[0]:
                continue
            said += (words := os.read(process.stdout.fileno(), 4096).decode())
            if ready := READY.search(said):
                return ready.group(1)
            if not words:
                break
        message = f"the private service did not become ready:\n{self.last_words()}"
        raise Misconfigured("misconfigured", message, remedy="see `trailerflow doctor`")


def _without_settings() -> dict[str, str]:
    """Return our environment without what would tie the private service to another one."""
    shared = {PREFIX + name for name in ("HOST", "PORT", "URL", "DATA", "REDIS_URL", "DATABASE_URL", "STORAGE_URL")}
    return {name: value for name, value in os.environ.items() if name.upper() not in shared}
