// Time and money: how long the run has taken, how long it will take, what it costs. The time goes on by itself between
// two looks at the service.

import { h, setText, show } from "./dom.js";
import { clock, money, WORKING } from "./words.js";

export class Stats {
  constructor() {
    this.elapsed = h("dd", {});
    this.left = h("dd", {});
    this.cost = h("dd", {});
    this.elapsedPair = pair("Elapsed", this.elapsed);
    this.leftPair = pair("Remaining", this.left);
    this.element = h("dl", { class: "stats" }, this.elapsedPair, this.leftPair, pair("Cost", this.cost));
  }

  draw({ status }) {
    if (this.status !== status || this.eta !== status.eta_seconds) this.at = Date.now();
    this.status = status;
    this.eta = status.eta_seconds;
    show(this.element, status.started_at !== null && status.status !== "idle");
    const works = WORKING.includes(status.status);
    show(this.elapsedPair, works || status.finished_at !== null); // A run that rests for a week has not worked for one.
    show(this.leftPair, works);
    setText(this.cost, costWords(status.cost));
    this.tell();
  }

  /** Say the time as of now. */
  tell() {
    if (!this.status?.started_at) return;
    const { started_at, finished_at, eta_seconds: eta } = this.status;
    const end = finished_at ? Date.parse(finished_at) : Date.now();
    setText(this.elapsed, clock((end - Date.parse(started_at)) / 1000));
    setText(this.left, eta === null ? "…" : `about ${clock(Math.max(1, eta - (Date.now() - this.at) / 1000))}`);
  }
}

const pair = (term, description) => h("div", {}, h("dt", {}, term), description);

function costWords({ currency, actual, estimate }) {
  const paid = money(actual, currency);
  return estimate > actual ? `${paid} of about ${money(estimate, currency)}` : paid;
}
