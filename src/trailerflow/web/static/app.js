// The page: which view the address names, and nothing else. `#/` is the home, `#/projects/7` a project.

import { Home } from "./home.js";
import { ProjectView } from "./project.js";

const main = document.getElementById("main");
let view = null;

function viewOf(hash) {
  const project = /^#\/projects\/(\d+)$/.exec(hash);
  return project ? new ProjectView(Number(project[1])) : new Home();
}

function open(moved) {
  view?.close();
  view = viewOf(location.hash);
  main.replaceChildren(view.element);
  if (moved) {
    window.scrollTo(0, 0);
    main.focus({ preventScroll: true });
  }
  view.open();
}

document.getElementById("skip").addEventListener("click", (click) => {
  click.preventDefault();
  main.focus();
});
// A file that misses the drop zone must not replace the page.
for (const type of ["dragover", "drop"]) window.addEventListener(type, (drag) => drag.preventDefault());
window.addEventListener("hashchange", () => open(true));
open(false);
