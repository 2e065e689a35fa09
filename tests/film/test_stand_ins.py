"""Stand-ins: they do the local crew's work where it can be done, and a slate where it cannot."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from film import stills
from film.products import NOWHERE, ReceivingDesk, clip_order, keyframes, picture_file, watched
from film.test_assembly import FRAME, PLAN, order_of, with_clip
from trailerflow.errors import PermanentError
from trailerflow.film import blemishes, clips, lettering, panels, stand_ins
from trailerflow.film.assembly import assemble
from trailerflow.film.crew import Panel, PanelOrder
from trailerflow.film.drawing import Pixels
from trailerflow.film.footage import Footage
from trailerflow.film.joining import parameters_of, reference_clip
from trailerflow.film.plan import Aspect, Frame, Line, frame_of

STREET = stills.setting()
BLACK = 26  # what the delivery check calls dark
LINE = Line(id="l", character="MARA", text="We have to go.", element=0)


def broken(**changes: object) -> PanelOrder:
    """Return an order the local crew cannot draw: its place has no colours."""
    order = stills.order(STREET, stills.SMALL, **changes)
    look = order.setting.look.model_copy(update={"palette": ()})
    return order.model_copy(update={"setting": order.setting.model_copy(update={"look": look})})


def told(order: PanelOrder, folder: Path) -> Pixels:
    desk = ReceivingDesk(folder)
    panel = stand_ins.draw(order, desk)
    assert panel.drawing is None
    return stills.read(desk.open(panel.image))


def painted(desk: ReceivingDesk, content: bytes, drawing: bytes | None = None) -> Panel:
    """Return a panel whose files hold anything."""
    files = []
    for name, data in (("image.png", content), ("drawing.svg", drawing)):
        (desk.folder / name).write_bytes(data or b"")
        files.append(desk.keep(desk.folder / name, name, "image/any"))
    return Panel(image=files[0], drawing=files[1] if drawing is not None else None)


def test_a_stand_in_is_the_local_crews_own_work_where_that_can_be_done(tmp_path: Path) -> None:
    desk, other = ReceivingDesk(tmp_path / "one"), ReceivingDesk(tmp_path / "two")
    order = stills.order(STREET)
    panel = stand_ins.draw(order, desk)
    assert panel == panels.draw(order, other)
    move = clip_order(frames=5, panel=panel)
    assert stand_ins.animate(move, desk) == clips.animate(move, other)


def test_the_orders_of_these_tests_do_break_the_local_crew(tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path)
    with pytest.raises(Exception, match=r".+"):
        panels.draw(broken(), desk)
    with pytest.raises(Exception, match=r".+"):
        clips.animate(clip_order(), desk)


@pytest.mark.parametrize("aspect", ["16:9", "2.39:1", "1:1", "9:16"])
def test_a_slate_fills_its_frame_with_letters_in_a_dark_that_is_not_black(aspect: Aspect, tmp_path: Path) -> None:
    frame = frame_of(aspect, 180)
    picture = told(broken(action="The door slams.").model_copy(update={"frame": frame}), tmp_path)
    luma = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    assert picture.shape == (frame.height, frame.width, 3)
    assert 0.002 < float((luma > 150).mean()) < 0.2
    assert float((luma > BLACK).mean()) > 0.1
    assert luma.mean() < 60


def test_a_slate_says_which_shot_it_is_and_what_happens_or_is_said() -> None:
    shot = stills.order(STREET, action="The door slams.", size="extreme_close").shot
    card = stand_ins._card(shot, stills.SMALL, "drama").card
    assert card.text == "The door slams."
    assert card.subtitle == "s000-1 · extreme close · EXT. STREET - DUSK"
    assert stand_ins._card(shot.model_copy(update={"line": LINE}), stills.SMALL, "drama").card.text == (
        "MARA: “We have to go.”"
    )
    silent = shot.model_copy(update={"action": " \x00"})
    assert stand_ins._card(silent, stills.SMALL, "drama").card.text == "EXT. STREET - DUSK"
    long = shot.model_copy(update={"action": "word " * 99})
    assert len(stand_ins._card(long, stills.SMALL, "drama").card.text) < stand_ins.LONGEST + 3


def test_the_same_broken_order_gives_the_same_bytes(tmp_path: Path) -> None:
    desks = [ReceivingDesk(tmp_path / name) for name in ("one", "two")]
    assert stand_ins.draw(broken(), desks[0]) == stand_ins.draw(broken(), desks[1])
    assert stand_ins.animate(clip_order(frames=5), desks[0]) == stand_ins.animate(clip_order(frames=5), desks[1])


WORDS = st.text(max_size=200)


@given(action=WORDS, heading=WORDS, name=WORDS, said=st.none() | WORDS, seed=st.integers())
@settings(deadline=None, max_examples=60)
def test_any_words_and_numbers_make_a_slate(action: str, heading: str, name: str, said: str | None, seed: int) -> None:
    line = said if said is None else LINE.model_copy(update={"text": said, "character": name})
    changes = {"action": action, "heading": heading, "id": name, "line": line, "seed": seed}
    shot = stills.order(STREET).shot.model_copy(update=changes)
    picture = stand_ins.slate(shot, Frame(width=64, height=36), name)
    assert picture.shape == (36, 64, 3)
    assert picture.max() > BLACK


def test_a_slate_without_letters_is_left_when_even_the_letters_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(lettering.FACES, "tag", (300, "wide", 96.0, 24))
    luma = cv2.cvtColor(told(broken(), tmp_path), cv2.COLOR_BGR2GRAY)
    assert luma.shape == (180, 320)
    assert luma.max() < 100
    assert float((luma > BLACK).mean()) > 0.5


@pytest.mark.parametrize("drawing", [b"no drawing", b"<svg", None])
def test_a_picture_whose_drawing_is_lost_is_held(drawing: bytes | None, tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path)
    picture = np.full((90, 160, 3), (30, 90, 200), np.uint8)
    clip = stand_ins.animate(clip_order(frames=6, panel=painted(desk, picture_file(picture), drawing)), desk)
    shown = watched(desk.open(clip.video))
    assert len(shown) == clip.frames == 6
    assert np.abs(shown[3].mean(axis=(0, 1)) - (30, 90, 200)).max() < 8


def test_a_bought_picture_that_would_make_a_black_clip_gives_way_to_a_slate(tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path)
    panel = painted(desk, picture_file(np.full((180, 320, 3), 8, np.uint8)))
    order = clip_order(frames=60, panel=panel)
    with pytest.raises(PermanentError, match=r"the clip of shot s000-1 is black for 2.5 s") as refused:
        clips.animate(order, desk)
    assert refused.value.code == "blemished"
    clip = stand_ins.animate(order, desk)
    assert blemishes.of_clip(desk.open(clip.video), order) is None
    assert watched(desk.open(clip.video))[30].max() > 150


def test_a_shot_that_breaks_the_animator_is_held_without_it(tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path)
    shot = stills.order(STREET).shot.model_copy(update={"seed": -1})  # no seed for grain
    panel = painted(desk, picture_file(np.full((180, 320, 3), 120, np.uint8)))
    clip = stand_ins.animate(clip_order(frames=4, panel=panel, shot=shot), desk)
    assert len(watched(desk.open(clip.video))) == 4


@pytest.mark.parametrize("damaged", [False, True])
def test_a_clip_of_a_lost_picture_is_its_slate_with_fades_and_keyframes(damaged: bool, tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path)
    panel = painted(desk, b"no picture", b"no drawing") if damaged else NOWHERE
    order = clip_order(frames=20, fade_in=5, fade_out=5, keyframes=(4, 11), panel=panel)
    path = desk.open(stand_ins.animate(order, desk).video)
    pictures = watched(path)
    light = [picture.mean() for picture in pictures]
    assert len(light) == 20
    assert {0, 4, 11} <= set(keyframes(path))
    assert light[0] < 0.6 * light[10]
    assert light[-1] < 3
    assert pictures[10].max() > 150


def test_the_offices_call_to_stop_is_obeyed_in_every_way_of_standing_in(tmp_path: Path) -> None:
    class GivenUp(BaseException):
        pass

    def stop(done: float) -> None:
        if done > 0.5:
            raise GivenUp

    desk = ReceivingDesk(tmp_path, on_tick=stop)
    panel = stand_ins.draw(stills.order(STREET), desk)
    for order in (clip_order(frames=10, panel=panel), clip_order(frames=10)):
        kept = len(desk.kept)
        with pytest.raises(GivenUp):
            stand_ins.animate(order, desk)
        assert len(desk.kept) == kept
        assert not list(desk.folder.glob("*.mp4"))


def test_stand_ins_pass_the_delivery_check_and_are_joined_by_copying(tmp_path: Path) -> None:
    desk = ReceivingDesk(tmp_path)
    order, cut = order_of(desk), PLAN.cuts[1]
    slate = stand_ins.animate(clip_order(FRAME, cut.frames, keyframes=(cut.dissolve,)), desk)
    trailer = assemble(with_clip(order, 1, slate), desk)
    parameters = parameters_of(reference_clip(tmp_path / "reference.mp4", FRAME))
    assert trailer.seconds == PLAN.seconds
    with Footage(desk.open(slate.video)) as clip:
        assert clip.can_copy(cut.dissolve, parameters)
