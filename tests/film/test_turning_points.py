import random

from hypothesis import given, settings
from hypothesis import strategies as st

from film import scripts
from trailerflow.film import analysis, importance, turning_points

NAMES = ["opportunity", "change_of_plans", "point_of_no_return", "major_setback", "climax"]
STRENGTHS = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def located(strength: list[float]) -> tuple[turning_points.TurningPoint, ...]:
    ranked = importance.ranks(strength)
    return turning_points.locate(turning_points.chances(ranked, {prior.cue: ranked for prior in turning_points.PRIORS}))


@given(STRENGTHS)
@settings(deadline=None)
def test_there_are_always_five_in_order_and_their_scenes_exist(strength: list[float]) -> None:
    points = located(strength)
    assert [point.name for point in points] == NAMES
    firsts = [point.scenes[0] for point in points]
    assert firsts == sorted(firsts)
    for point in points:
        assert len(set(point.scenes)) == len(point.scenes) == min(3, len(strength))
        assert all(0 <= scene < len(strength) for scene in point.scenes)
        assert 0 < point.confidence <= 1.0001


@given(STRENGTHS)
@settings(deadline=None)
def test_every_scene_is_preferred_to_some_other_once(strength: list[float]) -> None:
    ranked = importance.ranks(strength)
    likely = turning_points.chances(ranked, {prior.cue: ranked for prior in turning_points.PRIORS})
    assert sorted(turning_points.preference(likely)) == list(range(len(strength)))
    assert all(abs(sum(values) - 1) < 1e-9 for values in likely)


def test_without_any_cue_the_points_lie_where_they_lay_before() -> None:
    for point, prior in zip(located([0.5] * 100), turning_points.PRIORS, strict=True):
        assert abs((point.scenes[0] + 0.5) / 100 - prior.mean) < 0.02


def test_three_candidates_lie_around_the_likeliest_scene_not_on_top_of_each_other() -> None:
    for point in located([0.5] * 100)[:-1]:
        assert min(point.scenes) < point.scenes[0] < max(point.scenes)


def test_a_weighty_scene_draws_the_point_to_itself() -> None:
    strength = [0.1] * 100
    strength[43] = 1.0
    assert located(strength)[1].scenes[0] == 43


def test_a_script_of_one_scene_has_five_points_too() -> None:
    found = analysis.analyse(scripts.read("INT. A - DAY\n\nRain."))
    assert [point.scenes for point in found.turning_points] == [(0,)] * 5
    assert found.preference == (0,)


def test_a_scene_weighs_among_those_where_the_point_may_lie() -> None:
    strength = [0.9 if place < 80 else 0.1 for place in range(100)]
    strength[90] = 0.2
    assert located(strength)[4].scenes[0] == 90


def test_candidates_leave_the_truth_less_far_away_than_three_scenes_in_a_row_do_though_every_cue_should_fail() -> None:
    chance = random.Random(3)
    ours, side = 0, 0
    for _ in range(20):
        points = located([chance.random() for _ in range(100)])
        for point, prior in zip(points, turning_points.PRIORS, strict=True):
            true = min(99, max(0, round(100 * chance.gauss(prior.mean, prior.spread))))
            ours += min(abs(true - scene) for scene in point.scenes)
            side += max(0, abs(true - round(100 * prior.mean)) - 1)
    assert ours < 0.6 * side
