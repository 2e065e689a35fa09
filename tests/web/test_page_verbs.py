"""The verbs as a filmmaker presses them: cancel, regenerate a scene, retry, skip; and one press makes one run."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, Request, Route, expect

from patience import until
from provider_double import Double, running
from trailerflow.terminal.private_service import PrivateService
from web.test_page import PHONE, Watched, button, drop, happened, opened_tab, pictures, shortest, width_too_much

pytestmark = [pytest.mark.service, pytest.mark.browser]

AT_A_PROVIDER = {"FRAME_HEIGHT": "96", "LEASE_SECONDS": "2", "PROVIDER_SKILLS": "panel", "PROVIDER_POLL_SECONDS": "0.1"}
BROKEN = {"kind": "panel", "times": 1}
AGAIN = re.compile(r"^Trying again \(\d\) …$")
REFUSAL = json.dumps({"title": "Conflict", "status": 409, "code": "not_allowed", "detail": "Not now", "remedy": "wait"})
PASSING = {"kind": "panel", "times": 1, "temporary": True}


@pytest.fixture
async def tab(chromium: str) -> AsyncIterator[Watched]:
    async with opened_tab(chromium) as watched:
        yield watched


@pytest.fixture(scope="module")
def short_script(example_script: Path) -> Path:
    return shortest(example_script)


@pytest.fixture(scope="module")
def double() -> Iterator[Double]:
    with running() as provider:
        yield provider


@pytest.fixture(scope="module")
def hired(double: Double, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateService]:
    """Give a whole service whose pictures a provider makes, as well as the double is told to."""
    told = {**AT_A_PROVIDER, "PROVIDER_URL": double.url, "PROVIDER_KEY": double.key}
    environment = {f"TRAILERFLOW_{name}": value for name, value in told.items()}
    with PrivateService(data=tmp_path_factory.mktemp("hired"), environment=environment, render_workers=2) as private:
        yield private


def heading(page: Page, name: str) -> Locator:
    return page.get_by_role("heading", name=name, exact=True)


def anew(page: Page) -> Locator:
    return page.get_by_role("button", name="Regenerate this scene")


def stand_ins(page: Page) -> Locator:
    return page.locator(".tile .stand-in:visible")


async def takes(page: Page) -> list[str]:
    """Return the take of each picture on the storyboard, in order."""
    sources = await pictures(page).evaluate_all("images => images.map(image => image.src)")
    return [source.rpartition("-t")[2] for source in sources]


async def test_a_run_cancelled_in_the_middle_leaves_what_is_finished_to_the_next(
    tab: Watched, service: PrivateService, short_script: Path
) -> None:
    page = tab.page
    await drop(page, service.url, short_script)
    await expect(button(page, "Cancel")).to_be_disabled()
    await button(page, "Start").click()
    await pictures(page).first.wait_for()
    await button(page, "Cancel").focus()
    await page.keyboard.press("Enter")
    await expect(heading(page, "Cancelled")).to_be_visible()
    await expect(page.locator(".message")).to_contain_text("Everything finished is kept. Start again")
    await expect(button(page, "Cancel")).to_be_disabled()
    await expect(page.locator(".tile:is([data-state=drawing], [data-state=filming])")).to_have_count(0)

    await expect(button(page, "Start again")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(heading(page, "The trailer is ready")).to_be_visible()
    seen = await happened(service, page, "run.completed")
    assert seen.count("run.queued") == 2
    assert "step.reused" in seen[seen.index("run.cancelled") :]
    assert set(await takes(page)) == {"1.png"}
    assert tab.refusals == []


async def test_a_scene_made_anew_brings_its_new_pictures_and_leaves_the_others(
    tab: Watched, service: PrivateService, short_script: Path
) -> None:
    page = tab.page
    await drop(page, service.url, short_script)
    await button(page, "Start").click()
    await anew(page).first.wait_for()
    await expect(anew(page).first).to_be_disabled()
    await expect(heading(page, "The trailer is ready")).to_be_visible()
    scenes = await page.locator(".tile .slug").all_inner_texts()
    await anew(page).first.focus()
    await page.keyboard.press("Enter")
    await expect(anew(page).first).to_be_disabled()
    await expect(button(page, "Cancel")).to_be_enabled()
    await expect(heading(page, "The scene is made anew")).to_be_visible()

    expected = ["2.png" if scene == scenes[0] else "1.png" for scene in scenes]
    assert {"1.png", "2.png"} == set(expected)
    assert await takes(page) == expected
    await expect(page.locator(".tile[data-state=clip]")).to_have_count(len(scenes))
    await expect(page.get_by_label("Trailer of")).to_be_visible()
    await expect(page.get_by_label("Length")).to_have_value("15")
    assert tab.refusals == []

    await page.reload()
    await expect(heading(page, "The scene is made anew")).to_be_visible()
    await expect(page.locator(".tile[data-state=clip]")).to_have_count(len(scenes))
    assert await takes(page) == expected


async def test_a_scene_is_made_anew_inside_a_run_that_waits_for_review(
    tab: Watched, service: PrivateService, short_script: Path
) -> None:
    page = tab.page
    await drop(page, service.url, short_script)
    await page.get_by_label("Stop for my review").select_option("trailer_to_storyboard")
    await button(page, "Start").click()
    await expect(heading(page, "Your turn to look")).to_be_visible()
    await anew(page).first.click()
    await expect(page.get_by_role("button", name="Made anew when you resume").first).to_be_disabled()
    await page.get_by_role("button", name="Skip the clip of s002-1").click()
    await expect(page.locator("#shot-s002-1 .state")).to_have_text("A stand-in comes here")
    await expect(page.locator(".message")).to_contain_text("Press Resume: the scene is made anew")
    await button(page, "Resume").click()

    await expect(heading(page, "The trailer is ready")).to_be_visible()
    assert set(await takes(page)) == {"1.png", "2.png"}
    await expect(stand_ins(page)).to_have_count(1)
    await expect(page.get_by_role("button", name="Skip the")).to_have_count(0)
    assert (await happened(service, page, "run.completed")).count("run.queued") == 1
    shots = await page.locator(".tile[id^=shot-]").count()
    await expect(page.get_by_text(f"{shots} / {shots}")).to_have_count(2)
    assert tab.refusals == []


async def test_a_double_click_on_start_makes_one_run(tab: Watched, service: PrivateService, short_script: Path) -> None:
    page, sent = tab.page, starts(tab.page)
    await drop(page, service.url, short_script)
    await page.get_by_label("Make").select_option("script_analysis_only")
    await button(page, "Start").evaluate("start => { start.click(); start.click(); }")
    await expect(heading(page, "The scenes are chosen")).to_be_visible()
    await button(page, "Start again").dblclick()
    await expect(heading(page, "The scenes are chosen")).to_be_visible()
    assert (await happened(service, page, "run.completed")).count("run.queued") == 1
    assert len(set(sent)) == len(sent) == 2
    assert tab.refusals == []


async def test_a_start_whose_answer_is_lost_goes_out_again_under_its_key(
    tab: Watched, service: PrivateService, short_script: Path
) -> None:
    page, sent = tab.page, starts(tab.page)

    async def lose(route: Route) -> None:
        answer = await route.fetch()
        if len(sent) == 1:
            await route.abort()
        else:
            assert answer.headers["idempotent-replayed"] == "true"
            await route.fulfill(response=answer)

    await page.route("**/start", lose)
    await drop(page, service.url, short_script)
    await page.get_by_label("Make").select_option("script_analysis_only")
    await button(page, "Start").click()
    await expect(heading(page, "The scenes are chosen")).to_be_visible()
    await until(lambda: len(sent) == 2)  # the run may be over by then
    assert (await happened(service, page, "run.completed")).count("run.queued") == 1
    assert len(set(sent)) == 1


def starts(page: Page) -> list[str]:
    """Return a list that grows by the key of every start that is sent."""
    keys: list[str] = []

    def hear(request: Request) -> None:
        if request.url.endswith("/start"):
            keys.append(request.headers["idempotency-key"])

    page.on("request", hear)
    return keys


async def test_a_verb_shows_at_once_and_is_taken_back_when_refused(
    tab: Watched, service: PrivateService, short_script: Path
) -> None:
    page, held, refused = tab.page, asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        await held.wait()
        await route.continue_()

    async def refuse(route: Route) -> None:
        await refused.wait()
        await route.fulfill(status=409, content_type="application/problem+json", body=REFUSAL)

    await page.route("**/start", hold)
    await page.route("**/cancel", refuse)
    await drop(page, service.url, short_script)
    await page.get_by_label("Stop for my review").select_option("script_to_trailer")
    await button(page, "Start").click()
    await expect(heading(page, "Waiting for a free desk")).to_be_visible()
    held.set()
    await expect(heading(page, "Your turn to look")).to_be_visible()

    await button(page, "Cancel").click()
    await expect(heading(page, "Cancelled")).to_be_visible()
    refused.set()
    await expect(page.get_by_role("alert")).to_contain_text("Not now")
    await expect(heading(page, "Your turn to look")).to_be_visible()
    await expect(button(page, "Resume")).to_be_enabled()


async def test_what_is_chosen_by_hand_shows_at_once_and_is_obeyed_by_the_next_start(
    tab: Watched, service: PrivateService, short_script: Path
) -> None:
    page = tab.page
    await drop(page, service.url, short_script)
    await page.get_by_label("Let it tell the ending").check()
    await page.get_by_label("Make").select_option("storyboard_only")
    await button(page, "Start").click()
    await expect(heading(page, "The storyboard is ready")).to_be_visible()
    await expect(page.get_by_label("Let it tell the ending")).to_be_checked()
    await expect(page.locator(".pending")).to_be_hidden()
    await anew(page).first.click()
    await expect(heading(page, "The scene is made anew")).to_be_visible()

    await page.get_by_role("group", name="Take of s000-1", exact=True).get_by_label("Take 1").check()
    await expect(page.locator("#shot-s000-1 .state")).to_have_text("Take 1, from the next start")
    leave_out = page.get_by_role("button", name="Leave out EXT. STREET")
    await leave_out.press("Enter")
    await expect(leave_out).to_be_focused()
    await expect(page.get_by_text("Left out from the next start").first).to_be_visible()
    await expect(page.get_by_text("You chose 1 take and 1 scene by hand.")).to_be_visible()
    await moved_to_the_front(page, "INT. TRAIN - DAY")
    await page.get_by_label("Let it tell the ending").uncheck()
    words = "You chose 1 take, 1 scene, and the order of the scenes by hand. The ending stays untold. Start again obeys"
    await expect(page.get_by_text(words)).to_be_visible()
    await page.reload()
    await expect(page.get_by_text(words)).to_be_visible()

    await button(page, "Start again").click()
    await expect(heading(page, "The storyboard is ready")).to_be_visible()
    await expect(page.locator(".pending")).to_be_hidden()
    assert list(dict.fromkeys(await page.locator(".tile .slug").all_inner_texts())) == [
        "INT. TRAIN - DAY", "INT. EMPTY THEATRE - NIGHT"
    ]  # fmt: skip
    first = page.get_by_role("group", name="Take of s000-1", exact=True)
    await expect(first.get_by_label("Take 1")).to_be_checked()
    await page.get_by_text("1 scene left out, and why").click()
    await expect(page.locator(".left-out li")).to_contain_text("left out by you")
    unheard = page.locator("#shot-s000-1 .unheard")
    await unheard.get_by_text("Lines not heard").click()
    await expect(unheard.locator("li")).not_to_have_count(0)
    await button(page, "Leave out EXT. STREET - DAWN").click()
    await button(page, "Put it in EXT. STREET - DAWN").click()
    await expect(page.get_by_text("You chose 1 scene by hand.")).to_be_visible()
    assert tab.refusals == []


async def moved_to_the_front(page: Page, scene: str) -> None:
    """Move a scene to the front of the trailer with the keyboard alone, which stays where it is."""
    await page.get_by_text("Change the order of the scenes").press("Enter")
    rows = page.locator(".order li")
    earlier = button(page, f"Move earlier {scene}")
    await earlier.focus()
    for _ in range(await rows.count()):
        await page.keyboard.press("Enter")
        await expect(earlier).to_be_focused()
    await expect(rows.first).to_contain_text(scene)
    await expect(earlier).to_be_disabled()


async def test_what_failed_is_skipped_with_one_press_and_marked_as_a_stand_in(
    tab: Watched, hired: PrivateService, double: Double, short_script: Path
) -> None:
    page = tab.page
    await drop(page, hired.url, short_script)
    double.tell(fail=[BROKEN])
    await button(page, "Start").click()
    await expect(heading(page, "It stopped")).to_be_visible()
    await expect(page.get_by_text("This one failed")).to_have_count(1)
    for possible in ("Start again", "Retry", "Skip", "Cancel"):
        await expect(button(page, possible)).to_be_enabled()
    await expect(page.get_by_text("Skip lets a simple stand-in take the place of picture")).to_be_visible()
    await button(page, "Skip").click()

    await expect(heading(page, "The trailer is ready")).to_be_visible()
    await expect(stand_ins(page)).to_have_count(1)
    await expect(page.locator(".message")).to_contain_text("1 stand-in takes the place of what could not be made")
    seen = await happened(hired, page, "run.completed")
    assert seen.count("run.retried") == 1
    assert seen.count("step.skipped") == 2  # asked for, then there
    await page.reload()
    await expect(stand_ins(page)).to_have_count(1)
    assert tab.refusals == []


async def test_what_failed_is_tried_again_and_says_so_also_on_a_phone(
    tab: Watched, hired: PrivateService, double: Double, short_script: Path
) -> None:
    page = tab.page
    await page.set_viewport_size(PHONE)
    await drop(page, hired.url, short_script)
    await page.get_by_label("Make").select_option("storyboard_only")
    double.tell(fail=[BROKEN])
    await button(page, "Start").click()
    await expect(button(page, "Retry")).to_be_enabled()
    assert await width_too_much(page) == 0
    double.tell(fail=[PASSING], delay_seconds=1.0)
    await button(page, "Retry").click()
    await expect(page.locator(".state", has_text=AGAIN)).to_be_visible()
    double.tell(delay_seconds=0)

    await expect(heading(page, "The storyboard is ready")).to_be_visible()
    await expect(page.get_by_text("This one failed")).to_have_count(0)
    await expect(stand_ins(page)).to_have_count(0)
    assert await width_too_much(page) == 0
    assert tab.refusals == []


async def test_a_run_that_may_skip_goes_on_by_itself(
    tab: Watched, hired: PrivateService, double: Double, short_script: Path
) -> None:
    page = tab.page
    await drop(page, hired.url, short_script)
    await page.get_by_label("If a picture or clip fails").select_option(label="Put a stand-in there and go on")
    double.tell(fail=[BROKEN])
    await button(page, "Start").click()
    await expect(heading(page, "The trailer is ready")).to_be_visible()
    await expect(stand_ins(page)).to_have_count(1)
    shots = await page.locator(".tile[id^=shot-]").count()
    await expect(page.get_by_text(f"{shots} / {shots}")).to_have_count(2)
    assert "run.retried" not in await happened(hired, page, "run.completed")
