"""What a provider may hand in: pictures and films of any size, pace and wrapping. Used by the tests of `film`."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

from film import stills
from film.desk import FolderDesk
from trailerflow.film.crew import ClipOrder, Panel
from trailerflow.film.drawing import Pixels
from trailerflow.film.plan import Frame
from trailerflow.film.record import File

NOWHERE = Panel(image=File(name="lost.png", sha256="0" * 64, media_type="image/png", bytes=1), drawing=None)


class ReceivingDesk(FolderDesk):
    """A desk on which a provider's files lie."""

    def __init__(self, root: Path, *contents: bytes, on_tick: Callable[[float], None] | None = None) -> None:
        super().__init__(root, on_tick=on_tick)
        self.received = tuple(self._lay(content, f"{place}.bin") for place, content in enumerate(contents))

    def _lay(self, content: bytes, name: str) -> File:
        address = hashlib.sha256(content).hexdigest()
        file = File(name=name, sha256=address, media_type="application/octet-stream", bytes=len(content))
        self._place(file).write_bytes(content)
        return file


def painting(width: int, height: int) -> Pixels:
    """Return a picture whose left third is red, whose middle is green and whose right third is blue."""
    picture = np.zeros((height, width, 3), np.uint8)
    for place, colour in enumerate(((0, 0, 255), (0, 255, 0), (255, 0, 0))):
        picture[:, place * width // 3 : (place + 1) * width // 3] = colour
    return picture


def picture_file(picture: Pixels, extension: str = ".png") -> bytes:
    done, data = cv2.imencode(extension, picture)
    assert done
    return data.tobytes()


def numbered(width: int, height: int, number: int) -> Pixels:
    """Return a picture of a film: how far the bright bar stands from the left is its number, in hundredths."""
    picture = np.full((height, width, 3), 60, np.uint8)
    left = round((number + 0.5) * width / 100 - width / 100)
    picture[:, max(left, 0) : left + width // 50] = 255
    return picture


def number_of(picture: Pixels) -> float:
    """Return the number of a picture."""
    bright = np.clip(picture.mean(axis=(0, 2)) - 110, 0, None)
    return float((bright * np.arange(0.5, bright.size)).sum() / bright.sum() / bright.size * 100 - 0.5)


def film_file(
    folder: Path,
    frames: int,
    *,
    rate: int = 24,
    size: tuple[int, int] = (320, 180),
    wrapping: str = "mp4",
    codec: str = "libx264",
    draw: Callable[[int, int, int], Pixels] = numbered,
    options: dict[str, str] | None = None,
) -> bytes:
    """Return a film of so many pictures, encoded as others would."""
    path = folder / f"made.{wrapping}"
    with av.open(str(path), "w", format=wrapping, options=options or {}) as container:
        stream: Any = container.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(draw(*size, number), format="bgr24")))
        container.mux(stream.encode(None))
    return path.read_bytes()


def clip_order(frame: Frame = stills.SMALL, frames: int = 24, **changes: object) -> ClipOrder:
    """Ask for a clip of a panel that lies nowhere."""
    asked: dict[str, object] = {"keyframes": (), "fade_in": 0, "fade_out": 0, "panel": NOWHERE}
    shot = stills.order(stills.setting()).shot
    return ClipOrder.model_validate({**asked, "shot": shot, "frame": frame, "frames": frames, **changes})


def watched(path: Path) -> list[Pixels]:
    """Return the pictures of a film file."""
    with av.open(str(path)) as video:
        return [picture.to_ndarray(format="bgr24").astype(np.uint8) for picture in video.decode(video=0)]


def keyframes(path: Path) -> list[int]:
    """Return the numbers of the pictures at which a film can be cut."""
    with av.open(str(path)) as video:
        return [number for number, picture in enumerate(video.decode(video=0)) if picture.key_frame]
