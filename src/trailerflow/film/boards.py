"""The storyboard as it is handed round: `storyboard.pdf` and `contact-sheet.jpg`.

Called by the local provider on a render worker. Each picture is decoded once for both. Must never leave out a place of
the time-line: one without a picture is shown as an empty frame.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from trailerflow.film import booklet, contact_sheet
from trailerflow.film.crew import BoardTile, Desk, Storyboard, StoryboardOrder
from trailerflow.film.drawing import Pixels

_PRINT_WIDTH = 960
_QUALITY = 88


@dataclass(frozen=True, slots=True)
class Print:
    """A tile's picture as JPEG for the page and as pixels for the sheet; neither when there is none."""

    jpeg: bytes
    small: Pixels | None


def bind(order: StoryboardOrder, desk: Desk) -> Storyboard:
    """Print the storyboard of a whole trailer."""
    prints: list[Print] = []
    for number, tile in enumerate(order.tiles):
        desk.tick(0.7 * number / len(order.tiles))
        prints.append(_print(tile, order, desk))
    pages = desk.folder / "storyboard.pdf"
    booklet.write(pages, order, [print_.jpeg for print_ in prints], lambda share: desk.tick(0.7 + 0.2 * share))
    sheet = desk.folder / "contact-sheet.jpg"
    contact_sheet.write(sheet, order, [print_.small for print_ in prints])
    product = Storyboard(
        pages=desk.keep(pages, "storyboard.pdf", "application/pdf"),
        contact_sheet=desk.keep(sheet, "contact-sheet.jpg", "image/jpeg"),
    )
    desk.tick(1.0)
    return product


def _print(tile: BoardTile, order: StoryboardOrder, desk: Desk) -> Print:
    if tile.picture is None:
        return Print(b"", None)
    picture = cv2.imread(str(desk.open(tile.picture)), cv2.IMREAD_COLOR)
    assert picture is not None, f"the picture of panel {tile.number} cannot be read"
    width = min(_PRINT_WIDTH, picture.shape[1])
    large = resized(picture.astype(np.uint8, copy=False), width, order.frame.height * width / order.frame.width)
    return Print(jpeg_of(large), resized(large, *contact_sheet.tile_size(order.frame)))


def resized(picture: Pixels, width: float, height: float) -> Pixels:
    """Return a picture at another size."""
    size = (max(round(width), 1), max(round(height), 1))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def jpeg_of(picture: Pixels) -> bytes:
    """Return a picture as JPEG."""
    done, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done, "the picture cannot be encoded"
    return data.tobytes()
