"""Starts `python -m arq` in a moment: a process that has imported what takes long forks itself for each worker.

`conftest` starts it with `running()`; this file, run as a script, is the process. It must never import what reads the
environment (`workers`): each fork has its own.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx

from trailerflow.running import tether

SLOW_TO_IMPORT = (
    "aiosqlite",
    "anyio._backends._asyncio",
    "arq.cli",
    "certifi",
    "httpcore",
    "psycopg",
    "trailerflow.bootstrap",
    "trailerflow.engine.courier",
    "trailerflow.orchestrator",
    "trailerflow.providers.local",
    "engine.company",
)


class Nursery:
    """A test's hand on it."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._guard = threading.Lock()

    def start(self, settings: str, environment: Mapping[str, str], log: Path) -> int:
        """Start `arq` with a settings class; return the process's id."""
        return int(self._ask(settings=settings, environment=dict(environment), log=str(log)))

    def exit_code(self, pid: int) -> int | None:
        """Return the exit code of a process that has ended, a signal's as a negative number."""
        code = self._ask(pid=pid)
        return None if code is None else int(code)

    def _ask(self, **question: Any) -> Any:
        pipe_in, pipe_out = self._process.stdin, self._process.stdout
        assert pipe_in is not None
        assert pipe_out is not None
        with self._guard:
            pipe_in.write(json.dumps(question) + "\n")
            pipe_in.flush()
            return json.loads(pipe_out.readline())


@contextlib.contextmanager
def running() -> Iterator[Nursery]:
    """Run a nursery; it ends with the block and all its processes with it."""
    process = subprocess.Popen(
        [*tether.command(), sys.executable, "-P", os.path.realpath(__file__)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OPENBLAS_NUM_THREADS": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Nursery(process)
        finally:
            process.kill()


def main() -> None:
    """Fork for every settings class asked for; tell the exit codes of those that ended."""
    for name in SLOW_TO_IMPORT:
        importlib.import_module(name)
    httpx.create_ssl_context()
    gc.freeze()
    ended: dict[int, int] = {}
    for line in sys.stdin:
        question = json.loads(line)
        if "pid" in question:
            pid = question["pid"]
            if pid not in ended:
                done, status = os.waitpid(pid, os.WNOHANG)
                ended.update({pid: os.waitstatus_to_exitcode(status)} if done else {})
            answer = ended.get(pid)
        else:
            parent = os.getpid()
            answer = os.fork() or _become_arq(parent, **question)
        print(json.dumps(answer), flush=True)  # noqa: T201 - who started it reads this


def _become_arq(parent: int, *, settings: str, environment: Mapping[str, str], log: str) -> int:
    """Do in this fork what `python -m arq SETTINGS` does; never return."""
    code = 1
    try:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(tether.PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:
            os._exit(1)
        for stream, mode in ((0, os.O_RDONLY), (1, os.O_WRONLY), (2, os.O_WRONLY)):
            os.dup2(os.open(log if stream else os.devnull, mode | os.O_CREAT | os.O_APPEND), stream)
        os.environ.update(environment)
        sys.argv = ["arq", settings]
        runpy.run_module("arq", run_name="__main__")
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 1
    except BaseException:  # noqa: BLE001 - this fork must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main()
