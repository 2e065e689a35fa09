"""Lettering: cards of letters that move slowly in a dark that is never quite black.

Called by the local animator for all cards of the plan (`cards` says their words). Sets any script, breaks long
titles into balanced lines and scales them to the frame.
"""

import math
import unicodedata
from html import escape
from random import Random

import cv2

from trailerflow.film import clips, colours, drawing, encoding, fonts, motion, prints, seeds, shapes, weather
from trailerflow.film.crew import CardOrder, Cards, CardsOrder, Clip, Desk
from trailerflow.film.drawing import Drawing, Layer
from trailerflow.film.plan import Card
from trailerflow.film.shapes import Brush

TONES: dict[str, tuple[str, str, str]] = {
    # the dark, the light in it, the letters
    "drama": ("#0c1016", "#5a5346", "#f2ead8"),
    "thriller": ("#060d12", "#1f5563", "#e6f1f2"),
    "comedy": ("#17101c", "#a8623a", "#fff3d8"),
    "horror": ("#090a09", "#5a1f1a", "#eae4d6"),
    "adventure": ("#0d1018", "#9a6227", "#ffefcf"),
    "romance": ("#140c14", "#8d4658", "#fdeae2"),
}
GREEK_ACCENT = "\u0301"  # not written on capitals
FACES: dict[str, tuple[int, float, float, int]] = {
    # weight, letter-spacing in shares of the size, largest size, most letters on a line
    "title": (600, 0.16, 190.0, 16),
    "tag": (300, 0.14, 96.0, 24),
    "end": (400, 0.18, 84.0, 26),
}


def letter(order: CardsOrder, desk: Desk) -> Cards:
    """Set all cards; returns one clip for each, in the order given."""
    total = sum(card.frames for card in order.cards)
    made: list[Clip] = []
    done = 0
    for card in order.cards:
        made.append(_set(card, desk, done, total))
        done += card.frames
    return Cards(clips=tuple(made))


def _set(order: CardOrder, desk: Desk, done: int, total: int) -> Clip:
    seed = seeds.number("card", order.card.id, order.card.text)
    stage = clips.Stage.of_drawing(compose(order, seed), order.frame)
    path = motion.Path(move="push", frames=order.frames, reach=0.7, seed=seed)
    grain, field = prints.grain(order.frame, seed), weather.motes(order.frame, seed)
    target = desk.folder / f"card-{order.card.id}.mp4"
    with encoding.VideoWriter(target, order.frame, order.keyframes) as video:
        for frame in range(order.frames):
            picture = stage.shoot(path.at(frame), frame, path.share(frame))
            field.add(picture, frame)
            gain = motion.fade(frame, order.frames, order.fade_in, order.fade_out)
            video.write(prints.printed(picture, grain, frame, gain))
            desk.tick((done + frame + 1) / total)
    return Clip(video=desk.keep(target, f"card-{order.card.id}.mp4", "video/mp4"), frames=order.frames)


def compose(order: CardOrder, seed: int) -> Drawing:
    """Return a card's layers: the dark, drifting light, the letters and their glow."""
    width = drawing.HEIGHT * order.frame.width / order.frame.height
    dark, light, bright = TONES.get(order.genre, TONES["drama"])
    brush = Brush()
    ground = _ground(width, (dark, light), brush)
    veils = _veils(width, light, brush, seed)
    text = _letters(order.card, width)
    middle = (width / 2, drawing.HEIGHT / 2)
    layers = (
        Layer(0.0, "camera", ground),
        Layer(0.5, "haze", veils, blur=12.0),
        Layer(
            0.8,
            "letters",
            f'<g fill="{colours.mix(light, bright, 0.4)}" opacity="0.6">{text}</g>',
            blur=14.0,
            anchor=middle,
        ),
        Layer(0.8, "letters", f'<g fill="{bright}">{text}</g>', anchor=middle),
    )
    return Drawing(
        width=width, defs="".join(brush.defs), layers=layers, fonts=fonts.files(order.card.text + order.card.subtitle)
    )


def _ground(width: float, tones: tuple[str, str], brush: Brush) -> str:
    dark, light = tones
    spot = colours.mix(dark, light, 0.62)
    fill = brush.radial(
        (0, 0),
        1,
        (0, spot, 1),
        (0.35, colours.mix(dark, spot, 0.7), 1),
        (0.75, colours.mix(dark, spot, 0.2), 1),
        (1, dark, 1),
    )
    disc = shapes.paint("M-3 -3H3V3H-3Z", fill)
    return f'<g transform="translate({width / 2:.1f} 560) scale({width * 0.62:.1f} 640)">{disc}</g>'


def _veils(width: float, light: str, brush: Brush, seed: int) -> str:
    chance = Random(seed)
    return "".join(
        brush.glow(
            chance.uniform(0, width),
            chance.uniform(250, 900),
            width * chance.uniform(0.18, 0.34),
            light,
            0.35,
            squash=chance.uniform(0.25, 0.5),
        )
        for _ in range(6)
    )


def _letters(card: Card, width: float) -> str:
    """Return the text in the middle of the frame, as large as its face may be and the frame allows."""
    weight, tracking, largest, most = FACES[card.kind]
    lines = broken(_capitals(card.text), max(6, round(most * min(1.0, width / 1500))))
    spacing = tracking if fonts.may_be_spaced(card.text) else 0.0
    size = _size(lines, (weight, spacing), (width * 0.8, 520.0), largest)
    leading = size * 1.32
    top = 500 - leading * (len(lines) - 1) / 2 + size * 0.36 - (size * 0.3 if card.subtitle else 0)
    marks = [_text(line, width / 2, top + leading * place, size, (weight, spacing)) for place, line in enumerate(lines)]
    if card.subtitle:
        marks += _subtitle(card.subtitle, width, top + leading * (len(lines) - 1) + size * 0.42)
    return "".join(marks)


def _subtitle(text: str, width: float, y: float) -> list[str]:
    spacing = 0.3 if fonts.may_be_spaced(text) else 0.0
    size = _size([text], (300, spacing), (width * 0.7, 60.0), 40.0)
    rule = shapes.paint(shapes.rect(width / 2 - 46, y, 92, 2.4), "")
    return [rule, _text(_capitals(text), width / 2, y + 34 + size, size, (300, spacing))]


def _text(line: str, x: float, y: float, size: float, face: tuple[int, float]) -> str:
    weight, spacing = face
    gap = size * spacing
    return (
        f'<text x="{x + gap / 2:.1f}" y="{y:.1f}" text-anchor="middle"'
        f' font-family="{fonts.FAMILY}" font-weight="{weight}"'
        f' font-size="{size:.2f}" letter-spacing="{gap:.2f}" xml:space="preserve">{escape(line)}</text>'
    )


def _size(lines: list[str], face: tuple[int, float], room: tuple[float, float], largest: float) -> float:
    """Measure the lines as drawn, small, and return the size at which they fill the room."""
    sample, longest = 20.0, 0
    needed = fonts.files("".join(lines))
    for line in lines:
        wide = round(sample * 1.9 * (len(line) + 2))
        root = f'<svg xmlns="{drawing.SVG}" viewBox="0 0 {wide} 40" width="{wide}" height="40">'
        document = f"{root}{_text(line, wide / 2, 28, sample, face)}</svg>"
        longest = max(longest, cv2.boundingRect(cv2.extractChannel(drawing.rasterised(document, needed), 3))[2])
    across = room[0] * sample / max(longest, 1)
    return min(largest, across, room[1] / (1.32 * len(lines)))


def broken(text: str, most: int) -> list[str]:
    """Break a text into balanced lines of about `most` letters; words stay whole where there are words."""
    east = fonts.is_east_asian(text)
    words = list(text) if east and " " not in text else text.split()
    glue = "" if east and " " not in text else " "
    count = max(1, math.ceil(len(text) / (most * (0.6 if east else 1.0))))
    aim = len(text) / count
    lines: list[str] = []
    line = ""
    for word in words:
        longer = f"{line}{glue}{word}" if line else word
        if line and len(lines) < count - 1 and len(longer) - aim > aim - len(line):
            lines.append(line)
            line = word
        else:
            line = longer
    return [*lines, line] if line else lines or [""]


def _capitals(text: str) -> str:
    """Letters as a title has them; a script without capitals stays as it is."""
    bare = (
        "".join(mark for mark in unicodedata.normalize("NFD", text) if mark != GREEK_ACCENT)
        if "GREEK" in fonts.scripts(text)
        else text
    )
    return " ".join(unicodedata.normalize("NFC", bare).upper().split())
