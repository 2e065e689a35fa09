"""Workers that are stopped past their lease and then go on, and one that is killed in the middle of a clip.

On both databases; the runs of one database are played before its first test.
"""

import os
import signal
from dataclasses import dataclass, replace
from typing import Any, Final

import pytest

from crash.books import ITEMS, Books, check_recorded_once
from crash.season import Play, Season, play_all
from crash.stage import DATABASES, ORCHESTRATOR, RENDER, Place, Stage

pytestmark = pytest.mark.alone

REFUSED: Final = {
    "before intent": ("False",),
    "before receive": ("False",),
    "before product": ("(False, Taken(claim=None, aside=None))",),
    "before result": ("FencedError()", "CancelledError()"),  # the watch over the lease may be faster
}
"""Where a worker is stopped → what it hears when it goes on there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a run went: `books` when it was over, `late` when a worker that had been away had gone as well."""

    outcome: str
    books: Books
    late: Books


async def play_a_sleeper(stage: Stage) -> Played:
    """Stop a worker until others have finished its run, then let it go on where it was."""
    await stage.start()
    stage.hire(ORCHESTRATOR, ORCHESTRATOR, RENDER, RENDER)
    pid = await stage.stopped()
    await stage.becomes("completed")
    books = await stage.books()
    os.kill(pid, signal.SIGCONT)
    outcome = await stage.outcome_after_the_stop()
    os.kill(pid, signal.SIGTERM)
    await stage.ended(pid)
    return Played(outcome=outcome, books=books, late=await stage.books())


async def play_a_death(stage: Stage) -> Played:
    """Kill a worker in the middle of its work."""
    await stage.start()
    stage.hire(ORCHESTRATOR, RENDER, RENDER)
    pid = await stage.stopped()
    assert await stage.ended(pid) == -signal.SIGKILL
    await stage.becomes("completed")
    books = await stage.books()
    return Played(outcome="", books=books, late=books)


@pytest.fixture(scope="module", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Name the database."""
    return str(request.param)


@pytest.fixture(scope="module")
def season(database: str, place: Place, tmp_path_factory: pytest.TempPathFactory) -> Season[Played]:
    """Play all that can be played at once."""
    place.double.reset()
    place.double.tell(idempotent=True, delay_seconds=0.2)

    def stage(title: str, **wishes: Any) -> Stage:
        folder = tmp_path_factory.mktemp("stage")
        return Stage(place, title=title, folder=folder, database=database, submission="idempotent", **wishes)

    plays: dict[str, tuple[Stage, Play[Played]]] = {
        point: (stage(point, stop_at=point, stop_by="SIGSTOP"), play_a_sleeper) for point in (*REFUSED, "before submit")
    }
    plays["a clip made here"] = (stage("a clip made here", stop_at="before work", maker="local"), play_a_death)
    return play_all(plays)


@pytest.mark.parametrize("point", REFUSED)
def test_the_late_write_of_a_worker_stopped_past_its_lease_is_refused(season: Season[Played], point: str) -> None:
    played = season.end_of(point)
    check_recorded_once(played.books)
    assert played.outcome in REFUSED[point]
    # Another order of the same worker may have been on its way: it arrives late under its key, and is the same job.
    assert replace(played.late, submissions=played.books.submissions) == played.books
    assert set(played.books.jobs.values()) == {1}


def test_an_order_that_a_stopped_worker_sends_late_is_the_same_job_to_an_idempotent_provider(
    season: Season[Played],
) -> None:
    played = season.end_of("before submit")
    check_recorded_once(played.books)
    assert set(played.late.jobs.values()) == {1}
    assert played.late.submissions.total() > ITEMS  # another order of the same worker may have been on its way
    assert (played.late.events, played.late.tasks) == (played.books.events, played.books.tasks)


def test_a_clip_whose_render_worker_was_killed_in_the_middle_is_made_by_another(season: Season[Played]) -> None:
    books = season.end_of("a clip made here").books
    check_recorded_once(books)
    assert not books.jobs
    assert sum(task.deliveries for task in books.tasks) == 1
