"""`trailerflow doctor`: looks at everything the service needs, and says what would stop it and what to do.

`cli.py` loads it when asked, because it opens what the service would open. It must never change anything, never need a
running service, and never order anything from a provider.
"""

import asyncio
import contextlib
import dataclasses
import importlib
import json as jsons
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from trailerflow.errors import TrailerflowError
from trailerflow.running import address, redis_server
from trailerflow.settings import Settings
from trailerflow.terminal import exits, needs
from trailerflow.terminal.outlet import Outlet

LEAST_FREE_BYTES = 2 << 30
REDIS_SECONDS = 2.0
AGAIN = "install trailerflow again: `make setup`"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look has shown."""

    subject: str
    good: bool
    found: str
    remedy: str = ""


def doctor(*, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Look for what would stop the service from working, and say what to do about it.

    Parameters
    ----------
    json
        Print JSON, one object a line, for programs.

    """
    out, good = Outlet(), True
    for finding in examine():
        good = good and finding.good
        if json:
            out.say(jsons.dumps(dataclasses.asdict(finding)))
            continue
        out.say(f"{'ok' if finding.good else 'NO'}  {finding.subject:<9} {finding.found}")
        if not finding.good:
            out.say(f"    {'':<9} → {finding.remedy}")
    return exits.DONE if good else exits.FAILED


def examine() -> Iterator[Finding]:
    """Look at everything, one thing after another."""
    yield Finding("python", True, sys.version.split()[0])
    try:
        settings = Settings.load()
    except TrailerflowError as error:
        yield Finding("settings", False, error.message, error.remedy)
    else:
        yield Finding("settings", True, "understood")
        looks: dict[str, Callable[[Settings], str]] = {
            "redis": _redis,
            "data": lambda settings: _writable(settings.data, "TRAILERFLOW_DATA"),
            "database": needs.database,
            "storage": lambda settings: _writable(settings.storage, "TRAILERFLOW_STORAGE_URL"),
            "disk": _disk,
            "port": _port,
            "service": lambda settings: needs.service(settings.service, must_run=bool(settings.url)),
            "provider": needs.provider,
        }
        for subject, look in looks.items():
            yield _look(subject, look, settings)
    for subject, part in {"fonts": _fonts, "drawing": _drawing, "encoder": _encoder, "voice": _voice}.items():
        yield _look(subject, part)


def _look(subject: str, look: Callable[..., str], *about: Settings) -> Finding:
    """Take one look; what it finds wrong it raises."""
    try:
        return Finding(subject, True, look(*about))
    except TrailerflowError as error:
        return Finding(subject, False, error.message, error.remedy or "see the README")
    except (ImportError, OSError, ValueError) as error:  # a library that is not there, or not whole
        return Finding(subject, False, f"{type(error).__name__}: {error}", AGAIN)


def _redis(settings: Settings) -> str:
    if "redis_url" not in settings.model_fields_set:
        return f"{redis_server.program()}, started when needed"
    asyncio.run(redis_server.answer(settings.redis_url, timeout_seconds=REDIS_SECONDS))
    return f"answers at {settings.redis_url.rpartition('@')[2]}"


def _writable(folder: Path, setting: str) -> str:
    try:
        with tempfile.TemporaryFile(dir=_there(folder)):
            return str(folder)
    except OSError as error:
        message = f"{folder} cannot be written to: {error.strerror}"
        raise needs.missing(message, f"choose another with {setting}") from error


def _disk(settings: Settings) -> str:
    free = min(shutil.disk_usage(_there(folder)).free for folder in (settings.data, settings.storage))
    if free < LEAST_FREE_BYTES:
        raise needs.missing(f"only {free / 2**30:.1f} GiB free", f"make {LEAST_FREE_BYTES >> 30} GiB free")
    return f"{free / 2**30:.1f} GiB free"


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _port(settings: Settings) -> str:
    with contextlib.suppress(TrailerflowError):
        needs.service(f"http://{settings.host}:{settings.port}", must_run=True)
        return f"{settings.host}:{settings.port} is in use by trailerflow itself"
    with address.reserved(settings.host, settings.port) as place:
        return f"{place.url} is free"


def _fonts() -> str:
    fonts = importlib.import_module("trailerflow.film.fonts")
    gone = [str(path) for path in map(Path, fonts.files("Aя日")) if not path.is_file()]
    if gone:
        raise needs.missing(f"missing: {', '.join(gone)}", AGAIN)
    return "for every script"


def _drawing() -> str:
    names = ("cv2", "resvg_py", "numpy")
    return ", ".join(f"{name} {_version(importlib.import_module(name))}".strip() for name in names)


def _encoder() -> str:
    codec = importlib.import_module("av").codec.Codec
    return ", ".join(codec(name, "w").long_name for name in ("libx264", "aac"))


def _voice() -> str:
    own = importlib.import_module("trailerflow.film.timbres").Timbre(pitch=0.0, tract=0.0)
    sound = importlib.import_module("trailerflow.film.speech").Speaker().say("Yes.", timbre=own, pace=1.0, seed=0)
    if not sound.size:
        raise needs.missing("the voice says nothing", AGAIN)
    return "speaks"


def _version(module: Any) -> str:
    return str(getattr(module, "__version__", ""))
