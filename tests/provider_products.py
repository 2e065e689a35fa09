"""The jobs of a provider's double: what was ordered, how it stands, and the file it ends in.

`provider_double` keeps the books of them. It must never look at anything but the order: the same order gives the same
bytes, another order another colour.
"""

import functools
import hashlib
import json
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from trailerflow.film.encoding import VideoWriter
from trailerflow.film.plan import Frame

Json = dict[str, Any]


Look = Literal["moving", "frozen", "black"]


class Spoilt(BaseModel):
    """Lets the next `times` clips of at least so many frames look like nothing a film can use."""

    model_config = ConfigDict(extra="forbid")

    look: Look
    times: int = 1
    least_frames: int = 0


class Failure(BaseModel):
    """Lets the next `times` jobs of a kind (None: of any) fail in the end."""

    model_config = ConfigDict(extra="forbid")

    kind: str | None = None
    times: int = 1
    temporary: bool = False
    message: str = "the brush broke"


@dataclass(kw_only=True)
class Job:
    """A job taken and billed."""

    id: str
    key: str
    body: Json
    price: float
    seconds: float
    failure: Failure | None
    look: Look = "moving"
    taken_at: float = field(default_factory=time.monotonic)
    ended: Literal["succeeded", "failed", "cancelled"] | None = None

    @property
    def status(self) -> str:
        """Return how it stands."""
        return self.ended or ("queued" if self.done == 0 else "running")

    @property
    def done(self) -> float:
        """Return the share that is done."""
        if self.ended == "succeeded":
            return 1.0
        return round(min(0.9, (time.monotonic() - self.taken_at) / self.seconds), 1) if self.seconds else 0.5

    @property
    def shot(self) -> str | None:
        """Return the id of the shot it is for, if its order names one."""
        shot = self.body["order"].get("shot")
        return shot.get("id") if isinstance(shot, dict) else None

    def settle(self) -> None:
        """End it if its time is over."""
        if self.ended is None and time.monotonic() >= self.taken_at + self.seconds:
            self.ended = "failed" if self.failure else "succeeded"

    def entry(self) -> Json:
        """Return what the double's report says of it."""
        return {
            **self.body,  # kind, model, order
            "id": self.id,
            "key": self.key,
            "status": self.status,
            "shot": self.shot,
            "inputs": len(self.body["inputs"]),
        }


def look_of(body: Json, rules: Iterable[Spoilt]) -> Look:
    """Return how what is ordered will look; a rule that says so is used up by one."""
    for rule in rules if body["kind"] == "clip" else ():
        if rule.times > 0 and body["order"].get("frames", 0) >= rule.least_frames:
            rule.times -= 1
            return rule.look
    return "moving"


NAMES = {"panel": ("panel.png", "image/png"), "clip": ("clip.mp4", "video/mp4")}


@functools.lru_cache(maxsize=256)
def product(kind: str, order: str, look: Look = "moving") -> bytes:
    """Make the file of a job: another order, another colour."""
    asked = json.loads(order)
    size = asked.get("frame") or {}
    frame = Frame(width=size.get("width", 64), height=size.get("height", 36))
    colour = tuple(60 + part // 2 for part in hashlib.sha256(order.encode()).digest()[:3])
    if kind == "panel":
        return cv2.imencode(".png", _picture(frame, colour, 0))[1].tobytes()
    if kind == "clip":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mp4"
            with VideoWriter(path, frame, asked.get("keyframes") or ()) as video:
                for number in range(asked.get("frames", 12)):
                    moment = number if look == "moving" else 0
                    video.write(_picture(frame, (0, 0, 0) if look == "black" else colour, moment))
            return path.read_bytes()
    return f"{kind}: {order}\n".encode()


def _picture(frame: Frame, colour: tuple[int, ...], number: int) -> NDArray[np.uint8]:
    """Return a picture of one colour with a bar in it that moves on with every number; black has none."""
    picture = np.full((frame.height, frame.width, 3), colour, np.uint8)
    if any(colour):
        left = 2 * number % (frame.width - 8)
        picture[:, left : left + 8] = 250
    return picture
