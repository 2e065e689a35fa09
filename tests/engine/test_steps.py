from collections import Counter
from collections.abc import Callable

import pytest

from engine.company import (
    PHASES,
    Company,
    Film,
    Made,
    Workshop,
    abandon,
    events_of,
    order_of,
    picture,
    row_of,
    taken_up,
    tasks_of,
    told,
)
from patience import until
from trailerflow.bootstrap import Studio
from trailerflow.engine.steps import Turn

ITEMS = [f"image/s{n}" for n in range(4)]


async def finished(studio: Studio, project_id: int) -> Counter[str]:
    """Count how often each step was told to be finished or reused."""
    lines = [line.split() for line in await told(studio, project_id)]
    return Counter(line[1] for line in lines if line[0] in ("step.finished", "step.reused"))


async def test_a_second_run_uses_everything_again_and_does_no_work(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    before = len(await told(company.studio, project_id))
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert (film.short_works, sorted(workshop.done)) == (1, [0, 1, 2, 3])
    second = (await told(company.studio, project_id))[before:]
    steps = [line for line in second if line.startswith("step.")]
    assert sorted(steps) == sorted(f"step.reused {name}" for name in ["short", *ITEMS])
    assert (await company.service.get_status(project_id)).items.images.done == 4


async def test_changed_inputs_are_done_again_and_only_they(company: Company, project_id: int, film: Film) -> None:
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    film.look = 2
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert film.short_works == 1
    assert await company.studio.projects.count_takes(project_id) == {"s0": 2, "s1": 2, "s2": 2, "s3": 2}


async def test_a_step_name_entered_twice_fails_the_run(company: Company, project_id: int, film: Film) -> None:
    async def twice(turn: Turn) -> Made:
        await Film.short(film, turn)
        return await Film.short(film, turn)

    film.short = twice  # type: ignore[method-assign] # this film is a bad one
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    status = await company.service.get_status(project_id)
    assert "entered twice" in str(status.error_message)


async def test_a_pause_lets_finish_what_is_in_flight_and_begins_nothing_else(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(*range(4)):
        await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        in_flight = [f"image/s{n}" for n in workshop.begun]
        assert (await company.service.pause(project_id)).status == "pausing"
    await company.becomes(project_id, "paused")
    assert len(await taken_up(company.studio, project_id)) == 2
    assert await finished(company.studio, project_id) == Counter(["short", *in_flight])
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    assert [task.attempts for task in await tasks_of(company.studio, project_id)] == [1] * 4
    assert await finished(company.studio, project_id) == Counter(["short", *ITEMS])


async def test_a_pause_at_the_last_items_lets_the_run_complete(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    film.items = 2
    with workshop.holding(0, 1):
        await company.start(project_id)
        await until(lambda: sorted(workshop.begun) == [0, 1])
        await company.service.pause(project_id)
    await company.becomes(project_id, "completed")
    assert (await told(company.studio, project_id))[-1] == "run.completed"


async def test_a_pause_before_a_short_step_keeps_it_from_beginning(
    company: Company, project_id: int, film: Film
) -> None:
    async def paused_first(turn: Turn) -> Made:
        await company.service.pause(project_id)
        return await Film.short(film, turn)

    film.short = paused_first  # type: ignore[method-assign] # a pause that comes at the worst moment
    await company.start(project_id)
    await company.becomes(project_id, "paused")
    assert film.short_works == 0


async def test_when_an_item_fails_its_siblings_in_flight_finish_and_others_do_not_begin(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    film.items = 8
    with workshop.holding(*range(8)):
        await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        bad = workshop.begun[0]
        workshop.failing = {bad}
        workshop.open(bad)
        # The hand that failed may begin one more before anybody knows.
        await company.until(
            lambda: tasks_of(company.studio, project_id),
            lambda tasks: sum(task.status == "held" for task in tasks) >= 5,
        )
    await company.becomes(project_id, "failed")
    begun = await taken_up(company.studio, project_id)
    assert len(begun) <= 3
    done = [task.order["n"] for task in await tasks_of(company.studio, project_id) if task.status == "done"]
    assert set(done) == set(begun) - {bad}
    status = await company.service.get_status(project_id)
    assert (status.failed_at, status.error_message, status.retry_count, status.step) == (
        f"{PHASES[1]}/image/s{bad}",
        f"picture {bad} has no paint",
        0,
        f"image/s{bad}",
    )
    assert (status.items.images.done, status.items.images.failed) == (len(done), 1)


async def test_a_failure_says_what_a_person_can_do(company: Company, project_id: int, workshop: Workshop) -> None:
    workshop.failing = {3}
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    told_error = {"code": "no_paint", "message": "picture 3 has no paint", "remedy": "buy paint"}
    errors = {
        event.type: event.data["error"]
        for event in (await events_of(company.studio, project_id))
        if "error" in event.data
    }
    assert errors == {"step.failed": told_error, "run.failed": told_error}


async def test_a_new_run_after_a_failure_does_what_is_missing(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    workshop.failing = {0}
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    workshop.failing = set()
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    lines = [line for line in await told(company.studio, project_id) if line.startswith("step.finished image")]
    assert sorted(lines) == [f"step.finished {item}" for item in ITEMS]
    assert (await company.service.get_status(project_id)).retry_count == 0


async def test_a_short_step_that_breaks_fails_the_run_at_that_step(
    company: Company, project_id: int, film: Film
) -> None:
    def broken() -> Made:
        raise ZeroDivisionError("of all things")

    film.work = broken  # type: ignore[method-assign] # this film is a bad one
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    status = await company.service.get_status(project_id)
    assert (status.failed_at, status.step) == (f"{PHASES[0]}/short", "short")
    assert status.error_message == "short: ZeroDivisionError: of all things"


async def test_a_defect_in_the_story_itself_fails_the_run(company: Company, project_id: int, film: Film) -> None:
    async def broken(turn: Turn) -> Made:
        raise KeyError(turn.claim.project_id)

    film.short = broken  # type: ignore[method-assign] # this film is a bad one
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    assert (await company.service.get_status(project_id)).failed_at == f"{PHASES[0]}/internal"


async def test_after_a_crash_another_claim_goes_on_and_each_step_ends_once(
    company: Company, project_id: int, film: Film, workshop: Workshop
) -> None:
    with workshop.holding(*range(4)):
        run_id = await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        workshop.open(workshop.begun[0])
        await company.until(lambda: finished(company.studio, project_id), lambda steps: steps.total() == 2)
        await until(lambda: len(workshop.begun) == 3)
        await company.crash(run_id)
        await company.turn(run_id)
        await until(lambda: film.told == 2)
    await company.becomes(project_id, "completed")
    assert await finished(company.studio, project_id) == Counter(["short", *ITEMS])
    assert sorted(workshop.begun) == sorted(workshop.done) == [0, 1, 2, 3]
    assert film.short_works == 1
    assert Counter(await told(company.studio, project_id))["run.started"] == 1


async def test_what_was_done_while_no_orchestrator_lived_is_collected(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(*range(4)):
        run_id = await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        await company.crash(run_id)
    await until(lambda: len(workshop.done) == 4)
    assert await finished(company.studio, project_id) == Counter(["short"])
    await company.turn(run_id)
    await company.becomes(project_id, "completed")
    assert sorted(workshop.begun) == [0, 1, 2, 3]
    assert await finished(company.studio, project_id) == Counter(["short", *ITEMS])


async def test_a_crash_in_the_middle_of_a_pause_still_ends_in_paused(
    company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(*range(4)):
        run_id = await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        await company.service.pause(project_id)
        await company.crash(run_id)
        await company.turn(run_id)
    await company.becomes(project_id, "paused")
    assert [task.status for task in await tasks_of(company.studio, project_id)].count("done") == 2
    assert len(await taken_up(company.studio, project_id)) == 2


async def test_a_drained_turn_is_released_at_once_and_another_goes_on(
    make_company: Callable[[], Company], company: Company, project_id: int, workshop: Workshop
) -> None:
    with workshop.holding(*range(4)):
        await company.start(project_id)
        await until(lambda: len(workshop.begun) == 2)
        company.answers_turns = False
        await company.turns.leave()
        status = await company.service.get_status(project_id)
        run = await row_of(company.studio, status.run_id or 0)
        assert (run.status, run.owner, run.deliveries) == ("running", None, 0)
    async with make_company() as other:
        await other.turn(status.run_id or 0)
        await other.becomes(project_id, "completed")
    assert await finished(company.studio, project_id) == Counter(["short", *ITEMS])
    assert sorted(workshop.begun) == [0, 1, 2, 3]


async def test_a_task_handed_back_is_rung_for_at_once(
    company: Company, project_id: int, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[int] = []

    async def render(count: int) -> None:
        rung.append(count)

    with workshop.holding(*range(4)):
        await company.start(project_id)
        await company.until(
            lambda: told(company.studio, project_id), lambda lines: sum("started image" in line for line in lines) == 2
        )
        monkeypatch.setattr(company, "render", render)
        for farm in company.farms:
            await farm.leave()
        await until(lambda: sum(rung) == 2)


async def test_a_worker_that_leaves_takes_no_turn(company: Company, project_id: int) -> None:
    await company.turns.leave()
    run_id = await company.start(project_id)
    await company.turns.take(run_id)
    assert (await company.service.get_status(project_id)).status == "queued"


async def test_two_orchestrators_rung_for_one_run_do_each_step_once(
    make_company: Callable[[], Company], company: Company, project_id: int, workshop: Workshop
) -> None:
    async with make_company() as other:
        run_id = await company.start(project_id)
        for _ in range(5):
            await other.turn(run_id)
            await company.turn(run_id)
        await company.becomes(project_id, "completed")
    assert await finished(company.studio, project_id) == Counter(["short", *ITEMS])
    assert sorted(workshop.done) == [0, 1, 2, 3]


async def test_an_owner_whose_run_was_taken_over_falls_silent(
    make_company: Callable[[], Company], company: Company, project_id: int, workshop: Workshop
) -> None:
    async with make_company() as other:
        with workshop.holding(*range(4)):
            run_id = await company.start(project_id)
            await until(lambda: len(workshop.begun) >= 2)
            await abandon(company.studio, run_id)
            await other.turn(run_id)
            await until(lambda: not company.takes)
        await other.becomes(project_id, "completed")
    assert await finished(company.studio, project_id) == Counter(["short", *ITEMS])


async def test_files_that_are_never_there_fail_the_step_instead_of_being_made_for_ever(
    company: Company, project_id: int, film: Film, workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    film.items = 1
    monkeypatch.setattr(company.studio.storage, "has", lambda _sha256: False)
    await company.start(project_id)
    await company.becomes(project_id, "failed")
    assert workshop.done == [0, 0]
    assert "cannot be found" in str((await company.service.get_status(project_id)).error_message)


async def test_a_take_chosen_by_hand_is_used_as_it_is(company: Company, project_id: int, film: Film) -> None:
    for look in (1, 2):
        film.look = look
        await company.start(project_id)
        await company.becomes(project_id, "completed")

    async def first_take(turn: Turn, n: int) -> Made:
        step = picture(n)
        return await turn.order(
            step.name, band=step.band, kind=step.kind, version=3, order=order_of(n), product=Made,
            scene=n, shot=step.shot, take=1,
        )  # fmt: skip

    film.image = first_take  # type: ignore[method-assign] # a person has chosen
    await company.start(project_id)
    await company.becomes(project_id, "completed")
    assert await company.studio.projects.count_takes(project_id) == {"s0": 2, "s1": 2, "s2": 2, "s3": 2}
    assert (await company.studio.projects.get(project_id)).takes == {"s0": 1, "s1": 1, "s2": 1, "s3": 1}


async def test_a_take_or_product_that_is_gone_fails_the_run_with_a_remedy(
    company: Company, project_id: int, film: Film
) -> None:
    for missing in ("take", "last"):

        async def ask(turn: Turn, missing: str = missing) -> Made:
            return await (turn.take("image/s0", 9, Made) if missing == "take" else turn.last("cast", Made))

        film.short = ask  # type: ignore[method-assign] # asks for what was never made
        await company.start(project_id)
        await company.becomes(project_id, "failed")
        assert "gone" in str((await company.service.get_status(project_id)).error_message)


async def test_progress_never_falls_and_is_told_with_every_event(company: Company, project_id: int) -> None:
    await company.start(project_id, pause_after=PHASES[0])
    await company.becomes(project_id, "paused")
    await company.service.resume(project_id)
    await company.becomes(project_id, "completed")
    events = await events_of(company.studio, project_id)
    progress = [event.data["progress"] for event in events]
    assert progress == sorted(progress)
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert progress[-1] == 100
    assert max(progress[:-1]) <= 99
