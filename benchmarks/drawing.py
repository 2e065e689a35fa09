"""What drawing a panel and moving a clip cost at 1280x720, beside encoding the same frames alone.

`.venv/bin/python -m benchmarks.drawing` (`--quick`: a quarter of the shots). The shots are every third of the bundled
script's trailer. Seconds are the processor's, of one process, so that what else runs counts for little; the floor
encodes the finished frames of the same clips with the same settings, already decoded.
"""

import hashlib
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from benchmarks.harness import ROOT, Row, report

from trailerflow.film import analysis, casting, clips, encoding, importer, panels, settings, storyboard
from trailerflow.film.crew import Clip, ClipOrder, Panel, PanelOrder
from trailerflow.film.plan import Edits, frame_of
from trailerflow.film.record import File

SCRIPT = ROOT / "examples" / "the-drowned-bell.fountain"
FRAME = frame_of("16:9", 720)
EVERY, SELDOM = 3, 12
FRAMES = 48
FRAME_BAR = 2.0


class Desk:
    """A desk on a plain folder."""

    def __init__(self, folder: Path) -> None:
        self._kept = folder / "kept"
        self._kept.mkdir()
        self.folder = folder
        self.received: tuple[File, ...] = ()

    def open(self, file: File) -> Path:
        """Return where a file lies."""
        return self._kept / file.sha256

    def keep(self, path: Path, name: str, media_type: str) -> File:
        """Store a file by its content."""
        content = path.read_bytes()
        address = hashlib.sha256(content).hexdigest()
        shutil.copyfile(path, self._kept / address)
        return File(name=name, sha256=address, media_type=media_type, bytes=len(content))

    def tick(self, done: float) -> None:
        """Nobody asks."""


def orders(every: int) -> list[PanelOrder]:
    """Return the orders of every so many shots of a trailer of 60 seconds."""
    screenplay = importer.read(SCRIPT.read_bytes(), SCRIPT.name)
    told = analysis.analyse(screenplay)
    cast, places = casting.cast(screenplay, told, {}), settings.scout(told, {})
    plan = storyboard.draft(
        screenplay, told, cast, places, title="The Drowned Bell", seconds=60, aspect="16:9", seed=0, edits=Edits()
    )
    people = {character.name: character for character in cast.characters}
    looks = {setting.name: setting for setting in places.settings}
    return [
        PanelOrder(
            shot=shot,
            looks=tuple(people[figure.character] for figure in shot.figures),
            setting=looks[shot.setting],
            frame=FRAME,
            genre=plan.genre,
        )
        for shot in plan.shots[::every]
    ]


def draw(shots: Sequence[PanelOrder], desk: Desk) -> tuple[list[Panel], float]:
    """Draw the panels; return them and the seconds it took."""
    began = time.process_time()
    return [panels.draw(order, desk) for order in shots], time.process_time() - began


def move(shots: Sequence[PanelOrder], drawn: Sequence[Panel], desk: Desk) -> tuple[list[Clip], float]:
    """Move the panels; return the clips and the seconds it took."""
    asked = [
        ClipOrder(shot=order.shot, panel=panel, frame=FRAME, frames=FRAMES, keyframes=(), fade_in=0, fade_out=0)
        for order, panel in zip(shots, drawn, strict=True)
    ]
    began = time.process_time()
    return [clips.animate(order, desk) for order in asked], time.process_time() - began


def encode(made: Sequence[Clip], desk: Desk) -> float:
    """Encode the frames of clips again; return the seconds it took."""
    seconds = 0.0
    for clip in made:
        with av.open(str(desk.open(clip.video))) as video:
            frames = [frame.to_ndarray(format="bgr24").astype(np.uint8, copy=False) for frame in video.decode(video=0)]
        began = time.process_time()
        with encoding.VideoWriter(desk.folder / "again.mp4", FRAME, ()) as writer:
            for frame in frames:
                writer.write(frame)
        seconds += time.process_time() - began
    return seconds


def main(every: int) -> int:
    """Measure, print, and say whether the bar is kept."""
    shots = orders(every)
    with tempfile.TemporaryDirectory(prefix="trailerflow-") as folder:
        desk = Desk(Path(folder))
        drawn, drawing = draw(shots, desk)
        made, moving = move(shots, drawn, desk)
        floor = encode(made, desk)
    frames = len(shots) * FRAMES
    rows = [
        Row("a panel", 1000 * drawing / len(shots), "ms"),
        Row(
            "a frame of a clip", 1000 * moving / frames, "ms", 1000 * floor / frames, FRAME_BAR * 1000 * floor / frames
        ),
    ]
    return report(f"Drawing {len(shots)} shots at {FRAME.width}x{FRAME.height}", rows)


if __name__ == "__main__":
    raise SystemExit(main(SELDOM if "--quick" in sys.argv else EVERY))
