"""The moving cards of letters."""

from pathlib import Path
from typing import get_args

import av
import cv2
import numpy as np
import pytest

from film.desk import FolderDesk
from trailerflow.film import lettering
from trailerflow.film.crew import CardOrder, CardsOrder
from trailerflow.film.plan import Aspect, Card, Frame, frame_of

TEXTS = {
    "short": "X",
    "long": "The Extraordinarily Long and Winding Title of a Film That Nobody Will Ever Remember in Full",
    "cyrillic": "Последний свет",
    "greek": "φάρος της νύχτας",
    "arabic": "نور أخير",
    "hebrew": "האור האחרון",
    "devanagari": "अंतिम प्रकाश",
    "japanese": "灯台の最後の光",
    "korean": "마지막 등대의 빛",
    "thai": "แสงสุดท้าย",
    "marks": 'A & B < C "D"',
}


def order(text: str, frame: Frame, *, kind: str = "title", frames: int = 3) -> CardOrder:
    card = Card.model_validate({"id": "title", "kind": kind, "text": text, "subtitle": "written by nobody"})
    return CardOrder(card=card, genre="thriller", frame=frame, frames=frames, keyframes=(), fade_in=0, fade_out=0)


def watched(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as video:
        return [frame.to_ndarray(format="bgr24") for frame in video.decode(video=0)]


@pytest.mark.parametrize("aspect", get_args(Aspect))
@pytest.mark.parametrize("name", TEXTS)
def test_any_text_is_set_inside_any_frame(name: str, aspect: Aspect) -> None:
    frame = frame_of(aspect, 180)
    drawing = lettering.compose(order(TEXTS[name], frame), 1)
    letters = drawing.raster(drawing.layers[-1], (frame.width, frame.height), 0.0).pixels
    x, y, width, height = cv2.boundingRect(cv2.extractChannel(letters, 3))
    assert width > 5
    assert height > 5
    assert x > 0.03 * frame.width
    assert x + width < 0.97 * frame.width
    assert y > 0.1 * frame.height
    assert y + height < 0.92 * frame.height
    assert abs(x + width / 2 - frame.width / 2) < 0.04 * frame.width


@pytest.mark.parametrize("name", [name for name in TEXTS if name not in ("short", "long", "marks")])
def test_letters_of_every_script_have_shapes_of_their_own(name: str) -> None:
    frame = frame_of("16:9", 180)
    text = TEXTS[name]
    shown, boxes = (_letters(words, frame) for words in (text, "\U0010fffd" * len(text)))
    assert shown.shape == boxes.shape
    assert np.abs(shown.astype(int) - boxes.astype(int)).mean() > 1


def _letters(text: str, frame: Frame) -> np.ndarray:
    card = Card(id="a", kind="tag", text=text, subtitle="")
    drawing = lettering.compose(order("", frame).model_copy(update={"card": card}), 1)
    return drawing.raster(drawing.layers[-1], (frame.width, frame.height), 0.0).pixels


@pytest.mark.parametrize("genre", ["drama", "thriller", "comedy", "horror", "adventure", "romance", "unheard of"])
def test_a_card_is_dark_and_yet_never_counts_as_black(genre: str, tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    asked = order("A", Frame(width=320, height=180), kind="tag").model_copy(update={"genre": genre})
    cards = lettering.letter(CardsOrder(cards=(asked,)), desk)
    luma = cv2.cvtColor(watched(desk.open(cards.clips[0].video))[0], cv2.COLOR_BGR2GRAY)
    assert (luma < 25.5).mean() < 0.9
    assert luma.mean() < 90


def test_every_card_has_its_clip_of_exactly_its_frames(tmp_path: Path) -> None:
    desk = FolderDesk(tmp_path)
    frame = Frame(width=320, height=180)
    cards = lettering.letter(
        CardsOrder(cards=(order("One", frame, frames=5), order("Two", frame, kind="end", frames=9))), desk
    )
    assert [clip.frames for clip in cards.clips] == [5, 9]
    assert [len(watched(desk.open(clip.video))) for clip in cards.clips] == [5, 9]
    assert desk.ticks[-1] == pytest.approx(1.0)
    assert len(desk.ticks) == 14


def test_letters_drift_apart_and_the_same_order_gives_the_same_bytes(tmp_path: Path) -> None:
    frame = Frame(width=320, height=180)
    made = []
    for name in ("one", "two"):
        desk = FolderDesk(tmp_path / name)
        made.append(lettering.letter(CardsOrder(cards=(order("The last light", frame, frames=30),)), desk))
    assert made[0] == made[1]
    pictures = watched(desk.open(made[1].clips[0].video))
    widths = [np.ptp(np.nonzero((picture.min(axis=2) > 170).any(axis=0))[0]) for picture in (pictures[0], pictures[-1])]
    assert widths[1] > widths[0] + 2


def test_lines_are_broken_evenly_and_words_stay_whole() -> None:
    assert lettering.broken("THE LAST LIGHT AT HARROW POINT", 16) == ["THE LAST LIGHT", "AT HARROW POINT"]
    assert lettering.broken("ONE", 16) == ["ONE"]
    assert "".join(lettering.broken("灯台の最後の光を見た人々", 10)) == "灯台の最後の光を見た人々"
