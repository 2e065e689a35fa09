from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from trailerflow.film import timing
from trailerflow.film.timing import Wish

WISHES = st.lists(
    st.builds(Wish, wanted=st.integers(1, 80), least=st.integers(1, 20), line=st.sampled_from([0, 0, 30, 60, 110])),
    min_size=1,
    max_size=14,
)


@given(WISHES, st.integers(1, 900))
def test_frames_add_up_and_every_line_has_its_time(wishes: list[Wish], frames: int) -> None:
    given_frames = timing.fit(wishes, frames)
    if given_frames is None:
        return
    assert sum(given_frames) == frames
    assert all(got >= wish.least for got, wish in zip(given_frames, wishes, strict=True))
    starts = [place for place, wish in enumerate(wishes) if wish.line]
    for start, end in pairwise([*starts, len(wishes)]):
        assert sum(given_frames[start : min(start + 3, end)]) >= wishes[start].line


def test_what_cannot_be_is_refused() -> None:
    assert timing.fit([Wish(10, 10), Wish(10, 10)], 15) is None
    assert timing.fit([Wish(10, 5, 40)], 39) is None


def test_time_to_spare_is_shared_by_what_each_shot_wanted() -> None:
    assert timing.fit([Wish(10, 1), Wish(20, 1)], 60) == [20, 40]
