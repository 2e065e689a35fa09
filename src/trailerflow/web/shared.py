"""Answers that are shared: who asks while the same thing is being found out gets that answer too.

Used by `relay` and `missed`, so that a thousand viewers who come at once ask the database once. It keeps nothing: who
asks later has it found out anew.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Shared(Generic[Question, Answer]):
    """Asks `find` for an answer, once at a time for each question."""

    def __init__(self, find: Callable[[Question], Coroutine[Any, Any, Answer]]) -> None:
        self._find = find
        self._under_way: dict[Question, asyncio.Task[Answer]] = {}

    async def get(self, question: Question) -> Answer:
        """Return the answer, or raise what finding it out raised."""
        finding = self._under_way.get(question)
        if finding is None:
            finding = self._under_way[question] = asyncio.create_task(self._find(question))
            finding.add_done_callback(lambda _: self._under_way.pop(question))
        return await asyncio.shield(finding)  # one who goes does not take the answer from the others
