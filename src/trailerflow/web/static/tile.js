// One place on the storyboard: a shot with its picture and clip, or a card of letters.

import { artifactUrl } from "./api.js";
import { h, mark, setText, show, STILL } from "./dom.js";
import { TakePicker } from "./picker.js";
import { sentence } from "./problem.js";
import { altOf } from "./screen.js";
import { SceneVerbs } from "./scene.js";
import { Skipping } from "./skipping.js";
import { Unheard } from "./unheard.js";
import { againWords, SIZES } from "./words.js";

const FPS = 24;
const DEVELOP = [
  { opacity: 0, filter: "sepia(1) hue-rotate(-38deg) saturate(6) brightness(0.35)" },
  { opacity: 1, filter: "sepia(1) hue-rotate(-38deg) saturate(5) brightness(0.55)", offset: 0.45 },
  { opacity: 1, filter: "none" },
];
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

const actMark = (act) => (act ? h("h3", { class: "act" }, act) : null);

export class CardTile {
  constructor({ card, cut, act }) {
    this.key = JSON.stringify([card, cut.frames, act]);
    const frame = h("div", { class: "frame letters" }, h("p", { dir: "auto" }, card.text), card.subtitle ? h("p", { class: "subtitle", dir: "auto" }, card.subtitle) : "");
    this.element = h(
      "li",
      { class: "tile", id: `card-${card.id}`, "data-state": "card" },
      h("div", { class: "tile-head" }, actMark(act)),
      h("div", {}, frame, h("p", { class: "facts" }, h("span", {}, "Letters on black"), h("span", {}, seconds(cut)))),
    );
  }

  draw() {}
}

export class ShotTile {
  /** `begins`: the tile is the first of its scene, which it speaks for; `scenes` and `hand` do what a person asks. */
  constructor({ shot, cut, act, why, begins, scenes, hand }) {
    this.shot = shot;
    this.key = JSON.stringify([shot, cut.frames, act, why, begins]);
    this.hand = hand;
    this.state = h("p", { class: "state" });
    this.trouble = h("p", { class: "trouble", dir: "auto", hidden: true });
    this.standIn = h("p", { class: "stand-in", hidden: true }, "stand-in");
    this.verbs = begins && new SceneVerbs(shot, { scenes, hand });
    this.unheard = begins && new Unheard(shot);
    this.picker = new TakePicker(shot.id, { hand });
    this.skipping = new Skipping(shot.id, { scenes });
    this.grain = h("span", { class: "grain", "aria-hidden": "true" });
    this.play = h("button", { type: "button", class: "play", hidden: true, "aria-pressed": "false", "aria-label": `Play clip ${shot.id}`, onclick: () => this.toggle() });
    this.frame = h("div", { class: "frame" }, this.grain, this.state, this.standIn, this.play);
    this.frame.addEventListener("pointerenter", (pointer) => pointer.pointerType === "mouse" && this.roll());
    this.frame.addEventListener("pointerleave", (pointer) => pointer.pointerType === "mouse" && !this.pinned && this.cut());
    const facts = h("p", { class: "facts" }, h("span", {}, h("span", { class: "id" }, shot.id), ` ${SIZES[shot.size] ?? shot.size}`), h("span", {}, seconds(cut)));
    this.element = h(
      "li",
      { class: "tile", id: `shot-${shot.id}`, "data-scene": shot.scene, "data-begins": begins },
      h("div", { class: "tile-head" }, actMark(act), h("h4", { class: "slug", dir: "auto", title: shot.heading }, shot.heading)),
      h("div", {}, this.frame, facts, this.trouble, said(shot), this.picker.element, this.skipping.element, why ? h("p", { class: "why" }, why) : null, this.unheard ? this.unheard.element : null, this.verbs ? this.verbs.element : null),
    );
  }

  draw(film) {
    const picture = film.item("image", this.shot.id);
    const clip = film.item("clip", this.shot.id);
    const { state, words, why } = standing(film, this.shot, picture, clip);
    const shut = this.hand.has("ban", this.shot.scene);
    mark(this.element, "state", state);
    mark(this.element, "hand", shut ? "ban" : this.hand.has("lock", this.shot.scene) ? "lock" : "");
    const said = shut ? leftOutWords(film) : words;
    setText(this.state, said);
    setText(this.trouble, why);
    show(this.trouble, why !== "");
    show(this.state, said !== "");
    show(this.standIn, Boolean(picture?.standIn || (clip?.standIn && !clip.earlier)));
    if (this.verbs) this.verbs.draw(film);
    if (this.unheard) this.unheard.draw(film);
    this.picker.draw(film, picture);
    this.skipping.draw(film);
    this.drawPicture(film, picture?.name ?? null);
    this.drawClip(film, clip && !clip.earlier && !picture?.pending ? clip.name : null);
    this.drawShare(film);
    this.met = true;
  }

  drawClip(film, name) {
    if (name === this.clip) return;
    this.cut();
    this.clip = name;
    this.source = name && artifactUrl(film.id, name);
    show(this.play, name !== null);
    if (name && this.due) this.premiere();
  }

  drawShare(film) {
    const works = ["clip", "image"].map((kind) => film.step(`${kind}/${this.shot.id}`));
    const share = String(works.find((step) => step?.state === "started")?.done ?? 0);
    if (share === this.share) return;
    this.share = share;
    this.frame.style.setProperty("--share", share);
  }

  /** Put a picture in place. The one before stays to be seen until the new one is there: browsers do that by themselves. */
  drawPicture(film, name) {
    if (name === (this.picture ?? null)) return;
    this.picture = name;
    if (name === null) {
      this.image.remove();
      this.image = null;
      delete this.frame.dataset.filled;
      return;
    }
    if (!this.image) {
      this.image = h("img", { loading: "lazy", decoding: "async" });
      this.frame.prepend(this.image);
      this.frame.dataset.filled = "";
    }
    this.image.alt = altOf(film, this.shot.id);
    this.image.onload = this.met && !STILL.matches ? () => this.image?.animate(DEVELOP, 1_100) : null;
    this.image.src = artifactUrl(film.id, name);
  }

  toggle() {
    const byHand = this.rolling && this.pinned;
    if (byHand) this.cut();
    else this.roll();
    this.pinned = !byHand;
  }

  /** Play the clip once where it stands, because it has just come in and somebody may be looking. */
  premiere() {
    this.due = false;
    const { top, bottom } = this.frame.getBoundingClientRect();
    if (STILL.matches || document.hidden || bottom < 0 || top > innerHeight) return;
    this.roll();
    this.video.loop = false;
    this.video.onended = () => this.pinned || this.cut();
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
    this.video.onended = null;
    this.video.removeAttribute("src");
    this.video.load();
    this.video.remove();
    this.video = null;
  }
}

/** What is heard or seen in a shot, as the script has it. */
function said({ line, action }) {
  if (!line) return h("p", { class: "action", dir: "auto" }, action);
  return h("blockquote", { class: "line", dir: "auto" }, h("span", { class: "who" }, line.character), h("span", {}, line.text));
}

/** When a choice by hand is obeyed. */
const fromWhen = ({ status }) => ({ paused: "when you resume", failed: "when you retry" })[status.status] ?? "from the next start";

const leftOutWords = (film) => `Left out ${fromWhen(film)}`;

/** How a shot stands: its `state`, the `words` for it, and `why` when something went wrong. */
function standing(film, { id, scene }, picture, clip) {
  const steps = [film.step(`clip/${id}`), film.step(`image/${id}`)];
  const state = stateOf(film, steps, scene, picture, clip);
  const trouble = steps.find((step) => step?.error && ["started", "failed"].includes(step.state));
  if (picture?.pending && state !== "drawing") return { state: "pending", words: `Take ${picture.take}, ${fromWhen(film)}`, why: "" };
  const words = trouble?.attempt > 1 && trouble.state === "started" ? `${capital(againWords(trouble.attempt))} …` : STATES[state];
  return { state, words, why: trouble ? sentence(trouble.error.message) : "" };
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
