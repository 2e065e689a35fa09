"""A short step: done in a thread of this process, which records it there and then. Called by `steps`."""

import asyncio
import threading
from collections.abc import Callable
from typing import Final, TypeVar

from pydantic import BaseModel

from trailerflow.engine.claims import Claim
from trailerflow.engine.results import Results
from trailerflow.engine.step_rows import StepName
from trailerflow.engine.tables import Json
from trailerflow.engine.tasks import Begun, Tasks

MOMENT_SECONDS: Final = 0.05
"""A step that takes longer is told to have begun while it is in work, others with their end."""

Product = TypeVar("Product", bound=BaseModel)


class WorkFailedError(Exception):
    """The step's work raised; its cause says what."""


class LateError(Exception):
    """The work is done, but has been told to be a long one: it is recorded after that."""


class ShortSteps:
    """The short steps of one turn."""

    def __init__(self, *, claim: Claim, results: Results, tasks: Tasks) -> None:
        self._claim = claim
        self._results = results
        self._tasks = tasks

    async def take(
        self, step: StepName, digest: str, work: Callable[[], Product], attempt: int, *, is_first: bool
    ) -> tuple[Product, str]:
        """Do a step once and record it; return what it made and how its run stood then.

        Raises `WorkFailedError`, and nothing is recorded. A caller's cancel does not end the thread.
        """
        fence = self._claim.fence
        products: list[Product] = []
        telling: list[asyncio.Task[None]] = []
        decided = threading.Lock()  # by who comes first: the thread, that it was quick, or the loop, that it is long

        def make() -> Json:
            products.append(_done(work))
            if not decided.acquire(blocking=False):
                raise LateError
            return products[0].model_dump(mode="json")

        def tell() -> None:
            if decided.acquire(blocking=False):
                telling.append(asyncio.create_task(self._tasks.mark_started(self._claim, Begun(step, attempt))))

        moment = asyncio.get_running_loop().call_later(MOMENT_SECONDS, tell)
        try:
            recorded = await self._results.record_made(fence, step, digest, make, attempts=attempt, is_first=is_first)
        except LateError:
            recorded = None
        finally:
            moment.cancel()
            for told in telling:
                await told
        (product,) = products
        if recorded is None:
            value = product.model_dump(mode="json")
            recorded = await self._results.record(
                fence, step, digest, value=value, files=[], attempts=attempt, is_first=is_first
            )
        return product, recorded.run_state


def _done(work: Callable[[], Product]) -> Product:
    try:
        return work()
    except Exception as error:
        raise WorkFailedError from error
