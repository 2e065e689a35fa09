// The three phases and their steps, as a list that fills in.

import { h, mark, setText } from "./dom.js";
import { againWords, ITEMS, PHASES } from "./words.js";

const SAID = {
  waiting: "waiting",
  started: "in work",
  finished: "done",
  reused: "done before, used again",
  skipped: "skipped",
  failed: "failed",
  absent: "not part of this run",
};

export class Phases {
  constructor() {
    this.rows = [];
    this.phases = PHASES.map((phase, index) => {
      const steps = Object.entries(phase.steps).map(([step, words]) => this.row(index, step, words));
      return h("li", { class: "phase" }, h("h3", {}, phase.title, h("span", { class: "absent" }, " · not part of this run")), h("ol", {}, steps));
    });
    this.element = h("section", { class: "phases", "aria-label": "Phases" }, h("ol", {}, this.phases));
  }

  row(phase, step, words) {
    const row = { phase, step, note: h("span", { class: "note" }), said: h("span", { class: "unseen" }) };
    row.element = h("li", { class: "step" }, h("span", { class: "mark", "aria-hidden": "true" }), h("span", {}, words, row.said), row.note);
    this.rows.push(row);
    return row.element;
  }

  draw(film) {
    const states = this.rows.map((row) => film.stepState(row.phase, row.step));
    this.rows.forEach((row, index) => {
      const state = states[index];
      mark(row.element, "state", state);
      setText(row.said, `, ${SAID[state]}`);
      setText(row.note, noteOf(film, row, state));
    });
    this.phases.forEach((element, phase) => {
      const own = states.filter((_, index) => this.rows[index].phase === phase);
      mark(element, "state", phaseState(own));
    });
  }
}

function noteOf(film, { step }, state) {
  if (state === "absent" || state === "waiting") return "";
  if (step in ITEMS) {
    const { done, skipped, total } = film.status.items[step];
    return total ? `${done + skipped} / ${total}` : "";
  }
  if (state === "reused") return step === "screenplay" ? "" : "used again"; // the upload has read it
  if (state !== "started") return "";
  const { attempt, error, done } = film.step(step) ?? {};
  if (error && attempt > 1) return againWords(attempt);
  return done ? `${Math.round(done * 100)} %` : "";
}

function phaseState(states) {
  if (states.every((state) => state === "absent")) return "absent";
  if (states.includes("failed")) return "failed";
  if (states.every((state) => ["finished", "reused", "skipped"].includes(state))) return "finished";
  return states.every((state) => state === "waiting") ? "waiting" : "started";
}
