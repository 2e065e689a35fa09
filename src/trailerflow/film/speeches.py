"""Speeches: which quotes are spoken in an act, so that there is time for every word.

Called by `storyboard`. A line is heard once in the trailer; an answer may follow its question.
"""

from collections.abc import Sequence

from trailerflow.film import quotes
from trailerflow.film.plan import FPS, Act
from trailerflow.film.quotes import Quote
from trailerflow.film.selection import SPOILERS, Pick

SILENCE = 0.3
LONGEST = 4.8
LONGEST_IN_MONTAGE = 2.4
# How much of an act's time may be filled with words.
TALK: dict[Act, float] = {"cold_open": 0.94, "introduction": 0.92, "escalation": 0.8, "montage": 0.3, "button": 0.95}
ANSWER_WITHIN = 6
WORTH_ANSWERING = 0.26


class Speeches:
    """Remembers what was said, so that nothing is said twice."""

    def __init__(self) -> None:
        self._said: list[str] = []

    def choose(self, act: Act, picks: Sequence[Pick], frames: int) -> list[list[Quote]]:
        """Return for each pick of an act the quotes spoken in it, in the order of the script."""
        left = frames / FPS * TALK[act]
        chosen: list[list[Quote]] = [[] for _ in picks]
        longest = LONGEST_IN_MONTAGE if act == "montage" else LONGEST
        for place in self._turns(act, picks):
            quote = self._best(picks[place], min(left, longest))
            if quote:
                chosen[place].append(quote)
                left -= quote.seconds + SILENCE
                self._said.append(quote.text.casefold())
        if act != "montage":
            for place, pick in enumerate(picks):
                left -= self._answer(pick, chosen[place], left)
        return chosen

    def _turns(self, act: Act, picks: Sequence[Pick]) -> list[int]:
        """Return who speaks first: the strongest; a montage has one line, late in it, from before the spoilers."""
        places = list(range(len(picks)))
        if act == "montage":
            late = [place for place in places[-max(2, len(picks) // 3) :] if picks[place].piece.position < SPOILERS]
            return sorted(late, key=lambda place: -picks[place].piece.best)[:1]
        return sorted(places, key=lambda place: (-picks[place].piece.best, place))

    def _best(self, pick: Pick, longest: float) -> Quote | None:
        able = [
            quote
            for quote in pick.piece.quotes
            if quote.score >= quotes.WORTH_SPEAKING and quote.seconds + SILENCE <= longest and self._new(quote)
        ]
        return max(able, key=lambda quote: (quote.score, -quote.element), default=None)

    def _answer(self, pick: Pick, chosen: list[Quote], left: float) -> float:
        """Add what another answers or asked just before; return the seconds it takes."""
        if not chosen:
            return 0.0
        first = chosen[0]
        able = [
            quote
            for quote in pick.piece.quotes
            if quote.character != first.character
            and 0 < abs(quote.element - first.element) <= ANSWER_WITHIN
            and quote.score >= WORTH_ANSWERING
            and quote.seconds + SILENCE <= left
            and self._new(quote)
        ]
        if not able:
            return 0.0
        best = max(able, key=lambda quote: (quote.score - 0.04 * abs(quote.element - first.element), -quote.element))
        chosen.append(best)
        chosen.sort(key=lambda quote: quote.element)
        self._said.append(best.text.casefold())
        return best.seconds + SILENCE

    def _new(self, quote: Quote) -> bool:
        text = quote.text.casefold()
        return not any(text in said or said in text for said in self._said)
