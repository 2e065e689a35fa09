"""The files, addressed by the SHA-256 of their content, in a folder. Called by `tasks`, `projects` and the web.

A file is written whole or not at all: into a temporary name, flushed to the disk, then renamed.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored file's address and size."""

    sha256: str
    bytes: int


class Storage:
    """A folder of files named by their content. Every method blocks: call it in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return where a file of that content is, or would be."""
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """Say whether a file of that content is there."""
        return self.path(sha256).is_file()

    def put(self, source: Path) -> Stored:
        """Store a copy of a file."""
        with source.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        target = self.path(sha256)
        if not target.is_file():
            with self._published(target) as temporary:
                shutil.copyfile(source, temporary)
        return Stored(sha256, source.stat().st_size)

    def put_bytes(self, content: bytes) -> Stored:
        """Store bytes."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if not target.is_file():
            with self._published(target) as temporary:
                temporary.write_bytes(content)
        return Stored(sha256, len(content))

    def remove_all(self, addresses: Iterable[str]) -> None:
        """Remove files; the caller has made sure that no row names them."""
        for sha256 in addresses:
            self.path(sha256).unlink(missing_ok=True)

    @contextmanager
    def _published(self, target: Path) -> Iterator[Path]:
        """Give a temporary path to write; afterwards it is the target, or nothing is left when the writing failed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".new-", dir=self.folder)
        os.close(handle)
        temporary = Path(name)
        try:
            yield temporary
            with temporary.open("rb") as stream:
                os.fsync(stream.fileno())
            target.parent.mkdir(exist_ok=True)
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
