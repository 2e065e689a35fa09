"""The storyboard on paper holds every place of the time-line, in any script, and is the same file every time."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdfminer.high_level import extract_pages, extract_text
from pdfminer.layout import LTFigure, LTImage, LTPage, LTTextContainer

from film import stills
from film.desk import FolderDesk
from film.products import painting, picture_file
from film.story import plan_of, shot
from trailerflow.film import booklet, orders
from trailerflow.film.boards import bind
from trailerflow.film.casting import Cast
from trailerflow.film.contact_sheet import tile_size
from trailerflow.film.crew import Panel, Storyboard, StoryboardOrder
from trailerflow.film.plan import Choice, Frame
from trailerflow.film.settings import Settings

FRAME = Frame(width=320, height=180)
SHOTS = 8
WORDS = "A long walk through the rain. " * 40
SCRIPTS = ("Ты помнишь море?", "Θυμάσαι τη θάλασσα;", "你还记得大海吗", "ทะเล", "바다를 기억해?", "Հիշո՞ւմ ես")


def order_of(desk: FolderDesk, *, frame: Frame = FRAME, text: str = "Go.", action: str = WORDS) -> StoryboardOrder:
    """Ask for the storyboard of eight shots and a title; the last shot has no picture."""
    shots = [shot(f"s{n}", text=text).model_copy(update={"action": action}) for n in range(SHOTS)]
    plan = plan_of(tuple((one, 21) for one in shots), title_frames=24)
    why = Choice(scene=0, heading="EXT. LIGHTHOUSE - NIGHT", act="introduction", reason="introduces ANNA")
    path = desk.folder / "picture.png"
    path.write_bytes(picture_file(painting(frame.width, frame.height)))
    panel = Panel(image=desk.keep(path, "image.png", "image/png"), drawing=None)
    panels = {one.id: panel for one in shots[:-1]}
    places = Settings(settings=(stills.setting().model_copy(update={"name": shots[0].setting}),))
    return orders.storyboard(plan.model_copy(update={"choices": (why,)}), Cast(characters=()), places, panels, frame)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> tuple[FolderDesk, Storyboard]:
    desk = FolderDesk(tmp_path_factory.mktemp("boards"))
    return desk, bind(order_of(desk), desk)


def pages_of(desk: FolderDesk, made: Storyboard) -> list[LTPage]:
    return list(extract_pages(desk.open(made.pages)))


def pictures_on(page: LTPage) -> int:
    return sum(isinstance(part, LTImage) for figure in page if isinstance(figure, LTFigure) for part in figure)


def test_a_title_page_comes_before_six_panels_a_page(printed: tuple[FolderDesk, Storyboard]) -> None:
    desk, made = printed
    pages = pages_of(desk, made)
    assert [(round(page.width), round(page.height)) for page in pages] == [(842, 595)] * 3
    assert [pictures_on(page) for page in pages] == [1, 6, 1]
    assert "The Keeper" in extract_text(desk.open(made.pages), page_numbers=[0])


def test_a_panel_tells_shot_place_camera_action_words_reason_and_length(
    printed: tuple[FolderDesk, Storyboard],
) -> None:
    desk, made = printed
    text = extract_text(desk.open(made.pages), page_numbers=[1])
    for told in ("2 · s1", "EXT. LIGHTHOUSE - NIGHT", "wide · eye level · push", "ANNA: Go.", "introduces ANNA"):
        assert told in text
    assert "at 0.9 s · 0.9 s long" in text
    assert "9 · card" in extract_text(desk.open(made.pages), page_numbers=[2])


def test_a_long_text_is_cut_off_before_it_reaches_the_panel_below(printed: tuple[FolderDesk, Storyboard]) -> None:
    desk, made = printed
    page = pages_of(desk, made)[1]
    assert extract_text(desk.open(made.pages), page_numbers=[1]).count("…") == 6
    top = page.height - (12 + 10 + 85 + 6) * 72 / 25.4  # where the lower row begins
    boxes = [part for part in page if isinstance(part, LTTextContainer)]
    assert not [box.get_text() for box in boxes if box.y1 > top + 3 and box.y0 < top - 3]


def test_the_same_order_gives_the_same_bytes_without_a_date_or_an_id(
    printed: tuple[FolderDesk, Storyboard], tmp_path: Path
) -> None:
    desk, made = printed
    again = FolderDesk(tmp_path)
    assert bind(order_of(again), again) == made
    content = desk.open(made.pages).read_bytes()
    assert b"/ID" not in content
    assert b"D:1970" in content


def test_words_of_any_script_can_be_read(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    order = order_of(desk, action="")
    shots = [
        one.shot.model_copy(update={"action": text})
        for one, text in zip(order.tiles, SCRIPTS, strict=False)
        if one.shot
    ]
    tiles = [one.model_copy(update={"shot": shown}) for one, shown in zip(order.tiles, shots, strict=False)]
    made = bind(order.model_copy(update={"tiles": tuple(tiles)}), desk)
    text = extract_text(desk.open(made.pages), page_numbers=[1])
    assert [words for words in SCRIPTS if words not in text] == []


@settings(max_examples=12, deadline=None)
@given(text=st.text(max_size=120))
def test_no_text_breaks_the_booklet(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("booklet") / "storyboard.pdf"
    order = order_of(FolderDesk(path.parent), text=text, action=text)
    booklet.write(path, order.model_copy(update={"title": text, "tiles": order.tiles[:1]}), [b""], lambda _: None)
    assert path.read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("frame", [FRAME, Frame(width=180, height=320)])
def test_the_contact_sheet_shows_every_picture_in_its_shape(tmp_path: Path, frame: Frame) -> None:
    desk = FolderDesk(tmp_path)
    made = bind(order_of(desk, frame=frame), desk)
    sheet = cv2.imread(str(desk.open(made.contact_sheet)), cv2.IMREAD_COLOR)
    assert sheet is not None
    width, height = tile_size(frame)
    assert width / height == pytest.approx(frame.width / frame.height, rel=0.01)
    blue = np.all(np.abs(sheet.astype(int) - (255, 0, 0)) < 40, axis=2)  # the first third of `painting` is red
    red = np.all(np.abs(sheet.astype(int) - (0, 0, 255)) < 40, axis=2)
    for colour in (blue, red):
        assert colour.sum() == pytest.approx((SHOTS - 1) * width * height / 3, rel=0.05)
    assert desk.ticks == sorted(desk.ticks)
    assert desk.ticks[-1] == 1
