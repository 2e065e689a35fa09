"""What the benchmarks of making work on: a plan's shots as orders for clips, and a desk to make them at."""

import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.choosing import chosen

from trailerflow.film import clips, orders, panels, settings
from trailerflow.film.crew import Clip, ClipOrder
from trailerflow.film.plan import Frame
from trailerflow.film.record import File


class Shelf:
    """A desk on a folder, `crew.Desk`: what is kept lies there under its name, over what was there before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.received: tuple[File, ...] = ()

    def open(self, file: File) -> Path:
        """Return where a file lies."""
        return self.folder / file.name

    def keep(self, path: Path, name: str, media_type: str) -> File:
        """Put a file on the shelf."""
        kept = self.folder / name
        if path != kept:
            shutil.move(path, kept)
        return File(name=name, sha256="0" * 64, media_type=media_type, bytes=kept.stat().st_size)

    def tick(self, done: float) -> None:
        """Go on."""


def clip_orders(script: Path, frame: Frame, count: int, shelf: Shelf) -> list[ClipOrder]:
    """Return orders for so many clips, evenly over the plan of a minute; their panels are drawn on the shelf."""
    one = chosen(script.read_bytes(), 60, 0)
    places = settings.scout(one.analysis, {})
    shots = one.plan.shots[:: max(1, len(one.plan.shots) // count)][:count]
    drawn = {}
    for shot in shots:
        panel = panels.draw(orders.panel(one.plan, shot, one.cast, places, frame), shelf)
        named = {
            field: shelf.keep(shelf.open(file), f"{shot.id}-{field}{Path(file.name).suffix}", file.media_type)
            for field, file in (("image", panel.image), ("drawing", panel.drawing))
            if file is not None
        }
        drawn[shot.id] = panel.model_copy(update=named)
    few = one.plan.model_copy(update={"cuts": tuple(cut for cut in one.plan.cuts if cut.id in drawn)})
    return orders.clips(few, drawn, frame)


def animate_all(asked: Sequence[ClipOrder], folder: Path) -> float:
    """Make clips, one after the other, of panels that lie in `folder`; return the processor's seconds that took."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as scratch:
        for order in asked:
            animate(order, folder, Path(scratch))
    return time.process_time() - began


def animate(order: ClipOrder, folder: Path, scratch: Path) -> Clip:
    """Make one clip of a panel that lies in `folder`."""
    for file in (order.panel.image, order.panel.drawing):
        if file is not None and not (scratch / file.name).exists():
            (scratch / file.name).symlink_to(folder / file.name)
    return clips.animate(order, Shelf(scratch))
