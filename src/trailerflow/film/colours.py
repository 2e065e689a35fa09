"""Colours: mixing, lightening and greying in OKLab, where equal steps look equal.

Called by `light`, the figures and the letters. Colours are `#rrggbb`.
"""

Lab = tuple[float, float, float]


def lab_of(colour: str) -> Lab:
    """Return a colour's lightness 0..1 and its two opponents."""
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def colour_of(lab: Lab) -> str:
    """Return the nearest colour a screen can show."""
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    parts = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * min(1.0, max(0.0, _gamma(part)))):02x}" for part in parts)


def mix(first: str, second: str, share: float) -> str:
    """Return a colour between two: 0 is the first, 1 the second."""
    one, two = lab_of(first), lab_of(second)
    return colour_of(
        (_between(one[0], two[0], share), _between(one[1], two[1], share), _between(one[2], two[2], share))
    )


def shade(colour: str, *, light: float = 1.0, chroma: float = 1.0) -> str:
    """Return a colour with its lightness and its strength multiplied."""
    lightness, a, b = lab_of(colour)
    return colour_of((min(1.0, lightness * light), a * chroma, b * chroma))


def lightness(colour: str) -> float:
    """Return how light a colour looks, 0..1."""
    return lab_of(colour)[0]


def at(colour: str, light: float) -> str:
    """Return a colour's hue at a given lightness, its strength shrinking as it gets dark."""
    old, a, b = lab_of(colour)
    keep = min(1.0, (light / max(old, 0.05)) ** 0.7)
    return colour_of((light, a * keep, b * keep))


def _between(first: float, second: float, share: float) -> float:
    return first + (second - first) * share


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)
