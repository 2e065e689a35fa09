// Home: what this is, where to drop a screenplay, and what was made before.

import * as api from "./api.js";
import { FilmCard, standingAfter } from "./card.js";
import { announce, h, show } from "./dom.js";
import { ProblemNote } from "./problem.js";
import { showConnection, Stream } from "./stream.js";

const RETRY_MS = 3_000;
const KINDS = ".fountain,.txt,.fdx,.pdf";

export class Home {
  constructor() {
    this.cards = new Map();
    this.standing = new Map(); // of films that are not listed yet, too
    this.problem = new ProblemNote();
    this.input = h("input", { type: "file", id: "script", accept: KINDS, class: "unseen", onchange: () => this.chosen() });
    this.words = h("span", { class: "drop-words" }, "Drop a screenplay here");
    this.zone = h(
      "label",
      { class: "drop", for: "script" },
      h("span", { class: "drop-page", "aria-hidden": "true" }),
      h(
        "span",
        { class: "drop-text" },
        this.words,
        h("span", { class: "drop-or" }, "or ", h("span", { class: "link" }, "choose a file")),
        h("span", { class: "drop-kinds" }, "Fountain, Final Draft, PDF or plain text · up to 10 MB"),
      ),
    );
    this.listenForDrops();
    this.list = h("ol", { class: "projects" });
    this.more = h("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.load() }, "Show older");
    this.listProblem = new ProblemNote();
    this.empty = h("p", { class: "dim", hidden: true }, "Nothing yet. Your first film will be listed here.");
    this.element = h(
      "div",
      { class: "home" },
      h(
        "section",
        { class: "hero" },
        h("h1", {}, "From the page ", h("span", { class: "soft" }, "to the screen.")),
        h("p", { class: "lead" }, "Drop a screenplay. Watch its trailer being made, picture by picture."),
        h("div", { class: "drop-holder" }, this.input, this.zone),
        this.problem.element,
      ),
      h(
        "section",
        { class: "made", "aria-labelledby": "made" },
        h("h2", { id: "made" }, "Your films"),
        this.listProblem.element,
        this.empty,
        this.list,
        this.more,
      ),
    );
  }

  open() {
    document.title = "trailerflow";
    this.load();
    this.stream = new Stream("/api/events", {
      after: null,
      snapshot: (status) => this.stands(status),
      event: (_, event) => this.happened(event),
      tick: () => {},
      connected: (connected) => showConnection(connected),
    });
  }

  close() {
    this.closed = true;
    clearTimeout(this.retry);
    this.stream?.close();
    showConnection(true);
  }

  listenForDrops() {
    let depth = 0;
    const over = (by) => {
      depth = by === 0 ? 0 : depth + by;
      this.zone.classList.toggle("over", depth > 0);
    };
    this.zone.addEventListener("dragenter", () => over(1));
    this.zone.addEventListener("dragleave", () => over(-1));
    this.zone.addEventListener("drop", (drop) => {
      drop.preventDefault();
      over(0);
      this.send([...drop.dataTransfer.files]);
    });
  }

  chosen() {
    this.send([...this.input.files]);
    this.input.value = "";
  }

  async send(files) {
    if (this.busy || files.length === 0) return;
    this.problem.clear();
    if (files.length > 1) {
      this.problem.show({ detail: `These are ${files.length} files.`, remedy: "Drop one screenplay at a time." });
      return;
    }
    this.setBusy(files[0].name);
    try {
      const project = await api.upload(files[0]);
      if (!this.closed) location.hash = `#/projects/${project.id}`;
    } catch (problem) {
      this.problem.show(problem);
    } finally {
      this.setBusy(null);
    }
  }

  setBusy(name) {
    this.busy = name !== null;
    this.input.disabled = this.busy;
    this.zone.classList.toggle("busy", this.busy);
    this.words.textContent = this.busy ? `Reading ${name} …` : "Drop a screenplay here";
    if (this.busy) announce(`Reading ${name}`, { urgent: true });
  }

  async load() {
    try {
      const page = await api.projects(this.next);
      if (this.closed) return;
      for (const project of page.projects) this.add(project, (card) => this.list.append(card.element));
      this.next = page.next;
      show(this.more, Boolean(page.next));
      show(this.empty, this.cards.size === 0);
      this.listProblem.clear();
    } catch (problem) {
      if (this.closed) return;
      this.listProblem.show(problem);
      this.retry = setTimeout(() => this.load(), RETRY_MS);
    }
  }

  add(project, place) {
    if (this.cards.has(project.id)) return;
    const card = new FilmCard(project);
    this.cards.set(project.id, card);
    this.element.dataset.films = "some";
    if (!this.standing.has(project.id)) this.standing.set(project.id, project);
    card.draw(this.standing.get(project.id));
    place(card);
  }

  /** How one film stands, as of now. */
  stands(status) {
    this.standing.set(status.project_id, status);
    this.cards.get(status.project_id)?.draw(status);
  }

  /** Something happened to one of the films; one that is not listed yet was begun elsewhere. */
  async happened(event) {
    this.stands(standingAfter(this.standing.get(event.project_id), event));
    const card = this.cards.get(event.project_id);
    if (card) return card.happened(event);
    const isNew = [...this.cards.keys()].every((id) => id < event.project_id);
    if (!isNew || this.asked === event.project_id) return;
    this.asked = event.project_id;
    const project = await api.project(event.project_id).catch(() => null);
    if (this.closed || !project) return;
    this.standing.delete(project.id); // What was made of one event alone.
    this.add(project, (made) => this.list.prepend(made.element));
    show(this.empty, false);
  }
}
