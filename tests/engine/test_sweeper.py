from sqlalchemy import update
from sqlmodel import col

from engine.company import expire, make_project, order_of, picture, tasks_of
from trailerflow.bootstrap import Studio
from trailerflow.engine.claims import Claim
from trailerflow.engine.health import workers_alive
from trailerflow.engine.limits import Limits
from trailerflow.engine.service import Start
from trailerflow.engine.sweeper import Sweeper
from trailerflow.engine.tables import Run, Task, Worker


class Rung:
    """A ring that notes what it is asked for."""

    def __init__(self) -> None:
        self.turns: list[int] = []
        self.renders = 0

    async def turn(self, run_id: int) -> None:
        self.turns.append(run_id)

    async def render(self, count: int) -> None:
        raise NotImplementedError

    async def pass_on(self) -> None:
        self.renders += 1


async def sweep(studio: Studio) -> Rung:
    rung = Rung()
    await Sweeper(database=studio.database, ring=rung, limits=Limits(3, 20), lease_seconds=2).sweep()
    return rung


async def start(studio: Studio, project_id: int) -> int:
    status = (await studio.service.start_workflow(project_id, Start("full_pipeline", {}))).status
    assert status.run_id is not None
    return status.run_id


async def claim(studio: Studio, run_id: int) -> Claim:
    claimed = await studio.claims.claim(run_id, "a worker")
    assert claimed is not None
    return claimed


async def test_nothing_is_rung_for_when_nothing_waits(studio: Studio, project_id: int) -> None:
    await claim(studio, await start(studio, project_id))
    rung = await sweep(studio)
    assert (rung.turns, rung.renders) == ([], 0)


async def test_queued_runs_are_rung_for_as_many_as_fit(studio: Studio) -> None:
    runs = [await start(studio, await make_project(studio)) for _ in range(5)]
    assert (await sweep(studio)).turns == runs[:3]


async def test_a_run_whose_owner_is_gone_is_rung_for(studio: Studio, project_id: int) -> None:
    run_id = await start(studio, project_id)
    claimed = await claim(studio, run_id)
    await expire(studio, Run, run_id)
    assert (await sweep(studio)).turns == [run_id]
    claimed = await claim(studio, run_id)
    await studio.claims.release(claimed)
    assert (await sweep(studio)).turns == [run_id]


async def test_a_pausing_run_without_an_owner_is_rung_for_and_a_paused_one_is_not(
    studio: Studio, project_id: int
) -> None:
    run_id = await start(studio, project_id)
    await claim(studio, run_id)
    await studio.service.pause(project_id)
    await expire(studio, Run, run_id)
    assert (await sweep(studio)).turns == [run_id]
    await studio.claims.mark_paused(await claim(studio, run_id))
    assert (await sweep(studio)).turns == []


async def test_expired_tasks_are_freed_and_rung_for(studio: Studio, project_id: int) -> None:
    claimed = await claim(studio, await start(studio, project_id))
    ticket = await studio.tasks.submit(claimed, picture(0), "digest", order_of(0))
    await studio.task_claims.claim_here("a render worker", ("panel",))
    assert (await sweep(studio)).renders == 0
    await expire(studio, Task, ticket)
    assert (await sweep(studio)).renders == 1
    assert [task.status for task in await tasks_of(studio, project_id)] == ["queued"]


async def test_workers_silent_for_three_leases_are_forgotten(studio: Studio) -> None:
    async with studio.database.write() as session:
        for name in ("silent", "lively"):
            session.add(Worker(id=name, role="test", host="here", pid=1, started_at=1.0, seen_at=4e9))
        await session.flush()
        await session.execute(update(Worker).where(col(Worker.id) == "silent").values(seen_at=1.0))
    await sweep(studio)
    async with studio.database.read() as session:
        assert [worker.id for worker in await workers_alive(session, 1e10)] == ["lively"]
