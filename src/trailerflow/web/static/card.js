// One film in the list of the home page: a picture of it, its name, and how it stands. It loads its picture when it
// comes into sight, and never before there is one.

import * as api from "./api.js";
import { h, mark, setText, STILL } from "./dom.js";
import { ACTIVE, FORMATS, moment, plural, STATE_AFTER } from "./words.js";

const STANDING = {
  idle: "Not started",
  queued: "Waiting for a free desk",
  running: "In work",
  pausing: "Pausing",
  paused: "Paused",
  cancelling: "Cancelling",
  cancelled: "Cancelled",
  failed: "It stopped",
  completed: "Ready",
};

const inSight = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) target.dispatchEvent(new Event("sight"));
  },
  { rootMargin: "300px" },
);

export class FilmCard {
  constructor(project) {
    this.project = project;
    this.poster = h("span", { class: "poster", "aria-hidden": "true" }, h("span", { class: "drop-page" }));
    this.standing = h("span", { class: "standing" });
    this.bar = h("span", { class: "share", "aria-hidden": "true" });
    const facts = [plural(project.scenes, "scene"), FORMATS[project.format] ?? project.format, moment(project.created_at)];
    this.element = h(
      "li",
      { class: "film-card", onsight: () => this.seen() },
      h(
        "a",
        { href: `#/projects/${project.id}` },
        this.poster,
        h("span", { class: "title", dir: "auto" }, project.title),
        this.standing,
        h("span", { class: "dim" }, facts.filter(Boolean).join(" · ")),
        this.bar,
      ),
    );
    inSight.observe(this.element);
  }

  /** `status` and `progress` are those of a status or of a project. */
  draw({ status, progress }) {
    const works = ACTIVE.includes(status);
    mark(this.element, "status", status);
    setText(this.standing, works && progress > 0 ? `${STANDING[status]} · ${progress} %` : (STANDING[status] ?? status));
    this.bar.style.setProperty("--share", String(works ? progress / 100 : 0));
  }

  happened({ artifact, kind }) {
    if (kind === "image" && artifact && !this.shown) this.show(api.artifactUrl(this.project.id, artifact));
  }

  seen() {
    inSight.unobserve(this.element);
    if (this.project.poster && !this.shown) this.show(this.project.poster);
  }

  show(url) {
    const image = h("img", { alt: "", decoding: "async" });
    image.addEventListener("load", () => {
      this.poster.replaceChildren(image);
      if (!STILL.matches) image.animate([{ opacity: 0 }, { opacity: 1 }], 400);
    });
    image.src = url;
    this.shown = url;
  }
}

/** How a film stands after an event. */
export function standingAfter(before, { type, project_id, progress }) {
  const status = STATE_AFTER[type] ?? (type === "run.resumed" ? "running" : (before?.status ?? "running"));
  return { ...before, project_id, status, progress: progress ?? before?.progress ?? 0 };
}
