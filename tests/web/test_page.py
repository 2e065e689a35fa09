"""The page as a filmmaker sees it: a real Chromium against the whole running service."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

import psutil
import pytest
from playwright.async_api import (
    ConsoleMessage,
    Error,
    FilePayload,
    Locator,
    Page,
    Response,
    ViewportSize,
    async_playwright,
    expect,
)

from trailerflow.engine.states import ACTIVE, MOVES
from trailerflow.terminal.client import Client
from trailerflow.terminal.private_service import PrivateService

pytestmark = [pytest.mark.service, pytest.mark.browser]

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PATIENCE_MS = 60_000
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 360, "height": 740}
TALL: ViewportSize = {"width": 1280, "height": 2400}
# What a screen reader is told, and which videos play.
LISTEN = """() => {
  window.told = [], window.played = [];
  const live = document.getElementById("live");
  new MutationObserver(() => told.push(live.textContent)).observe(live, { childList: true });
  document.addEventListener("playing", ({ target }) => played.push(target.closest(".frame") !== null), true);
}"""
# Start, three phases, pause and resume with what they lead to, three quarters: not every picture.
MOST_TOLD = 16
# Markup, a name of one word, a direction that is never turned back, a script that runs the other way.
HOSTILE: FilePayload = {
    "name": "<script>alert(1)</script>" + "n" * 150 + ".fountain",
    "mimeType": "text/plain",
    "buffer": (
        "Title: <img src=x onerror=alert(1)> \u202eevil " + "W" * 300 + "\n\nINT. " + "X" * 200 + " - NIGHT\n\n"
        "Something <b>bold</b> happens.\n\n" + "A" * 120 + "\nJust words.\n\nEXT. שלום - DAY\n\nזה טקסט.\n"
    ).encode(),
}
STATES = {state for state, _ in MOVES} | set(MOVES.values()) | ACTIVE
# What the page knows by heart: who may do what when, where each verb leads, what an event makes of a run.
WORDS = """() => import("/static/words.js").then(({ ALLOWED, LEADS_TO, STATE_AFTER }) => [ALLOWED,
  Object.fromEntries(Object.entries(LEADS_TO).map(([verb, leads]) =>
    [verb, Object.fromEntries(ALLOWED[verb].map((state) => [state, leads(state)]))])),
  STATE_AFTER])"""
# Chromium itself writes a line for every answer that is an error and every broken connection; no script did it.
BROWSERS_OWN = "Failed to load resource"


class Watched:
    """A tab, and everything that went wrong in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.mistakes: list[str] = []
        self.refusals: list[int] = []
        page.on("pageerror", self._hear_error)
        page.on("console", self._hear_console)
        page.on("response", self._hear_response)

    def _hear_error(self, error: Error) -> None:
        self.mistakes.append(str(error))

    def _hear_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(BROWSERS_OWN):
            self.mistakes.append(message.text)

    def _hear_response(self, response: Response) -> None:
        if response.status >= 400:
            self.refusals.append(response.status)


@contextlib.asynccontextmanager
async def opened_tab(
    chromium: str,
    *,
    viewport: ViewportSize = WIDE,
    reduced_motion: Literal["reduce", "no-preference"] = "reduce",
    has_touch: bool = False,
    is_mobile: bool = False,
) -> AsyncIterator[Watched]:
    """Open a tab; nothing may have gone wrong in it when it is closed."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        context = await browser.new_context(
            viewport=viewport, reduced_motion=reduced_motion, has_touch=has_touch, is_mobile=is_mobile
        )
        context.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        watched = Watched(await context.new_page())
        yield watched
        await browser.close()
    assert watched.mistakes == []


@pytest.fixture
async def tab(chromium: str) -> AsyncIterator[Watched]:
    async with opened_tab(chromium) as watched:
        yield watched


async def drop(page: Page, url: str, script: Path) -> None:
    await page.goto(url)
    await page.get_by_label("Drop a screenplay here").set_input_files(script)
    await expect(button(page, "Start")).to_be_enabled()
    await page.get_by_label("Length").fill("15")


def shortest(example_script: Path) -> Path:
    """Return the shortest of the bundled screenplays."""
    return min(example_script.parent.glob("*.fountain"), key=lambda path: path.stat().st_size)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def pictures(page: Page) -> Locator:
    return page.locator(".tile .frame img")


async def happened(service: PrivateService, page: Page, last: str) -> list[str]:
    """Return the types of all events of the project the page shows, up to the last one expected."""
    seen: list[str] = []
    async with Client(service.url) as client:
        events = client.events(int(page.url.rpartition("/")[2]), after=0)
        async with contextlib.aclosing(events) as messages:
            async for message in messages:
                seen += [message.data["type"]] if message.event == "event" else []
                if last in seen:
                    break
    return seen


async def width_too_much(page: Page) -> int:
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def test_a_dropped_script_becomes_a_trailer_before_ones_eyes(
    chromium: str, service: PrivateService, example_script: Path, tmp_path: Path
) -> None:
    async with opened_tab(chromium, viewport=TALL, reduced_motion="no-preference") as tab:
        page = tab.page
        await drop(page, service.url, example_script)
        await page.evaluate(LISTEN)
        await button(page, "Start").focus()
        await page.keyboard.press("Enter")
        await expect(button(page, "Start")).to_be_disabled()

        await pictures(page).first.wait_for()
        await button(page, "Pause").click()
        await expect(page.get_by_role("heading", name="Paused")).to_be_visible()
        await expect(button(page, "Pause")).to_be_disabled()
        await expect(page.get_by_role("progressbar")).not_to_have_attribute("value", "100")
        await button(page, "Resume").click()

        await expect(page.get_by_role("heading", name="The trailer is ready")).to_be_visible()
        assert (
            await page.locator(".tile[data-state=clip]").count() == await page.locator(".tile[id^=shot-]").count() > 0
        )
        assert True in await page.evaluate("played")
        told = await page.evaluate("told")
        assert "The trailer is ready" in told[-1]
        assert len(told) <= MOST_TOLD, told
        await plays_for(page.get_by_label("Trailer of"), 15)
        await downloads(page, tmp_path / "trailer.mp4")
        await page.mouse.move(0, 0)  # a tile that is scrolled under the mouse would play, too
        await page.get_by_role("button", name="Play clip").first.press("Enter")
        await moves(page.locator(".tile video"))
        assert tab.refusals == []


async def plays_for(video: Locator, seconds: float) -> None:
    duration = await video.evaluate(
        "video => video.duration || new Promise(tell => video.onloadedmetadata = () => tell(video.duration))"
    )
    assert duration == pytest.approx(seconds, abs=0.5)
    assert await video.evaluate("video => [...video.textTracks].map(track => track.kind)") == ["captions"]
    await video.evaluate("video => { video.muted = true; return video.play() }")
    await moves(video)


async def moves(video: Locator) -> None:
    """Wait until a video has played a little."""
    await video.evaluate(
        "video => new Promise(tell => video.ontimeupdate = () => { if (video.currentTime > 0.1) tell() })"
    )


async def downloads(page: Page, target: Path) -> None:
    async with page.expect_download() as started:
        await page.get_by_role("link", name=re.compile(r"^Trailer \d")).click()
    download = await started.value
    assert download.suggested_filename == "trailer.mp4"
    await download.save_as(target)
    assert (await asyncio.to_thread(target.read_bytes))[4:8] == b"ftyp"


async def test_a_reload_in_the_middle_keeps_what_was_seen(
    tab: Watched, service: PrivateService, example_script: Path
) -> None:
    page = tab.page
    await drop(page, service.url, example_script)
    await page.get_by_label("Stop for my review").select_option("trailer_to_storyboard")
    await button(page, "Start").click()
    await pictures(page).first.wait_for()
    await page.reload()
    await expect(page.get_by_role("heading", name="Your turn to look")).to_be_visible()
    drawn = page.locator(".tile[data-state=image]")
    shots = await page.locator(".tile[id^=shot-]").count()
    await expect(drawn).to_have_count(shots)
    standing = await page.locator("main").inner_text()

    await page.reload()
    await expect(page.get_by_role("heading", name="Your turn to look")).to_be_visible()
    await expect(drawn).to_have_count(shots)
    await expect(page.locator(".step:is([data-state=finished], [data-state=reused])")).to_have_count(8)
    assert await page.locator("main").inner_text() == standing
    await expect(button(page, "Start")).to_be_disabled()
    await expect(button(page, "Resume")).to_be_enabled()


async def test_nothing_sticks_out_on_a_phone_whatever_the_names(tab: Watched, service: PrivateService) -> None:
    page = tab.page
    await page.set_viewport_size(PHONE)
    await page.goto(service.url)
    assert await width_too_much(page) == 0
    await page.get_by_label("Drop a screenplay here").set_input_files(HOSTILE)
    await expect(button(page, "Start")).to_be_enabled()
    assert await width_too_much(page) == 0
    await page.get_by_label("Make").select_option("script_analysis_only")
    await button(page, "Start").click()
    await expect(page.get_by_role("heading", name="The scenes are chosen")).to_be_visible()
    await page.locator(".tile").first.wait_for()
    assert await width_too_much(page) == 0
    await page.set_viewport_size(WIDE)
    assert await width_too_much(page) == 0
    assert await page.locator("main img[src=x]").count() == 0


async def test_a_bad_file_is_refused_in_words_that_help(
    tab: Watched, service: PrivateService, example_script: Path, tmp_path: Path
) -> None:
    page = tab.page
    await page.goto(service.url)
    field, problem = page.get_by_label("Drop a screenplay here"), page.get_by_role("alert")
    for name, content, words in (
        ("noise.fountain", bytes(range(32)) * 40, "not text"),
        ("nothing.fountain", b"", "neither action nor dialogue"),
        ("film.mp4", b"a" * (11 << 20), "11.0 MB"),
    ):
        await asyncio.to_thread((tmp_path / name).write_bytes, content)
        await field.set_input_files(tmp_path / name)
        await expect(problem.locator(".what")).to_contain_text(words)
        await expect(problem.locator(".remedy")).not_to_be_empty()
        assert "#/projects" not in page.url

    await field.set_input_files(example_script)
    await expect(button(page, "Start")).to_be_enabled()


async def test_a_film_is_removed_once_one_is_sure(tab: Watched, service: PrivateService, example_script: Path) -> None:
    page = tab.page
    await drop(page, service.url, shortest(example_script))
    address = page.url
    await button(page, "Remove this film").click()
    await page.keyboard.press("Escape")
    await expect(button(page, "Remove this film")).to_be_focused()
    await button(page, "Remove this film").click()
    await button(page, "Remove it").click()
    await expect(page.get_by_role("heading", name="Your films")).to_be_visible()
    await page.goto(address)
    await expect(page.get_by_role("heading", name="No such film")).to_be_visible()


async def test_an_unknown_film_says_so(tab: Watched, service: PrivateService) -> None:
    await tab.page.goto(f"{service.url}/#/projects/999999")
    await expect(tab.page.get_by_role("heading", name="No such film")).to_be_visible()
    await tab.page.get_by_role("link", name="All films").click()
    await expect(tab.page.get_by_role("heading", name="Your films")).to_be_visible()


async def test_the_page_goes_on_when_the_web_process_dies_under_it(
    tab: Watched, make_service: Callable[..., PrivateService], example_script: Path
) -> None:
    page, service = tab.page, make_service()
    await drop(page, service.url, shortest(example_script))
    await page.get_by_label("Make").select_option("storyboard_only")
    await page.get_by_label("Stop for my review").select_option("script_to_trailer")
    await button(page, "Start").click()
    await expect(page.get_by_role("heading", name="Your turn to look")).to_be_visible()

    for pid in service.pids("web"):
        with contextlib.suppress(psutil.NoSuchProcess):
            psutil.Process(pid).kill()
    await expect(page.locator("#connection")).to_be_visible()
    await expect(page.locator("#connection")).to_be_hidden()
    await button(page, "Resume").click()
    await expect(page.get_by_role("heading", name="The storyboard is ready")).to_be_visible()


async def test_the_page_allows_what_the_engine_allows_and_knows_where_it_leads(
    tab: Watched, service: PrivateService
) -> None:
    await tab.page.goto(service.url)
    allowed, leads, after = await tab.page.evaluate(WORDS)
    table = {verb: {state for state, move in MOVES if move == verb} for verb in allowed}
    table["regenerate"] |= table["start"]
    assert {verb: set(states) for verb, states in allowed.items()} == table
    targets = {verb: {state: MOVES[state, verb] for state in table[verb]} for verb in leads}
    targets["skip"]["failed"] = MOVES["failed", "retry"]  # the page's Skip goes on at once
    assert leads == targets
    assert after == {f"run.{state}": state for state in STATES if state not in ("idle", "running")} | {
        "run.started": MOVES["queued", "claim"], "run.retried": MOVES["failed", "retry"]
    }  # fmt: skip
