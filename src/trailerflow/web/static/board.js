// The storyboard: every shot and letter card in the order of the trailer, on one contact sheet.

import { h, show } from "./dom.js";
import { CardTile, ShotTile } from "./tile.js";
import { ACTS } from "./words.js";

export class Board {
  constructor({ regenerate }) {
    this.regenerate = regenerate;
    this.tiles = [];
    this.sheet = h("ol", { class: "tiles" });
    this.empty = h(
      "p",
      { class: "dim" },
      "The shots appear here once the scenes are chosen: what is seen, who speaks, and why the scene is in the trailer.",
    );
    this.element = h(
      "section",
      { class: "board", "aria-labelledby": "storyboard" },
      h("h2", { id: "storyboard" }, "Storyboard"),
      this.empty,
      this.sheet,
    );
  }

  draw(film) {
    if (film.plan !== this.plan) this.lay(film.plan);
    for (const tile of this.tiles) tile.draw(film);
  }

  /** Lay a plan out; tiles that mean the same as before stay, with their pictures. */
  lay(plan) {
    this.plan = plan;
    show(this.empty, !plan);
    const before = new Map(this.tiles.map((tile) => [tile.key, tile]));
    this.tiles = (plan?.cuts ?? []).map((_, index) => tileOf(plan, index, this.regenerate)).filter(Boolean);
    this.tiles = this.tiles.map((tile) => before.get(tile.key) ?? tile);
    const elements = this.tiles.map(({ element }) => element);
    // Whatever is put in again begins again: a clip that plays, a picture that develops.
    const same = elements.length === this.sheet.childElementCount && elements.every((one, index) => one === this.sheet.children[index]);
    if (!same) this.sheet.replaceChildren(...elements);
    this.element.dataset.aspect = plan?.aspect ?? "16:9";
  }
}

function tileOf(plan, index, regenerate) {
  const cut = plan.cuts[index];
  const before = plan.cuts[index - 1];
  const act = cut.act === before?.act ? "" : (ACTS[cut.act] ?? cut.act);
  if (cut.kind === "card") {
    const card = plan.cards.find(({ id }) => id === cut.id);
    return card && new CardTile({ card, cut, act });
  }
  const shot = plan.shots.find(({ id }) => id === cut.id);
  const sceneBefore = plan.shots.find(({ id }) => id === before?.id)?.scene;
  const begins = shot && shot.scene !== sceneBefore;
  const choice = begins && choiceOf(plan, shot);
  return shot && new ShotTile({ shot, cut, act, why: choice ? choice.reason : "", regenerate: begins ? regenerate : null });
}

function choiceOf({ choices }, { scene, act }) {
  const own = choices.filter((choice) => choice.scene === scene);
  return own.find((choice) => choice.act === act) ?? own[0];
}
