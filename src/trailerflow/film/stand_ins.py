"""Stand-ins: what takes a picture's or clip's place when its maker failed or a person skipped it.

Called by render workers. First the local crew's own work; where even that breaks, a slate: letters in the dark that
say what would be seen. Must never fail for what an order holds, and never swallows the office's call to stop.
"""

import logging
from pathlib import Path

import cv2
import numpy as np

from trailerflow.film import blemishes, clips, encoding, fitting, lettering, motion, panels, prints, seeds
from trailerflow.film.crew import CardOrder, Clip, ClipOrder, Desk, Panel, PanelOrder
from trailerflow.film.drawing import Pixels
from trailerflow.film.plan import Card, Frame, Shot

log = logging.getLogger(__name__)

LONGEST = 110
"""Letters of the action or line on a slate."""
GENRE = "drama"
GROUND = (26, 22, 18)  # BGR
GLOW = (66, 74, 78)


def draw(order: PanelOrder, desk: Desk) -> Panel:
    """Draw one shot, or set its slate."""
    try:
        return panels.draw(order, desk)
    except Exception:
        log.exception("the panel of shot %s cannot be drawn; a slate stands in", order.shot.id)
    path = desk.folder / "slate.png"
    path.write_bytes(_png(slate(order.shot, order.frame, order.genre)))
    return Panel(image=desk.keep(path, f"image-{order.shot.id}.png", "image/png"), drawing=None)


def animate(order: ClipOrder, desk: Desk) -> Clip:
    """Move one panel, or hold its picture; where the picture is lost, black or empty, its slate."""
    try:
        return clips.animate(order, desk)
    except Exception:
        log.exception("the panel of shot %s cannot be moved; its picture is held", order.shot.id)
    try:
        held = _held(_picture(order, desk), order, desk)
        is_fit = blemishes.of_clip(held, order) is None
    except Exception:
        log.exception("the picture of shot %s cannot be held; a slate stands in", order.shot.id)
        is_fit = False
    if not is_fit:
        held = _held(slate(order.shot, order.frame), order, desk)
    return Clip(video=desk.keep(held, f"clip-{order.shot.id}.mp4", "video/mp4"), frames=order.frames)


def slate(shot: Shot, frame: Frame, genre: str = GENRE) -> Pixels:
    """Return a picture that says a shot in words."""
    try:
        return prints.flat(lettering.compose(_card(shot, frame, genre), _seed(shot)), frame)
    except Exception:
        log.exception("the words of shot %s cannot be set; its slate has none", shot.id)
        return _ground(frame)


def _card(shot: Shot, frame: Frame, genre: str) -> CardOrder:
    """Order a card: what happens or is said, below it which shot of which scene."""
    told = f"{shot.line.character}: “{shot.line.text}”" if shot.line else shot.action
    where = f"{shot.id} · {shot.size.replace('_', ' ')}"
    card = Card(
        id="slate",
        kind="tag",
        text=_words(told) or _words(shot.heading) or where,
        subtitle=" · ".join(part for part in (_words(where), _words(shot.heading)) if part),
    )
    return CardOrder(card=card, genre=genre, frame=frame, frames=1, keyframes=(), fade_in=0, fade_out=0)


def _words(text: str) -> str:
    """Return a text as an SVG may hold it, cut after a whole word."""
    clean = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    if len(clean) <= LONGEST:
        return clean
    return f"{clean[:LONGEST].rsplit(' ', 1)[0]} …"


def _ground(frame: Frame) -> Pixels:
    """Return a dark with a glow in it: not black, which the delivery check would refuse."""
    across, down = np.linspace(-1, 1, frame.width), np.linspace(-1, 1, frame.height)[:, None]
    light = np.clip(1 - np.hypot(across, down), 0, 1)[:, :, None]
    return np.asarray(np.array(GROUND) + light * (np.array(GLOW) - np.array(GROUND)), np.uint8)


def _picture(order: ClipOrder, desk: Desk) -> Pixels:
    painted = cv2.imread(str(desk.open(order.panel.image)), cv2.IMREAD_COLOR)
    assert painted is not None, f"the picture of shot {order.shot.id} cannot be read"
    return painted.astype(np.uint8, copy=False)


def _held(picture: Pixels, order: ClipOrder, desk: Desk) -> Path:
    """Hold a picture for the order's frames; it comes slowly nearer, as a frozen one would be refused."""
    stage = clips.Stage.of_painting(fitting.covered(picture, order.frame), order.frame)
    seed = _seed(order.shot)
    path = motion.Path(move="push", frames=order.frames, reach=1.0, seed=seed)
    grain = prints.grain(order.frame, seed)
    target = desk.folder / "stand-in.mp4"
    with encoding.VideoWriter(target, order.frame, order.keyframes) as video:
        for frame in range(order.frames):
            gain = motion.fade(frame, order.frames, order.fade_in, order.fade_out)
            shown = stage.shoot(path.at(frame), frame, path.share(frame))
            video.write(prints.printed(shown, grain, frame, gain))
            desk.tick((frame + 1) / order.frames)
    return target


def _seed(shot: Shot) -> int:
    """Return a seed of the slate's own: the shot's may be what broke its picture."""
    return seeds.number("stand-in", shot.id)


def _png(picture: Pixels) -> bytes:
    done, data = cv2.imencode(".png", picture, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    assert done, "the PNG encoder refused a slate"
    return data.tobytes()
