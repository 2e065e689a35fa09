import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import scripts
from trailerflow.film import pieces, quotes, rhythm, selection
from trailerflow.film.plan import Edits
from trailerflow.film.selection import Pick


def picks(edits: Edits | None = None, seconds: int = 60) -> list[Pick]:
    screenplay = scripts.example()
    found, cast, _ = scripts.prepared(screenplay)
    measure = rhythm.divide(seconds, 3)
    available = pieces.cut(screenplay, found, quotes.of(screenplay, ["IDA"]), selection.wanted(measure))
    return selection.arrange(available, found, cast, measure, seed=0, edits=edits or Edits()).line()


def test_every_act_gets_the_picks_its_rhythm_asks_for() -> None:
    measure = rhythm.divide(60, 3)
    for act in selection.ACTS:
        assert sum(pick.act == act for pick in picks()) == rhythm.picks(act, measure.shots[act])


def test_the_introduction_is_early_and_the_escalation_follows_the_story() -> None:
    chosen = picks()
    assert all(pick.piece.position < 0.45 for pick in chosen if pick.act == "introduction")
    places = [pick.piece.position for pick in chosen if pick.act == "escalation"]
    assert places == sorted(places)


def test_shots_come_from_the_parts_of_the_story_as_in_real_trailers() -> None:
    shares = [0, 0, 0, 0]
    shots = scripts.planned(scripts.example(), seconds=150).shots
    for shot in shots:
        position = shot.scene / 20
        shares[sum(position >= bound for bound in (0.15, 0.38, 0.63))] += 1
    for share, real in zip(shares, (0.166, 0.255, 0.303, 0.276), strict=True):
        assert abs(share / len(shots) - real) < 0.12


def test_every_pick_says_why() -> None:
    assert all(pick.reason for pick in picks())
    assert any(pick.reason.startswith("introduces") for pick in picks())


def test_a_locked_scene_stands_where_its_place_in_the_story_suggests() -> None:
    chosen = [pick for pick in picks(Edits(lock=(3, 12))) if pick.reason.startswith("locked")]
    assert [(pick.piece.scene, pick.act) for pick in chosen] == [(3, "introduction"), (12, "escalation")]


@pytest.mark.parametrize("seconds", [30, 90, 150])
def test_every_lead_is_introduced_and_the_end_is_left_to_the_cinema(seconds: int) -> None:
    found, cast, _ = scripts.prepared(scripts.example())
    climax = found.turning_points[-1].scenes[0]
    chosen = picks(seconds=seconds)
    early = {name for pick in chosen if pick.act == "introduction" for name in found.scenes[pick.piece.scene].present}
    assert {character.name for character in cast.characters if character.role == "lead"} <= early
    assert all(pick.piece.scene <= climax and pick.piece.position < selection.GLIMPSE for pick in chosen)


def test_with_spoilers_the_whole_story_may_be_told() -> None:
    assert max(pick.piece.scene for pick in picks(Edits(spoilers=True), seconds=150)) == 19


@given(st.integers(15, 150), st.sets(st.integers(0, 18), max_size=4), st.sets(st.integers(0, 18), max_size=3))
@settings(max_examples=15, deadline=None)
def test_what_a_person_locks_is_in_and_what_they_ban_is_out(seconds: int, ban: set[int], lock: set[int]) -> None:
    lock -= ban
    chosen = {pick.piece.scene for pick in picks(Edits(lock=tuple(lock), ban=tuple(ban)), seconds)}
    assert lock <= chosen
    assert not ban & chosen
