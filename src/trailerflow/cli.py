"""The command line `trailerflow`. Most commands are clients of the service, over HTTP.

It must stay quick to start: nothing that draws, encodes, speaks or opens a database is imported here; `up`, `doctor`,
`parse` and `analyse`, which need no service, are loaded by name when asked for. What the exit codes mean is written in
`terminal/exits.py`.
"""

import asyncio
import dataclasses
import json as jsons
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import FrameType
from typing import Annotated

from cyclopts import App, CycloptsError, Parameter, validators

from trailerflow.errors import Invalid, TemporaryError, TrailerflowError
from trailerflow.settings import Settings
from trailerflow.terminal import delivery, exits, phrases
from trailerflow.terminal.client import Client, Json, Verb
from trailerflow.terminal.outlet import Outlet, silence
from trailerflow.terminal.private_service import PrivateService
from trailerflow.terminal.viewer import Viewer
from trailerflow.terminal.wishes import Wishes

Output = Annotated[Path, Parameter(name=["--output", "-o"])]
Script = Annotated[Path, Parameter(validator=validators.Path(exists=True, dir_okay=False))]
AsJson = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON, one object a line, for programs.")]
UntilPaused = Annotated[
    bool, Parameter(negative="", help="Also end when the run is paused, with exit code 6; otherwise wait on.")
]
Project = Annotated[int, Parameter(help="Number of the project.")]
Projects = Annotated[list[int], Parameter(name="project", negative="", help="Numbers of the projects.")]
AllProjects = Annotated[
    list[int] | None, Parameter(name="project", negative="", help="Numbers of the projects; all unless given.")
]

app = App(
    name="trailerflow",
    help="A screenplay goes in, a trailer comes out, and everyone watches it being made.",
    help_epilogue=f"{exits.WORDS} TRAILERFLOW_URL says where the service is.",
)
app.command("trailerflow.running.up:up", name="up", help="Start the whole service; Ctrl-C ends it.")
app.command(
    "trailerflow.terminal.doctor:doctor",
    name="doctor",
    help="Look for what would stop the service, and say what to do.",
)
app.command(
    "trailerflow.terminal.scripts:parse", name="parse", help="Print what is read in a screenplay; no service needed."
)
app.command(
    "trailerflow.terminal.scripts:analyse",
    name="analyse",
    help="Print what is understood of a screenplay; no service needed.",
)
out = Outlet()
err = Outlet(stderr=True)
AS_USUAL = Wishes()


@app.command
def make(
    script: Script,
    *,
    output: Output,
    own: Annotated[bool, Parameter(negative="")] = False,
    until_paused: UntilPaused = False,
    json: AsJson = False,
    wishes: Wishes = AS_USUAL,
) -> int:
    """Make a trailer of a screenplay and leave everything that belongs to it in a folder.

    Parameters
    ----------
    script
        The screenplay: Fountain, Final Draft, PDF or plain text.
    output
        Folder for trailer.mp4 and what comes with it.
    own
        Start a whole service for this one run, and end it afterwards.

    """
    delivery.check(output)
    asked = dataclasses.asdict(wishes)
    if not own:
        viewer = Viewer(Settings.load().service, out, err, as_json=json, until_paused=until_paused, output=output)
        return asyncio.run(viewer.make(script, asked))
    if wishes.pause_after:
        remedy = "start one with `trailerflow up`, and leave --own away"
        raise Invalid("invalid", "--pause-after waits for a person, and needs a service that lasts", remedy=remedy)
    err.say("starting a service of its own …")
    with PrivateService() as private:
        viewer = Viewer(private.url, out, err, as_json=json, own=True, until_paused=until_paused, output=output)
        try:
            return asyncio.run(viewer.make(script, asked))
        except TemporaryError:  # the trouble may be the service's own, whose log is removed with it
            err.print(private.last_words(), highlight=False, markup=False)
            raise


@app.command
def status(projects: AllProjects = None, *, json: AsJson = False) -> int:
    """Print how the latest run stands: of one project all that is known, of several a line each."""
    if not projects:
        return _ask(lambda client: _list(client, as_json=json))
    if json or len(projects) > 1:
        return _each(projects, lambda client, project: client.status(project), as_json=json)
    return _ask(lambda client: _detail(client, projects[0]))


@app.command
def watch(
    projects: Projects,
    *,
    output: Output | None = None,
    until_paused: UntilPaused = False,
    json: AsJson = False,
) -> int:
    """Watch the latest runs of projects until they are over. Ctrl-C stops watching, not the runs.

    Parameters
    ----------
    output
        Folder for the files of the run, once it is completed; for one project.

    """
    several = len(projects) > 1
    if output:
        if several:
            raise Invalid("invalid", "--output takes the files of one project", remedy="watch one at a time with it")
        delivery.check(output)
    viewer = Viewer(
        Settings.load().service, out, err, as_json=json, several=several, until_paused=until_paused, output=output
    )
    return asyncio.run(viewer.watch(list(dict.fromkeys(projects))))


@app.command
def pause(projects: Projects, *, json: AsJson = False) -> int:
    """Pause runs: what is being made is finished and kept."""
    return _act(projects, "pause", as_json=json)


@app.command
def resume(projects: Projects, *, json: AsJson = False) -> int:
    """Resume paused runs."""
    return _act(projects, "resume", as_json=json)


@app.command
def cancel(projects: Projects, *, json: AsJson = False) -> int:
    """Cancel runs; what is finished is kept and used by the next."""
    return _act(projects, "cancel", as_json=json)


@app.command
def retry(projects: Projects, *, json: AsJson = False) -> int:
    """Try failed runs again, from the step that failed."""
    return _act(projects, "retry", as_json=json)


@app.command
def skip(project: Project, step: str, *, json: AsJson = False) -> int:
    """Have a stand-in take the place of a picture or clip, once the run goes on: resume or retry it.

    Parameters
    ----------
    step
        Which one: image/SHOT or clip/SHOT, such as `image/s012-2`.

    """
    code = _act([project], "skip", step=step, as_json=json)
    if code == exits.DONE:
        err.say("it acts when the run goes on: resume it, or retry it if it has failed")
    return code


def _act(projects: Sequence[int], verb: Verb, *, step: str | None = None, as_json: bool) -> int:
    return _each(projects, lambda client, project: client.act(project, verb, step=step), as_json=as_json)


def _each(projects: Sequence[int], ask: Callable[[Client, int], Awaitable[Json]], *, as_json: bool) -> int:
    """Ask about each project and print its status; one that is refused does not keep the others from it."""

    async def ask_all(client: Client) -> int:
        code = exits.DONE
        for project in dict.fromkeys(projects):
            try:
                answer = await ask(client, project)
            except TrailerflowError as error:
                if error.code == "unreachable":
                    raise
                code = max(code, _complain(error))
            else:
                out.say(jsons.dumps(answer) if as_json else phrases.summary(answer))
        return code

    return _ask(ask_all)


async def _list(client: Client, *, as_json: bool) -> int:
    listed = 0
    async for project in client.projects():
        out.say(jsons.dumps(project) if as_json else phrases.listed(project))
        listed += 1
    if not listed:
        err.say("there are no projects yet")
    return exits.DONE


async def _detail(client: Client, project: int) -> int:
    for name, words in phrases.details(await client.status(project)):
        out.say(f"{name:<10} {words}")
    return exits.DONE


def _ask(question: Callable[[Client], Awaitable[int]]) -> int:
    async def ask() -> int:
        async with Client(Settings.load().service) as client:
            return await question(client)

    return asyncio.run(ask())


def _complain(error: TrailerflowError) -> int:
    """Print an error and its remedy; return the exit code."""
    err.say(f"trailerflow: {error.message}", style="red")
    remedy = "`trailerflow status` lists the projects" if error.code == "project_not_found" else error.remedy
    if remedy:
        err.say(f"  {remedy}")
    return exits.of_error(error)


def main() -> None:
    """Run the command line, and leave with a code that tells how it went."""
    signal.signal(signal.SIGTERM, _interrupt)  # whoever ends us lets us clean up
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a title may have letters that the terminal has not
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        silence(sys.stdout)
    sys.exit(code)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Do what Ctrl-C does at this moment: asyncio makes that gentle, where an exception in a task is told aloud."""
    ctrl_c = signal.getsignal(signal.SIGINT)
    (ctrl_c if callable(ctrl_c) else signal.default_int_handler)(number, frame)


def run(arguments: list[str]) -> int:
    """Run one command line; return its exit code."""
    try:
        code = app(arguments, exit_on_error=False, print_error=True, error_console=err, result_action="return_value")
    except CycloptsError:
        return exits.USAGE
    except (KeyboardInterrupt, BrokenPipeError):
        return exits.DETACHED
    except TrailerflowError as error:
        return _complain(error)
    except OSError as error:  # a file that may not be read, a full disk
        err.say(f"trailerflow: {error}", style="red")
        return exits.FAILED
    return code if isinstance(code, int) else exits.DONE


if __name__ == "__main__":
    main()
