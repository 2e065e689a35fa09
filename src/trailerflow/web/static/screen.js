// The screen: dark, then each new picture, then the trailer.

import { artifactUrl } from "./api.js";
import { h, mark, setText, show, STILL } from "./dom.js";
import { ACTIVE, SIZES } from "./words.js";

const FPS = 24;

export class Screen {
  constructor({ moved }) {
    this.moved = moved;
    this.dark = h("p", { class: "dark" });
    this.pictures = h("div", { class: "pictures" });
    this.holder = h("div", { class: "holder" });
    this.surface = h("div", { class: "screen" }, this.dark, this.pictures, this.holder);
    this.caption = h("p", { class: "caption" });
    this.element = h("section", { class: "screening", "aria-label": "Screen", hidden: true }, this.surface, this.caption);
  }

  draw(film) {
    const trailer = film.artifact("trailer.mp4");
    const playing = trailer && !ACTIVE.includes(film.status.status) && film.phases().includes(2);
    mark(this.surface, "aspect", film.plan?.aspect ?? film.run.options?.aspect ?? "16:9");
    show(this.element, film.status.status !== "idle");
    if (playing) this.play(film, trailer);
    else this.stop();
    if (playing) this.clear();
    else this.project(film);
    show(this.pictures, !playing);
    show(this.dark, !playing && !this.shown);
    setText(this.dark, darkWords(film));
    setText(this.caption, playing ? playingWords(film) : this.captionOf(film));
  }

  play(film, trailer) {
    if (this.sha256 === trailer.sha256) return;
    this.stop();
    this.sha256 = trailer.sha256;
    const captions = film.artifact("captions.vtt");
    this.video = h("video", { controls: true, preload: "metadata", playsinline: true, "aria-label": `Trailer of ${film.project.title}` });
    if (captions) {
      this.video.append(h("track", { kind: "captions", label: "Captions", src: versioned(captions), default: true }));
    }
    const first = film.plan?.cuts.find(({ kind }) => kind === "shot");
    const poster = first && film.item("image", first.id);
    if (poster) this.video.poster = artifactUrl(film.id, poster.name); // a trailer begins in the dark
    this.video.src = versioned(trailer);
    this.video.addEventListener("timeupdate", () => this.moved(this.video?.currentTime ?? 0));
    this.holder.replaceChildren(this.video);
  }

  stop() {
    if (!this.video) return;
    this.video.removeAttribute("src");
    this.video.load();
    this.holder.replaceChildren();
    this.video = null;
    this.sha256 = null;
  }

  clear() {
    this.shown = null;
    this.pictures.replaceChildren(); // A clip that leaves the page stops by itself.
  }

  close() {
    this.stop();
    this.clear();
  }

  /** Go to a cut of the trailer; false when there is none to go to. */
  seek(cut) {
    if (!this.video) return false;
    this.video.currentTime = cut.start / FPS + 0.01;
    return true;
  }

  /** Show the newest picture or clip; the one before stays until the new one can be seen. */
  project(film) {
    const newest = film.newest ?? lastDrawn(film);
    const name = newest?.name ?? null;
    if (name === this.shown) return;
    this.shown = name;
    this.shot = newest?.shot;
    if (!name) {
      this.clear();
      return;
    }
    const seen = newest.kind === "clip" && !STILL.matches ? running(film, name) : still(film, film.item("image", newest.shot)?.name ?? name, newest.shot);
    const event = seen instanceof HTMLVideoElement ? "playing" : "load";
    seen.addEventListener(
      event,
      () => {
        if (this.shown !== name) {
          seen.pause?.();
          return;
        }
        this.pictures.append(seen);
        while (this.pictures.childElementCount > 2) this.pictures.firstElementChild.remove();
      },
      { once: true },
    );
  }

  captionOf(film) {
    const shot = this.shown && film.shot(this.shot);
    return shot ? `${shot.id} — ${shot.heading}` : "";
  }
}

const versioned = ({ url, sha256 }) => `${url}?v=${sha256.slice(0, 12)}`;

function lastDrawn(film) {
  const shot = film.plan?.shots.findLast(({ id }) => film.item("image", id))?.id;
  return shot ? { kind: "image", shot, name: film.item("image", shot).name } : null;
}

function still(film, name, shot) {
  return h("img", { alt: altOf(film, shot), decoding: "async", src: artifactUrl(film.id, name) });
}

function running(film, name) {
  const video = h("video", { loop: true, playsinline: true, "aria-hidden": "true", src: artifactUrl(film.id, name) });
  video.muted = true;
  video.play().catch(() => {}); // Not allowed to: the picture before stays.
  return video;
}

export function altOf(film, id) {
  const shot = film.shot(id);
  return shot ? `Drawn panel, ${SIZES[shot.size] ?? shot.size}: ${shot.action || shot.heading}` : `Drawn panel ${id}`;
}

function playingWords(film) {
  const { plan, project, status } = film;
  const own = status.status === "completed" && film.phases().includes(2);
  if (!own) return `${project.title} — the trailer of an earlier run`;
  return plan ? `${project.title} — ${plan.seconds} seconds, ${plan.shots.length} shots` : project.title;
}

function darkWords({ status }) {
  return ACTIVE.includes(status.status) ? "The first picture appears here." : "No picture yet.";
}
