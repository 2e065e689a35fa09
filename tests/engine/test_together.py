import asyncio

import pytest

from trailerflow.engine.ledger import Fence
from trailerflow.engine.together import MOST, Together

ONE, OTHER = Fence(1, 1, 1), Fence(2, 2, 1)


class Book:
    """Writes what it is given, when it is let; notes what was written together."""

    def __init__(self) -> None:
        self.pages: list[tuple[Fence, list[int]]] = []
        self.open = asyncio.Event()
        self.open.set()

    async def write(self, fence: Fence, items: list[int]) -> list[int]:
        """Return the double of each; raise for the item 13."""
        await self.open.wait()
        self.pages.append((fence, items))
        if 13 in items:
            raise ValueError("no thirteen here")
        return [2 * item for item in items]


@pytest.fixture
async def book() -> Book:
    return Book()


async def test_what_is_handed_in_at_the_same_moment_is_written_together(book: Book) -> None:
    desk = Together(book.write)
    assert await asyncio.gather(*(desk.hand_in(ONE, n) for n in range(5))) == [0, 2, 4, 6, 8]
    assert book.pages == [(ONE, [0, 1, 2, 3, 4])]


async def test_what_comes_while_something_is_written_is_written_next(book: Book) -> None:
    desk = Together(book.write)
    book.open.clear()
    first = asyncio.create_task(desk.hand_in(ONE, 0))
    await asyncio.sleep(0)
    await asyncio.sleep(0)  # the first is with the writer
    later = [asyncio.create_task(desk.hand_in(ONE, n)) for n in (1, 2)]
    await asyncio.sleep(0)
    book.open.set()
    assert await asyncio.gather(first, *later) == [0, 2, 4]
    assert book.pages == [(ONE, [0]), (ONE, [1, 2])]


async def test_claims_do_not_share_a_writing(book: Book) -> None:
    desk = Together(book.write)
    assert list(await asyncio.gather(desk.hand_in(ONE, 1), desk.hand_in(OTHER, 2))) == [2, 4]
    assert sorted(book.pages, key=str) == [(ONE, [1]), (OTHER, [2])]


async def test_no_writing_grows_without_bound(book: Book) -> None:
    desk = Together(book.write)
    await asyncio.gather(*(desk.hand_in(ONE, 100 + n) for n in range(2 * MOST + 1)))
    assert [len(items) for _, items in book.pages] == [MOST, MOST, 1]


async def test_an_error_is_for_all_it_was_written_with_and_for_nobody_else(book: Book) -> None:
    desk = Together(book.write)
    outcomes = await asyncio.gather(*(desk.hand_in(ONE, n) for n in (12, 13)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ValueError, ValueError]
    assert await desk.hand_in(ONE, 14) == 28


async def test_a_callers_cancel_breaks_no_writing_off(book: Book) -> None:
    desk = Together(book.write)
    book.open.clear()
    left = asyncio.create_task(desk.hand_in(ONE, 1))
    stayed = asyncio.create_task(desk.hand_in(ONE, 2))
    await asyncio.sleep(0)
    left.cancel()
    await asyncio.wait([left])
    book.open.set()
    assert await stayed == 4
    assert book.pages == [(ONE, [1, 2])]
