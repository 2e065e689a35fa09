"""The page for everybody: contrast in both themes, names, landmarks, headings, room for fingers, little movement."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from trailerflow.terminal.private_service import PrivateService
from web.test_page import PHONE, Watched, button, drop, opened_tab, shortest

pytestmark = [pytest.mark.service, pytest.mark.browser]

NAMELESS = re.compile(
    r"^\s*- (button|link|textbox|combobox|radio|slider|spinbutton|img|progressbar|checkbox|region)(?=:|$| \[)",
    re.MULTILINE,
)
LANDMARKS = ("banner", "main")

# Every piece of text that can be seen, with the contrast of its colour against what lies behind it. What lies over a
# picture is taken for lying over a white one. Controls that are off are exempt, as in WCAG 1.4.3.
CONTRASTS = """() => {
  const parse = (colour) => { const [r, g, b, a = 1] = colour.match(/[\\d.]+/g).map(Number); return { r, g, b, a }; };
  const over = (top, below) => ({ r: top.r * top.a + below.r * (1 - top.a), g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a), a: 1 });
  const light = ({ r, g, b }) => [r, g, b].map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement) {
      const colour = parse(getComputedStyle(one).backgroundColor);
      layers.push(colour);
      if (one.matches(".frame:has(img), .screen:has(img)")) layers.push({ r: 255, g: 255, b: 255, a: 1 });
      if (layers.at(-1).a === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below));
  };
  const isOff = (element) => element.closest(":disabled, [aria-disabled=true], [aria-hidden=true], .unseen");
  const faded = (element) => (element ? getComputedStyle(element).opacity * faded(element.parentElement) : 1);
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || isOff(element)) continue;
    const style = getComputedStyle(element);
    const ground = behind(element);
    const ink = parse(style.color);
    const seen = over({ ...ink, a: ink.a * faded(element) }, ground);
    const [low, high] = [light(seen), light(ground)].sort((a, b) => a - b);
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = (high + 0.05) / (low + 0.05);
    const what = `${walker.currentNode.data.trim()} (${element.className})`;
    if (ratio < (isLarge ? 3 : 4.5)) found.push(`${what}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""

# Headings that leave out a level, as "h2 > h4".
LEAPS = """() => [...document.querySelectorAll("h1, h2, h3, h4")].filter((one) => one.checkVisibility())
  .map((one) => Number(one.tagName[1]))
  .flatMap((level, index, all) => (level > (all[index - 1] ?? 0) + 1 ? [`h${all[index - 1]} > h${level}`] : []))"""

# What can be touched and is lower than a finger; a radio's, checkbox's or file's label is touched in its stead.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, summary, select, input")]
  .map((one) => (["radio", "checkbox", "file"].includes(one.type) ? one.labels[0] : one))
  .filter((one) => one.checkVisibility() && !one.closest(".unseen, .skip, :disabled"))
  .filter((one) => one.getBoundingClientRect().height < 43.5)
  .map((one) => `${one.tagName} ${one.className} ${one.textContent}`)"""


# Where the focus is, and whether that can be seen.
FOCUS = """() => {
  const at = document.activeElement;
  const ring = getComputedStyle(at.matches(".aspects input") ? at.parentElement : at);
  return [at.id || at.textContent, ring.outlineStyle !== "none" || at === document.body];
}"""


@pytest.fixture
async def tab(chromium: str) -> AsyncIterator[Watched]:
    async with opened_tab(chromium) as watched:
        yield watched


async def look(page: Page) -> list[str]:
    """Return everything on the page, as it stands, that somebody could not see, hear or find."""
    found: list[str] = []
    schemes: tuple[Literal["dark", "light"], ...] = ("dark", "light")
    for scheme in schemes:
        await page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {text}" for text in await page.evaluate(CONTRASTS)]
    found += await page.evaluate(LEAPS)
    found += [match.group() for match in NAMELESS.finditer(await page.locator("body").aria_snapshot())]
    found += [f"no {name}" for name in LANDMARKS if await page.get_by_role(name).count() != 1]  # type: ignore[arg-type] # a list of landmarks is a list of roles
    found += [] if await page.get_by_role("heading", level=1).count() == 1 else ["not one h1"]
    return found


async def open_all(page: Page) -> None:
    """Open everything that can be opened."""
    await page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")


async def test_nobody_is_shut_out_before_and_after_a_film_is_made(
    tab: Watched, service: PrivateService, example_script: Path
) -> None:
    page = tab.page
    await page.goto(service.url)
    assert await look(page) == []
    await drop(page, service.url, shortest(example_script))
    assert await look(page) == []

    await page.get_by_label("Make").select_option("storyboard_only")
    await button(page, "Start").click()
    await expect(page.get_by_role("heading", name="The storyboard is ready")).to_be_visible()
    await expect(page.locator(".tile[data-state=image]")).not_to_have_count(0)
    await open_all(page)
    assert await look(page) == []
    assert await page.evaluate("document.getAnimations().length") == 0
    await page.goto(service.url)
    await expect(page.locator(".film-card .standing").first).to_have_text("Ready")
    await expect(page.locator(".poster img").first).to_be_visible()
    assert await look(page) == []


async def test_fingers_have_room(chromium: str, service: PrivateService, example_script: Path) -> None:
    async with opened_tab(chromium, viewport=PHONE, has_touch=True, is_mobile=True) as watched:
        page = watched.page
        await drop(page, service.url, example_script)
        assert await page.evaluate("matchMedia('(pointer: coarse)').matches")
        assert await page.evaluate(TOO_SMALL) == []
        await page.get_by_label("Make").select_option("script_analysis_only")
        await button(page, "Start").tap()
        await page.locator(".tile").first.wait_for()
        await open_all(page)
        assert await page.evaluate(TOO_SMALL) == []
        await page.get_by_role("link", name="All films").tap()
        await page.locator(".film-card").first.wait_for()
        assert await page.evaluate(TOO_SMALL) == []


async def test_the_keyboard_reaches_everything_and_shows_where_it_is(
    tab: Watched, service: PrivateService, example_script: Path
) -> None:
    page = tab.page
    await drop(page, service.url, example_script)
    await page.locator("body").focus()
    reached = set()
    for _ in range(40):
        await page.keyboard.press("Tab")
        here = await page.evaluate(FOCUS)
        assert here[1], f"nothing shows that {here[0]} has the focus"
        reached.add(here[0])
    assert {
        "Start",
        "seconds",
        "aspect-16:9",
        "type",
        "on-error",
        "pause-after",
        "seed",
        "spoilers",
        "All films",
    } <= reached
