// A film in the making: what is known of one project, and how each event changes it. Pure: no page, no network.

import { takesOf } from "./takes.js";
import { ACTIVE, ITEMS, LEADS_TO, PHASES, phasesOf, STATE_AFTER, WORKING } from "./words.js";

const ENDED = ["completed", "failed", "cancelled"];

/** Under what the status counts an item in each state. */
const COUNTED = { finished: "done", reused: "done", skipped: "skipped", failed: "failed" };

const newRun = (id) => ({ id, steps: new Map(), options: null, review: false, error: null, reopened: new Set() });

export class Film {
  #plan = null;
  #shots = new Map();
  #artifacts = [];
  #takes = new Map();

  constructor(id) {
    this.id = id;
    this.project = null;
    this.screenplay = null;
    this.hand = null; // what a person has asked of the plan, before there is one too
    this.status = null;
    this.assumed = null; // what a verb will do, while it is not yet answered
    this.run = newRun(null);
    this.items = { image: new Map(), clip: new Map() };
    this.standIns = new Set(); // names of artifacts, of all runs
    this.wishes = null; // the options of the latest run that made its own plan
    this.newest = null;
  }

  get plan() {
    return this.#plan;
  }

  set plan(plan) {
    this.#plan = plan;
    if (plan) this.hand = plan.edits;
    this.#shots = new Map((plan?.shots ?? []).map((shot) => [shot.id, shot]));
  }

  get artifacts() {
    return this.#artifacts;
  }

  set artifacts(artifacts) {
    this.#artifacts = artifacts;
    this.#takes = takesOf(artifacts);
  }

  /** A shot of the plan. */
  shot(id) {
    return this.#shots.get(id);
  }

  /** All takes of a shot's picture or clip among the files, `{name, take}`, the first one first. */
  takes(kind, shot) {
    return this.#takes.get(`${kind}-${shot}`) ?? [];
  }

  /** Take a status over, unless what is known is newer. */
  take(status) {
    if (this.status && status.last_event_id < this.status.last_event_id) return;
    const { assumed } = this;
    const isBefore = assumed && status.last_event_id === assumed.before.last_event_id && status.status === assumed.before.status;
    this.status = isBefore ? { ...status, ...assumed.after } : status;
    if (!isBefore) this.assumed = null;
  }

  /** Show what a verb will do, until the service has answered. */
  assume(verb) {
    const before = this.status;
    const state = LEADS_TO[verb]?.(before.status);
    if (!state || state === before.status) return;
    const after = { status: state };
    if (verb === "start") Object.assign(after, { progress: 0, phase: null });
    if (state === "queued") Object.assign(after, { error_message: null, failed_at: null, queue_position: null });
    this.assumed = { before, after };
    this.status = { ...before, ...after };
  }

  /** The verb was answered; when it was `refused`, what was assumed is taken back. */
  answer({ refused }) {
    const { assumed } = this;
    this.assumed = null;
    if (!assumed || !refused) return;
    const { status } = this;
    for (const [name, value] of Object.entries(assumed.after)) {
      if (status[name] === value) status[name] = assumed.before[name];
    }
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

  /** A scene is to be made anew inside this run, as soon as it goes on. */
  reopen(scene) {
    this.run.reopened.add(scene);
    for (const { id } of this.plan.shots.filter((shot) => shot.scene === scene)) {
      for (const kind of Object.values(ITEMS)) this.run.steps.delete(`${kind}/${id}`);
    }
  }

  tick({ step, run_id, done }) {
    const known = this.run.steps.get(step);
    if (run_id !== this.run.id || known?.state !== "started") return false;
    known.done = done;
    return true;
  }

  #applyRun(event) {
    this.answer({ refused: true }); // The truth is told from where it stood.
    if (event.type === "run.queued") this.#applyOptions({ workflow_type: event.workflow_type, ...event.options });
    if (event.type === "run.resumed") this.run.reopened.clear();
    if (event.type === "run.retried") this.#forgiveFailures();
    this.run.review = event.type === "run.paused" && event.reason === "review";
    this.run.error = event.type === "run.failed" ? event.error : null;
  }

  #applyOptions(options) {
    this.run.options = options;
    if (options.workflow_type !== "regenerate_scene") this.wishes = { run_id: this.run.id, ...options };
  }

  #forgiveFailures() {
    for (const [step, { state }] of this.run.steps) if (state === "failed") this.run.steps.delete(step);
  }

  #applyStep(event, live) {
    const { step, kind, artifact, shot, take } = event;
    const before = this.run.steps.get(step)?.state;
    const state = event.type.slice("step.".length);
    this.run.steps.set(step, { state, kind, error: event.error ?? null, attempt: event.attempt ?? 1, done: 0 });
    const made = this.items[kind];
    if (!made) return;
    if (artifact) {
      made.set(shot, { name: artifact, take });
      this.newest = { kind, shot, name: artifact };
      if (state === "skipped") this.standIns.add(artifact);
      // Made anew on demand, a picture takes the place of an earlier choice by hand.
      if (live && kind === "image" && this.hand && this.hand.takes[shot] !== take) delete this.hand.takes[shot];
    }
    // A picture that is drawn anew takes the clip of the one before with it.
    if (kind === "image" && state === "started") this.items.clip.delete(step.split("/")[1]);
    if (live) this.#count(kind, before, state);
  }

  #count(kind, before, after) {
    const counts = this.status.items[kind === "image" ? "images" : "clips"];
    if (before in COUNTED) counts[COUNTED[before]] = Math.max(0, counts[COUNTED[before]] - 1);
    if (after in COUNTED) counts[COUNTED[after]] += 1;
  }

  #applyToStatus(id, event) {
    const status = this.status;
    if (event.type === "run.resumed") status.status = status.status === "pausing" ? "running" : "queued";
    status.status = STATE_AFTER[event.type] ?? status.status;
    if (event.type === "run.queued") {
      Object.assign(status, { workflow_type: event.workflow_type, error_message: null, failed_at: null, phase: null, started_at: null, cost: { ...status.cost, actual: 0, estimate: 0 } });
      for (const counts of Object.values(status.items)) Object.assign(counts, { done: 0, failed: 0, skipped: 0 });
    }
    if (event.type === "run.retried") {
      Object.assign(status, { error_message: null, failed_at: null });
      for (const counts of Object.values(status.items)) counts.failed = 0;
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
    if (event.type === "run.started") status.started_at = event.at;
    if (!event.type.startsWith("run.")) return;
    Object.assign(status, { eta_seconds: null, queue_position: null, finished_at: ENDED.includes(status.status) ? event.at : null });
  }

  /** Which phases this run goes through. */
  phases() {
    const storyboardOnly = this.status.workflow_type === "regenerate_scene" && this.run.options?.film === false;
    return storyboardOnly ? [1] : phasesOf(this.status.workflow_type);
  }

  /** Whether the run goes on by itself after a failure, with a stand-in. */
  goesOn() {
    return this.run.options?.on_error === "skip_and_continue" && ACTIVE.includes(this.status.status);
  }

  /** A step of this run, if it was met; one that was begun is in work only while somebody works on the run. */
  step(name) {
    const known = this.run.steps.get(name);
    const resting = known?.state === "started" && !WORKING.includes(this.status.status);
    return resting ? { ...known, state: "waiting" } : known;
  }

  /**
   * The picture or clip of a shot: `{name, take, earlier, pending, standIn}`, or null. What events did not tell, the
   * list of artifacts does; it may be from an `earlier` run. A take chosen by hand is `pending` until a run uses it.
   */
  item(kind, shot) {
    const found = (kind === "image" && this.#chosenByHand(shot)) || this.#find(kind, shot);
    return found && { ...found, standIn: this.standIns.has(found.name) };
  }

  #chosenByHand(shot) {
    const chosen = this.hand?.takes[shot];
    const made = this.items.image.get(shot);
    if (!chosen || !made || made.take === chosen) return null;
    const take = this.takes("image", shot).find((one) => one.take === chosen);
    return take ? { ...take, earlier: false, pending: true } : null;
  }

  #find(kind, shot) {
    const made = this.items[kind].get(shot);
    if (made) return { ...made, earlier: false };
    const takes = this.takes(kind, shot);
    const chosen = kind === "image" ? this.plan?.takes?.[shot]?.chosen : null;
    const found = takes.find(({ take }) => take === chosen) ?? takes.at(-1);
    return found ? { ...found, earlier: this.#isOfAnEarlierRun(kind, shot) } : null;
  }

  /** Pictures stay what the next film is made of; a clip is worth nothing once its picture may have changed. */
  #isOfAnEarlierRun(kind, shot) {
    const phases = this.phases();
    const completed = this.status.status === "completed";
    if (kind === "image" && this.#isKept(shot)) return false;
    return kind === "image" ? phases.includes(1) && !completed : !(phases.includes(2) && completed);
  }

  /** Whether this run makes another scene anew, and the shot stays as it is. */
  #isKept(shot) {
    const scene = this.shot(shot)?.scene;
    return this.status.workflow_type === "regenerate_scene" && scene !== this.run.options?.scene;
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
    const { status, phase } = this.status;
    if (status === "idle") return "waiting";
    if (!this.phases().includes(phaseIndex)) return "absent";
    const known = this.step(step);
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
    const { done, total, failed, skipped } = this.status.items[step];
    if (failed > 0) return "failed";
    if (total && done + skipped >= total) return "finished";
    const current = PHASES.findIndex(({ name }) => name === this.status.phase);
    if (phaseIndex < current) return "finished";
    return phaseIndex === current ? "started" : "waiting";
  }
}
