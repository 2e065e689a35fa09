// A person's hand on the plan: scenes kept, left out or put in another order, takes chosen, the ending told or not. Each
// choice shows at once, is sent in turn, and is taken back when the service refuses it. Runs obey it from their next
// start, resume or retry.

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
    return this.film.hand?.[name].includes(scene) ?? false;
  }

  /** Keep a scene or leave it out, or no longer; it cannot be both. */
  toggle(name, scene) {
    const { hand } = this.film;
    const others = hand[OTHER[name]].filter((one) => one !== scene);
    const own = hand[name].filter((one) => one !== scene);
    if (own.length === hand[name].length) own.push(scene);
    return this.#send({ [name]: own, [OTHER[name]]: others });
  }

  /** Put scenes in this order; those not named stay where they are. */
  reorder(order) {
    return this.#send({ order });
  }

  /** Let the trailer tell the end of the story, or no longer. */
  allowSpoilers(spoilers) {
    return this.#send({ spoilers });
  }

  /** Have a take of a shot's picture used. */
  choose(shot, take) {
    return this.#send({ takes: { [shot]: take } });
  }

  /** Wait until every choice so far has been answered, well or badly. */
  told() {
    return this.sending;
  }

  #send(change) {
    const { hand, plan } = this.film;
    const before = structuredClone({ hand, takes: plan?.takes });
    Object.assign(hand, change, { takes: { ...hand.takes, ...change.takes } });
    for (const [shot, take] of Object.entries(change.takes ?? {})) plan.takes[shot] = { ...plan.takes[shot], chosen: take };
    this.changed();
    this.unanswered += 1;
    const sent = this.sending.then(() => api.changePlan(this.film.id, change));
    this.sending = sent.catch(() => {});
    return sent
      .then((told) => this.#obey(told))
      .catch((problem) => {
        Object.assign(hand, before.hand);
        if (plan) plan.takes = before.takes;
        throw problem;
      })
      .finally(() => {
        this.unanswered -= 1;
        this.changed();
      });
  }

  /** The service's word on all choices counts once none is under way. */
  #obey(told) {
    if (this.unanswered === 1) Object.assign(this.film.hand, told);
  }
}
