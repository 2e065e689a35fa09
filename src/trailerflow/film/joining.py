"""The joining of clips: packets copied as they are, only dissolves blended and encoded anew.

Called by `assembly`. Must never encode a frame a second time where a copy will do, and must yield exactly the frames
of the plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from trailerflow.errors import PermanentError
from trailerflow.film.crew import Desk, TrailerOrder
from trailerflow.film.encoding import Picture, VideoWriter
from trailerflow.film.footage import Footage
from trailerflow.film.plan import Cut, Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Joiner:
    """Joins the clips of one order; `reference` is any clip made with our own encoder for the order's frame."""

    order: TrailerOrder
    desk: Desk
    reference: Path

    def packets(self) -> Iterator["Packet[VideoStream]"]:
        """Yield the packets of the whole trailer in order, one a frame; their times are the caller's to set."""
        parameters = parameters_of(self.reference)
        for position, cut in enumerate(self.order.plan.cuts):
            dissolve = min(cut.dissolve, cut.frames) if position else 0
            with self._footage(position) as footage:
                self._check_length(footage, position)
                if dissolve:
                    yield from self._dissolve(footage, position, dissolve)
                if dissolve < cut.frames and footage.can_copy(dissolve, parameters):
                    yield from footage.packets[dissolve : cut.frames]
                elif dissolve < cut.frames:
                    pictures = footage.pictures(dissolve, cut.frames - dissolve, self.order.frame)
                    yield from self._encoded(pictures)

    def _footage(self, position: int) -> Footage:
        return Footage(self.desk.open(self.order.clips[position].video))

    def _dissolve(self, footage: Footage, position: int, count: int) -> Iterator["Packet[VideoStream]"]:
        """Blend the tail of the clip before into the first `count` frames of this one."""
        with self._footage(position - 1) as before:
            tail = before.pictures(self.order.plan.cuts[position - 1].frames, count, self.order.frame)
            head = footage.pictures(0, count, self.order.frame)
            yield from self._encoded(blended(tail, head, count))

    def _encoded(self, pictures: Iterator[Picture]) -> Iterator["Packet[VideoStream]"]:
        path = self.desk.folder / "joint.mp4"
        with VideoWriter(path, self.order.frame) as video:
            for picture in pictures:
                video.write_planes(picture)
        with Footage(path) as joint:
            yield from joint.packets
        path.unlink()

    def _check_length(self, footage: Footage, position: int) -> None:
        cut, found = self.order.plan.cuts[position], len(footage.packets)
        needed = cut.frames + self.order.plan.tail_of(position)
        if found < needed:
            raise PermanentError(
                "delivery_check",
                f"the clip of {name_of(cut)} has {found} frames, {needed} are needed",
                remedy=f"make the clip of {name_of(cut)} again",
            )


def blended(tail: Iterator[Picture], head: Iterator[Picture], count: int) -> Iterator[Picture]:
    """Yield `count` pictures that go over from tail to head, easing in and out (smoothstep)."""
    for number, (old, new) in enumerate(zip(tail, head, strict=True), 1):
        share = number / (count + 1)
        weight = share * share * (3 - 2 * share)
        yield np.asarray(cv2.addWeighted(old, 1 - weight, new, weight, 0), np.uint8)


def reference_clip(path: Path, frame: Frame) -> Path:
    """Encode one grey picture of a frame's size: it shows which parameters all clips of that size carry."""
    with VideoWriter(path, frame) as video:
        video.write(np.full((frame.height, frame.width, 3), 128, np.uint8))
    return path


def parameters_of(path: Path) -> bytes:
    """Return a clip's SPS and PPS."""
    with Footage(path) as footage:
        return footage.parameters


def name_of(cut: Cut) -> str:
    """Return how a person calls a cut: `shot s012-2`, `card c3`."""
    return f"{cut.kind} {cut.id}"
