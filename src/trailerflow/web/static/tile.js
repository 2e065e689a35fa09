// One place on the storyboard: a shot with its picture and clip, or a card of letters.

import { artifactUrl } from "./api.js";
import { h, setText, show } from "./dom.js";
import { altOf } from "./screen.js";
import { SceneVerb } from "./scene.js";
import { againWords, SIZES } from "./words.js";

const FPS = 24;
const seconds = (cut) => `${(cut.frames / FPS).toFixed(1)} s`;

const STATES = {
  waiting: "Not drawn yet",
  drawing: "Drawing …",
  image: "",
  filming: "Filming …",
  clip: "",
  earlier: "From an earlier run",
  failed: "This one failed",
  skipped: "A stand-in comes here",
  reopened: "Made anew when you resume",
};

const actMark = (act) => (act ? h("h3", { class: "act" }, act) : h("span", { class: "act" }));

export class CardTile {
  constructor({ card, cut, act }) {
    this.key = JSON.stringify([card, cut.frames, act]);
    const frame = h("div", { class: "frame letters" }, h("p", {}, card.text), card.subtitle ? h("p", { class: "subtitle" }, card.subtitle) : "");
    this.element = h(
      "li",
      { class: "tile", id: `card-${card.id}`, "data-state": "card" },
      actMark(act),
      frame,
      h("p", { class: "facts" }, `Letters on black · ${seconds(cut)}`),
    );
  }

  draw() {}
}

export class ShotTile {
  /** `regenerate` makes the shot's scene anew; null where the tile is not the first of its scene. */
  constructor({ shot, cut, act, why, regenerate }) {
    this.shot = shot;
    this.key = JSON.stringify([shot, cut.frames, act, why, regenerate !== null]);
    this.state = h("p", { class: "state" });
    this.standIn = h("p", { class: "stand-in", hidden: true }, "stand-in");
    this.verb = regenerate && new SceneVerb(shot, { regenerate });
    this.grain = h("span", { class: "grain", "aria-hidden": "true" });
    this.play = h("button", { type: "button", class: "play", hidden: true, "aria-pressed": "false", "aria-label": `Play clip ${shot.id}`, onclick: () => this.toggle() });
    this.frame = h("div", { class: "frame" }, this.grain, this.state, this.standIn, this.play);
    this.frame.addEventListener("pointerenter", (pointer) => pointer.pointerType === "mouse" && this.roll());
    this.frame.addEventListener("pointerleave", (pointer) => pointer.pointerType === "mouse" && this.cut());
    this.element = h(
      "li",
      { class: "tile", id: `shot-${shot.id}` },
      actMark(act),
      this.frame,
      h("p", { class: "facts" }, h("span", { class: "id" }, shot.id), ` ${SIZES[shot.size] ?? shot.size} · ${seconds(cut)}`),
      h("h4", { class: "slug" }, shot.heading),
      shot.line
        ? h("blockquote", { class: "line" }, h("span", { class: "who" }, shot.line.character), h("span", {}, shot.line.text))
        : h("p", { class: "action" }, shot.action),
      why ? h("p", { class: "why" }, why) : "",
      this.verb?.element,
    );
  }

  draw(film) {
    const picture = film.item("image", this.shot.id);
    const clip = film.item("clip", this.shot.id);
    const { state, words, why } = standing(film, this.shot, picture, clip);
    this.element.dataset.state = state;
    setText(this.state, words);
    this.state.title = why;
    show(this.state, words !== "");
    show(this.standIn, Boolean(picture?.standIn || (clip?.standIn && !clip.earlier)));
    this.verb?.draw(film);
    if (picture && picture.name !== this.picture) this.expose(film, picture.name);
    const clipName = clip && !clip.earlier ? clip.name : null;
    if (clipName !== this.clip) {
      this.cut();
      this.clip = clipName;
      this.source = clipName && artifactUrl(film.id, clipName);
      show(this.play, clipName !== null);
    }
    this.drawShare(film);
  }

  drawShare(film) {
    const works = ["clip", "image"].map((kind) => film.step(`${kind}/${this.shot.id}`));
    const share = works.find((step) => step?.state === "started")?.done ?? 0;
    this.frame.style.setProperty("--share", String(share));
  }

  /** Put a picture in place once it is there to be seen. */
  expose(film, name) {
    this.picture = name;
    const image = h("img", { alt: altOf(film, this.shot.id), decoding: "async" });
    image.addEventListener("load", () => {
      if (this.picture !== name) return;
      this.image?.remove();
      this.image = image;
      this.frame.prepend(image);
    });
    image.src = artifactUrl(film.id, name);
  }

  toggle() {
    const byHand = this.rolling && this.pinned;
    if (byHand) this.cut();
    else this.roll();
    this.pinned = !byHand;
  }

  roll() {
    if (!this.source || this.rolling) return;
    this.rolling = true;
    this.play.setAttribute("aria-pressed", "true");
    this.video = h("video", { src: this.source, loop: true, playsinline: true, "aria-hidden": "true", tabindex: "-1" });
    this.video.muted = true;
    this.play.before(this.video);
    this.video.play().catch(() => {}); // Left before it began, or not allowed to: the picture stays.
  }

  cut() {
    if (!this.rolling) return;
    this.rolling = false;
    this.pinned = false;
    this.play.setAttribute("aria-pressed", "false");
    this.video.removeAttribute("src");
    this.video.load();
    this.video.remove();
    this.video = null;
  }
}

/** How a shot stands: its `state`, the `words` for it, and `why` when something went wrong. */
function standing(film, { id, scene }, picture, clip) {
  const steps = [film.step(`clip/${id}`), film.step(`image/${id}`)];
  const state = stateOf(film, steps, scene, picture, clip);
  const trouble = steps.find((step) => step?.error && ["started", "failed"].includes(step.state));
  const words = trouble?.attempt > 1 && trouble.state === "started" ? `${capital(againWords(trouble.attempt))} …` : STATES[state];
  return { state, words, why: trouble?.error.message ?? "" };
}

function stateOf(film, [moving, image], scene, picture, clip) {
  const is = (state) => image?.state === state || moving?.state === state;
  if (is("failed")) return film.goesOn() ? "skipped" : "failed";
  if (image?.state === "started") return "drawing";
  if (moving?.state === "started") return "filming";
  if (film.run.reopened.has(scene)) return "reopened";
  if (is("skipped") && !(moving?.state === "skipped" ? clip && !clip.earlier : picture && !picture.earlier)) return "skipped";
  if (clip && !clip.earlier) return "clip";
  if (picture && !picture.earlier) return "image";
  return picture ? "earlier" : "waiting";
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
