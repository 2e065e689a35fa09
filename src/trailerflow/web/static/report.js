// What was read: scenes and characters, and everything that was read differently from what was written.

import { h, show } from "./dom.js";
import { plural } from "./words.js";

export class Report {
  constructor() {
    this.warnings = h("div", { class: "warnings" });
    this.summary = h("summary", {}, "What was read");
    this.details = h("div", {});
    this.element = h(
      "section",
      { class: "report", "aria-labelledby": "reading" },
      h("h2", { id: "reading" }, "The screenplay"),
      this.warnings,
      h("details", {}, this.summary, this.details),
    );
  }

  draw({ project, screenplay }) {
    if (this.drawn === screenplay && this.project === project) return;
    this.drawn = screenplay;
    this.project = project;
    this.drawWarnings(project.warnings);
    show(this.details.parentElement, screenplay !== null);
    if (screenplay) this.drawReading(screenplay);
  }

  drawWarnings(warnings) {
    if (warnings === this.warned) return;
    this.warned = warnings;
    if (warnings.length === 0) {
      this.warnings.replaceChildren(h("p", { class: "dim" }, "Everything in the file was understood."));
      return;
    }
    const rows = warnings.map((warning) =>
      h("li", {}, h("span", { class: "at" }, warning.line ? `Line ${warning.line}` : "File"), h("span", {}, warning.message)),
    );
    const words = `${plural(warnings.length, "thing")} read differently from what was written`;
    this.warnings.replaceChildren(h("details", { open: warnings.length <= 5 }, h("summary", {}, words), h("ul", {}, rows)));
  }

  drawReading({ scenes, characters, read_as: ranges = [] }) {
    this.summary.textContent = `${plural(scenes.length, "scene")}, ${plural(characters.length, "character")}`;
    this.details.replaceChildren(
      h("ul", { class: "people" }, characters.map(person)),
      h("p", { class: "lines dim" }, linesWords(ranges)),
      h("ol", { class: "scenes" }, scenes.map(sceneRow)),
    );
  }
}

function person({ name, cues, look }) {
  const dot = h("span", { class: "dot", "aria-hidden": "true", hidden: !look });
  if (look) dot.style.background = look.colour;
  return h("li", {}, dot, name, h("span", { class: "dim" }, ` ${plural(cues ?? 0, "cue")}`));
}

function sceneRow({ heading, number, index, line }) {
  return h(
    "li",
    {},
    h("span", { class: "at" }, number ?? String(index + 1)),
    h("span", { class: "slug" }, heading),
    h("span", { class: "dim" }, line ? `line ${line}` : ""),
  );
}

/** How many lines were read as what, and which were left out. */
function linesWords(ranges) {
  const counts = new Map();
  for (const { type, first_line, last_line } of ranges) {
    counts.set(type, (counts.get(type) ?? 0) + last_line - first_line + 1);
  }
  const read = [...counts].filter(([type]) => type !== "blank" && type !== "left_out").sort((a, b) => b[1] - a[1]);
  if (read.length === 0) return "";
  const left = ranges.filter(({ type }) => type === "left_out").map(lineWords);
  const shown = left.length > 12 ? [...left.slice(0, 12), "…"] : left;
  const lost = left.length ? `Left out: ${shown.join(", ")}.` : "No line was left out.";
  return `Lines read as ${read.map(([type, count]) => `${type.replace("_", " ")} ${count}`).join(", ")}. ${lost}`;
}

const lineWords = ({ first_line, last_line }) => (first_line === last_line ? `line ${first_line}` : `lines ${first_line}–${last_line}`);
