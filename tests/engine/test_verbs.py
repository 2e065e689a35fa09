"""Every verb in every state, on both databases: what it answers, the event it writes, and which columns it touches."""

from collections.abc import Awaitable, Callable
from itertools import product
from typing import Any, Final, get_args

import pytest
from sqlalchemy import select, update
from sqlmodel import SQLModel, col

from engine.company import PHASES, make_project, order_of, picture, told
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.service import Service, Start
from trailerflow.engine.states import State, allowed_from
from trailerflow.engine.status import WorkflowStatus
from trailerflow.engine.steps import StepFailedError
from trailerflow.engine.tables import IdempotencyKey, Project, Result, Run, Step, Task
from trailerflow.engine.tasks import Begun
from trailerflow.errors import Conflict
from trailerflow.settings import Settings

STATES: Final[tuple[State, ...]] = get_args(State)
SHOTS: Final = [{"shot": "s0", "scene": 0}, {"shot": "s1", "scene": 1}]
BANDS: Final = {"images": (0, 100, 2)}
NO_PAINT: Final = {"code": "no_paint", "message": "no paint", "remedy": "buy paint"}


def _beginning(workflow_type: str) -> Callable[[Service, int], Awaitable[WorkflowStatus]]:
    scene = 0 if workflow_type == "regenerate_scene" else None

    async def begin(service: Service, project_id: int) -> WorkflowStatus:
        return (await service.start_workflow(project_id, Start(workflow_type, {"seconds": 15}, scene=scene))).status

    return begin


VERBS: Final[dict[str, Callable[[Service, int], Awaitable[WorkflowStatus]]]] = {
    "start": _beginning("full_pipeline"),
    "regenerate": _beginning("regenerate_scene"),
    "pause": Service.pause,
    "resume": Service.resume,
    "cancel": Service.cancel,
    "retry": Service.retry,
    "skip": lambda service, project_id: service.skip(project_id, "image/s0"),
}

A_NEW_RUN: Final = ("queued", "run.queued", "run project.run_id")
STOPS: Final = "run.status run.cancel_asked_at task.status task.owner task.lease_expires_at"
STOPPED: Final = "run.status run.cancel_asked_at run.finished_at"
ENDS: Final = f"{STOPPED} run.phase task.status"
RETRIES: Final = "run.status run.error run.failed_at run.finished_at step.status step.error"
SKIPS: Final = "run.skips run.progress step.status step.finished_at"

WRITES: Final[dict[tuple[str, str], tuple[str, str | None, str]]] = {
    **dict.fromkeys(product(("idle", "completed", "cancelled", "failed"), ("start", "regenerate")), A_NEW_RUN),
    ("queued", "pause"): ("paused", "run.paused", "run.status"),
    ("queued", "cancel"): ("cancelled", "run.cancelled", STOPPED),
    ("running", "pause"): ("pausing", "run.pausing", "run.status task.status"),
    ("running", "cancel"): ("cancelling", "run.cancelling", STOPS),
    ("pausing", "resume"): ("running", "run.resumed", "run.status"),
    ("pausing", "cancel"): ("cancelling", "run.cancelling", STOPS),
    ("paused", "resume"): ("queued", "run.resumed", "run.status"),
    ("paused", "cancel"): ("cancelled", "run.cancelled", ENDS),
    ("paused", "skip"): ("paused", "step.skipped", SKIPS),
    ("paused", "regenerate"): ("paused", "run.paused", "run.variations step.status step.attempts"),
    ("failed", "retry"): ("queued", "run.retried", RETRIES),
    ("failed", "skip"): ("failed", "step.skipped", f"{SKIPS} step.error"),
    ("failed", "cancel"): ("cancelled", "run.cancelled", ENDS),
}  # fmt: skip
"""(state, verb) → the state after, the one event, the columns that change beside the log's; a table: a new row."""
HOLDS: Final = {
    ("pausing", "pause"), ("paused", "pause"), ("queued", "resume"), ("running", "resume"), ("cancelling", "cancel"),
    ("cancelled", "cancel"), ("queued", "retry"),
}  # fmt: skip


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Let as many runs go on at once as there are states."""
    return settings.model_copy(update={"max_runs_per_user": 100, "max_runs": 100})


async def bring(studio: Studio, project_id: int, state: State) -> Claim | None:
    """Bring a project with a plan and no picture to a state, by the engine's own verbs.

    From `running` on, one picture is in work and another waits; in `failed` and `paused` none is in work any more.
    """
    planned: dict[str, Any] = {"shots": SHOTS, "plan_result_id": 1}
    async with studio.database.write() as session:
        await session.execute(update(Project).where(col(Project.id) == project_id).values(**planned))
    if state == "idle":
        return None
    started = await studio.service.start_workflow(project_id, Start("full_pipeline", {}))
    if state == "queued":
        return None
    if state == "cancelled":
        await studio.service.cancel(project_id)
        return None
    claim = await studio.claims.claim(started.status.run_id or 0, "an orchestrator")
    assert claim is not None
    await studio.claims.begin_phase(claim, PHASES[1], BANDS)
    for n in range(2):
        await studio.tasks.submit(claim, picture(n), f"digest {n}", order_of(n))
    await _go_on(studio, claim, state)
    return claim


async def _go_on(studio: Studio, claim: Claim, state: State) -> None:
    service, task_claims = studio.service, studio.task_claims
    if state == "completed":
        await studio.claims.mark_completed(claim)
        return
    in_work = (await task_claims.claim_here("a render worker", ("panel",))).claim
    assert in_work is not None
    await studio.tasks.mark_started(claim, Begun(picture(0)))
    if state in ("pausing", "paused"):
        await service.pause(claim.project_id)
    if state == "paused":
        await task_claims.hand_back(in_work)
        await studio.claims.hold_back(claim)
        await studio.claims.mark_paused(claim)
    elif state == "failed":
        await task_claims.fail(in_work, NO_PAINT)
        await studio.tasks.mark_failed(claim, picture(0), NO_PAINT, 1)
        await studio.claims.hold_back(claim)
        await studio.claims.mark_failed(claim, StepFailedError(picture(0), NO_PAINT, 1), f"{PHASES[1]}/image/s0")
    elif state == "cancelling":
        await service.cancel(claim.project_id)


async def rows_of(studio: Studio, project_id: int) -> dict[str, Any]:
    """Return every column of every row of a project, by names such as `run/7.status`."""
    of_run = select(col(Run.id)).where(col(Run.project_id) == project_id)
    queries: dict[type[SQLModel], Any] = {
        Project: col(Project.id) == project_id,
        Step: col(Step.run_id).in_(of_run),
        **{table: col(table.project_id) == project_id for table in (Run, Task, Result)},
        IdempotencyKey: col(IdempotencyKey.run_id).in_(of_run),
    }
    found: dict[str, Any] = {}
    async with studio.database.read() as session:
        for table, where in queries.items():
            for row in (await session.execute(select(table).where(where))).scalars():
                name = f"{table.__name__.lower()}/{getattr(row, 'id', 0)}"
                found |= {f"{name}.{column}": value for column, value in row.model_dump().items()}
    return found


def changes(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    """Return what differs: `table.column`, or `table` where a row has come."""
    new_rows = {name.partition(".")[0] for name in after} - {name.partition(".")[0] for name in before}
    changed = {name for name, value in after.items() if name not in before or before[name] != value}
    assert before.keys() <= after.keys()
    return {
        row.partition("/")[0] + ("" if row in new_rows else f".{column}")
        for row, _, column in (name.partition(".") for name in changed)
    }


@pytest.mark.parametrize("state", STATES)
async def test_every_verb_does_in_every_state_what_the_table_says_and_nothing_else(
    studio: Studio, project_id: int, state: State
) -> None:
    await bring(studio, project_id, state)
    for verb in VERBS:
        if (state, verb) not in WRITES:
            await check_silent(studio, project_id, state, verb)
    for verb in VERBS:
        if (state, verb) in WRITES:
            another = await make_project(studio)
            await bring(studio, another, state)
            await check_writing(studio, another, state, verb)


async def check_silent(studio: Studio, project_id: int, state: State, verb: str) -> None:
    """Check a verb that is refused, or whose effect holds already: nothing is written."""
    before, log = await rows_of(studio, project_id), await told(studio, project_id)
    status = await studio.service.get_status(project_id)
    if (state, verb) in HOLDS:
        assert (await VERBS[verb](studio.service, project_id)).status == state, verb
    else:
        with pytest.raises(Conflict) as refused:
            await VERBS[verb](studio.service, project_id)
        check_refusal(refused.value, verb, status)
    assert await rows_of(studio, project_id) == before, verb
    assert await told(studio, project_id) == log, verb


def check_refusal(error: Conflict, verb: str, status: WorkflowStatus) -> None:
    """Check that a refusal says what is the case and what would be possible."""
    assert error.remedy
    assert error.extra["state"] == status.status
    if verb in ("start", "regenerate"):
        assert (error.code, error.extra["run_id"]) == ("run_active", status.run_id)
    else:
        assert error.code == "not_allowed"
        assert error.extra["allowed_states"] == allowed_from(verb)  # type: ignore[arg-type] # a Move


async def check_writing(studio: Studio, project_id: int, state: State, verb: str) -> None:
    """Check a verb that does something: the state after, the one event, the columns it touches."""
    before, log = await rows_of(studio, project_id), await told(studio, project_id)
    after, event, touched = WRITES[state, verb]
    answer = await VERBS[verb](studio.service, project_id)
    assert answer.status == after, verb
    now = await studio.service.get_status(project_id)
    assert answer == now.model_copy(update={"eta_seconds": answer.eta_seconds}), verb
    in_log = {"project.last_event_id"} if event else set()
    assert changes(before, await rows_of(studio, project_id)) == {*touched.split(), *in_log}, verb
    new_events = [line.partition(" ")[0] for line in (await told(studio, project_id))[len(log) :]]
    assert new_events == ([event] if event else []), verb
