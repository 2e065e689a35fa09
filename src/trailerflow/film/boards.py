"""The storyboard as it is handed round: `storyboard.pdf`, `contact-sheet.jpg` and `consistency.json`.

Called by the local provider on a render worker. Each picture is decoded once for all. Must never leave out a place of
the time-line: one without a picture is shown as an empty frame.
"""

import json
from dataclasses import dataclass

import cv2
import numpy as np

from trailerflow.film import booklet, consistency, contact_sheet, drawing
from trailerflow.film.consistency import Likeness, Seen
from trailerflow.film.crew import BoardTile, Desk, PanelOrder, Storyboard, StoryboardOrder
from trailerflow.film.drawing import Pixels

_PRINT_WIDTH = 960
_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Print:
    """A tile's picture as JPEG for the page and as pixels for the sheet, and how alike it is, if there is a picture."""

    jpeg: bytes
    small: Pixels | None
    likeness: Likeness | None


def bind(order: StoryboardOrder, desk: Desk) -> Storyboard:
    """Print the storyboard of a whole trailer."""
    prints: list[Print] = []
    for number, tile in enumerate(order.tiles):
        desk.tick(0.7 * number / len(order.tiles))
        prints.append(_print(tile, order, desk))
    alike = desk.folder / "consistency.json"
    likenesses = [print_.likeness.model_dump(mode="json") for print_ in prints if print_.likeness]
    alike.write_text(json.dumps(likenesses, ensure_ascii=False, indent=2), encoding="utf-8")
    pages = desk.folder / "storyboard.pdf"
    booklet.write(pages, order, [print_.jpeg for print_ in prints], lambda share: desk.tick(0.7 + 0.2 * share))
    sheet = desk.folder / "contact-sheet.jpg"
    contact_sheet.write(sheet, order, [print_.small for print_ in prints])
    product = Storyboard(
        pages=desk.keep(pages, "storyboard.pdf", "application/pdf"),
        contact_sheet=desk.keep(sheet, "contact-sheet.jpg", "image/jpeg"),
        consistency=desk.keep(alike, "consistency.json", "application/json"),
    )
    desk.tick(1.0)
    return product


def _print(tile: BoardTile, order: StoryboardOrder, desk: Desk) -> Print:
    if tile.picture is None:
        return Print(b"", None, None)
    picture = cv2.imread(str(desk.open(tile.picture)), cv2.IMREAD_COLOR)
    assert picture is not None, f"the picture of panel {tile.number} cannot be read"
    pixels = picture.astype(np.uint8, copy=False)
    width = min(_PRINT_WIDTH, picture.shape[1])
    large = resized(pixels, width, order.frame.height * width / order.frame.width)
    return Print(
        jpeg_of(large), resized(large, *contact_sheet.tile_size(order.frame)), _alike(tile, order, pixels, desk)
    )


def _alike(tile: BoardTile, order: StoryboardOrder, pixels: Pixels, desk: Desk) -> Likeness | None:
    """Measure a picture against the sheets of its people and its place."""
    shot = tile.shot
    if shot is None:
        return None
    cast = {character.name: character for character in order.cast}
    ordered = PanelOrder(
        shot=shot,
        looks=tuple(cast[figure.character] for figure in shot.figures if figure.character in cast),
        setting=next(setting for setting in order.settings if setting.name == shot.setting),
        frame=order.frame,
        genre=order.genre,
    )
    source = drawing.read(desk.open(tile.drawing).read_text(encoding="utf-8")) if tile.drawing else None
    leads = {character.name: character.look for character in order.cast if character.role == "lead"}
    return consistency.measure(Seen(ordered, pixels, source), leads)


def resized(picture: Pixels, width: float, height: float) -> Pixels:
    """Return a picture at another size."""
    size = (max(round(width), 1), max(round(height), 1))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def jpeg_of(picture: Pixels) -> bytes:
    """Return a picture as JPEG."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "the picture cannot be encoded"
    return data.tobytes()
