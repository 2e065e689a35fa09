"""What is heard of places and things is a track of its own, and the music knows nothing of it."""

from pathlib import Path

import numpy as np
import pytest

from film.desk import FolderDesk
from film.story import plan_of, shot
from trailerflow.film import ambiences, foley, orders
from trailerflow.film.effects import thing_of
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


def test_what_is_heard_follows_from_what_is_seen() -> None:
    storm = shot("s0")
    assert ambiences.of(storm) == "rain"
    assert ambiences.of(storm.model_copy(update={"interior": True})) == "rain_inside"
    assert ambiences.of(storm.model_copy(update={"weather": "clear"})) == "sea"


@pytest.mark.parametrize(
    ("action", "thing"),
    [
        ("The door slams.", "door"),
        ("He shoots through the door.", "gunshot"),
        ("The bell tolls over the valley.", "bell"),
        ("Her heart pounds.", "heart"),
        ("An engine roars and they speed away.", "engine"),
        ("The barn burns.", "flames"),
        ("He waits.", None),
    ],
)
def test_a_shot_lets_one_thing_be_heard_the_loudest(action: str, thing: str | None) -> None:
    heard = thing_of(shot("s0").model_copy(update={"action": action}))
    assert (heard[0] if heard else None) == thing


def test_every_place_and_thing_can_be_heard_and_none_is_clipped(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    for kind in ambiences.KINDS:
        sound = ambiences.loop(kind, rng)
        assert 0.005 < float(np.sqrt(np.mean(sound**2))) < 0.08, kind
        seam = np.abs(sound[:, 0] - sound[:, -1]).max()
        assert seam < 6 * np.abs(np.diff(sound)).mean() + 0.05, kind
    actions = ("explosion", "thunder", "glass breaks", "sirens", "she knocks", "splash", "phone", "he runs", "fire")
    asked = plan_of(
        tuple((shot(f"s{n}").model_copy(update={"action": action}), 36) for n, action in enumerate(actions))
    )
    assert 0.2 < np.abs(heard(asked, tmp_path)).max() <= 1
