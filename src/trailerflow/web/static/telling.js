// What is going on, in a headline and a sentence, for eyes and ears alike. Pure.

import { sentence } from "./problem.js";
import { pendingOf } from "./takes.js";
import { failedItem, failedStep, PHASES, plural, stepWords } from "./words.js";

const HEADLINES = {
  idle: "Ready when you are",
  queued: "Waiting for a free desk",
  pausing: "Pausing",
  cancelling: "Cancelling",
  cancelled: "Cancelled",
  failed: "It stopped",
};

const COMPLETED = {
  full_pipeline: ["The trailer is ready", "Watch it, download it, or make another one with other options."],
  video_only: ["The trailer is ready", "Watch it, download it, or make another one with other options."],
  storyboard_only: ["The storyboard is ready", "Look through it below. Start again to film it: the pictures are kept."],
  script_analysis_only: ["The scenes are chosen", "See below which and why. Start again to draw and film them."],
  regenerate_scene: ["The scene is made anew", "Watch it in the trailer. The pictures before are kept as earlier takes."],
};
const NOT_FILMED = "Look at it in the storyboard below. Start again to film it: the pictures are kept.";

export function headline(film) {
  const { status, workflow_type, phase } = film.status;
  if (status === "completed") return (COMPLETED[workflow_type] ?? COMPLETED.full_pipeline)[0];
  if (status === "paused") return film.run.review ? "Your turn to look" : "Paused";
  if (status === "running") return PHASES.find(({ name }) => name === phase)?.title ?? "Starting";
  return HEADLINES[status] ?? status;
}

const MESSAGES = {
  idle: () => "Look at what was read, choose how long the trailer should be, and press Start.",
  queued: ({ status }) =>
    status.queue_position > 1
      ? `Number ${status.queue_position} in the queue. It starts by itself; you may close this page.`
      : "Next in the queue. It starts by itself; you may close this page.",
  running: ({ status }) => working(status),
  pausing: () => "What is being made right now is finished first, so that nothing is lost.",
  paused: ({ run, status }) =>
    run.reopened.size
      ? "Press Resume: the scene is made anew, then the rest goes on from here."
      : run.review
        ? reviewWords(status)
        : "Everything made so far is kept. Resume goes on from here, today or next week.",
  cancelling: () => "What is being made right now is stopped. Everything finished is kept.",
  cancelled: () => "Everything finished is kept. Start again, and only the rest is made.",
  completed: (film) => `${completedWords(film)}${standInWords(film.status)}`,
  failed: ({ status }) => sentence(status.error_message || "Something went wrong."),
};

export const message = (film) => MESSAGES[film.status.status]?.(film) ?? "";

/** What a person can do about a failure. */
export function remedy(film) {
  const { retry_count } = film.status;
  const step = failedStep(film.status);
  const where = step ? `It failed at ${stepWords(step)}` : "";
  const tries = where && retry_count > 0 ? ` after ${retry_count + 1} attempts` : "";
  const advice = film.run.error?.remedy ? `${sentence(film.run.error.remedy)} ` : "";
  return `${where}${tries}${where ? ". " : ""}${advice}Retry tries it again, and makes only what is not finished yet.`;
}

const LIST = new Intl.ListFormat("en");
const OBEYED = { paused: "Resume", failed: "Retry" };

/** What a person has chosen by hand that no run has obeyed yet, and how to have it obeyed. */
export function pendingWords(film) {
  const { takes, scenes, order, ending } = pendingOf(film);
  const chosen = [takes && plural(takes, "take"), scenes && plural(scenes, "scene"), order && "the order of the scenes"].filter(Boolean);
  if (chosen.length === 0 && !ending) return "";
  const told = film.hand.spoilers ? "The ending may be told." : "The ending stays untold.";
  const words = [chosen.length && `You chose ${LIST.format(chosen)} by hand.`, ending && told].filter(Boolean).join(" ");
  const verb = OBEYED[film.status.status] ?? "Start again";
  return `${words} ${verb} obeys, and makes only what depends on it.`;
}

/** What Skip does, when it can do anything. */
export function skipWords(status) {
  const item = failedItem(status);
  return item ? `Skip lets a simple stand-in take the place of ${stepWords(item)}, and goes on.` : "";
}

function completedWords(film) {
  const { workflow_type } = film.status;
  if (workflow_type === "regenerate_scene" && !film.phases().includes(2)) return NOT_FILMED;
  return (COMPLETED[workflow_type] ?? COMPLETED.full_pipeline)[1];
}

/** How many stand-ins are in a film, and how to be rid of them. */
function standInWords({ items }) {
  const count = items.images.skipped + items.clips.skipped;
  if (count === 0) return "";
  const remedy = `Regenerate ${count === 1 ? "its scene" : "their scenes"} in the storyboard to have ${count === 1 ? "it" : "them"} made properly.`;
  return ` ${plural(count, "stand-in")} ${count === 1 ? "takes" : "take"} the place of what could not be made. ${remedy}`;
}

function working({ phase, step, items }) {
  if (phase === "trailer_to_storyboard") return counted("Drawing", "pictures", items.images);
  if (phase === "storyboard_to_movie") {
    const { done, skipped, total } = items.clips;
    return total && done + skipped >= total ? "Putting picture, voice and music together." : counted("Filming", "clips", items.clips);
  }
  if (phase === "script_to_trailer") return step === "plan" ? "Choosing what to show, and in which order." : "Reading the script.";
  return "A worker has taken it.";
}

function counted(verb, noun, { done, skipped, total }) {
  return total ? `${verb}: ${done + skipped} of ${total} ${noun}.` : `${verb} the ${noun}.`;
}

function reviewWords({ phase }) {
  const what = phase === "script_to_trailer" ? "The scenes are chosen" : "The storyboard is drawn";
  return `${what}. Look through it below, then press Resume to go on.`;
}
