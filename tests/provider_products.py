"""The jobs of a provider's double: what was ordered, how it stands, and the file it ends in.

`provider_double` keeps the books of them. It must never look at anything but the order: the same order gives the same
bytes, another order another colour.
"""

import functools
import hashlib
import json
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
from pydantic import BaseModel, ConfigDict

from trailerflow.film.encoding import VideoWriter
from trailerflow.film.plan import Frame

Json = dict[str, Any]


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


NAMES = {"panel": ("panel.png", "image/png"), "clip": ("clip.mp4", "video/mp4")}


@functools.lru_cache(maxsize=256)
def product(kind: str, order: str) -> bytes:
    """Make the file of a job: another order, another colour."""
    asked = json.loads(order)
    size = asked.get("frame") or {}
    frame = Frame(width=size.get("width", 64), height=size.get("height", 36))
    colour = tuple(hashlib.sha256(order.encode()).digest()[:3])
    picture = np.full((frame.height, frame.width, 3), colour, np.uint8)
    if kind == "panel":
        return cv2.imencode(".png", picture)[1].tobytes()
    if kind == "clip":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "clip.mp4"
            with VideoWriter(path, frame, asked.get("keyframes") or ()) as video:
                for _ in range(asked.get("frames", 12)):
                    video.write(picture)
            return path.read_bytes()
    return f"{kind}: {order}\n".encode()
