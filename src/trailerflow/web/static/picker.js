// Choosing among the takes of a shot's picture. It shows itself once there are two.

import { arrange, h, show } from "./dom.js";
import { ProblemNote } from "./problem.js";

export class TakePicker {
  constructor(shot, { hand }) {
    this.shot = shot;
    this.hand = hand;
    this.problem = new ProblemNote();
    this.row = h("div", { class: "takes" });
    this.element = h("fieldset", { class: "take-picker", hidden: true }, h("legend", { class: "unseen" }, `Take of ${shot}`), this.row, this.problem.element);
    this.radios = new Map();
  }

  draw(film, picture) {
    const takes = film.takes("image", this.shot).filter(({ name }) => !film.standIns.has(name));
    if (this.drawn !== film.artifacts || this.counted !== takes.length) this.lay(film.artifacts, takes);
    show(this.element, takes.length > 1);
    for (const [take, { radio }] of this.radios) if (radio.checked !== (take === picture?.take)) radio.checked = take === picture?.take;
  }

  lay(artifacts, takes) {
    this.drawn = artifacts;
    this.counted = takes.length;
    if (takes.length < 2) return;
    const before = this.radios;
    this.radios = new Map(takes.map(({ take }) => [take, before.get(take) ?? this.radio(take)]));
    arrange(this.row, [...this.radios.values()].map(({ label }) => label));
  }

  radio(take) {
    const radio = h("input", { type: "radio", name: `take-${this.shot}`, value: take, onchange: () => this.choose(take) });
    return { radio, label: h("label", {}, radio, h("span", {}, `Take ${take}`)) };
  }

  async choose(take) {
    this.problem.clear();
    try {
      await this.hand.choose(this.shot, take);
    } catch (problem) {
      this.problem.show(problem);
    }
  }
}
