"""Light: the colour script of one shot, from the place's palette, the hour, the weather and the genre.

Called by `panels` before anything is drawn. Far is pale and hazy, near is dark: every plane takes its colour from
`Light.tone`, so a place keeps its own hue at every hour.
"""

from dataclasses import dataclass

from trailerflow.film import colours
from trailerflow.film.analysis import TimeOfDay
from trailerflow.film.plan import Act, Shot
from trailerflow.film.settings import SettingLook


@dataclass(frozen=True, slots=True)
class Hour:
    """The sky from top to horizon, the light's colour, the darkest ink; `level` dims the place's palette."""

    top: str
    middle: str
    low: str
    sun: str
    ink: str
    level: float


HOURS: dict[TimeOfDay, Hour] = {
    "day": Hour("#3d7d9b", "#8fbcc0", "#f3e6c4", "#fff6dc", "#10202b", 1.0),
    "dusk": Hour("#2a2154", "#93406f", "#f79a5c", "#ffd79a", "#140b1f", 0.78),
    "night": Hour("#060c20", "#10294d", "#31678a", "#d6e8ff", "#03060f", 0.52),
    "dawn": Hour("#33497f", "#b583a3", "#fbcdab", "#fff2d6", "#141930", 0.9),
}
WEATHERS: dict[str, tuple[str, float, float]] = {
    # what the sky turns towards, how far, and how thick the haze is
    "clear": ("#808080", 0.0, 0.30),
    "rain": ("#5d6f7c", 0.55, 0.55),
    "storm": ("#39424f", 0.65, 0.55),
    "snow": ("#aab8c6", 0.5, 0.6),
    "fog": ("#a4afb2", 0.6, 0.95),
}
GENRES: dict[str, tuple[str, float, float]] = {
    # a tint, its share, and how strong colours stay
    "drama": ("#8a8478", 0.05, 0.95),
    "thriller": ("#2f5560", 0.12, 0.9),
    "comedy": ("#ffcf7a", 0.07, 1.12),
    "horror": ("#27413a", 0.16, 0.72),
    "adventure": ("#e9a13b", 0.05, 1.15),
    "romance": ("#e58a8a", 0.09, 1.06),
}
RICH = 1.18
INSIDE = 0.45
"""How much of the sky's colour reaches what stands in a room, where its own colours rule."""
ACTS: dict[Act, tuple[str, float, float]] = {
    # the arc of the trailer in colour: cold, warm, tense, burning, and after it
    "cold_open": ("#3d5f86", 0.11, 0.9),
    "introduction": ("#d8b27a", 0.06, 1.0),
    "escalation": ("#2c6468", 0.09, 1.04),
    "montage": ("#b0452c", 0.12, 1.16),
    "button": ("#6f7fa0", 0.1, 0.84),
}


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of one shot. `planes` runs from far to near, `haze` is how thick the air is (0..1)."""

    time_of_day: TimeOfDay
    interior: bool
    top: str
    middle: str
    low: str
    sun: str
    lamp: str
    ink: str
    planes: tuple[str, str, str, str, str]
    haze: float

    def tone(self, depth: float) -> str:
        """Return the colour of things at a depth: 0 the horizon, 1 the figures."""
        place = min(max(depth, 0.0), 1.0) * (len(self.planes) - 1)
        index = min(int(place), len(self.planes) - 2)
        return colours.mix(self.planes[index], self.planes[index + 1], place - index)

    @property
    def dark(self) -> bool:
        """Say whether it is so dark that lamps are lit."""
        return self.time_of_day in ("night", "dusk")

    @property
    def key(self) -> str:
        """Return the colour of the light that draws the rim of figures."""
        return self.lamp if self.interior and self.dark else self.sun


def of(shot: Shot, look: SettingLook, genre: str) -> Light:
    """Return the light of a shot."""
    hour = HOURS[shot.time_of_day]
    grade = _Grade.of(genre, shot.act)
    grey, share, haze = WEATHERS[shot.weather]
    veil = colours.shade(grey, light=0.45 + 0.55 * hour.level)
    share = share * (0.35 if shot.interior else 1.0)
    air = INSIDE if shot.interior else 1.0
    far, mid, near, front = (colours.shade(colour, light=0.4 + 0.6 * hour.level) for colour in look.palette)
    top = grade.of_colour(colours.mix(colours.mix(hour.top, mid, 0.22), veil, share))
    middle = grade.of_colour(colours.mix(colours.mix(hour.middle, far, 0.3), veil, share))
    low = grade.of_colour(colours.mix(colours.mix(hour.low, far, 0.25), veil, share * 0.85))
    ink = grade.of_colour(colours.mix(hour.ink, colours.at(front, 0.16), 0.45))
    planes = (
        colours.mix(low, middle, 0.35),
        grade.of_colour(colours.mix(colours.mix(far, hour.middle, 0.4 * air), middle, 0.35 * air)),
        grade.of_colour(colours.mix(colours.mix(mid, hour.top, 0.35 * air), veil, share * 0.5)),
        grade.of_colour(colours.mix(colours.mix(near, hour.top, 0.3 * air), ink, 0.3)),
        colours.mix(grade.of_colour(colours.mix(front, hour.ink, 0.5)), ink, 0.5),
    )
    sun = colours.mix(hour.sun, veil, share * 0.5)
    lamp = look.light if _is_colour(look.light) else "#ffd9a0"
    return Light(
        time_of_day=shot.time_of_day,
        interior=shot.interior,
        top=top,
        middle=middle,
        low=low,
        sun=sun,
        lamp=lamp,
        ink=ink,
        planes=planes,
        haze=haze * (0.6 if shot.interior else 1.0),
    )


@dataclass(frozen=True, slots=True)
class _Grade:
    """What the genre and then the act do to every colour: tints with their shares, and how strong colours stay."""

    tints: tuple[tuple[str, float], ...]
    chroma: float

    @classmethod
    def of(cls, genre: str, act: Act) -> "_Grade":
        tint, share, chroma = GENRES.get(genre, GENRES["drama"])
        late, more, strong = ACTS.get(act, (tint, 0.0, 1.0))
        return cls(((tint, share), (late, more)), RICH * chroma * strong)

    def of_colour(self, colour: str) -> str:
        """Return a colour as it is printed."""
        light = colours.lightness(colour)
        for tint, share in self.tints:
            colour = colours.mix(colour, colours.at(tint, light), share)
        return colours.shade(colour, chroma=self.chroma)


def _is_colour(text: str) -> bool:
    return len(text) == 7 and text[0] == "#" and all(letter in "0123456789abcdef" for letter in text[1:].lower())


PLAIN = Light(
    time_of_day="day",
    interior=False,
    top="#808080",
    middle="#a0a0a0",
    low="#c0c0c0",
    sun="#ffffff",
    lamp="#ffffff",
    ink="#101010",
    planes=("#c0c0c0", "#a0a0a0", "#808080", "#505050", "#202020"),
    haze=0.0,
)
"""The light of a reference sheet."""
