import re
from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from engine.company import a_run
from trailerflow.engine.states import ACTIVE, MOVES, RUNNING, SETTLED, Move, State, allowed_from, make_move
from trailerflow.engine.tables import ACTIVE_STATES, Run
from trailerflow.errors import Conflict

README = Path(__file__).parents[2] / "README.md"
STATES: tuple[State, ...] = get_args(State)
ALL_MOVES: tuple[Move, ...] = get_args(Move)

# DESIGN's table, once more and by hand: what is possible in a state, `=` when its effect already holds.
POSSIBLE = {
    "idle": "start:queued",
    "queued": "claim:running pause:paused cancel:cancelled resume:= retry:=",
    "running": "pause:pausing cancel:cancelling complete:completed fail:failed hold:paused resume:=",
    "pausing": "hold:paused complete:completed fail:failed resume:running cancel:cancelling pause:=",
    "paused": "resume:queued cancel:cancelled skip:paused regenerate:paused pause:=",
    "failed": "retry:queued skip:failed cancel:cancelled start:queued",
    "cancelling": "stop:cancelled cancel:=",
    "cancelled": "start:queued cancel:=",
    "completed": "start:queued",
}
EXPECTED = {
    (state, move): target
    for state, line in POSSIBLE.items()
    for move, target in (word.split(":") for word in line.split())
}


def run_in(state: State) -> Run | None:
    return None if state == "idle" else a_run(id=7, status=state)


@pytest.mark.parametrize(("state", "move"), list(product(STATES, ALL_MOVES)))
def test_every_move_from_every_state_does_what_the_table_says(state: State, move: Move) -> None:
    run, expected = run_in(state), EXPECTED.get((state, move))
    if expected is None:
        with pytest.raises(Conflict) as refused:
            make_move(run, move)
        assert refused.value.extra["state"] == state
    else:
        assert make_move(run, move) is (expected != "=")
    after = "idle" if run is None else run.status
    assert after == (state if expected in (None, "=") or move == "start" else expected)


def test_a_refusal_names_the_states_that_allow_the_move() -> None:
    with pytest.raises(Conflict) as refused:
        make_move(run_in("completed"), "pause")
    assert refused.value.code == "not_allowed"
    assert refused.value.extra["allowed_states"] == ["paused", "pausing", "queued", "running"]


@pytest.mark.parametrize("state", sorted(ACTIVE))
def test_a_start_beside_an_active_run_names_that_run(state: State) -> None:
    with pytest.raises(Conflict) as refused:
        make_move(run_in(state), "start")
    assert refused.value.code == "run_active"
    assert refused.value.extra == {"run_id": 7, "state": state}


def test_the_diagram_in_the_readme_shows_the_table() -> None:
    diagram = README.read_text().partition("stateDiagram-v2")[2].partition("```")[0]
    drawn = set(re.findall(r"(\S+) --> (\S+): (\S+)", diagram))
    starts = {("[*]", "queued", "start")}  # from any state that is not active
    assert drawn == starts | {(state, to, move) for (state, move), to in MOVES.items() if move != "start"}


def test_the_two_tables_have_no_pair_in_common() -> None:
    assert not SETTLED & set(MOVES)


def test_every_state_can_be_reached_from_idle() -> None:
    reached: set[State] = {"idle"}
    while found := {to for (state, _), to in MOVES.items() if state in reached} - reached:
        reached |= found
    assert reached == set(STATES)


def test_every_active_state_leads_out_of_activity() -> None:
    ended: set[State] = set(STATES) - ACTIVE
    while found := {state for (state, _), to in MOVES.items() if to in ended} - ended:
        ended |= found
    assert ended == set(STATES)


def test_from_a_completed_run_only_a_new_start_leads_on() -> None:
    assert {move for state, move in MOVES if state == "completed"} == {"start"}


def test_the_index_for_one_active_run_knows_the_same_active_states() -> None:
    assert {name.strip("' ") for name in ACTIVE_STATES.strip("()").split(",")} == ACTIVE
    assert RUNNING < ACTIVE


def test_allowed_states_count_those_where_the_effect_already_holds() -> None:
    assert allowed_from("resume") == ["paused", "pausing", "queued", "running"]
