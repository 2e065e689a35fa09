"""The patches of a sheet, for any paint."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from trailerflow.film import patches
from trailerflow.film.drawing import Pixels
from trailerflow.film.patches import CELL, SLACK, Patch

NOWHERE, EVERYWHERE = (False,) * 4, (True,) * 4
SPOTS = st.lists(
    st.tuples(st.integers(0, 420), st.integers(0, 260), st.integers(1, 90), st.integers(1, 90)), max_size=6
)


def paint(spots: list[tuple[int, int, int, int]]) -> Pixels:
    mask = np.zeros((260, 420), np.uint8)
    for x, y, width, height in spots:
        mask[y : y + height, x : x + width] = 255
    return mask


def counted(found: list[Patch], room: int = 2 * CELL) -> np.ndarray:
    count = np.zeros((260 + 2 * room, 420 + 2 * room), int)
    for patch in found:
        count[patch.top + room : patch.bottom + room, patch.left + room : patch.right + room] += 1
    return count


@given(SPOTS)
def test_patches_hold_all_paint_with_room_around_it_and_never_overlap(spots: list[tuple[int, int, int, int]]) -> None:
    mask, room, slack = paint(spots), 2 * CELL, int(SLACK)
    count = counted(patches.of(mask, mask, NOWHERE))
    assert count.max() <= 1
    for y, x in np.argwhere(mask)[:: max(1, int(mask.sum()) // 255 // 40)]:
        assert count[y + room - slack : y + room + slack + 1, x + room - slack : x + room + slack + 1].all()


@given(SPOTS)
def test_nothing_shines_through_a_solid_patch(spots: list[tuple[int, int, int, int]]) -> None:
    mask = paint([*spots, (0, 100, 420, 160)])
    solid = [patch for patch in patches.of(mask, mask, EVERYWHERE) if patch.solid]
    assert solid
    for patch in solid:
        assert mask[max(patch.top, 0) : patch.bottom, max(patch.left, 0) : patch.right].all()


def test_what_lies_far_apart_is_moved_apart() -> None:
    found = patches.of(paint([(0, 0, 20, 20), (400, 240, 20, 20)]), paint([]), NOWHERE)
    assert len(found) == 2
    assert counted(found).sum() < 0.2 * 420 * 260
