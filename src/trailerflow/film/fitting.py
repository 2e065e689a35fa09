"""Fitting: what a provider handed in made fit for the film: one picture of the frame's size, one clip to the frame.

Called by render workers when a provider's files have arrived. They come from outside: nothing is believed of them but
their bytes, and whatever cannot be used is refused as `bad_product`, a black or frozen one as well: once it is in the
trailer, the delivery check would refuse them all. Must never hold more than a few pictures in memory.
"""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from trailerflow.errors import PermanentError
from trailerflow.film import blemishes, encoding, motion
from trailerflow.film.crew import Clip, ClipOrder, Desk, Panel, PanelOrder
from trailerflow.film.drawing import Pixels
from trailerflow.film.plan import FPS, Frame
from trailerflow.film.record import File

LARGEST = 8192  # pixels a side
SLOWEST = 1.5
LEAD_IN = 0.25
"""So many seconds are left out at most where a clip is long enough: generated clips begin standing still."""
CREEP = 0.001
"""How much nearer a held picture comes with each frame; one that stood still would be taken for frozen."""

PNG, JPEG, EBML = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\x1aE\xdf\xa3"
MP4_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
NOT_FILMS = (b"avif", b"avis", b"heic", b"mif1", b"M4A ")  # pictures and sound in the same kind of box
# A JPEG's frame headers, from baseline to the last arithmetic one; C4, C8 and CC are tables.
JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
UNSPECIFIED, BT709, HD = 2, 1, 720


class Unfit(Exception):
    """A file cannot be used; says why. Becomes `bad_product` before it leaves this module."""


class Film(NamedTuple):
    """A film file: where it lies, how FFmpeg calls its wrapping, how long it runs."""

    path: Path
    wrapping: str
    seconds: float


def fit_panel(order: PanelOrder, desk: Desk) -> Panel:
    """Make the first picture received the shot's panel."""
    with _refusing(order.shot.id, desk):
        path = _first(desk, "PNG, JPEG or WebP picture", is_picture)
        picture = covered(_decoded(path.read_bytes()), order.frame)
        if blemishes.is_black(picture):
            raise Unfit("the picture is black")
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done, "the PNG encoder refused a picture"
    target = desk.folder / "fitted.png"
    target.write_bytes(data.tobytes())
    return Panel(image=desk.keep(target, f"image-{order.shot.id}.png", "image/png"), drawing=None)


def fit_clip(order: ClipOrder, desk: Desk) -> Clip:
    """Make the first film received the shot's clip, of exactly the order's frames."""
    with _refusing(order.shot.id, desk):
        film = _measured(_first(desk, "MP4 or WebM film", wrapping))
    target = desk.folder / "fitted.mp4"
    with encoding.VideoWriter(target, order.frame, order.keyframes) as video:
        for number, picture in enumerate(_conformed(film, order, desk)):
            gain = motion.fade(number, order.frames, order.fade_in, order.fade_out)
            video.write(np.asarray(cv2.convertScaleAbs(picture, alpha=gain), np.uint8) if gain < 1 else picture)
            desk.tick((number + 1) / order.frames)
    with _refusing(order.shot.id, desk):
        if blemish := blemishes.of_clip(target, order):
            target.unlink()
            raise Unfit(f"it is {blemish}, which the plan does not ask for")
    return Clip(video=desk.keep(target, f"clip-{order.shot.id}.mp4", "video/mp4"), frames=order.frames)


def is_picture(head: bytes) -> bool:
    """Say whether a file that begins so is a picture."""
    return head.startswith((PNG, JPEG)) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def wrapping(head: bytes) -> str:
    """Return how FFmpeg calls the wrapping of a film that begins so, or nothing.

    FFmpeg must not guess: among what it knows are play lists, which make it open other files and addresses.
    """
    if head[4:8] in MP4_BOXES and head[8:12] not in NOT_FILMS:
        return "mp4"
    return "matroska" if head.startswith(EBML) else ""


def covered(picture: Pixels, frame: Frame) -> Pixels:
    """Return the middle of a picture, filling the frame without distortion."""
    height, width = picture.shape[:2]
    wide = max(1, min(width, round(height * frame.width / frame.height)))
    high = max(1, min(height, round(width * frame.height / frame.width)))
    left, top = (width - wide) // 2, (height - high) // 2
    part = picture[top : top + high, left : left + wide]
    smaller = cv2.INTER_AREA if wide > frame.width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (frame.width, frame.height), interpolation=smaller), np.uint8)


@contextmanager
def _refusing(shot: str, desk: Desk) -> Iterator[None]:
    """Turn what goes wrong with a received file into `bad_product`, naming what came."""
    try:
        yield
    except (Unfit, av.FFmpegError, cv2.error, struct.error, ValueError, OSError) as error:
        why = str(error) if isinstance(error, Unfit) else "it is damaged or broken off"
        came = ", ".join(_called(file) for file in desk.received) or "nothing"
        raise PermanentError(
            "bad_product",
            f"what was handed in for shot {shot} cannot be used ({came}): {why}",
            remedy="retry buys it again, skip lets a stand-in take its place",
        ) from error


def _called(file: File) -> str:
    return f"{file.name}, {file.media_type}, {file.bytes:,} bytes"


def _first(desk: Desk, wanted: str, fits: Callable[[bytes], object]) -> Path:
    for file in desk.received:
        path = desk.open(file)
        with path.open("rb") as opened:
            if fits(opened.read(16)):
                return path
    raise Unfit(f"there is no {wanted}")


def _decoded(data: bytes) -> Pixels:
    """Decode a picture, once its header says that it is not too large."""
    _check_size(*_declared(data))
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise Unfit("the picture is damaged or broken off")
    return picture.astype(np.uint8, copy=False)


def _check_size(width: int, height: int) -> None:
    if not (0 < width <= LARGEST and 0 < height <= LARGEST):
        raise Unfit(f"it has {width} x {height} pixels, and {LARGEST} a side are allowed")


def _declared(data: bytes) -> tuple[int, int]:
    """Return the width and height in a picture's header."""
    if data.startswith(PNG):
        width, height = struct.unpack_from(">II", data, 16)
    elif data.startswith(JPEG):
        height, width = struct.unpack_from(">HH", data, _jpeg_frame(data) + 5)
    elif data[12:16] == b"VP8X":
        width, height = (1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
    elif data[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    return width, height


def _jpeg_frame(data: bytes) -> int:
    """Return where a JPEG's frame header begins."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        if data[at + 1] in JPEG_FRAMES:
            return at
        at += 1 if data[at + 1] == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    raise Unfit("the JPEG has no frame header")


def _measured(path: Path) -> Film:
    """Read a film's packets without decoding them, to know how long it runs."""
    with path.open("rb") as opened:
        form = wrapping(opened.read(16))
    shown: list[int] = []
    packets = 0
    with _opened(path, form) as container:
        stream = _stream(container)
        _check_size(stream.codec_context.width, stream.codec_context.height)
        for packet in container.demux(stream):
            packets += bool(packet.size)
            if packet.size and packet.pts is not None and not packet.is_discard:
                shown = [min(shown[0], packet.pts), max(shown[1], packet.pts)] if shown else [packet.pts, packet.pts]
        if packets == 0 or packets < stream.frames:
            raise Unfit(f"the film is broken off: {packets} of {stream.frames} frames are there")
        span = (shown[1] - shown[0]) * float(stream.time_base or 0) if shown else 0.0
    return Film(path, form, max(span * packets / max(packets - 1, 1), 1 / FPS))


def _opened(path: Path, form: str) -> InputContainer:
    return av.open(str(path), format=form, metadata_errors="replace")


def _stream(container: InputContainer) -> VideoStream:
    stream = next(iter(container.streams.video), None)
    if stream is None or stream.codec_context is None:  # none where the codec is unknown, whatever the stubs say
        raise Unfit("there are no pictures in it that can be decoded")
    stream.codec_context.thread_count = 1
    stream.codec_context.options = {"max_pixels": str(LARGEST * LARGEST)}
    return stream


def _conformed(film: Film, order: ClipOrder, desk: Desk) -> Iterator[Pixels]:
    """Yield exactly the order's frames: the picture of each moment; when the film ends, its last comes nearer."""
    with _refusing(order.shot.id, desk), _opened(film.path, film.wrapping) as container:
        pictures = _pictures(container)
        current = following = next(pictures, None)
        if current is None:
            raise Unfit("none of its pictures can be decoded")
        shown, held = _converted(current[1], order.frame), 0
        for moment in moments(film.seconds, order.frames):
            before = current
            while following is not None and following[0] <= moment:
                current, following = following, next(pictures, None)
            if current is not before:
                shown = _converted(current[1], order.frame)
            held = 0 if following is not None else held + 1
            yield shown if held <= 1 else _nearer(shown, held - 1)


def moments(seconds: float, frames: int) -> Iterator[float]:
    """Yield the second of a film to show in each frame; a short film is slowed down a little."""
    needed = frames / FPS
    pace = min(max(seconds / needed, 1 / SLOWEST), 1.0)
    start = min(max(seconds - needed, 0.0) / 2, LEAD_IN)
    for number in range(frames):
        yield start + (number + 0.5) / FPS * pace


def _pictures(container: InputContainer) -> Iterator[tuple[float, VideoFrame]]:
    """Decode a film's pictures, each with the second at which it is shown."""
    stream = _stream(container)
    begin: float | None = None
    for number, picture in enumerate(container.decode(stream)):
        time = number / FPS if picture.pts is None else picture.time
        begin = time if begin is None else begin
        yield time - begin, picture


def _converted(picture: VideoFrame, frame: Frame) -> Pixels:
    """Return a picture in BGR and of the frame's size; unmarked colours of a large one are those of HD."""
    marked = picture.colorspace != UNSPECIFIED or picture.height < HD
    bgr = picture.reformat(format="bgr24", src_colorspace=None if marked else BT709).to_ndarray()
    return covered(np.asarray(bgr, np.uint8), frame)


def _nearer(picture: Pixels, frames: int) -> Pixels:
    """Return a picture seen from a little nearer, for each frame it has been held."""
    height, width = picture.shape[:2]
    closer = cv2.getRotationMatrix2D((width / 2, height / 2), 0, 1 + CREEP * frames)
    return np.asarray(cv2.warpAffine(picture, closer, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
