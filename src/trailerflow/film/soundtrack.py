"""The soundtrack as it is delivered: AAC, at its level after the encoder has had its say.

Called by `assembly` and `delivery`. Must never be louder than the ceiling when decoded: a lossy encoder overshoots, so
the decoded sound is what is measured.
"""

from pathlib import Path

import av
import numpy as np

from trailerflow.film.loudness import CEILING_DBTP, TARGET_LUFS, Level, measure, normalised
from trailerflow.film.sound import RATE, Sound

_BITS_PER_SECOND = 192_000
_CHUNK = RATE  # samples handed to the encoder at once
_HEADROOM_DB = 0.7  # what AAC at this rate usually overshoots
_ROUNDS = 4


def encode_soundtrack(mix: Sound, path: Path, *, target_lufs: float = TARGET_LUFS) -> Level:
    """Bring a stereo mix to its level and write it as AAC in MP4; return what a player will hear."""
    ceiling = CEILING_DBTP - _HEADROOM_DB
    for _ in range(_ROUNDS):
        encode(normalised(mix, target_lufs=target_lufs, ceiling_dbtp=ceiling), path)
        level = measure(decode(path))
        if level.true_peak_dbtp <= CEILING_DBTP:
            break
        ceiling -= level.true_peak_dbtp - CEILING_DBTP + 0.1
    return level


def encode(sound: Sound, path: Path) -> None:
    """Write stereo sound as AAC-LC of 192 kbit/s in an MP4 without dates."""
    with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("aac", rate=RATE, layout="stereo")
        stream.codec_context.bit_rate = _BITS_PER_SECOND
        stream.codec_context.thread_count = 1
        for begin in range(0, sound.shape[1], _CHUNK):
            piece = np.ascontiguousarray(sound[:, begin : begin + _CHUNK])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="stereo")
            frame.sample_rate = RATE
            frame.pts = begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def decode(path: Path) -> Sound:
    """Return the sound of an MP4 as a player plays it: (2, samples) at 48 kHz, the encoder's priming left out."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        sound = np.zeros((2, (stream.frames + 1) * stream.codec_context.frame_size), np.float32)
        count = 0
        for frame in container.decode(stream):
            sound[:, count : count + frame.samples] = frame.to_ndarray()
            count += frame.samples
    return sound[:, :count]
