import numpy as np
import pytest

from film import goldens, stills

KEPT = stills.read(goldens.FILE)
ORDERS = goldens.orders()
MOST = 0.8
"""Units of Lab on average; a place's light a little bluer, or a figure in another pose, are more."""


def kept(place: int) -> np.ndarray:
    height = goldens.SMALL[1]
    return KEPT[place * height : (place + 1) * height]


@pytest.mark.parametrize("place", range(len(ORDERS)))
def test_a_golden_panel_looks_as_it_did(place: int) -> None:
    apart = np.abs(goldens.lab(goldens.small(ORDERS[place])) - goldens.lab(kept(place))).mean()
    assert apart < MOST, "if this was meant: `python -m film.goldens` in `tests`, and look at the picture"


def test_no_golden_panel_could_pass_for_another() -> None:
    shown = [goldens.lab(kept(place)) for place in range(len(ORDERS))]
    assert min(np.abs(one - two).mean() for at, one in enumerate(shown) for two in shown[:at]) > 4 * MOST
