"""The viewer: watches a run through the stream until it is over, and says how it ended.

`cli.py` calls it. It must never end a run, whatever becomes of the viewer.
"""

import contextlib

from rich.console import Console

from trailerflow.terminal import display
from trailerflow.terminal.client import Client, Json
from trailerflow.terminal.display import Display

OVER = {"completed", "failed", "cancelled"}
ENDS = {f"run.{status}" for status in OVER}
DONE, FAILED = 0, 1
ITEMS = ("image/", "clip/")


async def follow(client: Client, out: Console, status: Json, *, after: int) -> Json:
    """Show a run from this status and event on until it is over; return its last status."""
    project_id, run_id = status["project_id"], status["run_id"]
    with display.on(out) as screen:
        screen.status(status)
        async with contextlib.aclosing(client.events(project_id, after=after)) as messages:
            async for message in messages:
                if message.event == "snapshot":
                    screen.status(message.data)
                    if message.data["run_id"] != run_id or message.data["status"] in OVER:
                        return message.data
                elif message.event == "event" and message.data["run_id"] == run_id:
                    screen.happened(message.data)
                    if _moves_bars(message.data["type"]):
                        status = await _refresh(client, project_id, screen)
                    if message.data["type"] in ENDS:  # the status may be of what came after, such as a retry
                        return status | {"status": message.data["type"].removeprefix("run.")}
    raise RuntimeError("the stream of events never ends by itself")


def verdict(final: Json, out: Console, err: Console, *, lasts: bool = True) -> int:
    """Say how a run has ended, and what can be done about it where the service `lasts`; return the exit code."""
    if final["status"] == "completed":
        stand_ins = sum(counts["skipped"] for counts in final["items"].values())
        out.print(f"completed, stand-ins in it: {stand_ins}" if stand_ins else "completed", highlight=False)
        return DONE
    err.print(_ending(final), highlight=False, markup=False, soft_wrap=True)
    if lasts and final["status"] == "failed":
        err.print(f"  {_advice(final)}", highlight=False, markup=False, soft_wrap=True)
    return FAILED


def _ending(final: Json) -> str:
    if final["status"] != "failed":  # a run that failed and was cancelled then still says what had failed
        return f"{final['status']}: what is finished is kept"
    where = f" at {final['failed_at']}" if final["failed_at"] else ""
    why = f": {final['error_message']}" if final["error_message"] else ""
    return f"failed{where}{why}"


def _advice(failed: Json) -> str:
    project, step = failed["project_id"], str(failed["failed_at"] or "").partition("/")[2]
    words = f"`trailerflow retry {project}` tries it again and keeps what is finished"
    if step.startswith(ITEMS):
        words += f"; `trailerflow skip {project} {step}` before that has a stand-in take its place"
    return words


def _moves_bars(event_type: str) -> bool:
    return event_type.startswith(("run.", "phase.")) or event_type.endswith((".finished", ".reused", ".skipped"))


async def _refresh(client: Client, project_id: int, screen: Display) -> Json:
    status = await client.status(project_id)
    screen.status(status)
    return status
