from film import scripts
from trailerflow.film import poses, staging

OUT = 17.0
"""A forearm and a hand, in units of the body."""


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


def test_who_merely_talks_stretches_no_hand_out() -> None:
    for manner in range(40):
        body = poses.joints(poses.stance("stand", manner, speaks=True))
        assert max(body.near_hand[0], body.far_hand[0]) < body.chest[0] + OUT


def test_brackets_say_what_the_speaker_does_and_a_car_s_people_sit() -> None:
    script = (
        "INT. CAR - NIGHT\n\nThe road is dark and ADA looks at it for a long time.\n\nADA\n(pointing)\n"
        "There is the house that burned down!\n\nBEN\nI will never go back there.\n"
    )
    shots = scripts.planned(scripts.read(script), seconds=15).shots
    seen = {(figure.character, figure.pose) for shot in shots for figure in shot.figures}
    assert {pose for name, pose in seen if name == "BEN"} == {"sit"}
    assert ("ADA", "point") in seen
