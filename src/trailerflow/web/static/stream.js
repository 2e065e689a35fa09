// A project's stream that does not stay down: it survives sleep, a silent network and a restarted service.
//
// EventSource reconnects by itself after a broken connection, but never once it is CLOSED, nor when nothing arrives and
// nothing breaks. A ping comes every 15 s; two missed ones mean that nobody is there.

import { setText, show } from "./dom.js";

const SILENCE_MS = 35_000;
const LOOK_MS = 5_000;
const FIRST_DELAY_MS = 1_000;
const LAST_DELAY_MS = 15_000;

export class Stream {
  /**
   * `after` is the id of the last event already known; 0 asks for everything from the beginning, null for how things
   * stand now. The ids of one project rise by one; those of all projects together say nothing.
   */
  constructor(url, { after, snapshot, event, tick, connected }) {
    this.url = url;
    this.cursor = after;
    this.heard = { snapshot, event, tick, connected };
    this.delay = FIRST_DELAY_MS;
    this.watch = setInterval(() => this.look(), LOOK_MS);
    this.wake = () => document.visibilityState === "visible" && this.look();
    document.addEventListener("visibilitychange", this.wake);
    window.addEventListener("online", this.wake);
    this.open();
  }

  close() {
    clearInterval(this.watch);
    clearTimeout(this.retry);
    document.removeEventListener("visibilitychange", this.wake);
    window.removeEventListener("online", this.wake);
    this.source?.close();
    this.source = null;
  }

  open() {
    clearTimeout(this.retry);
    this.retry = 0;
    this.source?.close();
    const source = new EventSource(this.cursor === null ? this.url : `${this.url}?last_event_id=${encodeURIComponent(this.cursor)}`);
    this.source = source;
    this.alive();
    const on = (type, take) =>
      source.addEventListener(type, (message) => {
        if (this.source !== source) return;
        this.alive();
        this.delay = FIRST_DELAY_MS;
        take?.(message);
      });
    on("open", () => this.heard.connected(true));
    on("ping");
    on("tick", (message) => this.heard.tick(JSON.parse(message.data)));
    on("snapshot", (message) => {
      this.cursor = message.lastEventId;
      this.heard.snapshot(JSON.parse(message.data));
    });
    on("event", (message) => {
      const id = Number(message.lastEventId);
      if (id <= Number(this.cursor)) return; // Not a number: of all projects, and never smaller.
      this.cursor = message.lastEventId;
      this.heard.event(id, JSON.parse(message.data));
    });
    source.onerror = () => this.broke(source);
  }

  alive() {
    this.heardAt = Date.now();
  }

  broke(source) {
    if (this.source !== source) return;
    this.heard.connected(false);
    if (source.readyState === EventSource.CLOSED) this.reopenLater();
  }

  reopenLater() {
    if (this.retry) return;
    this.retry = setTimeout(() => this.open(), this.delay * (0.75 + Math.random() / 2));
    this.delay = Math.min(this.delay * 2, LAST_DELAY_MS);
  }

  look() {
    if (this.retry || Date.now() - this.heardAt < SILENCE_MS) return;
    this.heard.connected(false);
    this.open();
  }
}

/** Say in the page's head that the service is away. */
export function showConnection(connected) {
  const note = document.getElementById("connection");
  show(note, !connected);
  setText(note, connected ? "" : "Connecting again …");
}
