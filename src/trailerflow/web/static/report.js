// What was read and understood: scenes and characters, where the story turns, what each line was read as, and everything
// that was read differently from what was written. Before the first run it is the main thing on the page; later it
// stands below, closed.

import { h, mark, setText, show } from "./dom.js";
import { ProblemNote } from "./problem.js";
import { SceneToggles } from "./scene.js";
import { plural, TURNS } from "./words.js";

const LEFT = "left_out";
const MOST_SHOWN = 12;
const MOST_FACTS = 4;
const MOST_RELATIONS = 2;

export class Report {
  constructor({ hand }) {
    this.hand = hand;
    this.toggles = [];
    this.counts = h("dl", { class: "counts" });
    this.warnings = h("div", { class: "warnings" });
    this.read = h("div", { class: "read-as" });
    this.problem = new ProblemNote();
    this.turns = h("div", { class: "turns" });
    this.people = h("ul", { class: "people" });
    this.scenes = h("ol", { class: "scenes" });
    this.scenesTitle = h("h3", {});
    this.peopleTitle = h("h3", {});
    this.details = h(
      "details",
      { class: "reading" },
      h("summary", {}, h("h2", { id: "reading" }, "The screenplay")),
      this.counts,
      this.warnings,
      this.read,
      this.problem.element,
      this.turns,
      h("div", { class: "lists" }, h("div", {}, this.scenesTitle, this.scenes), h("div", {}, this.peopleTitle, this.people)),
    );
    this.element = h("section", { class: "report", "aria-labelledby": "reading" }, this.details);
  }

  draw(film) {
    const { project, screenplay, plan, status } = film;
    this.open(status.status === "idle");
    if (this.drawn !== screenplay || this.project !== project) {
      this.drawn = screenplay;
      this.project = project;
      this.drawWarnings(project.warnings);
      if (screenplay) this.drawReading(project, screenplay);
    }
    if (this.plan !== plan) this.drawChosen(plan);
    for (const toggle of this.toggles) toggle.draw();
  }

  /** Open by itself before the first run, close once that begins; from then on it is the person's. */
  open(idle) {
    if (idle === this.idle) return;
    this.idle = idle;
    this.details.open = idle;
  }

  drawWarnings(warnings) {
    if (warnings.length === 0) {
      this.warnings.replaceChildren(h("p", { class: "understood" }, "Everything in the file was understood."));
      return;
    }
    const rows = warnings.map((warning) =>
      h("li", {}, h("span", { class: "at" }, warning.line ? `Line ${warning.line}` : "File"), h("span", { dir: "auto" }, warning.message)),
    );
    this.warnings.replaceChildren(
      h("h3", {}, `${plural(warnings.length, "thing")} read differently from what was written`),
      h("ul", { tabindex: rows.length > MOST_SHOWN ? "0" : null, "aria-label": "Warnings" }, rows),
    );
  }

  drawReading(project, { scenes, characters, lines, turning_points: points = [], read_as: ranges = [] }) {
    const counts = [[scenes.length, "scene"], [characters.length, "character"], [lines ?? 0, "line"], [project.warnings.length, "warning"]];
    this.counts.replaceChildren(...counts.map(([count, noun]) => countOf(count, noun)));
    this.read.replaceChildren(...readAs(ranges));
    this.turns.replaceChildren(...(points.length > 0 ? [h("h3", {}, "Where the story turns"), h("ol", {}, points.map((point) => turn(point, scenes)))] : []));
    setText(this.scenesTitle, "Scenes");
    setText(this.peopleTitle, "Speaking");
    show(this.people.parentElement, characters.length > 0);
    this.people.replaceChildren(...characters.map(person));
    this.rows = scenes.map((scene) => ({ scene, element: sceneRow(scene) }));
    this.scenes.replaceChildren(...this.rows.map(({ element }) => element));
    this.plan = undefined;
  }

  /** Mark the chosen scenes; each may be kept or left out by hand from now on. */
  drawChosen(plan) {
    this.plan = plan;
    this.toggles = [];
    if (!plan || !this.rows) return;
    const chosen = new Set(plan.choices.map(({ scene }) => scene));
    for (const { scene, element } of this.rows) {
      mark(element, "chosen", String(chosen.has(scene.index)));
      const toggles = new SceneToggles({ scene: scene.index, heading: scene.heading }, { hand: this.hand, problem: this.problem });
      this.toggles.push(toggles);
      element.lastElementChild.replaceChildren(chosen.has(scene.index) ? h("span", { class: "in" }, "in the trailer") : "", ...toggles.elements);
    }
  }
}

function countOf(count, noun) {
  const words = plural(count, noun).split(" ");
  return h("div", { "data-kind": noun, "data-some": count > 0 }, h("dt", {}, words[1]), h("dd", {}, words[0]));
}

/** A point by its likeliest scene, with how sure that is. */
function turn({ name, scenes: [first], confidence }, scenes) {
  const { number, heading } = scenes[first] ?? {};
  const where = h("span", { class: "slug", dir: "auto" }, h("span", { class: "at" }, `${number ?? first + 1} `), heading ?? "");
  return h("li", {}, h("span", {}, TURNS[name] ?? name), where, h("span", { class: "dim" }, `${Math.round(confidence * 100)} % sure`));
}

function person(character) {
  const { name, cues, look } = character;
  const dot = h("span", { class: "dot", "aria-hidden": "true", hidden: !look });
  if (look) dot.style.background = look.colour;
  const told = portraitWords(character);
  const who = h("span", { dir: "auto" }, name, told ? h("span", { class: "told" }, told) : "");
  return h("li", {}, dot, who, h("span", { class: "dim" }, plural(cues ?? 0, "cue")));
}

/** What the script states of a character, and whom they are mostly seen with. */
function portraitWords({ role, age, looks = [], clothing = [], relations = [] }) {
  const seen = relations.slice(0, MOST_RELATIONS).map(({ name }) => name);
  const facts = [role === "lead" && "lead", age, [...looks, ...clothing].slice(0, MOST_FACTS).join(", "), seen.length > 0 && `with ${seen.join(", ")}`];
  return facts.filter(Boolean).join(" · ");
}

function sceneRow({ heading, number, index, line }) {
  return h(
    "li",
    {},
    h("span", { class: "at" }, number ?? String(index + 1)),
    h("span", { class: "slug", dir: "auto" }, heading),
    h("span", { class: "dim" }, line ? `line ${line}` : ""),
    h("span", { class: "scene-verbs" }),
  );
}

/** How many lines were read as what, as a bar with its legend, and which were left out. */
function readAs(ranges) {
  const counts = new Map();
  for (const { type, first_line, last_line } of ranges) counts.set(type, (counts.get(type) ?? 0) + last_line - first_line + 1);
  const read = [...counts].filter(([type]) => type !== "blank").sort((a, b) => b[1] - a[1]);
  if (read.length === 0) return [];
  const bar = h("div", { class: "bar", "aria-hidden": "true" }, read.map(([type, count]) => segment(type, count)));
  const legend = h("ul", { class: "legend" }, read.map(([type, count]) => h("li", {}, h("span", { class: "dot", "data-type": type, "aria-hidden": "true" }), `${type.replaceAll("_", " ")} `, h("b", {}, count.toLocaleString("en")))));
  return [h("h3", {}, "Lines read as"), bar, legend, h("p", { class: "dim" }, lostWords(ranges))];
}

function segment(type, count) {
  const element = h("span", { "data-type": type });
  element.style.flexGrow = String(count);
  return element;
}

function lostWords(ranges) {
  const lost = ranges.filter(({ type }) => type === LEFT).map(lineWords);
  if (lost.length === 0) return "No line was left out.";
  return `Left out: ${[...lost.slice(0, MOST_SHOWN), ...(lost.length > MOST_SHOWN ? ["…"] : [])].join(", ")}.`;
}

const lineWords = ({ first_line, last_line }) => (first_line === last_line ? `line ${first_line}` : `lines ${first_line}–${last_line}`);
