// A person's hand on the plan: scenes kept or left out, takes chosen. Each choice shows at once, is sent in turn, and is
// taken back when the service refuses it. Runs obey it from their next start, resume or retry.

import * as api from "./api.js";

const OTHER = { lock: "ban", ban: "lock" };

export class Hand {
  /** `changed` is called whenever a choice was made, confirmed or taken back. */
  constructor(film, { changed }) {
    this.film = film;
    this.changed = changed;
    this.sending = Promise.resolve();
    this.unanswered = 0;
  }

  /** Whether a scene is kept (`lock`) or left out (`ban`) by hand. */
  has(name, scene) {
    return this.film.plan?.edits?.[name].includes(scene) ?? false;
  }

  /** Keep a scene or leave it out, or no longer; it cannot be both. */
  toggle(name, scene) {
    const { edits } = this.film.plan;
    const others = edits[OTHER[name]].filter((one) => one !== scene);
    const own = edits[name].filter((one) => one !== scene);
    if (own.length === edits[name].length) own.push(scene);
    return this.#send({ [name]: own, [OTHER[name]]: others });
  }

  /** Have a take of a shot's picture used. */
  choose(shot, take) {
    return this.#send({ takes: { [shot]: take } });
  }

  #send(change) {
    const { plan } = this.film;
    const before = structuredClone({ edits: plan.edits, takes: plan.takes });
    Object.assign(plan.edits, change, { takes: { ...plan.edits.takes, ...change.takes } });
    for (const [shot, take] of Object.entries(change.takes ?? {})) plan.takes[shot] = { ...plan.takes[shot], chosen: take };
    this.changed();
    this.unanswered += 1;
    const sent = this.sending.then(() => api.changePlan(this.film.id, change));
    this.sending = sent.catch(() => {});
    return sent
      .then((edits) => this.#obey(edits))
      .catch((problem) => {
        Object.assign(plan, before);
        throw problem;
      })
      .finally(() => {
        this.unanswered -= 1;
        this.changed();
      });
  }

  /** The service's word on all choices counts once none is under way. */
  #obey(edits) {
    if (this.unanswered === 1 && this.film.plan) this.film.plan.edits = edits;
  }
}
