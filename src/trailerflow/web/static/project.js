// One project: it gathers what is known, keeps it up to date from the stream, and lets each part draw itself.

import * as api from "./api.js";
import { Board } from "./board.js";
import { announce, batched, h, mark, setText } from "./dom.js";
import { Downloads } from "./downloads.js";
import { Film } from "./film.js";
import { Hand } from "./hand.js";
import { Panel } from "./panel.js";
import { Phases } from "./phases.js";
import { ProblemNote } from "./problem.js";
import { Removal } from "./removal.js";
import { Report } from "./report.js";
import { Screen } from "./screen.js";
import { showConnection, Stream } from "./stream.js";
import { Strip } from "./strip.js";
import { headline, message } from "./telling.js";
import { Verbs } from "./verbs.js";
import { FORMATS, plural } from "./words.js";

const RETRY_MS = 3_000;
const REFRESH_MS = 4_000;
const SECOND_MS = 1_000;
/** Progress is told to those who listen in quarters. */
const TOLD_PERCENT = 25;

export class ProjectView {
  constructor(id) {
    this.film = new Film(id);
    this.title = h("h1", { class: "film-title", dir: "auto" });
    this.meta = h("p", { class: "meta" });
    this.problem = new ProblemNote();
    this.screen = new Screen({ moved: (seconds) => this.strip.follow(seconds) });
    const hand = new Hand(this.film, { changed: () => this.closed || this.redraw() });
    this.verbs = new Verbs(this.film, { hand, changed: (status) => this.changed(status) });
    this.panel = new Panel(this.film, this.verbs, { hand });
    this.board = new Board({ scenes: this.scenes(), hand });
    this.strip = new Strip({ chosen: (cut) => this.show(cut) });
    this.parts = [this.panel, new Phases(), this.screen, this.strip, new Downloads(), this.board, new Report({ hand }), new Removal()];
    const [panel, phases, screen, strip, downloads, sheet, report, removal] = this.parts.map((part) => part.element);
    this.body = h(
      "div",
      { class: "film", hidden: true },
      h("div", { class: "stage" }, screen, strip, downloads, h("div", { class: "desk" }, panel, phases), report),
      sheet,
      removal,
    );
    const back = h("nav", { class: "back", "aria-label": "Way back" }, h("a", { href: "#/" }, "All films"));
    const head = h("header", { class: "film-head" }, back, this.title, this.meta);
    this.element = h("article", {}, head, this.problem.element, this.body);
    this.redraw = batched(() => this.draw());
  }

  async open() {
    this.gathered = 0;
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
    this.second = setInterval(() => this.panel.stats.tell(), SECOND_MS);
    this.redraw();
  }

  close() {
    this.closed = true;
    clearInterval(this.clock);
    clearInterval(this.second);
    clearTimeout(this.retry);
    this.stream?.close();
    this.screen.close();
    showConnection(true);
  }

  async load() {
    const { film } = this;
    film.project = await api.project(film.id);
    film.hand = film.project.edits;
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
    if ((planned || event.type.startsWith("run.")) && id > this.gathered) this.reload();
    if (news) this.tell(event);
    if (news && event.kind === "clip" && event.artifact) this.board.premiere(event.shot);
    this.redraw();
  }

  /** Say what matters to those who listen: what the run does, and how far it is in quarters; not every picture. */
  tell(event) {
    const quarter = Math.floor((event.progress ?? 0) / TOLD_PERCENT);
    const further = quarter > (this.quarter ?? 0);
    this.quarter = event.type === "run.queued" ? 0 : quarter;
    if (event.type.startsWith("run.")) this.say({ urgent: true });
    else if (further || event.type === "phase.started" || event.type === "step.failed") this.say({ urgent: false });
  }

  say({ urgent }) {
    const { status, progress } = this.film.status;
    const percent = status === "running" ? ` ${progress} percent.` : "";
    announce(`${headline(this.film)}. ${message(this.film)}${percent}`, { urgent });
  }

  /** Ask for all that events do not carry: the plan (once one can be there), the files. */
  async gather() {
    const { film } = this;
    const planned = this.planned || film.hasPlan();
    const asked = film.status.last_event_id;
    this.gathered = asked;
    const [plan, { artifacts }] = await Promise.all([planned ? api.plan(film.id) : null, api.artifacts(film.id)]);
    if (asked < this.gathered) return; // Somebody has asked again meanwhile, and knows more.
    if (planned && !film.screenplay?.characters[0]?.look) film.screenplay = await api.screenplay(film.id);
    // The same plan stays the same object, so that nothing is laid out again.
    if (JSON.stringify(plan) !== JSON.stringify(film.plan)) film.plan = plan;
    film.artifacts = artifacts;
  }

  async reload() {
    this.behind = false;
    try {
      this.film.take(await api.status(this.film.id));
      await this.gather();
      this.redraw();
    } catch {
      this.behind = true; // The stream says when the service is back; then all is asked for again.
    }
  }

  /** Remaining time, cost and the place in the queue come with no event. */
  async refreshIfUseful() {
    if (document.hidden) return;
    if (this.behind) await this.reload();
    else if (["queued", "running"].includes(this.film.status.status)) await this.refresh();
  }

  async refresh() {
    try {
      this.film.take(await api.status(this.film.id));
      this.redraw();
    } catch {
      this.behind = true;
    }
  }

  /** What the storyboard may ask of the run. */
  scenes() {
    return {
      can: () => this.verbs.can("regenerate"),
      ask: (scene) => this.verbs.regenerate(scene, this.panel.options.policy()),
      skip: (step) => this.verbs.skipItem(step),
    };
  }

  /** A verb has begun, or was answered with a status. */
  changed(status) {
    if (this.closed) return;
    if (status) {
      this.film.take(status);
      this.say({ urgent: true });
    }
    this.redraw();
  }

  connection(connected) {
    if (this.closed) return;
    showConnection(connected);
    if (connected && (this.wasAway || this.behind)) this.reload();
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
    mark(this.body, "status", status.status);
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
