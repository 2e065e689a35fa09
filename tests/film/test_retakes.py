"""Retakes: seen to differ in pixels, and to be the same moment of the same story."""

from functools import cache
from itertools import combinations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import scripts, stills
from film.test_storyboard import TINY, check
from trailerflow.film import orders, panels, prints, retakes, staging
from trailerflow.film.drawing import Pixels
from trailerflow.film.plan import Figure, Line, Plan, Shot, frame_of
from trailerflow.film.screenplay import Screenplay

FRAME = frame_of("16:9", 120)
CLEARLY = 6.0
"""Mean difference of a pixel, of 255. Another grain alone makes less than 2.5."""
SCRIPTS = ("the-drowned-bell", "two-chairs")
STREET = stills.setting()


@cache
def story(name: str) -> tuple[Screenplay, Plan]:
    screenplay = scripts.example(name)
    return screenplay, scripts.planned(screenplay)


def varied_with(**changes: object) -> list[Shot]:
    """Return the first nine variations of a shot, itself first."""
    shot = stills.order(STREET, stills.SMALL, **changes).shot
    return [retakes.varied(shot, number) for number in range(9)]


def printed(plan: Plan, screenplay: Screenplay, shot: Shot) -> Pixels:
    _, cast, places = scripts.prepared(screenplay)
    order = orders.panel(plan, shot, cast, places, FRAME)
    data = np.frombuffer(prints.png(panels.compose(order), order), np.uint8)
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8)


@pytest.mark.parametrize("name", SCRIPTS)
def test_the_shot_and_its_first_retakes_all_look_clearly_different(name: str) -> None:
    screenplay, plan = story(name)
    for shot in plan.shots[::4]:
        pictures = [printed(plan, screenplay, retakes.varied(shot, number)).astype(int) for number in range(4)]
        for one, two in combinations(range(4), 2):
            assert np.abs(pictures[one] - pictures[two]).mean() > CLEARLY, (shot.id, one, two)


def test_another_grain_alone_is_not_a_clear_difference() -> None:
    screenplay, plan = story("the-drowned-bell")
    picture = printed(plan, screenplay, plan.shots[0])
    grains = [prints.grained(picture, prints.grain(FRAME, seed)).astype(int) for seed in (1, 2)]
    assert np.abs(grains[0] - grains[1]).mean() < CLEARLY / 2


@given(st.sampled_from(SCRIPTS), st.data())
@settings(deadline=None, max_examples=60)
def test_every_varied_plan_is_a_plan_of_its_script(name: str, data: st.DataObject) -> None:
    screenplay, plan = story(name)
    known = st.sampled_from([shot.id for shot in plan.shots])
    variations = data.draw(st.dictionaries(known | st.text(max_size=8), st.integers()))
    before = plan.model_dump_json()
    varied = retakes.vary(plan, variations)
    assert retakes.vary(plan, variations) == varied
    assert plan.model_dump_json() == before
    assert Plan.model_validate_json(varied.model_dump_json()) == varied
    check(varied, screenplay)
    for old, new in zip(plan.shots, varied.shots, strict=True):
        assert (new == old) == (variations.get(old.id, 0) < 1)


@pytest.mark.parametrize("text", TINY)
def test_every_varied_plan_of_a_tiny_script_is_a_plan_too(text: str) -> None:
    screenplay = scripts.read(text)
    plan = scripts.planned(screenplay, seconds=30, aspect="9:16")
    check(retakes.vary(plan, {shot.id: place for place, shot in enumerate(plan.shots, 1)}), screenplay)


@given(st.integers(1, 10**9), st.sampled_from(story("the-drowned-bell")[1].shots))
def test_a_retake_is_the_same_moment_of_the_story(number: int, shot: Shot) -> None:
    kept = set(Shot.model_fields) - {"size", "angle", "move", "figures", "props", "seed"}
    varied = retakes.varied(shot, number)
    assert varied.model_dump(include=kept) == shot.model_dump(include=kept)
    assert (varied.size, varied.angle) != (shot.size, shot.angle)
    assert varied.move != shot.move
    assert sorted(varied.props) == sorted(shot.props)
    people = [(figure.character, figure.pose, figure.facing, figure.x < 0.5) for figure in shot.figures]
    assert [(figure.character, figure.pose, figure.facing, figure.x < 0.5) for figure in varied.figures] == people
    order = [figure.x for figure in varied.figures]
    assert (order == sorted(order)) == ([figure.x for figure in shot.figures] == sorted(f.x for f in shot.figures))
    assert staging.MOST_FIGURES[varied.size] >= len(shot.figures)


def test_the_first_retakes_change_the_size_and_the_next_seeds_differ() -> None:
    shots = varied_with(size="medium")
    assert [shot.size for shot in shots[1:5]].count("medium") == 0
    assert {shot.size for shot in shots[1:3]} == {"wide", "close"}
    assert len({shot.seed for shot in shots}) == len(shots)
    assert len({(shot.size, shot.angle) for shot in shots}) == 9


def test_who_speaks_is_never_seen_from_far_away() -> None:
    line = Line(id="l", character="MARA", text="Now.", element=0)
    assert "extreme_wide" in {shot.size for shot in varied_with(size="wide")}
    assert "extreme_wide" not in {shot.size for shot in varied_with(size="wide", line=line)}


def test_two_people_are_not_pressed_into_a_close_picture() -> None:
    two = (*stills.MARA_ALONE, Figure(character="JONAS", pose="stand", x=0.69, facing="left"))
    assert {shot.size for shot in varied_with(size="medium", figures=two)} == {"wide", "medium"}
    assert all(
        shot.size == "medium"
        for shot in varied_with(size="medium", angle="over_shoulder", figures=two)
        if shot.angle == "over_shoulder"
    )


def test_a_place_stays_a_place_and_a_thing_a_thing() -> None:
    assert {shot.size for shot in varied_with(size="extreme_wide", figures=())} == {"extreme_wide", "wide"}
    things = varied_with(size="extreme_close", figures=(), props=("lamp", "letter"))
    assert {shot.size for shot in things} == {"close", "extreme_close"}
    assert [shot.props[0] for shot in things[:3]] == ["lamp", "letter", "lamp"]
