"""How jointed figures move, as numbers: no picture is drawn here."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trailerflow.film import gestures, motion, poses
from trailerflow.film.gestures import Going

LIVES = ("stand", "speak", "sit", "walk", "run", "point", "reach", "embrace", "fight", "fall", "turn")
WIDE = 16 / 9


def going(life: str, *, tall: float = 0.5, seconds: float = 2.0, seed: int = 5) -> Going:
    return Going.of(life, tall, WIDE, seconds, seed)


def bends(who: Going, place: float) -> gestures.Bends:
    """Return the bends after a share of the clip, 0 to 1."""
    return gestures.bends(who, place * who.seconds, motion.glide(place))


@pytest.mark.parametrize("life", ["walk", "run", "point", "reach", "embrace"])
def test_in_the_middle_of_a_clip_a_figure_stands_as_it_was_drawn(life: str) -> None:
    who = going(life)
    assert max(abs(degrees) for degrees in who.acts(1.0, 0.0).values()) < 4
    assert who.place(1.0, 0.0)[0] == 0


@given(
    life=st.sampled_from(LIVES),
    seconds=st.floats(0.4, 8),
    tall=st.floats(0.1, 6),
    seed=st.integers(0, 2000),
    place=st.floats(0, 1),
)
def test_nobody_jerks_from_one_frame_to_the_next(
    life: str, seconds: float, tall: float, seed: int, place: float
) -> None:
    who = going(life, tall=tall, seconds=seconds, seed=seed)
    later = min(1.0, place + 1 / 24 / seconds)
    before, after = bends(who, place), bends(who, later)
    assert max(abs(after[joint] - before[joint]) for joint in before) < 45


def test_legs_swing_against_each_other_and_arms_against_legs() -> None:
    who = going("walk", seconds=4.0)
    far = [bends(who, place / 96) for place in range(97)]
    drawn = poses.step("walk", poses.REST)
    near_leg = [step["near_leg"] + drawn.near_leg[0] for step in far]
    far_leg = [step["far_leg"] + drawn.far_leg[0] for step in far]
    near_arm = [step["near_arm"] + drawn.near_arm[0] for step in far]
    steps = sum(
        1 for one, two in pairwise(zip(near_leg, far_leg, strict=True)) if (one[0] > one[1]) != (two[0] > two[1])
    )
    assert 4 <= steps <= 9
    foremost = max(range(97), key=lambda place: near_leg[place])
    assert far_leg[foremost] < 0 > near_arm[foremost]


@pytest.mark.parametrize(("life", "sign"), [("walk_left", -1), ("run_right", 1)])
def test_who_walks_goes_the_way_he_faces_and_stays_in_the_picture(life: str, sign: int) -> None:
    who = going(life, seconds=9.0)
    start, end = who.place(0.0, -1.0)[0], who.place(9.0, 1.0)[0]
    assert sign * (end - start) > 0.1
    assert abs(end - start) < 0.5 * WIDE


def test_an_arm_is_raised_once_and_stays_up() -> None:
    lifts = [bends(going("point"), place / 48)["near_arm"] for place in range(49)]
    assert lifts[0] < -50
    assert min(lifts[24:]) > -4


def test_eyes_close_now_and_then_and_never_for_long() -> None:
    who = going("stand", seconds=8.0)
    closed = [who.blinks(frame / 24) for frame in range(192)]
    runs = "".join("x" if shut else " " for shut in closed).split()
    assert 2 <= len(runs) <= 4
    assert max(map(len, runs)) <= 4


def test_only_who_speaks_opens_the_mouth() -> None:
    opened = {life: sum(going(life).voices(frame / 24) for frame in range(48)) for life in LIVES}
    assert 8 < opened.pop("speak") < 40
    assert not any(opened.values())
