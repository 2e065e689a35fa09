// What the page calls things: states, phases, steps, acts, sizes. Only words and small rules of grammar.

export const ACTIVE = ["queued", "running", "pausing", "paused", "cancelling"];

/** In these somebody works on the run. */
export const WORKING = ["running", "pausing", "cancelling"];

const STARTS = ["idle", "completed", "cancelled", "failed"];

/** In which states a person may ask for what; the same table as the engine's. */
export const ALLOWED = {
  start: STARTS,
  regenerate: [...STARTS, "paused"],
  pause: ["queued", "running"],
  resume: ["pausing", "paused"],
  cancel: ["queued", "running", "pausing", "paused", "failed"],
  retry: ["failed"],
  skip: ["paused", "failed"],
};

export const PHASES = [
  {
    name: "script_to_trailer",
    title: "Script to trailer",
    steps: {
      screenplay: "Read the screenplay",
      analysis: "Weigh every scene",
      cast: "Give each character a look",
      settings: "Give each place a look",
      plan: "Choose scenes, shots and cuts",
    },
  },
  {
    name: "trailer_to_storyboard",
    title: "Trailer to storyboard",
    steps: { images: "Draw the pictures" },
  },
  {
    name: "storyboard_to_movie",
    title: "Storyboard to movie",
    steps: {
      clips: "Move the pictures",
      voices: "Speak the lines",
      score: "Compose the music",
      cards: "Set the titles",
      trailer: "Cut it together",
    },
  },
];

export const ITEMS = { images: "image", clips: "clip" };

export const TYPES = {
  full_pipeline: { words: "The whole trailer", phases: [0, 1, 2] },
  storyboard_only: { words: "Storyboard only", phases: [0, 1] },
  video_only: { words: "Film the storyboard as it is", phases: [2] },
  script_analysis_only: { words: "Choose the scenes only", phases: [0] },
};

const REGENERATED = [1, 2];

export const phasesOf = (type) => (type === "regenerate_scene" ? REGENERATED : (TYPES[type]?.phases ?? [0, 1, 2]));

export const ACTS = {
  cold_open: "Cold open",
  introduction: "Introduction",
  escalation: "Escalation",
  montage: "Montage",
  title: "Title",
  button: "Last beat",
};

export const SIZES = {
  extreme_wide: "extreme wide",
  wide: "wide",
  medium: "medium",
  close: "close-up",
  extreme_close: "extreme close-up",
};

export const FORMATS = { fountain: "Fountain", fdx: "Final Draft", pdf: "PDF", text: "Plain text" };

export const FILES = {
  "trailer.mp4": "Trailer",
  "storyboard.pdf": "Storyboard",
  "captions.vtt": "Captions (WebVTT)",
  "captions.srt": "Captions (SRT)",
  "report.json": "Report",
};

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

export function duration(seconds) {
  if (seconds < 60) return plural(Math.max(1, Math.round(seconds)), "second");
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? plural(minutes, "minute") : plural(Math.round(minutes / 60), "hour");
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export function moment(text) {
  const at = new Date(text);
  return Number.isNaN(at.getTime()) ? "" : at.toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
}

/** What is said of a step whose failure may pass. */
export const againWords = (attempt) => `trying again (${attempt})`;

/** The step a run failed at, `image/s012-2` say; empty when it did not fail at one. */
export const failedStep = ({ failed_at }) => failed_at?.split("/").slice(1).join("/") ?? "";

/** The picture or clip a run has failed at, which a stand-in can take the place of; null when it is something else. */
export function failedItem(status) {
  const step = failedStep(status);
  return status.status === "failed" && Object.values(ITEMS).includes(step.split("/")[0]) ? step : null;
}

/** The name of a step as a person would say it: `image/s012-2` is the picture of shot s012-2. */
export function stepWords(step) {
  const [kind, shot] = step.split("/");
  if (shot) return `${kind === "image" ? "picture" : kind} ${shot}`;
  const known = PHASES.map((phase) => phase.steps[step]).find(Boolean);
  return known ? `“${known}”` : step;
}
