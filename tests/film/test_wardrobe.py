import time

from trailerflow.film.wardrobe import Wardrobe


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
