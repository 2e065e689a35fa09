"""Palettes: four colours for a place from far to near and the colour of its light, from kind, mood and seed.

Called by `settings`. The base of each kind is chosen by hand; mood warms or cools it, the seed shifts its hue, light
and strength, so that two kitchens are kin but not twins.
"""

import colorsys

Palette = tuple[str, str, str, str]

BASES: dict[str, tuple[str, str, str, str, str]] = {
    "room": ("#8a7a68", "#6f5f50", "#4e4238", "#2b2420", "#ffd9a0"),
    "kitchen": ("#a8a188", "#7f8570", "#5a5a4a", "#2c2b26", "#ffe3a8"),
    "bedroom": ("#77708c", "#5c5573", "#403b55", "#231f30", "#f7c6a0"),
    "office": ("#8a949c", "#67727b", "#474f57", "#25292e", "#dfeaf0"),
    "bar": ("#7a4a35", "#5c3427", "#3c211b", "#20110f", "#ffb25e"),
    "corridor": ("#76807c", "#596360", "#3d4543", "#1e2322", "#d8f0dc"),
    "hall": ("#8d7f72", "#6b5f57", "#494140", "#252123", "#ffdfae"),
    "car": ("#6f8291", "#4c5a66", "#2f3840", "#171b20", "#ffe0b0"),
    "train": ("#7d8a86", "#56635f", "#363f3e", "#191e1f", "#ffeab8"),
    "street": ("#9aa5ad", "#6f7a83", "#4b545d", "#24292f", "#ffd08a"),
    "city": ("#a3aab5", "#757f90", "#4c5568", "#22283a", "#ffcf8c"),
    "rooftop": ("#93a0b8", "#66738c", "#434d62", "#1f2534", "#ffc98f"),
    "house": ("#a9b0a6", "#7f7f6e", "#57534a", "#2a2826", "#ffdb9b"),
    "forest": ("#9fb09a", "#66806a", "#3c5544", "#18261f", "#eaf2c0"),
    "field": ("#c2b98f", "#9a9763", "#6a6c45", "#2f3322", "#fff0b5"),
    "mountain": ("#a9b6c4", "#7b8a9c", "#525f70", "#262e3a", "#fbe6c8"),
    "sea": ("#9db8c2", "#5f8797", "#355a6b", "#142a36", "#f2efd0"),
    "beach": ("#b9c6c4", "#8fa5a6", "#8d8468", "#3f3a30", "#fff0c8"),
    "desert": ("#e0c79b", "#c79a63", "#96663f", "#452c20", "#fff0c0"),
    "garden": ("#b3c0a0", "#7f9a70", "#516f4c", "#223322", "#fff3c2"),
    "church": ("#8c8494", "#676075", "#453f53", "#211d2b", "#ffdca0"),
    "hospital": ("#b9c7c6", "#8fa3a3", "#647777", "#2d3839", "#effaf5"),
    "prison": ("#7c817d", "#5a5f5c", "#3c403f", "#1b1e1e", "#e8f0c8"),
    "court": ("#8f7557", "#6b543c", "#483727", "#241a13", "#ffe2ac"),
    "school": ("#b3a987", "#86805f", "#5c5742", "#2b2920", "#fff0c4"),
    "ship": ("#8ea3ab", "#5c7079", "#3b4a52", "#182228", "#ffe0a6"),
    "space": ("#2a3358", "#1c2340", "#12172c", "#080b16", "#bcd4ff"),
    "castle": ("#8b8f9c", "#646877", "#444755", "#1f212b", "#ffcf8e"),
    "cave": ("#5a564f", "#413e3a", "#2b2927", "#131212", "#ffc27a"),
    "bridge": ("#a0abb5", "#707c88", "#4a545f", "#21272f", "#ffd7a0"),
    "bathroom": ("#b4c4c2", "#8aa09f", "#5d7172", "#2a3537", "#f4fbf2"),
    "library": ("#8c7355", "#6b5238", "#463423", "#22190f", "#ffd99a"),
    "laboratory": ("#a4b8bd", "#758f98", "#4a616b", "#1f2d34", "#e2fbff"),
    "control": ("#56707f", "#3c5362", "#273945", "#111b22", "#aee6ff"),
    "studio": ("#6a6478", "#4a4558", "#312d3d", "#15131b", "#ffe6bd"),
    "police": ("#8b938f", "#67706e", "#464d4e", "#202527", "#fff0c2"),
    "restaurant": ("#8e5f47", "#6b4433", "#482c23", "#221410", "#ffc37a"),
    "shop": ("#b0b09a", "#838a76", "#585f52", "#272b25", "#fff3cf"),
    "market": ("#c2a884", "#957a58", "#66523b", "#2e2419", "#ffdf9e"),
    "lobby": ("#a38c6d", "#7c674d", "#544534", "#271f17", "#ffdda0"),
    "stairs": ("#8f8c86", "#6b6863", "#484644", "#201f1f", "#ffe4b4"),
    "lift": ("#9aa3a6", "#727b7f", "#4b5356", "#1e2325", "#f2f6e6"),
    "cellar": ("#6b6253", "#4d463b", "#332e27", "#161411", "#ffc784"),
    "attic": ("#86715a", "#665440", "#46392b", "#201a13", "#ffdca6"),
    "tunnel": ("#6c7268", "#4d524b", "#333732", "#161816", "#ffd68c"),
    "belfry": ("#7f8794", "#5d6574", "#3f4654", "#1b1f28", "#ffd79a"),
    "theatre": ("#7d4d44", "#5c342f", "#3e2221", "#1b0e0f", "#ffd28a"),
    "museum": ("#a7a196", "#807a70", "#56524b", "#252320", "#fff0cf"),
    "gym": ("#b59a70", "#8a7350", "#5c4d37", "#28221a", "#fbf5da"),
    "palace": ("#a0876a", "#7a6149", "#523f31", "#261c17", "#ffdc92"),
    "bus": ("#8c9aa0", "#64737a", "#414d53", "#1b2226", "#fff0c0"),
    "station": ("#8f9590", "#696f6c", "#474c4b", "#1e2222", "#ffe2a4"),
    "plane": ("#b2bac4", "#838d9b", "#57606e", "#232934", "#fff2d4"),
    "airport": ("#a9b5bf", "#7a8895", "#505c68", "#20272f", "#f4f7ff"),
    "gas": ("#a7a09a", "#7b736d", "#524b48", "#242020", "#ffefc0"),
    "motel": ("#a98f86", "#7f665f", "#564440", "#261d1c", "#ffcb8a"),
    "parking": ("#8d948f", "#666d69", "#454a48", "#1d2020", "#f0f6d8"),
    "garage": ("#8b8275", "#665f54", "#464038", "#1f1c18", "#ffe0a6"),
    "factory": ("#8f8a7c", "#69655a", "#47443d", "#1f1e1b", "#ffe3a8"),
    "alley": ("#7f858a", "#595f66", "#3b4046", "#191c21", "#ffc67c"),
    "farm": ("#c3b48a", "#99905f", "#6a6543", "#302c1f", "#fff0b8"),
    "cemetery": ("#a3aea6", "#748177", "#4c584f", "#1f2723", "#e9f0cf"),
    "underwater": ("#6fa3ad", "#3f7583", "#234f5d", "#0c232d", "#d8fff4"),
    "dock": ("#9fb0b6", "#6d8189", "#47585f", "#1c272c", "#ffe2ab"),
    "park": ("#b6c29f", "#82986f", "#54694b", "#243122", "#fff2c4"),
    "stadium": ("#9fb098", "#718a6a", "#4b6347", "#1f2b1f", "#fbfbe8"),
    "temple": ("#a38766", "#7c6047", "#553d2f", "#281b15", "#ffca7a"),
    "barracks": ("#9a9a80", "#72735c", "#4d4e3f", "#22231c", "#fff0c0"),
    "tent": ("#b09a6c", "#87744e", "#5a4d35", "#272117", "#ffd692"),
    "dam": ("#a3b1b6", "#76868c", "#4d5a60", "#20282c", "#ffdfa8"),
    "void": ("#2a2a30", "#1d1d22", "#131317", "#08080a", "#ffffff"),
}


def mix(kind: str, valence: float, seed: int) -> tuple[Palette, str]:
    """Return the palette and light of a place; `valence` runs from -1 (dark) to 1 (bright)."""
    *colours, light = BASES[kind]
    shift = ((seed % 997) / 997 - 0.5) * 0.1
    paler = ((seed % 89) / 89 - 0.5) * 0.2
    stronger = ((seed % 61) / 61) * 0.7
    warmth = 0.06 * valence
    mixed = [_tint(colour, shift, warmth + paler, stronger) for colour in colours]
    return (mixed[0], mixed[1], mixed[2], mixed[3]), _tint(light, shift / 4, warmth / 2)


def _tint(colour: str, shift: float, warmth: float, stronger: float = 0.0) -> str:
    """Turn the hue by `shift` (of a full turn), move lightness and saturation with `warmth`, then make it stronger."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    hue, lightness, saturation = colorsys.rgb_to_hls(red, green, blue)
    lightness = min(0.97, max(0.02, lightness * (1 + warmth)))
    saturation = min(1.0, max(0.0, saturation * (1 + 1.5 * warmth) * (1 + stronger)))
    turned = colorsys.hls_to_rgb((hue + shift) % 1.0, lightness, saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in turned)
