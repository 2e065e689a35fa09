"""The viewer: watches runs through the stream until they are over, says how they ended, fetches what they made.

`cli.py` calls it. It must never end or change a run, whatever becomes of the viewer: leaving is always allowed.
"""

import asyncio
import contextlib
import shlex
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any

from trailerflow.errors import Conflict, TemporaryError, TrailerflowError
from trailerflow.terminal import delivery, display, exits, phrases
from trailerflow.terminal.client import PATIENCE_SECONDS, Client, Json, Message
from trailerflow.terminal.outlet import Outlet

OVER = {"completed", "failed", "cancelled"}
ENDS = {f"run.{status}" for status in OVER}
ASIDE_AFTER = 4  # attempts: a connection that was merely cut is back by then
FRESH_SECONDS = 0.25  # that a status serves the bars, while many small things happen


class Viewer:
    """One sitting of one person or script before one or several runs of one service."""

    def __init__(
        self,
        url: str,
        out: Outlet,
        err: Outlet,
        *,
        as_json: bool = False,
        several: bool = False,
        own: bool = False,
        until_paused: bool = False,
        output: Path | None = None,
    ) -> None:
        self._url = url
        self._err = err
        self._own = own  # the service is ours and ends with us
        self._several = several
        self._stops_at = OVER | {"paused"} if until_paused else OVER
        self._output = output
        self._screen = display.on(out, err, as_json=as_json, several=several)
        self._attempts = 0
        self._fresh_until: dict[int, float] = {}

    async def make(self, script: Path, wishes: dict[str, Any]) -> int:
        """Make a project of a screenplay, start a run and watch it; return the exit code."""
        async with self._service() as client:
            project = await client.upload(script)
            for warning in project["warnings"]:
                self._err.say(f"warning: line {warning['line']}: {warning['message']}")
            words = f"project {project['id']}: {project['title']}, {project['scenes']} scenes"
            self._screen.tell("project", project, words)
            await self._lay_hand_on(client, project["id"], spoilers=wishes.pop("spoilers", False))
            return await self._watch(client, [await client.start(project["id"], **wishes)])

    async def _lay_hand_on(self, client: Client, project_id: int, *, spoilers: bool) -> None:
        """Tell what is no wish of one run, but of the plan itself."""
        if spoilers:
            await client.change_plan(project_id, spoilers=True)

    async def watch(self, project_ids: Sequence[int]) -> int:
        """Watch the latest runs of projects; return the exit code."""
        async with self._service() as client:
            return await self._watch(client, [await client.status(project_id) for project_id in project_ids])

    async def _watch(self, client: Client, statuses: Sequence[Json]) -> int:
        for status in statuses:
            if status["run_id"] is None:
                raise _no_run(status["project_id"], self._url)
        with self._detachable([status["project_id"] for status in statuses]):
            finals = await self._follow_all(client, statuses)
            if self._output and finals[0]["status"] == "completed":
                await self._fetch(client, finals[0]["project_id"], self._output)
        return max(self._conclude(final) for final in finals)

    async def _follow_all(self, client: Client, statuses: Sequence[Json]) -> list[Json]:
        with self._screen:
            try:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(self._follow(client, status)) for status in statuses]
            except* (TrailerflowError, OSError) as failures:
                raise _first(failures) from None
            return [task.result() for task in tasks]

    async def _follow(self, client: Client, status: Json) -> Json:
        """Show a run until it is over, or paused if that is to be waited for; return its last status."""
        self._show(status)
        if status["status"] in self._stops_at:
            return status
        events = client.events(status["project_id"], after=status["last_event_id"])
        async with contextlib.aclosing(events) as messages:
            async for message in messages:
                self._note_answer()
                if message.data.get("run_id") not in (None, status["run_id"]):
                    raise _superseded(status, message)
                last = await self._take_in(client, message)
                if last and last["status"] in self._stops_at:
                    return last
        raise RuntimeError("the stream of events never ends by itself")

    async def _take_in(self, client: Client, message: Message) -> Json | None:
        """Show a message; return the status where it says that a run has come to a stop, or may have."""
        if message.event == "snapshot":
            self._show(message.data)
            return message.data
        if message.event == "tick":
            self._screen.ticked(message.data)
        if message.event != "event":
            return None
        self._screen.happened(message.data, message.id)
        kind, project_id = str(message.data["type"]), message.data["project_id"]
        is_a_turn = kind.startswith(("run.", "phase."))
        if not is_a_turn and time.monotonic() < self._fresh_until.get(project_id, 0.0):
            return None
        status = await client.status(project_id)
        self._fresh_until[project_id] = time.monotonic() + FRESH_SECONDS
        self._screen.status(status)
        if kind in ENDS:  # the status may be of what came after, such as a retry
            return status | {"run_id": message.data["run_id"], "status": kind.removeprefix("run.")}
        if kind == "run.paused" and status["status"] == "paused":
            self._advise(status)
            return status
        return None

    def _show(self, status: Json) -> None:
        self._screen.begin(status)
        if status["status"] == "paused":
            self._advise(status)

    def _advise(self, status: Json) -> None:
        self._screen.remark(f"paused: {phrases.advice(status)}")

    async def _fetch(self, client: Client, project_id: int, folder: Path) -> None:
        files = await delivery.deliver(client, project_id, folder)
        data = {"folder": str(folder), "names": [path.name for path in files]}
        self._screen.tell("files", data, f"{len(files)} files in {folder}")

    def _conclude(self, final: Json) -> int:
        """Say how a run was left, and what can be done about it where the service lasts; return the exit code."""
        whose = f"project {final['project_id']}: " if self._several else ""
        good = final["status"] == "completed"
        self._screen.tell("end", final, f"{whose}{phrases.ending(final)}" if good else "")
        if final["status"] in {"failed", "cancelled"}:
            self._err.say(f"{whose}{phrases.ending(final)}")
        if final["status"] == "failed" and not self._own:
            self._err.say(f"  {phrases.advice(final)}")
        return exits.of_run(final)

    @contextlib.asynccontextmanager
    async def _service(self) -> AsyncIterator[Client]:
        async with Client(self._url, on_wait=self._note_silence) as client:
            yield client

    def _note_silence(self, error: TemporaryError) -> None:
        self._attempts += 1
        if self._attempts == ASIDE_AFTER:
            self._screen.remark(f"{error.message}; asking again for {PATIENCE_SECONDS:.0f} s")

    def _note_answer(self) -> None:
        if self._attempts >= ASIDE_AFTER:
            self._screen.remark("the service answers again")
        self._attempts = 0

    @contextlib.contextmanager
    def _detachable(self, project_ids: Sequence[int]) -> Iterator[None]:
        """Say what becomes of the run when the person leaves, or the service, before its end."""
        try:
            yield
        except (
            asyncio.CancelledError,
            KeyboardInterrupt,
            BrokenPipeError,
        ):  # SIGTERM may interrupt us in the middle of a line
            self._err.say(f"detached: {self._fate(project_ids)}")
            raise
        except TemporaryError as error:
            if error.code == "unreachable" and not self._own:
                self._err.say(f"nothing is lost: {self._fate(project_ids)}, once the service is back")
            raise

    def _fate(self, project_ids: Sequence[int]) -> str:
        if self._own:
            return "the service of its own ends, and the run with it"
        command = shlex.join(["trailerflow", "watch", *map(str, project_ids)])
        if self._output:
            return (
                f"the run goes on; `{command} -o {shlex.quote(str(self._output))}` shows it again and fetches its files"
            )
        return f"the run goes on; `{command}` shows it again"


def _first(failures: ExceptionGroup[Exception]) -> BaseException:
    failure: BaseException = failures
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return failure


def _no_run(project_id: int, url: str) -> Conflict:
    return Conflict("not_started", f"project {project_id} has no run yet", remedy=f"start one on its page at {url}")


def _superseded(status: Json, message: Message) -> Conflict:
    project_id = status["project_id"]
    words = f"run {status['run_id']} is over, run {message.data['run_id']} has taken its place"
    return Conflict("superseded", words, remedy=f"`trailerflow watch {project_id}` shows that one")
