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
    this.drawWarnings(screenplay?.warnings ?? project.warnings ?? []);
    show(this.details.parentElement, screenplay !== null);
    if (screenplay) this.drawReading(screenplay);
  }

  drawWarnings(warnings) {
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

  drawReading({ scenes, characters }) {
    this.summary.textContent = `${plural(scenes.length, "scene")}, ${plural(characters.length, "character")}`;
    this.details.replaceChildren(
      h(
        "ul",
        { class: "people" },
        characters.map(({ name, cues }) => h("li", {}, name, h("span", { class: "dim" }, ` ${plural(cues ?? 0, "cue")}`))),
      ),
      h(
        "ol",
        { class: "scenes" },
        scenes.map(({ heading, number, index, line }) =>
          h("li", {}, h("span", { class: "at" }, number ?? String(index + 1)), h("span", { class: "slug" }, heading), h("span", { class: "dim" }, line ? `line ${line}` : "")),
        ),
      ),
    );
  }
}
