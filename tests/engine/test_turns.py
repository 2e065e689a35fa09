import asyncio
import logging

import pytest
from sqlalchemy.exc import OperationalError

from engine.company import Company, Film, Workshop, abandon, row_of, taken_up, told
from patience import until
from trailerflow.engine.claims import Claim
from trailerflow.engine.steps import Turn


async def test_leaving_waits_for_a_claim_that_is_under_way(
    company: Company, project_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = company.claims.claim
    leaving: list[asyncio.Task[None]] = []

    async def claim_while_leaving(run_id: int, owner: str) -> Claim | None:
        leaving.append(asyncio.create_task(company.turns.leave()))
        await asyncio.sleep(0)
        assert not leaving[0].done()
        return await claim(run_id, owner)

    monkeypatch.setattr(company.claims, "claim", claim_while_leaving)
    run_id = await company.start(project_id)
    await until(lambda: leaving)
    await leaving[0]
    run = await row_of(company.studio, run_id)
    assert (run.status, run.owner) == ("running", None)


async def test_a_run_claimed_again_in_the_same_process_is_played_once(
    company: Company, project_id: int, workshop: Workshop, film: Film
) -> None:
    """The lease runs out while the first turn is busy: the second takes over, and neither trips over the other."""
    with workshop.holding(*range(4)):
        run_id = await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        await abandon(company.studio, run_id)
        await company.turn(run_id)
        await until(lambda: film.told == 2)
    await company.becomes(project_id, "completed")
    lines = [line for line in await told(company.studio, project_id) if line.startswith("step.finished")]
    assert len(lines) == len(set(lines)) == 5


async def test_a_lost_lease_ends_the_turn(company: Company, project_id: int, workshop: Workshop, film: Film) -> None:
    with workshop.holding(*range(4)):
        run_id = await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        await abandon(company.studio, run_id)
        assert await company.claims.claim(run_id, "another worker") is not None
        company.keeper.renew_all()
        await until(lambda: not company.takes)
    assert film.told == 1
    assert (await row_of(company.studio, run_id)).owner == "another worker"


async def test_a_database_that_is_away_breaks_the_turn_off_and_fails_no_run(
    company: Company, project_id: int, film: Film, caplog: pytest.LogCaptureFixture
) -> None:
    async def away(_turn: Turn) -> None:
        raise OperationalError("SELECT 1", {}, Exception("away"))

    film.short = away  # type: ignore[method-assign,assignment] # the database goes away in the middle
    with caplog.at_level(logging.WARNING):
        run_id = await company.start(project_id)
        await until(lambda: "lost the database" in caplog.text)
        await company.until(lambda: row_of(company.studio, run_id), lambda run: run.owner is None)
    assert (await row_of(company.studio, run_id)).status == "running"
    del film.short
    await company.turn(run_id)
    await company.becomes(project_id, "completed")


async def test_a_pause_taken_back_while_it_settles_plays_on_in_the_same_turn(
    company: Company, project_id: int, workshop: Workshop, film: Film, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark_paused = company.claims.mark_paused

    async def resumed_just_before(claim: Claim) -> bool:
        monkeypatch.undo()
        await company.service.resume(project_id)
        return await mark_paused(claim)

    monkeypatch.setattr(company.claims, "mark_paused", resumed_just_before)
    with workshop.holding(*range(4)):
        await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        await company.service.pause(project_id)
    await company.becomes(project_id, "completed")
    assert film.told == 2
    assert "run.paused" not in await told(company.studio, project_id)


async def test_a_pause_is_seen_without_the_bell(
    company: Company, project_id: int, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silence(_project_id: int, **_message: object) -> None:
        return

    monkeypatch.setattr(company.studio.bell, "ring", silence)
    with workshop.holding(*range(4)):
        await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        await company.service.pause(project_id)
    await company.becomes(project_id, "paused")
    assert len(await taken_up(company.studio, project_id)) == 2
