// What a person may ask of a scene: have its pictures and clips made anew, keep it in the trailer, or leave it out.

import { h, setText } from "./dom.js";
import { ProblemNote } from "./problem.js";

const TOGGLES = {
  lock: { words: "Keep", title: "It stays in the trailer, however the next run chooses" },
  ban: { words: "Leave out", title: "The next run makes the trailer without it" },
};

/** Two buttons that stay pressed: keep a scene, leave it out. */
export class SceneToggles {
  /** `keep` is what keeping is called, of a scene that is not in the trailer. */
  constructor({ scene, heading }, { hand, problem, keep = TOGGLES.lock }) {
    this.scene = scene;
    this.hand = hand;
    this.problem = problem;
    this.buttons = Object.entries({ ...TOGGLES, lock: keep }).map(([name, { words, title }]) => [name, this.button(name, words, title, heading)]);
    this.elements = this.buttons.map(([, button]) => button);
  }

  button(name, words, title, heading) {
    const act = () => this.act(name);
    return h("button", { type: "button", class: "quiet", title, "aria-pressed": "false", onclick: act }, words, h("span", { class: "unseen" }, ` ${heading}`));
  }

  async act(name) {
    this.problem.clear();
    try {
      await this.hand.toggle(name, this.scene);
    } catch (problem) {
      this.problem.show(problem);
    }
  }

  draw() {
    for (const [name, button] of this.buttons) {
      const pressed = String(this.hand.has(name, this.scene));
      if (button.getAttribute("aria-pressed") !== pressed) button.setAttribute("aria-pressed", pressed);
    }
  }
}

export class SceneVerbs {
  /** `scenes` knows whether one can be made anew (`can`, a function) and does it (`ask`, of a scene). */
  constructor({ scene, heading }, { scenes, hand }) {
    this.scene = scene;
    this.scenes = scenes;
    this.words = h("span", {});
    this.button = h(
      "button",
      { type: "button", class: "quiet anew", title: "Draws its pictures anew, and films them. The ones before are kept.", onclick: () => this.act() },
      this.words,
      h("span", { class: "unseen" }, ` ${heading}`),
    );
    this.problem = new ProblemNote();
    this.toggles = new SceneToggles({ scene, heading }, { hand, problem: this.problem });
    this.element = h("div", { class: "scene-verbs" }, this.button, this.toggles.elements, this.problem.element);
  }

  async act() {
    if (this.button.getAttribute("aria-disabled") === "true") return;
    this.asking = true;
    this.problem.clear();
    try {
      await this.scenes.ask(this.scene);
    } catch (problem) {
      this.problem.show(problem);
    } finally {
      this.asking = false;
    }
  }

  draw(film) {
    const reopened = film.run.reopened.has(this.scene);
    // Not `disabled`: whoever pressed it by keyboard stays where they are.
    const off = String(reopened || !this.scenes.can());
    if (this.button.getAttribute("aria-disabled") !== off) this.button.setAttribute("aria-disabled", off);
    setText(this.words, this.asking ? "Asking …" : reopened ? "Made anew when you resume" : "Regenerate this scene");
    this.toggles.draw();
  }
}
