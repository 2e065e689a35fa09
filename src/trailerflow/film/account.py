"""The account: what was read and understood of a screenplay, as plain data for other programs.

Called by the command line. The names and shapes here are fixed: other programs rely on them. It must never draw,
encode or speak, nor load what does.
"""

from typing import Any

from trailerflow.film.analysis import Analysis, SceneAnalysis
from trailerflow.film.casting import Cast
from trailerflow.film.screenplay import Element, Scene, Screenplay
from trailerflow.film.settings import Setting, Settings

Json = dict[str, Any]
# What an element says of itself besides its place and words, by type.
OWN = {"heading": ("number",), "character": ("extensions", "dual"), "section": ("level",)}


def of_reading(screenplay: Screenplay) -> Json:
    """Return what was read: every element with its place in the source, the scenes, who speaks, the warnings."""
    read: Json = {
        "format": screenplay.format,
        "encoding": screenplay.encoding,
        "title_page": dict(screenplay.title_page),
        "elements": [_element(element) for element in screenplay.elements],
        "scenes": [_place(scene) | {"number": scene.number} for scene in screenplay.scenes],
        "characters": [{"name": speaker.name, "cues": speaker.cues} for speaker in screenplay.characters],
        "warnings": [notice.model_dump(mode="json") for notice in screenplay.warnings],
    }
    if screenplay.text is not None:
        read["text"] = screenplay.text
    return read


def of_analysis(screenplay: Screenplay, analysis: Analysis, cast: Cast, settings: Settings) -> Json:
    """Return what was understood: scenes with their scores, turning points, preference, cast and settings."""
    return {
        "scenes": [_place(scene) | _told(told) for scene, told in zip(screenplay.scenes, analysis.scenes, strict=True)],
        "turning_points": [point.model_dump(mode="json") for point in analysis.turning_points],
        "preference": list(analysis.preference),
        "characters": characters(cast),
        "settings": [_setting(setting, analysis) for setting in settings.settings],
    }


def _element(element: Element) -> Json:
    told: Json = {
        "type": element.type,
        "text": element.text,
        "line": element.line,
        "start": element.start,
        "end": element.end,
    }
    for name in OWN.get(element.type, ()):
        value = getattr(element, name)
        told[name] = list(value) if name == "extensions" else value
    return told


def _place(scene: Scene) -> Json:
    return {"index": scene.index, "heading": scene.heading, "start": scene.start, "end": scene.end}


def _told(scene: SceneAnalysis) -> Json:
    return {
        "salience": scene.salience,
        "scores": dict(scene.scores),
        "evidence": [{"score": name, "words": list(words)} for name, words in scene.words.items()],
        "setting": scene.setting,
        "interior": scene.interior,
        "time_of_day": scene.time_of_day,
        "weather": scene.weather,
        "present": list(scene.present),
        "speakers": list(scene.speakers),
        "eighths": scene.eighths,
        "seconds": scene.seconds,
        "valence": scene.valence,
    }


def _setting(setting: Setting, analysis: Analysis) -> Json:
    """Return a place with its look, the headings that mean it and the times of day it is seen at."""
    scenes = [analysis.scenes[index] for index in setting.scenes]
    return setting.model_dump(mode="json") | {
        "headings": list(dict.fromkeys(scene.heading for scene in scenes)),
        "times_of_day": list(dict.fromkeys(scene.time_of_day for scene in scenes)),
    }


def characters(cast: Cast) -> list[Json]:
    """Return everybody with what the script states of them and the look they were given."""
    stated = {portrait.name: portrait.model_dump(mode="json") for portrait in cast.portraits}
    return [character.model_dump(mode="json") | stated.get(character.name, {}) for character in cast.characters]
