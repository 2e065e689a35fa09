from film import scripts
from trailerflow.film import staging


def test_poses_and_props_are_read_from_the_action() -> None:
    assert staging.pose_of("Ida runs out of the house.") == "run"
    assert staging.pose_of("Der Mann fällt.") == "fall"
    assert staging.pose_of("Silence.") is None
    assert staging.props("He puts the gun beside a lamp and a letter and a rope.") == ("gun", "lamp", "letter")


def test_a_new_place_is_seen_from_afar_before_anybody_speaks_there() -> None:
    plan = scripts.planned(scripts.example())
    first: dict[str, str] = {}
    for shot in plan.shots:
        if shot.act == "cold_open":
            first.setdefault(shot.setting, shot.size)
    assert set(first.values()) <= {"wide", "extreme_wide"}


def test_neighbours_do_not_move_alike_more_than_twice() -> None:
    moves = [shot.move for shot in scripts.planned(scripts.example()).shots]
    assert all(len({one, two, three}) > 1 for one, two, three in zip(moves, moves[1:], moves[2:], strict=False))


def test_over_the_shoulder_needs_a_shoulder() -> None:
    for shot in scripts.planned(scripts.example(), seconds=150).shots:
        if shot.angle == "over_shoulder":
            assert len(shot.figures) == 2
