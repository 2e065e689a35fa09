"""The mix: voices in front, music making way for them.

Called by `assembly`. Must never cut a line short; how loud the whole becomes is `loudness`'s business.
"""

from collections.abc import Mapping, Sequence

import av
import numpy as np

from trailerflow.film.loudness import integrated_loudness
from trailerflow.film.placement import PlacedLine
from trailerflow.film.sound import RATE, Sound, add, amplitude
from trailerflow.film.synthesis import filtered, hall, high_pass, reverberate

_MUSIC_LUFS = -19.0
_VOICE_GAIN_DB = 4.5  # recordings come at -20 dB RMS: speech stands near -16 LUFS, 10 LU above the ducked music
_DUCK_DB = -9.0
_ATTACK_SECONDS, _RELEASE_SECONDS = 0.18, 0.45
_ROOM_DB, _ROOM_SECONDS, _ROOM_SEED = -17.0, 0.55, 11
_RUMBLE_HERTZ = 85.0


def mix(score: Sound, lines: Sequence[PlacedLine], recordings: Mapping[str, Sound]) -> Sound:
    """Mix stereo music with the placed lines: (2, samples), as long as the score. The score's array is used up."""
    spoken = [line for line in lines if line.spoken]
    score *= np.float32(amplitude(np.clip(_MUSIC_LUFS - integrated_loudness(score), -30, 30)))
    score *= ducking(spoken, score.shape[1])
    room = hall(_ROOM_SECONDS, damping=3000, rng=np.random.default_rng(_ROOM_SEED))
    for line in spoken:
        voice = in_room(faster(recordings[line.line.id], line.speed), room)
        add(score, voice, round(line.start * RATE), amplitude(_VOICE_GAIN_DB))
    return score


def in_room(sound: Sound, room: Sound) -> Sound:
    """Return a mono voice on both channels, without rumble, in a small room that goes on after the last word."""
    clear = filtered(np.pad(sound, (0, room.shape[1])), ((0, _RUMBLE_HERTZ),), high_pass)
    both = np.stack([clear, clear])
    heard = both.copy()
    reverberate(heard, both, room, amplitude(_ROOM_DB))
    return heard


def ducking(lines: Sequence[PlacedLine], count: int) -> Sound:
    """Return the gain of the music at each of `count` samples: -9 dB under speech, falling before it, rising after."""
    gain_db = np.zeros(count, np.float32)
    for line in lines:
        begin, end = line.start - _ATTACK_SECONDS, line.end + _RELEASE_SECONDS
        first, last = max(round(begin * RATE), 0), min(round(end * RATE), count)
        moments = np.arange(first, last, dtype=np.float32) / RATE
        points = (begin, line.start, line.end, end)
        dip = np.interp(moments, points, (0, _DUCK_DB, _DUCK_DB, 0)).astype(np.float32)
        np.minimum(gain_db[first:last], dip, out=gain_db[first:last])
    return np.power(np.float32(10), gain_db / 20, dtype=np.float32)


def faster(sound: Sound, speed: float) -> Sound:
    """Return mono sound `speed` times faster at the same pitch (libavfilter's atempo), 1 being no change."""
    if abs(speed - 1) < 1e-3:
        return sound
    graph = av.filter.Graph()
    source = graph.add_abuffer(format="flt", sample_rate=RATE, layout="mono")
    stretch = graph.add("atempo", f"{speed:.6f}")
    sink = graph.add("abuffersink")
    source.link_to(stretch)
    stretch.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound, np.float32)[None], format="flt", layout="mono")
    frame.sample_rate = RATE
    frame.pts = 0
    graph.push(frame)
    graph.push(None)
    pieces: list[Sound] = []
    while True:
        try:
            piece = graph.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            break  # the graph has given everything it held
        pieces.append(np.asarray(piece.to_ndarray()).reshape(-1).astype(np.float32))
    return np.concatenate(pieces) if pieces else sound
