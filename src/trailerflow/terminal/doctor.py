"""`trailerflow doctor`: looks at the machine and the settings, and says what would stop the service and what to do.

`cli.py` calls it. It must never change anything, and never need a running service.
"""

import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from trailerflow.errors import TrailerflowError
from trailerflow.running import address, redis_server
from trailerflow.settings import Settings

LEAST_FREE_BYTES = 2 << 30
FONTS = ("fontpkg_oswald", "manimgx_fonts", "manimgx_fonts_cjk")
MAKERS = ("av", "cv2", "resvg_py", "hibari")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one look has shown."""

    subject: str
    good: bool
    words: str
    remedy: str = ""


def examine() -> list[Finding]:
    """Look at everything."""
    try:
        settings = Settings.load()
    except TrailerflowError as error:
        return [_python(), Finding("settings", False, error.message, error.remedy)]
    looks: list[Callable[[Settings], Finding]] = [_redis, _data, _space, _port]
    return [_python(), Finding("settings", True, "understood"), *[look(settings) for look in looks], *_parts()]


def _python() -> Finding:
    good = sys.version_info >= (3, 11)
    return Finding("python", good, sys.version.split()[0], "" if good else "use Python 3.11 or newer")


def _redis(settings: Settings) -> Finding:
    if "redis_url" in settings.model_fields_set:
        return Finding("redis", True, "TRAILERFLOW_REDIS_URL is set; none is started")
    try:
        return Finding("redis", True, str(redis_server.program()))
    except TrailerflowError as error:
        return Finding("redis", False, error.message, error.remedy)


def _data(settings: Settings) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=_there(settings.data)):
            return Finding("data folder", True, str(settings.data))
    except OSError as error:
        words = f"{settings.data} cannot be written to: {error.strerror}"
        return Finding("data folder", False, words, "choose another with TRAILERFLOW_DATA")


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(_there(settings.data)).free
    words = f"{free / 2**30:.1f} GiB free"
    return Finding("disk", free >= LEAST_FREE_BYTES, words, "" if free >= LEAST_FREE_BYTES else "make 2 GiB free")


def _there(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(place for place in (folder, *folder.parents) if place.exists())


def _port(settings: Settings) -> Finding:
    try:
        with address.reserved(settings.host, settings.port) as place:
            return Finding("port", True, f"{place.url} is free")
    except TrailerflowError as error:
        if _is_trailerflow(settings.service):
            return Finding("port", True, f"trailerflow runs on {settings.service}")
        return Finding("port", False, error.message, error.remedy)


def _is_trailerflow(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", trust_env=False, timeout=2).is_success
    except httpx.HTTPError:
        return False


def _parts() -> list[Finding]:
    return [_installed("fonts", FONTS), _installed("drawing, sound, film", MAKERS)]


def _installed(subject: str, modules: tuple[str, ...]) -> Finding:
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        return Finding(subject, False, f"missing: {', '.join(missing)}", "install trailerflow again: `make setup`")
    return Finding(subject, True, "installed")
