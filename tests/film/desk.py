"""A desk on a plain folder: what the skills of `film` need, without an engine. Used by the tests of `film`."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from trailerflow.film.record import File


class FolderDesk:
    """Obeys `crew.Desk`: `kept` lists what was handed in, `ticks` what was reported.

    `on_tick` is called with every report and may raise, as the office does when the work was cancelled.
    """

    def __init__(self, root: Path, *, on_tick: Callable[[float], None] | None = None) -> None:
        self._store = root / "kept"
        self._scratch = root / "scratch"
        self._on_tick = on_tick
        self._store.mkdir(parents=True, exist_ok=True)
        self._scratch.mkdir(parents=True, exist_ok=True)
        self.received: tuple[File, ...] = ()
        self.kept: list[File] = []
        self.ticks: list[float] = []

    @property
    def folder(self) -> Path:
        return self._scratch

    def open(self, file: File) -> Path:
        return self._place(file)

    def keep(self, path: Path, name: str, media_type: str) -> File:
        content = path.read_bytes()
        file = File(name=name, sha256=hashlib.sha256(content).hexdigest(), media_type=media_type, bytes=len(content))
        if not self._place(file).exists():
            shutil.copyfile(path, self._place(file))
        self.kept.append(file)
        return file

    def tick(self, done: float) -> None:
        self.ticks.append(done)
        if self._on_tick is not None:
            self._on_tick(done)

    def _place(self, file: File) -> Path:
        return self._store / (file.sha256 + Path(file.name).suffix)
