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

/** Where a verb leads from a state, before the service has said so. */
export const LEADS_TO = {
  start: () => "queued",
  retry: () => "queued",
  pause: (state) => (state === "queued" ? "paused" : "pausing"),
  resume: (state) => (state === "pausing" ? "running" : "queued"),
  cancel: (state) => (["running", "pausing"].includes(state) ? "cancelling" : "cancelled"),
  skip: (state) => (state === "failed" ? "queued" : state),
};

/** The state after an event. */
export const STATE_AFTER = {
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
      sheets: "Draw the reference sheets",
    },
  },
  {
    name: "trailer_to_storyboard",
    title: "Trailer to storyboard",
    steps: { images: "Draw the pictures", storyboard: "Print the storyboard" },
  },
  {
    name: "storyboard_to_movie",
    title: "Storyboard to movie",
    steps: {
      clips: "Move the pictures",
      voices: "Speak the lines",
      score: "Compose the music",
      foley: "Make the sounds",
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

export const TURNS = {
  opportunity: "It begins to move",
  change_of_plans: "The plans change",
  point_of_no_return: "No way back",
  major_setback: "All seems lost",
  climax: "The climax",
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
  "contact-sheet.jpg": "Contact sheet",
  "character-sheets.jpg": "Character sheets",
  "setting-sheets.jpg": "Setting sheets",
  "captions.vtt": "Captions (WebVTT)",
  "captions.srt": "Captions (SRT)",
  "trailer.otio": "Time-line (OTIO)",
  "trailer.xml": "Time-line (Final Cut 7 XML)",
  "trailer.edl": "Cut list (EDL)",
  "report.json": "Report",
};

export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/** Write a length of time as a clock does. */
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [minutes, rest] = [Math.floor(whole / 60), String(whole % 60).padStart(2, "0")];
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

export function money(amount, currency) {
  const options = { style: "currency", currency, maximumFractionDigits: amount > 0 && amount < 0.1 ? 4 : 2 };
  return amount.toLocaleString("en", options);
}

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1048576 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1048576).toFixed(1)} MB`;
}

export function moment(text) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return "";
  const year = at.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return at.toLocaleString("en", { month: "short", day: "numeric", year, hour: "numeric", minute: "2-digit" });
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
