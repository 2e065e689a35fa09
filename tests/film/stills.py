"""Orders for the tests of pictures: small frames, three people, any place."""

import cv2
import numpy as np
from numpy.typing import NDArray

from trailerflow.film.casting import Character, Look
from trailerflow.film.crew import PanelOrder
from trailerflow.film.plan import Figure, Frame, Shot
from trailerflow.film.settings import Setting, SettingLook

SMALL = Frame(width=320, height=180)
PALETTE = ("#9aa5ad", "#6f7a83", "#4b545d", "#24292f")
MARA = Look(colour="#e0483e", build="slight", hair="long", hat="none", coat="long", height=0.97, pitch=0.0, pace=1.0)
JONAS = Look(
    colour="#3f9be0", build="broad", hair="short", hat="brim", coat="jacket", height=1.05, pitch=0.0, pace=1.0,
    signature="waistcoat",
)  # fmt: skip
ODA = Look(
    colour="#6fbf73", build="average", hair="bun", hat="none", coat="dress", height=0.96, pitch=0.0, pace=1.0,
    signature="shawl",
)  # fmt: skip
LOOKS = {"MARA": MARA, "JONAS": JONAS, "ODA": ODA}
MARA_ALONE = (Figure(character="MARA", pose="stand", x=0.45, facing="right"),)


def setting(kind: str = "street", *, interior: bool = False, seed: int = 11) -> Setting:
    look = SettingLook.model_validate({"kind": kind, "palette": PALETTE, "light": "#ffd08a", "seed": seed})
    return Setting(name=kind.upper(), interior=interior, scenes=(0,), look=look)


def order(place: Setting, frame: Frame = SMALL, **changes: object) -> PanelOrder:
    """Return the order of a wide shot of Mara at dusk; `changes` are fields of the shot."""
    shot = {
        "id": "s000-1", "scene": 0, "heading": "EXT. STREET - DUSK", "act": "montage", "size": "wide", "angle": "eye",
        "move": "push", "setting": place.name, "interior": place.interior, "time_of_day": "dusk", "weather": "clear",
        "figures": MARA_ALONE, "props": (), "action": "", "line": None, "intensity": 0.5, "seed": 3,
    }  # fmt: skip
    made = Shot.model_validate({**shot, **changes})
    looks = tuple(
        Character(name=figure.character, cues=1, scenes=(0,), role="lead", look=LOOKS[figure.character])
        for figure in made.figures
    )
    return PanelOrder(shot=made, looks=looks, setting=place, frame=frame, genre="drama")


def near(picture: NDArray[np.uint8], colour: str, tolerance: int = 42) -> int:
    """Return how many pixels of a BGR picture are near a colour."""
    aim = np.array([int(colour[place : place + 2], 16) for place in (5, 3, 1)])
    return int((np.abs(picture.astype(int) - aim).max(axis=2) <= tolerance).sum())


def read(path: object) -> NDArray[np.uint8]:
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8)
