"""The one way a frame becomes video: H.264 in MP4, the same for every clip of one frame size.

Called by the clips and cards that are drawn, and by `assembly` for the few frames it has to make anew. All clips of a
frame size carry the same SPS and PPS, so that `assembly` joins them by copying packets. Must never put a date, a
random id or the number of processors into a file: the same frames give the same bytes.
"""

from collections.abc import Collection
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream
from numpy.typing import NDArray

from trailerflow.film.plan import FPS, Frame

Picture = NDArray[np.uint8]
"""A frame in memory: (height, width, 3) in BGR, or (height x 3/2, width) as I420 planes."""

GOP_FRAMES = 96  # longer than a shot may stand still: a keyframe looks a little different and would hide it
_BT709 = 1  # the number of ITU-R BT.709 in H.273, for primaries, transfer and matrix alike
_LIMITED = 1  # luma 16..235, as video has it
_OPTIONS = {
    "preset": "superfast",
    "profile": "high",
    "crf": "26",
    "forced-idr": "1",
    # No B-frames: presentation is decoding order, so any packet between two keyframes can be copied elsewhere
    # and the first frame is shown at 0 without an edit list. Dark gradients band first: aq-mode 3 favours them.
    # No macroblock tree and no lookahead: with them about one small clip in a hundred came out in other bytes.
    "x264-params": (
        f"keyint={GOP_FRAMES}:min-keyint=1:scenecut=0:open-gop=0:bframes=0:aq-mode=3:mbtree=0:rc-lookahead=0:"
        "stitchable=1:threads=1:lookahead-threads=1:sliced-threads=0"
    ),
}


def _bt709() -> NDArray[np.float32]:
    """Return the 3x4 matrix from 8-bit BGR to limited-range Y, Cb, Cr (ITU-R BT.709-6, items 3.2 to 3.4)."""
    red, blue = 0.2126, 0.0722
    luma = np.array([blue, 1 - red - blue, red])
    cb = (np.array([1.0, 0.0, 0.0]) - luma) / (2 * (1 - blue))
    cr = (np.array([0.0, 0.0, 1.0]) - luma) / (2 * (1 - red))
    scaled = np.stack([luma * 219, cb * 224, cr * 224]) / 255
    return np.column_stack([scaled, [16, 128, 128]]).astype(np.float32)


_MATRIX = _bt709()


class Colours:
    """Turns BGR pictures of one size into I420 planes, BT.709, limited range; the planes are overwritten by the next.

    OpenCV's own BGR2YUV_I420 is BT.601, which players take for BT.709 at HD sizes: greens and reds would shift.
    """

    def __init__(self, width: int, height: int) -> None:
        # Memory fresh from the system for every picture would cost several times what the arithmetic does.
        quarter = height * width // 4
        self._yuv = np.empty((height, width, 3), np.uint8)
        self._half = np.empty((height // 2, width // 2, 3), np.uint8)
        self._planes = np.empty((height * 3 // 2, width), np.uint8)
        chroma = self._planes[height:].reshape(-1)
        self._luma = self._planes[:height]
        self._chroma = [chroma[at : at + quarter].reshape(height // 2, width // 2) for at in (0, quarter)]

    def i420_of(self, bgr: Picture) -> Picture:
        """Return a (height, width, 3) picture as (height x 3/2, width) planes."""
        assert bgr.shape == self._yuv.shape, f"a picture of {bgr.shape} was written, {self._yuv.shape} expected"
        cv2.transform(bgr, _MATRIX, dst=self._yuv)
        cv2.resize(self._yuv, self._half.shape[1::-1], dst=self._half, interpolation=cv2.INTER_AREA)
        cv2.extractChannel(self._yuv, 0, dst=self._luma)
        for channel, plane in enumerate(self._chroma, 1):
            cv2.extractChannel(self._half, channel, dst=plane)
        return self._planes


def configure(stream: VideoStream, frame: Frame) -> None:
    """Set the encoder of a new libx264 stream up for pictures of `frame`; the same call gives the same SPS and PPS."""
    codec = stream.codec_context
    codec.width, codec.height = frame.width, frame.height
    codec.pix_fmt = "yuv420p"
    codec.time_base = Fraction(1, FPS)
    codec.thread_count = 1
    codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
    codec.color_range = _LIMITED
    codec.options = dict(_OPTIONS)


class VideoWriter:
    """Writes pictures into an MP4 at 24/s, with a closed GOP at frame 0 and at each number in `keyframes`.

    Use it as a context manager. When the body raises, the partial file is removed.
    """

    def __init__(self, path: Path, frame: Frame, keyframes: Collection[int] = ()) -> None:
        self._path = path
        self._frame = frame
        self._keyframes = frozenset(keyframes) | {0}
        self._colours = Colours(frame.width, frame.height)
        self._container: OutputContainer
        self._stream: VideoStream
        self.frames = 0

    def __enter__(self) -> Self:
        self._container = av.open(str(self._path), "w", format="mp4", options={"fflags": "+bitexact"})
        self._stream = self._container.add_stream("libx264", rate=FPS)
        configure(self._stream, self._frame)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._container.mux(self._stream.encode(None))
                self._container.close()
        except BaseException:
            kind = BaseException
            raise
        finally:
            if kind is not None:
                self._discard()

    def write(self, bgr: Picture) -> None:
        """Append one picture, (height, width, 3) in BGR."""
        self.write_planes(self._colours.i420_of(bgr))

    def write_planes(self, i420: Picture) -> None:
        """Append one picture given as I420 planes, (height x 3/2, width), BT.709 limited range."""
        expected = (self._frame.height * 3 // 2, self._frame.width)
        assert i420.shape == expected, f"a picture of {i420.shape} planes was written, {expected} expected"
        picture = av.VideoFrame.from_ndarray(i420, format="yuv420p")
        picture.pts = self.frames
        picture.time_base = Fraction(1, FPS)
        picture.pict_type = PictureType.I if self.frames in self._keyframes else PictureType.NONE
        self._container.mux(self._stream.encode(picture))
        self.frames += 1

    def _discard(self) -> None:
        self._container.close()
        self._path.unlink(missing_ok=True)
