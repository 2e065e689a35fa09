"""The local crews, as a render worker calls them: JSON in, JSON out, files through the place."""

import hashlib
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from film import stills
from film.products import clip_order, film_file, painting, picture_file
from trailerflow.errors import PermanentError
from trailerflow.film.crew import Clip, Crew, Panel
from trailerflow.film.record import File
from trailerflow.providers import local

MEMBERS: dict[str, Crew] = {
    local.LOCAL: local.crew(),
    local.STAND_IN: local.stand_ins(),
    local.HTTP: local.fitters(),
}
PANEL = stills.order(stills.setting()).model_dump(mode="json")


class Stored(NamedTuple):
    """A file as a worker's storage names it."""

    name: str
    sha256: str
    media_type: str
    bytes: int


class Bench:
    """A render worker's place on a plain folder."""

    def __init__(self, root: Path, *contents: bytes) -> None:
        self.folder = root / "scratch"
        self.folder.mkdir(parents=True)
        self._store = root
        self.ticks: list[float] = []
        self.received: Sequence[Stored] = tuple(self._put(content) for content in contents)

    def _put(self, content: bytes) -> Stored:
        path = self.folder / "received"
        path.write_bytes(content)
        return self.store(path, "received.bin", "application/octet-stream")

    def path(self, sha256: str) -> Path:
        return self._store / sha256

    def store(self, path: Path, name: str, media_type: str) -> Stored:
        content = path.read_bytes()
        stored = Stored(name, hashlib.sha256(content).hexdigest(), media_type, len(content))
        shutil.copyfile(path, self.path(stored.sha256))
        return stored

    def tick(self, done: float) -> None:
        self.ticks.append(done)


def test_each_crew_signs_with_its_own_name_and_knows_its_kinds() -> None:
    for provider, crew in MEMBERS.items():
        assert {skill.provider for skill in crew.values()} == {provider}
        assert {skill.kind for skill in crew.values()} == set(crew)
    singles = {"sheets", "storyboard", "cards", "voices", "score", "foley", "trailer"}
    assert set(MEMBERS["local"]) == singles | {"panel", "clip"}
    assert set(MEMBERS["stand_in"]) == set(MEMBERS["http"]) == {"panel", "clip"}


def test_crews_take_and_hand_in_the_same_for_the_same_kind() -> None:
    for crew in MEMBERS.values():
        for kind, skill in crew.items():
            assert (skill.order, skill.product) == (MEMBERS["local"][kind].order, MEMBERS["local"][kind].product)


def test_a_panel_is_drawn_here_or_stood_in_for_from_json(tmp_path: Path) -> None:
    drawn = [
        local.perform(MEMBERS, name, "panel", PANEL, Bench(tmp_path / name)) for name in (local.LOCAL, local.STAND_IN)
    ]
    assert drawn[0] == drawn[1]
    assert Panel.model_validate(drawn[0]).drawing is not None


def test_a_providers_picture_is_fitted(tmp_path: Path) -> None:
    place = Bench(tmp_path, picture_file(painting(640, 480)))
    panel = Panel.model_validate(local.perform(MEMBERS, local.HTTP, "panel", PANEL, place))
    assert panel.drawing is None
    assert stills.read(place.path(panel.image.sha256)).shape == (180, 320, 3)


def test_a_providers_film_is_fitted_and_every_frame_reported(tmp_path: Path) -> None:
    place = Bench(tmp_path, film_file(tmp_path, 12))
    order = clip_order(frames=8).model_dump(mode="json")
    clip = Clip.model_validate(local.perform(MEMBERS, local.HTTP, "clip", order, place))
    assert clip.frames == len(place.ticks) == 8
    assert place.path(clip.video.sha256).stat().st_size == clip.video.bytes


def test_nothing_received_is_nothing_to_fit(tmp_path: Path) -> None:
    with pytest.raises(PermanentError) as caught:
        local.perform(MEMBERS, local.HTTP, "panel", PANEL, Bench(tmp_path))
    assert caught.value.code == "bad_product"


def test_a_clip_is_moved_here_from_a_panel_stored_earlier(tmp_path: Path) -> None:
    place = Bench(tmp_path, picture_file(np.full((180, 320, 3), 99, np.uint8)))
    stored = place.received[0]
    image = File(name="image.png", sha256=stored.sha256, media_type="image/png", bytes=stored.bytes)
    order = clip_order(frames=3, panel=Panel(image=image, drawing=None)).model_dump(mode="json")
    moved = [local.perform(MEMBERS, name, "clip", order, place) for name in (local.LOCAL, local.STAND_IN)]
    assert moved[0] == moved[1]


@given(order=st.dictionaries(st.text(), st.none() | st.integers() | st.text(), max_size=3))
def test_an_order_that_is_none_is_refused_before_any_work(
    order: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    place = Bench(tmp_path_factory.mktemp("unused"))
    for name, crew in MEMBERS.items():
        for kind in crew:
            with pytest.raises(ValidationError):
                local.perform(MEMBERS, name, kind, order, place)
    assert list(place.folder.iterdir()) == []
