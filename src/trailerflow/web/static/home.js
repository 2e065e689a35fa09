// Home: what this is, where to drop a screenplay, and what was made before.

import * as api from "./api.js";
import { announce, h, show } from "./dom.js";
import { ProblemNote } from "./problem.js";
import { FORMATS, moment, plural } from "./words.js";

// Final Draft and PDF may be chosen too: the service says what to do with a kind it does not read yet.
const KINDS = ".fountain,.txt,.fdx,.pdf";

export class Home {
  constructor() {
    this.problem = new ProblemNote();
    this.input = h("input", { type: "file", id: "script", accept: KINDS, class: "unseen", onchange: () => this.chosen() });
    this.words = h("span", { class: "drop-words" }, "Drop a screenplay here");
    this.zone = h(
      "label",
      { class: "drop", for: "script" },
      h("span", { class: "drop-page", "aria-hidden": "true" }),
      this.words,
      h("span", { class: "drop-or" }, "or ", h("span", { class: "link" }, "choose a file")),
      h("span", { class: "drop-kinds" }, "Fountain or plain text · up to 10 MB"),
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
  }

  close() {
    this.closed = true;
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
      this.list.append(...page.projects.map((project) => row(project)));
      this.next = page.next;
      show(this.more, Boolean(page.next));
      show(this.empty, this.list.childElementCount === 0);
      this.listProblem.clear();
    } catch (problem) {
      this.listProblem.show(problem);
    }
  }
}

function row(project) {
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#/projects/${project.id}` },
      h("span", { class: "title" }, project.title),
      h(
        "span",
        { class: "dim" },
        [
          plural(project.scenes, "scene"),
          FORMATS[project.format] ?? project.format,
          project.created_at && moment(project.created_at),
        ]
          .filter(Boolean)
          .join(" · "),
      ),
    ),
  );
}
