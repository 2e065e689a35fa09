"""A worker is killed at each point of work at a provider, on both databases: it costs time, and nothing else.

Where the kinds of providers differ each point is played with all three; from the ticket on they do the same, so there
they take turns. All runs of a group are played before its first test.
"""

import signal
from dataclasses import dataclass
from typing import Final

import pytest

from crash.books import ITEMS, Books, check_recorded_once
from crash.season import Season, play_all
from crash.stage import DATABASES, ORCHESTRATOR, PRICE, RENDER, Place, Stage
from trailerflow.engine.tables import Run

pytestmark = pytest.mark.alone

SUBMISSIONS: Final = ("idempotent", "lookup_by_key", "neither")
UNTIL_THE_TICKET: Final = (
    "before intent", "after intent", "before submit", "after submit", "before ticket", "after ticket",
)  # fmt: skip
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

    `doubtful` are the tasks whose orders were in the air when it died, `unknown` those left to a person when the run
    had ended for the first time, in `first_end`; `books` are the last.
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
    unknown = await stage.unknown()
    if first_end.status == "failed":
        await stage.studio.service.retry(stage.project_id)
        await stage.becomes("completed", "failed")
    return Played(
        submission=stage.submission,
        exit_code=exit_code,
        doubtful=doubtful,
        unknown=unknown,
        first_end=first_end,
        books=await stage.books(),
    )


@pytest.fixture(scope="module")
def seasons() -> dict[tuple[str, str], Season[Played]]:
    """Keep what was played for the tests of the same group."""
    return {}


@pytest.fixture
def season(
    request: pytest.FixtureRequest,
    place: Place,
    tmp_path_factory: pytest.TempPathFactory,
    seasons: dict[tuple[str, str], Season[Played]],
) -> Season[Played]:
    """Play the points of a group: those whose tests are to run."""
    if request.param in seasons:
        return seasons[request.param]
    database, submission = request.param
    place.double.reset()
    place.double.tell(idempotent=submission == "idempotent", delay_seconds=0.2, price=PRICE)
    asked = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    points = [params["point"] for params in asked if params.get("season") == request.param]

    def stage(point: str) -> Stage:
        folder = tmp_path_factory.mktemp("stage")
        return Stage(place, title=point, folder=folder, database=database, submission=submission, stop_at=point)

    seasons[request.param] = play_all({point: (stage(point), play) for point in points})
    return seasons[request.param]


@pytest.mark.parametrize(
    ("season", "point"),
    CASES,
    indirect=["season"],
    ids=lambda part: part if isinstance(part, str) else "-".join(part),
)
def test_a_worker_killed_at_a_point_costs_time_and_nothing_else(season: Season[Played], point: str) -> None:
    played = season.end_of(point)
    books = played.books
    assert played.exit_code == -signal.SIGKILL
    check_recorded_once(books)
    if played.submission == "neither":
        # What was in the air was left to a person, who bought it knowingly; nothing else was bought twice.
        assert played.doubtful <= played.unknown
        assert bool(played.unknown) == (played.first_end.status == "failed")
        assert bool(played.unknown) or point not in IN_DOUBT
        assert not played.unknown or (played.first_end.error or {})["code"] == "submit_unknown"
        assert {name for name, jobs in books.jobs.items() if jobs > 1} <= played.unknown
        assert max(books.jobs.values()) <= 2
    else:
        assert played.first_end.status == "completed"
        assert set(books.jobs.values()) == {1}
        assert books.status.cost.actual == ITEMS * PRICE
    if played.submission != "idempotent":
        assert set(books.submissions.values()) == {1}
