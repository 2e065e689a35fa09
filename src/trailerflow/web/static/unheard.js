// The lines of a scene that are not heard in the trailer, and why not; asked of the service when somebody wants to know.

import * as api from "./api.js";
import { h } from "./dom.js";
import { ProblemNote } from "./problem.js";

export class Unheard {
  constructor({ scene, heading }) {
    this.scene = scene;
    this.problem = new ProblemNote();
    this.lines = h("ul", {});
    const summary = h("summary", {}, "Lines not heard", h("span", { class: "unseen" }, ` of ${heading}`));
    this.element = h("details", { class: "unheard", ontoggle: () => this.element.open && this.ask() }, summary, this.lines, this.problem.element);
  }

  draw({ id }) {
    this.film = id;
  }

  async ask() {
    this.problem.clear();
    try {
      const { lines } = await api.why(this.film, this.scene);
      this.lines.replaceChildren(...(lines.length > 0 ? lines.map(row) : [h("li", { class: "dim" }, "Every line of this scene is heard.")]));
    } catch (problem) {
      this.problem.show(problem);
    }
  }
}

function row({ text, reason }) {
  return h("li", {}, h("q", { dir: "auto" }, text), h("span", { class: "why-not" }, reason));
}
