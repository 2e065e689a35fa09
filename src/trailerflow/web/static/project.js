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
import { Verbs } from "./verbs.js";
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
    this.verbs = new Verbs(this.film, { changed: (status) => this.changed(status) });
    this.panel = new Panel(this.film, this.verbs);
    const board = new Board({ regenerate: this.regenerating() });
    this.strip = new Strip({ chosen: (cut) => this.show(cut) });
    this.parts = [this.panel, new Phases(), this.screen, this.strip, new Downloads(), board, new Report()];
    const [panel, phases, screen, strip, downloads, sheet, report] = this.parts.map((part) => part.element);
    this.body = h(
      "div",
      { class: "film", hidden: true },
      h("div", { class: "stage" }, screen, strip, downloads, h("div", { class: "desk" }, panel, phases), report),
      sheet,
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
    document.getElementById("connection").hidden = true;
  }

  async load() {
    const { film } = this;
    film.project = await api.project(film.id);
    film.take(await api.status(film.id));
    film.screenplay = await api.screenplay(film.id);
    await this.gather();
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
    const news = this.film.apply(id, event);
    const planned = event.step === "plan" && ["step.finished", "step.reused"].includes(event.type);
    if (planned) this.planned = true;
    if ((planned && (news || !this.film.plan)) || (news && event.type.startsWith("run."))) this.reload();
    if (news) this.tell(event);
    this.stale ||= news;
    this.redraw();
  }

  tell(event) {
    const urgent = event.type.startsWith("run.") || event.type.startsWith("phase.");
    announce(`${headline(this.film)}. ${message(this.film)}`, { urgent });
  }

  /** Ask for all that events do not carry: the plan (once one can be there), the files. */
  async gather() {
    const { film } = this;
    const planned = this.planned || film.hasPlan();
    const [plan, { artifacts }] = await Promise.all([planned ? api.plan(film.id) : null, api.artifacts(film.id)]);
    if (planned && !film.screenplay?.characters[0]?.look) film.screenplay = await api.screenplay(film.id);
    // The same plan stays the same object, so that nothing is laid out again.
    if (JSON.stringify(plan) !== JSON.stringify(film.plan)) film.plan = plan;
    film.artifacts = artifacts;
  }

  async reload() {
    try {
      this.film.take(await api.status(this.film.id));
      await this.gather();
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

  /** How a scene is made anew, for the storyboard. */
  regenerating() {
    return {
      can: () => this.verbs.can("regenerate"),
      ask: (scene) => this.verbs.regenerate(scene, this.panel.options.policy()),
    };
  }

  /** A verb has begun, or was answered with a status. */
  changed(status) {
    if (this.closed) return;
    if (status) {
      this.film.take(status);
      this.stale = true; // The answer is ahead of the stream; what else is new is asked for at the next look.
      announce(`${headline(this.film)}. ${message(this.film)}`, { urgent: true });
    }
    this.redraw();
  }

  connection(connected) {
    if (this.closed) return;
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
