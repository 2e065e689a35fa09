// The wishes for a run: what to make, how long, in which shape.

import { h, setText } from "./dom.js";
import { TYPES } from "./words.js";

const ASPECTS = { "16:9": "Wide screen", "2.39:1": "Cinemascope", "1:1": "Square", "9:16": "Phone" };
const STOPS = {
  "": "Do not stop",
  script_to_trailer: "After choosing the scenes",
  trailer_to_storyboard: "After drawing the storyboard",
};
const POLICIES = {
  fail_fast: "Stop, and let me decide",
  skip_and_continue: "Put a stand-in there and go on",
};
const [SHORTEST, LONGEST] = [15, 150];

export class Options {
  constructor() {
    this.type = select("type", Object.entries(TYPES).map(([value, { words }]) => [value, words]));
    this.stop = select("pause-after", Object.entries(STOPS));
    this.onError = select("on-error", Object.entries(POLICIES));
    this.seconds = h("input", { type: "range", id: "seconds", min: SHORTEST, max: LONGEST, step: "1", value: "60" });
    this.length = h("output", { for: "seconds" });
    this.seed = h("input", {
      type: "number", id: "seed", min: "0", max: "2147483647", step: "1", value: "0", inputmode: "numeric", required: true,
      "aria-describedby": "seed-hint",
    });
    this.seconds.addEventListener("input", () => this.drawLength());
    this.aspects = Object.entries(ASPECTS).map(([value, words]) =>
      h("input", { type: "radio", name: "aspect", value, id: `aspect-${value}`, checked: value === "16:9", "aria-label": `${value}, ${words}` }),
    );
    this.summary = h("summary", {}, "Options");
    this.details = h("details", { class: "options", open: true }, this.summary, this.form());
    this.element = this.details;
    this.drawLength();
  }

  form() {
    return h(
      "form",
      { onsubmit: (submit) => submit.preventDefault() },
      h("div", { class: "field wide" }, h("label", { for: "seconds" }, "Length"), h("div", { class: "slider" }, this.seconds, this.length)),
      h(
        "fieldset",
        { class: "field wide aspects" },
        h("legend", {}, "Shape"),
        this.aspects.map((radio) =>
          h("label", {}, radio, h("span", { class: "shape", "data-aspect": radio.value }), h("span", { "aria-hidden": "true" }, radio.value)),
        ),
      ),
      h("div", { class: "field wide" }, h("label", { for: "type" }, "Make"), this.type),
      h("div", { class: "field wide" }, h("label", { for: "on-error" }, "If a picture or clip fails for good"), this.onError),
      h("div", { class: "field" }, h("label", { for: "pause-after" }, "Stop for my review"), this.stop),
      h(
        "div",
        { class: "field" },
        h("label", { for: "seed" }, "Seed"),
        this.seed,
        h("p", { class: "hint", id: "seed-hint" }, "Another number, another trailer"),
      ),
    );
  }

  drawLength() {
    setText(this.length, `${this.seconds.value} s`);
  }

  /** Say what is not valid, where it stands. */
  check() {
    if (!this.seed.checkValidity()) this.details.open = true;
    return this.seed.reportValidity();
  }

  wishes() {
    const stop = this.stop.value;
    return {
      workflow_type: this.type.value,
      seconds: Number(this.seconds.value),
      aspect: this.aspects.find(({ checked }) => checked).value,
      seed: Number(this.seed.value),
      on_error: this.policy(),
      ...(stop && { pause_after: stop }),
    };
  }

  /** What is to happen when a picture or clip fails for good. */
  policy() {
    return this.onError.value;
  }

  /** Show a run's options once, when it is met; after that the form is the person's. */
  draw(film, active) {
    this.details.hidden = active;
    const options = film.wishes;
    if (options && this.shown !== options.run_id) {
      this.shown = options.run_id;
      this.type.value = options.workflow_type in TYPES ? options.workflow_type : "full_pipeline";
      this.seconds.value = options.seconds ?? 60;
      this.seed.value = options.seed ?? 0;
      for (const radio of this.aspects) radio.checked = radio.value === (options.aspect ?? "16:9");
      this.stop.value = options.pause_after ?? "";
      this.onError.value = options.on_error ?? "fail_fast";
      this.details.open = false;
      this.drawLength();
    }
  }
}

function select(id, entries) {
  return h("select", { id }, entries.map(([value, words]) => h("option", { value }, words)));
}
