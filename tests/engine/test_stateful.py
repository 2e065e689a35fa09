"""A run driven at random, by people and by misfortune, against a model of it that knows no clock and no database.

Every rule does one thing, then the service is waited for until it stands where the model says. The turns, the tasks
and the rows are real; the render workers are played by the rules, so that any of them may come late, fail or die.
What is drawn never depends on what happened, so that hypothesis can play any of it again.
"""

import asyncio
import shutil
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as play
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select, update
from sqlmodel import col

from engine.company import Company, InsuredFilm, Workshop, events_of, expire, make_project, project_of, tasks_of
from engine.run_model import ITEMS, Model, key_of
from trailerflow import bootstrap
from trailerflow.bootstrap import Studio
from trailerflow.engine import backoff, waits
from trailerflow.engine.limits import Limits
from trailerflow.engine.products import NewFile
from trailerflow.engine.service import Start, Started
from trailerflow.engine.states import ACTIVE, MOVES, SETTLED
from trailerflow.engine.sweeper import Sweeper
from trailerflow.engine.tables import IdempotencyKey, Result, Run, Task
from trailerflow.engine.task_claims import Made, TaskClaim
from trailerflow.errors import Conflict, Invalid, TrailerflowError
from trailerflow.settings import Settings

ERROR: Final = {"code": "x", "message": "x", "remedy": "x"}
PLAY: Final = play(max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))


class Drive(RuleBasedStateMachine):
    """The rules."""

    def __init__(self, runner: asyncio.Runner, studio: Studio, file: NewFile) -> None:
        super().__init__()
        self.runner, self.studio, self.file = runner, studio, file
        self.model, self.late = Model(), list[TaskClaim]()
        self.company = self.hire()
        self.project_id = self.do(make_project(studio))
        self.seen_results: set[int | None] = set()

    def hire(self) -> Company:
        return Company(self.studio, story=InsuredFilm(ITEMS), workshop=Workshop(), hands=0)

    def do(self, work: Awaitable[Any]) -> Any:
        async def wait() -> Any:
            return await work

        return self.runner.run(wait())

    def settle(self) -> None:
        """Wait until the service stands where the model says."""
        self.model.go_on()
        self.do(self._settled())

    async def _settled(self) -> None:
        model = self.model
        try:
            async with asyncio.timeout(10):
                while True:
                    status = await self.studio.service.get_status(self.project_id)
                    queued = {key_of(t) for t in await tasks_of(self.studio, self.project_id) if t.status == "queued"}
                    pictures = [row for row in (await self._rows())[0] if row.name.startswith("image/")]
                    is_there = status.status == model.state and len(pictures) == len(model.results)
                    is_there = is_there and model.on_queue() <= queued
                    if is_there and bool(self.company.takes) == model.live:
                        return
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise AssertionError(f"{status.status}, {queued}, but the model: {vars(model)}") from None

    def verb(self, name: str) -> None:
        """Do a verb; it must be taken where the tables say so, and refused elsewhere."""
        model = self.model
        pair: Any = (model.state, name)
        self.company.answers_turns = not model.deaf
        work = getattr(self.company.service, name)(self.project_id)
        if pair in MOVES or pair in SETTLED:
            self.do(work)
            model.state = MOVES.get(pair, model.state)
        else:
            with pytest.raises(Conflict):
                self.do(work)

    # People

    @initialize(policy=st.sampled_from(["fail_fast", "skip_and_continue"]))
    def begin(self, policy: str) -> None:
        self.start(None, policy, None)

    @rule(count=st.integers(1, ITEMS))
    def somebody_goes_on(self, count: int) -> None:
        """Do what brings the run on, so that not every play ends in the first act."""
        match self.model.state:
            case "paused" | "pausing":
                self.resume()
            case "failed":
                self.retry()
            case "completed" | "cancelled":
                self.start(None, self.model.policy, count % 2 or None)
            case _ if not self.model.live:
                self.sweep()
            case _:
                for _ in range(count):
                    self.take_a_task()

    @rule(
        key=st.sampled_from([None, None, "a", "b"]),
        policy=st.sampled_from(["fail_fast", "skip_and_continue"]),
        scene=st.sampled_from([None, None, None, 0, 1, 9]),
    )
    def ask_for_a_start(self, key: str | None, policy: str, scene: int | None) -> None:
        self.start(key, policy, scene)

    def start(self, key: str | None, policy: str, scene: int | None) -> None:
        model = self.model
        asked = (policy, scene)
        wanted = Start("full_pipeline" if scene is None else "regenerate_scene", {"on_error": policy}, scene, key)
        self.company.answers_turns = not model.deaf
        known = model.keys.get(key or "")
        inside = scene is not None and model.state == "paused"
        if known is not None and known[0] == asked:
            started: Started = self.do(self.company.service.start_workflow(self.project_id, wanted))
            assert (started.replayed, started.status.run_id) == (True, known[1])
        elif known is not None or (model.state in ACTIVE and not inside) or not model.has(scene):
            with pytest.raises((Conflict, Invalid)):
                self.do(self.company.service.start_workflow(self.project_id, wanted))
        else:
            retakes = {} if scene is None else {scene: model.next_variation(scene)}
            started = self.do(self.company.service.start_workflow(self.project_id, wanted))
            run_id = started.status.run_id or 0
            if key is not None:
                model.keys[key] = (asked, run_id)
            if inside:
                assert run_id == model.run_id
                model.retakes |= retakes
                model.skips -= set(retakes)
            else:
                model.start(run_id, policy, retakes)
        self.settle()

    @rule()
    def pause(self) -> None:
        self.verb("pause")
        self.settle()

    @rule()
    def resume(self) -> None:
        moves = self.model.state in ("pausing", "paused")
        self.verb("resume")
        if moves:
            self.model.begin()
        self.settle()

    @rule()
    def retry(self) -> None:
        moves = self.model.state == "failed"
        self.verb("retry")
        if moves:
            self.model.begin()
        self.settle()

    @rule()
    def cancel(self) -> None:
        model, moves = self.model, self.model.state not in ("cancelling", "cancelled")
        self.verb("cancel")
        if model.state in ("cancelling", "cancelled") and moves:
            self.late += model.withdraw()
            model.begin()
        self.settle()

    @rule(n=st.integers(0, ITEMS - 1))
    def skip(self, n: int) -> None:
        model = self.model
        if model.state not in ("paused", "failed") or not model.planned:
            return
        before = self.do(project_of(self.studio, self.project_id)).last_event_id
        try:
            self.do(self.company.service.skip(self.project_id, f"image/s{n}"))
        except TrailerflowError as error:
            assert (error.code, model.wanted(n) in model.results) == ("finished", True)  # noqa: PT017 - either may be
        else:
            after = self.do(project_of(self.studio, self.project_id)).last_event_id
            assert after - before == (n not in model.skips)
            model.skips.add(n)
        self.settle()

    # Render workers

    @rule()
    def take_a_task(self) -> None:
        model, studio = self.model, self.studio
        claim = self.do(studio.task_claims.claim_here("a render worker", ("panel",))).claim
        assert claim is not None or not model.on_queue()
        if claim is not None:
            key = key_of(claim)
            assert key not in model.results | model.made | model.work.keys(), "nothing is made twice"
            model.work[key] = claim
        self.settle()

    @rule(
        which=st.integers(0, ITEMS),
        end=st.sampled_from(["finish", "finish", "finish", "fail", "fail for now", "hand back"]),
    )
    def end_a_task(self, which: int, end: str) -> None:
        model, task_claims = self.model, self.studio.task_claims
        if not model.work:
            return
        key = sorted(model.work)[which % len(model.work)]
        claim = model.work.pop(key)
        if end == "finish":
            assert self.do(task_claims.finish(claim, Made({"n": key[0]}, [self.file])))
            model.made.add(key)
        elif end == "hand back":
            assert self.do(task_claims.hand_back(claim))
        else:
            assert self.do(task_claims.fail(claim, {**ERROR, "temporary": end == "fail for now"}))
            model.tries[key] += 1
            if end == "fail" or model.tries[key] == backoff.MOST_TRIES:
                model.tries[key] = 0
                model.fail(key)
        self.settle()

    @rule()
    def come_too_late(self) -> None:
        for claim in self.late:
            assert not self.do(self.studio.task_claims.finish(claim, Made({"n": 99}, [self.file])))
        self.settle()

    # Misfortune

    @rule()
    def crash(self) -> None:
        if self.model.live:
            self.do(self.company.crash(self.model.run_id))
            self.model.live, self.model.failing = False, set()
            self.settle()

    @rule()
    def drain(self) -> None:
        model = self.model
        if not model.live:
            return
        leaving, self.company = self.company, self.hire()
        self.company.answers_turns = not model.deaf
        self.do(leaving.turns.leave())
        self.do(asyncio.gather(*leaving.takes)) if leaving.takes else None
        model.live = False
        if model.failing:
            model.state = "failed"
        else:
            self.do(self.company.turn(model.run_id))
            model.begin()
        self.settle()

    @rule()
    def lose_the_bell(self) -> None:
        self.model.deaf = True

    @rule(which=st.integers(0, ITEMS))
    def a_render_worker_dies(self, which: int) -> None:
        if self.model.work:
            claim = self.model.work.pop(sorted(self.model.work)[which % len(self.model.work)])
            self.do(expire(self.studio, Task, claim.task_id))
            self.late.append(claim)
            self.sweep()

    @rule()
    def sweep(self) -> None:
        self.company.answers_turns, self.model.deaf = True, False
        sweeper = Sweeper(database=self.studio.database, ring=self.company, limits=Limits(9, 9), lease_seconds=3600)
        self.do(sweeper.sweep())
        self.model.begin()
        self.settle()

    # What always holds

    @invariant()
    def the_log_is_whole(self) -> None:
        last = self.do(project_of(self.studio, self.project_id)).last_event_id
        events = self.do(events_of(self.studio, self.project_id))  # a turn may have told more meanwhile
        assert [event.id for event in events] == list(range(1, max(last, len(events)) + 1))
        runs: dict[int, list[Any]] = {}
        for event in events:
            runs.setdefault(event.run_id, []).append(event)
        for of_run in runs.values():
            progress = [event.data["progress"] for event in of_run]
            assert progress == sorted(progress)
            assert not {"run.completed", "run.cancelled"} & {event.type for event in of_run[:-1]}

    @invariant()
    def results_are_kept_and_one_run_is_active(self) -> None:
        results, active = self.do(self._rows())
        ids = {result.id for result in results}
        assert self.seen_results <= ids
        self.seen_results = ids
        pictures = [result for result in results if result.name.startswith("image/")]
        assert len({(result.name, result.digest) for result in pictures}) == len(pictures)
        assert len(active) <= 1

    async def _rows(self) -> tuple[list[Result], list[int | None]]:
        async with self.studio.database.read() as session:
            results = select(Result).where(col(Result.project_id) == self.project_id)
            active = select(col(Run.id)).where(col(Run.project_id) == self.project_id, col(Run.status).in_(ACTIVE))
            return list((await session.execute(results)).scalars()), list((await session.execute(active)).scalars())

    def teardown(self) -> None:
        self.do(self._end())

    async def _end(self) -> None:
        for take in self.company.takes:
            take.cancel()
        await asyncio.gather(*self.company.takes, return_exceptions=True)
        async with self.studio.database.write() as session:
            await session.execute(update(Run).where(col(Run.status).in_(ACTIVE)).values(status="cancelled"))
            await session.execute(delete(Task))
            await session.execute(delete(IdempotencyKey))


def test_whatever_people_and_misfortune_do_the_run_stands_where_the_model_says(
    settings: Settings, empty_database: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backoff, "wait_seconds", lambda *_: 0.0)
    monkeypatch.setattr(waits, "POLL_SECONDS", 0.02)
    settings.data.mkdir()
    shutil.copy(empty_database, settings.data)
    own = settings.model_copy(update={"redis_url": redis_url, "lease_seconds": 3600, "max_runs": 9})
    with asyncio.Runner() as runner:
        opening = bootstrap.studio(own)
        studio = runner.run(opening.__aenter__())
        stored = studio.storage.put_bytes(b"a picture")
        file = NewFile("panel.png", stored.sha256, "image/png", stored.bytes)
        run_state_machine_as_test(lambda: Drive(runner, studio, file), settings=PLAY)  # type: ignore[arg-type] # a factory will do
        runner.run(opening.__aexit__(None, None, None))
