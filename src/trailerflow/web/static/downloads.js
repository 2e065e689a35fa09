// What can be taken home.

import { h, show } from "./dom.js";
import { FILES, size } from "./words.js";

export class Downloads {
  constructor() {
    this.links = h("ul", { class: "links" });
    this.all = h("ul", { class: "all-files" });
    this.summary = h("summary", {});
    this.more = h("details", {}, this.summary, this.all);
    this.element = h("section", { class: "downloads", "aria-labelledby": "downloads", hidden: true }, h("h2", { id: "downloads", class: "unseen" }, "Downloads"), this.links, this.more);
  }

  draw({ artifacts, status }) {
    if (artifacts === this.drawn && status.status === this.standing) return;
    this.drawn = artifacts;
    this.standing = status.status;
    const known = Object.keys(FILES).map((name) => artifacts.find((artifact) => artifact.name === name)).filter(Boolean);
    const finished = ["completed", "failed", "cancelled", "idle"].includes(status.status);
    show(this.element, finished && known.length > 0);
    if (this.element.hidden) return;
    this.links.replaceChildren(...known.map((artifact, index) => h("li", {}, link(artifact, FILES[artifact.name], index === 0 && artifact.name === "trailer.mp4" ? "download main" : "download"))));
    this.summary.textContent = `All ${artifacts.length} files`;
    this.all.replaceChildren(...artifacts.map((artifact) => h("li", {}, link(artifact, artifact.name, ""))));
  }
}

function link(artifact, words, look) {
  return h("a", { href: artifact.url, download: artifact.name, class: look }, words, h("span", { class: "dim" }, ` ${size(artifact.bytes)}`));
}
