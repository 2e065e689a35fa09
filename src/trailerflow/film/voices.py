"""The voices: every line of the plan spoken and levelled, or left out with a reason.

Called by the local provider on a render worker. Must never change the words of a line: only marks that are not spoken
(emphasis, dashes, doubled punctuation) are smoothed for the voice; captions keep the script's own text.
"""

import re
import unicodedata
from collections.abc import Sequence

import numpy as np

from trailerflow.film.crew import Desk, Recording, SpokenLine, Voices, VoicesOrder
from trailerflow.film.sound import RATE, Sound, amplitude, write_wav
from trailerflow.film.speech import Speaker
from trailerflow.film.timbres import told_apart

SPEECH_DB = -20.0  # RMS of the spoken parts of every recording, so that no speaker is drowned
_PEAK_DB = -1.5
_BLOCK = RATE // 100

_COMMON = frozenset((
    "a", "about", "all", "am", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can", "come", "did",
    "do", "does", "don't", "for", "from", "get", "go", "going", "gonna", "got", "had", "has", "have", "he", "he's",
    "her", "here", "him", "his", "how", "i", "i'll", "i'm", "i've", "if", "in", "is", "isn't", "it", "it's", "its",
    "just", "know", "let", "let's", "like", "me", "mine", "my", "no", "not", "now", "of", "oh", "on", "one", "or",
    "our", "out", "over", "really", "right", "say", "see", "she", "so", "some", "tell", "than", "that", "that's",
    "the", "their", "them", "then", "there", "they", "they're", "thing", "think", "this", "to", "too", "up", "us",
    "want", "was", "we", "we're", "well", "were", "what", "what's", "when", "where", "which", "who", "why", "will",
    "with", "would", "yeah", "yes", "you", "you're", "your",
))  # fmt: skip
_ENOUGH_WORDS, _ENGLISH_SHARE, _LATIN_SHARE = 8, 0.2, 0.8


def speak(order: VoicesOrder, desk: Desk) -> Voices:
    """Speak the lines of the order, one WAV (mono, 48 kHz) each; what cannot be spoken is named in `warnings`."""
    speakable, warnings = _speakable(order.lines)
    if not speakable:
        return Voices(recordings=(), warnings=warnings)
    speaker = Speaker()
    timbres = told_apart(line.pitch for line in order.lines)
    recordings: list[Recording] = []
    for number, line in enumerate(speakable):
        desk.tick(number / len(speakable))
        sound = speaker.say(spoken_text(line.text), timbre=timbres[line.pitch], pace=line.pace, seed=number)
        if not sound.size:
            warnings += (f"Line {line.id} has no word that can be spoken: {line.text!r}",)
            continue
        path = desk.folder / f"voice-{number}.wav"
        write_wav(path, levelled(sound))
        audio = desk.keep(path, f"voice-{line.id}.wav", "audio/wav")
        recordings.append(Recording(id=line.id, audio=audio, seconds=sound.size / RATE))
    desk.tick(1.0)
    return Voices(recordings=tuple(recordings), warnings=warnings)


def spoken_text(text: str) -> str:
    """Return the words as the voice reads them: no marks of emphasis, dashes as pauses, long capitals as words."""
    text = unicodedata.normalize("NFC", text).translate(
        {0x2018: "'", 0x2019: "'", 0x00A0: " ", 0x201C: '"', 0x201D: '"'}
    )
    text = re.sub(r"\\([*_\\])", r"\1", text)
    text = re.sub(r"[*_~]+", "", text)
    text = re.sub(r"[|<>{}\[\]]+", " ", text)
    text = re.sub(r"\s*(?:--+|\u2014|\u2013)\s*(?=$|[.!?,])", "…", text)
    text = re.sub(r"\s*(?:--+|\u2014|\u2013)\s*", " — ", text)
    text = re.sub(r"\.{2,}", "…", text)
    text = re.sub(r"([!?])[!?]+", r"\1", text)
    text = re.sub(r"\b[A-Z][A-Z']{3,}\b", lambda word: word.group().capitalize(), text)
    return re.sub(r"\s+", " ", text).strip()


def levelled(sound: Sound) -> Sound:
    """Even out loud and soft words and bring the spoken parts to `SPEECH_DB`, the peak below -1.5 dB."""
    blocks = -(-sound.size // _BLOCK)
    power = np.pad(sound, (0, blocks * _BLOCK - sound.size)).reshape(blocks, _BLOCK)
    level = np.sqrt(np.mean(power**2, axis=1) + 1e-12)
    smooth = np.convolve(np.pad(level, 8, mode="edge"), np.hanning(17) / np.hanning(17).sum(), "valid")
    active = smooth > 0.1 * smooth.max()
    typical = float(np.sqrt(np.mean(level[active] ** 2)))
    # 2:1 below and above the typical level; pauses are not pumped up.
    gain = np.where(active, (typical / np.maximum(smooth, 1e-6)) ** 0.5, 1.0)
    curve = np.interp(np.arange(sound.size) / _BLOCK - 0.5, np.arange(blocks), np.clip(gain, 0.5, 2.0))
    even = sound * curve.astype(np.float32)
    even *= np.float32(amplitude(SPEECH_DB) / max(typical, 1e-6))
    ceiling = np.float32(amplitude(_PEAK_DB))
    knee = 0.6 * ceiling
    over = np.maximum(np.abs(even) - knee, 0)
    bent = np.sign(even) * (knee + (ceiling - knee) * np.tanh(over / (ceiling - knee)))
    return np.asarray(np.where(over > 0, bent, even), np.float32)


def _speakable(lines: Sequence[SpokenLine]) -> tuple[list[SpokenLine], tuple[str, ...]]:
    """Part the lines the voice can read from warnings about the others."""
    latin = [line for line in lines if _latin_share(line.text) >= _LATIN_SHARE]
    warnings = tuple(
        f"Line {line.id} is captioned, not spoken: the local voice reads English only"
        for line in lines
        if line not in latin
    )
    if latin and not _is_english(" ".join(line.text for line in latin)):
        return [], (
            *warnings,
            "No line is spoken: the script does not seem to be English, the local voice reads nothing else",
        )
    return latin, warnings


def _latin_share(text: str) -> float:
    letters = [letter for letter in text if letter.isalpha()]
    return sum("LATIN" in unicodedata.name(letter, "") for letter in letters) / max(len(letters), 1)


def _is_english(text: str) -> bool:
    """Judge by the share of everyday words; a handful of words is given the benefit of the doubt."""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower().replace("\u2019", "'"))
    share = sum(word in _COMMON for word in words) / max(len(words), 1)
    return len(words) < _ENOUGH_WORDS or share >= _ENGLISH_SHARE
