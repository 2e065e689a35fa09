// The order of the chosen scenes, which a person may change: each can be moved earlier or later, by keyboard too. The
// list shows what the next run will make of it.

import { announce, arrange, h, setText, show } from "./dom.js";
import { ProblemNote } from "./problem.js";
import { ACTS } from "./words.js";

const STEPS = { earlier: { by: -1, words: "Move earlier" }, later: { by: 1, words: "Move later" } };

export class Order {
  constructor({ hand }) {
    this.hand = hand;
    this.rows = new Map();
    this.list = h("ol", { class: "order" });
    this.back = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.send([], "The story's own order") }, "Back to the story's order");
    this.problem = new ProblemNote();
    this.element = h("details", { class: "ordering", hidden: true }, h("summary", {}, "Change the order of the scenes"), this.list, this.back, this.problem.element);
  }

  draw(film) {
    const { plan, hand } = film;
    show(this.element, Boolean(plan));
    if (!plan) return;
    this.film = film;
    show(this.back, hand.order.length > 0);
    const order = hand.order.join();
    if (this.plan === plan && this.drawn === order) return;
    this.plan = plan;
    this.drawn = order;
    const focused = document.activeElement;
    const line = inOrder(plan.choices, hand.order);
    const scenes = scenesOf(line);
    this.rows = new Map(scenes.map((scene) => [scene, this.rows.get(scene) ?? this.row(plan.choices.find((choice) => choice.scene === scene))]));
    arrange(this.list, scenes.map((scene) => this.rows.get(scene).element));
    scenes.forEach((scene, index) => drawRow(this.rows.get(scene), line.filter((choice) => choice.scene === scene), index, scenes.length));
    if (this.list.contains(focused)) focused.focus({ preventScroll: true }); // What is moved loses it.
  }

  row({ scene, heading }) {
    const buttons = Object.entries(STEPS).map(([name, { by, words }]) =>
      h("button", { type: "button", class: `quiet ${name}`, onclick: () => this.move(scene, by) }, words, h("span", { class: "unseen" }, ` ${heading}`)),
    );
    const acts = h("span", { class: "dim" });
    return { buttons, acts, heading, element: h("li", {}, h("span", { class: "slug", dir: "auto" }, heading), acts, h("span", { class: "scene-verbs" }, buttons)) };
  }

  move(scene, by) {
    const { plan, hand } = this.film;
    const scenes = scenesOf(inOrder(plan.choices, hand.order));
    const from = scenes.indexOf(scene);
    const to = from + by;
    if (to < 0 || to >= scenes.length) return;
    const wanted = scenes.with(from, scenes[to]).with(to, scene);
    this.send(this.least(wanted, [scene, scenes[to]]), `${this.rows.get(scene).heading}, ${to + 1} of ${scenes.length}`);
  }

  /** The shortest list that gives the wanted order: who was not moved by hand stays free to be where it is best. */
  least(wanted, moved) {
    const { plan, hand } = this.film;
    const touched = new Set([...hand.order, ...moved]);
    const order = wanted.filter((scene) => touched.has(scene));
    const isKnown = plan.obeyed.order.every((scene) => hand.order.includes(scene));
    return isKnown && scenesOf(inOrder(plan.choices, order)).join() === wanted.join() ? order : wanted;
  }

  async send(order, words) {
    this.problem.clear();
    announce(words, { urgent: true });
    try {
      await this.hand.reorder(order);
    } catch (problem) {
      this.problem.show(problem);
    }
  }
}

function drawRow({ buttons, acts }, choices, index, count) {
  setText(acts, [...new Set(choices.map(({ act }) => ACTS[act] ?? act))].join(", "));
  const [earlier, later] = buttons;
  // Not `disabled`: whoever pressed it by keyboard stays where they are.
  earlier.setAttribute("aria-disabled", String(index === 0));
  later.setAttribute("aria-disabled", String(index === count - 1));
}

/** Put the choices in a person's order, as the service does: who is named takes the places of those named, in turn. */
export function inOrder(choices, order) {
  const rank = new Map(order.map((scene, place) => [scene, place]));
  const moved = choices.filter(({ scene }) => rank.has(scene)).sort((a, b) => rank.get(a.scene) - rank.get(b.scene));
  return choices.map((choice) => (rank.has(choice.scene) ? { ...moved.shift(), act: choice.act } : choice));
}

const scenesOf = (choices) => [...new Set(choices.map(({ scene }) => scene))];
