"""The page with much on it: it draws what has changed, keeps the focus where it is, and lists films as they stand."""

import asyncio
import base64
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, Request, expect

from film import scripts
from trailerflow.film import pieces, quotes, rhythm, selection
from trailerflow.film.plan import Edits
from web.conftest import WebProcess
from web.hands import SCRIPT, Hands
from web.test_page import Watched, opened_tab

pytestmark = [pytest.mark.browser]

SHOTS = 150
FILMS = 201
# One grey dot.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
)
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
  const obeyed = { lock: [], ban: [], order: [], spoilers: false };
  const plan = { seconds: count, frames: count * 24, aspect: "16:9", choices, shots, cuts, obeyed,
    cards: [], left_out: [], takes: {}, edits: { ...obeyed, takes: {} } };
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


IN_ORDER = """([line, orders]) => import("/static/order.js").then(({ inOrder }) => orders.map((order) =>
  inOrder(line.map(([scene, act]) => ({ scene, act })), order).map(({ scene, act }) => [scene, act])))"""


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


async def test_the_page_orders_scenes_as_the_service_does(tab: Watched, web: WebProcess) -> None:
    read = scripts.example()
    found, cast, _ = scripts.prepared(read)
    measure = rhythm.divide(60, 3)
    available = pieces.cut(read, found, quotes.of(read, ["IDA"]), selection.wanted(measure))
    desk = selection.arrange(available, found, cast, measure, seed=0, edits=Edits())
    natural = line_of(desk)
    dice, chosen, orders, expected = random.Random(4), sorted({scene for scene, _ in natural}), [], []
    for count in (2, 2, 3, 5, len(chosen)):
        orders.append(dice.sample(chosen, count))
        desk.edits = Edits(order=tuple(orders[-1]))
        expected.append(line_of(desk))
    await tab.page.goto(web.url)
    assert await tab.page.evaluate(IN_ORDER, [natural, orders]) == expected


def line_of(desk: selection.Desk) -> list[list[Any]]:
    return [[pick.piece.scene, pick.act] for pick in desk.line()]


async def test_two_hundred_films_are_listed_by_one_request_and_show_how_they_stand(
    tab: Watched, web: WebProcess, http: httpx.AsyncClient, hands: Hands
) -> None:
    page, asked = tab.page, calls(tab.page)
    async with asyncio.TaskGroup() as group:
        for _ in range(FILMS - 1):
            group.create_task(http.post("/api/projects", files={"script": ("film.fountain", SCRIPT)}))
    newest = (await http.post("/api/projects", files={"script": ("newest.fountain", SCRIPT)})).json()["id"]
    claim = await hands.run(newest)
    await hands.draw(claim, "s000-1", PICTURE)
    await page.goto(web.url)
    await expect(page.locator(".film-card")).to_have_count(200)
    card = page.locator(".film-card").first
    await expect(card.locator(".standing")).to_have_text("In work · 1 %")
    await expect(card.locator(".poster img")).to_be_visible()
    await expect(page.locator(".film-card .standing").last).to_have_text("Not started")
    assert asked == ["/api/projects?limit=200", "/api/events"]
    await page.get_by_role("button", name="Show older").click()
    await expect(page.locator(".film-card")).to_have_count(FILMS)
    await hands.complete(claim)
    await expect(card.locator(".standing")).to_have_text("Ready")
    made = await http.post("/api/projects", files={"script": ("another.fountain", SCRIPT)})
    await hands.start(made.json()["id"])
    await expect(page.locator(".film-card")).to_have_count(FILMS + 1)
    await expect(card.locator(".standing")).to_have_text("Waiting for a free desk")


def calls(page: Page) -> list[str]:
    """Return a list that grows by every call of the API, files apart."""
    paths: list[str] = []

    def hear(request: Request) -> None:
        path = request.url.partition("/api/")[2]
        if path and "/artifacts/" not in path:
            paths.append(f"/api/{path}")

    page.on("request", hear)
    return paths
