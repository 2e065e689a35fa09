// Making elements, and saying things to those who listen instead of looking. Used by every view; knows nothing of films.

/** Whether somebody has asked for little movement. */
export const STILL = matchMedia("(prefers-reduced-motion: reduce)");

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export function show(element, visible) {
  if (element.hidden === visible) element.hidden = !visible;
}

/** Set a data attribute, when it is another one than before. */
export function mark(element, name, value) {
  if (element.dataset[name] !== value) element.dataset[name] = value;
}

/** Make these the children, in this order. Who is there already stays untouched, with focus and whatever plays. */
export function arrange(parent, elements) {
  const wanted = new Set(elements);
  for (const child of [...parent.children]) if (!wanted.has(child)) child.remove();
  elements.forEach((element, index) => {
    const there = parent.children[index];
    if (there !== element) parent.insertBefore(element, there ?? null);
  });
}

/** Call `draw` once before the next picture of the screen, however often it is asked for; also in a hidden tab. */
export function batched(draw) {
  let asked = false;
  const run = () => {
    if (!asked) return;
    asked = false;
    draw();
  };
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(run);
    setTimeout(run, 250);
  };
}

const QUIET_MS = 4000;
let spokenAt = 0;
let timer = 0;

/** Say a sentence to screen readers. What is not urgent waits, and only the latest of it is said. */
export function announce(sentence, { urgent = false } = {}) {
  clearTimeout(timer);
  const say = () => {
    spokenAt = performance.now();
    setText(document.getElementById("live"), sentence);
  };
  const wait = spokenAt + QUIET_MS - performance.now();
  if (urgent || spokenAt === 0 || wait <= 0) say();
  else timer = setTimeout(say, wait);
}
