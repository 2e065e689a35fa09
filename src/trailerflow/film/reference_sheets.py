"""The reference sheets: `character-sheets.jpg` and `setting-sheets.jpg`, as an art department hangs them on the wall.

Called by the local provider on a render worker, at the end of the first phase. Characters stand on a plain ground, all
on one scale; places are empty, at their own hours. Must never show anybody or any place the order does not name.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from trailerflow.film import colours, contact_sheet, figures, light, panels, poses, prints, shapes, weather
from trailerflow.film.casting import Look
from trailerflow.film.contact_sheet import DIM, GAP, GROUND, HEAD, INK, SHAPE, text
from trailerflow.film.crew import CharacterSheet, Desk, PanelOrder, SettingSheet, Sheets, SheetsOrder, View
from trailerflow.film.cutouts import Sitting
from trailerflow.film.drawing import Pixels
from trailerflow.film.plan import Frame, Shot, frame_of
from trailerflow.film.poses import Angles
from trailerflow.film.record import File
from trailerflow.film.settings import Setting
from trailerflow.film.shapes import Brush

CARD, CAPTION = (480, 300), 62
PAPER, FLOOR, WINDOW = "#b4b1aa", "#9f9c95", "#c6c3bc"
FEET, UNIT = 274, 1.98
"""Where everybody stands on a card, and how many pixels a hundredth of a usual person is."""
NEUTRAL = poses.STANDING[0]
STANDS = ((64, NEUTRAL, False), (160, poses.POSES["turn_away"], True), (252, poses.stance("walk", 0), True))
"""The full figures from left to right: where, how, and whether mirrored. The second is seen from behind."""
PORTRAIT = (326, 14, 140, 186)
SWATCH = (326, 212, 140, 48)
FACE = 5.0
CHIPS, SLOTS = 5, 3
NARROW_LETTER, WIDE_LETTER = 0.48, 1.0
TILE = 180
NAMED = ("bald", "bun", "ponytail")
FALLING = ("rain", "storm", "snow")
PLAIN_PAGE = (960, 220)
ONE_ROW = 3


@dataclass(frozen=True, slots=True)
class Card:
    """One entry of a sheet: what is drawn, the pictures pasted over it and where, and all words on it."""

    marks: str
    words: str
    pictures: tuple[tuple[int, int, Pixels], ...] = ()


def draw(order: SheetsOrder, desk: Desk) -> Sheets:
    """Draw both sheets."""
    brush = Brush()
    people = [_character(one, brush) for one in order.characters]
    size = (CARD[0], CARD[1] + CAPTION)
    kept = [_keep("character-sheets.jpg", _sheet(order.title, "Characters", people, size, brush.defs), desk)]
    tile = contact_sheet.tile_size(frame_of(order.aspect, TILE))
    places = []
    for number, one in enumerate(order.settings):
        desk.tick(0.2 + 0.7 * number / len(order.settings))
        places.append(_setting(one, order.genre, tile))
    size = (tile[0], tile[1] + GAP // 2 + _small(tile)[1] + CAPTION)
    kept.append(_keep("setting-sheets.jpg", _sheet(order.title, "Settings", places, size), desk))
    desk.tick(1.0)
    return Sheets(characters=kept[0], settings=kept[1])


def _keep(name: str, sheet: Pixels, desk: Desk) -> File:
    path = desk.folder / name
    contact_sheet.save(path, sheet)
    return desk.keep(path, name, "image/jpeg")


def _sheet(title: str, kind: str, cards: Sequence[Card], card: tuple[int, int], defs: Sequence[str] = ()) -> Pixels:
    """Return a page of cards under the film's title; one that says so when there are none."""
    rows = _rows(len(cards), card)
    across = -(-len(cards) // rows)
    size = (GAP + across * (card[0] + GAP), HEAD + rows * (card[1] + GAP) + GAP) if cards else PLAIN_PAGE
    size = (max(size[0], PLAIN_PAGE[0]), size[1])
    places = [
        (GAP + number % across * (card[0] + GAP), HEAD + number // across * (card[1] + GAP))
        for number in range(len(cards))
    ]
    note = f"{kind} · {len(cards)}"
    marks = [
        shapes.paint(shapes.rect(0, 0, *size), GROUND),
        text(GAP, 52, title.upper(), _fitted(title.upper(), size[0] - 320, 34), INK),
        text(size[0] - GAP, 52, note, 18, DIM, anchor="end"),
        *(shapes.shifted(*place, one.marks) for place, one in zip(places, cards, strict=True)),
    ]
    if not cards:
        marks.append(text(GAP, 130, "There are none in this film.", 22, DIM))
    sheet = contact_sheet.page(size, marks, title + "".join(one.words for one in cards), defs)
    for (x, y), one in zip(places, cards, strict=True):
        for left, top, picture in one.pictures:
            height, width = picture.shape[:2]
            sheet[y + top : y + top + height, x + left : x + left + width] = picture
    return sheet


def _rows(count: int, card: tuple[int, int]) -> int:
    """Return how many rows make a page of about its usual shape, with few places left empty."""
    across = math.ceil(math.sqrt(count * SHAPE * card[1] / card[0])) if count > ONE_ROW else count
    return -(-count // max(across, 1)) or 1


def _character(sheet: CharacterSheet, brush: Brush) -> Card:
    """Return a character: full figures on one ground, the head in profile, the signature colour, name and role."""
    look = sheet.look
    width, height = CARD
    x, y, wide, high = SWATCH
    marks = [
        shapes.paint(shapes.rect(0, 0, width, height), PAPER),
        shapes.paint(shapes.rect(0, FEET - 10, width, height - FEET + 10), FLOOR),
        *(
            shapes.shifted(at, FEET, _figure(look, stance, 0.55, brush), scale=UNIT * look.height, mirrored=mirrored)
            for at, stance, mirrored in STANDS
        ),
        _portrait(sheet, brush),
        shapes.paint(shapes.rect(x, y, wide, high), look.colour),
        shapes.stroke(shapes.rect(x, y, wide, high), colours.shade(look.colour, light=0.7), 1.5),
        text(0, height + 28, sheet.name, _fitted(sheet.name, width - 110, 24), INK),
        text(width, height + 28, sheet.role, 16, DIM, anchor="end"),
        text(0, height + 50, _described(look), 15, DIM),
        text(width, height + 50, look.colour, 15, DIM, anchor="end"),
    ]
    return Card("".join(marks), sheet.name)


def _figure(look: Look, stance: Angles, detail: float, brush: Brush) -> str:
    """Return somebody in body units, in the plain light of a sheet."""
    sitting = Sitting(stance, 1.0, detail, turned=stance == poses.POSES["turn_away"], strain=0.2)
    return "".join(part.marks for part in figures.draw(look, sitting, light.PLAIN, brush) if not part.cue)


def _portrait(sheet: CharacterSheet, brush: Brush) -> str:
    """Return the head in profile, cut at the shoulders."""
    x, y, width, height = PORTRAIT
    tall = figures.head_height(sheet.look, NEUTRAL) / sheet.look.height
    window = shapes.rect(x, y, width, height)
    clip = brush.clip(shapes.paint(window, "#000000"))
    bust = shapes.shifted(
        x + width / 2 - figures.head_place(NEUTRAL) * FACE,
        y + height * 0.46 + tall * FACE,
        _figure(sheet.look, NEUTRAL, 0.9, brush),
        scale=FACE,
    )
    return shapes.paint(window, WINDOW) + f"<g {clip}>{bust}</g>"


def _described(look: Look) -> str:
    """Return build, hair and clothes in words."""
    parts = [look.build, look.hair if look.hair in NAMED else f"{look.hair} hair"]
    if look.hat != "none":
        parts.append({"brim": "brimmed hat", "top": "top hat"}.get(look.hat, look.hat))
    if look.coat != "none":
        parts.append("long coat" if look.coat == "long" else look.coat)
    parts.append("hood down" if look.signature == "cowl" else look.signature)
    return " · ".join(parts)


def _setting(sheet: SettingSheet, genre: str, tile: tuple[int, int]) -> Card:
    """Return a place: empty as it is first seen, its palette from far to near and its light, its other hours."""
    first, *others = sheet.views
    small = _small(tile)
    top = tile[1] + GAP // 2
    step = small[0] + GAP // 2
    pictures = [(0, 0, _seen(sheet, first, genre, tile))]
    left = tile[0] - len(others) * step + GAP // 2 if others else tile[0]
    for number, view in enumerate(others):
        pictures.append((left + number * step, top, _seen(sheet, view, genre, small)))
    room = (left - GAP // 2 if others else tile[0]) / CHIPS
    chips = (*sheet.look.palette, sheet.look.light)
    base = top + small[1]
    insides = {view.interior: "INT" if view.interior else "EXT" for view in sheet.views}
    hours = " · ".join(dict.fromkeys(_hour(view) for view in sheet.views))
    marks = [
        *(shapes.paint(shapes.rect(number * room, top, room, small[1]), colour) for number, colour in enumerate(chips)),
        text(0, base + 28, sheet.name, _fitted(sheet.name, tile[0] - 60, 20), INK),
        text(tile[0], base + 28, " / ".join(insides.values()), 15, DIM, anchor="end"),
        text(0, base + 50, hours, 15, DIM),
        text(tile[0], base + 50, sheet.look.kind, 15, DIM, anchor="end"),
    ]
    return Card("".join(marks), sheet.name, tuple(pictures))


def _small(tile: tuple[int, int]) -> tuple[int, int]:
    """Return the size of the picture of a further hour."""
    width = (tile[0] - (SLOTS - 1) * (GAP // 2)) // SLOTS
    return (width, round(width * tile[1] / tile[0]))


def _hour(view: View) -> str:
    return view.time_of_day if view.weather == "clear" else f"{view.time_of_day}, {view.weather}"


def _seen(sheet: SettingSheet, view: View, genre: str, size: tuple[int, int]) -> Pixels:
    """Return a place without people, as wide as it is seen."""
    frame = Frame(width=size[0], height=size[1])
    setting = Setting(name=sheet.name, interior=view.interior, scenes=(), look=sheet.look)
    shot = Shot(
        id="",
        scene=0,
        heading="",
        act="introduction",
        size="wide",
        angle="eye",
        move="still",
        setting=sheet.name,
        interior=view.interior,
        time_of_day=view.time_of_day,
        weather=view.weather,
        figures=(),
        props=(),
        action="",
        line=None,
        intensity=0.0,
        seed=sheet.look.seed,
    )
    order = PanelOrder(shot=shot, looks=(), setting=setting, frame=frame, genre=genre)
    picture = prints.flat(panels.compose(order), frame)
    if view.weather in FALLING and not view.interior:
        for field in weather.fields(shot, frame):
            field.add(picture, 0)
    return picture


def _fitted(words: str, room: float, largest: float) -> float:
    """Return the size at which words fill no more than their room."""
    units = sum(WIDE_LETTER if unicodedata.east_asian_width(letter) in "WF" else NARROW_LETTER for letter in words)
    return min(largest, room / max(units, 1.0))
