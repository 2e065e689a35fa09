// A problem in words, with what to do about it.

import { h } from "./dom.js";

export class ProblemNote {
  constructor() {
    this.element = h("div", { class: "problem", role: "alert", hidden: true });
  }

  clear() {
    this.said = "";
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** Say it; said again, it is not read out once more. */
  show({ detail, remedy, message }) {
    const said = `${detail || message} ${remedy}`;
    if (said === this.said) return;
    this.said = said;
    this.element.replaceChildren(
      h("p", { class: "what" }, sentence(detail || message || "Something went wrong.")),
      remedy ? h("p", { class: "remedy" }, sentence(remedy)) : "",
    );
    this.element.hidden = false;
  }
}

/** Make a sentence of a message; a name at its beginning (`draft2.txt`) stays as it is. */
export function sentence(text) {
  const trimmed = text.trim();
  const begun = /^\p{Ll}+[\s,:]/u.test(trimmed) ? trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1) : trimmed;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
