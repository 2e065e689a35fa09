// The storyboard: every shot and letter card in the order of the trailer, act by act.

import { h, show } from "./dom.js";
import { CardTile, ShotTile } from "./tile.js";
import { ACTS } from "./words.js";

export class Board {
  constructor() {
    this.tiles = [];
    this.acts = h("div", { class: "acts" });
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
      this.acts,
    );
  }

  draw(film) {
    if (film.plan !== this.plan) this.lay(film);
    for (const tile of this.tiles) tile.draw(film);
  }

  lay(film) {
    this.plan = film.plan;
    show(this.empty, !this.plan);
    const kept = new Map(this.tiles.map((tile) => [tile.key, tile]));
    const groups = this.plan ? byAct(this.plan) : [];
    this.tiles = [];
    this.acts.replaceChildren(
      ...groups.map(({ act, cuts }) => {
        const tiles = cuts.map((cut) => tileOf(this.plan, cut)).filter(Boolean);
        const used = tiles.map((tile) => kept.get(tile.key) ?? tile);
        this.tiles.push(...used);
        return h("section", { class: "act" }, h("h3", {}, ACTS[act] ?? act), h("ol", { class: "tiles" }, used.map(({ element }) => element)));
      }),
    );
    this.acts.dataset.aspect = this.plan?.aspect ?? "16:9";
  }
}

function tileOf(plan, cut) {
  if (cut.kind === "card") {
    const card = plan.cards.find(({ id }) => id === cut.id);
    return card && new CardTile(card, cut);
  }
  const shot = plan.shots.find(({ id }) => id === cut.id);
  return shot && new ShotTile(plan, shot, cut);
}

/** Cuts in time-line order, one group for each stretch of the same act. */
function byAct({ cuts }) {
  const groups = [];
  for (const cut of cuts) {
    if (groups.at(-1)?.act !== cut.act) groups.push({ act: cut.act, cuts: [] });
    groups.at(-1).cuts.push(cut);
  }
  return groups;
}
