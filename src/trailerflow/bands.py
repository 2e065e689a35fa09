"""The bands of progress: from which to which percent each part of a workflow reaches. Called by `orchestrator`.

It knows names and numbers only, and must never ask what is done: that is counted from the steps.
"""

from collections.abc import Mapping
from typing import Final

# The reference sheets and the storyboard on paper take a moment; what they show is what is waited for, so that they
# have no share of their own.
_PHASE_1: Final = {
    "upload": (0, 5), "analysis": (5, 15), "cast": (15, 25), "settings": (25, 35), "scenes": (35, 45),
    "sheets": (45, 45),
}  # fmt: skip
_PHASE_2: Final = {"images": (45, 70), "storyboard": (70, 70)}
_PHASE_3: Final = {"clips": (70, 95), "assembly": (95, 100)}
_BANDS: Final[Mapping[str, Mapping[str, tuple[int, int]]]] = {
    "full_pipeline": {**_PHASE_1, **_PHASE_2, **_PHASE_3},
    "script_analysis_only": _PHASE_1,
    "storyboard_only": {**_PHASE_1, **_PHASE_2},
    "video_only": _PHASE_3,
    "regenerate_scene": {**_PHASE_2, **_PHASE_3},
    "regenerate_pictures": _PHASE_2,
}
_ASSEMBLY_STEPS: Final = 5


def bands_of(
    workflow_type: str, items: int | None, *, pictures: int | None = None
) -> dict[str, tuple[int, int, int | None]]:
    """Return the bands of a workflow stretched over 0-100 %, with the number of steps in each (None: not known yet).

    `pictures` is how many of the items get a new picture, where that is not all.
    """
    bands = _BANDS[workflow_type]
    low = min(start for start, _ in bands.values())
    high = max(end for _, end in bands.values())
    counts = {"images": items if pictures is None else pictures, "clips": items, "assembly": _ASSEMBLY_STEPS}
    return {
        name: ((start - low) * 100 // (high - low), (end - low) * 100 // (high - low), counts.get(name, 1))
        for name, (start, end) in bands.items()
    }
