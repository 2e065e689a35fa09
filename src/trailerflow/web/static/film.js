// A film in the making: what is known of one project, and how each event changes it. Pure: no page, no network.

import { ITEMS, PHASES, phasesOf } from "./words.js";

const STATE_AFTER = {
  "run.queued": "queued",
  "run.started": "running",
  "run.pausing": "pausing",
  "run.paused": "paused",
  "run.cancelling": "cancelling",
  "run.cancelled": "cancelled",
  "run.failed": "failed",
  "run.retried": "queued",
  "run.completed": "completed",
};
const DONE = ["finished", "reused", "skipped"];

const newRun = (id) => ({ id, steps: new Map(), options: null, review: false, error: null });

export class Film {
  constructor(id) {
    this.id = id;
    this.project = null;
    this.screenplay = null;
    this.plan = null;
    this.status = null;
    this.artifacts = [];
    this.run = newRun(null);
    this.items = { image: new Map(), clip: new Map() };
    this.newest = null;
  }

  /** Take a status over, unless what is known is newer. */
  take(status) {
    if (this.status && status.last_event_id < this.status.last_event_id) return;
    this.status = status;
  }

  /** Begin again from a status alone: what happened before is not known any more. */
  restart(status) {
    this.status = status;
    this.#begin(newRun(status.run_id));
  }

  /** A run begins: what earlier ones made is found among the artifacts until this one has it. */
  #begin(run) {
    this.run = run;
    this.items = { image: new Map(), clip: new Map() };
    this.newest = null;
  }

  /** Apply an event. Returns true when it is news, false when the status already covered it. */
  apply(id, event) {
    const live = id > this.status.last_event_id;
    if (event.run_id !== this.run.id) this.#begin(newRun(event.run_id));
    if (event.type.startsWith("run.")) this.#applyRun(event);
    if (event.type.startsWith("step.")) this.#applyStep(event, live);
    if (live) this.#applyToStatus(id, event);
    return live;
  }

  tick({ step, run_id, done }) {
    const known = this.run.steps.get(step);
    if (run_id !== this.run.id || known?.state !== "started") return false;
    known.done = done;
    return true;
  }

  #applyRun(event) {
    if (event.type === "run.queued") this.run.options = { workflow_type: event.workflow_type, ...event.options };
    this.run.review = event.type === "run.paused" && event.reason === "review";
    this.run.error = event.type === "run.failed" ? event.error : null;
  }

  #applyStep(event, live) {
    const before = this.run.steps.get(event.step);
    const state = event.type.slice("step.".length);
    this.run.steps.set(event.step, { state, kind: event.kind, error: event.error ?? null, done: 0 });
    const made = this.items[event.kind];
    if (made && event.artifact) {
      made.set(event.shot, { name: event.artifact, take: event.take });
      this.newest = { kind: event.kind, shot: event.shot, name: event.artifact };
    }
    const counts = this.status.items[event.kind === "image" ? "images" : "clips"];
    if (live && made && DONE.includes(state) && !DONE.includes(before?.state)) counts.done += 1;
    if (live && made && state === "failed") counts.failed += 1;
  }

  #applyToStatus(id, event) {
    const status = this.status;
    if (event.type === "run.resumed") status.status = status.status === "pausing" ? "running" : "queued";
    status.status = STATE_AFTER[event.type] ?? status.status;
    if (event.type === "run.queued") {
      Object.assign(status, { workflow_type: event.workflow_type, error_message: null, failed_at: null, phase: null });
      for (const counts of Object.values(status.items)) Object.assign(counts, { done: 0, failed: 0, skipped: 0 });
    }
    if (event.type === "run.failed") {
      Object.assign(status, { error_message: event.error?.message, failed_at: event.failed_at });
    }
    if (event.type === "phase.started") status.phase = event.phase;
    Object.assign(status, {
      run_id: event.run_id,
      progress: event.progress ?? status.progress,
      last_event_id: id,
    });
    if (event.type.startsWith("run.")) Object.assign(status, { eta_seconds: null, queue_position: null });
  }

  /**
   * The picture or clip of a shot: `{name, take, earlier}`, or null. What events did not tell, the list of artifacts
   * does; it may be from an `earlier` run.
   */
  item(kind, shot) {
    const made = this.items[kind].get(shot);
    if (made) return { ...made, earlier: false };
    const prefix = `${kind}-${shot}-t`;
    const takes = this.artifacts
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name }) => ({ name, take: Number.parseInt(name.slice(prefix.length), 10) }));
    const chosen = kind === "image" ? this.plan?.takes?.[shot]?.chosen : null;
    const found = takes.find(({ take }) => take === chosen) ?? takes.sort((a, b) => b.take - a.take)[0];
    return found ? { ...found, earlier: this.#isOfAnEarlierRun(kind) } : null;
  }

  /** Pictures stay what the next film is made of; a clip is worth nothing once its picture may have changed. */
  #isOfAnEarlierRun(kind) {
    const phases = phasesOf(this.status.workflow_type);
    const completed = this.status.status === "completed";
    return kind === "image" ? phases.includes(1) && !completed : !(phases.includes(2) && completed);
  }

  /** Whether the status alone says that there is a plan. */
  hasPlan() {
    const { run_id, status, phase } = this.status;
    if (this.artifacts.length > 0) return true;
    return run_id !== null && (status === "completed" || (phase !== null && phase !== "script_to_trailer"));
  }

  artifact(name) {
    return this.artifacts.find((artifact) => artifact.name === name) ?? null;
  }

  /** Where a step of a phase stands: waiting, started, finished, reused, skipped, failed, or absent from this run. */
  stepState(phaseIndex, step) {
    const { status, workflow_type, phase } = this.status;
    if (status === "idle") return "waiting";
    if (!phasesOf(workflow_type).includes(phaseIndex)) return "absent";
    const known = this.run.steps.get(step);
    if (known) return known.state;
    if (status === "completed") return "finished";
    if (step in ITEMS) return this.#itemsState(step, phaseIndex);
    const current = PHASES.findIndex(({ name }) => name === phase);
    if (phaseIndex < current) return "finished";
    if (this.status.step === step) return "started";
    const steps = Object.keys(PHASES[phaseIndex].steps);
    const inOrder = phaseIndex === 0 && phaseIndex === current;
    return inOrder && steps.indexOf(step) < steps.indexOf(this.status.step) ? "finished" : "waiting";
  }

  #itemsState(step, phaseIndex) {
    const { done, total, failed } = this.status.items[step];
    if (failed > 0) return "failed";
    if (total && done >= total) return "finished";
    const current = PHASES.findIndex(({ name }) => name === this.status.phase);
    if (phaseIndex < current) return "finished";
    return phaseIndex === current ? "started" : "waiting";
  }
}
