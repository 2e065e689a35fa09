// The storyboard: every shot and letter card in the order of the trailer, on one contact sheet.

import { arrange, h, mark, setText, show } from "./dom.js";
import { LeftOut } from "./leftout.js";
import { Order } from "./order.js";
import { CardTile, ShotTile } from "./tile.js";
import { ACTS, plural } from "./words.js";

export class Board {
  /** `scenes` is what a person may ask of the run, `hand` what they may choose for the next. */
  constructor({ scenes, hand }) {
    this.asked = { scenes, hand };
    this.tiles = [];
    this.order = new Order({ hand });
    this.leftOut = new LeftOut({ hand });
    this.sheet = h("ol", { class: "tiles" });
    this.count = h("p", { class: "dim" });
    this.element = h(
      "section",
      { class: "board", "aria-labelledby": "storyboard", hidden: true },
      h("div", { class: "board-head" }, h("h2", { id: "storyboard" }, "Storyboard"), this.count),
      this.order.element,
      this.sheet,
      this.leftOut.element,
    );
  }

  draw(film) {
    show(this.element, film.status.status !== "idle");
    if (film.plan !== this.plan || !this.laid) this.lay(film.plan);
    for (const tile of this.tiles) tile.draw(film);
    this.order.draw(film);
    this.leftOut.draw(film);
  }

  /** Lay a plan out; tiles that mean the same as before stay, with their pictures. */
  lay(plan) {
    this.laid = true;
    this.plan = plan;
    const before = new Map(this.tiles.map((tile) => [tile.key, tile]));
    const cuts = plan?.cuts ?? [];
    const made = cuts.map((_, index) => this.tileOf(plan, index)).filter(Boolean);
    this.tiles = made.map((tile) => before.get(tile.key) ?? tile);
    arrange(this.sheet, this.tiles.map(({ element }) => element));
    mark(this.element, "aspect", plan?.aspect ?? "16:9");
    setText(this.count, plan ? countWords(plan) : WAITING);
  }

  tileOf(plan, index) {
    const cut = plan.cuts[index];
    const before = plan.cuts[index - 1];
    const act = cut.act === before?.act ? "" : (ACTS[cut.act] ?? cut.act);
    if (cut.kind === "card") {
      const card = plan.cards.find(({ id }) => id === cut.id);
      return card && new CardTile({ card, cut, act });
    }
    const shot = plan.shots.find(({ id }) => id === cut.id);
    if (!shot) return null;
    const sceneBefore = plan.shots.find(({ id }) => id === before?.id)?.scene;
    const begins = shot.scene !== sceneBefore;
    const why = begins ? (choiceOf(plan, shot)?.reason ?? "") : "";
    return new ShotTile({ shot, cut, act, why, begins, ...this.asked });
  }

  /** A shot's clip has come in just now: it may play once where it stands. */
  premiere(shot) {
    const tile = this.tiles.find((one) => one.shot?.id === shot);
    if (tile) tile.due = true;
  }
}

const WAITING = "The shots appear here once the scenes are chosen: what is seen, who speaks, and why the scene is in the trailer.";

function countWords({ choices, shots, seconds }) {
  const scenes = new Set(choices.map(({ scene }) => scene)).size;
  return `${plural(scenes, "scene")}, ${plural(shots.length, "shot")}, ${plural(seconds, "second")}`;
}

function choiceOf({ choices }, { scene, act }) {
  const own = choices.filter((choice) => choice.scene === scene);
  return own.find((choice) => choice.act === act) ?? own[0];
}
