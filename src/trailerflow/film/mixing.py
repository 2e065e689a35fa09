"""The mix: voices in front, music and sounds making way for them; each of the three a stem of its own.

Called by `assembly`. Must never cut a line short; how loud the whole becomes is `loudness`'s business.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
_HIGHEST = 0.98


@dataclass(frozen=True, slots=True)
class Stems:
    """The parts of a mix, each (2, samples) and within full scale, as their sum is."""

    dialogue: Sound
    music: Sound
    effects: Sound

    def mixed(self) -> Sound:
        """Return the whole."""
        whole = self.dialogue + self.music
        whole += self.effects
        return whole


def mix(music: Sound, effects: Sound, lines: Sequence[PlacedLine], recordings: Mapping[str, Sound]) -> Stems:
    """Mix stereo music and sounds with the placed lines, as long as the music. Both arrays are used up."""
    spoken = [line for line in lines if line.spoken]
    gain = ducking(spoken, music.shape[1])
    gain *= np.float32(amplitude(np.clip(_MUSIC_LUFS - integrated_loudness(music + effects), -30, 30)))
    music *= gain
    effects *= gain
    dialogue = np.zeros_like(music)
    room = hall(_ROOM_SECONDS, damping=3000, rng=np.random.default_rng(_ROOM_SEED))
    for line in spoken:
        voice = in_room(faster(recordings[line.line.id], line.speed), room)
        add(dialogue, voice, round(line.start * RATE), amplitude(_VOICE_GAIN_DB))
    return _within_scale(Stems(dialogue, music, effects))


def _within_scale(stems: Stems) -> Stems:
    """Lower all stems alike, in place, where one of them or their sum would be clipped in a file."""
    parts = (stems.dialogue, stems.music, stems.effects)
    highest = max(_highest(part) for part in parts)
    highest = max(highest, _highest(stems.mixed()))
    if highest > _HIGHEST:
        for part in parts:
            np.multiply(part, np.float32(_HIGHEST / highest), out=part)
    return stems


def _highest(sound: Sound) -> float:
    """Return the largest magnitude without a second copy of a long sound."""
    return max(float(sound.max(initial=0.0)), -float(sound.min(initial=0.0)))


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
