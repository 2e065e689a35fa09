// One project: it gathers what is known, keeps it up to date from the stream, and lets each part draw itself.

import * as api from "./api.js";
import { Board } from "./board.js";
import { announce, batched, h, setText, show } from "./dom.js";
import { Downloads } from "./downloads.js";
import { Film } from "./film.js";
import { Panel } from "./panel.js";
import { Phases } from "./phases.js";
import { ProblemNote } from "./problem.js";
import { Report } from "./report.js";
import { Screen } from "./screen.js";
import { Stream } from "./stream.js";
import { Strip } from "./strip.js";
import { headline, message } from "./telling.js";
import { FORMATS, plural } from "./words.js";

const RETRY_MS = 3_000;
const REFRESH_MS = 4_000;

export class ProjectView {
  constructor(id) {
    this.film = new Film(id);
    this.title = h("h1", { class: "film-title" });
    this.meta = h("p", { class: "meta" });
    this.problem = new ProblemNote();
    this.screen = new Screen({ moved: (seconds) => this.strip.follow(seconds) });
    this.panel = new Panel(this.film, { answered: (status) => this.answered(status) });
    this.strip = new Strip({ chosen: (cut) => this.show(cut) });
    this.parts = [this.panel, new Phases(), this.screen, this.strip, new Downloads(), new Board(), new Report()];
    const [panel, phases, screen, strip, downloads, board, report] = this.parts.map((part) => part.element);
    this.body = h(
      "div",
      { class: "film", hidden: true },
      h("div", { class: "stage" }, h("div", { class: "projection" }, screen, strip, downloads), h("div", { class: "desk" }, panel, phases)),
      board,
      report,
    );
    const back = h("p", { class: "back" }, h("a", { href: "#/" }, "All films"));
    this.element = h("article", {}, back, this.title, this.meta, this.problem.element, this.body);
    this.redraw = batched(() => this.draw());
  }

  async open() {
    document.title = "trailerflow";
    try {
      await this.load();
    } catch (problem) {
      if (!this.closed) this.cannotLoad(problem);
      return;
    }
    if (this.closed) return;
    this.problem.clear();
    this.stream = new Stream(`/api/workflow/${this.film.id}/events`, {
      after: 0,
      snapshot: (status) => this.begin(status),
      event: (id, event) => this.happened(id, event),
      tick: (tick) => this.film.tick(tick) && this.redraw(),
      connected: (connected) => this.connection(connected),
    });
    this.clock = setInterval(() => this.refreshIfUseful(), REFRESH_MS);
    this.redraw();
  }

  close() {
    this.closed = true;
    clearInterval(this.clock);
    clearTimeout(this.retry);
    this.stream?.close();
    this.screen.close();
    this.connection(true);
  }

  async load() {
    const { film } = this;
    film.project = await api.project(film.id);
    film.take(await api.status(film.id));
    [film.screenplay, film.plan] = await Promise.all([api.screenplay(film.id), api.plan(film.id)]);
    film.artifacts = (await api.artifacts(film.id)).artifacts;
  }

  cannotLoad(problem) {
    const missing = problem.status === 404;
    setText(this.title, missing ? "No such film" : "Waiting for the service");
    this.problem.show(missing ? { detail: problem.detail, remedy: "Your films are listed on the first page." } : problem);
    if (!missing) this.retry = setTimeout(() => this.open(), RETRY_MS);
  }

  /** A snapshot: whatever was drawn may be of another world. */
  async begin(status) {
    this.film.restart(status);
    await this.reload();
  }

  happened(id, event) {
    if (!this.film.apply(id, event)) return this.redraw();
    this.stale = true;
    const planned = event.step === "plan" && ["step.finished", "step.reused"].includes(event.type);
    if (planned || event.type.startsWith("run.")) this.reload();
    this.tell(event);
    return this.redraw();
  }

  tell(event) {
    const urgent = event.type.startsWith("run.") || event.type.startsWith("phase.");
    announce(`${headline(this.film)}. ${message(this.film)}`, { urgent });
  }

  /** Ask again for all that events do not carry: the plan, the files, what is left to do. */
  async reload() {
    const { film } = this;
    try {
      const [status, plan, { artifacts }] = await Promise.all([
        api.status(film.id),
        api.plan(film.id),
        api.artifacts(film.id),
      ]);
      film.take(status);
      Object.assign(film, { plan, artifacts });
      this.redraw();
    } catch {
      this.stale = true; // The stream says when the service is back; the next look asks again.
    }
  }

  async refreshIfUseful() {
    const waiting = this.film.status.status === "queued";
    if (!this.stale && !waiting) return;
    this.stale = false;
    await this.reload();
  }

  answered(status) {
    this.film.take(status);
    this.redraw();
  }

  connection(connected) {
    const note = document.getElementById("connection");
    show(note, !connected);
    setText(note, connected ? "" : "Connecting again …");
    if (connected && this.wasAway) this.reload();
    this.wasAway = !connected;
  }

  show(cut) {
    if (!this.screen.seek(cut)) document.getElementById(`${cut.kind}-${cut.id}`)?.scrollIntoView({ block: "center" });
  }

  draw() {
    if (this.closed || !this.film.status) return;
    const { project, screenplay, status } = this.film;
    setText(this.title, project.title);
    setText(this.meta, metaWords(project, screenplay));
    const percent = ["running", "pausing"].includes(status.status) ? `${status.progress} % · ` : "";
    document.title = `${percent}${project.title} — trailerflow`;
    for (const part of this.parts) part.draw(this.film);
    this.body.hidden = false;
  }
}

function metaWords(project, screenplay) {
  return [
    FORMATS[project.format] ?? project.format,
    plural(project.scenes, "scene"),
    screenplay && plural(screenplay.characters.length, "speaking character"),
  ]
    .filter(Boolean)
    .join(" · ");
}
