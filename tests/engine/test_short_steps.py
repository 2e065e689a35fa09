"""Short steps of a claimed run, done and recorded by their threads: SQLite and PostgreSQL."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from pydantic import BaseModel

from engine.company import events_of, told
from trailerflow.bootstrap import Studio
from trailerflow.engine import short_steps as module
from trailerflow.engine.claims import Claim
from trailerflow.engine.ledger import FencedError
from trailerflow.engine.results import LARGEST_VALUE_BYTES
from trailerflow.engine.service import Start
from trailerflow.engine.short_steps import ShortSteps, WorkFailedError
from trailerflow.engine.step_rows import StepName

STEP = StepName(name="analysis", kind="analysis", phase="script_to_trailer", band="analysis")


class Made(BaseModel):
    """What the step makes."""

    text: str = "made"


class Held:
    """Work that goes on until it is let go, then makes something or breaks."""

    def __init__(self, error: Exception | None = None) -> None:
        self.begun, self.go_on = threading.Event(), threading.Event()
        self._error = error

    def __call__(self) -> Made:
        """Do it."""
        self.begun.set()
        assert self.go_on.wait(30)
        if self._error is not None:
            raise self._error
        return Made()


Take = Callable[..., Awaitable[tuple[Made, str]]]


@pytest.fixture
async def claim(studio: Studio, project_id: int) -> Claim:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    claim = await studio.claims.claim(status.run_id or 0, "a worker")
    assert claim is not None
    return claim


@pytest.fixture
def take(studio: Studio, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> Take:
    async def taken(work: Callable[[], Made], attempt: int = 1, *, moment: float = 30.0) -> tuple[Made, str]:
        monkeypatch.setattr(module, "MOMENT_SECONDS", moment)
        steps = ShortSteps(claim=claim, results=studio.results, tasks=studio.tasks)
        return await steps.take(STEP, "digest", work, attempt, is_first=True)

    return taken


async def lines(studio: Studio, project_id: int) -> list[str]:
    """Return what was told of the step."""
    return [line for line in await told(studio, project_id) if line.startswith("step.")]


async def has_been_told(studio: Studio, project_id: int) -> None:
    async with asyncio.timeout(15):
        while not await lines(studio, project_id):  # noqa: ASYNC110 - what is awaited happens in the database
            await asyncio.sleep(0.01)


async def test_a_quick_step_is_told_to_have_begun_and_ended_at_once(
    studio: Studio, project_id: int, take: Take
) -> None:
    assert await take(Made) == (Made(), "running")
    events = [event for event in await events_of(studio, project_id) if event.type.startswith("step.")]
    assert [event.type for event in events] == ["step.started", "step.finished"]
    assert events[0].at == events[1].at
    assert await studio.results.find(project_id, "analysis", "digest") is not None


async def test_a_long_step_is_told_to_have_begun_while_it_is_in_work(
    studio: Studio, project_id: int, take: Take
) -> None:
    work = Held()
    taking = asyncio.ensure_future(take(work, moment=0.0))
    await has_been_told(studio, project_id)
    assert await lines(studio, project_id) == ["step.started analysis"]
    work.go_on.set()
    assert await taking == (Made(), "running")
    assert await lines(studio, project_id) == ["step.started analysis", "step.finished analysis"]
    found = await studio.results.find(project_id, "analysis", "digest")
    assert found is not None
    assert found.value == {"text": "made"}


@pytest.mark.parametrize("moment", [0.0, 30.0])
async def test_of_work_that_breaks_nothing_is_recorded(
    studio: Studio, project_id: int, take: Take, moment: float
) -> None:
    error = ValueError("no ink")
    work = Held(error)
    taking = asyncio.ensure_future(take(work, moment=moment))
    if moment == 0.0:
        await has_been_told(studio, project_id)
    work.go_on.set()
    with pytest.raises(WorkFailedError) as raised:
        await taking
    assert raised.value.__cause__ is error
    assert await lines(studio, project_id) == (["step.started analysis"] if moment == 0.0 else [])
    assert await studio.results.find(project_id, "analysis", "digest") is None


@pytest.mark.parametrize("moment", [0.0, 30.0])
async def test_a_step_of_a_run_with_another_owner_is_refused_when_it_is_done(
    studio: Studio, project_id: int, claim: Claim, take: Take, moment: float
) -> None:
    work = Held()
    taking = asyncio.ensure_future(take(work, moment=moment))
    if moment == 0.0:
        await has_been_told(studio, project_id)
    await studio.claims.release(claim)
    assert await studio.claims.claim(claim.fence.run_id, "another worker") is not None
    work.go_on.set()
    with pytest.raises(FencedError):
        await taking
    assert await studio.results.find(project_id, "analysis", "digest") is None


async def test_a_large_value_is_a_file_before_it_is_recorded(studio: Studio, project_id: int, take: Take) -> None:
    large = Made(text="x" * (LARGEST_VALUE_BYTES + 1))
    assert await take(lambda: large) == (large, "running")
    found = await studio.results.find(project_id, "analysis", "digest")
    assert found is not None
    assert found.value == {"text": large.text}
