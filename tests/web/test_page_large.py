"""The page with much on it: it draws what has changed, keeps the focus where it is, and lists films as they stand."""

from collections.abc import AsyncIterator

import httpx
import pytest
from playwright.async_api import expect

from web.conftest import WebProcess
from web.hands import SCRIPT, Hands
from web.test_page import Watched, opened_tab

pytestmark = [pytest.mark.browser]

SHOTS = 150
FILMS = 60
MILLISECONDS = 33
CHANGES = 12

# A storyboard of many shots, and every event of a whole run: how long each takes to be drawn, how much of the page it
# changes, and whether it touches anything but its own shot. At last another plan: the focus stays where it is.
MANY_SHOTS = """async (count) => {
  const { Film } = await import("/static/film.js");
  const { Board } = await import("/static/board.js");
  const { Strip } = await import("/static/strip.js");
  const { Hand } = await import("/static/hand.js");
  const film = new Film(1);
  const shots = Array.from({ length: count }, (_, scene) => ({ id: `s${String(scene).padStart(3, "0")}-1`, scene,
    heading: `INT. ROOM ${scene} - NIGHT`, size: "wide", action: "Somebody waits.", line: null }));
  const cuts = shots.map(({ id }, index) => ({ kind: "shot", id, act: "montage", start: index * 24, frames: 24 }));
  const choices = shots.map(({ scene, heading }) => ({ scene, heading, act: "montage", reason: "a strong picture" }));
  const edits = { lock: [], ban: [], order: [], takes: {} };
  const plan = { seconds: count, frames: count * 24, aspect: "16:9", choices, shots, cuts, edits,
    cards: [], takes: {} };
  const none = { done: 0, total: count, failed: 0, skipped: 0 };
  film.status = { project_id: 1, run_id: 1, workflow_type: "full_pipeline", status: "running", last_event_id: 0,
    phase: "trailer_to_storyboard", progress: 45, items: { images: { ...none }, clips: { ...none } } };
  film.plan = plan;
  const hand = new Hand(film, { changed: () => {} });
  const parts = [new Board({ scenes: { can: () => false }, hand }), new Strip({ chosen: () => {} })];
  document.getElementById("main").replaceChildren(...parts.map(({ element }) => element));
  parts.forEach((part) => part.draw(film));

  const watch = new MutationObserver(() => {});
  watch.observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  const result = { events: 0, worst: 0, elsewhere: 0, milliseconds: 0 };
  const happens = ["image", "clip"].flatMap((kind) => shots.flatMap(({ id }) =>
    ["step.started", "step.finished"].map((type) => ({ kind, id, type }))));
  for (const { kind, id, type } of happens) {
    const begun = performance.now();
    film.apply(++result.events, { type, run_id: 1, step: `${kind}/${id}`, kind, shot: id, take: 1, progress: 50,
      ...(type === "step.finished" && { artifact: `${kind}-${id}-t1.png` }) });
    parts.forEach((part) => part.draw(film));
    document.body.getBoundingClientRect();
    result.milliseconds += performance.now() - begun;
    const changed = watch.takeRecords();
    result.worst = Math.max(result.worst, changed.length);
    result.elsewhere += changed.filter(({ target }) => !target.closest?.(`#shot-${id}, .cut[title="${id}"]`)).length;
  }
  const kept = document.querySelector(`#shot-${shots[5].id} .anew`);
  kept.focus();
  film.plan = { ...plan, cuts: cuts.slice(2), shots: shots.slice(2) };
  parts.forEach((part) => part.draw(film));
  return { ...result, focused: document.activeElement === kept, tiles: document.querySelectorAll(".tile").length };
}"""


@pytest.fixture
async def tab(chromium: str) -> AsyncIterator[Watched]:
    async with opened_tab(chromium) as watched:
        yield watched


async def test_an_event_changes_its_own_shot_and_nothing_else_among_many(tab: Watched, web: WebProcess) -> None:
    await tab.page.goto(web.url)
    await expect(tab.page.get_by_text("Nothing yet")).to_be_visible()
    result = await tab.page.evaluate(MANY_SHOTS, SHOTS)
    assert result["events"] == 4 * SHOTS
    assert result["elsewhere"] == 0
    assert result["worst"] <= CHANGES
    assert result["milliseconds"] / result["events"] < MILLISECONDS
    assert result["focused"]
    assert result["tiles"] == SHOTS - 2


async def test_many_films_are_listed_page_by_page_and_show_how_they_stand(
    tab: Watched, web: WebProcess, http: httpx.AsyncClient, hands: Hands
) -> None:
    page = tab.page
    for number in range(FILMS):
        answer = await http.post("/api/projects", files={"script": (f"film-{number}.fountain", SCRIPT)})
    newest = answer.json()["id"]
    await page.goto(web.url)
    await expect(page.locator(".film-card")).to_have_count(50)
    await page.get_by_role("button", name="Show older").click()
    await expect(page.locator(".film-card")).to_have_count(FILMS)
    card = page.locator(".film-card").first
    await expect(card.locator(".standing")).to_have_text("Not started")
    await hands.run(newest)
    await expect(card.locator(".standing")).to_have_text("In work")
    made = await http.post("/api/projects", files={"script": ("another.fountain", SCRIPT)})
    await hands.start(made.json()["id"])
    await expect(page.locator(".film-card")).to_have_count(FILMS + 1)
    await expect(card.locator(".standing")).to_have_text("Waiting for a free desk")
