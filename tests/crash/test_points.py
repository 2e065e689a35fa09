"""A worker is killed at each point of work at a provider, on both databases: it costs time, and nothing else.

Where the kinds of providers differ each point is played with all three; from the ticket on they do the same, so there
they take turns.
"""

import signal
from collections import Counter
from dataclasses import dataclass
from typing import Final

import pytest

from crash.season import Season, play_all
from crash.stage import ITEMS, NAMES, ORCHESTRATOR, RENDER, STEPS, Books, Place, Stage
from trailerflow.engine.tables import Run

PRICE: Final = 0.25
DATABASES: Final = ("sqlite", "postgresql")
SUBMISSIONS: Final = ("idempotent", "lookup_by_key", "neither")
UNTIL_THE_TICKET: Final = tuple(f"{when} {what}" for what in ("intent", "submit", "ticket") for when in ("before", "after"))
ELSEWHERE: Final = (
    "before order", "after order", "after claim", "before fetch", "after fetch", "after file", "before receive",
    "after receive", "before work", "before product", "after product", "before result", "after result",
    "before completion", "after completion",
)  # fmt: skip
AT_RENDER: Final = ("before work", "before product", "after product")
IN_DOUBT: Final = ("after intent", "before submit", "after submit", "before ticket")
"""Where an order may have gone out and nobody who lives knows."""

CASES: Final = [
    ((database, submission), point)
    for database in DATABASES
    for number, submission in enumerate(SUBMISSIONS)
    for point in (*UNTIL_THE_TICKET, *ELSEWHERE[number :: len(SUBMISSIONS)])
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """How a run went in which a worker was killed.

    `doubtful` are the tasks whose orders were in the air when it died, `unknown` those left to a person when the run had
    first ended, in `first_end`; `books` are the last.
    """

    submission: str
    exit_code: int
    doubtful: set[str]
    unknown: set[str]
    first_end: Run
    books: Books


async def play(stage: Stage) -> Played:
    """Play a run through the death of one of its workers, and through a retry if it needs one."""
    await stage.start()
    stage.hire(ORCHESTRATOR, ORCHESTRATOR, RENDER, *([RENDER] if stage.stop_at in AT_RENDER else []))
    pid = await stage.stopped()
    exit_code = await stage.ended(pid)
    doubtful = await stage.in_doubt(pid)
    first_end = await stage.becomes("completed", "failed")
    unknown = {task.name for task in await stage.tasks() if task.status == "unknown"}
    if first_end.status == "failed":
        await stage.studio.service.retry(stage.project_id)
        await stage.becomes("completed", "failed")
    return Played(
        submission=stage.submission, exit_code=exit_code, doubtful=doubtful, unknown=unknown, first_end=first_end, books=await stage.books()
    )


@pytest.fixture(scope="module")
def season(
    request: pytest.FixtureRequest, place: Place, tmp_path_factory: pytest.TempPathFactory
) -> Season[str, Played]:
    """Play the points of a group that are asked for."""
    database, submission = request.param
    place.double.reset()
    place.double.tell(idempotent=submission == "idempotent", delay_seconds=0.2, price=PRICE)
    wanted = [item.callspec.params for item in request.session.items if isinstance(item, pytest.Function) and hasattr(item, "callspec")]
    stages = {
        params["point"]: Stage(
            place,
            title=params["point"],
            folder=tmp_path_factory.mktemp("stage"),
            database=database,
            submission=submission,
            stop_at=params["point"],
        )
        for params in wanted
        if params.get("season") == request.param
    }
    return play_all(stages, play)


@pytest.mark.parametrize(
    ("season", "point"), CASES, indirect=["season"], ids=lambda value: "-".join(value) if isinstance(value, tuple) else None
)
def test_a_worker_killed_at_this_point_costs_time_and_nothing_else(season: Season[str, Played], point: str) -> None:
    played = season.result(point)
    submission = played.submission
    assert played.exit_code == -signal.SIGKILL
    check_recorded_once(played.books)
    if submission == "neither":
        check_nothing_bought_silently(played, point)
    else:
        assert played.first_end.status == "completed"
        assert played.books.jobs.total() == ITEMS
        assert played.books.status.cost.actual == ITEMS * PRICE
    if submission != "idempotent":
        assert set(played.books.submissions.values()) == {1}


def check_recorded_once(books: Books) -> None:
    """Check that a run is complete, with each step done and told once."""
    assert (books.status.status, books.status.progress) == ("completed", 100)
    assert books.told("step.finished") == STEPS
    assert books.told("step.reused", "step.failed", "step.skipped") <= Counter()
    assert books.results == STEPS + Counter(["screenplay"])
    assert books.lost_files == []
    assert [event.id for event in books.events] == list(range(1, len(books.events) + 1))
    kinds = Counter(event.type for event in books.events)
    assert (kinds["run.queued"], kinds["run.started"], kinds["run.completed"]) == (1, 1, 1)
    assert books.events[-1].type == "run.completed"
    assert [(task.status, task.owner, task.attempts) for task in books.tasks] == [("done", None, 1)] * ITEMS
    assert (books.run.owner, books.status.retry_count) == (None, 0)


def check_nothing_bought_silently(played: Played, point: str) -> None:
    """Check that what was in the air was left to a person, and that only this was bought again."""
    assert played.doubtful <= played.unknown
    assert bool(played.unknown) == (played.first_end.status == "failed")
    assert not played.unknown or (played.first_end.error or {})["code"] == "submit_unknown"
    assert bool(played.unknown) or point not in IN_DOUBT
