// Skipping one picture or clip on the storyboard: while a run rests, a stand-in may be asked for in its place.

import { h, setText, show } from "./dom.js";
import { ProblemNote } from "./problem.js";
import { ALLOWED, ITEMS } from "./words.js";

const MADE = ["finished", "reused", "skipped"];
const TITLE = "A simple stand-in takes its place when the run goes on";

export class Skipping {
  /** `scenes.skip` asks for it, of a step. */
  constructor(shot, { scenes }) {
    this.shot = shot;
    this.scenes = scenes;
    this.words = h("span", {});
    this.button = h("button", { type: "button", class: "quiet", title: TITLE, onclick: () => this.act() }, this.words, h("span", { class: "unseen" }, ` of ${shot}`));
    this.problem = new ProblemNote();
    this.element = h("div", { class: "skipping", hidden: true }, this.button, this.problem.element);
  }

  draw(film) {
    const kind = ALLOWED.skip.includes(film.status.status) ? this.missing(film) : null;
    show(this.element, kind !== null || !this.problem.element.hidden);
    show(this.button, kind !== null);
    this.step = kind && `${kind}/${this.shot}`;
    if (kind) setText(this.words, kind === "image" ? "Skip the picture" : "Skip the clip");
  }

  /** Which of the shot's items this run has yet to make: `image`, then `clip`, or null. */
  missing(film) {
    const kinds = Object.values(ITEMS).filter((_, index) => film.phases().includes(index + 1));
    return kinds.find((kind) => !this.isMade(film, kind)) ?? null;
  }

  isMade(film, kind) {
    const known = film.run.steps.get(`${kind}/${this.shot}`);
    const found = film.item(kind, this.shot);
    return known ? MADE.includes(known.state) : Boolean(found && !found.earlier);
  }

  async act() {
    this.problem.clear();
    try {
      await this.scenes.skip(this.step);
    } catch (problem) {
      this.problem.show(problem);
    }
  }
}
