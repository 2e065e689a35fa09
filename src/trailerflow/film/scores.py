"""Scores: what a scene's words say of action, spectacle, stakes, questions, reversals, humour, secrets and mood.

Called by `analysis`. Every score lies between 0 and 1 and comes with the words behind it; a score without words is one
of measure (length, place, punctuation). Knows one scene only.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from trailerflow.film import vocabulary
from trailerflow.film.breakdown import Breakdown

EVIDENCE = 8
QUESTIONS = 3
LONGEST_QUESTION = 90
SHORT_SCENE = 30
# How many such words in a hundred make the full score.
FULL: Mapping[str, float] = {"spectacle": 6.0, "stakes": 8.0, "reversals": 2.5, "humour": 2.5, "secrets": 2.5}


class Scores(NamedTuple):
    """The scores by name, the words behind them, and the scene's valence (-1 dark, 1 bright)."""

    values: dict[str, float]
    words: dict[str, tuple[str, ...]]
    valence: float

    @property
    def intensity(self) -> float:
        """How strong the scene is."""
        return self.values["intensity"]


def of(scene: Breakdown) -> Scores:
    """Return the scores of one scene."""
    everything = [*scene.action, *scene.spoken]
    intense = _found("intense", everything)
    bright, dark = _found("bright", everything), _found("dark", everything)
    valence = round((len(bright) - len(dark)) / (len(bright) + len(dark) + 2), 4)
    found = {
        "spectacle": [*_found("intense", scene.action), *_found("spectacle", scene.action), *scene.shouted],
        "stakes": [*_found("stakes", scene.spoken), *_found("promise", scene.spoken)],
        "reversals": _found("reversal", everything),
        "humour": _found("humour", everything),
        "secrets": _found("secret", everything),
    }
    values = {name: _share(len(words), scene.words, FULL[name] / 100) for name, words in found.items()}
    values["action"] = scene.action_words / max(1, scene.words)
    values["questions"] = _share(len(scene.questions), scene.dialogue_words, 0.06)
    values["intensity"] = _intensity(scene, len(intense))
    values["mood"] = (valence + 1) / 2
    asked = sorted((text for text in scene.questions if len(text) <= LONGEST_QUESTION), key=len)[-QUESTIONS:]
    words = {**found, "intensity": intense, "mood": [*dark, *bright], "questions": asked}
    return Scores(
        {name: round(value, 4) for name, value in values.items()},
        {name: tuple(dict.fromkeys(told))[:EVIDENCE] for name, told in words.items() if told},
        valence,
    )


def evidence(scores: Scores) -> tuple[str, ...]:
    """Return the words that tell most, for a person to read at a glance."""
    order = ("intensity", "mood", "stakes", "secrets", "reversals")
    return tuple(dict.fromkeys(word for name in order for word in scores.words.get(name, ())))[:EVIDENCE]


def _found(meaning: str, words: Sequence[str]) -> list[str]:
    return vocabulary.meaning(meaning).found(words)


def _intensity(scene: Breakdown, words: int) -> float:
    size = max(scene.words, SHORT_SCENE)
    strong = _clamp(words / size / 0.06)
    loud = _clamp(scene.exclamations / size / 0.04)
    shouted = _clamp(len(scene.shouted) / size / 0.08)
    acted = scene.action_words / max(1, scene.words)
    return _clamp(0.52 * strong + 0.22 * loud + 0.08 * shouted + 0.18 * acted)


def _share(hits: int, words: int, full: float) -> float:
    return _clamp(hits / max(words, SHORT_SCENE) / full)


def _clamp(value: float) -> float:
    return min(1.0, max(0.0, value))
