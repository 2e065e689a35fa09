// Removing a film with all its files: asked for once more in a dialog, and only while no run is at work on it.

import * as api from "./api.js";
import { h, setText, show } from "./dom.js";
import { ProblemNote } from "./problem.js";
import { ACTIVE } from "./words.js";

export class Removal {
  constructor() {
    this.button = h("button", { type: "button", class: "quiet", "aria-describedby": "removal-hint", onclick: () => this.ask() }, "Remove this film");
    this.hint = h("p", { class: "hint", id: "removal-hint" }, "A run is at work on it. Cancel it first.");
    this.problem = new ProblemNote();
    this.name = h("p", {});
    this.sure = h("button", { type: "button", class: "verb", onclick: () => this.remove() }, "Remove it");
    this.dialog = h(
      "dialog",
      { "aria-labelledby": "removal" },
      h("h2", { id: "removal" }, "Remove this film?"),
      this.name,
      this.problem.element,
      h("div", { class: "answers" }, h("button", { type: "button", class: "verb keep", autofocus: true, onclick: () => this.dialog.close() }, "Keep it"), this.sure),
    );
    this.element = h("section", { class: "removal", "aria-label": "Removal" }, this.button, this.hint, this.dialog);
  }

  draw({ id, project, status }) {
    this.id = id;
    const active = ACTIVE.includes(status.status);
    if (this.button.disabled !== active) this.button.disabled = active;
    show(this.hint, active);
    setText(this.name, `“${project.title}” goes with its screenplay, pictures, clips and trailer. Nothing brings it back.`);
  }

  ask() {
    this.problem.clear();
    this.dialog.showModal();
  }

  async remove() {
    this.sure.disabled = true;
    try {
      await api.remove(this.id);
      location.hash = "#/";
    } catch (problem) {
      this.problem.show(problem);
    } finally {
      this.sure.disabled = false;
    }
  }
}
