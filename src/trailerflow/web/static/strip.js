// The film strip: every cut of the trailer at its true length, exposed as its picture arrives. For the eye and the
// mouse only; the storyboard below says the same in words and by keyboard.

import { artifactUrl } from "./api.js";
import { h, mark, show } from "./dom.js";

const FPS = 24;

export class Strip {
  constructor({ chosen }) {
    this.chosen = chosen;
    this.frames = [];
    this.head = h("span", { class: "playhead", hidden: true });
    this.row = h("div", { class: "row" });
    this.element = h("div", { class: "strip", "aria-hidden": "true", hidden: true }, this.row, this.head);
  }

  draw(film) {
    if (film.plan !== this.plan) this.lay(film.plan);
    for (const frame of this.frames) drawFrame(frame, film);
  }

  lay(plan) {
    const cuts = JSON.stringify(plan?.cuts ?? []);
    this.plan = plan;
    if (cuts === this.cuts) return;
    this.cuts = cuts;
    this.frames = (plan?.cuts ?? []).map((cut) => {
      const element = h("span", { class: "cut", title: cut.id, onclick: () => this.chosen(cut) });
      element.style.flexGrow = String(cut.frames);
      return { cut, element, name: null };
    });
    this.row.replaceChildren(...this.frames.map(({ element }) => element));
    show(this.element, this.frames.length > 0);
    this.head.hidden = true;
  }

  /** Move the playhead to a moment of the trailer. */
  follow(seconds) {
    if (!this.plan) return;
    this.head.hidden = false;
    this.head.style.left = `${Math.min(100, (seconds * FPS * 100) / this.plan.frames)}%`;
  }
}

function drawFrame(frame, film) {
  const { cut, element } = frame;
  if (cut.kind !== "shot") {
    mark(element, "state", film.status.status === "completed" || film.run.steps.get("cards")?.state ? "card" : "waiting");
    return;
  }
  const picture = film.item("image", cut.id);
  const clip = film.item("clip", cut.id);
  const clipped = clip && !clip.earlier;
  const started = ["image", "clip"].some((kind) => film.step(`${kind}/${cut.id}`)?.state === "started");
  mark(element, "state", clipped ? "clip" : picture ? (picture.earlier ? "earlier" : "image") : "waiting");
  element.classList.toggle("working", started);
  if (picture && picture.name !== frame.name) {
    frame.name = picture.name;
    element.replaceChildren(h("img", { src: artifactUrl(film.id, picture.name), alt: "", loading: "lazy", decoding: "async" }));
  }
}
