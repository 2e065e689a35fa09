// What a person asks of the run: one thing at a time, and each of them done once.
//
// A start carries a key of its own. When its answer is lost it goes out again under the same key, so that neither a
// second press nor a broken connection ever makes two runs.

import * as api from "./api.js";
import { ALLOWED, failedItem } from "./words.js";

const UNANSWERED = [0, 502, 503, 504];
const PAUSES_MS = [300, 1_000, 2_000, 4_000];

export class Verbs {
  /**
   * `changed` is called when a verb has begun, and with the new status when it was obeyed. What the `hand` has chosen is
   * told before, so that the run obeys it.
   */
  constructor(film, { hand, changed }) {
    this.film = film;
    this.hand = hand;
    this.changed = changed;
    this.busy = null;
    this.sent = null;
  }

  /** Whether a verb is possible at this moment. */
  can(verb) {
    const { status } = this.film;
    if (this.busy !== null || !ALLOWED[verb === "skipItem" ? "skip" : verb].includes(status.status)) return false;
    if (verb === "skip") return failedItem(status) !== null;
    return !(verb === "regenerate" && status.status === "paused" && status.workflow_type === "script_analysis_only");
  }

  start(wishes) {
    return this.#do("start", () => this.#startOnce(wishes));
  }

  /** Have a scene's pictures and clips made anew: in a run of its own, or inside the one that is paused. */
  regenerate(scene, policy) {
    const inside = this.film.status.status === "paused";
    return this.#do("regenerate", async () => {
      const status = await this.#startOnce({ workflow_type: "regenerate_scene", scene, on_error: policy });
      if (inside) this.film.reopen(scene);
      return status;
    });
  }

  act(verb) {
    return this.#do(verb, () => api.act(this.film.id, verb));
  }

  /** Let a stand-in take the place of what failed, and go on. */
  skip() {
    const { id, status } = this.film;
    return this.#do("skip", async () => {
      await api.act(id, "skip", { step: failedItem(status) });
      return api.act(id, "retry");
    });
  }

  /** Let a stand-in take the place of one picture or clip once the run goes on. */
  skipItem(step) {
    return this.#do("skipItem", () => api.act(this.film.id, "skip", { step }));
  }

  async #do(verb, ask) {
    if (!this.can(verb)) return;
    this.busy = verb;
    this.film.assume(verb);
    this.changed(null);
    let status = null;
    try {
      await this.hand.told();
      status = await ask();
    } finally {
      this.busy = null;
      this.film.answer({ refused: status === null });
      this.changed(status);
    }
  }

  async #startOnce(wishes) {
    const { id, status } = this.film;
    const asked = JSON.stringify(wishes);
    // A run that has begun since was the answer: what is asked from then on is another start.
    if (this.sent?.asked !== asked || this.sent.run_id !== status.run_id) {
      this.sent = { asked, run_id: status.run_id, key: newKey() };
    }
    const { key } = this.sent;
    try {
      const answer = await insist(() => api.start(id, wishes, key));
      this.sent = null;
      return answer;
    } catch (problem) {
      if (!UNANSWERED.includes(problem.status)) this.sent = null;
      throw problem;
    }
  }
}

/** Ask until there is an answer, a few times. */
async function insist(ask) {
  for (const pause of PAUSES_MS) {
    try {
      return await ask();
    } catch (problem) {
      if (!UNANSWERED.includes(problem.status)) throw problem;
      await new Promise((go) => setTimeout(go, pause * (0.75 + Math.random() / 2)));
    }
  }
  return ask();
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
