"""The command line `trailerflow`. Every command but `up` and `doctor` is a client of the service, over HTTP.

It must stay quick to start: nothing that draws, encodes, speaks or opens a database is imported here; `up` is loaded by
name when asked for. Exit codes: 0 done, 1 failed or refused, 2 wrong usage or setting, 3 no service answers,
130 detached by Ctrl-C (the run goes on).
"""

import asyncio
import contextlib
import dataclasses
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, CycloptsError, Parameter, validators
from rich.console import Console
from rich.table import Column, Table

from trailerflow.errors import BadScript, Invalid, Misconfigured, TemporaryError, TooLarge, TrailerflowError
from trailerflow.settings import Settings
from trailerflow.terminal import delivery, doctor, viewer
from trailerflow.terminal.client import Client, Json, Verb
from trailerflow.terminal.private_service import PrivateService

DONE, FAILED, USAGE, UNREACHABLE, DETACHED = 0, 1, 2, 3, 130
USAGE_ERRORS = (Misconfigured, Invalid, BadScript, TooLarge)

Output = Annotated[Path, Parameter(name=["--output", "-o"])]
Type = Literal["full_pipeline", "script_analysis_only", "storyboard_only"]
Script = Annotated[Path, Parameter(validator=validators.Path(exists=True, dir_okay=False))]

app = App(
    name="trailerflow",
    help="A screenplay goes in, a trailer comes out, and everyone watches it being made.",
    help_epilogue=(
        "Exit codes: 0 done, 1 failed or refused, 2 wrong usage or setting, 3 no service answers, "
        "130 detached by Ctrl-C (the run goes on). TRAILERFLOW_URL says where the service is."
    ),
)
app.command("trailerflow.running.up:up", name="up", help="Start the whole service; Ctrl-C ends it.")
out = Console()
err = Console(stderr=True)


@Parameter(name="*")
@dataclass(frozen=True, slots=True)
class Wishes:
    """What the trailer shall be like. What is not said is the API's own default."""

    seconds: Annotated[int | None, Parameter(validator=validators.Number(gte=15, lte=150))] = None
    "Length of the trailer, 15 to 150; 60 unless given."
    aspect: Literal["16:9", "2.39:1", "1:1", "9:16"] | None = None
    "Shape of the picture; 16:9 unless given."
    seed: Annotated[int | None, Parameter(validator=validators.Number(gte=0, lt=2**31))] = None
    "Another number gives another trailer, the same number the same one; 0 unless given."
    workflow_type: Annotated[Type, Parameter(name="--type")] = "full_pipeline"
    "How far to go."
    on_error: Literal["fail_fast", "skip_and_continue"] | None = None
    "When a picture or clip fails for good: stop (as usual), or put a stand-in in its place and go on."


AS_USUAL = Wishes()


@app.command
def make(
    script: Script,
    *,
    output: Output,
    own: Annotated[bool, Parameter(negative="")] = False,
    wishes: Wishes = AS_USUAL,
) -> int:
    """Make a trailer of a screenplay and leave everything that belongs to it in a folder.

    Parameters
    ----------
    script
        The screenplay, in Fountain or plain text.
    output
        Folder for trailer.mp4 and what comes with it.
    own
        Start a whole service for this one run, and end it afterwards.

    """
    delivery.check(output)
    if not own:
        return asyncio.run(_make(Settings.load().service, script, wishes, output, own=False))
    err.print("starting a service of its own …", highlight=False)
    with PrivateService() as private, _last_words_on_trouble(private):
        return asyncio.run(_make(private.url, script, wishes, output, own=True))


@app.command
def status(project: int, *, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Print the status of a project's latest run.

    Parameters
    ----------
    project
        Number of the project.
    json
        Print it as the API gives it.

    """
    return _ask(lambda client: client.status(project), as_json=json)


@app.command
def watch(project: int) -> int:
    """Watch a project's latest run until it ends. Ctrl-C stops watching, not the run."""
    return asyncio.run(_watch(Settings.load().service, project))


@app.command
def pause(project: int) -> int:
    """Pause the run: what is being made is finished and kept."""
    return _act(project, "pause")


@app.command
def resume(project: int) -> int:
    """Resume a paused run."""
    return _act(project, "resume")


@app.command
def cancel(project: int) -> int:
    """Cancel the run; what is finished is kept and used by the next."""
    return _act(project, "cancel")


@app.command
def retry(project: int) -> int:
    """Try a failed run again, from the step that failed."""
    return _act(project, "retry")


@app.command
def skip(project: int, step: str) -> int:
    """Have a stand-in take the place of a picture or clip, once the run goes on: resume or retry it.

    Parameters
    ----------
    project
        Number of the project.
    step
        Which one: image/SHOT or clip/SHOT, such as `image/s012-2`.

    """
    code = _act(project, "skip", step=step)
    err.print("it acts when the run goes on: resume it, or retry it if it has failed", highlight=False, soft_wrap=True)
    return code


@app.command(name="doctor")
def examine() -> int:
    """Look for what would stop the service from working, and say what to do about it."""
    findings = doctor.examine()
    table = Table("", "subject", Column("found", overflow="fold"), "what to do", box=None)
    for finding in findings:
        mark = "[green]ok[/]" if finding.good else "[red]no[/]"
        table.add_row(mark, finding.subject, finding.words, finding.remedy)
    out.print(table)
    return DONE if all(finding.good for finding in findings) else USAGE


@contextlib.contextmanager
def _last_words_on_trouble(private: PrivateService) -> Iterator[None]:
    """Print the end of the service's log, which is removed with it, when the trouble is the service's own."""
    try:
        yield
    except TemporaryError:
        err.print(private.last_words(), highlight=False, markup=False)
        raise


async def _make(url: str, script: Path, wishes: Wishes, output: Path, *, own: bool) -> int:
    async with Client(url) as client:
        project = await client.upload(script)
        for warning in project["warnings"]:
            err.print(f"warning: {_words(warning)}", highlight=False, markup=False)
        out.print(
            f"project {project['id']}: {project['title']}, {project['scenes']} scenes", highlight=False, markup=False
        )
        started = await client.start(project["id"], **dataclasses.asdict(wishes))
        with _detachable(project["id"], own=own):
            final = await viewer.follow(client, out, started, after=started["last_event_id"])
            if final["status"] == "completed":
                files = await delivery.deliver(client, project["id"], output)
                out.print(f"{len(files)} files in {output}", highlight=False, markup=False, soft_wrap=True)
        return viewer.verdict(final, out, err, lasts=not own)


async def _watch(url: str, project_id: int) -> int:
    async with Client(url) as client:
        now = await client.status(project_id)
        with _detachable(project_id, own=False):
            final = (
                now
                if now["status"] in viewer.OVER
                else await viewer.follow(client, out, now, after=now["last_event_id"])
            )
        return viewer.verdict(final, out, err)


@contextlib.contextmanager
def _detachable(project_id: int, *, own: bool) -> Iterator[None]:
    """Say what becomes of the run when the person leaves before its end."""
    try:
        yield
    except (asyncio.CancelledError, KeyboardInterrupt):  # SIGTERM may interrupt us in the middle of a line
        fate = "the service of its own ends, and the run with it" if own else _how_to_return(project_id)
        err.print(f"detached: {fate}", highlight=False, markup=False)
        raise


def _how_to_return(project_id: int) -> str:
    return f"the run goes on; `trailerflow watch {project_id}` shows it again"


def _act(project: int, verb: Verb, *, step: str | None = None) -> int:
    return _ask(lambda client: client.act(project, verb, step=step))


def _ask(question: Callable[[Client], Awaitable[Json]], *, as_json: bool = False) -> int:
    """Ask the service for a status and print it."""

    async def ask() -> Json:
        async with Client(Settings.load().service) as client:
            return await question(client)

    answer = asyncio.run(ask())
    if as_json:
        out.print_json(data=answer)
        return DONE
    table = Table(box=None, show_header=False)
    for name, value in answer.items():
        if value is not None:
            table.add_row(name, _words(value))
    out.print(table)
    return DONE


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(part)}" for name, part in value.items() if part is not None)
    return str(value)


def main() -> None:
    """Run the command line, and leave with a code that tells how it went."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever ends us lets us clean up, as Ctrl-C does
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command line; return its exit code."""
    try:
        code = app(arguments, exit_on_error=False, print_error=True, error_console=err, result_action="return_value")
    except CycloptsError:
        return USAGE
    except KeyboardInterrupt:
        return DETACHED
    except TrailerflowError as error:
        err.print(f"trailerflow: {error.message}", style="red", highlight=False, markup=False, soft_wrap=True)
        if error.remedy:
            err.print(f"  {error.remedy}", highlight=False, markup=False, soft_wrap=True)
        return _code_of(error)
    return code if isinstance(code, int) else DONE


def _code_of(error: TrailerflowError) -> int:
    if error.code == "unreachable":
        return UNREACHABLE
    return USAGE if isinstance(error, USAGE_ERRORS) else FAILED


if __name__ == "__main__":
    main()
