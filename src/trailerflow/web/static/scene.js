// A scene's verb on the storyboard: have its pictures and clips made anew.

import { h, setText } from "./dom.js";
import { ProblemNote } from "./problem.js";

export class SceneVerb {
  /** `regenerate` knows whether it is possible (`can`, a function) and does it (`ask`, of a scene). */
  constructor({ scene, heading }, { regenerate }) {
    this.scene = scene;
    this.regenerate = regenerate;
    this.words = h("span", {});
    this.button = h(
      "button",
      { type: "button", class: "quiet anew", title: "Draws its pictures anew, and films them. The ones before are kept.", onclick: () => this.act() },
      this.words,
      h("span", { class: "unseen" }, heading),
    );
    this.problem = new ProblemNote();
    this.element = h("div", { class: "scene-verb" }, this.button, this.problem.element);
  }

  async act() {
    if (this.button.getAttribute("aria-disabled") === "true") return;
    this.asking = true;
    this.problem.clear();
    try {
      await this.regenerate.ask(this.scene);
    } catch (problem) {
      this.problem.show(problem);
    } finally {
      this.asking = false;
    }
  }

  draw(film) {
    const reopened = film.run.reopened.has(this.scene);
    // Not `disabled`: whoever pressed it by keyboard stays where they are.
    this.button.setAttribute("aria-disabled", String(reopened || !this.regenerate.can()));
    setText(this.words, this.asking ? "Asking …" : reopened ? "Made anew when you resume" : "Regenerate this scene");
  }
}
