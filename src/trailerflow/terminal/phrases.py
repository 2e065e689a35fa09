"""What the terminal says about a run, in words. Called by the displays, the viewer and `cli.py`.

It must never ask the service or print anything itself; a sentence is one line.
"""

from collections.abc import Iterator
from typing import Any, Final

Json = dict[str, Any]
PHASES: Final = {
    "script_to_trailer": "Script to trailer",
    "trailer_to_storyboard": "Trailer to storyboard",
    "storyboard_to_movie": "Storyboard to movie",
}
ITEMS: Final = {"images": "pictures", "clips": "clips"}
ITEM_STEPS: Final = ("image/", "clip/")
MINUTE_SECONDS: Final = 90  # from here on seconds say nothing any more
HOUR_SECONDS: Final = 5400


def phase(name: str | None) -> str:
    """Return a phase's title; of one that is not known its name."""
    return PHASES.get(name or "", name or "")


def is_another_try(event: Json) -> bool:
    """Say whether an event begins a step once more."""
    return bool(event["type"] == "step.started" and event.get("attempt", 1) > 1)


def sentence(event: Json) -> str:
    """Return an event as a person would say it."""
    subject, _, happening = str(event["type"]).partition(".")
    if subject == "phase":
        return f"{phase(event.get('phase'))}: {happening}"
    if event["type"] == "step.skipped":
        place = "has taken" if event.get("artifact") else "takes"
        return f"{event['step']} skipped: a stand-in {place} its place"
    if is_another_try(event):
        happening = f"tried again ({event['attempt']})"
    words = f"{event.get('step') or subject} {happening}"
    error = event.get("error") or {}
    reason = f": {error['message']}" if error.get("message") else ""
    return words + reason


def standing(status: Json) -> str:
    """Return where a run stands: its state, with the phase while it works or the place while it waits."""
    if status["status"] == "queued" and status["queue_position"]:
        return f"queued, number {status['queue_position']} in line"
    at = phase(status["phase"])
    return f"{status['status']}, {at}" if at else str(status["status"])


def listed(project: Json) -> str:
    """Return a project of the service's list in one line."""
    return f"project {project['id']}, {project['title']}: {project['status']}, {project['progress']}%"


def summary(status: Json) -> str:
    """Return a run in one line."""
    name = f"project {status['project_id']}"
    parts = [f"{name}: {standing(status)}", f"{status['progress']}%", *counts(status)]
    left = "" if status["eta_seconds"] is None else remaining(status["eta_seconds"])
    return ", ".join(part for part in (*parts, left, money(status["cost"])) if part)


def details(status: Json) -> Iterator[tuple[str, str]]:
    """Yield all that is known of a run, name by name; what is not known is left out."""
    known = {
        "project": str(status["project_id"]),
        "run": f"{status['run_id']}, {status['workflow_type']}" if status["run_id"] else "",
        "status": standing(status),
        "progress": f"{status['progress']}%",
        **{title: tally(status["items"][kind]) for kind, title in ITEMS.items() if status["items"][kind]["total"]},
        "step": status["step"],
        "remaining": "" if status["eta_seconds"] is None else remaining(status["eta_seconds"]),
        "cost": money(status["cost"]),
        "failed at": status["failed_at"],
        "because": status["error_message"],
        "tried": f"{status['retry_count']} times more" if status["retry_count"] else "",
        "created": status["created_at"],
        "started": status["started_at"],
        "finished": status["finished_at"],
        "next": advice(status),
    }
    return ((name, words) for name, words in known.items() if words)


def counts(status: Json) -> list[str]:
    """Return how many pictures and clips are done, of those whose number is known."""
    return [
        f"{title} {tally(status['items'][kind])}" for kind, title in ITEMS.items() if status["items"][kind]["total"]
    ]


def tally(count: Json) -> str:
    """Return how many items are done, of how many, and what became of the others."""
    words = f"{count['done'] + count['skipped']}/{count['total']}"
    others = [f"{count[fate]} {fate}" for fate in ("failed", "skipped") if count[fate]]
    return f"{words} ({', '.join(others)})" if others else words


def remaining(seconds: float) -> str:
    """Return how long something will take yet, as exactly as it can be known."""
    if seconds < MINUTE_SECONDS:
        return f"about {max(1, round(seconds))} s left"
    if seconds < HOUR_SECONDS:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"


def money(cost: Json) -> str:
    """Return what was paid, and what it will come to; nothing for work that costs nothing."""
    actual, estimate = cost["actual"], cost["estimate"]
    if not actual and not estimate:
        return ""
    paid = f"{cost['currency']} {actual:.2f}"
    return paid if estimate <= actual else f"{paid} of about {estimate:.2f}"


def ending(final: Json) -> str:
    """Return how a run was left, and why."""
    if final["status"] == "completed":
        stand_ins = sum(count["skipped"] for count in final["items"].values())
        parts = ["completed", f"stand-ins in it: {stand_ins}" if stand_ins else "", money(final["cost"])]
        return ", ".join(part for part in parts if part)
    if final["status"] != "failed":  # a run that failed and was cancelled then still says what had failed
        return f"{final['status']}: what is finished is kept"
    where = f" at {final['failed_at']}" if final["failed_at"] else ""
    why = f": {final['error_message']}" if final["error_message"] else ""
    return f"failed{where}{why}"


def advice(status: Json) -> str:
    """Return what a person can do about a run that does not go on by itself; nothing where it does."""
    project, step = status["project_id"], str(status["failed_at"] or "").partition("/")[2]
    if status["status"] == "paused":
        return f"`trailerflow resume {project}` lets it go on, `trailerflow cancel {project}` ends it"
    if status["status"] != "failed":
        return ""
    words = f"`trailerflow retry {project}` tries it again and keeps what is finished"
    if step.startswith(ITEM_STEPS):
        words += f"; `trailerflow skip {project} {step}` before that has a stand-in take its place"
    return words
