"""The chorus: the voices of this machine. One comes with its package; others sing along where somebody has put them.

Called by `speech`. A further voice of the same makers is used when its file lies in their cache folder (`HIBARI_HOME`).
Must never download one, nor use more than one thread.
"""

from dataclasses import dataclass

import numpy as np
from hibari import Hibari, voices

from trailerflow.film.timbres import Timbre

_MEN, _WOMEN = ("fenrir", "fable"), (voices.DEFAULT, "kore", "emma")
_MEN_BELOW = -4.5  # semitones from the bundled voice
_MENS_TRACT = -2.4  # semitones by which a man's formants lie below a woman's
_SAID = "We were always meant to meet here, you and I."
_VOICED_HERTZ = 40.0


@dataclass(frozen=True, slots=True)
class Singer:
    """A voice model, and how far it is from the bundled one, in semitones."""

    model: Hibari
    pitch: float
    tract: float


class Chorus:
    """Opens each voice when it is first asked for."""

    def __init__(self) -> None:
        self._bundled = Hibari(threads=1)
        self._singers = {voices.DEFAULT: Singer(self._bundled, 0.0, 0.0)}

    def singer(self, timbre: Timbre) -> Singer:
        """Return who sings a timbre: neighbours in pitch get different voices where there are any."""
        man = timbre.pitch < _MEN_BELOW
        names = [name for name in (_MEN if man else _WOMEN) if _is_here(name)] or [voices.DEFAULT]
        name = names[timbre.place % len(names)]
        if name not in self._singers:
            model = Hibari(voice=name, threads=1)
            pitch = float(12 * np.log2(_middle(model) / _middle(self._bundled)))
            self._singers[name] = Singer(model, pitch, _MENS_TRACT if man else 0.0)
        return self._singers[name]


def _is_here(name: str) -> bool:
    try:
        voices.voice_path(name, download_missing=False)
    except FileNotFoundError:
        return False
    return True


def _middle(model: Hibari) -> float:
    """Return the pitch in Hz around which a model speaks."""
    frequency = predicted(model, model.phonemize(_SAID)[0], 1.0)[-1]
    return float(np.exp(np.mean(np.log(frequency[frequency > _VOICED_HERTZ]))))


def predicted(model: Hibari, phonemes: str, pace: float) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Return what a model predicts for a sentence: five spectral parts and the melody; nothing for no sound."""
    ids = model.ids(phonemes)
    if len(ids) < 3:
        return []
    feed = {"ids": np.asarray([ids], np.int64), "speed": np.asarray([pace], np.float32)}
    return [part[0] for part in model.sess.run(None, feed)]
