// The desk's upper half: how things stand, the verbs, and the wishes for the next run.

import * as api from "./api.js";
import { h, setText, show } from "./dom.js";
import { Options } from "./options.js";
import { ProblemNote } from "./problem.js";
import { headline, message, remedy } from "./telling.js";
import { ACTIVE, ALLOWED } from "./words.js";

const VERBS = { start: "Start", pause: "Pause", resume: "Resume" };

export class Panel {
  constructor(film, { answered }) {
    this.film = film;
    this.answered = answered;
    this.busy = null;
    this.headline = h("h2", { id: "standing" });
    this.message = h("p", { class: "message" });
    this.remedy = h("p", { class: "remedy" });
    this.problem = new ProblemNote();
    this.options = new Options();
    this.bar = h("progress", { max: "100", value: "0", "aria-label": "Progress of the whole film" });
    this.percent = h("span", { class: "percent" });
    this.progress = h("div", { class: "progress" }, this.bar, this.percent);
    this.buttons = Object.fromEntries(Object.entries(VERBS).map(([verb, words]) => [verb, this.button(verb, words)]));
    this.element = h(
      "section",
      { class: "panel", "aria-labelledby": "standing" },
      this.headline,
      this.message,
      this.remedy,
      this.progress,
      h("div", { class: "verbs" }, Object.values(this.buttons)),
      this.problem.element,
      this.options.element,
    );
  }

  button(verb, words) {
    return h("button", { type: "button", class: `verb ${verb}`, onclick: () => this.act(verb) }, words);
  }

  async act(verb) {
    if (this.busy || (verb === "start" && !this.options.check())) return;
    this.busy = verb;
    this.problem.clear();
    this.draw(this.film);
    try {
      const { id } = this.film;
      this.answered(verb === "start" ? await api.start(id, this.options.wishes()) : await api.act(id, verb));
    } catch (problem) {
      this.problem.show(problem);
    } finally {
      this.busy = null;
      this.draw(this.film);
    }
  }

  draw(film) {
    const { status, progress } = film.status;
    this.element.dataset.status = status;
    setText(this.headline, headline(film));
    setText(this.message, message(film));
    show(this.remedy, status === "failed");
    if (status === "failed") setText(this.remedy, remedy(film));
    show(this.progress, status !== "idle");
    this.bar.value = progress;
    setText(this.percent, `${progress} %`);
    this.options.draw(film, ACTIVE.includes(status));
    this.drawVerbs(status);
  }

  drawVerbs(status) {
    const lost = document.activeElement;
    for (const [verb, button] of Object.entries(this.buttons)) {
      button.disabled = this.busy !== null || !ALLOWED[verb].includes(status);
    }
    setText(this.buttons.start, ALLOWED.start.includes(status) && status !== "idle" ? "Start again" : "Start");
    // Whoever pressed a button with the keyboard goes on from the one that is possible now.
    if (this.busy === null && (this.pressed ?? lost)?.disabled) {
      Object.values(this.buttons)
        .find((button) => !button.disabled)
        ?.focus({ preventScroll: true });
    }
    this.pressed = this.busy === null ? null : (this.pressed ?? (Object.values(this.buttons).includes(lost) ? lost : null));
  }
}
