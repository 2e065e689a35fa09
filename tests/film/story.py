"""A small made-up plan for the tests of sound and assembly."""

from trailerflow.film.plan import FPS, Act, Card, Cut, Line, Plan, Shot


def shot(name: str, act: Act = "introduction", *, text: str = "", character: str = "ANNA") -> Shot:
    """Return a shot; with `text` somebody speaks."""
    return Shot(
        id=name,
        scene=0,
        heading="EXT. LIGHTHOUSE - NIGHT",
        act=act,
        size="wide",
        angle="eye",
        move="push",
        setting="LIGHTHOUSE",
        interior=False,
        time_of_day="night",
        weather="storm",
        figures=(),
        props=(),
        action="The door slams.",
        line=Line(id=f"line-{name}", character=character, text=text, element=0) if text else None,
        intensity=0.5,
        seed=1,
    )


def plan_of(
    shots: tuple[tuple[Shot, int], ...], *, dissolves: dict[int, int] | None = None, title_frames: int = 0
) -> Plan:
    """Return a plan that shows each shot for so many frames, and a title card after them; a multiple of 24 in all."""
    cuts: list[Cut] = []
    start = 0
    for number, (one, frames) in enumerate(shots):
        dissolve = (dissolves or {}).get(number, 0)
        cuts.append(Cut(kind="shot", id=one.id, act=one.act, start=start, frames=frames, dissolve=dissolve))
        start += frames
    cards: tuple[Card, ...] = ()
    if title_frames:
        cards = (Card(id="title", kind="title", text="THE KEEPER", subtitle=""),)
        cuts.append(Cut(kind="card", id="title", act="title", start=start, frames=title_frames))
        start += title_frames
    return Plan(
        title="The Keeper",
        seconds=start // FPS,
        frames=start,
        aspect="16:9",
        genre="thriller",
        seed=3,
        choices=(),
        shots=tuple(one for one, _ in shots),
        cards=cards,
        cuts=tuple(cuts),
    )
