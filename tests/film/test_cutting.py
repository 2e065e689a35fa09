from film import scripts
from trailerflow.film import cutting


def test_dissolves_are_few_short_and_only_where_time_passes() -> None:
    plan = scripts.planned(scripts.example(), seconds=150)
    shots = {shot.id: shot for shot in plan.shots}
    dissolves = 0
    for before, cut in zip(plan.cuts, plan.cuts[1:], strict=False):
        if cut.dissolve:
            dissolves += 1
            assert cutting.DISSOLVE[0] <= cut.dissolve <= cutting.DISSOLVE[1]
            assert shots[before.id].scene != shots[cut.id].scene
    assert 0 < dissolves <= plan.seconds / cutting.SECONDS_BETWEEN_DISSOLVES


def test_the_title_follows_a_short_fade_and_the_end_sinks_into_black() -> None:
    cuts = scripts.planned(scripts.example()).cuts
    place = next(place for place, cut in enumerate(cuts) if cut.id == "title")
    assert cuts[place - 1].fade_out > 0
    assert cuts[place].fade_in > 0
    assert (cuts[-1].id, cuts[-1].fade_out > 12) == ("end", True)
