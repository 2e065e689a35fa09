import time

from trailerflow.film.wardrobe import COLOURS, LEAD_COLOURS, Wardrobe


def test_a_crowd_is_dressed_in_linear_time() -> None:
    wardrobe, begin = Wardrobe(), time.process_time()
    for number in range(800):
        wardrobe.dress(f"GUEST {number}", "An old man in a hat.", lead=number < 4)
    assert time.process_time() - begin < 5


def test_nobody_looks_like_somebody_else_while_there_is_a_choice() -> None:
    wardrobe = Wardrobe()
    looks = [wardrobe.dress(f"NAME {number}", "", lead=number < 4) for number in range(40)]
    seen = [(look["build"], look["hat"], look["coat"], look["hair"] if look["hat"] == "none" else "") for look in looks]
    assert len(set(seen)) == len(seen)
    assert all(
        sum(a != b for a, b in zip(one, other, strict=True)) >= 2
        for one in seen[:4]
        for other in seen[:4]
        if one != other
    )


def test_voices_lie_apart_while_there_is_room() -> None:
    wardrobe = Wardrobe()
    pitches = [wardrobe.dress(f"NAME {number}", "A man.", lead=False)["pitch"] for number in range(5)]
    assert min(abs(one - other) for at, one in enumerate(pitches) for other in pitches[:at]) > 0.4


def test_nobody_wears_a_muted_shade_of_a_lead_s_colour() -> None:
    wardrobe = Wardrobe()
    given = [wardrobe.dress(name, "In a yellow coat.", lead=True)["colour"] for name in ("ADA", "BEN", "CLEO", "DAN")]
    leads = {hue for hue, colour in LEAD_COLOURS.items() if colour in given}
    others = [wardrobe.dress(f"GUEST {number}", "In a yellow coat.", lead=False)["colour"] for number in range(8)]
    assert not {hue for hue, colour in COLOURS.items() if colour in others} & leads
    assert len(set(others)) == len(COLOURS) - len(leads)


def test_what_goes_with_somebody_is_worn_and_else_the_rarest_garment() -> None:
    wardrobe = Wardrobe()
    told = {"NUN": "A nun in her habit.", "CARL": "CARL, a lawyer.", "PIT": "PIT, a teenager.", "OLGA": "A widow."}
    worn = {name: wardrobe.dress(name, text, lead=True)["signature"] for name, text in told.items()}
    assert worn == {"NUN": "headscarf", "CARL": "tie", "PIT": "cowl", "OLGA": "shawl"}
    guests = [wardrobe.dress(f"GUEST {number}", "A man.", lead=False)["signature"] for number in range(4)]
    assert len(set(guests)) == 4
    assert not set(guests) & {"tie", "cowl"}
