// Whether the trailer may tell how the story ends: a wish of the film rather than of one run.

import { h } from "./dom.js";
import { ProblemNote } from "./problem.js";

export class Ending {
  constructor({ hand }) {
    this.hand = hand;
    this.box = h("input", { type: "checkbox", id: "spoilers", "aria-describedby": "spoilers-hint", onchange: () => this.act() });
    this.problem = new ProblemNote();
    this.element = h(
      "div",
      { class: "ending" },
      h("label", { for: "spoilers" }, this.box, h("span", {}, "Let it tell the ending")),
      h("p", { class: "hint", id: "spoilers-hint" }, "Otherwise the last part of the story is kept for the cinema."),
      this.problem.element,
    );
  }

  draw({ hand }) {
    const checked = hand?.spoilers ?? false;
    if (this.box.checked !== checked) this.box.checked = checked;
  }

  async act() {
    this.problem.clear();
    try {
      await this.hand.allowSpoilers(this.box.checked);
    } catch (problem) {
      this.problem.show(problem);
    }
  }
}
