"""The peer: the shots of a folder made with MoviePy. Run by `making` with a Python that has it; knows nothing of us.

    PYTHON making_moviepy.py FOLDER

`FOLDER/shots.json` holds for each shot its size, frames and layers: a PNG with its alpha, and where it lies in each
frame as zoom, x and y. Prints the seconds the clips took by the clock and of the processor, its encoder's included, or
`absent` when MoviePy is.
"""

import importlib.util
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

FPS = 24
SETTINGS = ["-crf", "26", "-profile:v", "high", "-bf", "0", "-threads", "1"]


def clip_of(layer: dict[str, Any], folder: Path, seconds: float) -> Any:
    """Return a layer that zooms and slides."""
    moviepy = importlib.import_module("moviepy")
    places = layer["places"]

    def at(moment: float) -> tuple[float, float, float]:
        zoom, x, y = places[min(int(moment * FPS + 0.5), len(places) - 1)]
        return zoom, x, y

    picture = moviepy.ImageClip(str(folder / layer["picture"]), transparent=True).with_duration(seconds)
    return picture.resized(lambda moment: at(moment)[0]).with_position(lambda moment: at(moment)[1:])


def make(shot: dict[str, Any], folder: Path) -> None:
    """Write one shot as MoviePy's users do."""
    moviepy = importlib.import_module("moviepy")
    seconds = shot["frames"] / FPS
    layers = [clip_of(layer, folder, seconds) for layer in shot["layers"]]
    whole = moviepy.CompositeVideoClip(layers, size=tuple(shot["size"])).with_duration(seconds)
    whole.write_videofile(
        str(folder / f"{shot['id']}.mp4"),
        fps=FPS,
        codec="libx264",
        preset="superfast",
        audio=False,
        threads=1,
        ffmpeg_params=SETTINGS,
        logger=None,
    )


def main() -> int:
    """Make every shot and tell how long it took."""
    if importlib.util.find_spec("moviepy") is None:
        print("absent")
        return 0
    importlib.import_module("moviepy")
    folder = Path(sys.argv[1])
    shots = json.loads((folder / "shots.json").read_text())
    began, used = time.perf_counter(), sum(os.times()[:4])
    for shot in shots:
        make(shot, folder)
    print(time.perf_counter() - began, sum(os.times()[:4]) - used)
    return 0


if __name__ == "__main__":
    sys.exit(main())
