// The service's calls. Everything that goes wrong becomes a Problem with words for a person.

const MAX_BYTES = 10_000_000;
/** As many films as the service lists at once. */
const PAGE = 200;

class Problem extends Error {
  constructor({ status = 0, code = "unexpected", detail = "", remedy = "" }) {
    super(detail);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.remedy = remedy;
  }
}

async function problemOf(response) {
  const known = await response.json().catch(() => ({}));
  return new Problem({
    status: response.status,
    code: known.code,
    detail: known.detail || known.title || `The service answered with ${response.status}.`,
    remedy: known.remedy || (response.status >= 500 ? "Try again in a moment." : ""),
  });
}

async function send(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { headers: { Accept: "application/json" }, ...options });
    if (response.ok) return response.status === 204 ? null : await response.json();
  } catch {
    throw new Problem({
      code: "unreachable",
      detail: "The service does not answer.",
      remedy: "Is it still running? This page goes on by itself as soon as it is back.",
    });
  }
  throw await problemOf(response);
}

const ask = (method, path, body, headers = {}) =>
  send(path, {
    method,
    headers: { Accept: "application/json", ...(body && { "Content-Type": "application/json" }), ...headers },
    body: body && JSON.stringify(body),
  });

/** Return null instead of a 404: it is not there yet. */
const unlessMissing = (answer) =>
  answer.catch((problem) => {
    if (problem.status === 404) return null;
    throw problem;
  });

export function upload(file) {
  if (file.size > MAX_BYTES) {
    throw new Problem({
      code: "too_large",
      detail: `${file.name} has ${(file.size / 1048576).toFixed(1)} MB; a screenplay may have 10 MB.`,
      remedy: "Export it again as plain Fountain text, without pictures.",
    });
  }
  const form = new FormData();
  form.append("script", file, file.name);
  return send("/api/projects", { method: "POST", body: form });
}

export const projects = (before) => send(`/api/projects?limit=${PAGE}${before ? `&before=${encodeURIComponent(before)}` : ""}`);
export const project = (id) => send(`/api/projects/${id}`);
export const screenplay = (id) => unlessMissing(send(`/api/projects/${id}/screenplay`));
export const artifacts = (id) => send(`/api/projects/${id}/artifacts`);
export const plan = (id) => unlessMissing(send(`/api/projects/${id}/plan`));
export const why = (id, scene) => send(`/api/projects/${id}/plan/why/${scene}`);
export const status = (id) => send(`/api/workflow/${id}/status`);
export const start = (id, wishes, key) => ask("POST", `/api/workflow/${id}/start`, wishes, { "Idempotency-Key": key });
export const act = (id, verb, body) => ask("POST", `/api/workflow/${id}/${verb}`, body);
export const changePlan = (id, change) => ask("PATCH", `/api/projects/${id}/plan`, change);
export const remove = (id) => ask("DELETE", `/api/projects/${id}`);
export const artifactUrl = (id, name) => `/api/projects/${id}/artifacts/${encodeURIComponent(name)}`;
