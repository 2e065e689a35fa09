"""Footage: a clip opened for cutting, as packets to copy or as pictures to blend.

Called by `joining`. Must never hold more than one clip in memory.
"""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from trailerflow.film.encoding import Picture
from trailerflow.film.plan import Frame

_BT709 = 1


class Footage:
    """A clip's packets and pictures by frame number. Use it as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._container: InputContainer
        self._stream: VideoStream
        self.packets: list[Packet[VideoStream]] = []  # quoted: the class is generic in its stubs only

    def __enter__(self) -> Self:
        self._container = av.open(str(self._path))
        self._stream = self._container.streams.video[0]
        self._stream.codec_context.thread_count = 1
        self.packets = [packet for packet in self._container.demux(self._stream) if packet.size]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._container.close()

    @property
    def parameters(self) -> bytes:
        """Return the SPS and PPS of the clip; clips with the same can be joined by copying."""
        return bytes(self._stream.codec_context.extradata or b"")

    def can_copy(self, first: int, parameters: bytes) -> bool:
        """Tell whether the packets from frame `first` on can follow others with these parameters."""
        ordered = all(packet.pts == packet.dts for packet in self.packets)
        return ordered and self.parameters == parameters and self.packets[first].is_keyframe

    def pictures(self, first: int, count: int, frame: Frame) -> Iterator[Picture]:
        """Decode `count` pictures from frame `first` on as I420 planes of the frame's size."""
        begin = max((number for number in range(first + 1) if self._can_begin(number)), default=0)
        number = begin
        for packet in (*self.packets[begin:], None):
            for picture in self._stream.codec_context.decode(packet):
                if first <= number < first + count:
                    yield _planes(picture, frame)
                number += 1
            if number >= first + count:
                return

    def _can_begin(self, number: int) -> bool:
        packet = self.packets[number]
        return packet.is_keyframe and packet.pts == packet.dts


def _planes(picture: VideoFrame, frame: Frame) -> Picture:
    if picture.format.name != "yuv420p" or (picture.width, picture.height) != (frame.width, frame.height):
        picture = picture.reformat(frame.width, frame.height, "yuv420p", dst_colorspace=_BT709)
    return picture.to_ndarray().astype(np.uint8, copy=False)
