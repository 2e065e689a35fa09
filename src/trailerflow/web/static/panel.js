// The desk's upper half: how things stand, the verbs, and the wishes for the next run.

import { h, mark, setText, show } from "./dom.js";
import { Ending } from "./ending.js";
import { Options } from "./options.js";
import { ProblemNote } from "./problem.js";
import { Stats } from "./stats.js";
import { headline, message, pendingWords, remedy, skipWords } from "./telling.js";
import { ACTIVE, ALLOWED } from "./words.js";

const VERBS = { start: "Start", pause: "Pause", resume: "Resume", retry: "Retry", skip: "Skip", cancel: "Cancel" };

export class Panel {
  constructor(film, verbs, { hand }) {
    this.film = film;
    this.verbs = verbs;
    this.focused = null;
    this.headline = h("h2", { id: "standing" });
    this.message = h("p", { class: "message" });
    this.remedy = h("p", { class: "remedy" });
    this.problem = new ProblemNote();
    this.options = new Options();
    this.ending = new Ending({ hand });
    this.bar = h("progress", { max: "100", value: "0", "aria-label": "Progress of the whole film" });
    this.percent = h("span", { class: "percent" });
    this.progress = h("div", { class: "progress" }, this.bar, this.percent);
    this.buttons = Object.fromEntries(Object.entries(VERBS).map(([verb, words]) => [verb, this.button(verb, words)]));
    this.stats = new Stats();
    this.pending = h("p", { class: "pending", hidden: true });
    this.skipping = h("p", { class: "hint", id: "skipping", hidden: true });
    this.buttons.skip.setAttribute("aria-describedby", "skipping");
    this.element = h(
      "section",
      { class: "panel", "aria-labelledby": "standing" },
      this.headline,
      this.message,
      this.remedy,
      this.progress,
      this.stats.element,
      this.pending,
      h("div", { class: "verbs" }, Object.values(this.buttons)),
      this.skipping,
      this.problem.element,
      this.options.element,
      this.ending.element,
    );
  }

  button(verb, words) {
    const button = h("button", { type: "button", class: `verb ${verb}`, onclick: () => this.act(verb) }, words);
    button.addEventListener("focus", () => (this.focused = button));
    button.addEventListener("blur", () => button.disabled || (this.focused = null));
    return button;
  }

  async act(verb) {
    if (!this.verbs.can(verb) || (verb === "start" && !this.options.check())) return;
    this.problem.clear();
    try {
      if (verb === "start") await this.verbs.start(this.options.wishes());
      else if (verb === "skip") await this.verbs.skip();
      else await this.verbs.act(verb);
    } catch (problem) {
      this.problem.show(problem);
    }
  }

  draw(film) {
    const { status, progress } = film.status;
    mark(this.element, "status", status);
    setText(this.headline, headline(film));
    setText(this.message, message(film));
    show(this.remedy, status === "failed");
    if (status === "failed") setText(this.remedy, remedy(film));
    show(this.progress, status !== "idle");
    if (this.bar.value !== progress) this.bar.value = progress;
    setText(this.percent, `${progress} %`);
    this.stats.draw(film);
    const pending = pendingWords(film);
    show(this.pending, pending !== "");
    setText(this.pending, pending);
    const skipping = skipWords(film.status);
    show(this.skipping, skipping !== "");
    setText(this.skipping, skipping);
    this.options.draw(film, ACTIVE.includes(status));
    this.ending.draw(film);
    this.drawVerbs(status);
  }

  drawVerbs(status) {
    const { busy } = this.verbs;
    for (const [verb, button] of Object.entries(this.buttons)) {
      const off = !this.verbs.can(verb);
      if (button.disabled !== off) button.disabled = off;
      button.toggleAttribute("data-busy", busy === verb);
    }
    setText(this.buttons.start, ALLOWED.start.includes(status) && status !== "idle" ? "Start again" : "Start");
    if (busy === null) this.keepFocus();
  }

  /** Whoever pressed a button with the keyboard goes on from the one that is possible now, or next. */
  keepFocus() {
    const isElsewhere = ![document.body, this.focused].includes(document.activeElement);
    if (!this.focused?.disabled || isElsewhere) return;
    Object.values(this.buttons)
      .find((button) => !button.disabled)
      ?.focus({ preventScroll: true });
  }
}
