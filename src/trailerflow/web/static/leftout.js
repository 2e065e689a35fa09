// The scenes that are not in the trailer, and why not; each can be put in by hand.

import { h, setText, show } from "./dom.js";
import { ProblemNote } from "./problem.js";
import { SceneToggles } from "./scene.js";
import { plural } from "./words.js";

const PUT_IN = { words: "Put it in", title: "The next run makes the trailer with it" };

export class LeftOut {
  constructor({ hand }) {
    this.hand = hand;
    this.toggles = [];
    this.words = h("span", {});
    this.list = h("ol", { class: "left-out" });
    this.problem = new ProblemNote();
    this.element = h("details", { class: "leaving", hidden: true }, h("summary", {}, this.words), this.list, this.problem.element);
  }

  draw({ plan, screenplay }) {
    if (this.plan !== plan || this.screenplay !== screenplay) this.lay(plan, screenplay);
    for (const toggles of this.toggles) toggles.draw();
  }

  lay(plan, screenplay) {
    this.plan = plan;
    this.screenplay = screenplay;
    const doubts = plan?.left_out ?? [];
    show(this.element, doubts.length > 0);
    setText(this.words, `${plural(doubts.length, "scene")} left out, and why`);
    this.toggles = doubts.map((doubt) => new SceneToggles(doubt, { hand: this.hand, problem: this.problem, keep: PUT_IN }));
    this.list.replaceChildren(...doubts.map((doubt, index) => row(doubt, screenplay, this.toggles[index])));
  }
}

function row({ scene, heading, reason }, screenplay, toggles) {
  return h(
    "li",
    {},
    h("span", { class: "at" }, screenplay?.scenes[scene]?.number ?? String(scene + 1)),
    h("span", { class: "slug", dir: "auto" }, heading),
    h("span", { class: "scene-verbs" }, toggles.elements),
    h("p", { class: "why-not", dir: "auto" }, reason),
  );
}
