"""What is heard of places and things is a track of its own, and the music knows nothing of it."""

from pathlib import Path

import numpy as np

from film.desk import FolderDesk
from film.story import plan_of, shot
from trailerflow.film import foley, orders
from trailerflow.film.plan import Plan
from trailerflow.film.sound import RATE, Sound, read_wav


def plan(action: str) -> Plan:
    inside = shot("s0").model_copy(update={"action": action, "weather": "clear", "interior": True, "setting": "ROOM"})
    return plan_of(((inside, 72), (shot("s1"), 48)))


def heard(asked: Plan, root: Path) -> Sound:
    desk = FolderDesk(root)
    return read_wav(desk.open(foley.perform(orders.foley(asked), desk).audio))


def test_a_thing_is_heard_in_its_shot_and_the_place_all_the_time(tmp_path: Path) -> None:
    quiet, loud = heard(plan("She waits."), tmp_path), heard(plan("She fires a gunshot."), tmp_path)
    assert quiet.shape == loud.shape == (2, 120 * 2000)
    assert np.abs(loud).max() < 1
    seconds = [float(np.std(quiet[:, at * RATE : (at + 1) * RATE])) for at in range(5)]
    assert min(seconds) > 0.001
    change = np.abs(loud - quiet).max(axis=0)
    assert change[: 24 * 2000 - 1].max() == 0, "it is seen for a third of the shot before it is heard"
    assert change[24 * 2000 : 36 * 2000].max() > 0.2


def test_another_action_leaves_the_order_of_the_music_as_it_was() -> None:
    quiet, loud = plan("She waits."), plan("She fires a gunshot.")
    assert orders.score(quiet) == orders.score(loud)
    assert orders.foley(quiet) != orders.foley(loud)


def test_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    order = orders.foley(plan("The door slams."))
    first, again = (foley.perform(order, FolderDesk(tmp_path / name)) for name in ("a", "b"))
    assert first == again
