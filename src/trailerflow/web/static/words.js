// What the page calls things: states, phases, steps, acts, sizes. Only words and small rules of grammar.

export const ACTIVE = ["queued", "running", "pausing", "paused", "cancelling"];

/** In which states a person may ask for what; the same table as the engine's. */
export const ALLOWED = {
  start: ["idle", "completed", "cancelled", "failed"],
  pause: ["queued", "running"],
  resume: ["pausing", "paused"],
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

export const phasesOf = (type) => TYPES[type]?.phases ?? [0, 1, 2];

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

/** The name of a step as a person would say it: `image/s012-2` is the picture of shot s012-2. */
export function stepWords(step) {
  const [kind, shot] = step.split("/");
  if (shot) return `${kind === "image" ? "picture" : kind} ${shot}`;
  const known = PHASES.map((phase) => phase.steps[step]).find(Boolean);
  return known ? `“${known}”` : step;
}
