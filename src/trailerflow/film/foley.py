"""The foley: what is heard of places and things, as a track of its own beside the music.

Called by the local provider on a render worker. Must be a function of its order alone: same order, same bytes, and
exactly `frames` x 2000 samples of stereo.
"""

from functools import partial

import numpy as np

from trailerflow.film.crew import Desk, FoleyOrder, Score
from trailerflow.film.effects import place_sounds
from trailerflow.film.orchestration import generator
from trailerflow.film.sound import SAMPLES_PER_FRAME, write_wav

_GAIN = 0.9  # beside the score as it comes: felt under it, noticed over it


def perform(order: FoleyOrder, desk: Desk) -> Score:
    """Make the sounds of every shot and hand in one stereo WAV of `order.frames`/24 seconds."""
    desk.tick(0.0)
    sound = np.zeros((2, order.frames * SAMPLES_PER_FRAME), np.float32)
    place_sounds(order, partial(generator, order.seed), sound)
    desk.tick(0.8)
    sound *= np.float32(_GAIN)
    np.tanh(sound, out=sound)
    path = desk.folder / "foley.wav"
    write_wav(path, sound)
    desk.tick(1.0)
    return Score(audio=desk.keep(path, "foley.wav", "audio/wav"))
