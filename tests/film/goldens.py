"""The golden panels: a few drawn panels, kept tiny. `python -m film.goldens` in `tests` draws them anew.

They guard against what nobody meant to change: a distance as the eye sees it, not bytes, so that another machine's
last bit does not matter.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from film import stills
from trailerflow.film import panels, prints
from trailerflow.film.crew import PanelOrder
from trailerflow.film.plan import Figure, Frame

FILE = Path(__file__).parent / "goldens.png"
SMALL = (32, 18)
FRAME = Frame(width=320, height=180)


def _one(name: str, pose: str, x: float, facing: str) -> Figure:
    return Figure.model_validate({"character": name, "pose": pose, "x": x, "facing": facing})


def orders() -> list[PanelOrder]:
    """Return the orders of the golden panels."""
    street, kitchen = stills.setting(), stills.setting("kitchen", interior=True)
    sea, church = stills.setting("sea"), stills.setting("church", interior=True)
    library, dam = stills.setting("library", interior=True), stills.setting("dam")
    two = (_one("MARA", "stand", 0.31, "right"), _one("JONAS", "stand", 0.69, "left"))
    return [
        stills.order(street, FRAME, figures=(_one("MARA", "walk", 0.4, "right"),)),
        stills.order(kitchen, FRAME, size="medium", angle="over_shoulder", figures=two, time_of_day="night"),
        stills.order(sea, FRAME, size="extreme_wide", figures=(), time_of_day="dawn", weather="storm"),
        stills.order(church, FRAME, size="close", figures=(_one("ODA", "stand", 0.6, "left"),), time_of_day="day"),
        stills.order(kitchen, FRAME, size="extreme_close", figures=(), props=("lamp",)),
        stills.order(street, FRAME, angle="low", figures=(_one("JONAS", "reach", 0.6, "left"),), props=("gun",)),
        stills.order(library, FRAME, size="medium", figures=(_one("ODA", "sit", 0.4, "right"),), time_of_day="day"),
        stills.order(dam, FRAME, figures=(), time_of_day="dawn"),
    ]


def small(order: PanelOrder) -> NDArray[np.uint8]:
    """Return a panel as it is kept."""
    flat = prints.flat(panels.compose(order), order.frame)
    return cv2.resize(flat, SMALL, interpolation=cv2.INTER_AREA).astype(np.uint8)


def lab(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a picture in the units in which the eye sees distances."""
    return np.asarray(cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), np.float32)


if __name__ == "__main__":
    cv2.imwrite(str(FILE), np.vstack([small(order) for order in orders()]))
