"""The delivery pack: every artifact of a project in one folder, all of them or none.

`cli.py` calls it. It must never leave half a file, nor write outside the folder it was given.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from trailerflow.errors import Invalid, TemporaryError
from trailerflow.terminal.client import Client

TRAILER = "trailer.mp4"
DRAFT = ".arriving-"


def check(folder: Path) -> None:
    """See that the folder can be written to, before hours of work. Raises `Invalid` when it cannot."""
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    try:
        with tempfile.TemporaryFile(dir=nearest):
            return
    except OSError as error:
        message = f"the folder {folder} cannot be written to: {error.strerror}"
        raise Invalid("invalid", message, remedy="choose another with -o") from error


async def deliver(client: Client, project_id: int, folder: Path) -> list[Path]:
    """Download every artifact of the project; the trailer is put in place last."""
    artifacts = await client.artifacts(project_id)
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=DRAFT, dir=folder) as drafts:
        for artifact in artifacts:
            await client.download(artifact, Path(drafts) / _flat(artifact["name"]))
        return [_put(Path(drafts) / name, folder / name) for name in _trailer_last(artifacts)]


def _flat(name: str) -> str:
    if name != Path(name).name or name.startswith("."):
        raise TemporaryError(
            "unexpected_answer", f"the service names an artifact {name!r}", remedy="is it trailerflow?"
        )
    return name


def _trailer_last(artifacts: Sequence[dict[str, Any]]) -> list[str]:
    return sorted((str(artifact["name"]) for artifact in artifacts), key=lambda name: (name == TRAILER, name))


def _put(draft: Path, target: Path) -> Path:
    return draft.replace(target)
